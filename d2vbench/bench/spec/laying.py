"""How cells of a grid are laid out: each combination of pair, model, variant, setting and seed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from d2vbench.bench.spec.cell import INFERRED, TrainedCell
from d2vbench.bench.spec.request import DOC2VEC, MODEL, Request
from d2vbench.evaluation import MAIN_CLASSIFIER
from d2vbench.families import FAMILIES, refusal
from d2vbench.strategies import EPOCHS, parse_schedule, parse_strategy

Variant = tuple[str, str]  # (strategy, schedule). One phase has one natural schedule, a decay.

EMBEDDED = ("docstrings-scipy", "synthetic")
# With all of D the task of docstrings-scipy is easy, and says less about strategies than with a
# quarter of it, where the generic corpus has ten times the words of the domain.
_MAIN_FRACTION = {"docstrings-scipy": 0.25}


def main_fraction(pair: str) -> float:
    """Return the share of D that says most about strategies on a pair."""
    return _MAIN_FRACTION.get(pair, 1.0)


def cells_of(
    request: Request,
    pairs: Iterable[str],
    variants: Iterable[Variant],
    *,
    fractions: Sequence[float] | None = None,
    models: Sequence[str] | None = None,
    of_models: Mapping[str, Any] | None = None,
    made: Sequence[Any] | None = None,
    **settings: Any,
) -> list[TrainedCell]:
    """Return a cell for each pair, share of D, model, variant, setting and seed.

    ``of_models`` are options of the model's settings, ``made`` settings in place of all that a
    request and its models make, the others arguments of `TrainedCell`.
    """
    variants = tuple(variants)
    classifiers = dict.fromkeys((MAIN_CLASSIFIER, *request.classifiers))
    inferred = settings.get("vectors", INFERRED) == INFERRED
    inference_grid = request.inference_grid() if inferred else ()
    usual = models or request.models or (MODEL,)
    return [
        TrainedCell(
            pair=pair,
            fraction=fraction,
            family=request.family,
            settings=of_model,
            strategy=parse_strategy(strategy),
            schedule=parse_schedule(schedule),
            seed=seed,
            inference=inference,
            inference_grid=inference_grid,
            classifiers=tuple(classifiers),
            diagnosed=request.diagnostics and inferred,
            **{
                "epochs": request.epochs or EPOCHS,
                "alpha": request.alpha,
                "min_alpha": request.min_alpha,
                "budgets": request.label_budgets(),
                **settings,
            },
        )
        for pair in pairs
        for fraction in fractions or (main_fraction(pair),)
        for model in (usual[:1] if made or request.family != DOC2VEC else usual)
        for of_model in made or request.model_settings(model, **(of_models or {}))
        for inference in request.inferences()
        for strategy, schedule in variants
        if not _left_out(request, of_model, strategy)
        for seed in request.seed_range()
    ]


def _left_out(request: Request, of_model: Any, strategy: str) -> bool:
    """Return whether another family than Doc2Vec cannot train what nobody asked for by name."""
    if request.family == DOC2VEC or request.strategies is not None:
        return False
    return bool(refusal(FAMILIES[request.family], of_model, parse_strategy(strategy)))


def grid_of(names: Iterable[str], schedules: tuple[str, ...] | None) -> tuple[tuple[str, str], ...]:
    """Return the grid of the strategies asked for, with the schedules asked for or the usual two.

    A schedule of later phases is `linear` where there is but one phase, and goes by that name.
    """
    grid: list[Variant] = []
    for text in names:
        strategy = parse_strategy(text)
        for schedule in map(parse_schedule, schedules or ("linear", "restart")):
            plain = schedule.needs_phases and strategy.phases == 1
            grid.append((str(strategy), "linear" if plain else str(schedule)))
    return tuple(dict.fromkeys(grid))
