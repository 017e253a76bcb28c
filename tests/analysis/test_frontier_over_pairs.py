"""Strategies at their best over pairs: chosen on each pair apart, within a budget of words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from at_best_run import GAINS, at_best_run

from d2vbench.analysis.contrasts.contrasts import Scorebook
from d2vbench.analysis.studies.frontier_over_pairs import (
    ANY,
    BOTH,
    DOMAIN,
    RIVAL,
    UNLIMITED,
    WITH_GENERIC,
    AtBest,
    at_best,
)

Found = dict[tuple[str, str, str], AtBest]


def by_name(found: list[AtBest]) -> Found:
    return {(one.budget, one.first, one.second): one for one in found}


@pytest.fixture(scope="module")
def found() -> Found:
    return by_name(at_best(Scorebook(at_best_run())))


def test_each_pair_has_its_own_best_and_the_mean_is_over_pairs(found: Found) -> None:
    one = found[UNLIMITED, "oversampled", "domain-only"]
    # Its second candidate is what cross-validation chooses, but on the first pair; what is best on
    # the test documents alone is chosen nowhere.
    assert [of.value for of in one.differences.values()] == pytest.approx(GAINS, abs=0.004)
    assert one.found.pairs == len(GAINS)
    assert one.found.interval.estimate == pytest.approx(np.mean(GAINS), abs=0.02)
    assert one.found.interval.low < np.mean(GAINS) < one.found.interval.high


def test_a_budget_leaves_out_what_it_does_not_pay_for(found: Found) -> None:
    # Four passes over D are 400 words: no candidate that shows G is as short.
    assert not any(budget == DOMAIN and "oversampled" in rest for budget, *rest in found)
    assert (DOMAIN, ANY, RIVAL) in found
    # G and four of D are 800 words: the first of two candidates that show G.
    within = found[BOTH, "oversampled", "domain-only"]
    gains = [of.value for of in within.differences.values()]
    assert np.mean(gains) == pytest.approx(-0.1, abs=0.004)


def test_the_best_with_g_is_one_of_its_strategies_and_the_rival_trains_nothing(
    found: Found,
) -> None:
    generic = found[UNLIMITED, WITH_GENERIC, "domain-only"]
    assert generic.differences == found[UNLIMITED, "oversampled", "domain-only"].differences
    # The rival is right on 0.55 of the documents, domain-only on 0.5.
    alone = found[DOMAIN, ANY, RIVAL]
    gains = [of.value for of in alone.differences.values()]
    assert np.mean(gains) == pytest.approx(-0.05, abs=0.004)


def test_few_pairs_say_nothing_of_new_corpora() -> None:
    data = at_best_run()
    few = data.only(data.cells["pair"].isin(sorted(set(data.cells["pair"]))[:5]))
    assert at_best(Scorebook(few)) == []


def test_without_a_rival_or_sizes_the_rest_is_there() -> None:
    data = at_best_run()
    alone = by_name(at_best(Scorebook(data.only(data.cells["model"] != "baseline"))))
    assert (UNLIMITED, WITH_GENERIC, "domain-only") in alone
    assert not any(RIVAL in name for name in alone)
    unsized = replace(data, cells=data.cells.drop(columns="generic_words"))
    assert {budget for budget, *_ in by_name(at_best(Scorebook(unsized)))} == {UNLIMITED}
