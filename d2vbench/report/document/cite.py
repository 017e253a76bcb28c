"""What to cite of a run, and its tables and figures in LaTeX, by id or name."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from d2vbench.analysis import RunData
from d2vbench.corpora import load_cards
from d2vbench.errors import UsageError
from d2vbench.report.document.ids import block_ids
from d2vbench.report.document.references import software_bibtex, used_references
from d2vbench.report.document.structure import Document, FigureBlock, TableBlock

# Names that a message lists.
_MOST = 5


def bibliography(data: RunData, document: Document) -> str:
    """Return the software, the corpora used and the methods as BibTeX.

    Parameters
    ----------
    data : RunData
        The run.
    document : Document
        Made from it.

    Returns
    -------
    str
        Entries. A corpus that has none is named in a comment.
    """
    entries = [software_bibtex(), *(text for _, text in _corpora(data))]
    entries += [reference.bibtex for reference in used_references(data, document)]
    return "\n\n".join(dict.fromkeys(entries)) + "\n"


def citation_keys(data: RunData, document: Document) -> list[str]:
    """Return the keys of `bibliography`, in its order."""
    corpora = [key for key, _ in _corpora(data) if key]
    keys = ["d2vbench", *corpora, *(ref.key for ref in used_references(data, document))]
    return list(dict.fromkeys(keys))


def _corpora(data: RunData) -> Iterator[tuple[str, str]]:
    """Yield key and entry of each corpus of the run; without a key, a comment."""
    cards = load_cards().corpora
    pairs = data.manifest.get("pairs", {}).values()
    for name in dict.fromkeys(name for pair in pairs for name in pair["sources"]):
        entry = cards[name].citation.strip() if name in cards else ""
        shown = " ".join(name.split())
        if entry:
            yield entry.partition("{")[2].partition(",")[0].strip(), entry
        elif name in cards:
            yield "", f"% Corpus {shown}: its card names no publication to cite."
        else:
            yield "", f"% Corpus {shown} has no card: cite it as its source asks."


def find_block(document: Document, wanted: str) -> tuple[str, TableBlock | FigureBlock]:
    """Return the table or figure that an id, the beginning of an id, or a slug names.

    Parameters
    ----------
    document : Document
        The report.
    wanted : str
        Such as ``t-1a2b3c4d5e``, ``t-1a2b``, ``1a2b`` or ``claims``.

    Returns
    -------
    identity : str
        Its id.
    block : TableBlock or FigureBlock
        The block.

    Raises
    ------
    UsageError
        If nothing has the name, or several do.
    """
    ids = block_ids(document)
    blocks = {block.slug: block for block in document.shown()}
    name = wanted.strip()
    if name in blocks:
        return ids[name], blocks[name]
    found = [slug for slug, one in ids.items() if _begins(one, name.lower())]
    if len(found) == 1:
        return ids[found[0]], blocks[found[0]]
    if found:
        several = ", ".join(f"{ids[slug]} ({slug})" for slug in found[:_MOST])
        more = f" and {len(found) - _MOST} more" if len(found) > _MOST else ""
        raise UsageError(f"{wanted!r} names {len(found)} tables and figures: {several}{more}")
    near = difflib.get_close_matches(name, [*blocks, *ids.values()], n=3, cutoff=0.5)
    hint = f"did you mean {', '.join(near)}? " if near else ""
    raise UsageError(
        f"no table or figure {wanted!r} in this run: {hint}(d2vbench cite without a name lists "
        "them)"
    )


def _begins(identity: str, name: str) -> bool:
    return bool(name) and (identity.startswith(name) or identity[2:].startswith(name))
