"""How every figure looks, and how it is written to files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STYLE: Any = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.grid": True,
    "axes.grid.axis": "x",
    "grid.color": "#DDDDDD",
    "axes.axisbelow": True,
    # Text stays text in SVG, and the same figure is the same file.
    "svg.fonttype": "none",
    "svg.hashsalt": "d2vbench",
}


def save_figure(figure: Figure, folder: Path, name: str) -> list[Path]:
    """Write a figure as PNG and SVG.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure.
    folder : pathlib.Path
        Must exist.
    name : str
        File name without its ending.

    Returns
    -------
    list of pathlib.Path
        The files written.
    """
    return [write_figure(figure, folder / f"{name}{ending}") for ending in (".png", ".svg")]


def write_figure(figure: Figure, path: Path) -> Path:
    """Write a figure to one file, in the format that its ending names.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure.
    path : pathlib.Path
        Ends in ``.png``, ``.svg`` or ``.pdf``. The same figure gives the same bytes.

    Returns
    -------
    pathlib.Path
        The same path.
    """
    import warnings

    import matplotlib as mpl

    undated = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}
    with mpl.rc_context(STYLE), warnings.catch_warnings():
        # A class may be named in a script that the font lacks: a box in PNG, and text in SVG.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        figure.savefig(path, dpi=160, metadata=undated.get(path.suffix))
    return path
