"""Measures of cells over seeds, steps between strategies, paired gains, choice by training data."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from run_support import made_run, right, variant

from d2vbench.analysis import Evidence, Interval, RunData, seed_interval
from d2vbench.analysis.claims.differences import MeasureTest, PartsTest
from d2vbench.analysis.contrasts.contrasts import Cells, Scorebook
from d2vbench.analysis.contrasts.drift import take_measure
from d2vbench.analysis.contrasts.pair_means import main_fraction, over_corpora_against
from d2vbench.analysis.contrasts.scores import evaluated, paired
from d2vbench.analysis.contrasts.variants import Variant
from d2vbench.analysis.studies.paired_gains import PairedGain, judged, paired_gain

SEQUENTIAL = variant("sequential", 4, "restart")


def measured(values: list[float], **more: Any) -> RunData:
    return made_run(
        [SEQUENTIAL | {"seed": s, "m": x, "shown": 2 * x, "off": 0.25} | more
         for s, x in enumerate(values)]
    )  # fmt: skip


def test_a_measure_is_the_mean_over_seeds() -> None:
    values = [0.5, 0.75, 1.0]
    ((found,), skipped) = take_measure(
        measured([*values, math.nan]), Cells(("sequential",)), "moved", ("shown", "m")
    )
    assert skipped == []
    assert (found.measure, found.pair, found.fraction, found.model) == ("moved", "p", 1.0, "dbow")
    assert found.variant == Variant("sequential", 4, None, "restart")
    assert found.means == {"shown": 1.5, "m": 0.75}
    assert found.values == {0: 0.5, 1: 0.75, 2: 1.0}
    assert found.interval == seed_interval(values)
    ((less,), _) = take_measure(
        measured(values), Cells(("sequential",)), "moved", ("shown", "m"), "off"
    )
    assert less.values == {0: 0.25, 1: 0.5, 2: 0.75}
    assert less.means == {"shown": 1.5, "m": 0.75}


def test_what_cannot_be_measured_is_said() -> None:
    sequential = Cells(("sequential",))
    (_, (one,)) = take_measure(measured([0.5]), sequential, "moved", ("m",))
    assert (one.contrast, one.place) == ("moved", ("p", 1.0, "dbow", ""))
    assert one.reason == (
        "sequential(4), restart: one seed says nothing about seeds (+0.500)"
    )  # fmt: skip
    (_, (none,)) = take_measure(measured([math.nan] * 2), sequential, "moved", ("m",))
    assert none.reason == (
        "not measured: no such words or vectors, or next to nothing is kept"
    )  # fmt: skip
    (found, (old,)) = take_measure(measured([1, 2]), sequential, "moved", ("m", "a"), "b")
    assert (found, old.place) == ([], None)
    assert old.reason == "no cell has a, b; records of an older release have none"
    # Of other strategies, and of baselines, there is nothing to say.
    assert take_measure(measured([1, 2]), Cells(("reverse",)), "moved", ("m",)) == ([], [])
    of_baseline = measured([1, 2], model="baseline")
    assert take_measure(of_baseline, sequential, "moved", ("m",)) == ([], [])


MEASURE = MeasureTest(
    Cells(("sequential",)), "moved", "lost", "m", shown=(("before", "shown"), ("off", "off"))
)


def test_a_measure_as_evidence() -> None:
    data = measured([0.5, 0.75, 1.0])
    ((piece,), skipped) = MEASURE.gather(data, Scorebook(data))
    assert skipped == []
    assert (piece.first, piece.second) == ("sequential(4), restart: before 1.500", "off 0.250")
    assert (piece.test, piece.unit, piece.labels, piece.seeds) == ("moved", "lost", "", 3)
    assert piece.variance == pytest.approx(np.var([0.5, 0.75, 1.0], ddof=1) / 3)
    assert piece.role == "vote"


@pytest.mark.parametrize(
    ("low", "high", "p", "seeds", "finding", "vote"),
    [
        (0.011, 0.2, 0.01, 3, "beyond the margin", "supports"),
        (0.01, 0.2, 0.01, 3, "better", "undecided"),
        (0.011, 0.2, 0.05, 3, "inconclusive", "undecided"),
        (-0.2, 0.0099, 0.5, 3, "within it or less", "contradicts"),
        (-0.2, 0.01, 0.5, 3, "inconclusive", "undecided"),
        (0.011, 0.2, 0.01, 2, "too few seeds", "undecided"),
    ],
)
def test_a_measure_against_its_margin(
    low: float, high: float, p: float, seeds: int, finding: str, vote: str
) -> None:
    interval = Interval((low + high) / 2, low, high, p)
    piece = Evidence("t", "p", 1.0, "m", "", "a", "b", "lost", interval, seeds, p_holm=p)
    said = MEASURE.judged(piece)
    assert (said.finding, said.vote) == (finding, vote)


STEPS = PartsTest("steps", Cells(("generic-only",)), Cells(("combined",)), Cells(("oversampled",)))


def stepping(*shares: float, k: int | str = 1, seeds: tuple[int, ...] = (3, 3, 3)) -> RunData:
    names = (("generic-only", ""), ("combined", ""), ("oversampled", k))
    return made_run(
        [variant(name, of) | {"seed": s, "correct": right(share, 400, s, 0.01)}
         for (name, of), share, n in zip(names, shares, seeds, strict=True) for s in range(n)]
    )  # fmt: skip


def test_the_second_step_less_the_first() -> None:
    data = stepping(0.3, 0.4, 0.7)
    ((piece,), skipped) = STEPS.gather(data, Scorebook(data))
    assert skipped == []
    means = [data.cells.loc[data.cells["strategy"] == name, "accuracy_all"].mean()
             for name in ("generic-only", "combined", "oversampled")]  # fmt: skip
    assert piece.interval.estimate == pytest.approx(means[2] - 2 * means[1] + means[0])
    assert piece.interval.low > 0
    assert (piece.first, piece.second) == (
        "second step: combined to oversampled(1)",
        "first step: generic-only to combined",
    )
    assert (piece.seeds, piece.unit, piece.role) == (3, "accuracy", "beside")
    assert piece.variance > 0


def test_steps_that_lack_a_part_are_said() -> None:
    def reasons(data: RunData) -> list[str]:
        found, skipped = STEPS.gather(data, Scorebook(data))
        assert found == []
        return [one.reason for one in skipped]

    # Combined goes with k = 1 alone.
    assert reasons(stepping(0.3, 0.4, 0.7, k=4)) == [
        "no cells of generic-only or of combined beside oversampled(4)"
    ]
    assert reasons(stepping(0.3, 0.4, 0.7, seeds=(0, 3, 3))) == [
        "no cells of generic-only or of combined beside oversampled(1)"
    ]
    assert reasons(stepping(0.3, 0.4, 0.7, seeds=(3, 3, 0))) == ["no cells of oversampled"]
    assert reasons(stepping(0.3, 0.4, 0.7, seeds=(1, 3, 3))) == [
        "no two seeds that all three share"
    ]


def test_what_one_way_adds_to_another() -> None:
    data = made_run(
        [variant(name) | {"seed": s, "correct": right(share, 400, s, 0.01)}
         for name, share in (("combined", 0.5), ("reverse", 0.6)) for s in range(3)]
        + [variant("failed") | {"seed": 0}]
        + [variant("annealed") | {"seed": 9, "correct": right(0.5, 400)}]
    )  # fmt: skip
    parts = dict(list(data.cells.groupby("strategy")))
    found = paired_gain(data, parts["reverse"], parts["combined"], "all")
    assert found is not None
    assert (found["labels"], found["seeds"]) == ("all", 3)
    gain, with_it, without = (found[name] for name in ("gain", "accuracy", "without"))
    assert gain.estimate == pytest.approx(with_it.estimate - without.estimate)
    assert with_it.estimate == pytest.approx(0.6, abs=0.02)
    assert 0 < gain.low < 0.1 < gain.high + 0.02
    assert paired_gain(data, parts["reverse"], parts["failed"], "all") is None
    assert paired_gain(data, parts["reverse"], parts["combined"], "10") is None
    assert paired_gain(data, parts["reverse"], parts["annealed"], "all") is None


def test_gains_are_judged_together() -> None:
    def gain(p: float) -> PairedGain:
        interval = Interval(0.05, 0.02, 0.08, p)
        return PairedGain(pair="p", fraction=1.0, model="m", labels="all", accuracy=interval,
                          without=interval, gain=interval, seeds=3)  # fmt: skip

    assert [str(one.verdict) for one in judged([gain(0.03)])] == ["better"]
    assert {str(one.verdict) for one in judged([gain(0.03), gain(0.03)])} == {"inconclusive"}
    assert judged([]) == []


def test_the_share_with_most_variants_and_of_equals_the_smallest() -> None:
    def shares(*cells: tuple[str, float]) -> float:
        rows = [variant(name) | {"seed": s, "fraction": of} for name, of in cells for s in (0, 1)]
        return main_fraction(made_run(rows).cells)

    assert shares(("combined", 1.0), ("combined", 0.5), ("reverse", 0.5)) == 0.5
    assert shares(("combined", 1.0), ("combined", 0.25), ("combined", 0.5)) == 0.25
    # Seeds are no variants.
    assert shares(("combined", 0.25), ("reverse", 1.0), ("combined", 1.0)) == 1.0


def test_the_best_by_cross_validation_where_there_is_a_choice() -> None:
    cells = [
        variant(name) | {"seed": 0, "cv_accuracy_all": cv, "correct": right(0.5)}
        for name, cv in (("combined", 0.5), ("reverse", 0.7), ("annealed", math.nan),
                         ("shuffled-once", 0.7))
    ]  # fmt: skip
    book = Scorebook(made_run(cells, budgets=("all", "5")))
    place = ("p", 1.0, "dbow", "all")
    variants = book.variants(place)
    assert [v.strategy for v in book.best(place, variants)] == ["reverse"]
    assert book.best(place, variants[2:3]) == variants[2:3]  # Nothing to choose.
    assert book.best(place, []) == []
    assert book.best((*place[:3], "5"), variants) == []
    assert list(book.places()) == [place, (*place[:3], "5")]
    assert list(book.places((0.5,))) == []
    assert list(book.places((1.0,))) == list(book.places())


def test_seeds_in_common_are_paired_whatever_their_order() -> None:
    cells = [
        variant(name) | {"seed": s, "correct": right(share, seed=s)}
        for name, share, seeds in (("combined", 0.5, (0, 1, 2)), ("reverse", 0.6, (2, 1, 7)))
        for s in seeds
    ]
    data = made_run(cells)
    first, second = Scorebook(data).stacks(("p", 1.0, "dbow", "all")).values()
    found = paired(second, first)
    assert found is not None
    assert found[1] == (1, 2)
    by_seed = {(row.strategy, row.seed): data.correct[row.key, "all"]
               for row in data.cells.itertuples()}  # fmt: skip
    expected = [by_seed["reverse", s].astype(float) - by_seed["combined", s] for s in (1, 2)]
    assert np.array_equal(found[0].scores, expected)
    assert len(evaluated(data, data.cells, "5")) == 0


def test_pairs_against_a_reference_over_corpora() -> None:
    cells = [
        variant(name) | {"pair": pair, "seed": s, "correct": right(share + more, seed=s)}
        for pair, more in (("p", 0.0), ("q", 0.1))
        for name, share in (("combined", 0.5), ("reverse", 0.6), ("annealed", 0.4))
        if (pair, name) != ("q", "annealed")
        for s in range(3)
    ]
    found = over_corpora_against(made_run(cells), "combined")
    ((title, over),) = found.items()
    assert title == "reverse, linear"
    assert over.pairs == 2
    assert over.interval.estimate == pytest.approx(0.1, abs=0.03)
    assert 0 < over.of_seeds <= 1
    one_seed = made_run([cell for cell in cells if cell["seed"] == 0])
    assert math.isnan(over_corpora_against(one_seed, "combined")["reverse, linear"].of_seeds)
    assert over_corpora_against(made_run(cells), "combined", fraction=0.5) == {}
    assert over_corpora_against(made_run(cells), "combined", model="dm-mean") == {}
