"""A variant keeps its structure in tables, and becomes text in one place."""

from __future__ import annotations

import pandas as pd
from run_support import variant

from d2vbench.analysis.contrasts.frame import cell_row
from d2vbench.analysis.contrasts.variants import (
    Variant,
    by_variant,
    mean_by_variant,
    variant_columns,
    variant_title,
    variants_of,
)

PLACE = {"pair": "p", "fraction": 1.0, "model": "dbow"}
REPLAY = Variant("replay", 4, 0.1, "restart")
FOLLOW_UP = Variant("sequential", 4, None, "follow-up", 0.005)
OTHER_RATE = FOLLOW_UP._replace(schedule_value=0.05)
MADE = [REPLAY, FOLLOW_UP, OTHER_RATE, Variant("combined"), Variant("domain-only", "budget")]


def made_cells() -> pd.DataFrame:
    return pd.DataFrame([PLACE | v._asdict() | {"x": float(i)} for i, v in enumerate(2 * MADE)])


def test_missing_arguments_keep_no_cell_out_of_its_group() -> None:
    cells = made_cells()
    assert cells["share"].isna().sum() == 8
    assert variants_of(cells) == 2 * MADE
    assert mean_by_variant(cells, "x") == {v: i + 2.5 for i, v in enumerate(MADE)}
    found = [(where, v, rows["x"].tolist()) for where, v, rows in by_variant(cells)]
    assert found == [(("p", 1.0, "dbow"), v, [i, i + 5.0]) for i, v in enumerate(MADE)]


def test_the_text_is_made_from_the_structure() -> None:
    shown = variants_of(made_cells())[:5]
    assert [(v.strategy, v.arguments, v.schedule_text) for v in shown] == [
        ("replay", "4, 0.1", "restart"), ("sequential", "4", "follow-up(0.005)"),
        ("sequential", "4", "follow-up(0.05)"), ("combined", "", "linear"),
        ("domain-only", "budget", "linear"),
    ]  # fmt: skip
    assert variants_of(variant_columns(shown)) == shown
    # The row of a table says the same, whatever type pandas gives its columns.
    assert [variant_title(v) for v in variants_of(made_cells().astype(object))[:3]] == [
        "replay(4, 0.1), restart", "sequential(4), follow-up(0.005)",
        "sequential(4), follow-up(0.05)",
    ]  # fmt: skip
    assert Variant(**variant("sequential", 4, "follow-up(0.005)")) == FOLLOW_UP


def test_a_record_becomes_columns() -> None:
    cell = {
        "pair": "p", "fraction": 1.0, "family": "f", "settings": {}, "seed": 0, "epochs": 2,
        "alpha": 0.1, "min_alpha": 0.01, "inference": {}, "vectors": "inferred",
        "strategy": {"name": "replay", "k": 4, "share": 0.1},
        "schedule": {"name": "follow-up", "value": 0.05},
    }  # fmt: skip
    record = {"cell": cell, "metrics": {}, "counts": {}, "seconds": {}, "key": "0"}
    row = cell_row(record)
    assert Variant.of(row.get(name, "") for name in Variant._fields) == Variant(
        "replay", 4, 0.1, "follow-up", 0.05
    )
    record["cell"] = {"pair": "p", "fraction": 1.0, "baseline": "lsa", "seed": 0}
    row = cell_row(record)
    assert Variant.of(row.get(name, "") for name in Variant._fields) == Variant("lsa", schedule="-")
