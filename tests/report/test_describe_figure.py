"""A figure in words has the figure's numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
from report.made_sections import drift_cells
from report.made_summary import FEW, PAIRS, made_summary

from d2vbench.analysis import across_pairs
from d2vbench.report.chapters.drift import drift_means
from d2vbench.report.drawing.description import describe_figure
from d2vbench.report.drawing.dot_plots import differences_figure, strategies_figure
from d2vbench.report.drawing.heat_map import schedules_heat_map
from d2vbench.report.figures.drift import drift_figure, forgetting_figure, forgetting_points
from d2vbench.report.figures.overview import overview_figure, ranks_figure
from d2vbench.report.figures.plan import plan_figure
from d2vbench.report.figures.studies import label_curves
from d2vbench.strategies import Sizes, make_plans, parse_schedule, parse_strategy


def test_of_strategies() -> None:
    _, drawn = strategies_figure(made_summary(("p",)))
    assert describe_figure(drawn) == (
        "Accuracy of 4 variants in per cent with 95 % intervals, beside it the paired difference "
        "from combined. p, PV-DBOW, all labels: best is oversampled(4) with 63.0 [60.0, 65.0] per "
        "cent, worst generic-only with 60.0 [57.0, 62.0]."
    )


def test_of_differences() -> None:
    _, drawn = differences_figure(made_summary(("p",)))
    assert describe_figure(drawn) == (
        "Paired difference in accuracy of 4 variants from combined, in points with 95 % intervals. "
        "p, PV-DBOW, all labels: from oversampled(4) with +2.0 [+0.5, +3.0] to generic-only with "
        "−1.0 [−2.5, 0.0]; 3 inconclusive."
    )


def test_many_panels_are_counted() -> None:
    _, drawn = differences_figure(made_summary(PAIRS, labels=("all", "10")))
    assert describe_figure(drawn).endswith(" 6 more panels in the table.")


def test_of_the_overview() -> None:
    _, drawn = overview_figure(made_summary(("p", "q")))
    assert describe_figure(drawn) == (
        "Difference in accuracy from combined, in points, on p, q; means over pairs: "
        "oversampled(4) with +2.2; oversampled(2) with +1.2; generic-only with −0.8."
    )


def test_of_curves() -> None:
    parts = [made_summary(("p",), FEW[:2], labels=(b,)) for b in ("10", "all")]
    _, drawn = label_curves(pd.concat(parts))
    assert describe_figure(drawn) == (
        "Accuracy in per cent over labelled documents a class, a line a variant with 95 % "
        "intervals. p, PV-DBOW: combined from 61.0 at 10 to 61.0 at all; generic-only from 60.0 at "
        "10 to 60.0 at all."
    )


def test_of_the_heat_map() -> None:
    variants = [
        ("sequential", 1, "follow-up(0.005)"), ("combined", "", "linear"),
        ("sequential", 4, "cosine"),
    ]  # fmt: skip
    _, drawn = schedules_heat_map(made_summary(("p",), variants))
    assert describe_figure(drawn) == (
        "Difference in accuracy of sequential(k) from combined, in points, by the alpha that the "
        "follow-up starts with, its length k, and other schedules. p, PV-DBOW, all labels: from "
        "−1.0 with alpha 0.005 and k = 1 to +1.0 with cosine and k = 4; 0 of 2 fields better, "
        "0 worse beyond noise."
    )


def test_of_drift_and_forgetting() -> None:
    means = drift_means(drift_cells())
    _, drawn = drift_figure(means)
    assert describe_figure(drawn) == (
        "Mean cosine of vectors with what they were before the follow-up, as they are (raw) and "
        "after alignment. p, PV-DBOW, output vectors: words in D raw 0.50 to 0.60, aligned 0.60 to "
        "0.70, lowest sequential(4), restart; words absent from D raw 0.70 to 0.80, aligned 0.80 "
        "to 0.90, lowest sequential(4), restart."
    )
    variants = [("sequential", 4, "restart"), ("combined", "", "linear")]
    points = forgetting_points(means, made_summary(("p",), variants))
    _, drawn = forgetting_figure(points)
    assert describe_figure(drawn) == (
        "Gain in accuracy on the domain against the change of accuracy on the generic corpus, both "
        "in points, a point a follow-up. p, PV-DBOW, against combined: sequential(4), restart "
        "gains −1.0 and changes −10.0 [−12.5, −7.5]."
    )


def test_of_ranks() -> None:
    scores = np.array([0.9, 0.5, 0.4]) + np.zeros((9, 1))
    _, drawn = ranks_figure(across_pairs(scores, ["a", "b", "c"]))
    assert describe_figure(drawn) == (
        "Average ranks of accuracy over 9 pairs, 1 is best: a 1.00; b 2.00; c 3.00."
    )


def test_of_a_plan() -> None:
    sizes = Sizes(700, 300, 100_000, 50_000)
    plans = make_plans(
        parse_strategy("sequential(2)"), parse_schedule("restart"), sizes,
        epochs=3, alpha=0.025, min_alpha=0.0001,
    )  # fmt: skip
    _, drawn = plan_figure("t", plans, sizes)
    assert describe_figure(drawn) == (
        "Share of words and learning rate over training. generic, 0.30 million words, 0 % of them "
        "from D, alpha from 0.025 to 0.0001; domain, 0.30 million words, 100 % of them from D, "
        "alpha from 0.025 to 0.0001."
    )


def test_of_what_is_not_known() -> None:
    assert describe_figure(pd.DataFrame({"x": [1]})) == ""
    assert describe_figure(strategies_figure(made_summary())[1].iloc[:0]) == ""
