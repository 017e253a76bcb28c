"""Later studies of four pairs of the second study: models, sizes, exposure, forgetting."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any

import numpy as np
from published_records import (
    ALONE,
    COMBINED,
    OVERSAMPLED,
    RESTART,
    Record,
    Strategy,
    accuracy,
    low_to_high,
    points,
    records,
    trained,
    usual,
)

PAIRS = ("20newsgroups-ohsumed", "imdb-scicite", "reuters-ag-news", "wikinews-bbc")
SEEDS = 2


def reached(pair: str, strategy: Strategy, labels: str, model: str = "dbow", **more: Any) -> float:
    """Return the mean accuracy of two seeds in %, counts as presented."""
    folder = "crossed" if model == "dbow" and not more else "four-pairs"
    return accuracy(pair, strategy, labels, model, folder=folder, seeds=SEEDS, **more)


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


@functools.cache
def variants(pair: str, labels: str = "all") -> np.ndarray[Any, Any]:
    """Return the area of D, the log of words trained and the accuracy of each variant of a pair.

    PV-DBOW, all of D and of G, inference as pinned, variants of two seeds that show D; a row each.
    """
    found: dict[str, list[tuple[float, float, float]]] = {}
    for folder in ("crossed", "four-pairs"):
        for (key, budget), of in trained(folder).items():
            cell = json.loads(key)
            whole = cell["fraction"] == 1.0 and "generic_fraction" not in cell
            plain = (
                cell["settings"]["model"] == "dbow"
                and "inference_grid" not in cell
                and "generic_model" not in cell["settings"]
            )
            if (cell["pair"], budget) != (pair, labels) or not (whole and plain):
                continue
            for record in (of[seed] for seed in of if seed < SEEDS):
                area = area_of_domain(record)
                if area:
                    words = np.log(record["counts"]["words_trained"])
                    right = record["metrics"][labels]["logistic"]["accuracy"]
                    found.setdefault(key, []).append((area, words, right))
    means = np.array([np.mean(of, axis=0) for of in found.values() if len(of) >= SEEDS])
    assert len(means) >= 30, (pair, len(means))
    return means


def explained(pair: str) -> tuple[float, float]:
    """Share of the variance of accuracy that a cubic in the log of the area of D explains.

    Beside it the same of a cubic in the logarithm of the words trained.
    """
    area, words, right = variants(pair).T
    return _r2(np.log(area), right), _r2(words, right)


def _r2(x: Any, y: Any) -> float:
    left = y - np.polyval(np.polyfit(x, y, 3), x)
    return float(1 - left.var() / y.var())


def exposure_sentence() -> str:
    by_area, by_words = zip(*map(explained, PAIRS), strict=True)
    counts = {len(variants(pair)) for pair in PAIRS}
    assert len(counts) == 1
    return (
        f"explains {min(by_area):.2f} to {max(by_area):.2f} of the variance of accuracy over "
        f"{counts.pop()} variants of a pair; one in the logarithm of the words "
        f"trained explains {min(by_words):.2f} to {max(by_words):.2f}"
    )


def ended(policy: str, outcome: str) -> str:
    """Return how many trials of gensim's ``build_vocab(update=True)`` ended so."""
    found = [
        record["expansion"]["outcome"]
        for record in records("four-pairs")
        if record["cell"].get("settings", {}).get("vocabulary") == policy
    ]
    return f"{found.count(outcome)} of {len(found)}"


def repaired() -> list[float]:
    """Points that the repaired expansion loses against one vocabulary, seed 0, by pair."""
    lost = []
    for pair in PAIRS:
        one = usual(pair, RESTART, "dbow", "presented")
        other = usual(pair, RESTART, "dbow", "expanded-repaired", engine="gensim")
        found = [
            trained(folder)[json.dumps(cell, sort_keys=True), "all"][0]["metrics"]["all"]
            for cell, folder in ((other, "four-pairs"), (one, "crossed"))
        ]
        later, at_once = (100 * of["logistic"]["accuracy"] for of in found)
        lost.append(later - at_once)
    return lost


def expansion_sentence() -> str:
    return (
        f"crashed in {ended('expanded', 'crash')} trials with new tags, and wrote over old "
        f"documents' vectors in {ended('expanded-restarted-tags', 'overwrite')} with tags from the "
        "start"
    )


def repair_sentence() -> str:
    return (
        f"it worked in {ended('expanded-repaired', 'success')}, at {low_to_high(repaired())} "
        "points against one vocabulary"
    )


def forgotten(strategy: Strategy = RESTART) -> list[float]:
    """What a follow-up changes of accuracy on the generic corpus' own task, by pair with labels."""
    found = []
    for pair in PAIRS:
        of = trained("four-pairs").get((json.dumps(usual(pair, strategy, "dbow", "presented"),
                                                   sort_keys=True), "all"), {})  # fmt: skip
        changes = [
            r["generic"]["after"]["accuracy"] - r["generic"]["before"]["accuracy"]
            for r in of.values()
            if r.get("generic")
        ]
        if changes:
            assert len(changes) == SEEDS
            found.append(100 * float(np.mean(changes)))
    return found


def shares_of_generic() -> list[float]:
    found = {record["cell"].get("generic_fraction") for record in records("four-pairs")}
    return sorted(share for share in found if share)


def generic_rows(labels: str) -> list[str]:
    """`oversampled(4)` less `domain-only(4)` over the share of G that there is, in points."""
    rows = []
    for share in (*shares_of_generic(), 1.0):
        more = {} if share == 1.0 else {"generic_fraction": share}
        shown = (
            points(reached(pair, OVERSAMPLED, labels, **more) - reached(pair, ALONE, labels))
            for pair in PAIRS
        )
        rows.append(f"| 1/{round(1 / share)} | {labels} | {' | '.join(shown)} |")
    return rows


# The study `domain-size` and Lau and Baldwin's settings have one seed.
SIZES = (0.05, 0.1, 0.25, 0.5, 1.0)
# The candidates of `domain-only`, the last two of small shares; all of D has more of other studies.
PASSES = (1, 4, "budget", 16, 64)


def _sized(pair: str, share: float, labels: str) -> dict[tuple[str, Any], dict[str, Any]]:
    """Return what seed 0 reaches at a share of D, by strategy and k, with all labels of D.

    The usual settings, all of G, counts as presented; at all of D labels are what they are.
    """
    budget = labels if share == 1.0 else {"all": "whole", "10": "whole-10"}[labels]
    found = {}
    for key, of in ((k, of) for (k, b), of in trained("four-pairs").items() if b == budget):
        cell, record = json.loads(key), of.get(0)
        usual_one = usual(pair, RESTART, "dbow", "presented", fraction=share)
        same = ("pair", "fraction", "settings", "epochs", "alpha", "min_alpha", "inference")
        plain = cell["schedule"]["name"] in ("linear", "restart") and "generic_fraction" not in cell
        if record and plain and all(cell[name] == usual_one[name] for name in same):
            name, k = cell["strategy"]["name"], cell["strategy"]["k"]
            found[name, k] = record["metrics"][budget]["logistic"]
    return found


def _domain_gains(labels: str) -> dict[tuple[float, str], float]:
    """Return `oversampled(4)` less `domain-only`, its passes chosen by cross-validation."""
    gains = {}
    for share in SIZES:
        for pair in PAIRS:
            there = _sized(pair, share, labels)
            alone = [there["domain-only", k] for k in PASSES if ("domain-only", k) in there]
            assert len(alone) > 1
            best = max(alone, key=lambda said: said["cv_accuracy"])
            gains[share, pair] = 100 * (there["oversampled", 4]["accuracy"] - best["accuracy"])
    return gains


def domain_rows() -> list[str]:
    """What generic text adds over the share of D, in points."""
    rows = []
    for labels in ("all", "10"):
        gains = _domain_gains(labels)
        for share in SIZES:
            shown = (points(gains[share, pair]) for pair in PAIRS)
            rows.append(f"| {100 * share:.0f} % | {labels} | {' | '.join(shown)} |")
    return rows


def domain_sentence() -> str:
    gains = _domain_gains("all")
    ahead = [place for place, gain in gains.items() if gain > 0]
    (small,) = ((share, pair) for share, pair in ahead if pair != "wikinews-bbc")
    return (
        f"gains with all labels in {len(ahead)} of {len(gains)} cells of the table, on "
        f"wikinews-bbc, whose corpora are alike, and on {small[1]} at {100 * small[0]:.0f} %"
    )


LAU = {"vector_size": 300, "window": 15, "sample": 1e-5}
LAU_SETTINGS = (
    f"Lau and Baldwin (2016: {LAU['vector_size']} components, a window of {LAU['window']} words, "
    "subsampling from 1e-5)"
)
LAU_CONTRASTS = ((OVERSAMPLED, COMBINED), (OVERSAMPLED, ALONE), (RESTART, OVERSAMPLED))


def _lau(pair: str, strategy: Strategy, labels: str, settings: dict[str, Any]) -> float:
    cell = usual(pair, strategy, "dbow", "presented")
    cell["settings"] |= settings
    folder = "four-pairs" if settings else "crossed"
    found = trained(folder)[json.dumps(cell, sort_keys=True), labels][0]
    return 100 * float(found["metrics"][labels]["logistic"]["accuracy"])


def lau_rows() -> list[str]:
    """Contrasts of seed 0 with Lau and Baldwin's settings, and with the usual ones."""
    rows = []
    for title, settings in (("theirs", LAU), ("the usual", {})):
        for labels in ("all", "10"):
            shown = [
                low_to_high(
                    _lau(pair, first, labels, settings) - _lau(pair, second, labels, settings)
                    for pair in PAIRS
                )
                for first, second in LAU_CONTRASTS
            ]
            reach = [_lau(pair, OVERSAMPLED, labels, settings) for pair in PAIRS]
            rows.append(
                f"| {title} | {labels} | {' | '.join(shown)} | "
                f"{' / '.join(f'{value:.1f}' for value in reach)} |"
            )
    return rows


SHORT = ("imdb-scicite", "reuters-ag-news")


def lau_sentence() -> str:
    """What their settings lose where documents are short."""
    lost = [
        _lau(pair, strategy, "all", LAU) - _lau(pair, strategy, "all", {})
        for pair in SHORT
        for strategy in (ALONE, COMBINED, OVERSAMPLED, RESTART)
    ]
    alone = [_lau("reuters-ag-news", ALONE, "all", settings) for settings in (LAU, {})]
    return (
        f"{low_to_high(lost)} points with all labels, most where `domain-only(4)` trains on "
        f"reuters-ag-news: {alone[0]:.1f} for {alone[1]:.1f}"
    )


def _inferred(pair: str, strategy: Strategy, labels: str) -> tuple[float, float]:
    """Return the accuracy of seed 0 with inference as pinned, and as chosen for the labels."""
    (record,) = (
        r
        for r in records("four-pairs")
        if r["cell"]["pair"] == pair
        and r.get("inference")
        and r["cell"]["seed"] == 0
        and (
            r["cell"]["strategy"]["name"],
            r["cell"]["strategy"]["k"],
            r["cell"]["schedule"]["name"],
        )
        == strategy
    )
    found = record["inference"]
    chosen = found["points"][found["chosen"][labels]]["metrics"][labels]["accuracy"]
    return (100 * record["metrics"][labels]["logistic"]["accuracy"], 100 * float(chosen))


INFERRED = (COMBINED, OVERSAMPLED, ALONE, RESTART)


def inference_sentence(labels: str) -> str:
    """What a choice of inference by cross-validation gains, and what it does to one contrast."""
    gains, moved = [], []
    for pair in PAIRS:
        by = {strategy[0]: _inferred(pair, strategy, labels) for strategy in INFERRED}
        gains += [chosen - pinned for pinned, chosen in by.values()]
        before, after = (by["oversampled"][i] - by["domain-only"][i] for i in (0, 1))
        moved.append(after - before)
    return (
        f"gains {low_to_high(gains)} points, and moves `oversampled(4)` less `domain-only(4)` by "
        f"{low_to_high(moved)}"
    )


# A saved model of G in place of G: its words alone, D's by gensim's update, or by ours.
WARM = (
    ("model", "the words of the saved model"),
    ("model-expanded", "D's by `build_vocab(update=True)`, repaired"),
    ("model-added", "D's added, counts of both"),
)


def warm(pair: str, vocabulary: str, labels: str, seeds: int = SEEDS) -> float:
    """Return the mean accuracy of the first seeds in % of `warm(4)` from a restart."""
    found = {
        record["cell"]["seed"]: 100 * float(record["metrics"][labels]["logistic"]["accuracy"])
        for record in records("four-pairs")
        if record["cell"].get("strategy") == {"name": "warm", "k": 4, "share": None}
        and record["cell"]["schedule"]["name"] == "restart"
        and record["cell"]["settings"]["vocabulary"] == vocabulary
        and record["cell"]["pair"] == pair
    }
    assert len(found) == SEEDS, (pair, vocabulary)
    return float(np.mean([found[seed] for seed in range(seeds)]))


def counted_otherwise(pair: str, policy: str, labels: str, seeds: int = SEEDS) -> float:
    """Return the mean accuracy in % of `sequential(4)` under another policy of counts."""
    return accuracy(pair, RESTART, labels, "dbow", policy, folder="four-pairs", seeds=seeds)


def warm_rows() -> list[str]:
    """What goes on from a saved model, beside what has G, and what has D alone, in %."""
    rows = []
    for labels in ("all", "10"):
        shown = [
            *(("`warm(4)`, " + title, [warm(p, name, labels) for p in PAIRS])
              for name, title in WARM),
            ("`sequential(4)`, counts of G alone, one seed",
             [counted_otherwise(p, "generic", labels, 1) for p in PAIRS]),
            ("`sequential(4)`, natural counts",
             [counted_otherwise(p, "natural", labels) for p in PAIRS]),
            ("`sequential(4)`, counts as presented", [reached(p, RESTART, labels) for p in PAIRS]),
            ("`domain-only(4)`, counts as presented", [reached(p, ALONE, labels) for p in PAIRS]),
        ]  # fmt: skip
        for title, numbers in shown:
            rows.append(f"| {title} | {labels} | {' | '.join(f'{n:.1f}' for n in numbers)} |")
    return rows


def warm_gains(vocabulary: str, beside: Strategy, labels: str) -> list[float]:
    """What going on from a saved model gains on a strategy, by pair, in points."""
    return [warm(pair, vocabulary, labels) - reached(pair, beside, labels) for pair in PAIRS]


def warm_sentences() -> tuple[str, ...]:
    def both(gains: Callable[[str], list[float]]) -> str:
        return (
            f"{low_to_high(gains('all'))} points with all labels, and {low_to_high(gains('10'))} "
            "with 10 a class"
        )

    return (
        both(lambda labels: [
            warm(p, "model", labels, 1) - counted_otherwise(p, "generic", labels, 1) for p in PAIRS
        ]),
        both(lambda labels: [
            warm(p, "model-added", labels) - counted_otherwise(p, "natural", labels) for p in PAIRS
        ]),
        both(lambda labels: warm_gains("model", RESTART, labels)),
        both(lambda labels: [
            warm(p, "model-expanded", labels) - warm(p, "model-added", labels) for p in PAIRS
        ]),
        both(lambda labels: warm_gains("model-added", ALONE, labels)),
    )  # fmt: skip


def forgotten_sentence() -> str:
    found = forgotten()
    return f"{low_to_high(found)} points on the {len(found)} pairs whose generic corpus has labels"


def sentences() -> tuple[str, ...]:
    return (
        exposure_sentence(),
        expansion_sentence(),
        repair_sentence(),
        forgotten_sentence(),
        domain_sentence(),
        LAU_SETTINGS,
        lau_sentence(),
        "in place of the pinned twenty passes from 0.025",
        inference_sentence("all"),
        inference_sentence("10"),
        *warm_sentences(),
    )


def rows() -> list[str]:
    return [
        *generic_rows("all"), *generic_rows("10"),
        *domain_rows(), *lau_rows(), *warm_rows(),
    ]  # fmt: skip
