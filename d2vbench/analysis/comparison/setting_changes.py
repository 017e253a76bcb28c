"""In which settings two runs differ: versions, machines, documents, grids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from d2vbench.analysis.contrasts.frame import BASELINE, RunData
from d2vbench.analysis.contrasts.scores import budgets
from d2vbench.analysis.contrasts.variants import variants_of

# Columns of cells whose values a grid is made of.
_GRID = (
    "model", "strategy", "schedule", "vocabulary_policy", "fraction", "seed", "epochs", "alpha",
    "min_alpha", "vector_size", "window", "negative", "sample", "min_count", "inference_epochs",
    "inference_alpha", "inference_min_alpha", "vectors", "generic_model",
    "word_vectors",
)  # fmt: skip
_MACHINE = ("d2vbench", "python", "cpu", "cores", "system", "commit")
_COUNTS = ("generic_documents", "generic_words", "train_documents", "train_words", "test_documents")
_NOTHING = "-"


@dataclass(frozen=True)
class Change:
    """One setting that two runs do not share.

    Attributes
    ----------
    kind : str
        ``"computed with"``, ``"documents"`` or ``"grid"``.
    what : str
        Of what.
    first, second : str
        Its values in the two runs, separated by commas where a run has several.
    """

    kind: str
    what: str
    first: str
    second: str


def setting_changes(first: RunData, second: RunData) -> list[Change]:
    """Return in what two runs differ beside their results.

    Parameters
    ----------
    first, second : RunData
        The runs.

    Returns
    -------
    list of Change
        Versions, processor and commit of all records; the content of each pair that both have;
        the values of each setting of the grid.
    """
    changes = []
    for kind, pairs in (
        ("computed with", _environments(first, second)),
        ("documents", _documents(first, second)),
        ("grid", _grid(first, second)),
    ):
        changes += [Change(kind, what, a, b) for what, a, b in pairs if a != b]
    return changes


_Values = Iterator[tuple[str, str, str]]


def _text(values: Iterable[Any]) -> str:
    """Return different values in order, numbers by size."""
    known = {value for value in values if value is not None and value == value}
    order = sorted(known, key=lambda v: (isinstance(v, str), v))
    said = [f"{value:g}" if isinstance(value, float) else str(value) for value in order]
    return ", ".join(said) or _NOTHING


def _environments(first: RunData, second: RunData) -> _Values:
    both = (first.environments, second.environments)
    for name in _MACHINE:
        a, b = (_text(one.get(name) for one in some) for some in both)
        yield name, a, b
    packages = dict.fromkeys(p for some in both for one in some for p in one["packages"])
    for name in packages:
        a, b = (_text(one["packages"].get(name) for one in some) for some in both)
        yield name, a, b


def _documents(first: RunData, second: RunData) -> _Values:
    one, two = (data.manifest.get("pairs", {}) for data in (first, second))
    yield "pairs", _text(one), _text(two)
    for name in one:
        if name in two and one[name]["key"] != two[name]["key"]:
            yield from _pair(name, one[name], two[name])


def _pair(name: str, one: Mapping[str, Any], two: Mapping[str, Any]) -> _Values:
    """Say in what a pair differs; where only its choice of documents does, that is what it is."""
    yield name, f"content {one['key'][:16]}", f"content {two['key'][:16]}"
    for count in _COUNTS:
        yield f"{name}: {count.replace('_', ' ')}", f"{one[count]:,}", f"{two[count]:,}"
    yield f"{name}: classes", _text(one["classes"]), _text(two["classes"])
    for corpus in dict.fromkeys((*one["sources"], *two["sources"])):
        sources = [pair["sources"].get(corpus, {}) for pair in (one, two)]
        a, b = (source.get("content_sha256", _NOTHING)[:16] for source in sources)
        yield f"{name}: corpus {corpus}, sha256", a, b
        versions = [source.get("versions", {}) for source in sources]
        for package in dict.fromkeys((*versions[0], *versions[1])):
            a, b = (some.get(package, _NOTHING) for some in versions)
            yield f"{name}: corpus {corpus}, {package}", a, b


def _grid(first: RunData, second: RunData) -> _Values:
    both = (first, second)
    a, b = (_text(data.studies()) for data in both)
    yield "studies", a, b
    a, b = (_text(set(data.cells["engine"]) - {"-"}) for data in both)
    yield "engine", a, b
    for name in _GRID:
        a, b = (_text(_column(data, name)) for data in both)
        yield name.replace("_", " "), a, b
    a, b = (", ".join(budgets(data)) for data in both)
    yield "label budgets", a, b
    a, b = (str(data.missing) for data in both)
    yield "cells without a record", a, b


def _column(data: RunData, name: str) -> Iterable[Any]:
    cells = data.cells[data.cells["model"] != BASELINE]
    if name not in cells:
        return []
    if name in ("strategy", "schedule"):
        return [getattr(variant, f"{name}_text") for variant in variants_of(cells)]
    return cells[name].tolist()
