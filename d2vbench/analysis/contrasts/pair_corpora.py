"""Which corpora the pairs of a run are made of: pairs that share one are not independent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from d2vbench.analysis.contrasts.frame import RunData
from d2vbench.analysis.statistics.crossed import OverPairs, over_pairs
from d2vbench.corpora import load_cards
from d2vbench.errors import UserError

#: How names of a person's own corpora begin: the generic one, and the domain.
OWN = ("own-generic-", "own-domain-")


@dataclass(frozen=True)
class PairCorpora:
    """The two corpora of a pair.

    Attributes
    ----------
    generic : str
        Name of the corpus that the generic documents are of. Parts of one corpus count as one.
    domain : str
        Name of the corpus of the domain documents, and its classes: other classes of one corpus
        are another domain.
    known : bool
        False where the run does not say; the pair then counts as having corpora of its own.
    """

    generic: str
    domain: str
    known: bool = True


def pair_corpora(data: RunData) -> dict[str, PairCorpora]:
    """Return the corpora of each pair of a run.

    Parameters
    ----------
    data : RunData
        The run. Manifests of older versions name both corpora without saying which is which: the
        pair's card says it, or the names of a person's own corpora do.

    Returns
    -------
    dict of str to PairCorpora
        By pair.
    """
    described: Mapping[str, Any] = data.manifest.get("pairs", {})
    cards: dict[str, tuple[str, str]] | None = None
    found = {}
    for name in dict.fromkeys(map(str, data.cells["pair"])):
        pair = described.get(name, {})
        sides = _named(pair)
        if not sides and len(pair.get("sources", ())) == 2:
            cards = _of_cards() if cards is None else cards
            sides = cards.get(name, ("", ""))
            sides = sides if set(sides) == set(pair["sources"]) else None
        if sides:
            classes = ", ".join(pair.get("classes", ()))
            found[name] = PairCorpora(sides[0], f"{sides[1]}: {classes}")
        else:
            found[name] = PairCorpora(name, name, known=False)
    return found


def over_corpora(
    estimates: Mapping[str, float],
    variances: Mapping[str, float],
    data: RunData,
    by_seeds: Mapping[str, float] | None = None,
) -> OverPairs:
    """Return what the pairs of a run say of new corpora; see `over_pairs`.

    Parameters
    ----------
    estimates, variances : mapping of str to float
        By pair: a difference and its sampling variance.
    data : RunData
        The run.
    by_seeds : mapping of str to float, optional
        By pair: the part of the sampling variance that seeds make.

    Returns
    -------
    OverPairs
        Over the corpora that `pair_corpora` finds.
    """
    corpora = pair_corpora(data)
    sides = [corpora[pair] for pair in estimates]
    return over_pairs(
        list(estimates.values()),
        [variances[pair] for pair in estimates],
        [side.generic for side in sides],
        [side.domain for side in sides],
        by_seeds=None if by_seeds is None else [by_seeds[pair] for pair in estimates],
    )


def corpora_text(pairs: Iterable[str], corpora: Mapping[str, PairCorpora]) -> str:
    """Return in sentences which corpora several pairs share, and of which it is not known."""
    names = list(pairs)
    text = []
    for side in ("generic", "domain"):
        counts = Counter(getattr(corpora[pair], side) for pair in names)
        shared = [f"{name.split(':')[0]} ({n})" for name, n in counts.items() if n > 1]
        if shared:
            text.append(f"{side} corpora of several pairs: {', '.join(shared)}")
    unknown = [pair for pair in names if not corpora[pair].known]
    sentence = f"Shared: {'; '.join(text)}." if text else ""
    if unknown:
        sentence += (
            f" The run does not say which corpora {', '.join(unknown)} are made of: each counts as "
            "having its own."
        )
    return sentence.strip()


def _named(pair: Mapping[str, Any]) -> tuple[str, str] | None:
    if pair.get("generic") and pair.get("domain"):
        return pair["generic"], pair["domain"]
    sources = list(pair.get("sources", ()))
    if len(sources) == 1:
        return sources[0], sources[0]
    for i, mark in enumerate(OWN):
        own = [name for name in sources if name.startswith(mark)]
        if len(sources) == 2 and len(own) == 1:
            other = sources[1 - sources.index(own[0])]
            return (own[0], other) if i == 0 else (other, own[0])
    return None


def _of_cards() -> dict[str, tuple[str, str]]:
    try:
        pairs = load_cards().pairs
    except UserError:
        # Cards of other people may be wrong; a report can do without any.
        return {}
    return {name: (card.generic.corpus, card.domain.corpus) for name, card in pairs.items()}
