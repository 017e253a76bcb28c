"""``d2vbench recommend``: what to train on a pair, from the records of a run."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from d2vbench.errors import UsageError, UserError, check_name

if TYPE_CHECKING:
    from d2vbench.analysis import RunData


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
    parser.add_argument("--json", action="store_true", help="print it as JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the recommendations."""
    # pandas and SciPy take a second to load, which a wrong option can do without.
    from d2vbench.analysis import load_run, recommend
    from d2vbench.analysis.claims.within_budget import parse_budget
    from d2vbench.analysis.contrasts.frame import BASELINE
    from d2vbench.analysis.contrasts.scores import budgets
    from d2vbench.cli.display import make_console
    from d2vbench.cli.verbs.runs.recommendations import Shown

    budget = None if options.budget is None else parse_budget(options.budget)
    data = load_run(options.folder)
    if data.cells.empty or not (data.cells["model"] != BASELINE).any():
        raise UserError(f"{options.folder} has no finished cell yet: nothing to recommend")
    cells = data.cells[data.cells["model"] != BASELINE]
    labels = _labels(options.labels, budgets(data))
    pair = _one_of("pair", options.pair, cells["pair"])
    model = _one_of("model", options.model, cells["model"])
    there = cells[["pair", "model"]].drop_duplicates()
    there = there[there["pair"].isin(pair) & there["model"].isin(model)]
    if there.empty:
        raise UsageError(f"{options.folder} has no cell of {options.model} on {options.pair}")
    places = [(str(name), str(kind)) for name, kind in there.to_numpy()]
    shown = Shown(options.folder, data, labels)
    if budget is not None:
        shown.within(places, budget)
    else:
        for name, kind in places:
            found = recommend(data, name, kind, labels)
            if found is not None:
                shown.found.append(found)
            else:
                shown.nothing.append((name, kind, _why(data, name, kind)))
    if options.json:
        print(json.dumps(shown.content(), indent=2, allow_nan=False))
    else:
        shown.print(make_console())
    return 0


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
