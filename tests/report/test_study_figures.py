"""Figures of single studies draw the numbers of the summary, each at its place."""

from __future__ import annotations

import pandas as pd
import pytest

from d2vbench.report.study_figures import dial_of, schedules_heat_map, share_curves, shift_curves


def row(**values: object) -> dict[str, object]:
    return {
        "pair": "p", "fraction": 1.0, "model": "dbow", "labels": "all", "strategy": "combined",
        "k": "", "schedule": "linear", "vocabulary_policy": "shared", "setting": "", "seeds": 3,
        "accuracy": 0.5, "accuracy_low": 0.4, "accuracy_high": 0.6, "difference": 0.0,
        "verdict": "",
    } | values  # fmt: skip


def test_curves_over_the_share_of_the_domain() -> None:
    summary = pd.DataFrame([
        row(fraction=1.0, accuracy=0.9), row(fraction=0.1, accuracy=0.7),
        row(fraction=1.0, accuracy=0.8, strategy="domain-only", k="4"),
        row(fraction=0.1, accuracy=0.3, strategy="domain-only", k="4"),
        row(model="baseline", accuracy=0.1),
    ])  # fmt: skip
    figure, drawn = share_curves(summary, "heading")
    points = {(r.variant, r.x): r.y for r in drawn.itertuples()}
    assert points == {
        ("combined", 10): pytest.approx(70), ("combined", 100): pytest.approx(90),
        ("domain-only(4)", 10): pytest.approx(30), ("domain-only(4)", 100): pytest.approx(80),
    }  # fmt: skip
    (axes,) = figure.axes
    lines = [list(zip(*line.get_data(), strict=True)) for line in axes.get_lines()]
    assert lines == [[(10, 70), (100, 90)], [(10, 30), (100, 80)]]
    assert {t.get_text() for t in axes.texts} == {"combined", "domain-only(4)"}
    assert [t.get_text() for t in axes.get_xticklabels()] == ["10", "100"]
    assert axes.get_title(loc="left") == "p\nPV-DBOW, all labels"


def test_curves_over_the_dial() -> None:
    summary = pd.DataFrame([
        row(pair="synthetic-100", accuracy=0.2), row(pair="synthetic", accuracy=0.6),
        row(pair="synthetic-0", accuracy=0.8), row(pair="docstrings-scipy", accuracy=0.99),
    ])  # fmt: skip
    _, drawn = shift_curves(summary, "heading")
    assert drawn[["x", "y"]].to_numpy().tolist() == [[0, 80], [25, 60], [100, 20]]
    assert dial_of("newsgroups-comp") is None


def test_the_heat_map_has_each_number_in_its_field() -> None:
    fields = {("1", 0.005): -0.05, ("1", 0.05): 0.01, ("4", 0.005): 0.02, ("4", 0.05): 0.08}
    summary = pd.DataFrame(
        [row(verdict="reference"), row(strategy="sequential", k="4", schedule="restart")]
        + [
            row(
                strategy="sequential", k=k, schedule=f"follow-up({a})", difference=d,
                verdict="better" if d > 0.05 else "inconclusive",
            )
            for (k, a), d in fields.items()
        ]
    )  # fmt: skip
    figure, drawn = schedules_heat_map(summary, "heading")
    found = {(str(r.k), r.alpha): r.difference for r in drawn.itertuples()}
    assert found == {place: pytest.approx(100 * d) for place, d in fields.items()}
    (axes,) = figure.axes
    texts = {t.get_position(): (t.get_text(), t.get_fontweight()) for t in axes.texts}
    assert texts == {
        (0, 0): ("-5.0", "normal"), (1, 0): ("+1.0", "normal"),
        (0, 1): ("+2.0", "normal"), (1, 1): ("+8.0", "bold"),
    }  # fmt: skip
    assert [t.get_text() for t in axes.get_xticklabels()] == ["0.005", "0.05"]
    assert [t.get_text() for t in axes.get_yticklabels()] == ["1", "4"]
    image = axes.images[0].get_array()
    assert image[1][1] == pytest.approx(8)
