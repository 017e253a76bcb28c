"""Each number of the README's answer is that of the published records."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from d2vbench.analysis import RunData, load_run, own_best
from d2vbench.analysis.contrasts.variants import variants_of
from d2vbench.report.document.phrases import points

ROOT = Path(__file__).resolve().parents[1]
REAL = ROOT / "results" / "published" / "real"
REPLICATION = ROOT / "results" / "published" / "replication"
COMBINED, ALONE = "combined() linear", "domain-only(4) linear"
FINISH = "mixed-finish(4) restart"
OVERSAMPLED, RESTART = "oversampled(4) linear", "sequential(4) restart"
FORGOTTEN = ["generic_before_accuracy_all", "generic_accuracy_all"]


@functools.lru_cache(maxsize=2)
def run(folder: Path) -> RunData:
    return load_run(folder)


@functools.lru_cache(maxsize=1)
def means() -> pd.DataFrame:
    """(model, variant, share of D, pair): means over seeds, from the records."""
    data = run(REAL)
    # Other studies try other settings, which are no part of these means.
    names = ("strategies", "schedules", "domain-size", "transfer")
    studies = [part["cells"] for part in data.manifest["studies"] if part["name"] in names]
    assert len(studies) == len(names)
    cells = data.cells[data.cells["key"].isin(set().union(*studies))]
    named = variants_of(cells)
    cells = cells.assign(variant=[f"{v.strategy}({v.arguments}) {v.schedule_text}" for v in named])
    by = ["model", "variant", "fraction", "pair"]
    seeds = cells.groupby(by)["seed"]
    assert seeds.nunique().eq(5).all()
    assert seeds.size().eq(5).all()
    return cells.groupby(by)[["accuracy_all", "accuracy_10", *FORGOTTEN]].mean()


def by_pair(variant: str, model: str = "dbow", labels: str = "all", share: float = 1) -> pd.Series:
    name = "baseline" if variant.endswith("-") else model
    return means().loc[(name, variant, share)][f"accuracy_{labels}"]


def gain(variant: str, model: str = "dbow") -> str:
    found = by_pair(variant, model) - by_pair(COMBINED, model)
    assert len(found.dropna()) == 6
    return points(float(found.mean()))


def accuracy(variant: str, labels: str = "all") -> str:
    found = by_pair(variant, labels=labels)
    assert len(found) == 6
    return f"{100 * found.mean():.1f}"


@functools.lru_cache(maxsize=16)
def table(name: str) -> pd.DataFrame:
    (path,) = (REAL / "tables").glob(f"{name}*.csv")
    return pd.read_csv(path)


def votes(name: str, model: str) -> pd.DataFrame:
    found = table(name)
    found = found[(found["role"] == "vote") & (found["model"] == model)]
    assert found["pair"].nunique() == 6
    return found


def better(strategy: str, k: int, schedule: str, model: str = "dbow") -> int:
    """On how many pairs a variant is better than combined, all labels."""
    parts = [pd.read_csv(path) for path in (REAL / "tables").glob(f"strategies-*-{model}.csv")]
    rows = pd.concat(parts)
    rows = rows[(rows["strategy"] == strategy) & (rows["schedule"] == schedule)]
    rows = rows[(rows["labels"] == "all") & (rows["k"].astype(str).isin([str(k), f"{k}.0"]))]
    assert len(rows) == 6
    return int((rows["verdict"] == "better").sum())


def low_to_high(values: Iterable[float]) -> str:
    found = list(values)
    return f"{points(float(min(found)))} to {points(float(max(found)))}"


def kept(variant: str, model: str) -> str:
    rows = means().loc[(model, variant, 1.0)]
    assert len(rows) == 6
    return low_to_high(rows[FORGOTTEN[1]] - rows[FORGOTTEN[0]])


def same_product() -> float:
    """The largest difference between follow-ups of equal k times alpha, on any pair."""
    grid = {
        (k, a): by_pair(f"sequential({k}) follow-up({a})")
        for k, a in itertools.product((1, 2, 4, 8), (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05))
    }
    found = []
    for (one, first), (two, second) in itertools.combinations(grid.items(), 2):
        if np.isclose(one[0] * one[1], two[0] * two[1]):
            found += (first - second).abs().dropna().tolist()
    assert len(found) >= 30
    return max(found)


def of_generic(share: float, model: str = "dbow") -> list[str]:
    """What the generic corpus adds to the domain presented as often."""
    found = by_pair(OVERSAMPLED, model, share=share) - by_pair(ALONE, model, share=share)
    three = ("newsgroups-sci", "newsgroups-comp", "20newsgroups-ohsumed")
    return [points(float(found[pair])) for pair in three]


def errors(engine: str, beside: bool = True) -> str:
    cells = run(REPLICATION).cells
    mine = cells[(cells["pair"] == "imdb-published") & (cells["vectors"] == "trained")]
    mine = mine[mine["engine"] == engine].set_index("model")["accuracy_all"]
    published = {"dbow": 0.1052, "dm-mean": 0.1709, "dm-concat": 0.3092}
    titles = {"dbow": "PV-DBOW", "dm-mean": "PV-DM/mean", "dm-concat": "PV-DM/concat"}
    return ", ".join(
        f"{titles[model]} {1 - mine[model]:.3f}" + f" (published {error:.3f})" * beside
        for model, error in published.items()
        if model in mine
    )


def at_its_best() -> dict[str, pd.DataFrame]:
    """Strategy to its rows of study tuned, all labels, one a pair."""
    rows = pd.concat([pd.read_csv(path) for path in (REAL / "tables").glob("tuned-*.csv")])
    rows = rows[rows["labels"] == "all"]
    assert set(rows["setting"]) == {"at its own best"}
    return {str(strategy): of for strategy, of in rows.groupby("strategy")}


def tuned(strategy: str) -> str:
    rows = at_its_best()[strategy]
    assert not (rows["verdict"] == "worse").any()
    better = set(rows["pair"][rows["verdict"] == "better"])
    assert better == {"20newsgroups-ohsumed", "reuters-ohsumed", "reuters-comp"}
    assert len(rows) == 6
    mean = points(float(rows["difference"].mean()))
    return f"{mean} ({low_to_high(rows['difference'])}, better on {len(better)})"


def of_generic_vocabulary() -> str:
    """What the words of the generic corpus alone change, against those of both."""
    rows = pd.concat([pd.read_csv(path) for path in (REAL / "tables").glob("vocabulary-*.csv")])
    rows = rows[(rows["labels"] == "all") & (rows["schedule"] == "restart")]
    rows = rows[(rows["strategy"] == "sequential") & (rows["k"].astype(float) == 4)]
    by = rows.set_index(["vocabulary_policy", "pair"])["accuracy"]
    found = by["generic"] - by["shared"]
    assert len(found) == 3
    return low_to_high(found)


def expansions(policy: str, outcome: str) -> str:
    cells = run(REAL).cells
    found = cells["expansion_outcome"][cells["vocabulary_policy"] == policy]
    return f"{int((found == outcome).sum())} of {len(found)}"


@functools.lru_cache(maxsize=1)
def sentences() -> list[str]:
    pairs = table("pairs")
    shuffled = "claim-c1-sequential-minus-shuffled"
    same = {model: votes(shuffled, model) for model in ("dbow", "dbow-words", "dm-mean")}
    worse = {m: int((rows["vote"] == "supports").sum()) for m, rows in same.items()}
    regret = table("transfer-regret")
    regret = regret[regret["labels"] == "all"]["regret"]
    cost = by_pair("sequential(4) follow-up(0.001)") - by_pair("sequential(4) follow-up(0.025)")
    small, whole, in_dm = of_generic(0.01), of_generic(1), of_generic(1, "dm-mean")
    assert better("oversampled", 4, "linear") == better("sequential", 4, "restart") == 6
    return [
        f"Six pairs of real corpora with {pairs['train_documents'].min():,} to "
        f"{pairs['train_documents'].max():,} training documents of the domain, five seeds, ten "
        "passes over the generic corpus",
        f"`oversampled(4)` gains {gain(OVERSAMPLED)} points over `combined`, better beyond noise "
        "on all 6 pairs",
        f"in PV-DBOW with words {gain(OVERSAMPLED, 'dbow-words')} (better on "
        f"{better('oversampled', 4, 'linear', 'dbow-words')}), in PV-DM/mean "
        f"{gain(OVERSAMPLED, 'dm-mean')} (better on "
        f"{better('oversampled', 4, 'linear', 'dm-mean')})",
        f"k of 2, 4 and 8 gives {gain('oversampled(2) linear')}, {gain(OVERSAMPLED)} and "
        f"{gain('oversampled(8) linear')}",
        f"`mixed-finish(4)`, {gain(FINISH)}, and `reverse(4)`, {gain('reverse(4) restart')}",
        f"`selected(0.5)`, {gain('selected(0.5) linear')}",
        f"`sequential(4)` with a restart gains {gain(RESTART)}, better beyond noise on all 6 pairs",
        f"with words {gain(RESTART, 'dbow-words')}, in PV-DM/mean {gain(RESTART, 'dm-mean')}",
        f"{low_to_high(same['dbow']['estimate'])} points in PV-DBOW, worse on "
        f"{worse['dbow']} of 6 pairs",
        f"{low_to_high(same['dbow-words']['estimate'])} with words, worse on {worse['dbow-words']}",
        f"{low_to_high(same['dm-mean']['estimate'])} in PV-DM/mean, worse on {worse['dm-mean']}",
        f"changes accuracy by {low_to_high(cost)} points",
        f"`sequential(1)` is {gain('sequential(1) restart')} points from `combined` with a restart "
        f"and {gain('sequential(1) linear')} in one decay",
        f"differ by {100 * same_product():.1f} points at most",
        f"a start that was chosen on the other five pairs loses {100 * regret.min():.1f} to "
        f"{100 * regret.max():.1f} points",
        f"`domain-only(4)` gains {gain(ALONE)} over `combined` without having seen it",
        f"with 1 % of the domain it adds {small[0]} points on `newsgroups-sci`, {small[1]} on "
        f"`newsgroups-comp` and {small[2]} on `20newsgroups-ohsumed`, with all of it {whole[0]}, "
        f"{whole[1]} and {whole[2]}",
        f"in PV-DM/mean, with all of it, {in_dm[0]}, {in_dm[1]} and {in_dm[2]}",
        f"by {kept(RESTART, 'dbow')} points in PV-DBOW and {kept(RESTART, 'dm-mean')} in "
        "PV-DM/mean",
        f"after `mixed-finish(4)` by {kept(FINISH, 'dbow')}",
        f"TF-IDF has {accuracy('tf-idf() -')} % on average, `oversampled(4)` "
        f"{accuracy(OVERSAMPLED)} %",
        f"ten labels a class {accuracy('tf-idf() -', '10')} % and {accuracy(OVERSAMPLED, '10')} %",
        f"`oversampled` gains {tuned('oversampled')} over `combined`, `domain-only` "
        f"{tuned('domain-only')} and `sequential` {tuned('sequential')}",
        f"changes accuracy of `sequential(4)` with a restart by {of_generic_vocabulary()} points",
        f"`build_vocab(update=True)` ended in a crash in {expansions('expanded', 'crash')} trials "
        "with new tags and wrote over the vectors of old documents in "
        f"{expansions('expanded-restarted-tags', 'overwrite')} with tags from the start",
        errors("native"),
        f"gensim's own core gives {errors('gensim', beside=False)}",
    ]


def answer() -> str:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return " ".join(text.split("\n## The answer so far\n")[1].split("\n## ")[0].split())


def test_combined_at_its_best_takes_two_or_four_times_the_epochs() -> None:
    data = run(REAL)
    (cells,) = (part["cells"] for part in data.manifest["studies"] if part["name"] == "tuned")
    mine = data.only(data.cells["key"].isin(cells) & (data.cells["strategy"] == "combined"))
    assert set(mine.cells["epochs"]) == {10, 20, 40}
    _, choices = own_best(mine)
    assert set(choices["candidates"]) == {9}
    best = mine.cells.groupby(["pair", "seed"])["cv_accuracy_all"].idxmax()
    assert set(mine.cells.loc[best, "epochs"]) == {20, 40}


def test_the_readme_says_what_was_measured() -> None:
    said = answer()
    assert [sentence for sentence in sentences() if sentence not in said] == []


def test_no_other_number_is_in_the_answer() -> None:
    rest = answer()
    for sentence in sentences():
        rest = rest.replace(sentence, "")
    rest = re.sub(r"\]\([^)]*\)|`[^`]*`", "", rest)
    assert re.findall(r"\d[\d.,]*", rest) == []
