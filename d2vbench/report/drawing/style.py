"""How every figure looks, how wide it is, and how it is written to files."""

from __future__ import annotations

import contextlib
import functools
import io
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeAlias

import pandas as pd

from d2vbench.files import FIGURE_ENDINGS, write_bytes
from d2vbench.report.drawing.fonts import with_fonts_for_all

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: A figure and the numbers that it shows.
Drawn: TypeAlias = "tuple[Figure, pd.DataFrame]"

P = ParamSpec("P")

# Of most journals, in inches: 89 mm and 183 mm.
ONE_COLUMN = 89 / 25.4
TWO_COLUMNS = 183 / 25.4

STYLE: Any = {
    # Matplotlib brings it along, so that texts are as wide on every machine.
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial", "Helvetica"],
    "font.size": 7,
    # Names are not formulae: a pair may be called "a$b$".
    "text.parse_math": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.grid": True,
    "axes.grid.axis": "x",
    "axes.linewidth": 0.6,
    "axes.edgecolor": "#555555",
    "axes.labelcolor": "#222222",
    "axes.labelpad": 2.0,
    "axes.labelsize": 7,
    "grid.color": "#E2E2E2",
    "grid.linewidth": 0.5,
    "axes.axisbelow": True,
    **{
        f"{axis}tick.{name}": value
        for axis in "xy"
        for name, value in {
            "labelsize": 6.5,
            "color": "#555555",
            "labelcolor": "#222222",
            "major.size": 2.0,
            "major.width": 0.6,
            "major.pad": 2.0,
        }.items()
    },
    # Text stays text in SVG, and the same figure is the same file.
    "svg.fonttype": "none",
    "svg.hashsalt": "d2vbench",
    # Whole fonts in place of outlines: journals refuse Type 3, and a reader can copy the text.
    "pdf.fonttype": 42,
}
# A figure of two columns is 1,729 pixels wide: sharp where a page shows it at half of that.
DPI = 240


def drawing(kind: str, **more: Any) -> Callable[[Callable[P, Drawn]], Callable[P, Drawn]]:
    """Return a decorator for a function that draws a figure of a run.

    Parameters
    ----------
    kind : str
        Of the figure: ``drawn.attrs["figure"]``, by which `describe_figure` knows it.
    **more : Any
        What differs from `STYLE`; a dot in a name is written ``__``.
    """
    style = {**STYLE, **{name.replace("__", "."): value for name, value in more.items()}}

    def decorate(draw: Callable[P, Drawn]) -> Callable[P, Drawn]:
        @functools.wraps(draw)
        def styled(*args: P.args, **options: P.kwargs) -> Drawn:
            import matplotlib as mpl

            with mpl.rc_context(style):
                figure, drawn = draw(*args, **options)
            drawn.attrs["figure"] = kind
            return figure, drawn

        return styled

    return decorate


def save_figure(
    figure: Figure, folder: Path, name: str, title: str = "", description: str = ""
) -> dict[str, bytes]:
    """Write a figure as PNG, SVG and PDF.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure. It is laid out once, so all three show the same places.
    folder : pathlib.Path
        Must exist.
    name : str
        File name without its ending.
    title, description : str
        Written into the files for those who do not see the picture; see `figure_bytes`.

    Returns
    -------
    dict of str to bytes
        What was written, by the endings `FIGURE_ENDINGS`.
    """
    freeze_layout(figure)
    made = {end: figure_bytes(figure, end, title, description) for end in FIGURE_ENDINGS}
    for ending, content in made.items():
        write_bytes(folder / f"{name}{ending}", content)
    return made


def freeze_layout(figure: Figure) -> None:
    """Place everything in a figure now, and not again at each drawing."""
    import matplotlib as mpl

    if figure.get_layout_engine() is not None:
        with mpl.rc_context(STYLE), quiet_about_glyphs():
            figure.draw_without_rendering()
            # Wholly without, not with the placeholder that "none" leaves: for that, every file
            # would be drawn twice.
            figure.set_layout_engine(None)


def figure_bytes(figure: Figure, ending: str, title: str = "", description: str = "") -> bytes:
    """Return a figure as the content of a file.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure.
    ending : str
        ``.png``, ``.svg`` or ``.pdf``. The same figure gives the same bytes.
    title, description : str
        Written into the file where they are not empty: as ``Title`` and ``Description`` of a PNG
        and an SVG, as ``Title`` and ``Subject`` of a PDF.
    """
    import matplotlib as mpl

    undated = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}
    named = {"Title": title, "Subject" if ending == ".pdf" else "Description": description}
    metadata: dict[str, str | None] = {key: text for key, text in named.items() if text}
    metadata |= undated.get(ending, {})
    file = io.BytesIO()
    # A browser has fonts of its own for the texts of an SVG.
    fonts = contextlib.nullcontext() if ending == ".svg" else with_fonts_for_all(figure)
    with mpl.rc_context(STYLE), quiet_about_glyphs(), fonts:
        figure.savefig(file, format=ending[1:], dpi=DPI, metadata=metadata)
    return with_palette(file.getvalue()) if ending == ".png" else file.getvalue()


def with_palette(png: bytes) -> bytes:
    """Return a PNG in 256 colours, about a third as large; its texts stay.

    A figure has few colours, and the many tints between them are edges that are made smooth.
    """
    from PIL import Image
    from PIL.PngImagePlugin import PngImageFile, PngInfo

    texts, file = PngInfo(), io.BytesIO()
    with Image.open(io.BytesIO(png)) as image:
        if isinstance(image, PngImageFile):
            for key, text in image.text.items():
                texts.add_text(key, text)
        resolution = image.info.get("dpi", (DPI, DPI))
        # This method moves no colour far; the others give rare ones up.
        method, dither = Image.Quantize.MAXCOVERAGE, Image.Dither.NONE
        few = image.convert("RGB").quantize(256, method=method, dither=dither)
        few.save(file, "PNG", optimize=True, pnginfo=texts, dpi=resolution)
    return file.getvalue()


def write_figure(figure: Figure, path: Path, title: str = "", description: str = "") -> Path:
    """Write a figure to one file, as `figure_bytes` has it, and return the path."""
    write_bytes(path, figure_bytes(figure, path.suffix, title, description))
    return path


@contextmanager
def quiet_about_glyphs() -> Iterator[None]:
    """Ignore characters that no font has: they are a box in PNG and text in SVG."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="(?s)Glyph .* missing from")
        yield
