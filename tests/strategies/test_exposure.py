"""Exposure in closed form is what the real orders and learning rates add up to."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_support import FEW, FORMS, SCHEDULES, SIZES, plan, presented, sizes_strategy

from d2vbench.strategies import (
    AlphaPiece,
    Exposure,
    Passes,
    Phase,
    Plan,
    Sizes,
    alpha_slices,
    epoch_order,
    exposure,
    exposure_of_record,
    make_plans,
    parse_schedule,
    parse_strategy,
)


def areas(p: Plan, sizes: Sizes, seed: int) -> tuple[float, float]:
    """Sum the alpha at the middle of each document, in its real order, by words."""
    totals = [0.0, 0.0]
    nearest = np.arange(sizes.generic_documents)[::-1]
    lengths = np.array(
        [sizes.generic_words / sizes.generic_documents] * sizes.generic_documents
        + [sizes.domain_words / sizes.domain_documents] * sizes.domain_documents
    )
    for phase in p.phases:
        for epoch in range(phase.epochs):
            order = epoch_order(phase, epoch, sizes, seed, nearest)
            for documents, start, end in alpha_slices(phase, epoch, order):
                words = lengths[documents]
                middles = (np.cumsum(words) - words / 2) / words.sum()
                for document, at in zip(documents, middles, strict=True):
                    totals[int(document >= sizes.generic_documents)] += start + (end - start) * at
    return totals[0] / sizes.generic_documents, totals[1] / sizes.domain_documents


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("strategy", FORMS)
def test_the_mean_over_real_orders_is_the_closed_form(strategy: str, schedule: str) -> None:
    p = plan(strategy, schedule)
    said = exposure([p], SIZES)
    found = np.array([areas(p, SIZES, seed) for seed in range(40)])
    # Four standard errors; orders that are no chance leave none.
    margin = 4 * found.std(axis=0) / np.sqrt(len(found)) + 1e-12
    assert (np.abs(found.mean(axis=0) - [said.generic_area, said.domain_area]) <= margin).all()


@FEW
@given(sizes_strategy, st.sampled_from(("sequential(3)", "reverse(2)", "concatenated(2)",
       "domain-only(2)", "generic-only", "frozen(2)")), st.sampled_from(SCHEDULES),
       st.integers(1, 4))  # fmt: skip
def test_where_chance_decides_nothing_the_closed_form_is_exact(
    sizes: Sizes, strategy: str, schedule: str, epochs: int
) -> None:
    p = plan(strategy, schedule, sizes, epochs)
    said = exposure([p], sizes)
    found = areas(p, sizes, seed=1)
    assert found == pytest.approx((said.generic_area, said.domain_area))


@FEW
@given(sizes_strategy, st.sampled_from(FORMS), st.sampled_from(SCHEDULES), st.integers(1, 4))
def test_passes_are_those_that_are_presented(
    sizes: Sizes, strategy: str, schedule: str, epochs: int
) -> None:
    p = plan(strategy, schedule, sizes, epochs)
    said, counts = exposure([p], sizes), presented(p, sizes)
    generic = sum(n for document, n in counts.items() if document < sizes.generic_documents)
    assert said.generic_passes == pytest.approx(generic / sizes.generic_documents)
    domain = sum(counts.values()) - generic
    assert said.domain_passes == pytest.approx(domain / sizes.domain_documents)
    assert said.words_trained == p.words(sizes)


def test_a_level_rate_collects_itself_at_each_pass() -> None:
    # alpha 0.025: 3 passes over G, 6 over D.
    said = exposure([plan("oversampled(2)", "constant")], SIZES)
    assert said == Exposure(3, 6, pytest.approx(0.075), pytest.approx(0.15), 3600)


def test_one_after_the_other_each_has_its_part_of_the_slope() -> None:
    # One epoch from 0.03 to 0.01: G has 3/4 of the words, so it ends at 0.015.
    whole = Phase("p", 1, Passes(0, 1), Passes(0, 1), "concatenated")
    p = Plan((dataclasses.replace(whole, alpha=(AlphaPiece(1, 0.03, 0.01),)),))
    said = exposure([p], Sizes(10, 5, 300, 100))
    assert said.generic_area == pytest.approx((0.03 + 0.015) / 2)
    assert said.domain_area == pytest.approx((0.015 + 0.01) / 2)


def test_models_of_an_ensemble_add_up() -> None:
    made = make_plans(
        parse_strategy("ensemble(2)"), parse_schedule("linear"), SIZES,
        epochs=3, alpha=0.025, min_alpha=0.0001,
    )  # fmt: skip
    both, alone = exposure(made, SIZES), [exposure([p], SIZES) for p in made]
    assert both.domain_passes == 6
    assert both.generic_passes == 3
    assert both.domain_area == alone[1].domain_area > 0 == alone[0].domain_area
    assert both.words_trained == sum(one.words_trained for one in alone)


def test_the_rising_share_of_the_domain_meets_the_lower_rates() -> None:
    annealed, level = (exposure([plan(s)], SIZES) for s in ("annealed(2)", "oversampled(2)"))
    assert annealed.domain_passes == level.domain_passes
    assert annealed.domain_area < level.domain_area
    assert annealed.generic_area > level.generic_area


def test_a_record_of_before_has_its_exposure_from_plans_and_sizes() -> None:
    p = plan("sequential(2)")
    record = {"plans": [p.to_json()], "counts": dataclasses.asdict(SIZES) | {"classes": 2}}
    said = exposure([p], SIZES).to_json()
    assert exposure_of_record(record) == said
    assert exposure_of_record({**record, "exposure": {"domain_area": 1.0}}) == {"domain_area": 1.0}
    assert exposure_of_record({"counts": record["counts"]}) == {}
    assert exposure_of_record({**record, "counts": {"generic_documents": 7}}) == {}
