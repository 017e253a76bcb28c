"""Each number of docs/second-study.md, recomputed here from the published records.

Accuracies are read from the JSON records themselves. The mean over new corpora and the regression
are those of `d2vbench.analysis.statistics`, which have tests of their own against closed forms.
"""

from __future__ import annotations

import functools
import gzip
import json
import re
from pathlib import Path
from typing import Any

import four_pairs
import numpy as np
import other_models
import own_best
import own_best_checks
import pytest
import registered
from published_records import ADAPTED, ALONE, COMBINED, FINISH, OVERSAMPLED, RESTART, Strategy
from registered import (
    HELD_OUT,
    HYPOTHESES,
    LABELS,
    MARGIN,
    STRATEGIES,
    named,
    points,
    seen,
    shown,
    title,
)

from d2vbench.analysis.contrasts.frame import RunData, load_run
from d2vbench.analysis.contrasts.pair_means import pair_differences
from d2vbench.analysis.statistics.crossed import OverPairs, over_pairs
from d2vbench.analysis.statistics.meta_regression import MetaRegression, meta_regression
from d2vbench.analysis.studies.moderators import Moderators, moderators

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "results" / "published" / "crossed"
PAGE = ROOT / "docs" / "second-study.md"
# How many seeds part 1 had after each sitting; predictions were made after the first.
FIRST, SECOND, LAST = 0, 1, 2
SEEDS = (1, 2, 3)
TITLES = {"all": "all", "50": "50", "10": "10"}

# Each at its own best: part 2.
AT_BEST = {
    "H6": (own_best.WITH_GENERIC, own_best.PLAIN),
    "H7": (own_best.ANY, own_best.RIVAL),
}


@functools.cache
def manifest() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))
    return found


@functools.cache
def accuracies() -> dict[tuple[str, Any, str], dict[int, float]]:
    """Accuracy by pair, strategy or baseline, and label budget; then by seed."""
    found: dict[tuple[str, Any, str], dict[int, float]] = {}
    with gzip.open(FOLDER / "records.jsonl.gz", "rt", encoding="ascii") as lines:
        for record in map(json.loads, lines):
            cell = record["cell"]
            if "baseline" in cell:
                what: Any = cell["baseline"]
            else:
                settings = cell["settings"]
                usual = (cell["epochs"], cell["alpha"], settings["model"], settings["vocabulary"])
                assert usual == (5, 0.025, "dbow", "presented"), usual
                of = cell["strategy"]
                what = (of["name"], of["k"], cell["schedule"]["name"])
            for labels in LABELS:
                value = record["metrics"][labels]["logistic"]["accuracy"]
                mine = found.setdefault((cell["pair"], what, labels), {})
                assert cell["seed"] not in mine
                mine[cell["seed"]] = value
    return found


@functools.cache
def pairs() -> tuple[str, ...]:
    return tuple(dict.fromkeys(p for p, *_ in accuracies() if p not in HELD_OUT))


@functools.cache
def seeds() -> int:
    """How many seeds every cell of the sample has."""
    counts = {len(of) for (pair, *_), of in accuracies().items() if pair not in HELD_OUT}
    assert len(counts) == 1
    return counts.pop()


def mean(pair: str, what: Any, labels: str, sitting: int = LAST) -> float:
    """Return the mean over the seeds that a sitting had."""
    of = accuracies()[pair, what, labels]
    return float(np.mean([of[seed] for seed in range(SEEDS[sitting])]))


def corpora(pair: str) -> tuple[str, str]:
    return registered.corpora(manifest(), pair)


@functools.cache
def run(sitting: int = LAST) -> RunData:
    data = load_run(FOLDER)
    return data.only(data.cells["seed"] < SEEDS[sitting])


@functools.cache
def differences(
    first: Strategy, second: Strategy, labels: str, sitting: int = LAST
) -> tuple[list[float], list[float], list[float]]:
    """The difference on each pair, its sampling variance, and the part of it that is of seeds.

    The difference, and what seeds differ by, are held against the records.
    """
    contrast = named(first), named(second)
    found = pair_differences(run(sitting), [contrast], "dbow", labels)[contrast]
    values = [mean(p, first, labels, sitting) - mean(p, second, labels, sitting) for p in pairs()]
    assert [found[p][0] for p in pairs()] == pytest.approx(values, abs=1e-9)
    n = SEEDS[sitting]
    if n > 1:
        one, two = (
            np.array([[accuracies()[p, of, labels][s] for s in range(n)] for p in pairs()])
            for of in (first, second)
        )
        by_seeds = (one - two).var(axis=1, ddof=1) / n
        assert [found[p].by_seeds for p in pairs()] == pytest.approx(by_seeds.tolist(), abs=1e-12)
    return values, [found[p].variance for p in pairs()], [found[p].by_seeds for p in pairs()]


@functools.cache
def over(first: Strategy, second: Strategy, labels: str, sitting: int = LAST) -> OverPairs:
    sides = [corpora(pair) for pair in pairs()]
    values, variances, by_seeds = differences(first, second, labels, sitting)
    return over_pairs(
        values, variances, [g for g, _ in sides], [d for _, d in sides], by_seeds=by_seeds
    )


@functools.cache
def verdicts() -> dict[tuple[str, str], str]:
    found = {}
    for labels in LABELS:
        of = {name: over(*two, labels).interval for name, two in HYPOTHESES.items()}
        for name, two in AT_BEST.items():
            of[name] = own_best.compared()[(labels, own_best.UNLIMITED, *two)].found.interval
        found |= {(name, labels): said for name, said in registered.verdicts(of).items()}
    return found


def without_one_corpus() -> list[OverPairs]:
    """H1 with all labels, without the pairs of each corpus in turn, of either side."""
    values, variances, _ = differences(RESTART, OVERSAMPLED, "all")
    sides = [corpora(pair) for pair in pairs()]
    found = []
    for side in (0, 1):
        for left_out in dict.fromkeys(both[side] for both in sides):
            kept = [i for i, both in enumerate(sides) if both[side] != left_out]
            found.append(
                over_pairs(
                    [values[i] for i in kept],
                    [variances[i] for i in kept],
                    [sides[i][0] for i in kept],
                    [sides[i][1] for i in kept],
                )
            )
    return found


def robust_sentence() -> str:
    found = [one.interval for one in without_one_corpus()]
    return (
        f"Without the pairs of any one corpus the mean is "
        f"{points(min(one.estimate for one in found))} to "
        f"{points(max(one.estimate for one in found))}, and no interval reaches beyond "
        f"{points(min(one.low for one in found))} or {points(max(one.high for one in found))}."
    )


def hypothesis_rows() -> list[str]:
    rows = []
    for name, (first, second) in HYPOTHESES.items():
        for labels in LABELS:
            one = over(first, second, labels)
            at = [mean(p, first, labels) - mean(p, second, labels) for p in pairs()]
            low, high = one.new_pair
            rows.append(
                f"| {name} | {title(first)} less {title(second)} | {TITLES[labels]} | "
                f"{shown(one.interval)} | {verdicts()[name, labels]} | "
                f"{seen(one, verdicts()[name, labels])} | "
                f"{points(low)} to {points(high)} | {points(min(at))} to {points(max(at))} | "
                f"{100 * one.of_seeds:.0f} % |"
            )
    return rows


def still_open() -> list[tuple[str, str]]:
    return [where for where in verdicts() if verdicts()[where] == "inconclusive"]


def shares_of_seeds(*names: str) -> list[float]:
    """Of the variance of each mean whose verdict is inconclusive."""
    return [
        over(*HYPOTHESES[name], labels).of_seeds for name, labels in still_open() if name in names
    ]


def seeds_sentence() -> str:
    """How much of the variance of what is inconclusive is of seeds."""

    def spread(*names: str) -> str:
        shares = shares_of_seeds(*names)
        return f"{100 * min(shares):.0f} to {100 * max(shares):.0f} %"

    return (
        f"In such rows seeds are roughly {spread('H3', 'H4')} of the variance of H3 and H4, "
        "which more of them would hardly settle: that takes more corpora. Of H1 and H5 they are "
        f"roughly {spread('H1', 'H5')}: there more seeds may settle a row."
    )


def own_best_rows() -> list[str]:
    names = {two: name for name, two in AT_BEST.items()}
    return [
        own_best.row(
            *two, labels, own_best.UNLIMITED, verdicts().get((names.get(two, ""), labels), "-")
        )
        for two in own_best.CONTRASTS
        for labels in LABELS
    ]


def budget_rows() -> list[str]:
    """What generic text brings for two budgets of words."""
    return [
        f"| {budget} {own_best.row(*own_best.CONTRASTS[0], labels, budget)}"
        for budget in (own_best.DOMAIN, own_best.BOTH)
        for labels in LABELS
        if (labels, budget, *own_best.CONTRASTS[0]) in own_best.compared()
    ]


def size_sentence() -> str:
    """How much of H3 is left where both are at their best, on the pairs that part 2 has."""
    here = own_best.pairs()
    at_equal = [
        float(np.mean([abs(mean(p, OVERSAMPLED, x) - mean(p, ALONE, x)) for p in here]))
        for x in LABELS
    ]
    at_best = [own_best.size("oversampled", own_best.PLAIN, x) for x in LABELS]
    a, b = ([f"{100 * value:.1f}" for value in values] for values in (at_equal, at_best))
    return (
        "On these pairs the mean absolute difference of `oversampled` and `domain-only` is "
        f"{a[0]}, {a[1]} and {a[2]} points at equal presentations, {b[0]}, {b[1]} and {b[2]} each "
        "at its own best (all, 50 and 10 labels a class)."
    )


def accuracy_rows(labels: str) -> list[str]:
    whats = (*STRATEGIES, "tf-idf")
    rows = []
    for pair in sorted(pairs(), key=lambda p: (corpora(p)[1], corpora(p)[0])):
        entry = manifest()["pairs"][pair]
        ratio = entry["generic_words"] / entry["train_words"]
        shown = " | ".join(f"{100 * mean(pair, what, labels):.1f}" for what in whats)
        rows.append(f"| {pair} | {ratio:.0f} | {shown} |")
    return rows


# Properties as registered; sizes as logarithms.
def properties(pair: str) -> dict[str, float]:
    entry = manifest()["pairs"][pair]
    return {
        "divergence": entry["divergence"],
        "unknown words": entry["out_of_vocabulary"],
        "log ratio of words": np.log(entry["generic_words"] / entry["train_words"]),
        "log length": np.log(entry["train_words"] / entry["train_documents"]),
        "log classes": np.log(len(entry["classes"])),
    }


@functools.cache
def regression(labels: str, sitting: int = LAST) -> MetaRegression:
    sides = [corpora(pair) for pair in pairs()]
    columns = {name: [properties(p)[name] for p in pairs()] for name in properties(pairs()[0])}
    values, variances, _ = differences(OVERSAMPLED, ALONE, labels, sitting)
    return meta_regression(values, variances, [g for g, _ in sides], [d for _, d in sides], columns)


def regression_rows() -> list[str]:
    rows = []
    for i, name in enumerate(properties(pairs()[0])):
        cells = []
        for labels in LABELS:
            one = regression(labels).coefficients[i].interval
            cells.append(shown(one))
        rows.append(f"| {name} | {' | '.join(cells)} |")
    return rows


def prediction_rows() -> list[str]:
    """What the 30 pairs predicted for the two that were held out, and what came."""
    rows = []
    for pair in HELD_OUT:
        for labels in LABELS:
            said = regression(labels, FIRST).predict(properties(pair), *corpora(pair))
            came = mean(pair, OVERSAMPLED, labels) - mean(pair, ALONE, labels)
            rows.append(f"| {pair} | {TITLES[labels]} | {shown(said)} | {points(came)} |")
    return rows


def explained_sentence() -> str:
    shares = [f"{100 * regression(labels).explained:.0f} %" for labels in LABELS]
    return (
        f"Together they explain {shares[0]}, {shares[1]} and {shares[2]} of the variance between "
        "pairs (all, 50 and 10 labels a class)."
    )


def left_out_sentence() -> str:
    """How well pairs that share neither corpus predict a pair, beside the mean of all."""
    data = run()
    data = data.only(~data.cells["pair"].isin(HELD_OUT))
    errors, of_mean = [], []
    for labels in LABELS:
        found = moderators(data, "dbow", labels)
        assert isinstance(found, Moderators) and len(found.points) == 30
        at = np.array([(one.difference, one.left_out) for one in found.points])
        errors.append(f"{100 * np.abs(at[:, 0] - at[:, 1]).mean():.1f}")
        of_mean.append(f"{100 * np.abs(at[:, 0] - at[:, 0].mean()).mean():.1f}")
    return (
        f"Predicted from the pairs that share neither corpus, the mean error is {errors[0]}, "
        f"{errors[1]} and {errors[2]} points; that of the mean of all is {of_mean[0]}, "
        f"{of_mean[1]} and {of_mean[2]}."
    )


def exploratory_rows() -> list[str]:
    """The strategy with G that is ahead most often, against the domain alone."""
    rows = []
    for labels in LABELS:
        one = over(ADAPTED, ALONE, labels)
        at, *_ = differences(ADAPTED, ALONE, labels)
        rows.append(
            f"| {title(ADAPTED)} less {title(ALONE)} | {labels} | {shown(one.interval)} | "
            f"{points(min(at))} to {points(max(at))} |"
        )
    return rows


def tf_idf_count(labels: str) -> int:
    return sum(
        mean(pair, "tf-idf", labels) > max(mean(pair, of, labels) for of in STRATEGIES)
        for pair in pairs()
    )


@functools.cache
def short_documents() -> dict[tuple[Any, ...], list[float]]:
    """Accuracies with all labels by pair, strategy, k, alpha and min_count."""
    found: dict[tuple[Any, ...], list[float]] = {}
    path = FOLDER.parent / "short-documents" / "records.jsonl.gz"
    with gzip.open(path, "rt", encoding="ascii") as lines:
        for record in map(json.loads, lines):
            cell = record["cell"]
            if "strategy" in cell:
                of, settings = cell["strategy"], cell["settings"]
                key = (cell["pair"], of["name"], of["k"], cell["alpha"], settings["min_count"])
                value = record["metrics"]["all"]["logistic"]["accuracy"]
                found.setdefault(key, []).append(value)
    assert {len(values) for values in found.values()} == {3}
    return found


def short(pair: str, name: str, k: int, alpha: float = 0.025, min_count: int = 5) -> str:
    return f"{100 * np.mean(short_documents()[pair, name, k, alpha, min_count]):.1f}"


SHORT = ("reuters-ag-news", "reuters-scicite")


def short_rows() -> list[str]:
    return [
        f"| {pair} | {alpha:g} | "
        + " | ".join(
            short(pair, name, k, alpha)
            for name in ("domain-only", "oversampled")
            for k in (4, 8, 16)
        )
        + " |"
        for pair in SHORT
        for alpha in (0.025, 0.05)
    ]


def best(pair: str, name: str) -> float:
    """Return the highest of six settings, in %."""
    return max(float(short(pair, name, k, a)) for k in (4, 8, 16) for a in (0.025, 0.05))


def best_sentence() -> str:
    left = [points((best(p, "oversampled") - best(p, "domain-only")) / 100) for p in SHORT]
    usual = [
        points((float(short(p, "oversampled", 4)) - float(short(p, "domain-only", 4))) / 100)
        for p in SHORT
    ]
    return (
        f"Of {usual[0]} and {usual[1]} points at twenty passes, {left[0]} and {left[1]} are left "
        "between the best of six settings each."
    )


def words_sentence() -> str:
    gains = []
    for pair in SHORT:
        more, usual = (float(short(pair, "domain-only", 4, min_count=least)) for least in (2, 5))
        gains.append(points((more - usual) / 100))
    return f"with `min_count` 2, `domain-only(4)` gains {gains[0]} and {gains[1]}."


@functools.cache
def independent() -> dict[tuple[str, str, str], tuple[float, float]]:
    """Contrasts of plain gensim and scikit-learn, and as published with as many seeds."""
    found: dict[tuple[str, str, str], list[float]] = {}
    path = ROOT / "benchmarks" / "independent.jsonl"
    for line in path.read_text(encoding="utf-8").splitlines():
        one = json.loads(line)
        name = one.get("model", "dbow"), one["pair"], one["strategy"]
        found.setdefault(name, []).append(one["accuracy"])
    assert {len(values) for values in found.values()} == {SEEDS[SECOND]}
    contrasts = (RESTART, OVERSAMPLED), (OVERSAMPLED, COMBINED), (OVERSAMPLED, ALONE)
    return {
        (pair, f"{title(first)} less {title(second)}", model): (
            float(np.mean(found[model, pair, first[0]]) - np.mean(found[model, pair, second[0]])),
            (
                mean(pair, first, "all", SECOND) - mean(pair, second, "all", SECOND)
                if model == "dbow"
                else other_models.gap(pair, first, second, model)
            ),
        )
        for model, pair in dict.fromkeys((m, p) for m, p, _ in found)
        for first, second in contrasts
        if (model, pair, first[0]) in found and (model, pair, second[0]) in found
    }


def independent_rows() -> list[str]:
    return [
        f"| {pair} | {contrast} | {other_models.MODELS[model]} | {points(here)} | {points(there)} |"
        for (pair, contrast, model), (here, there) in independent().items()
    ]


def blocks() -> list[str]:
    """Everything on the page that holds a number."""
    tables = [
        *hypothesis_rows(), *regression_rows(), *prediction_rows(), *accuracy_rows("all"),
        *short_rows(), *independent_rows(), *own_best_rows(), *budget_rows(),
        *four_pairs.schedule_rows("all"), *four_pairs.schedule_rows("10"),
        *exploratory_rows(), *own_best.settings_rows(), *own_best.fixed_rows(),
        *own_best.pair_rows(), *own_best_checks.others_rows(),
        *other_models.hypothesis_rows(), *other_models.pair_rows(),
    ]  # fmt: skip
    sentences = [
        robust_sentence(),
        seeds_sentence(),
        size_sentence(),
        own_best.choice_sentence(),
        own_best.fixed_sentence(),
        own_best.left_out_sentence(),
        *own_best_checks.sentences(),
        *other_models.sentences(),
        f"on these pairs ahead of each on {own_best.rival_ahead()} of {len(pairs())}.",
        four_pairs.lost_sentence(),
        four_pairs.rate_sentence(),
        left_out_sentence(),
        best_sentence(),
        explained_sentence(),
        words_sentence(),
        f"on {tf_idf_count('all')} pairs with all labels, on {tf_idf_count('50')} with 50 a class "
        f"and on {tf_idf_count('10')} with 10.",
    ]
    return [*tables, *sentences]


def test_the_page_says_what_was_measured() -> None:
    said = " ".join(PAGE.read_text(encoding="utf-8").split())
    assert [block for block in blocks() if block not in said] == []
    assert len(pairs()) == 30 and seeds() == SEEDS[LAST]


def test_no_other_number_is_on_the_page() -> None:
    rest = " ".join(PAGE.read_text(encoding="utf-8").split())
    for block in sorted(blocks(), key=len, reverse=True):
        rest = rest.replace(block, "")
    rest = re.sub(
        r"\]\([^)]*\)|`[^`]*`|\bH\d\b|[Pp]art \d|[a-z-]+\(\d+\)|\bd2vbench\b|2[Vv]ec",
        "",
        rest.replace("20newsgroups-ohsumed", ""),
    )
    # Label budgets and the level of intervals.
    rest = re.sub(r"\b(50|10) a class|\b10 labels|95 %|[Ww]ith (50|10)\b|all, 50 and 10", "", rest)
    assert re.findall(r"\d[\d.,]*", rest) == []


def test_the_words_between_the_numbers_are_true() -> None:
    said = verdicts()
    assert [said["H1", labels] for labels in LABELS] == [
        "equivalent",
        "inconclusive",
        "inconclusive",
    ]
    assert all(abs(over(RESTART, OVERSAMPLED, x).interval.estimate) < MARGIN for x in LABELS)
    # Single pairs differ by more than a point, as the front page says.
    assert max(map(abs, differences(RESTART, OVERSAMPLED, "all")[0])) > MARGIN
    few = differences(RESTART, OVERSAMPLED, "10")[0]
    assert min(few) < -MARGIN < MARGIN < max(few)
    assert {said["H2", labels] for labels in LABELS} == {"better"}
    assert {said["H3", labels] for labels in LABELS} == {"inconclusive"}
    assert {said["H4", labels] for labels in LABELS} == {"inconclusive"}
    assert [said["H5", labels] for labels in LABELS] == ["equivalent", "inconclusive", "equivalent"]
    # A second seed narrowed what differs between pairs by less than a fifth.
    for two in (HYPOTHESES["H3"], HYPOTHESES["H4"]):
        for labels in LABELS:
            before, now = (over(*two, labels, sitting).interval for sitting in (FIRST, LAST))
            assert now.high - now.low > 0.8 * (before.high - before.low)
    assert all(over(ADAPTED, RESTART, labels).interval.estimate > MARGIN for labels in LABELS)
    # Each at its own best.
    own_best_checks.words_are_true()
    assert [said["H6", labels] for labels in LABELS] == [
        "inconclusive",
        "equivalent",
        "inconclusive",
    ]
    assert {said["H7", labels] for labels in LABELS} == {"inconclusive"}
    best = {
        (two, labels): own_best.compared()[(labels, own_best.UNLIMITED, *two)]
        for two in own_best.CONTRASTS
        for labels in LABELS
    }
    assert all(abs(v) < 0.0265 for v, *_ in best[AT_BEST["H6"], "all"].differences.values())
    assert best[AT_BEST["H6"], "10"].found.interval.high < 0
    few = own_best.compared()[("all", own_best.DOMAIN, *AT_BEST["H7"])].found.interval
    assert few.high < 0
    rival = [best[AT_BEST["H7"], labels].found.interval.estimate for labels in LABELS]
    assert rival[0] < 0 < rival[2]
    for labels in LABELS:
        equal = np.mean(
            [abs(mean(p, OVERSAMPLED, labels) - mean(p, ALONE, labels)) for p in own_best.pairs()]
        )
        if labels != "10":
            assert own_best.size("oversampled", own_best.PLAIN, labels) < equal / 2
    of_order = best[("sequential", "oversampled"), "all"].found.interval
    assert -MARGIN < of_order.low < 0 < of_order.high < MARGIN
    weight = [best[("oversampled", "combined"), x].found.interval.low for x in LABELS]
    assert min(weight[:2]) > 0 > weight[2]
    over_alone = {
        name: own_best.compared()["all", own_best.UNLIMITED, name, own_best.PLAIN].found.interval
        for name in ("combined", "oversampled", "sequential", "adapted")
    }
    assert max(over_alone, key=lambda name: over_alone[name].estimate) == "adapted"
    assert over_alone["adapted"].low < 0 < over_alone["adapted"].high
    # With few labels the choice of what has more settings costs more than strategies differ by.
    (high, below), (alone, under) = (
        own_best.left(x, "10") for x in ("oversampled", own_best.PLAIN)
    )
    assert below > MARGIN > max(under, abs(high - alone))
    # Settings beside the one that is proposed.
    for labels in ("all", "50"):
        fixed = own_best.fixed(labels)
        for setting in ((0.1, 16), (0.05, 32)):
            assert np.mean(fixed[setting]) > np.mean(fixed[own_best.SAFE])
            assert min(fixed[setting]) > min(fixed[own_best.SAFE])
    # The front page has it in words.
    assert tf_idf_count("all") > len(pairs()) / 2 > tf_idf_count("50") > tf_idf_count("10")
    # Two lowest rates are worst, but where everything is near the ceiling.
    for pair in four_pairs.PAIRS[:3]:
        by_rate = [four_pairs.follow_up(pair, "follow-up", rate) for rate in (0.001, 0.005, 0.05)]
        usual = four_pairs.follow_up(pair, "restart", None)
        assert max(by_rate[:2]) < usual - 5 and by_rate[2] > usual - 100 * MARGIN
        assert four_pairs.follow_up(pair, "linear", None) < usual - 100 * MARGIN
    values = [four_pairs.follow_up("wikinews-bbc", *one) for one in four_pairs.SCHEDULES]
    assert max(values) - min(values) < 100 * MARGIN
    # Ahead most often, of the strategies that show G.
    with_generic = (COMBINED, OVERSAMPLED, RESTART, ADAPTED, FINISH)
    ahead = [max(with_generic, key=lambda s: mean(pair, s, "all")) for pair in pairs()]
    assert max(with_generic, key=ahead.count) == ADAPTED
    # Two domains of short documents gain.
    for domain in ("ag-news", "scicite"):
        gains = [
            mean(p, OVERSAMPLED, "all") - mean(p, ALONE, "all")
            for p in pairs()
            if p.endswith(f"-{domain}")
        ]
        assert len(gains) > 2 and np.mean(gains) > MARGIN
    # Farther and longer point down; the lengths of seven domains.
    for labels in LABELS:
        by_name = {c.name: c.interval.estimate for c in regression(labels).coefficients}
        assert by_name["divergence"] < 0 > by_name["log length"]
    # What was predicted holds what came.
    for pair in HELD_OUT:
        for labels in LABELS:
            one = regression(labels, FIRST).predict(properties(pair), *corpora(pair))
            came = mean(pair, OVERSAMPLED, labels) - mean(pair, ALONE, labels)
            assert one.low < came < one.high
    # More training of D alone is worth more than generic text at twenty passes from 0.025.
    for pair in SHORT:
        level = float(short(pair, "oversampled", 4))
        assert float(short(pair, "domain-only", 4)) < level - 1
        assert float(short(pair, "domain-only", 4, 0.05)) > level
        assert float(short(pair, "domain-only", 4, min_count=2)) < level - 1


def test_the_predictions_are_those_that_were_written_down_before() -> None:
    design = (ROOT / "results" / "README.md").read_text(encoding="utf-8")
    for pair in HELD_OUT:
        cells = []
        for labels in LABELS:
            one = regression(labels, FIRST).predict(properties(pair), *corpora(pair))
            cells.append(shown(one))
        assert f"| {pair} | {' | '.join(cells)} |" in design


def test_an_independent_script_agrees() -> None:
    """Eight contrasts: of the same sign and within two points."""
    assert len(independent()) == 8
    for here, there in independent().values():
        assert abs(here - there) <= 0.02
        assert here * there > 0
