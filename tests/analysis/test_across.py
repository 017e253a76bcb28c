"""Across pairs: against scipy and scikit-posthocs, and what few pairs cannot show."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from run_support import made_run, right, variant
from scipy import stats

from d2vbench.analysis import across_pairs, critical_difference, mean_by_pair
from d2vbench.analysis.contrasts.across import wilcoxon_p

NAMES = ("a", "b", "c", "d")


def scores(n: int, seed: int = 4, step: float = 0.8) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, 4)) + np.arange(4) * step


def test_ranks_and_friedman_are_scipys() -> None:
    values = scores(9)
    found = across_pairs(values, NAMES)
    assert found.names == ("d", "c", "b", "a")
    assert list(found.average_ranks) == sorted(stats.rankdata(-values, axis=1).mean(axis=0))
    reference = stats.friedmanchisquare(*values.T)
    assert (found.friedman, found.friedman_p) == pytest.approx(tuple(reference))
    assert (found.note, found.left_out) == ("", ())


def test_demsars_example() -> None:
    """Demsar 2006, section 3.2.4: four classifiers on 14 data sets."""
    found = critical_difference(14, 4)
    assert found == pytest.approx(2.569 * math.sqrt(4 * 5 / (6 * 14)), abs=0.001)
    # Chi-square 9.28 gives F = 3.69 there; the same formula from our own statistic.
    values = scores(14)
    ours = across_pairs(values, NAMES)
    f = 13 * ours.friedman / (14 * 3 - ours.friedman)
    assert ours.iman_davenport_p == pytest.approx(stats.f.sf(f, 3, 39))
    assert pytest.approx(3.69, abs=0.005) == 13 * 9.28 / (14 * 3 - 9.28)


def test_posthoc_tests_are_those_of_scikit_posthocs() -> None:
    posthocs = pytest.importorskip("scikit_posthocs")
    values = scores(9)
    found = across_pairs(values[:, ::-1], NAMES[::-1])
    holm = posthocs.posthoc_wilcoxon(list(values[:, ::-1].T), p_adjust="holm").to_numpy()
    nemenyi = posthocs.posthoc_nemenyi_friedman(values[:, ::-1]).to_numpy()
    for i, j in itertools.permutations(range(4), 2):
        assert found.holm_p[i, j] == pytest.approx(holm[i, j])
        apart = abs(found.average_ranks[i] - found.average_ranks[j]) > found.critical_difference
        assert apart == (nemenyi[i, j] < 0.05)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(-3, 3), min_size=2, max_size=9))
def test_wilcoxon_with_ties_and_zeros_is_scipys_permutation_test(values: list[int]) -> None:
    ours = wilcoxon_p(values)
    if not any(values):
        assert ours == 1
        return
    every_sign = stats.PermutationMethod(n_resamples=2 ** len(values))
    theirs = stats.wilcoxon(values, zero_method="zsplit", method=every_sign).pvalue
    assert ours == pytest.approx(theirs)


def test_wilcoxon_with_many_pairs_is_scipys() -> None:
    values = np.random.default_rng(0).normal(0.3, 1, 30)
    reference = stats.wilcoxon(values, method="exact").pvalue
    assert wilcoxon_p(values) == pytest.approx(reference)


@pytest.mark.parametrize(("n", "reached"), [(2, False), (5, False), (6, True), (7, True)])
def test_fewer_than_six_pairs_cannot_reach_p(n: int, reached: bool) -> None:
    """The first is better everywhere: the strongest evidence that n pairs can give."""
    found = across_pairs([[0.9, 0.5 + i / 100] for i in range(n)], ["a", "b"])
    assert found.wilcoxon_p[0, 1] == found.least_p == 2 / 2**n
    assert bool(found.holm_p[0, 1] < 0.05) is reached
    assert ("no signed-rank test on fewer than six" in found.note) is not reached
    assert found.cliques == (() if reached else ((0, 1),))


def test_many_strategies_take_more_pairs() -> None:
    found = across_pairs(scores(6, step=9), NAMES)
    assert found.least_p == 2 / 2**6 < 0.05 < found.least_holm_p == 6 * 2 / 2**6
    assert found.note.startswith("6 pairs and 4 strategies: after Holm's adjustment")
    assert not (found.holm_p < 0.05).any()


def test_cliques_are_longest_runs_of_neighbours() -> None:
    rng = np.random.default_rng(3)
    base = rng.normal(0, 0.001, (12, 5))
    # Two that are alike, one on its own, two that are alike.
    found = across_pairs(base + np.array([0.9, 0.9, 0.7, 0.5, 0.5]), list("abcde"))
    assert found.cliques == ((0, 1), (3, 4))
    assert set(found.names[:2]) == {"a", "b"}


def test_cliques_may_overlap() -> None:
    rng = np.random.default_rng(5)
    base = rng.normal(0, 0.1, 12)
    # c is always a little below a; b is anywhere.
    b = base + np.tile([0.3, -0.3], 6) + rng.normal(0, 0.01, 12)
    found = across_pairs(np.column_stack([base, b, base - 0.01]), list("abc"))
    assert found.names == ("a", "b", "c")
    assert found.cliques == ((0, 1), (1, 2))


def test_pairs_without_names_are_counted_from_one() -> None:
    values = np.array([[0.1, 0.2], [0.3, np.nan], [0.2, 0.4]])
    assert across_pairs(values, ["a", "b"]).left_out == ("2",)


def test_a_pair_with_a_failed_cell_is_left_out_and_said_to_be() -> None:
    values = scores(7)
    values[2, 1] = np.nan
    found = across_pairs(values, NAMES, [f"pair {i}" for i in range(7)])
    assert found.left_out == ("pair 2",)
    assert len(found.pairs) == 6
    assert found.average_ranks == across_pairs(np.delete(values, 2, axis=0), NAMES).average_ranks


def test_equal_scores_everywhere() -> None:
    found = across_pairs(np.full((8, 3), 0.7), list("abc"))
    assert (found.friedman, found.friedman_p, found.average_ranks) == (0.0, 1.0, (2.0, 2.0, 2.0))
    assert found.cliques == ((0, 1, 2),)


@pytest.mark.parametrize(
    ("values", "names", "message"),
    [
        ([[1.0, 2.0]], ["a"], r"\(n_pairs, n_strategies\) = \(1, 1\), got \(1, 2\)"),
        ([[1.0]], ["a"], "nothing to compare: 1 strategies"),
        ([[np.nan, 1.0]], ["a", "b"], "no pair has a score of every strategy"),
    ],
)
def test_wrong_scores(values: list[list[float]], names: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        across_pairs(values, names)


def test_means_of_the_strategies_that_every_pair_has() -> None:
    cells = []
    names_of = {"p": ("combined", "oversampled", "reverse"), "q": ("oversampled", "combined")}
    for pair, names in names_of.items():
        for fraction in (0.5, 1.0):
            for name in names[: None if fraction == 0.5 else 1]:
                for seed in (0, 1):
                    cells.append(
                        variant(name)
                        | {"pair": pair, "fraction": fraction, "seed": seed}
                        | {"correct": right(0.5 + 0.1 * (name == "oversampled"), seed=seed)}
                    )
    cells.append(variant("combined") | {"pair": "failed", "seed": 0})
    data = made_run(cells)
    table = mean_by_pair(data, fraction=0.5)
    assert table.index.tolist() == ["p", "q"]
    assert table.columns.tolist() == ["combined", "oversampled"]
    assert (table["oversampled"] - table["combined"]).round(2).between(0.06, 0.14).all()
    assert mean_by_pair(data, model="dm-mean").empty
    # All of D is another question, and the two pairs have no strategy in common there.
    assert mean_by_pair(data).columns.tolist() == []


def test_two_strategies_or_one_pair_have_no_friedman_test() -> None:
    for values in ([[0.1, 0.2], [0.3, 0.2]], [[0.1, 0.2, 0.3]]):
        found = across_pairs(values, NAMES[: len(values[0])])
        assert all(map(math.isnan, (found.friedman, found.friedman_p, found.iman_davenport_p)))
    assert found.note.startswith(
        "1 pair: no signed-rank test on fewer than six can reach p < 0.05 "
    )
    assert (found.least_p, found.least_holm_p) == (1.0, 1.0)
    assert math.isnan(found.wilcoxon_p[0, 0]) and math.isnan(found.holm_p[2, 2])


def test_pairs_that_all_rank_alike_leave_f_no_bound() -> None:
    found = across_pairs([[0.3, 0.2, 0.1 + i / 100] for i in range(5)], list("abc"))
    assert found.friedman == pytest.approx(10)
    assert found.iman_davenport_p == 0
    assert found.note == (
        "5 pairs: no signed-rank test on fewer than six can reach p < 0.05 (here at least "
        "0.0625), so none found says nothing"
    )


def test_scores_that_differ_by_rounding_alone_are_equal() -> None:
    found = across_pairs([[0.1 + 0.2, 0.3], [0.3, 0.1 + 0.2], [0.3, 0.3]], ["a", "b"])
    assert found.average_ranks == (1.5, 1.5)
    assert found.wilcoxon_p[0, 1] == 1
    assert wilcoxon_p([0.1 + 0.2 - 0.3, -1e-14]) == 1
