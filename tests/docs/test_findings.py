"""Each number of an answer is one estimand, recomputed here from the published records.

The answers are docs/choosing.md and the first page of the README, which docs/index.md shows too.

The queries read the JSON records themselves, so that a fault of the analysis cannot hide here.
"""

from __future__ import annotations

import functools
import gzip
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import four_pairs
import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
PUBLISHED = ROOT / "results" / "published"
# The six pairs of the first study, as docs/choosing.md lists them.
PAIRS = (
    "newsgroups-sci", "newsgroups-comp", "20newsgroups-imdb", "20newsgroups-ohsumed",
    "reuters-ohsumed", "reuters-comp",
)  # fmt: skip
TITLES = {"dbow": "PV-DBOW", "dbow-words": "with words", "dm-mean": "PV-DM/mean"}
# Strategies of the table: name, k, schedule.
ALONE, COMBINED = ("domain-only", 4, "linear"), ("combined", None, "linear")
OVERSAMPLED, RESTART = ("oversampled", 4, "linear"), ("sequential", 4, "restart")

Record = dict[str, Any]


@functools.cache
def records(folder: str) -> list[Record]:
    path = PUBLISHED / folder / "records.jsonl.gz"
    return [json.loads(line) for line in gzip.open(path, "rt", encoding="ascii")]


@functools.cache
def trained(folder: str) -> dict[tuple[Any, ...], dict[int, Record]]:
    """All that tells trained cells apart but the seed, to the records by seed."""
    found: dict[tuple[Any, ...], dict[int, Record]] = {}
    for record in records(folder):
        cell = record["cell"]
        if "baseline" in cell:
            continue
        cell = {**cell, "seed": None, "classifiers": None}
        # Other label budgets are other records of the same training; diagnostics move no accuracy.
        plain = {name: value for name, value in cell.items() if name != "diagnosed"}
        key = json.dumps({**plain, "budgets": None}, sort_keys=True)
        for budget in record["metrics"]:
            found.setdefault((key, budget), {})[record["cell"]["seed"]] = record
    return found


def usual(
    pair: str,
    strategy: tuple[str, int | str | None, str],
    model: str,
    policy: str,
    *,
    share: float | None = None,
    value: float | None = None,
    epochs: int = 10,
    fraction: float = 1.0,
    engine: str = "native",
) -> dict[str, Any]:
    """Return a cell with the study's usual settings."""
    name, k, schedule = strategy
    return {
        "pair": pair, "fraction": fraction, "family": "doc2vec",
        "settings": {
            "model": model, "vector_size": 100, "window": 5, "negative": 5, "sample": 1e-4,
            "min_count": 5, "vocabulary": policy, "engine": engine,
        },
        "strategy": {"name": name, "k": k, "share": share},
        "schedule": {"name": schedule, "value": value}, "seed": None, "epochs": epochs,
        "alpha": 0.025, "min_alpha": 0.0001,
        "inference": {"epochs": 20, "alpha": 0.025, "min_alpha": 0.0001}, "budgets": None,
        "classifiers": None, "vectors": "inferred",
    }  # fmt: skip


def accuracy(
    pair: str,
    strategy: tuple[str, int | str | None, str],
    labels: str = "all",
    model: str = "dbow",
    policy: str = "natural",
    folder: str = "real",
    seeds: int = 5,
    **more: Any,
) -> float:
    """Return the mean accuracy over seeds of one estimand, in %."""
    cell = usual(pair, strategy, model, policy, **more)
    found = trained(folder)[json.dumps(cell, sort_keys=True), labels]
    assert sorted(found) == list(range(seeds)), (pair, strategy, labels, sorted(found))
    return 100 * float(
        np.mean([r["metrics"][labels]["logistic"]["accuracy"] for r in found.values()])
    )


def baseline(pair: str, labels: str, name: str = "tf-idf") -> float:
    found = [
        record["metrics"][labels]
        for record in records("strategies")
        if record["cell"].get("baseline") == name
        and (record["cell"]["pair"], record["cell"]["fraction"]) == (pair, 1.0)
    ]
    assert len(found) == 3
    return 100 * float(np.mean([next(iter(said.values()))["accuracy"] for said in found]))


def points(value: float) -> str:
    return f"{value:+.1f}".replace("-0.0", "+0.0")


def low_to_high(values: Iterable[float]) -> str:
    found = list(values)
    return f"{points(min(found))} to {points(max(found))}"


def gap(
    first: tuple[str, int | str | None, str],
    second: tuple[str, int | str | None, str],
    labels: str = "all",
    model: str = "dbow",
    pairs: Iterable[str] = PAIRS,
    **more: Any,
) -> str:
    """Return the difference of two strategies on each pair, lowest and highest."""
    return low_to_high(
        accuracy(pair, first, labels, model, **more) - accuracy(pair, second, labels, model, **more)
        for pair in pairs
    )


def area_of_domain(record: Record) -> float | None:
    """Sum of alpha over the passes of D, where documents are shuffled evenly; else None."""
    (plan,) = record["plans"] if len(record["plans"]) == 1 else ({"phases": []},)
    phases = plan["phases"]
    if not phases or any((p["order"], p["spread"]) != ("shuffled", "even") for p in phases):
        return None
    total = 0.0
    for phase in phases:
        passes = _number(phase["domain"]["stop"]) - _number(phase["domain"]["start"])
        parts = [(_number(a["epochs"]), (a["start"] + a["end"]) / 2) for a in phase["alpha"]]
        total += passes * sum(n * mean for n, mean in parts) / sum(n for n, _ in parts)
    return total


def _number(value: int | str) -> float:
    top, _, bottom = str(value).partition("/")
    return int(top) / int(bottom or 1)


def explained(pair: str) -> tuple[float, float]:
    """Share of the variance of accuracy over variants that a cubic in the area of D explains.

    Beside it the same of a cubic in the logarithm of the words trained. PV-DBOW, all labels, all of
    D, natural counts, inference as pinned, variants of five seeds that show D.
    """
    points_of: dict[str, list[tuple[float, float, float]]] = {}
    for record in records("real"):
        cell = record["cell"]
        if "baseline" in cell or cell["pair"] != pair or cell["fraction"] != 1.0:
            continue
        same = cell["settings"]["model"] == "dbow", cell["settings"]["vocabulary"] == "natural"
        area = area_of_domain(record)
        if not all(same) or not area or cell["inference"]["epochs"] != 20:
            continue
        if cell["inference"]["alpha"] != 0.025 or cell["vectors"] != "inferred":
            continue
        key = json.dumps({**cell, "seed": None, "budgets": None}, sort_keys=True)
        found = record["metrics"].get("all")
        if found:
            words = record["counts"]["words_trained"]
            one = (area, np.log(words), found["logistic"]["accuracy"])
            points_of.setdefault(key, []).append(one)
    means = np.array([np.mean(of, axis=0) for of in points_of.values() if len(of) >= 5])
    assert len(means) >= 40
    return _r2(np.log(means[:, 0]), means[:, 2]), _r2(means[:, 1], means[:, 2])


def _r2(x: Any, y: Any) -> float:
    left = y - np.polyval(np.polyfit(x, y, 3), x)
    return float(1 - left.var() / y.var())


def repaired() -> str:
    """Points that the repaired expansion loses against one vocabulary, each pair its own."""
    found = []
    for pair in ("20newsgroups-ohsumed", "newsgroups-comp", "newsgroups-sci"):
        later = accuracy(pair, RESTART, policy="expanded-repaired", engine="gensim")
        found.append(later - accuracy(pair, RESTART))
    return low_to_high(found)


def ended(policy: str, outcome: str) -> str:
    found = [
        record["expansion"]["outcome"]
        for record in records("real")
        if record["cell"].get("settings", {}).get("vocabulary") == policy
    ]
    return f"{found.count(outcome)} of {len(found)}"


def kept(
    strategy: tuple[str, int | str | None, str],
    model: str,
    pairs: Iterable[str] = PAIRS,
    policy: str = "natural",
    folder: str = "real",
    seeds: int = 5,
    epochs: int = 10,
) -> str:
    """What a follow-up changes of accuracy on the generic corpus' own task, by pair."""
    found = []
    for pair in pairs:
        cell = usual(pair, strategy, model, policy, epochs=epochs)
        of = trained(folder)[json.dumps(cell, sort_keys=True), "all"]
        changes = [
            r["generic"]["after"]["accuracy"] - r["generic"]["before"]["accuracy"]
            for r in of.values()
        ]
        assert len(changes) == seeds
        found.append(100 * float(np.mean(changes)))
    return low_to_high(found)


# The new study of counts: three pairs, three seeds, E = 5.
COUNTED = ("imdb-ohsumed", "20newsgroups-ohsumed", "newsgroups-sci")
NOISE = "noise(presented)"


def counted(pair: str, strategy: tuple[str, int | None, str], labels: str, policy: str) -> float:
    return accuracy(pair, strategy, labels, "dbow", policy, "counts", 3, epochs=5)


def count_rows() -> list[str]:
    """The rows of the table of counts, each number one estimand."""
    columns = (
        (COMBINED, "presented"), (OVERSAMPLED, "natural"), (OVERSAMPLED, NOISE),
        (OVERSAMPLED, "presented"), (ALONE, "natural"), (ALONE, "presented"),
    )  # fmt: skip
    made = []
    for pair in COUNTED:
        sizes = {
            record["counts"]["generic_words"] / record["counts"]["domain_words"]
            for record in records("counts")
            if record["cell"]["pair"] == pair
        }
        (ratio,) = sizes
        for labels in ("all", "10"):
            numbers = (f"{counted(pair, one, labels, policy):.1f}" for one, policy in columns)
            made.append(f"| {pair} | {ratio:.1f} | {labels} | {' | '.join(numbers)} |")
    return made


# The strategies that people ask for: two pairs, three seeds, E = 5, counts as presented.
ASKED = ("20newsgroups-ohsumed", "newsgroups-sci")


def asked(
    first: tuple[str, int, str],
    second: tuple[str, int, str],
    model: str = "dbow",
    value: float | None = None,
    share: float | None = None,
) -> str:
    """Return the difference of two strategies on each pair, all labels and 10 a class."""
    of = {"model": model, "policy": "presented", "folder": "strategies", "seeds": 3, "epochs": 5}
    return ", ".join(
        points(
            accuracy(pair, first, labels, value=value, share=share, **of)
            - accuracy(pair, second, labels, **of)
        )
        for pair in ASKED
        for labels in ("all", "10")
    )


def tf_idf() -> str:
    reached = [f"{baseline(pair, labels):.1f}" for pair in ASKED for labels in ("all", "10")]
    return ", ".join(reached)


COUNT_ROWS = [(pair, labels) for pair in COUNTED for labels in ("all", "10")]


def steps() -> list[tuple[float, float]]:
    """What presentations and what counts add from combined to oversampled(4), row by row."""
    return [
        (
            counted(pair, OVERSAMPLED, labels, "natural")
            - counted(pair, COMBINED, labels, "presented"),
            counted(pair, OVERSAMPLED, labels, "presented")
            - counted(pair, OVERSAMPLED, labels, "natural"),
        )
        for pair, labels in COUNT_ROWS
    ]


def step_by_step() -> str:
    return ", ".join(f"{points(passes)} and {points(counts)}" for passes, counts in steps())


def helped() -> str:
    """What generic text adds to the domain alone, both as presented, row by row."""
    return ", ".join(
        points(
            counted(pair, OVERSAMPLED, labels, "presented")
            - counted(pair, ALONE, labels, "presented")
        )
        for pair, labels in COUNT_ROWS
    )


def lost(labels: str) -> str:
    """What the domain alone loses to natural counts beside the largest generic corpus."""
    pair = COUNTED[0]
    loss = counted(pair, ALONE, labels, "presented") - counted(pair, ALONE, labels, "natural")
    return f"{loss:.1f}"


def by_noise() -> str:
    """What the table of negative samples adds of what all counts add, where that is over 3."""
    return ", ".join(
        f"{points(noise)} of {points(counts)}"
        for noise, (_, counts) in zip(noise_steps(), steps(), strict=True)
        if counts > 3
    )


def noise_steps() -> list[float]:
    return [
        counted(pair, OVERSAMPLED, labels, NOISE) - counted(pair, OVERSAMPLED, labels, "natural")
        for pair, labels in COUNT_ROWS
    ]


def _low_follow_up(labels: str) -> tuple[float, float]:
    """What a follow-up from 0.001 in place of 0.025 changes: the lowest and the highest pair."""
    follow = ("sequential", 4, "follow-up")
    changes = [
        accuracy(pair, follow, labels, value=0.001) - accuracy(pair, follow, labels, value=0.025)
        for pair in PAIRS
    ]
    return min(changes), max(changes)


@functools.cache
def sentences() -> tuple[str, ...]:
    one, slow = ("sequential", 1, "restart"), ("sequential", 1, "linear")
    low = {labels: low_to_high(_low_follow_up(labels)) for labels in ("all", "10")}
    forgotten = kept(RESTART, "dbow", COUNTED, "presented", "counts", 3, 5)
    adapted, anchored, calls = (
        (name, k, "restart") for name, k in (("adapted", 4), ("anchored", 4), ("loop", 4))
    )
    words, frozen = (
        (name, 4, "restart") for name in ("pretrained-words", "pretrained-words-frozen")
    )
    lowered = ("loop", 4, "lowered")
    curves = [explained(pair) for pair in PAIRS]
    by_area, by_words = zip(*curves, strict=True)
    return (
        f"by {gap(OVERSAMPLED, COMBINED)} points with all labels and "
        f"{gap(OVERSAMPLED, COMBINED, '10')} with 10 labels a class",
        f"In PV-DBOW with words it is {gap(OVERSAMPLED, COMBINED, 'all', 'dbow-words')} and "
        f"{gap(OVERSAMPLED, COMBINED, '10', 'dbow-words')}, in PV-DM/mean "
        f"{gap(OVERSAMPLED, COMBINED, 'all', 'dm-mean')} and "
        f"{gap(OVERSAMPLED, COMBINED, '10', 'dm-mean')}",
        f"is {gap(ALONE, OVERSAMPLED)} points from `oversampled(4)` in PV-DBOW (10 labels: "
        f"{gap(ALONE, OVERSAMPLED, '10')}), {gap(ALONE, OVERSAMPLED, 'all', 'dbow-words')} with "
        f"words ({gap(ALONE, OVERSAMPLED, '10', 'dbow-words')}) and "
        f"{gap(ALONE, OVERSAMPLED, 'all', 'dm-mean')} in PV-DM/mean "
        f"({gap(ALONE, OVERSAMPLED, '10', 'dm-mean')})",
        f"is {gap(RESTART, OVERSAMPLED)} points from `oversampled(4)`, the same documents equally "
        f"often, in PV-DBOW (10 labels: {gap(RESTART, OVERSAMPLED, '10')}), "
        f"{gap(RESTART, OVERSAMPLED, 'all', 'dbow-words')} with words "
        f"({gap(RESTART, OVERSAMPLED, '10', 'dbow-words')}) and "
        f"{gap(RESTART, OVERSAMPLED, 'all', 'dm-mean')} in PV-DM/mean "
        f"({gap(RESTART, OVERSAMPLED, '10', 'dm-mean')})",
        f"changes `sequential(4)` by {low['all']} points (10 labels: {low['10']})",
        f"`sequential(1)` is {gap(one, COMBINED)} from `combined` with a restart and "
        f"{gap(slow, COMBINED)} in one decay",
        f"explains {min(by_area):.2f} to {max(by_area):.2f} of the variance of accuracy; one in "
        f"the logarithm of the words trained explains {min(by_words):.2f} to {max(by_words):.2f}",
        f"`oversampled(4)` is {helped()} points from `domain-only(4)`, in the order of the rows",
        f"Presentations and counts add, in that order: {step_by_step()} points",
        f"`domain-only(4)` loses {lost('all')} points (10 labels: {lost('10')}) to a vocabulary",
        f"nearly all of it is the table of negative samples ({by_noise()})",
        f"crashed in {ended('expanded', 'crash')} trials with new tags, and wrote over old "
        f"documents' vectors in {ended('expanded-restarted-tags', 'overwrite')} with tags from the "
        "start",
        f"it worked in {ended('expanded-repaired', 'success')}, at {repaired()} points against one "
        "vocabulary",
        f"{kept(RESTART, 'dbow')} points after `sequential(4)` with a restart in PV-DBOW, "
        f"{kept(RESTART, 'dm-mean')} in PV-DM/mean",
        f"in the study of counts, as presented, {forgotten} in PV-DBOW",
        f"`adapted(4)` is {asked(adapted, RESTART)} points from `sequential(4)`",
        f"`anchored(4, 10)` {asked(anchored, RESTART, share=10.0)}",
        f"`anchored(4, 100)` {asked(anchored, RESTART, share=100.0)}",
        f"is {asked(calls, OVERSAMPLED)} points from `oversampled(4)`",
        f"lowered by `0.002` a call it is {asked(lowered, OVERSAMPLED, value=0.002)}, by `0.008`, "
        f"so that the last call is below zero, {asked(lowered, OVERSAMPLED, value=0.008)}",
        f"`pretrained-words(4)` is {asked(words, ALONE, 'dm-mean')} points from `domain-only(4)`, "
        f"with the word vectors fixed {asked(frozen, ALONE, 'dm-mean')}, and `sequential(4)` "
        f"{asked(RESTART, ALONE, 'dm-mean')}",
        f"TF-IDF of D with the same classifier reaches {tf_idf()}",
        errors("native"),
        f"gensim's own core gives {errors('gensim', beside=False)}",
    )


def rows() -> list[str]:
    """The rows of the table, each number one estimand."""
    strategies = (ALONE, COMBINED, OVERSAMPLED, RESTART)
    return [
        f"| {pair} | {labels} | "
        + " | ".join(f"{accuracy(pair, strategy, labels):.1f}" for strategy in strategies)
        + " |"
        for pair in PAIRS
        for labels in ("all", "10")
    ]


def errors(engine: str, beside: bool = True) -> str:
    published = {"dbow": 0.1052, "dm-mean": 0.1709, "dm-concat": 0.3092}
    titles = {"dbow": "PV-DBOW", "dm-mean": "PV-DM/mean", "dm-concat": "PV-DM/concat"}
    found = {}
    for record in records("replication"):
        cell = record["cell"]
        settings = cell.get("settings", {})
        wanted = (cell["pair"], cell.get("vectors"), settings.get("engine"))
        if wanted == ("imdb-published", "trained", engine):
            assert settings["model"] not in found
            found[settings["model"]] = 1 - record["metrics"]["all"]["logistic"]["accuracy"]
    return ", ".join(
        f"{titles[model]} {found[model]:.3f}" + f" (published {error:.3f})" * beside
        for model, error in published.items()
        if model in found
    )


# What the front page says in other words.
def front_sentences() -> tuple[str, ...]:
    # A restart is a follow-up from 0.025.
    low = four_pairs.against_restart("follow-up", 0.001)
    return (
        f"on imdb-ohsumed `domain-only(4)` loses {lost('all')} points to a vocabulary",
        f"on six pairs `sequential(4)` with a restart is {gap(RESTART, OVERSAMPLED)} points from "
        "`oversampled(4)`, the same documents equally often",
        f"starts at the learning rate `0.001` in place of `0.025` loses {-max(low):.1f} to "
        f"{-min(low):.1f} points",
    )


def front_rows() -> list[str]:
    made = []
    for pair in COUNTED:
        of = (counted(pair, one, "all", "presented") for one in (COMBINED, OVERSAMPLED, ALONE))
        rival = f"{baseline(pair, 'all'):.1f} " if pair in ASKED else ""
        made.append(f"| {pair} | {' | '.join(f'{number:.1f}' for number in of)} | {rival}|")
    return made


@dataclass(frozen=True)
class Answer:
    """A page that says what was measured."""

    text: str
    rows: list[str]
    sentences: tuple[str, ...]


def choosing() -> Answer:
    text = (ROOT / "docs" / "choosing.md").read_text(encoding="utf-8")
    return Answer(text, [*rows(), *count_rows()], sentences())


def front_page() -> Answer:
    """What the README begins with, up to where it says how to run it."""
    text = (ROOT / "README.md").read_text(encoding="utf-8").split("\n## Run it\n")[0]
    return Answer(text, front_rows(), front_sentences())


PAGES = pytest.mark.parametrize("page", [choosing, front_page])


@PAGES
def test_the_tables_are_those_of_the_records(page: Callable[[], Answer]) -> None:
    lines = page().text.splitlines()
    assert [row for row in page().rows if row not in lines] == []


@PAGES
def test_the_page_says_what_was_measured(page: Callable[[], Answer]) -> None:
    said = " ".join(page().text.split())
    assert [sentence for sentence in page().sentences if sentence not in said] == []


def test_the_words_between_the_numbers_are_true() -> None:
    larger = [passes > counts for passes, counts in steps()]
    assert larger.count(False) == 1
    over = [
        noise / counts
        for noise, (_, counts) in zip(noise_steps(), steps(), strict=True)
        if counts > 3
    ]
    assert len(over) >= 2 and min(over) > 0.85
    # The pair whose corpora resemble each other is the only one that generic text helps.
    signs = {
        pair: {
            counted(pair, OVERSAMPLED, labels, "presented")
            > counted(pair, ALONE, labels, "presented")
            for labels in ("all", "10")
        }
        for pair in COUNTED
    }
    assert [pair for pair in COUNTED if signs[pair] == {True}] == ["newsgroups-sci"]
    assert all(len(found) == 1 for found in signs.values())


def test_where_tf_idf_is_ahead() -> None:
    """Of all that was trained, or of how much of it in PV-DBOW."""

    def shares(pair: str, labels: str, model: str | None = None) -> float:
        reached = [
            100 * np.mean([r["metrics"][labels]["logistic"]["accuracy"] for r in of.values()])
            for (key, budget), of in trained("strategies").items()
            if budget == labels
            and json.loads(key)["pair"] == pair
            and model in (None, json.loads(key)["settings"]["model"])
        ]
        assert len(reached) >= 8
        return float(np.mean(baseline(pair, labels) > np.asarray(reached)))

    ohsumed, sci = ASKED
    assert shares(ohsumed, "all") == shares(ohsumed, "10") == 1
    assert 0 < shares(sci, "all", "dbow") < 1
    assert shares(sci, "10", "dbow") == 0


@PAGES
def test_no_other_number_is_on_the_page(page: Callable[[], Answer]) -> None:
    rest = page().text
    for row in page().rows:
        rest = rest.replace(row, "")
    rest = " ".join(rest.split())
    for sentence in page().sentences:
        rest = rest.replace(sentence, "")
    rest = re.sub(r"\]\([^)]*\)|`[^`]*`|\bC\d+\b|10 labels a class|20newsgroups-ohsumed", "", rest)
    rest = re.sub(r"domain-only\(4\)|oversampled\(4\)|sequential\(4\)|d2vbench|Doc2Vec", "", rest)
    assert re.findall(r"\d[\d.,]*", rest) == []
