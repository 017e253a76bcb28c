"""Studies: named grids of cells. One definition each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from d2vbench.bench.cell import Cell, baseline_cell
from d2vbench.engines import MODELS, ModelSettings
from d2vbench.errors import UsageError, unknown_name
from d2vbench.plugins import Catalogue
from d2vbench.strategies import parse_schedule, parse_strategy
from d2vbench.strategies.schedules import check_alpha

PROFILES = ("quick", "default", "full")
ALL = "all"


@dataclass(frozen=True)
class Request:
    """What a person asks of a study; None leaves it to the study and its profile.

    Attributes
    ----------
    profile : str
        ``quick``, ``default`` or ``full``.
    pairs, models, strategies, schedules : tuple of str or None
        Only these.
    seeds : int or None
        How many base seeds: 0 to seeds - 1.
    epochs : int or None
        E: passes over G.
    alpha, min_alpha : float
        Ends of the learning rate.
    engine : str
        Which engine trains.
    """

    profile: str = "default"
    pairs: tuple[str, ...] | None = None
    models: tuple[str, ...] | None = None
    strategies: tuple[str, ...] | None = None
    schedules: tuple[str, ...] | None = None
    seeds: int | None = None
    epochs: int | None = None
    alpha: float = 0.025
    min_alpha: float = 0.0001
    engine: str = "native"

    def __post_init__(self) -> None:
        """Check everything that can be checked without the corpora."""
        if self.profile not in PROFILES:
            raise unknown_name("profile", self.profile, PROFILES)
        if self.seeds is not None and self.seeds < 1:
            raise UsageError(f"seeds must be 1 or more, got {self.seeds}")
        if self.epochs is not None and self.epochs < 1:
            raise UsageError(f"epochs must be 1 or more, got {self.epochs}")
        check_alpha(self.alpha, self.min_alpha)
        for model in self.models or ():
            if model not in MODELS:
                raise unknown_name("model", model, MODELS)
        for strategy in self.strategies or ():
            parse_strategy(strategy)
        for schedule in self.schedules or ():
            parse_schedule(schedule)


@dataclass(frozen=True)
class Study:
    """A named grid of cells that answers one question.

    Attributes
    ----------
    name, question : str
        For lists and headings.
    cells : callable
        From a `Request` to the cells, baselines included.
    """

    name: str
    question: str
    cells: Callable[[Request], list[Cell]]


# (strategy, schedule). One phase has one natural schedule, a straight decay.
_FIRST = (
    ("domain-only(4)", "linear"),
    ("combined", "linear"),
    ("oversampled(4)", "linear"),
    ("sequential(4)", "restart"),
)
_MAIN = (
    *_FIRST[:-1],
    ("sequential(4)", "linear"),
    _FIRST[-1],
)
_WHOLE = (
    ("domain-only(1)", "linear"),
    ("domain-only(4)", "linear"),
    ("domain-only(budget)", "linear"),
    ("generic-only", "linear"),
    ("combined", "linear"),
    ("oversampled(4)", "linear"),
    ("sequential(1)", "restart"),
    ("sequential(4)", "linear"),
    ("sequential(4)", "restart"),
    ("sequential(4)", "follow-up(0.005)"),
    ("sequential(4)", "follow-up(0.05)"),
)
_MORE = (
    *_WHOLE,
    ("oversampled(2)", "linear"),
    ("oversampled(8)", "linear"),
    ("sequential(1)", "linear"),
    ("sequential(2)", "restart"),
    ("sequential(8)", "restart"),
    ("sequential(8)", "linear"),
)

# Share of D-train that there is; the first is the main one. With all of D the task of
# docstrings-scipy is easy, and says less about strategies than with a quarter of it, where the
# generic corpus has ten times the words of the domain.
_FRACTIONS = {"docstrings-scipy": (0.25, 1.0), "synthetic": (1.0,)}
_EPOCHS = 10
_MODELS = ("dbow", "dm-mean")
_SEEDS = {"quick": 2, "default": 3, "full": 5}
_BUDGETS = ("all", "10")


def _grid(request: Request, model: str, main_fraction: bool) -> tuple[tuple[str, str], ...]:
    """Return the variants of one panel: most for PV-DBOW on the main share of the domain."""
    grid: tuple[tuple[str, str], ...]
    if request.profile == "full":
        grid = _MORE
    elif request.profile == "quick":
        grid = _FIRST if model == "dbow" and main_fraction else ()
    elif model == "dbow":
        grid = _WHOLE if main_fraction else _MAIN
    else:
        grid = _MAIN if main_fraction else ()
    if not grid and main_fraction and request.models:
        grid = _FIRST  # asked for by name: there is a grid for it in every profile
    if grid and not (request.strategies is None and request.schedules is None):
        strategies = request.strategies or tuple(strategy for strategy, _ in grid)
        grid = _chosen(strategies, request.schedules)
    return grid


def strategies_study(request: Request) -> list[Cell]:
    """Lay out strategy x schedule x model on each pair."""
    cells = []
    for pair in request.pairs or tuple(_FRACTIONS):
        for i, fraction in enumerate(_FRACTIONS.get(pair, (1.0,))):
            models = request.models or _MODELS
            grids = {model: _grid(request, model, i == 0) for model in models}
            if not any(grids.values()):
                continue
            for seed in range(request.seeds or _SEEDS[request.profile]):
                cells.append(baseline_cell(pair, fraction, seed, _BUDGETS))
                cells += [
                    Cell(
                        pair=pair,
                        fraction=fraction,
                        settings=ModelSettings(model),
                        strategy=str(parse_strategy(strategy)),
                        schedule=str(parse_schedule(schedule)),
                        seed=seed,
                        epochs=request.epochs or _EPOCHS,
                        alpha=request.alpha,
                        min_alpha=request.min_alpha,
                        budgets=_BUDGETS,
                        engine=request.engine,
                    )
                    for model, grid in grids.items()
                    for strategy, schedule in grid
                ]
    return cells


def _chosen(
    strategies: Iterable[str], schedules: tuple[str, ...] | None
) -> tuple[tuple[str, str], ...]:
    """Return the grid of the strategies asked for, with the schedules asked for or the usual two.

    A schedule of later phases is `linear` where there is but one phase, and goes by that name.
    """
    grid: list[tuple[str, str]] = []
    for text in strategies:
        strategy = parse_strategy(text)
        for schedule in map(parse_schedule, schedules or ("linear", "restart")):
            plain = schedule.needs_phases and strategy.phases == 1
            grid.append((str(strategy), "linear" if plain else str(schedule)))
    return tuple(dict.fromkeys(grid))


def _check(name: str, value: Any) -> str:
    if not isinstance(value, Study):
        return f"must be a Study, got {value!r:.80}"
    return "" if value.name == name else f"is a Study of another name, {value.name!r}"


STUDIES: Catalogue[Study] = Catalogue(
    "study",
    "d2vbench.studies",
    {
        study.name: study
        for study in (
            Study(
                "strategies",
                "Which strategy gives the best vectors for the domain, at fixed settings?",
                strategies_study,
            ),
        )
    },
    _check,
    reserved=(ALL,),
)


def study_cells(name: str, request: Request) -> list[Cell]:
    """Return the cells of a study, or of all of d2vbench's own, each once.

    Parameters
    ----------
    name : str
        A key of `STUDIES`, or ``"all"``.
    request : Request
        What is asked of it.

    Returns
    -------
    list of Cell
        In the order of the grids.

    Raises
    ------
    UsageError
        For an unknown study.
    """
    if name != ALL and name not in STUDIES:
        raise unknown_name("study", name, [ALL, *STUDIES])
    # A study of a third party is asked for by its name: `all` is the same wherever it is run.
    chosen = list(STUDIES.built_in) if name == ALL else [name]
    cells = list(dict.fromkeys(cell for study in chosen for cell in _cells_of(study, request)))
    for text in dict.fromkeys(cell.schedule for cell in cells if cell.settings):
        parse_schedule(text).check(request.alpha, request.min_alpha)
    return cells


def _cells_of(name: str, request: Request) -> list[Cell]:
    with STUDIES.blame(name):
        cells = list(STUDIES[name].cells(request))
    if STUDIES.origin(name) and not (cells and all(isinstance(cell, Cell) for cell in cells)):
        raise STUDIES.error(name, "must return a list of Cell, at least one")
    return cells
