"""Figures are drawn where what they show has changed, and in any number of processes alike."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from d2vbench.report.document import pictures as module
from d2vbench.report.document.pictures import KNOWN, pictures_of
from d2vbench.report.document.structure import FigureBlock
from d2vbench.report.drawing.marks import note_mark


def bars(data: pd.DataFrame, colour: str = "black") -> Any:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(2, 1))
    axes = figure.subplots()
    axes.bar(data["name"], data["value"], color=colour)
    note_mark(axes, 0, 1.0, "a point", "combined", (0.5, 1.0), upright=True)
    return figure, pd.DataFrame()


def block(slug: str, value: float, title: str = "A title") -> FigureBlock:
    data = pd.DataFrame({"name": ["a", "b"], "value": [value, 1.0]})
    if value > 10:
        return FigureBlock(slug, title, lambda: bars(data, colour="red"), f"caption of {slug}")
    return FigureBlock(slug, title, functools.partial(bars, data), f"caption of {slug}")


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The slugs of what was drawn, in this process."""
    slugs: list[str] = []
    draw = module._picture

    def counting(block: FigureBlock, folder: Path) -> Any:
        slugs.append(block.slug)
        return draw(block, folder)

    monkeypatch.setattr(module, "_picture", counting)
    return slugs


def test_only_what_changed_is_drawn_again(tmp_path: Path, drawn: list[str]) -> None:
    known = tmp_path / KNOWN
    folder = tmp_path / "figures"
    folder.mkdir()
    first = pictures_of([block("one", 2.0), block("two", 20.0)], folder, known)
    assert drawn == ["one", "two"]
    assert first["two"].description == "caption of two"
    assert [mark.text for mark in first["one"].marks] == ["a point"]
    drawn.clear()
    assert pictures_of([block("one", 2.0), block("two", 20.0)], folder, known) == first
    assert drawn == []
    again = pictures_of([block("one", 3.0), block("two", 20.0)], folder, known)
    assert drawn == ["one"]
    assert again["two"] == first["two"]
    assert again["one"] != first["one"]
    drawn.clear()
    pictures_of([block("one", 3.0, "Another title"), block("two", 21.0)], folder, known)
    assert drawn == ["one", "two"]


@pytest.mark.parametrize("harm", ["change", "remove", "forget", "lie"])
def test_files_that_are_not_as_they_were_are_drawn_again(
    harm: str, tmp_path: Path, drawn: list[str]
) -> None:
    known, folder = tmp_path / KNOWN, tmp_path / "figures"
    folder.mkdir()
    blocks = [block("one", 2.0), block("two", 20.0)]
    first = pictures_of(blocks, folder, known)
    was = files(folder)
    drawn.clear()
    if harm == "change":
        (folder / "one.png").write_bytes(b"no picture")
    elif harm == "remove":
        (folder / "one.pdf").unlink()
    elif harm == "forget":
        known.write_text('{"two": {"from": 3}, "one": [')
    else:
        known.write_text('{"one": {"from": 3, "files": [], "description": ""}, "two": 4}')
    assert pictures_of(blocks, folder, known) == first
    assert drawn == (["one"] if harm in ("change", "remove") else ["one", "two"])
    assert files(folder) == was


def test_several_processes_draw_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = [block(f"f{i}", float(i)) for i in range(1, 5)] + [block("red", 30.0)]
    made = []
    for worth, name in ((99, "alone"), (2, "several")):
        monkeypatch.setattr(module, "_WORTH_A_PROCESS", worth)
        folder = tmp_path / name
        folder.mkdir()
        made.append((pictures_of(blocks, folder, folder.with_suffix(".json")), files(folder)))
    assert made[0] == made[1]


def test_what_cannot_be_told_is_drawn_each_time(tmp_path: Path, drawn: list[str]) -> None:
    class Unpicklable:
        def __reduce__(self) -> Any:
            raise TypeError("not to be pickled")

    thing, data = Unpicklable(), pd.DataFrame({"name": ["a"], "value": [1.0]})

    def draw() -> Any:
        assert thing
        return bars(data)

    for _ in range(2):
        pictures_of([FigureBlock("one", "A title", draw, "caption")], tmp_path, tmp_path / KNOWN)
    assert drawn == ["one", "one"]
