"""Each number of the README's answer is that of the published records."""

from __future__ import annotations

import functools
import re
from pathlib import Path

import pandas as pd
import pytest

from d2vbench.analysis import load_run
from d2vbench.report.tables import points

ROOT = Path(__file__).resolve().parents[1]
REAL = ROOT / "results" / "published" / "real"
REPLICATION = ROOT / "results" / "published" / "replication"


@functools.lru_cache(maxsize=1)
def means() -> pd.DataFrame:
    """(variant, pair): mean accuracy over seeds, both label budgets, from the records."""
    cells = load_run(REAL).cells
    name = cells["strategy"] + "(" + cells["k"].fillna("") + ") " + cells["schedule"]
    assert cells.groupby(["pair", name])["seed"].nunique().eq(5).all()
    columns = ["accuracy_all", "accuracy_10"]
    return cells.assign(variant=name).groupby(["variant", "pair"])[columns].mean()


def by_pair(variant: str, labels: str = "all") -> pd.Series:
    return means().loc[variant][f"accuracy_{labels}"]


def gain(variant: str, labels: str = "all") -> str:
    return points(float((by_pair(variant, labels) - by_pair("combined() linear", labels)).mean()))


def accuracy(variant: str, labels: str = "all") -> str:
    return f"{100 * by_pair(variant, labels).mean():.1f}"


@functools.lru_cache(maxsize=16)
def table(name: str) -> pd.DataFrame:
    (path,) = (REAL / "tables").glob(f"{name}*.csv")
    return pd.read_csv(path)


def votes(name: str) -> pd.DataFrame:
    found = table(name)
    return found[found["role"] == "vote"]


def verdicts(strategy: str, k: int, schedule: str) -> pd.Series:
    """Of a variant against combined, all labels, on each pair."""
    parts = [pd.read_csv(path) for path in (REAL / "tables").glob("strategies-*-dbow.csv")]
    whole = pd.concat(parts)
    rows = whole[(whole["strategy"] == strategy) & (whole["schedule"] == schedule)]
    rows = rows[(rows["labels"] == "all") & (rows["k"] == k)]
    assert len(rows) == 6
    return rows["verdict"]


def low_to_high(values: pd.Series) -> str:
    return f"{points(float(values.min()))} to {points(float(values.max()))}"


def better(strategy: str, k: int, schedule: str) -> str:
    found = verdicts(strategy, k, schedule)
    assert (found == "better").all()
    return f"better beyond noise on all {len(found)} pairs"


def errors() -> str:
    cells = load_run(REPLICATION).cells
    mine = cells[(cells["pair"] == "imdb-published") & (cells["vectors"] == "trained")]
    mine = mine[mine["engine"] == "native"].set_index("model")["accuracy_all"]
    published = {"dbow": 0.1052, "dm-mean": 0.1709, "dm-concat": 0.3092}
    titles = {"dbow": "PV-DBOW", "dm-mean": "PV-DM/mean", "dm-concat": "PV-DM/concat"}
    return ", ".join(
        f"{titles[model]} {1 - mine[model]:.3f} (published {error:.3f})"
        for model, error in published.items()
    )


def sentences() -> list[str]:
    pairs = table("pairs")
    c1, c3, c8 = votes("claim-c1"), votes("claim-c3"), votes("claim-c8")
    assert set(c1["vote"]) == {"undecided"}
    same = c3[c3["first"] == "oversampled(4)"]
    regret = table("transfer-regret")
    regret = regret[regret["labels"] == "all"]["regret"]
    starts = [f"sequential(4) follow-up({a})" for a in ("0.001", "0.025")]
    cost = by_pair(starts[0]) - by_pair(starts[1])
    assert len(same) == len(c1) == len(c8) == 6
    return [
        f"Six pairs of real corpora with {pairs['train_documents'].min():,} to "
        f"{pairs['train_documents'].max():,} training documents of the domain, PV-DBOW, five "
        "seeds, ten passes over the generic corpus",
        f"`oversampled(4)` gains {gain('oversampled(4) linear')} points over `combined`, "
        f"{better('oversampled', 4, 'linear')}",
        f"`sequential(4)` with a restart gains {gain('sequential(4) restart')}, "
        f"{better('sequential', 4, 'restart')}",
        f"the same documents equally often, in sequence or shuffled: {low_to_high(c1['estimate'])} "
        "points, undecided on every pair",
        f"`domain-only(4)` gains {gain('domain-only(4) linear')} without having seen it",
        f"with it and without it differ by {low_to_high(same['estimate'])} points",
        f"{points(float(cost.min()))} to {points(float(cost.max()))} points",
        f"`sequential(1)` is {gain('sequential(1) restart')} points from `combined` with a restart "
        f"and {gain('sequential(1) linear')} in one decay",
        f"a start that was chosen on the other five pairs loses {100 * regret.min():.1f} to "
        f"{100 * regret.max():.1f} points",
        f"by {low_to_high(c8['estimate'])} points",
        f"TF-IDF has {accuracy('tf-idf() -')} % on average, `oversampled(4)` "
        f"{accuracy('oversampled(4) linear')} %",
        f"ten labels a class {accuracy('tf-idf() -', '10')} % and "
        f"{accuracy('oversampled(4) linear', '10')} %",
        errors(),
    ]


def answer() -> str:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return " ".join(text.split("\n## The answer so far\n")[1].split("\n## ")[0].split())


@pytest.mark.parametrize("number", range(13))
def test_the_readme_says_what_was_measured(number: int) -> None:
    assert sentences()[number] in answer()


def test_no_other_number_is_in_the_answer() -> None:
    rest = answer()
    for sentence in sentences():
        rest = rest.replace(sentence, "")
    rest = re.sub(r"\]\([^)]*\)|`[^`]*`", "", rest)
    assert re.findall(r"\d[\d.,]*", rest) == []
