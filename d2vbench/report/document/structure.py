"""The report as a document: chapters of blocks, before any form is chosen.

Analysis and report make one `Document`; `report.md`, `report.html` and the TeX tables are forms of
it. A block holds plain text and numbers. Each form escapes what it prints.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import pandas as pd

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Draws a figure; returns it with the numbers that it shows.
Drawing = Callable[[], "tuple[Figure, pd.DataFrame]"]


@dataclass(frozen=True)
class Paragraph:
    """Plain text.

    Attributes
    ----------
    text : str
        Without any markup.
    strong : bool
        Whether it is to be seen first: a warning, a verdict.
    """

    text: str
    strong: bool = False


@dataclass(frozen=True)
class Bullets:
    """A list of plain texts."""

    items: tuple[str, ...]


class Number(str):
    """A number as people read it, with its value.

    Attributes
    ----------
    value : float
        What an interactive form sorts by.

    Examples
    --------
    >>> cell = Number("<0.001", 0.0002)
    >>> cell, cell.value
    ('<0.001', 0.0002)
    """

    __slots__ = ("value",)
    value: float

    def __new__(cls, text: str, value: float) -> Number:
        """Return the text with its value."""
        made = super().__new__(cls, text)
        made.value = float(value)
        return made


@dataclass(frozen=True)
class TableBlock:
    """A table to read, and the numbers behind it.

    Attributes
    ----------
    slug : str
        Its name in file names and links: lower-case letters, digits and dashes; one of a kind in a
        document.
    title : str
        What it is about, without the settings.
    columns : tuple of str
        Headings.
    rows : tuple of tuple of str
        Cells, as people read them; a number is a `Number`.
    data : pandas.DataFrame
        The numbers, unrounded, with all columns: what is written as CSV and what the id hashes.
    caption : str
        What a reader needs beside the title: settings, meaning of intervals.
    settings : str
        The settings that its numbers share, in a sentence; empty: those of the document.
    """

    slug: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    data: pd.DataFrame
    caption: str = ""
    settings: str = ""

    @property
    def numeric(self) -> list[bool]:
        """Whether each column has a number: such columns are aligned right and sort by value."""
        return [
            any(isinstance(row[i], Number) for row in self.rows) for i in range(len(self.columns))
        ]


@dataclass(frozen=True)
class FigureBlock:
    """A figure that is not drawn yet.

    Attributes
    ----------
    slug : str
        File name without its ending; one of a kind in a document.
    title : str
        What it is about, in a line.
    draw : Drawing
        Draws it.
    caption : str
        What a reader needs to read it: what points and bars are, settings.
    data : pandas.DataFrame or None
        The numbers that it is drawn from: what the id hashes, without a drawing.
    settings : str
        As of a table.
    """

    slug: str
    title: str
    draw: Drawing
    caption: str = ""
    data: pd.DataFrame | None = None
    settings: str = ""


@dataclass(frozen=True)
class Mark:
    """A point of a drawn figure.

    Attributes
    ----------
    x, y : float
        Its place from the top left, in points.
    span : tuple of float
        Ends of its interval: x and y of both, in points; empty without one.
    text : str
        What it is, with its numbers.
    strategy : str
        By which it can be picked out; empty where it is of none.
    colour : str
        ``#RRGGBB``.
    """

    x: float
    y: float
    span: tuple[float, ...]
    text: str
    strategy: str
    colour: str


@dataclass(frozen=True)
class Picture:
    """A figure that is drawn.

    Attributes
    ----------
    svg : str
        The text of its SVG file.
    description : str
        What can be seen, in words with numbers, for those who do not see it.
    marks : tuple of Mark
        What a page says of each point that is pointed at.
    """

    svg: str
    description: str
    marks: tuple[Mark, ...] = ()


Block: TypeAlias = Paragraph | Bullets | TableBlock | FigureBlock


@dataclass(frozen=True)
class Chapter:
    """A heading and what stands below it.

    Attributes
    ----------
    slug, title : str
        For links and for people.
    blocks : tuple of Block
        What comes before the sub-chapters.
    chapters : tuple of Chapter
        Sub-chapters.
    folded : bool
        Whether a page shows a line of it, which opens.
    line, word : str
        What stands in that line beside the title: a sentence, and an outcome.
    """

    slug: str
    title: str
    blocks: tuple[Block, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    folded: bool = False
    line: str = ""
    word: str = ""

    def all_blocks(self) -> Iterator[Block]:
        """Yield the blocks of this chapter and of those below it, in the order of reading."""
        yield from self.blocks
        for chapter in self.chapters:
            yield from chapter.all_blocks()


@dataclass(frozen=True)
class Document:
    """A report.

    Attributes
    ----------
    title : str
        Of the whole.
    answer : tuple of str
        The answer in three sentences, each of them one string.
    chapters : tuple of Chapter
        Claims, the main comparison, each study, protocol, provenance.
    run_id : str
        Hash of the run's content: of settings, documents and results.
    subtitle : str
        How many pairs, models, seeds and cells, in a line.
    note : str
        The settings that the cells share, in a sentence.
    settings : dict
        What all of it rests on: engines, seeds and learning rates, and by pair the content of its
        corpora. A part of the ids of tables and figures.
    notice : Chapter or None
        What is shown before the answer: paragraphs and bullets.
    question : str
        What the run asks, in a sentence.
    first : Chapter or None
        What is seen before any scrolling: a figure, and what to train.
    """

    title: str
    answer: tuple[str, ...]
    chapters: tuple[Chapter, ...]
    run_id: str = ""
    subtitle: str = ""
    note: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    notice: Chapter | None = None
    question: str = ""
    first: Chapter | None = None

    def tables(self) -> list[TableBlock]:
        """Return all tables, in the order of reading."""
        return [block for block in self._blocks() if isinstance(block, TableBlock)]

    def figures(self) -> list[FigureBlock]:
        """Return all figures, in the order of reading."""
        return [block for block in self._blocks() if isinstance(block, FigureBlock)]

    def shown(self) -> list[TableBlock | FigureBlock]:
        """Return all tables, then all figures."""
        return [*self.tables(), *self.figures()]

    def full_caption(self, block: TableBlock | FigureBlock) -> str:
        """Return what a table or figure needs to stand alone: title, caption, all settings."""
        run = f"d2vbench run {self.run_id}." if self.run_id else ""
        title = block.title if block.title.endswith((".", "?")) else f"{block.title}."
        parts = (title, block.caption, block.settings or self.note, run)
        return " ".join(part for part in parts if part)

    def _blocks(self) -> Iterator[Block]:
        for chapter in (*([self.first] if self.first else []), *self.chapters):
            yield from chapter.all_blocks()
