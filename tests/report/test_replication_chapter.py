"""The study `replication` shows measured beside published, and claims nothing else."""

from __future__ import annotations

import numpy as np
import pandas as pd

from d2vbench.analysis import RunData
from d2vbench.analysis.studies.replication import PUBLISHED, replications
from d2vbench.bench.spec.cell import TrainedCell
from d2vbench.bench.spec.grids import replication
from d2vbench.bench.spec.request import Request
from d2vbench.report.document.contents import make_document
from d2vbench.report.studies.replication import (
    NOT_COMPARED,
    replication_chapter,
    replication_sentence,
    replication_table,
)

SETTINGS = {
    "fraction": 1.0, "k": 1, "share": None, "schedule": "linear", "schedule_value": None,
    "vocabulary_policy": "natural", "policy": "", "setting": "", "epochs": 20, "alpha": 0.025,
    "min_alpha": 0.0001, "inference_epochs": 20,
    "inference_alpha": 0.025, "inference_min_alpha": 0.0001, "vector_size": 100, "window": 5,
    "negative": 5, "sample": 0.0, "min_count": 2,
}  # fmt: skip


def run_with(*cells: tuple[str, str, str, str, float, int]) -> RunData:
    rows = [
        {
            "pair": pair, "model": model, "strategy": "shuffled-once", "seed": seed,
            "engine": engine, "vectors": vectors, "accuracy_all": accuracy,
            "macro_f1_all": accuracy,
            "key": f"{number}", **SETTINGS,
        }
        for number, (pair, model, engine, vectors, accuracy, seed) in enumerate(cells)
    ]  # fmt: skip
    keys = [str(row["key"]) for row in rows]
    manifest = {
        "study": "replication", "cells": keys, "pairs": {},
        "studies": [{"name": "replication", "question": "q", "cells": keys}],
    }  # fmt: skip
    right = {(str(row["key"]), "all"): np.arange(1000) < 1000 * row["accuracy_all"] for row in rows}
    return RunData(manifest, pd.DataFrame(rows), right, 0)


IMDB = (
    ("imdb-published", "dbow", "native", "trained", 0.897, 0),
    ("imdb-published", "dbow", "native", "inferred", 0.889, 0),
    ("imdb-published", "dbow", "gensim", "trained", 0.895, 0),
    ("ohsumed-20newsgroups", "dbow", "native", "trained", 0.70, 0),
    ("ohsumed-20newsgroups", "dbow", "native", "trained", 0.72, 1),
)


def test_measured_stands_beside_each_published_number() -> None:
    found = replications(run_with(*IMDB))
    (block,) = [b for b in replication_chapter(found).blocks if hasattr(b, "rows")]
    assert block.rows == (
        ("imdb-published", "PV-DBOW", "gensim", "native", "89.5", "89.7", "88.9", "1"),
        ("imdb-published", "PV-DBOW", "gensim", "gensim", "89.5", "89.5", "", "1"),
        ("ohsumed-20newsgroups", "PV-DBOW", "TWE", "native", "75.4", "71.0 (70.0 to 72.0)",
         "", "2"),
        ("ohsumed-20newsgroups", "PV-DBOW", "Text GCN", "native", "74.4", "71.0 (70.0 to 72.0)",
         "", "2"),
    )  # fmt: skip
    table = replication_table(found)
    assert table["trained"].tolist() == [0.897, 0.895, 0.71, 0.71]
    assert table["seeds_inferred"].tolist() == [1, 0, 0, 0]


def test_only_the_settings_of_the_source_make_a_sentence() -> None:
    found = replications(run_with(*IMDB))
    assert replication_sentence(found) == (
        "With the settings of the source, accuracy lies within 0.2 points of what is published "
        "(2 comparisons)."
    )
    assert replication_sentence(replications(run_with(*IMDB[1:2], *IMDB[3:]))) == ""


def test_the_report_compares_no_strategies() -> None:
    document = make_document(run_with(*IMDB))
    assert document.answer[-1] == NOT_COMPARED
    assert document.answer[0].startswith("With the settings of the source, ")
    assert [chapter.title for chapter in document.chapters] == [
        "Measured beside published", "Protocol", "Provenance"
    ]  # fmt: skip


def test_every_published_number_is_asked_for_by_the_study() -> None:
    cells = replication(Request("full"))
    asked = {(cell.pair, cell.settings.model) for cell in cells if isinstance(cell, TrainedCell)}
    assert asked == {(one.pair, one.model) for one in PUBLISHED}
