"""``d2vbench compare``: what changed between two runs, in settings and beyond noise."""

from __future__ import annotations

import argparse
import dataclasses
import json
import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from d2vbench.errors import UsageError, UserError

if TYPE_CHECKING:
    import pandas as pd

    from d2vbench.analysis import RunData
    from d2vbench.analysis.comparison.two_runs import RunDifference, TwoRuns

# Rows that are shown before the others are counted.
_MOST = 12
_PAIRED = {
    "seeds and documents": "the same seeds and documents",
    "documents": "the same documents, other seeds",
    "nothing": "other documents: independent, so wider intervals",
}


def add_parser(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser(
        "compare",
        help="say what changed between two runs",
        description="Say in which settings two runs differ (versions, processor, documents, grid), "
        "which cells are the same to the last digit, and which strategies are better or worse "
        "in the second run by more than noise. The exit status is 0 whether they differ or not.",
        epilog="Example: d2vbench compare results/published/embedded results/runs/all",
    )
    parser.add_argument("first", type=Path, metavar="RUN_A", help="the folder of a run")
    parser.add_argument("second", type=Path, metavar="RUN_B", help="the folder of another")
    parser.add_argument("--json", action="store_true", help="print all of it as JSON")
    parser.add_argument(
        "--csv", type=Path, metavar="FILE", help="write the differences of accuracy to a CSV file"
    )
    parser.add_argument(
        "--fail-on-difference", action="store_true",
        help="exit with status 1 where settings, cells or results differ; versions and processors "
        "alone are no difference",
    )  # fmt: skip
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Compare two runs."""
    if options.csv is not None and not options.csv.parent.is_dir():
        raise UsageError(f"--csv {options.csv}: there is no folder {options.csv.parent}")
    # pandas and SciPy take a second to load, which a wrong option can do without.
    from d2vbench.analysis.comparison.two_runs import compare_runs

    found = compare_runs(_loaded(options.first), _loaded(options.second))
    if options.csv is not None:
        from d2vbench.files import remove_left_over, write_text
        from d2vbench.report.render.spreadsheet import csv_text

        remove_left_over(options.csv.parent, (options.csv.name,))
        write_text(options.csv, csv_text(difference_table(found)))
    if options.json:
        print(json.dumps(as_json(found), indent=1, allow_nan=False))
    else:
        print("\n".join(_lines(found, options)))
    return 1 if options.fail_on_difference and not found.same else 0


def _loaded(folder: Path) -> RunData:
    from d2vbench.analysis import load_run
    from d2vbench.bench.store.records import RecordStore

    data = load_run(folder)
    if data.cells.empty:
        problems = map(RecordStore(folder).problem, data.manifest["cells"][:1])
        raise UserError(
            f"{folder} has no record that counts: nothing to compare. {' '.join(problems)}".strip()
        )
    return data


def difference_table(found: TwoRuns) -> pd.DataFrame:
    """Return the differences of accuracy as a table: a row a variant and label budget."""
    import pandas as pd

    return pd.DataFrame([_row(one) for one in found.differences], columns=list(_COLUMNS))


_COLUMNS = (
    "pair", "fraction", "model", "variant", "labels", "first_engine", "second_engine",
    "first_accuracy", "second_accuracy", "difference", "low", "high", "p", "p_holm", "seeds",
    "paired_by", "identical", "verdict",
)  # fmt: skip


def _row(one: RunDifference) -> dict[str, Any]:
    values = (
        one.pair, one.fraction, one.model, one.variant, one.labels, *one.engines, one.first,
        one.second, one.interval.estimate, one.interval.low, one.interval.high, one.interval.p,
        one.p_holm, one.seeds, one.paired_by, one.identical, str(one.verdict),
    )  # fmt: skip
    return dict(zip(_COLUMNS, values, strict=True))


def as_json(found: TwoRuns) -> dict[str, Any]:
    """Return a comparison as JSON values; null where there is no number."""

    def known(values: dict[str, Any]) -> dict[str, Any]:
        return {
            name: None if isinstance(value, float) and math.isnan(value) else value
            for name, value in values.items()
        }

    return {
        "same": found.same,
        "settings": [dataclasses.asdict(change) for change in found.changes],
        "cells": {
            "identical": found.identical,
            "differing": [known(dataclasses.asdict(one)) for one in found.differing],
            "only_first": found.only_first["key"].tolist(),
            "only_second": found.only_second["key"].tolist(),
        },
        "differences": [known(_row(one)) for one in found.differences],
        "claims": [dataclasses.asdict(one) for one in found.claims],
    }


def _lines(found: TwoRuns, options: argparse.Namespace) -> Iterator[str]:
    yield f"A: {options.first}"
    yield f"B: {options.second}"
    yield ""
    yield from _setting_lines(found)
    yield "Cells"
    yield f"  {found.identical} identical to the last digit"
    yield f"  {len(found.differing)} with other results"
    yield f"  {len(found.only_first)} only in A, {len(found.only_second)} only in B"
    yield from _only_lines("A", found.only_first)
    yield from _only_lines("B", found.only_second)
    largest = sorted(found.differing, key=lambda one: -abs(one.accuracy))
    for one in largest[:_MOST]:
        what = f"accuracy by {_points(one.accuracy)} points" if one.accuracy else "not in accuracy"
        yield f"    {one.pair}, {one.title}, seed {one.seed}: {what}"
    if len(largest) > _MOST:
        yield f"    and {len(largest) - _MOST} more"
    yield ""
    yield from _difference_lines(found)
    yield "Claims"
    if not found.claims:
        yield "  the same verdicts"
    for claim in found.claims:
        yield f"  {claim.id}: {claim.first} in A, {claim.second} in B. {claim.statement}"


def _setting_lines(found: TwoRuns) -> Iterator[str]:
    if not found.changes:
        yield "Settings: the same, and computed with the same."
        yield ""
        return
    kind = ""
    width = max(len(change.what) for change in found.changes)
    for change in found.changes:
        if change.kind != kind:
            kind = change.kind
            yield kind.capitalize()
        yield f"  {change.what:<{width}}  A: {change.first}"
        yield f"  {'':<{width}}  B: {change.second}"
    yield ""


def _only_lines(name: str, cells: pd.DataFrame) -> Iterator[str]:
    from d2vbench.analysis.comparison.two_runs import row_title

    counts: Counter[str] = Counter()
    for row in cells.itertuples(index=False):
        counts[f"{row.pair}, {row.model}, {row_title(row)}"] += 1
    for title, count in counts.most_common(_MOST):
        yield f"    only in {name}: {title} ({count})"
    if len(counts) > _MOST:
        yield f"    and {len(counts) - _MOST} more such variants"


def _difference_lines(found: TwoRuns) -> Iterator[str]:
    from d2vbench.report.document.phrases import counted, interval_text, p_text
    from d2vbench.report.document.titles import group_title, labels_title

    yield "Accuracy, B minus A in points [95 %]"
    if not found.differences:
        yield "  nothing to compare: no variant has results in both"
        yield ""
        return
    counts = Counter(str(one.verdict) for one in found.differences)
    said = ", ".join(f"{count} {word}" for word, count in counts.most_common())
    yield (
        f"  {counted(len(found.differences), 'difference')}, adjusted for their number (Holm): "
        f"{said}"
    )
    exact = sum(one.identical for one in found.differences)
    if exact:
        yield f"  {exact} of them are exactly nothing: every document came out the same"
    for kind, count in Counter(one.paired_by for one in found.differences).items():
        yield f"  {count} on {_PAIRED[kind]}"
    moved = [one for one in found.differences if str(one.verdict) in ("better", "worse")]
    if not moved:
        moved = [one for one in found.differences if not one.identical]
        yield f"  none beyond noise{'; the largest:' if moved else ''}"
    moved.sort(key=lambda one: -abs(one.interval.estimate))
    for one in moved[:_MOST]:
        place = f"{group_title(one.pair, one.fraction, one.model)}, {labels_title(one.labels)}"
        p = p_text(one.p_holm)
        engines = "" if one.engines[0] == one.engines[1] else f"; {' against '.join(one.engines)}"
        yield (
            f"    {place}: {one.variant}: {interval_text(one.interval)} {one.verdict}"
            f"{f', p {p}' if p else ''}{engines}"
        )
    if len(moved) > _MOST:
        yield f"    and {len(moved) - _MOST} more (--csv FILE has all)"
    yield ""


def _points(value: float) -> str:
    from d2vbench.report.document.phrases import points

    return points(value)
