"""Which pairs a run is on: some that come with d2vbench, or a person's own two corpora."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from d2vbench.errors import UsageError, option

if TYPE_CHECKING:
    from d2vbench.corpora import Cards
    from d2vbench.models.inputs import DocumentReader

#: What may be said of one's own corpora.
OWN_OPTIONS = (
    "text", "label", "split", "no_header", "validation", "encoding", "generic_encoding",
    "domain_encoding", "several_labels", "label_separator", "normalize_labels",
    "near_duplicates", "tokenizer", "min_length", "lowercase",
)  # fmt: skip


def choose_pairs(
    pairs: Sequence[str] | None,
    generic: Any,
    domain: Any,
    given: Mapping[str, Any],
    labelled: bool = True,
    alone: bool = False,
) -> tuple[Cards, tuple[str, ...] | None]:
    """Return the cards and the names of the pairs that are asked for.

    Parameters
    ----------
    pairs : sequence of str or None
        Names; that of a crossing stands for all its pairs.
    generic, domain : object
        One's own corpora, as `corpus_path` takes them.
    given : mapping
        Those of `OWN_OPTIONS` that were given.
    labelled : bool
        Whether the domain corpus must have labels.
    alone : bool
        Whether a saved model stands for the generic corpus.

    Returns
    -------
    cards : Cards
        Those of d2vbench, and those of the person's own corpora.
    names : tuple of str or None
        None: no pair was named.

    Raises
    ------
    UsageError
        For options that do not fit together, and for a pair, file or function that is not there.
    """
    from d2vbench.corpora import load_cards

    cards = load_cards()
    both = f"{option('generic')} and {option('domain')}"
    if generic is None and domain is None:
        for name in OWN_OPTIONS:
            if name in given:
                raise UsageError(f"{option(name)} is for your own corpora: give {both}")
        return cards, cards.expanded(pairs) if pairs else None
    if alone and generic is not None:
        raise UsageError(
            f"a saved model or word vectors stand for the generic corpus: leave "
            f"{option('generic')} out"
        )
    if domain is None or (generic is None and not alone):
        there, missing = ("domain", "generic") if generic is None else ("generic", "domain")
        raise UsageError(f"{option(there)} needs {option(missing)}: a pair has two corpora")
    if pairs:
        raise UsageError(f"pair {pairs[0]} has its own corpora: give either its name or {both}")
    from d2vbench.api.corpora_in_memory import corpus_path
    from d2vbench.corpora.cards import NEAR_DUPLICATES
    from d2vbench.corpora.pairs.own import Layout, own_pair

    reader = _reader(given)
    layout = Layout(
        text=given.get("text"),
        label=given.get("label"),
        split=given.get("split"),
        encoding=given.get("encoding") or "utf-8",
        tokeniser=reader.tokenizer,
        generic_encoding=given.get("generic_encoding") or "",
        domain_encoding=given.get("domain_encoding") or "",
        header=not given.get("no_header"),
        validation=given.get("validation") or "",
        several_labels=given.get("several_labels") or "",
        label_separator=given.get("label_separator") or "",
        near_duplicates=given.get("near_duplicates") or NEAR_DUPLICATES[0],
        normalise_labels=bool(given.get("normalize_labels")),
    )
    layout.check()
    paths = {
        role: corpus_path(value, role, layout, reader, labelled)
        for role, value in (("generic", generic), ("domain", domain))
        if value is not None
    }
    card, cards = own_pair(paths.get("generic"), paths["domain"], cards, layout, labelled)
    return cards, (card.name,)


def _reader(given: Mapping[str, Any]) -> DocumentReader:
    from d2vbench.arguments import whole_number
    from d2vbench.corpora.store.tokenise import Tokeniser
    from d2vbench.models.inputs import document_reader, own_tokenizer

    most = Tokeniser.max_length
    least = whole_number(option("min_length"), given.get("min_length", Tokeniser.min_length))
    if not 1 <= least <= most:
        raise UsageError(f"{option('min_length')} must be 1 to {most}, got {least}")
    if "tokenizer" in given:
        for name in ("min_length", "lowercase"):
            if name in given:
                raise UsageError(
                    f"{option(name)} does not go with {option('tokenizer')}, which decides alone"
                )
        name = given["tokenizer"]
        if isinstance(name, str):
            own_tokenizer(name, option("tokenizer"))
        return document_reader(name)
    return document_reader(lowercase=given.get("lowercase", True), min_length=least)
