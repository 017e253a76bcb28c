"""``d2vbench recommend``: what to train on a pair, from the records of a run."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from d2vbench.errors import UsageError, UserError, check_name

if TYPE_CHECKING:
    from d2vbench.analysis import RunData
    from d2vbench.analysis.claims.within_budget import Budget


def add_parser(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser(
        "recommend",
        help="say which strategy to take on a pair, what it gains and how sure that is",
        description="Say which strategy a run supports: the best with its interval, its gain over "
        "the simplest, the cheapest that is equivalent to it, and how sure that is.",
        epilog="Example: d2vbench recommend results/runs/all --budget 20M",
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="the run's folder")
    parser.add_argument("--pair", help="a pair of the run; default: all of them")
    parser.add_argument("--model", help="a model of the run; default: all of them")
    parser.add_argument(
        "--labels", metavar="BUDGET", help="a label budget of the run, such as 10; default: all"
    )
    parser.add_argument(
        "--budget", metavar="WORDS|SECONDS",
        help="the best whose training fits: words, such as 20M, or seconds of one core, such as "
        "600s; default: no limit",
    )  # fmt: skip
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the recommendations."""
    # pandas and SciPy take a second to load, which a wrong option can do without.
    from d2vbench.analysis import load_run, recommend
    from d2vbench.analysis.claims.within_budget import parse_budget
    from d2vbench.analysis.contrasts.frame import BASELINE
    from d2vbench.analysis.contrasts.scores import budgets
    from d2vbench.report.chapters.recommendation import recommendation_lines
    from d2vbench.report.document.titles import labels_title, model_title

    budget = None if options.budget is None else parse_budget(options.budget)
    data = load_run(options.folder)
    if data.cells.empty or not (data.cells["model"] != BASELINE).any():
        raise UserError(f"{options.folder} has no finished cell yet: nothing to recommend")
    cells = data.cells[data.cells["model"] != BASELINE]
    labels = _labels(options.labels, budgets(data))
    pair = _one_of("pair", options.pair, cells["pair"])
    model = _one_of("model", options.model, cells["model"])
    places = cells[["pair", "model"]].drop_duplicates()
    places = places[places["pair"].isin(pair) & places["model"].isin(model)]
    if places.empty:
        raise UsageError(f"{options.folder} has no cell of {options.model} on {options.pair}")
    if budget is not None:
        _within(data, [(str(name), str(kind)) for name, kind in places.to_numpy()], labels, budget)
        return 0
    said = 0
    for name, kind in places.itertuples(index=False):
        found = recommend(data, str(name), str(kind), labels)
        if said:
            print()
        said += 1
        if found is not None:
            print("\n".join(recommendation_lines(found)))
            continue
        print(f"{name}, {model_title(str(kind))}, {labels_title(labels)}: nothing to recommend.")
        print(_why(data, str(name), str(kind)))
    if data.missing:
        print(f"\n{data.missing} cells of the run have no record yet.")
    return 0


def _within(data: RunData, places: list[tuple[str, str]], labels: str, budget: Budget) -> None:
    """Print what to train for a budget; refuse one that is too small for every place."""
    from d2vbench.analysis.claims.within_budget import recommend_within
    from d2vbench.report.chapters.recommendation import budget_lines

    parts, refused = [], []
    for pair, model in places:
        try:
            found = recommend_within(data, pair, model, labels, budget)
            parts.append("\n".join(budget_lines(found)))
        except UsageError as error:
            refused.append(error)
            parts.append(str(error))
    if len(refused) == len(places):
        raise refused[0]
    print("\n\n".join(parts))


def _one_of(kind: str, wanted: str | None, there: Any) -> list[str]:
    """Return what is asked for, or all there is."""
    names = list(dict.fromkeys(map(str, there)))
    if wanted is None:
        return names
    check_name(kind, wanted, names)
    return [wanted]


def _labels(wanted: str | None, there: list[str]) -> str:
    if wanted is None:
        return "all" if "all" in there else there[0]
    return _one_of("label budget", wanted, there)[0]


def _why(data: RunData, pair: str, model: str) -> str:
    cells = data.cells[(data.cells["pair"] == pair) & (data.cells["model"] == model)]
    if cells["seed"].nunique() < 2:
        return "One seed gives no interval: run the study with --seeds 3 or more."
    return (
        "It takes two strategies with results of the same two seeds: run the study to its end, or "
        "with more strategies."
    )
