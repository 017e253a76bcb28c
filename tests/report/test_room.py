"""In no figure does a text overlap another or leave it, whatever the names and however many."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from report.figure_checks import assert_legible
from report.made_sections import drift_cells
from report.made_summary import FEW, MANY, PAIRS, made_summary, titles

from d2vbench.analysis import across_pairs
from d2vbench.report.chapters.drift import drift_means
from d2vbench.report.drawing.dot_plots import differences_figure, strategies_figure
from d2vbench.report.drawing.heat_map import schedules_heat_map
from d2vbench.report.drawing.style import write_figure
from d2vbench.report.figures.drift import drift_figure, forgetting_figure
from d2vbench.report.figures.overview import overview_figure, ranks_figure
from d2vbench.report.figures.studies import label_curves, share_curves, shift_curves

# With scripts that the font lacks, marks of TeX and HTML, and no place to break.
HOSTILE = (
    "名前の長いコーパス-" * 3, "$\\frac{a}$ &\n<b>_^\t", "supercalifragilisticexpialidocious" * 2,
)  # fmt: skip
Draw = Callable[..., tuple[Figure, Any]]


def sweep(column: str, values: list[Any], **more: Any) -> pd.DataFrame:
    parts = [made_summary(**more).assign(**{column: value}) for value in values]
    # Lines end so near each other that their names must give way.
    frame = pd.concat(parts, ignore_index=True)
    return frame.assign(accuracy=0.7 + 0.001 * frame["accuracy"])


def schedules(pairs: tuple[str, ...]) -> pd.DataFrame:
    variants = [("combined", "", "linear")]
    alphas = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05)
    variants += [("sequential", k, f"follow-up({a})") for k in "1248" for a in alphas]
    variants += [
        ("sequential", 4, s) for s in ("linear", "restart", "rewarmed", "cosine", "constant")
    ]
    return made_summary(pairs, variants, labels=("all", "10"))


def ranks(n: int) -> Any:
    rng = np.random.default_rng(0)
    scores = rng.normal(0, 0.01, (9, n)) + np.linspace(0, 0.1, n)
    return across_pairs(scores, titles(MANY)[:n])


def points(n: int) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    change = rng.normal(-3, 2, n)
    return pd.DataFrame({
        "panel": ["a pair with a long name\nPV-DBOW" if i % 3 else HOSTILE[0] for i in range(n)],
        "variant": titles(MANY)[:n], "strategy": [v[0] for v in MANY[:n]],
        "against": "combined", "gain": rng.normal(2, 1, n),
        "change": change, "change_low": change - 2, "change_high": change + 2,
    })  # fmt: skip


CASES: dict[str, tuple[Draw, Any]] = {
    "strategies": (strategies_figure, made_summary(models=("dbow", "dm"), labels=("all", "10"))),
    "differences of all pairs": (differences_figure, made_summary(PAIRS[:3], MANY)),
    "differences of hostile pairs": (differences_figure, made_summary(HOSTILE, FEW)),
    "overview of two pairs": (overview_figure, made_summary()),
    "overview of hostile pairs": (overview_figure, made_summary(HOSTILE, FEW)),
    "shares": (share_curves, sweep("fraction", [0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0],
                                   variants=MANY[4:10], labels=("all", "10"))),
    "shares of hostile pairs": (share_curves, sweep("fraction", [0.1, 1.0], pairs=HOSTILE,
                                                    labels=("all", "10"))),
    "senses": (shift_curves, sweep("pair", ["synthetic-0", "synthetic", "synthetic-100"],
                                   pairs=("synthetic",), variants=MANY[:24])),
    "labels": (label_curves, sweep("labels", ["5", "10", "20", "50", "all"], pairs=HOSTILE)),
    "schedules": (schedules_heat_map, schedules(PAIRS[:1])),
    "schedules of hostile pairs": (schedules_heat_map, schedules(HOSTILE[2:])),
    "ranks of many": (ranks_figure, ranks(len(MANY))),
    "forgetting of many": (forgetting_figure, points(18)),
    "drift of a hostile pair": (drift_figure, drift_means(drift_cells()).assign(pair=HOSTILE[0])),
}  # fmt: skip


@pytest.mark.parametrize("columns", [1, 2])
@pytest.mark.parametrize("case", CASES)
def test_texts_leave_each_other_room(case: str, columns: int) -> None:
    draw, data = CASES[case]
    figure, drawn = draw(data, columns=columns)
    # What one column takes may go on over two pages.
    assert_legible(figure, columns, highest=9.7 if columns == 2 else 19)
    assert len(drawn)


def test_all_variants_on_all_pairs_fit_on_a_page() -> None:
    everything = made_summary(PAIRS, MANY)
    for draw in (strategies_figure, differences_figure, overview_figure):
        figure, _ = draw(everything)
        assert_legible(figure, 2, highest=9.7)


def test_a_name_in_any_script_gives_no_warning(tmp_path: Path) -> None:
    figure, _ = strategies_figure(made_summary(HOSTILE, FEW))
    for ending in ("png", "svg", "pdf"):
        write_figure(figure, tmp_path / f"x.{ending}", HOSTILE[0], HOSTILE[1])
    assert "名前" in (tmp_path / "x.svg").read_text(encoding="utf-8")


def test_the_check_finds_what_it_looks_for() -> None:
    def figure(*texts: tuple[float, float, str, float]) -> Figure:
        found = Figure(figsize=(89 / 25.4, 2))
        for x, y, text, size in texts:
            found.text(x, y, text, fontsize=size)
        return found

    assert_legible(figure((0.1, 0.2, "one", 7), (0.1, 0.5, "other", 7)), 1)
    for texts, said in (
        (((0.1, 0.2, "one", 7), (0.12, 0.21, "other", 7)), "overlaps"),
        (((0.9, 0.2, "a long text", 7),), "cut at the right"),
        (((0.1, 0.99, "one", 7),), "cut at the top"),
        (((0.1, 0.5, "one", 5.5),), "one"),
    ):
        with pytest.raises(AssertionError, match=said):
            assert_legible(figure(*texts), 1)
    with pytest.raises(AssertionError):
        assert_legible(figure((0.1, 0.2, "one", 7)), 2)
