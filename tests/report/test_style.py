"""Figures as files: three formats, one layout, the same bytes."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import warnings
import zlib
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from d2vbench.report.drawing.style import (
    DPI,
    STYLE,
    freeze_layout,
    save_figure,
    with_palette,
    write_figure,
)

DRAW = """
import sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from report.test_style import picture
from d2vbench.report.drawing.style import save_figure
save_figure(picture(), Path({folder!r}), "x", "A title", "What it shows.")
"""


def picture(text: str = "some text") -> Figure:
    figure = Figure(figsize=(3, 2), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1])
    axes.set_ylabel(text)
    return figure


def test_a_figure_is_written_in_three_formats_with_its_text(tmp_path: Path) -> None:
    made = save_figure(picture(), tmp_path, "x", "A title", "What it shows.")
    assert list(made) == [".png", ".svg", ".pdf"]
    assert all((tmp_path / f"x{ending}").read_bytes() == made[ending] for ending in made)
    with Image.open(tmp_path / "x.png") as image:
        assert (image.text["Title"], image.text["Description"]) == ("A title", "What it shows.")
    svg = made[".svg"].decode("utf-8")
    assert "<dc:title>A title</dc:title>" in svg
    assert "What it shows." in svg
    assert "<dc:date>" not in svg
    pdf = made[".pdf"]
    assert b"/Title (A title)" in pdf
    assert b"/Subject (What it shows.)" in pdf
    assert b"CreationDate" not in pdf


def test_a_png_has_a_palette_that_shows_no_other_colours(tmp_path: Path) -> None:
    write_figure(picture(), tmp_path / "x.png")
    with Image.open(tmp_path / "x.png") as image:
        assert image.mode == "P" and round(image.info["dpi"][0]) == DPI
    whole = io.BytesIO()
    with mpl.rc_context(STYLE):
        picture().savefig(whole, format="png", dpi=DPI)
    few, many = (
        np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)
        for png in (with_palette(whole.getvalue()), whole.getvalue())
    )
    assert (few[0, 0] == 255).all()
    assert few.shape == many.shape and np.abs(few - many).max() <= 16


def test_the_text_of_a_pdf_is_of_an_embedded_font(tmp_path: Path) -> None:
    pdf = write_figure(picture(), tmp_path / "x.pdf").read_bytes()
    parts = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    text = pdf + b"".join(_inflated(part) for part in parts)
    assert b"/FontFile2" in text
    assert b"/Type3" not in text


def _inflated(part: bytes) -> bytes:
    try:
        return zlib.decompress(part)
    except zlib.error:
        return b""


def test_the_bytes_depend_on_no_process(tmp_path: Path) -> None:
    files = []
    for seed in ("1", "2"):
        folder = tmp_path / seed
        folder.mkdir()
        code = DRAW.format(tests=str(Path(__file__).parents[1]), folder=str(folder))
        subprocess.run(
            [sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONHASHSEED": seed}
        )
        files.append([(folder / f"x{e}").read_bytes() for e in (".png", ".svg", ".pdf")])
    assert files[0] == files[1]


def test_a_figure_is_laid_out_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    figure = picture()
    engine = figure.get_layout_engine()
    assert engine is not None
    laid = []
    execute = type(engine).execute
    monkeypatch.setattr(
        type(engine), "execute", lambda self, fig: laid.append(1) or execute(self, fig)
    )
    save_figure(figure, tmp_path, "x")
    assert laid == [1]


def test_a_frozen_layout_is_the_layout() -> None:
    figures = picture("a long label of the axis"), picture("a long label of the axis")
    freeze_layout(figures[0])
    with mpl.rc_context(STYLE):
        figures[1].canvas.draw()
    figures[0].canvas.draw()
    first, second = (figure.axes[0].get_position().bounds for figure in figures)
    np.testing.assert_allclose(first, second, atol=1e-9)


def test_a_script_that_the_font_lacks_stops_nothing(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made = save_figure(picture("名前"), tmp_path, "x")
    assert "名前" in made[".svg"].decode("utf-8")
