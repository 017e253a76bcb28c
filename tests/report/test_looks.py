"""Strategies are told apart without red or green cones, and without any colour."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt
import pytest
from matplotlib.markers import MarkerStyle

from d2vbench.report.drawing.looks import (
    COLOURS,
    OTHER_COLOUR,
    OTHER_MARKER,
    look_of,
    looks_of,
    luminance,
)
from d2vbench.report.drawing.looks import linear_rgb as linear
from d2vbench.strategies import STRATEGIES

# Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB.
SEEN = {
    "all cones": np.eye(3),
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "protanopia": [
        [0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
}  # fmt: skip
_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
_WHITE = _XYZ @ np.ones(3)


def lab(colour: str, matrix: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return a colour in CIE L*a*b* (D65) as it is seen."""
    rgb = np.clip(np.asarray(matrix) @ np.array(linear(colour)), 0, 1)
    t = _XYZ @ rgb / _WHITE
    f = np.where(t > (6 / 29) ** 3, np.cbrt(t), t / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("sight", SEEN)
def test_colours_of_kinds_are_told_apart(sight: str) -> None:
    colours = sorted({*COLOURS.values(), OTHER_COLOUR})
    found = {
        (a, b): float(np.linalg.norm(lab(a, SEEN[sight]) - lab(b, SEEN[sight])))
        for a, b in itertools.combinations(colours, 2)
    }
    # About 2.3 is just noticed. Where two are nearer than 20, their lines and markers differ.
    assert min(found.values()) > 8, min(found, key=lambda two: found[two])
    for (a, b), distance in found.items():
        if distance < 20:
            lines = {colour: look.line for colour, look in by_colour().items()}
            assert lines[a] != lines[b]


def by_colour() -> dict[str, object]:
    return {look_of(name).colour: look_of(name) for name in (*COLOURS, "of a third party")}


def test_no_two_strategies_share_a_marker_and_no_two_kinds_a_line() -> None:
    markers = [look_of(name).marker for name in COLOURS]
    assert len(set(markers)) == len(markers)
    assert OTHER_MARKER not in markers
    looks = by_colour()
    lines = [look.line for look in looks.values()]  # type: ignore[attr-defined]
    assert len({str(line) for line in lines}) == len(looks)


def test_every_strategy_has_a_look_of_its_own() -> None:
    assert set(COLOURS) == set(STRATEGIES.built_in)
    looks = {name: look_of(name) for name in STRATEGIES.built_in}
    assert len({(look.colour, look.marker) for look in looks.values()}) == len(looks)
    # Each marker is one that Matplotlib draws, and can be filled: further variants are hollow.
    for look in looks.values():
        assert MarkerStyle(look.marker).is_filled()


def test_grey_alone_does_not_tell_all_apart() -> None:
    # Why the markers matter: this is no property to keep, but it must not be relied upon.
    light = sorted(luminance(colour) for colour in set(COLOURS.values()))
    assert min(np.diff(light)) < 0.03


def test_variants_of_one_strategy_differ_in_a_panel() -> None:
    titles = [f"sequential({k}), restart" for k in (1, 2, 4, 8)]
    looks = looks_of(dict.fromkeys(titles, "sequential"))
    assert list(looks) == titles
    assert len({(look.filled, str(look.line)) for look in looks.values()}) == 4
    assert {look.colour for look in looks.values()} == {COLOURS["sequential"]}
    assert looks[titles[0]] == look_of("sequential")


def test_a_strategy_has_its_colour_in_every_company() -> None:
    title = "replay(4, 0.1), restart"
    alone = looks_of({title: "replay"})
    among = looks_of({"combined": "combined", "oversampled(4)": "oversampled", title: "replay"})
    assert alone[title] == among[title]
