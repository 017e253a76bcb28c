"""The overview draws each pair's difference, and the mean with the pair as the unit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from report.made_summary import FEW, PAIRS, made_summary
from scipy import stats

from d2vbench.analysis import over_pairs
from d2vbench.report.figures.overview import has_overview, overview_figure, pairs_of


def test_a_mean_over_pairs_has_the_interval_over_corpora() -> None:
    """Where each pair has corpora of its own, that is Student's t."""
    summary = made_summary(PAIRS[:4], FEW)
    chosen = summary[(summary["strategy"] == "oversampled") & (summary["k"] == 4)]
    found = over_pairs(chosen["difference"].tolist(), [np.nan] * 4, "abcd", "abcd")
    figure, drawn = overview_figure(summary, over={"oversampled(4)": found})
    others = drawn[(drawn["variant"] != "oversampled(4)") & (drawn["pair"] == "")]
    assert others["low"].isna().all()
    mean = drawn[(drawn["variant"] == "oversampled(4)") & (drawn["pair"] == "")].iloc[0]
    mine = summary[(summary["strategy"] == "oversampled") & (summary["k"] == 4)]
    values = 100 * mine["difference"].to_numpy()
    half = stats.sem(values) * stats.t.ppf(0.975, 3)
    assert mean["x"] == pytest.approx(values.mean())
    ends = [values.mean() - half, values.mean() + half]
    assert [mean["low"], mean["high"]] == pytest.approx(ends, rel=1e-3)
    light = drawn[(drawn["variant"] == "oversampled(4)") & (drawn["pair"] != "")]
    assert light["x"].tolist() == pytest.approx(values.tolist())
    assert drawn["pairs"].unique().tolist() == [4]
    side = {text.get_text() for text in figure.axes[1].texts}
    assert f"+{mean['x']:.1f} [+{mean['low']:.1f}, +{mean['high']:.1f}]" in side


def test_a_mean_is_one_mark_whatever_its_shape() -> None:
    """Some markers are corners, which Matplotlib would take for a line of so many points."""
    rows = [("adapted", 4, "restart"), ("loop", 4, "restart"), *FEW]
    figure, drawn = overview_figure(made_summary(PAIRS[:3], rows))
    marks = [
        line for line in figure.axes[0].lines
        if line.get_marker() not in ("None", "") and line.get_markersize() > 5
    ]  # fmt: skip
    assert all(len(line.get_xdata()) == 1 for line in marks)
    places = {round(float(line.get_xdata()[0]), 6) for line in marks}
    assert {round(x, 6) for x in drawn.loc[drawn["pair"] == "", "x"]} <= places


def test_two_pairs_give_the_mean_no_interval_but_have_their_own() -> None:
    _, drawn = overview_figure(made_summary(PAIRS[:2], FEW))
    assert drawn.loc[drawn["pair"] == "", "low"].isna().all()
    assert drawn.loc[drawn["pair"] != "", "low"].notna().all()


def test_the_best_mean_stands_on_top_and_combined_at_zero() -> None:
    figure, drawn = overview_figure(made_summary(PAIRS[:3], FEW))
    means = drawn[drawn["pair"] == ""].sort_values("y")
    assert means["x"].is_monotonic_decreasing
    (reference,) = (
        line
        for line in figure.axes[0].lines
        if line.get_marker() == "o" and line.get_xdata()[0] == 0
    )
    # `combined` has a row of its own between gains and losses.
    place = reference.get_ydata()[0]
    assert (means.loc[means["x"] > 0, "y"] < place).all()
    assert (means.loc[means["x"] < 0, "y"] > place).all()


def test_of_each_pair_the_share_with_most_variants_counts() -> None:
    main = made_summary(PAIRS[:1], FEW, fraction=0.25)
    more = made_summary(PAIRS[:1], FEW[:2]).assign(difference=0.5)
    other = made_summary(PAIRS[1:2], FEW)
    summary = pd.concat([main, more, other], ignore_index=True)
    assert pairs_of(summary) == [f"{PAIRS[0]} (25 % of the domain)", PAIRS[1]]
    _, drawn = overview_figure(summary)
    assert drawn["x"].max() < 10


def test_a_variant_that_a_pair_lacks_is_left_out() -> None:
    summary = made_summary(PAIRS[:2], FEW)
    lacks = (summary["pair"] == PAIRS[1]) & (summary["k"] == 4)
    _, drawn = overview_figure(summary[~lacks])
    assert set(drawn["variant"]) == {"generic-only", "oversampled(2)"}


def test_nothing_to_draw_is_an_error() -> None:
    summary = made_summary(PAIRS[:2], FEW).assign(difference=np.nan)
    assert not has_overview(summary)
    with pytest.raises(ValueError, match="no variant beside combined is on every pair"):
        overview_figure(summary)
