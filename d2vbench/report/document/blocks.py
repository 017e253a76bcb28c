"""Making blocks: names for links and files, and what a column is sorted by."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import pandas as pd

from d2vbench.keys import digest
from d2vbench.report.document.structure import Chapter, Document, FigureBlock, TableBlock

_NUMBER = re.compile(r"[<+]?(-?\d[\d,]*(?:\.\d+)?)")
# File systems end names at 255 bytes, and a link should fit into a line.
_LONGEST = 60


def slug_of(*parts: str) -> str:
    """Return a name for links and files: lower-case letters, digits and dashes.

    Parameters
    ----------
    *parts : str
        Such as a study, a pair and a model; those that are empty are left out.

    Returns
    -------
    str
        Where something of a part is lost, a hash of the part follows, so that different parts
        have different names.

    Examples
    --------
    >>> slug_of("domain-size", "docstrings-scipy", "dbow")
    'domain-size-docstrings-scipy-dbow'
    >>> slug_of("a_b"), slug_of("日本")
    ('a-b-3ebec7', 'x-11447b')
    """
    return "-".join(_slug(part) for part in parts if part)


def brief_slug(text: str, words: int = 4) -> str:
    """Return the first words of a fixed text as a part of a slug.

    Examples
    --------
    >>> brief_slug("Sequential minus combined, each at its own best")
    'sequential-minus-combined-each'
    """
    return "-".join(re.findall(r"[a-z0-9]+", text.lower())[:words])


def _slug(part: str) -> str:
    plain = unicodedata.normalize("NFKD", part).encode("ascii", "ignore").decode("ascii")
    name = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:_LONGEST].strip("-")
    return name if name == part else f"{name or 'x'}-{digest(part)[:6]}"


def share_slug(fraction: float) -> str:
    """Return a share of D for a slug; empty for all of it.

    Examples
    --------
    >>> share_slug(0.25), share_slug(0.025), share_slug(1.0)
    ('25pc', '2-5pc', '')
    """
    return "" if fraction == 1 else f"{fraction * 100:g}pc".replace(".", "-")


def table(
    slug: str,
    title: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    data: pd.DataFrame,
    text_columns: int = 1,
    caption: str = "",
    settings: str = "",
) -> TableBlock:
    """Return a table whose columns sort by the first number of each cell.

    Parameters
    ----------
    slug, title, columns, rows, data, text_columns, caption, settings
        As `TableBlock` has them.

    Returns
    -------
    TableBlock
        With its ``sort_values``.
    """
    cells = tuple(tuple(row) for row in rows)
    values = tuple(
        tuple(cell if i < text_columns else sort_value(cell) for i, cell in enumerate(row))
        for row in cells
    )
    return TableBlock(
        slug, title, tuple(columns), cells, data, text_columns, caption, values, settings
    )


def sort_value(cell: str) -> float | str:
    """Return what a cell sorts by: the number it begins with, else its text.

    Examples
    --------
    >>> sort_value("+3.1 [-0.4, +6.8]"), sort_value("<0.001"), sort_value("1,234")
    (3.1, 0.001, 1234.0)
    >>> sort_value("reference"), sort_value("")
    ('reference', '')
    """
    match = _NUMBER.match(cell)
    return float(match[1].replace(",", "")) if match else cell


def unique_slugs(chapters: Iterable[Chapter]) -> tuple[Chapter, ...]:
    """Return chapters in which no two have one slug, and no two tables or figures.

    Parameters
    ----------
    chapters : iterable of Chapter
        In the order of reading.

    Returns
    -------
    tuple of Chapter
        Of those with a slug that is taken, the later have a hash of their title behind it, and
        what is alike even so a number.
    """
    chapters_taken: set[str] = set()
    blocks_taken: set[str] = set()

    def renamed(chapter: Chapter) -> Chapter:
        return replace(
            chapter,
            slug=_free(chapter.slug, chapter.title, chapters_taken),
            blocks=tuple(
                replace(block, slug=_free(block.slug, block.title, blocks_taken))
                if isinstance(block, (TableBlock, FigureBlock))
                else block
                for block in chapter.blocks
            ),
            chapters=tuple(map(renamed, chapter.chapters)),
        )

    return tuple(map(renamed, chapters))


def with_descriptions(document: Document, said: Mapping[str, str]) -> Document:
    """Return a document whose figures have descriptions.

    Parameters
    ----------
    document : Document
        Any.
    said : mapping of str to str
        What can be seen, by the slug of the figure; those that are not in it stay as they are.

    Returns
    -------
    Document
        The same in all else.
    """

    def described(chapter: Chapter) -> Chapter:
        return replace(
            chapter,
            blocks=tuple(
                replace(block, description=said.get(block.slug, block.description))
                if isinstance(block, FigureBlock)
                else block
                for block in chapter.blocks
            ),
            chapters=tuple(map(described, chapter.chapters)),
        )

    return replace(document, chapters=tuple(map(described, document.chapters)))


def _free(slug: str, title: str, taken: set[str]) -> str:
    found, number = slug, 1
    if found in taken:
        found = f"{slug}-{digest(title)[:6]}"
    while found in taken:
        number += 1
        found = f"{slug}-{digest(title)[:6]}-{number}"
    taken.add(found)
    return found
