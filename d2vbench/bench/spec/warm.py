"""Cells of a saved generic model: what can still be done where the generic corpus is gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from d2vbench.bench.spec.cell import BaselineCell, Cell
from d2vbench.bench.spec.laying import EMBEDDED, Variant, cells_of, grid_of, main_fraction
from d2vbench.bench.spec.request import MODEL, Request
from d2vbench.errors import UsageError, option
from d2vbench.evaluation import BASELINES
from d2vbench.evaluation.given_vectors import GIVEN
from d2vbench.families.counts import PRESENTED
from d2vbench.families.doc2vec import OF_A_MODEL
from d2vbench.strategies import parse_strategy

_FIRST: tuple[Variant, ...] = (
    ("generic-only", "linear"),
    ("domain-only(4)", "linear"),
    ("warm(4)", "restart"),
)
_MORE: tuple[Variant, ...] = (
    *_FIRST,
    ("domain-only(1)", "linear"),
    ("domain-only(8)", "linear"),
    ("warm(1)", "restart"),
    ("warm(8)", "restart"),
    ("warm(4)", "follow-up(0.005)"),
    ("warm(4)", "follow-up(0.05)"),
    ("warm(4)", "constant"),
)


def of_saved_model(request: Request) -> list[Cell]:
    """Lay out strategies that need no generic corpus, D's other words left out."""
    grid = _FIRST if request.profile == "quick" else _MORE
    return _lay(request, request.vocabulary or tuple(OF_A_MODEL)[:1], grid)


_VECTORS: tuple[Variant, ...] = (
    ("domain-only(4)", "linear"),
    ("pretrained-words(4)", "restart"),
    ("pretrained-words-frozen(4)", "restart"),
)
# Those whose training reads word vectors.
_WITH_WORDS = ("dbow-words", "dm-mean")


def of_word_vectors(request: Request) -> list[Cell]:
    """Lay out models of D that start from word vectors of a file, and the same without them."""
    grid: Sequence[Variant] = _VECTORS
    if not (request.strategies is None and request.schedules is None):
        grid = grid_of(request.strategies or tuple(s for s, _ in grid), request.schedules)
    _check(grid)
    cells: list[Cell] = []
    for pair in request.pairs or EMBEDDED:
        cells += _baseline(request, pair)
        cells += averages(request, pair, main_fraction(pair), request.word_vectors)
        for model in request.models or _WITH_WORDS:
            plain = request.model_settings(model)
            starting = [replace(s, word_vectors=request.word_vectors[pair]) for s in plain]
            for variant in grid:
                made = plain if variant[0].startswith("domain-only") else starting
                cells += cells_of(request, [pair], [variant], made=made)
    return cells


def averages(
    request: Request, pair: str, fraction: float, word_vectors: Mapping[str, str]
) -> list[BaselineCell]:
    """Return the cells of averages of given word vectors; none where the pair has none."""
    if pair not in word_vectors:
        return []
    return [
        BaselineCell(
            pair, fraction, name, seed, request.label_budgets(), word_vectors=word_vectors[pair]
        )
        for name in GIVEN
        for seed in request.seed_range()
    ]


def warm(request: Request) -> list[Cell]:
    """Lay out the same with each way to treat words that the saved model lacks.

    Raises
    ------
    UsageError
        Without a saved model.
    """
    if not request.generic_model:
        raise UsageError(
            f"study warm needs a saved model: give {option('generic_model', 'FILE')}, as "
            "`d2vbench train --strategy generic-only` or gensim's save() writes it"
        )
    grid = _FIRST if request.profile == "quick" else _MORE
    return _lay(request, request.vocabulary or tuple(OF_A_MODEL), grid)


def _lay(request: Request, policies: Sequence[str], grid: Sequence[Variant]) -> list[Cell]:
    if not (request.strategies is None and request.schedules is None):
        names = request.strategies or tuple(strategy for strategy, _ in grid)
        grid = grid_of(names, request.schedules)
    _check(grid)
    going_on_with = replace(request, vocabulary=tuple(policies))
    # The same model without what was saved.
    some = going_on_with.model_settings(MODEL)[0]
    usual = replace(some, generic_model="", vocabulary=PRESENTED)
    fresh = [v for v in grid if v[0].startswith("domain-only")]
    going_on = [v for v in grid if v not in fresh]
    cells: list[Cell] = []
    for pair in request.pairs or EMBEDDED:
        cells += _baseline(request, pair)
        cells += cells_of(request, [pair], fresh, made=[usual])
        cells += cells_of(going_on_with, [pair], going_on)
    return cells


def _baseline(request: Request, pair: str) -> list[BaselineCell]:
    """Return the cells of TF-IDF of D, which needs neither a model nor a generic corpus."""
    name, fraction = next(iter(BASELINES.built_in)), main_fraction(pair)
    budgets = request.label_budgets()
    return [BaselineCell(pair, fraction, name, seed, budgets) for seed in request.seed_range()]


def _check(grid: Sequence[Variant]) -> None:
    """Refuse a control that goes by the generic corpus: there is none."""
    for text, _ in grid:
        if isinstance(parse_strategy(text).k, str):
            raise UsageError(
                f"strategy {text} goes by the size of the generic corpus, and there is none: give "
                "a number"
            )
