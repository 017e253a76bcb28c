"""Figures of single studies draw the numbers of the summary, each at its place."""

from __future__ import annotations

import pandas as pd
import pytest
from run_support import variant

from d2vbench.report.drawing.heat_map import field_colour, schedules_heat_map
from d2vbench.report.drawing.looks import luminance, text_colour
from d2vbench.report.figures.studies import dial_of, label_curves, share_curves, shift_curves


def row(**values: object) -> dict[str, object]:
    return {
        "pair": "p", "fraction": 1.0, "model": "dbow", "labels": "all", **variant("combined"),
        "seeds": 3, "accuracy": 0.5, "accuracy_low": 0.4, "accuracy_high": 0.6, "difference": 0.0,
        "verdict": "",
    } | values  # fmt: skip


def test_curves_over_the_share_of_the_domain() -> None:
    summary = pd.DataFrame([
        row(fraction=1.0, accuracy=0.9), row(fraction=0.1, accuracy=0.7),
        row(fraction=1.0, accuracy=0.8, strategy="domain-only", k=4),
        row(fraction=0.1, accuracy=0.3, strategy="domain-only", k=4),
        row(model="baseline", accuracy=0.1),
    ])  # fmt: skip
    figure, drawn = share_curves(summary)
    points = {(r.variant, r.x): r.y for r in drawn.itertuples()}
    assert points == {
        ("combined", 10): pytest.approx(70), ("combined", 100): pytest.approx(90),
        ("domain-only(4)", 10): pytest.approx(30), ("domain-only(4)", 100): pytest.approx(80),
    }  # fmt: skip
    (axes,) = figure.axes
    # Lines of names have three points, those of variants as many as there are shares.
    lines = [line.get_ydata().tolist() for line in axes.get_lines() if len(line.get_xdata()) == 2]
    assert lines == [[pytest.approx(70), pytest.approx(90)], [pytest.approx(30), pytest.approx(80)]]
    bars = [path.vertices[:, 1].tolist() for some in axes.collections for path in some.get_paths()]
    assert bars == [[pytest.approx(40), pytest.approx(60)]] * 4
    assert {t.get_text() for t in axes.texts} == {"combined", "domain-only(4)"}
    assert [t.get_text() for t in axes.get_xticklabels()] == ["10", "100"]
    # Marks of one share stand beside each other, at either side of its tick.
    tick = axes.get_xticks()[0]
    first, second = (line.get_xdata()[0] for line in axes.get_lines() if len(line.get_xdata()) == 2)
    assert first < tick < second
    assert {"p", "PV-DBOW, all labels"} <= {t.get_text() for t in figure.texts}


def test_the_axis_of_shares_is_logarithmic() -> None:
    summary = pd.DataFrame([row(fraction=f) for f in (0.01, 0.1, 1.0)])
    axes = share_curves(summary)[0].axes[0]
    low, middle, high = axes.get_xticks()
    assert middle - low == pytest.approx(high - middle)


def test_all_labels_stand_at_the_right() -> None:
    summary = pd.DataFrame([row(labels="all", accuracy=0.9), row(labels="10", accuracy=0.6)])
    figure, drawn = label_curves(summary)
    assert drawn[["x", "y"]].to_numpy().tolist() == [[10, 60], [20, 90]]
    assert [t.get_text() for t in figure.axes[0].get_xticklabels()] == ["10", "all"]


def test_curves_over_the_dial() -> None:
    summary = pd.DataFrame([
        row(pair="synthetic-100", accuracy=0.2), row(pair="synthetic", accuracy=0.6),
        row(pair="synthetic-0", accuracy=0.8), row(pair="docstrings-scipy", accuracy=0.99),
    ])  # fmt: skip
    _, drawn = shift_curves(summary)
    assert drawn[["x", "y"]].to_numpy().tolist() == [[0, 80], [25, 60], [100, 20]]
    assert dial_of("newsgroups-comp") is None


def heat_map_rows() -> pd.DataFrame:
    fields = {(1, 0.005): -0.05, (1, 0.05): 0.01, (4, 0.005): 0.02, (4, 0.05): 0.08}
    return pd.DataFrame(
        [
            row(verdict="reference"),
            row(strategy="sequential", k=4, schedule="restart", difference=-0.08),
            row(strategy="sequential", k=4, schedule="cosine", difference=0.0),
        ]
        + [
            row(
                strategy="sequential", k=k, schedule="follow-up", schedule_value=a, difference=d,
                verdict="better" if d > 0.05 else "inconclusive",
            )
            for (k, a), d in fields.items()
        ]
    )  # fmt: skip


def test_the_heat_map_has_each_number_in_its_field() -> None:
    figure, drawn = schedules_heat_map(heat_map_rows())
    follow_ups = drawn[drawn["schedule"] == ""]
    assert {(r.k, r.alpha): r.difference for r in follow_ups.itertuples()} == {
        (1, 0.005): pytest.approx(-5), (1, 0.05): pytest.approx(1),
        (4, 0.005): pytest.approx(2), (4, 0.05): pytest.approx(8),
    }  # fmt: skip
    shapes = drawn[drawn["schedule"] != ""]
    assert dict(zip(shapes["schedule"], shapes["difference"], strict=True)) == {
        "restart": pytest.approx(-8), "cosine": 0,
    }  # fmt: skip
    axes, side = figure.axes
    texts = {t.get_position(): (t.get_text(), t.get_fontweight()) for t in axes.texts}
    assert texts == {
        (0, 0): ("−5.0", "normal"), (1, 0): ("+1.0", "normal"),
        (0, 1): ("+2.0", "normal"), (1, 1): ("+8.0", "bold"),
    }  # fmt: skip
    assert [t.get_text() for t in axes.get_xticklabels()] == ["0.005", "0.05"]
    assert [t.get_text() for t in axes.get_yticklabels()] == ["1", "4"]
    assert {t.get_position(): t.get_text() for t in side.texts} == {(0, 0): "0.0", (0, 1): "−8.0"}
    assert [t.get_text() for t in side.get_yticklabels()] == ["cosine", "restart"]


def test_the_colours_of_the_heat_map_are_centred_at_zero() -> None:
    _, drawn = schedules_heat_map(heat_map_rows())
    colours = {round(r.difference, 6): r.colour for r in drawn.itertuples()}
    assert colours[0] == field_colour(0.0)
    assert (colours[8], colours[-8]) == (field_colour(1.0), field_colour(-1.0))
    assert luminance(colours[0]) > luminance(colours[1]) > luminance(colours[8])
    assert luminance(colours[0]) > luminance(colours[-5]) > luminance(colours[-8])


def test_each_number_contrasts_with_its_field() -> None:
    for share in range(-100, 101):
        field = luminance(field_colour(share / 100))
        text = luminance(text_colour(field_colour(share / 100)))
        low, high = sorted((field, text))
        # WCAG 2.2, level AA; luminance is what is left of a colour in grey.
        assert (high + 0.05) / (low + 0.05) >= 4.5
