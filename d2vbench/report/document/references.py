"""What to cite: the software, and the methods that a run used, as BibTeX."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources

from d2vbench import __version__
from d2vbench.analysis import RunData
from d2vbench.analysis.contrasts.frame import BASELINE
from d2vbench.report.document.structure import Document

# As in CITATION.cff, which an installed package does not have; a test compares them.
TITLE = "d2vbench: training strategies for Doc2Vec on a generic and a domain corpus"
AUTHOR = "The d2vbench developers"
RELEASED = "2026-11-23"


@dataclass(frozen=True)
class Reference:
    r"""A work to cite.

    Attributes
    ----------
    key : str
        For a ``\cite``.
    bibtex : str
        The entry, in ASCII: accents are commands.
    used : callable
        Whether a run with its document rests on it.
    """

    key: str
    bibtex: str
    used: Callable[[RunData, Document], bool]


def software_bibtex() -> str:
    """Return the entry of d2vbench itself, in the version that is installed."""
    return (
        "@misc{d2vbench,\n"
        f"  author = {{{{{AUTHOR}}}}},\n"
        f"  title = {{{{{TITLE}}}}},\n"
        f"  year = {{{RELEASED[:4]}}},\n"
        f"  note = {{Version {__version__}}}\n"
        "}"
    )


def used_references(data: RunData, document: Document) -> list[Reference]:
    """Return the methods that a run and its report rest on, in the order of `REFERENCES`."""
    return [reference for reference in REFERENCES if reference.used(data, document)]


def _always(data: RunData, document: Document) -> bool:
    return True


def _model(name: str) -> Callable[[RunData, Document], bool]:
    return lambda data, document: bool((data.cells["model"] == name).any())


def _baseline(name: str) -> Callable[[RunData, Document], bool]:
    return lambda data, document: bool(
        ((data.cells["model"] == BASELINE) & (data.cells["strategy"] == name)).any()
    )


def _chapter(slug: str) -> Callable[[RunData, Document], bool]:
    return lambda data, document: any(chapter.slug == slug for chapter in document.chapters)


def _aligned(data: RunData, document: Document) -> bool:
    return any(str(name).endswith("_aligned") for name in data.cells.columns)


def _over_pairs(data: RunData, document: Document) -> bool:
    # The mean over pairs that share corpora; claims show it too.
    doc2vec = data.cells[data.cells["model"] != BASELINE]
    return _chapter("across-pairs")(data, document) or doc2vec["pair"].nunique() > 1


def _several_seeds(data: RunData, document: Document) -> bool:
    return bool(data.cells["seed"].nunique() > 1)


_USED: dict[str, Callable[[RunData, Document], bool]] = {
    "le2014distributed": _always,
    "rehurek2010software": _always,
    "pedregosa2011scikit": _always,
    "owen2007pigeonhole": _several_seeds,
    "holm1979simple": _several_seeds,
    "demsar2006statistical": _chapter("across-pairs"),
    "patterson1971recovery": _over_pairs,
    "giesbrecht1985two": _over_pairs,
    "schonemann1966generalized": _aligned,
    "lau2016empirical": _model("dbow-words"),
    "deerwester1990indexing": _baseline("lsa"),
    "mikolov2013distributed": _baseline("mean-word2vec"),
    "arora2017simple": _baseline("sif"),
}


def _read_references() -> tuple[Reference, ...]:
    """Return the entries of ``references.bib``, which a blank line separates, in its order."""
    path = resources.files("d2vbench.report.document") / "references.bib"
    entries = path.read_text(encoding="ascii").strip().split("\n\n")
    keys = [entry[entry.index("{") + 1 : entry.index(",")] for entry in entries]
    return tuple(
        Reference(key, entry, _USED[key]) for key, entry in zip(keys, entries, strict=True)
    )


REFERENCES = _read_references()
