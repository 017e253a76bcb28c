"""Ids are made of content: the same records give the same ids anywhere."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from made_sections import run_of
from run_support import pair_entry

from d2vbench.analysis import RunData, seed_interval
from d2vbench.analysis.claims.differences import MeasureTest
from d2vbench.analysis.contrasts.contrasts import Cells
from d2vbench.analysis.contrasts.drift import Measured
from d2vbench.analysis.contrasts.variants import Variant
from d2vbench.report.chapters.protocol import protocol_chapter
from d2vbench.report.document.blocks import table
from d2vbench.report.document.contents import make_document
from d2vbench.report.document.ids import block_id, block_ids, frame_rows
from d2vbench.report.document.settings import Settings
from d2vbench.report.document.structure import Document, TableBlock


def run() -> RunData:
    data = run_of(("p", "q"), seeds=3, seconds_train=1.5)
    data.manifest["pairs"] = {name: pair_entry("web", name) for name in ("p", "q")}
    return data


@pytest.fixture(scope="module")
def document() -> Document:
    return make_document(run())


def other_machine(data: RunData) -> RunData:
    cells = data.cells.assign(seconds_train=99.0, seconds_infer=1.0)
    manifest = {
        **data.manifest,
        "environment": {"cpu": "another"},
        "words": {"alone": 1, "tree": 1},
    }
    return dataclasses.replace(data, cells=cells, manifest=manifest)


def other_order(data: RunData) -> RunData:
    cells = data.cells.sample(frac=1.0, random_state=1).reset_index(drop=True)
    cells = cells[sorted(cells.columns)]
    return dataclasses.replace(data, cells=cells)


@pytest.mark.parametrize("change", [other_machine, other_order])
def test_the_same_records_have_the_same_ids(
    document: Document, change: Callable[[RunData], RunData]
) -> None:
    changed = make_document(change(run()))
    assert block_ids(changed) == block_ids(document)
    assert changed.run_id == document.run_id


def test_a_changed_number_gives_another_id(document: Document) -> None:
    data = run()
    key = data.cells.loc[data.cells["strategy"] == "oversampled", "key"].iloc[0]
    data.correct[key, "all"] = ~data.correct[key, "all"]
    data.cells.loc[data.cells["key"] == key, "accuracy_all"] = float(
        data.correct[key, "all"].mean()
    )
    changed, before = block_ids(make_document(data)), block_ids(document)
    assert make_document(data).run_id != document.run_id
    same = {slug for slug in before if changed[slug] == before[slug]}
    # It was on one pair, and these rest on others or on no result.
    assert same == {
        "strategies-q-dbow", "settings", "pairs", "claims-skipped",
        "claim-c3-combined-minus-the-domain",
    }  # fmt: skip


def test_other_documents_give_another_id(document: Document) -> None:
    data = run()
    data.manifest["pairs"]["p"]["sources"]["web"]["content_sha256"] = "1" * 64
    changed = block_ids(make_document(data))
    assert changed["strategies-p-dbow"] != block_ids(document)["strategies-p-dbow"]
    assert changed["strategies-q-dbow"] == block_ids(document)["strategies-q-dbow"]


def test_other_settings_give_another_id(document: Document) -> None:
    data = run()
    changed = make_document(dataclasses.replace(data, cells=data.cells.assign(alpha=0.05)))
    assert not set(block_ids(changed).values()) & set(block_ids(document).values())


def test_the_order_of_models_is_in_no_id() -> None:
    """Runs that were merged have their cells in the order of the merge."""
    ids = set()
    for models in (("dbow", "dm-mean"), ("dm-mean", "dbow")):
        (_, block) = protocol_chapter(Settings(("native",), models, (0,), {})).blocks
        assert isinstance(block, TableBlock)
        ids.add(block_id(block, {}))
    assert len(ids) == 1


def test_a_text_half_way_does_not_turn_on_the_last_digit() -> None:
    shown = (("in D", "a"), ("not in D", "b"))
    test = MeasureTest(Cells(("sequential",)), "kept", "cosine", "a", shown=shown)
    texts = set()
    for mean in (0.1745, float(np.nextafter(0.1745, 0)), float(np.nextafter(0.1745, 1))):
        interval, values = seed_interval([0.0, 0.0]), {0: 0.0, 1: 0.0}
        means = {"a": mean, "b": mean}
        piece = test._piece(
            Measured("kept", "p", 1.0, "dbow", Variant("v"), means, interval, values)
        )
        texts.add((piece.first, piece.second))
    assert len(texts) == 1


def test_ids_are_kept() -> None:
    """What is cited must be found again: an id may change with its content alone."""
    data = pd.DataFrame({"pair": ["a", "b"], "x": [0.1, np.nan], "n": [1, 2], "ok": [True, False]})
    block = table("some", "t", data, ["x"])
    assert block_id(block, {"seeds": [0], "pairs": {"a": "1", "c": "2"}}) == "t-9c32e76b65"


def test_rows_do_not_depend_on_order_kind_or_the_last_digit() -> None:
    first = pd.DataFrame({"a": [1, 2], "b": ["x", None], "c": [0.1 + 0.2, 1.0]})
    second = pd.DataFrame({"c": [1.0, 0.3], "b": [np.nan, "x"], "a": [2.0, 1.0]})
    assert frame_rows(first) == frame_rows(second)
    assert frame_rows(first) != frame_rows(first.assign(c=[0.3, 1.0001]))
    shares = [k / 640 for k in range(641)]
    up = [float(np.nextafter(share, 2)) for share in shares]

    def rows(values: list[Any]) -> list[str]:
        return frame_rows(pd.DataFrame({"x": values}))

    assert rows(shares) == rows(up)
