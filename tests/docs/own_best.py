"""Part 2 of the second study from its published records: each strategy at its own best.

Candidates are read from the JSON records, chosen here by their accuracy in cross-validation, and
held against what `d2vbench.analysis` chooses. The means over new corpora are those of the analysis.
"""

from __future__ import annotations

import functools
import gzip
import json
import math
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from published_records import ALONE, trained, usual
from registered import HELD_OUT, points, seen, shown

from d2vbench.analysis.contrasts.contrasts import Scorebook
from d2vbench.analysis.contrasts.frame import load_run
from d2vbench.analysis.studies.frontier_over_pairs import AtBest, at_best

FOLDER = Path(__file__).resolve().parents[2] / "results" / "published" / "own-best"
SEEDS = 2
PLAIN, WITH_GENERIC, ANY, RIVAL = "domain-only", "best that shows G", "best of all", "tf-idf"
DOMAIN, BOTH, UNLIMITED = "four passes over D", "one over G, four over D", "no limit"


class Trained(NamedTuple):
    """A candidate, the mean over seeds."""

    strategy: str
    k: int | None
    alpha: float
    epochs: int
    words: float
    cv: float
    accuracy: float


@functools.cache
def records() -> tuple[dict[str, Any], ...]:
    with gzip.open(FOLDER / "records.jsonl.gz", "rt", encoding="ascii") as lines:
        return tuple(map(json.loads, lines))


@functools.cache
def candidates(labels: str) -> dict[str, list[Trained]]:
    """Return the candidates of each pair, from few words to many."""
    seeds: dict[tuple[Any, ...], list[tuple[float, float, float]]] = {}
    for record in records():
        cell = record["cell"]
        if "strategy" in cell:
            of, found = cell["strategy"], record["metrics"][labels]["logistic"]
            name = (cell["pair"], of["name"], of["k"], cell["alpha"], cell["epochs"])
            words = record["counts"]["words_trained"]
            numbers = (words, found["cv_accuracy"], found["accuracy"])
            seeds.setdefault(name, []).append(numbers)
    assert {len(of) for of in seeds.values()} == {SEEDS}
    found_by_pair: dict[str, list[Trained]] = {}
    for (pair, *name), of in seeds.items():
        means = [float(mean) for mean in np.mean(of, axis=0)]
        words, cv, accuracy = means
        found_by_pair.setdefault(pair, []).append(Trained(*name, words, round(cv, 12), accuracy))
    return {pair: sorted(some, key=lambda one: one.words) for pair, some in found_by_pair.items()}


@functools.cache
def rivals(labels: str) -> dict[str, float]:
    """Return the accuracy of TF-IDF of D on each pair, the mean over seeds."""
    found: dict[str, list[float]] = {}
    for record in records():
        if record["cell"].get("baseline") == RIVAL:
            value = record["metrics"][labels]["logistic"]["accuracy"]
            found.setdefault(record["cell"]["pair"], []).append(value)
    return {pair: float(np.mean(values)) for pair, values in found.items()}


@functools.cache
def sizes() -> dict[str, tuple[int, int]]:
    """Return the words of G and of D's training documents on each pair, as records have them."""
    return {
        record["cell"]["pair"]: (
            record["counts"]["generic_words"], record["counts"]["domain_words"],
        )
        for record in records()
        if "strategy" in record["cell"]
    }  # fmt: skip


def chosen(pair: str, name: str, labels: str, budget: str = UNLIMITED) -> Trained | None:
    """Return what cross-validation puts first within a budget, of equals the cheapest."""
    generic, domain = sizes()[pair]
    limit = {DOMAIN: 4 * domain, BOTH: generic + 4 * domain, UNLIMITED: math.inf}[budget]
    mine = [
        one
        for one in candidates(labels)[pair]
        if one.words <= limit
        and (name in (one.strategy, ANY) or (name == WITH_GENERIC and one.strategy != PLAIN))
    ]
    return max(mine, key=lambda one: one.cv, default=None)


def pairs() -> list[str]:
    return [pair for pair in candidates("all") if pair not in HELD_OUT]


@functools.cache
def compared() -> dict[tuple[str, str, str, str], AtBest]:
    """Return the comparisons of the analysis by labels, budget and both sides.

    Over the thirty pairs; its differences are held against the records.
    """
    data = load_run(FOLDER)
    data = data.only(~data.cells["pair"].isin(HELD_OUT))
    found = {(o.labels, o.budget, o.first, o.second): o for o in at_best(Scorebook(data))}
    for (labels, budget, first, second), one in found.items():
        of_pairs = {pair: difference.value for pair, difference in one.differences.items()}
        assert of_pairs == pytest.approx(differences(first, second, labels, budget))
    return found


def differences(first: str, second: str, labels: str, budget: str = UNLIMITED) -> dict[str, float]:
    """Return the difference in accuracy on each pair whose budget pays for both."""
    found = {}
    for pair in pairs():
        mine = chosen(pair, first, labels, budget)
        other = chosen(pair, second, labels, budget)
        theirs = rivals(labels)[pair] if second == RIVAL else other and other.accuracy
        if mine is not None and theirs is not None:
            found[pair] = mine.accuracy - theirs
    return found


# What is shown of part 2: a strategy less another, both at their own best.
CONTRASTS = (
    (WITH_GENERIC, PLAIN),
    (ANY, RIVAL),
    ("sequential", "oversampled"),
    ("oversampled", "combined"),
    ("adapted", "sequential"),
    ("adapted", PLAIN),
)
TITLES = {RIVAL: "TF-IDF", WITH_GENERIC: WITH_GENERIC, ANY: ANY}


def row(first: str, second: str, labels: str, budget: str, verdict: str = "") -> str:
    """Return a row of a table; with a verdict what goes with one, too."""
    one = compared()[labels, budget, first, second]
    at = [difference.value for difference in one.differences.values()]
    names = " less ".join(TITLES.get(name, f"`{name}`") for name in (first, second))
    cells = [
        names, labels, shown(one.found.interval),
        *([verdict, seen(one.found, verdict), " to ".join(map(points, one.found.new_pair))]
          if verdict else []),
        f"{points(min(at))} to {points(max(at))}",
        f"{100 * one.found.of_seeds:.0f} %" if verdict else str(len(at)),
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def size(first: str, second: str, labels: str) -> float:
    """Return how large a difference is on a pair, whichever way: the mean over pairs."""
    return float(np.mean(np.abs(list(differences(first, second, labels).values()))))


def left(name: str, labels: str) -> tuple[float, float]:
    """Return the best that a strategy has on test documents, and how far the chosen is below it.

    Means over pairs. The first is no result, since test documents chose: it says what choice costs.
    """
    highest = [
        max(one.accuracy for one in candidates(labels)[pair] if one.strategy == name)
        for pair in pairs()
    ]
    taken = [chosen(pair, name, labels) for pair in pairs()]
    below = [
        high - one.accuracy for high, one in zip(highest, taken, strict=True) if one is not None
    ]
    return float(np.mean(highest)), float(np.mean(below))


def settings_rows() -> list[str]:
    """What cross-validation chose: passes over D, and on how many pairs which alpha."""
    rows = []
    for name in ("domain-only", "combined", "oversampled", "sequential", "adapted"):
        for labels in ("all", "10"):
            taken = [one for pair in pairs() if (one := chosen(pair, name, labels)) is not None]
            passes = sorted(one.epochs * (one.k or 1) for one in taken)
            counts = " | ".join(
                str(sum(one.alpha == alpha for one in taken)) for alpha in (0.05, 0.1, 0.2)
            )
            middle = float(np.median(passes))
            rows.append(
                f"| `{name}` | {labels} | {passes[0]} to {passes[-1]}, median {middle:g} "
                f"| {counts} |"
            )
    return rows


def decision_rows() -> list[str]:
    """What to train for a label budget and a budget of words, from part 2 alone.

    The domain alone, unless the interval of what generic text adds lies above zero. Its settings
    are the most frequent alpha that was chosen and the median of the passes.
    """
    rows = []
    for labels in ("all", "50", "10"):
        for budget in (DOMAIN, BOTH, UNLIMITED):
            taken = [one for p in pairs() if (one := chosen(p, PLAIN, labels, budget)) is not None]
            [(alpha, count)] = Counter(one.alpha for one in taken).most_common(1)
            passes = float(np.median([one.epochs * (one.k or 1) for one in taken]))
            adds = compared().get((labels, budget, WITH_GENERIC, PLAIN))
            rival = compared()[labels, budget, ANY, RIVAL].found.interval
            train = PLAIN if adds is None or adds.found.interval.low <= 0 else WITH_GENERIC
            rows.append(
                f"| {labels} | {budget} | `{train}` | `{alpha:g}` ({count} of {len(taken)} pairs) "
                f"| {passes:g} | {'-' if adds is None else shown(adds.found.interval)} "
                f"| {shown(rival)} |"
            )
    return rows


def fixed(labels: str) -> dict[tuple[float, int], list[float]]:
    """Return what each candidate of `domain-only` gains on what is chosen, by rate and passes."""
    found: dict[tuple[float, int], list[float]] = {}
    for pair in pairs():
        best = chosen(pair, PLAIN, labels)
        assert best is not None
        for one in candidates(labels)[pair]:
            if one.strategy == PLAIN:
                setting = one.alpha, one.epochs * (one.k or 1)
                found.setdefault(setting, []).append(one.accuracy - best.accuracy)
        usual_one = json.dumps(usual(pair, ALONE, "dbow", "presented"), sort_keys=True)
        of_part_1 = trained("crossed")[usual_one, labels]
        mean = np.mean(
            [of_part_1[i]["metrics"][labels]["logistic"]["accuracy"] for i in range(SEEDS)]
        )
        found.setdefault((0.025, 20), []).append(float(mean) - best.accuracy)
    return found


def fixed_rows() -> list[str]:
    """The mean and the lowest of pairs of each candidate, less what is chosen, in points."""
    by_labels = [fixed(labels) for labels in ("all", "50", "10")]
    return [
        f"| `{alpha:g}` | {passes} | "
        + " | ".join(
            f"{points(float(np.mean(of[alpha, passes])))} ({points(min(of[alpha, passes]))})"
            for of in by_labels
        )
        + " |"
        for alpha, passes in sorted(by_labels[0], key=lambda one: (one[1], one[0]))
    ]


# Of the candidates what loses least, by domain and label budget, against gensim's own rate.
SAFE, USUAL = (0.05, 16), (0.025, 20)


def by_domain(values: list[float]) -> dict[str, float]:
    """Return the mean of each domain of values by pair."""
    of: dict[str, list[float]] = {}
    for pair, value in zip(pairs(), values, strict=True):
        of.setdefault(pair.partition("-")[2], []).append(value)
    return {domain: float(np.mean(some)) for domain, some in of.items()}


def against_usual(setting: tuple[float, int], labels: str) -> dict[str, float]:
    """Return what a fixed setting gains on twenty passes from `0.025`, by domain."""
    of = fixed(labels)
    return by_domain([a - b for a, b in zip(of[setting], of[USUAL], strict=True)])


def fixed_sentence() -> str:
    """What one setting for all pairs gains on gensim's own rate."""
    ranges = [
        f"{points(min(of.values()))} to {points(max(of.values()))}"
        for of in (against_usual(SAFE, labels) for labels in ("all", "50", "10"))
    ]
    alpha, passes = SAFE
    return (
        f"{passes} passes from `{alpha:g}` are, by domain, {ranges[0]} points from twenty at "
        f"gensim's own `0.025` with all labels, {ranges[1]} with 50 a class and {ranges[2]} with 10"
    )


def safe_sentence() -> str:
    """What it loses to a choice on each pair."""
    means = [points(float(np.mean(fixed(labels)[SAFE]))) for labels in ("all", "50", "10")]
    return f"{means[0]}, {means[1]} and {means[2]} points in the mean from what is chosen there"


def left_out_loss(labels: str) -> float:
    """Return what the setting that is best on six domains loses on the seventh, mean of pairs."""
    of = {setting: by_domain(values) for setting, values in fixed(labels).items()}
    lost = []
    for domain in of[SAFE]:
        others = {
            s: np.mean([v for p, v in zip(pairs(), fixed(labels)[s], strict=True)
                        if p.partition("-")[2] != domain])
            for s in of if s != USUAL
        }  # fmt: skip
        best = max(others, key=lambda s: others[s])
        lost += [
            v for p, v in zip(pairs(), fixed(labels)[best], strict=True)
            if p.partition("-")[2] == domain
        ]  # fmt: skip
    return float(np.mean(lost))


def left_out_sentence() -> str:
    return (
        "Picked on six domains, the setting that is best there loses "
        f"{-100 * left_out_loss('all'):.1f} points in the mean on the seventh with all labels, "
        f"{-100 * left_out_loss('50'):.1f} with 50 a class and "
        f"{-100 * left_out_loss('10'):.1f} with 10."
    )


def edges(name: str) -> int:
    """Return on how many pairs, all labels, the most passes that were tried are taken, by rate."""
    tried = {
        (one.alpha, one.epochs * (one.k or 1))
        for of in candidates("all").values()
        for one in of
        if one.strategy == name
    }
    most = {alpha: max(n for rate, n in tried if rate == alpha) for alpha, _ in tried}
    taken = [one for pair in pairs() if (one := chosen(pair, name, "all")) is not None]
    return sum(one.epochs * (one.k or 1) == most[one.alpha] for one in taken)


def most_sentence() -> str:
    return f"on {edges(PLAIN)} of {len(pairs())} pairs the most passes that its rate was tried with"


def rival_ahead() -> int:
    """Return on how many pairs, all labels, TF-IDF is ahead of each strategy at its best."""
    names = {one.strategy for of in candidates("all").values() for one in of}
    return sum(
        rivals("all")[pair] > max(one.accuracy for n in names if (one := chosen(pair, n, "all")))
        for pair in pairs()
    )


def generic_sentence() -> str:
    """What generic text adds where each is at its own best, with all labels."""
    one = compared()["all", UNLIMITED, WITH_GENERIC, PLAIN]
    gains = differences(WITH_GENERIC, PLAIN, "all")
    of = by_domain([gains[pair] for pair in pairs()])
    return (
        f"{shown(one.found.interval)} points over new corpora, by domain "
        f"{points(min(of.values()))} to {points(max(of.values()))}"
    )


def pair_rows() -> list[str]:
    """What each strategy reaches on each pair with all labels, chosen, no limit, in %."""
    names = (PLAIN, "combined", "oversampled", "sequential", "adapted", WITH_GENERIC)
    rows = []
    for pair in sorted(pairs(), key=_domain_first):
        taken = [chosen(pair, name, "all") for name in names]
        shown = [f"{100 * one.accuracy:.1f}" for one in taken if one is not None]
        assert len(shown) == len(names)
        rows.append(f"| {pair} | {' | '.join(shown)} | {100 * rivals('all')[pair]:.1f} |")
    return rows


def _domain_first(pair: str) -> tuple[str, str]:
    generic, _, domain = pair.partition("-")
    return domain, generic


def choice_sentence() -> str:
    """What choosing by cross-validation costs with 10 labels a class."""
    (high, below), (alone, under) = left("oversampled", "10"), left(PLAIN, "10")
    return (
        f"What it takes of `oversampled` is {100 * below:.1f} points below the best of its "
        f"candidates on the test documents, what it takes of `domain-only` {100 * under:.1f}; the "
        f"best candidate of `oversampled` is {points(high - alone)} points from the best of "
        "`domain-only`."
    )
