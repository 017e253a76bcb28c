"""results/README.md explains every column that a published cells.csv has."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pandas as pd
import pytest

RESULTS = Path(__file__).resolve().parents[2] / "results"
_PLACES = {
    "BUDGET": ("all", "5", "10", "20", "50", "whole", "whole-50", "whole-10", "tail-20", "400"),
    "METRIC": (
        "accuracy", "outside", "macro_f1", "words", "named", "f1_maker", "f1_part", "f1_person",
        "f1_place", "f1_organisation", "f1_exchange",
    ),
    "CHOICE": ("rate", "passes", "longest", "candidates", "documents", "named", "holdout_macro_f1"),
    "TABLE": ("outputs", "words"),
    "GROUP": ("absent", "domain", "across", "lost"),
    "WORDS": ("domain", "absent"),
    "SIDE": ("domain", "generic"),
    "HOW": ("raw", "aligned", "centred"),
    "X": (
        "empty", "all_out_of_vocabulary", "cut", "outcome", "signal", "gensim", "tags", "rows",
        "overwritten_rows", "vocabulary_before", "vocabulary_after", "prepare", "train", "infer",
        "evaluate", "diagnose", "choose_inference", "fine_tune", "share", "accuracy", "neighbours",
    ),
}  # fmt: skip


def explained() -> set[str]:
    text = (RESULTS / "README.md").read_text(encoding="utf-8").split("## Columns of cells.csv\n")[1]
    found = set()
    for row in re.findall(r"^\| (`[^|]*`) \|", text, re.MULTILINE):
        for name in re.findall(r"`([^`]+)`", row):
            places = [place for place in _PLACES if re.search(rf"(^|_){place}(_|$)", name)]
            for values in itertools.product(*(_PLACES[place] for place in places)):
                made = name
                for place, value in zip(places, values, strict=True):
                    made = re.sub(rf"(^|_){place}(?=_|$)", rf"\g<1>{value}", made)
                found.add(made)
    return found


@pytest.mark.parametrize(
    "path", sorted(RESULTS.glob("published/*/cells.csv")), ids=lambda p: p.parent.name
)
def test_every_column_is_explained(path: Path) -> None:
    columns = set(pd.read_csv(path, nrows=0).columns)
    assert len(columns) > 30
    assert columns - explained() == set()


def test_every_published_folder_is_in_the_table() -> None:
    text = (RESULTS / "README.md").read_text(encoding="utf-8")
    folders = {path.name for path in (RESULTS / "published").iterdir()}
    assert set(re.findall(r"^\| `published/([\w-]+)` \|", text, re.MULTILINE)) == folders
