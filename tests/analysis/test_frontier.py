"""The frontier: choice by cross-validation within a budget, and what a search of n trials finds."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from run_support import made_run, right, variant

from d2vbench.analysis import RunData
from d2vbench.analysis.contrasts.contrasts import Scorebook
from d2vbench.analysis.studies.frontier import (
    best_of_weights,
    best_within,
    candidates,
    choices,
    expected_best,
    frontier,
)

# Strategy, k, schedule: words, accuracy in cross-validation, and on the test documents. One pass
# over D is 100 words. The last candidate of `oversampled` is best on the test documents alone.
MADE = (
    (("domain-only", 1, "linear"), 100, 0.50, 0.50),
    (("domain-only", 2, "linear"), 200, 0.60, 0.58),
    (("domain-only", 8, "linear"), 800, 0.55, 0.70),
    (("oversampled", 2, "linear"), 300, 0.58, 0.55),
    (("oversampled", 4, "linear"), 700, 0.80, 0.75),
    (("oversampled", 8, "linear"), 1500, 0.70, 0.90),
)


def made(seeds: int = 3, budgets: tuple[str, ...] = ("all",)) -> RunData:
    cells: list[dict[str, Any]] = [
        {**variant(*named), "seed": s, "words_trained": words, "domain_words": 100,
         "generic_words": 400, "labelled_all": 60, "correct": right(share, 400, s, 0.01),
         **{f"cv_accuracy_{b}": cv + 0.001 * s for b in budgets}}
        for named, words, cv, share in MADE
        for s in range(seeds)
    ]  # fmt: skip
    return made_run(cells, {"frontier": list(range(len(cells)))}, budgets)


@pytest.fixture(scope="module")
def book() -> Scorebook:
    return Scorebook(made())


def test_each_strategy_is_at_its_best_for_each_budget(book: Scorebook) -> None:
    found = {(r.strategy, r.passes): (r.best.variant.k, r.candidates) for r in frontier(book)}
    assert found == {
        ("domain-only", 1): (1, 1), ("domain-only", 2): (2, 2), ("domain-only", 4): (2, 2),
        # Eight passes are paid for, but cross-validation still puts two first.
        ("domain-only", 8): (2, 3), ("domain-only", 16): (2, 3),
        ("oversampled", 4): (2, 1), ("oversampled", 8): (4, 2),
        # Not the one that is best on the test documents.
        ("oversampled", 16): (4, 3),
    }  # fmt: skip
    assert {r.budget for r in frontier(book)} == {100, 200, 400, 800, 1600}


def test_the_front_is_what_nothing_as_cheap_reaches(book: Scorebook) -> None:
    front = {(r.strategy, r.passes) for r in frontier(book) if r.front}
    # `oversampled(2)` takes more words than `domain-only(2)` and is worse.
    assert front == {("domain-only", 1), ("domain-only", 2), ("oversampled", 8)}


def test_what_to_train_is_chosen_over_strategies_and_compared_with_the_domain_alone(
    book: Scorebook,
) -> None:
    found = choices(frontier(book))
    assert [(c.best.passes, c.best.strategy) for c in found] == [
        (1, "domain-only"), (2, "domain-only"), (4, "domain-only"), (8, "oversampled"),
        (16, "oversampled"),
    ]  # fmt: skip
    assert [c.with_generic and c.with_generic.best.variant.k for c in found] == [
        None, None, 2, 4, 4,
    ]  # fmt: skip
    assert [c.gain is None for c in found] == [True, True, False, False, False]
    assert found[3].gain is not None
    stacks = [one.best.stack for one in (found[3].with_generic, found[3].plain) if one]
    assert found[3].gain.estimate == pytest.approx(stacks[0].mean - stacks[1].mean)
    assert found[3].gain.estimate == pytest.approx(0.75 - 0.58, abs=0.02)
    assert found[3].verdict == "better"
    assert found[3].alike == ()
    # Three points with hardly any noise are told apart, in the other direction.
    assert found[2].gain is not None
    assert found[2].gain.estimate < 0


def test_a_budget_pays_for_what_costs_no_more(book: Scorebook) -> None:
    (place,) = book.places()
    found = candidates(book, place)
    assert [c.cost for c in found] == sorted(words for _, words, _, _ in MADE)
    assert best_within(found, 99) is None
    assert best_within(found, 700).variant.k == 4  # type: ignore[union-attr]
    assert best_within(found, 699).variant.k == 2  # type: ignore[union-attr]
    assert candidates(book, place, "seconds_core") == []


def test_a_candidate_without_every_seed_is_not_chosen() -> None:
    data = made()
    cells = data.cells
    fewer = data.only(~((cells["strategy"] == "oversampled") & (cells["k"] == 4)
                        & (cells["seed"] == 2)))  # fmt: skip
    found = [r for r in frontier(Scorebook(fewer)) if r.strategy == "oversampled"]
    assert [(r.passes, r.best.variant.k) for r in found] == [(4, 2), (8, 2), (16, 8)]


def test_without_cross_validated_accuracy_or_words_there_is_no_frontier() -> None:
    data = made()
    for column in ("cv_accuracy_all", "words_trained", "domain_words"):
        less = made_run(data.cells.drop(columns=[column, "key"]).to_dict("records"))
        assert frontier(Scorebook(less)) == []


def test_the_weights_are_the_chances_of_being_the_best_of_the_drawn() -> None:
    """Held against every equally likely draw, counted one by one; equals share their part."""
    values = [0.3, 0.1, 0.3, 0.2]
    for trials in (1, 2, 3, 5):
        counted = np.zeros(len(values))
        for drawn in itertools.product(range(len(values)), repeat=trials):
            top = max(values[i] for i in drawn)
            alike = [i for i, v in enumerate(values) if v == top]
            counted[alike] += 1 / len(alike)
        expected = counted / len(values) ** trials
        assert best_of_weights(values, trials) == pytest.approx(expected)


def test_the_expected_best_is_the_mean_for_one_trial_and_the_best_for_many(
    book: Scorebook,
) -> None:
    found = {(e.strategy, e.trials): e for e in expected_best(book)}
    assert [n for name, n in found if name == "domain-only"] == [1, 2]
    one, two = found["oversampled", 1], found["oversampled", 2]
    (place,) = book.places()
    mine = [c for c in candidates(book, place) if c.variant.strategy == "oversampled"]
    assert one.cv == pytest.approx(np.mean([c.cv for c in mine]))
    assert one.accuracy.estimate == pytest.approx(np.mean([c.stack.mean for c in mine]))
    # Of two of three: the best in 5 of 9 draws, the middle in 3, the worst in 1.
    ordered = sorted(mine, key=lambda c: c.cv)
    weights = np.array([1, 3, 5]) / 9
    assert two.cv == pytest.approx(weights @ [c.cv for c in ordered])
    assert two.accuracy.estimate == pytest.approx(weights @ [c.stack.mean for c in ordered])
    assert two.accuracy.low < two.accuracy.estimate < two.accuracy.high
    assert best_of_weights([c.cv for c in mine], 1000) @ [c.cv for c in mine] == pytest.approx(
        ordered[-1].cv
    )
