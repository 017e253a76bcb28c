"""A document as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from d2vbench.report.document.structure import (
    Block,
    Bullets,
    Chapter,
    Document,
    FigureBlock,
    Paragraph,
    TableBlock,
)

_ESCAPED = str.maketrans({c: f"\\{c}" for c in "\\`*_{}[]<>#|~$"})
_ENTITY = re.compile(r"&(?=[#\w])")
_NUMBERED = re.compile(r"^(\d+)([.)])(?= |$)")
# Headings go no deeper than this in the forms that know a table of contents.
_DEEPEST = 6


def to_markdown(document: Document, ids: Mapping[str, str]) -> str:
    """Return a document in Markdown.

    Parameters
    ----------
    document : Document
        The report.
    ids : mapping of str to str
        The id of each table and figure, by slug.

    Returns
    -------
    str
        Links lead to ``figures/`` and ``tables/`` beside it.
    """
    lines = [f"# {_inline(document.title)}", ""]
    if document.subtitle:
        lines += [escape_markdown(document.subtitle), ""]
    if document.question:
        lines += [escape_markdown(document.question), ""]
    if document.notice:
        lines += _chapter(document.notice, 2, ids)
    lines += [line for sentence in document.answer for line in (escape_markdown(sentence), "")]
    for chapter in (*([document.first] if document.first else []), *document.chapters):
        lines += _chapter(chapter, 2, ids)
    return "\n".join(lines).rstrip("\n") + "\n"


def escape_markdown(text: str) -> str:
    """Return text that Markdown shows as it stands, on one line of its own."""
    line = _inline(text)
    # At the beginning of a line these would make a list or a heading.
    if line[:1] in ("-", "+", "="):
        return f"\\{line}"
    return _NUMBERED.sub(r"\1\\\2", line)


def _inline(text: str) -> str:
    """Return text for the middle of a line, where nothing can begin a list."""
    return _ENTITY.sub(r"\\&", " ".join(text.translate(_ESCAPED).split()))


def markdown_table(block: TableBlock) -> str:
    """Return a table in Markdown, without its title."""
    ruler = [" ---: " if numeric else " :--- " for numeric in block.numeric]
    lines = [_row(block.columns), "|" + "|".join(ruler) + "|", *map(_row, block.rows)]
    return "\n".join(lines) + "\n"


def _row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(map(_inline, cells)) + " |"


def _chapter(chapter: Chapter, depth: int, ids: Mapping[str, str]) -> Iterator[str]:
    yield f"{'#' * min(depth, _DEEPEST)} {_inline(chapter.title)}"
    yield ""
    for block in chapter.blocks:
        yield from _block(block, ids)
    for below in chapter.chapters:
        yield from _chapter(below, depth + 1, ids)


def _block(block: Block, ids: Mapping[str, str]) -> Iterator[str]:
    if isinstance(block, Paragraph):
        text = escape_markdown(block.text)
        yield f"**{text}**" if block.strong else text
    elif isinstance(block, Bullets):
        yield from (f"- {escape_markdown(item)}" for item in block.items)
    elif isinstance(block, TableBlock):
        yield f"**{_inline(block.title)}** {_reference(ids, block, 'tables', 'csv')}"
        yield ""
        yield markdown_table(block)
        yield from [escape_markdown(block.caption)] if block.caption else []
    else:
        yield f"![{_inline(block.title)}](figures/{block.slug}.png)"
        yield ""
        caption = f" {_inline(block.caption)}" if block.caption else ""
        title = _inline(block.title)
        yield f"**{title}** {_reference(ids, block, 'figures', 'pdf')}{caption}"
    yield ""


def _reference(
    ids: Mapping[str, str], block: TableBlock | FigureBlock, folder: str, ending: str
) -> str:
    name = ids.get(block.slug, "")
    link = f"[{ending.upper()}]({folder}/{block.slug}.{ending})"
    return f"(`{name}`, {link})" if name else f"({link})"
