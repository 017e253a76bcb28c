"""Making blocks: names for links and files, and tables from their numbers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

import pandas as pd

from d2vbench.keys import digest
from d2vbench.report.document import cells
from d2vbench.report.document.structure import (
    Chapter,
    FigureBlock,
    TableBlock,
)

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


#: Headings, each with the column of a table's numbers that it shows or what makes its cell; or
#: columns that are shown under their own names.
Columns: TypeAlias = Mapping[str, str | cells.Show] | Sequence[str]


def table(
    slug: str,
    title: str,
    data: pd.DataFrame,
    columns: Columns,
    *,
    rows: Iterable[cells.Row] | None = None,
    caption: str = "",
    settings: str = "",
) -> TableBlock:
    """Return a table whose cells are made from its numbers.

    Parameters
    ----------
    slug, title, data, caption, settings
        As `TableBlock` has them.
    columns : mapping or sequence
        What each column shows; see `Columns`.
    rows : iterable of mapping, optional
        The rows that are shown; default: all of `data`.

    Returns
    -------
    TableBlock
        With a row for each of `rows`.

    Examples
    --------
    >>> data = pd.DataFrame({"pair": ["p"], "n": [1200]})
    >>> table("t", "T", data, {"pair": "pair", "words": "n"}).rows
    (('p', '1,200'),)
    """
    shows = list(columns.values()) if isinstance(columns, Mapping) else list(columns)
    shown = tuple(
        tuple(cells.plain(row[one]) if isinstance(one, str) else one(row) for one in shows)
        for row in (cells.rows(data) if rows is None else rows)
    )
    return TableBlock(slug, title, tuple(columns), shown, data, caption, settings)


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


def _free(slug: str, title: str, taken: set[str]) -> str:
    found, number = slug, 1
    if found in taken:
        found = f"{slug}-{digest(title)[:6]}"
    while found in taken:
        number += 1
        found = f"{slug}-{digest(title)[:6]}-{number}"
    taken.add(found)
    return found
