"""The console and tables of the command line, and amounts in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table


def make_console() -> Console:
    """Return where to print: what is printed is text, and brackets in it are no markup."""
    plain = {"highlight": False, "markup": False, "emoji": False}
    console = Console(**plain)  # type: ignore[arg-type]
    # Nothing to fit into: a log may be as wide as its tables.
    return console if console.is_terminal else Console(**plain, width=160)  # type: ignore[arg-type]


def make_table(title: str | None, *columns: str, left: tuple[int, ...] = (0,)) -> Table:
    """Return a table without rows; columns other than those of ``left`` are numbers."""
    table = Table(title=title, title_style="", title_justify="left", box=box.SIMPLE, pad_edge=False)
    for i, column in enumerate(columns):
        table.add_column(column, justify="left" if i in left else "right")
    return table


def size_text(size: float) -> str:
    """Return a number of bytes for people.

    Examples
    --------
    >>> size_text(0), size_text(5 << 20), size_text(3.25 * (1 << 30))
    ('0 bytes', '5.0 MiB', '3.2 GiB')
    """
    for unit, name in ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
        if size >= unit:
            return f"{size / unit:.1f} {name}"
    return f"{size:.0f} bytes"


def cell_text(cell: Mapping[str, Any]) -> str:
    """Return what a cell is, in a few words, from its JSON values."""
    if "baseline" in cell:
        return f"{cell['pair']} {cell['baseline']} seed {cell['seed']}"
    from d2vbench.strategies import Schedule, Strategy

    strategy, schedule = Strategy.from_json(cell["strategy"]), Schedule(**cell["schedule"])
    return f"{cell['pair']} {strategy} {schedule} seed {cell['seed']}"
