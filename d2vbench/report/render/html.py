"""The report as one page that needs nothing but itself.

Everything is in the file: style, script, figures, and the tables' numbers where they are not too
many. Its security policy lets nothing else in, and names are escaped by the template engine.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import resources
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from d2vbench.report.document.structure import (
    Bullets,
    Chapter,
    Document,
    FigureBlock,
    Number,
    Paragraph,
    Picture,
    TableBlock,
)
from d2vbench.report.render.svg import smaller_svg

if TYPE_CHECKING:
    from markupsafe import Markup

# Shorter tables have no filter.
FILTER_FROM = 10
# Of so many columns on a narrow screen a row is a card.
STACK_FROM = 5
# What a page shows of a table; all of it is in its CSV file.
MOST_ROWS = 1000
# Of the CSV files within the page, in bytes: one of them, and all together.
LARGEST_FILE = 100_000
ALL_FILES = 1_000_000

# What needs no other form in a link that stands between double quotes.
_PLAIN = "!$'()*+,-./:;=?@[]^_`{|}~ "
# Neither HTML nor XML has a place for these, and Matplotlib writes them as they come.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PICTURE_WIDTH = re.compile(r'<svg\b[^>]*?\bwidth="([0-9.]+)pt"(?: height="([0-9.]+)pt")?')

# Words of verdicts, which get a sign of their own beside the word.
_SIGNS = {
    **dict.fromkeys(("better", "beyond noise", "supported", "supports"), "good"),
    **dict.fromkeys(("worse", "worse, beyond noise", "contradicted", "contradicts"), "bad"),
    **dict.fromkeys(("equivalent", "practically equal", "may be small", "mixed"), "even"),
    **dict.fromkeys(
        ("inconclusive", "may be noise", "not sure (Holm)", "undecided", "not tested", "no vote"),
        "open",
    ),
}


@dataclass
class _Page:
    """State of a page while its blocks are laid out."""

    ids: Mapping[str, str]
    csv: Callable[[TableBlock], str]
    figures: Mapping[str, Picture]
    taken: set[str] = field(default_factory=set)
    exhibits: list[dict[str, str]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    room: int = ALL_FILES
    # Whether the page begins with a decision, and folds what stands behind it.
    brief: bool = False

    def anchor(self, name: str) -> str:
        """Return a name that no other element of the page has."""
        plain = re.sub(r"[^A-Za-z0-9._:-]+", "-", name).strip("-") or "part"
        anchor, n = plain, 1
        while anchor in self.taken:
            n += 1
            anchor = f"{plain}-{n}"
        self.taken.add(anchor)
        return anchor


def to_html(
    document: Document,
    figures: Mapping[str, Picture],
    csv: Callable[[TableBlock], str],
    ids: Mapping[str, str],
) -> str:
    """Return the report as a page.

    Parameters
    ----------
    document : Document
        The report. Its texts are plain: any character in them is shown as it is.
    figures : mapping of str to Picture
        By slug. A figure that has none is left out.
    csv : callable
        From a table to the text of its CSV file.
    ids : mapping of str to str
        By the slug of a table or figure its stable id, which ``d2vbench cite`` takes.

    Returns
    -------
    str
        HTML. The same document and figures give the same text.
    """
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    page = _Page(ids, csv, figures, taken={"top", "main", "contents", "answer"},
                 brief=document.first is not None)  # fmt: skip
    # In one line: it must not push what it is about off the screen.
    notice = (
        _chapter(page, replace(document.notice, folded=bool(document.first)), 2)
        if document.notice
        else None
    )
    first = _chapter(page, document.first, 1, brief=False) if document.first else None
    chapters = [_chapter(page, chapter, 2) for chapter in document.chapters]
    style = _asset("report.css")
    script = _asset("report.js")
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: _NO_XML.sub("\ufffd", value) if type(value) is str else value,
    )
    return environment.from_string(_asset("report.html.jinja")).render(
        document=document,
        notice=notice,
        first=first,
        strategies=sorted({mark.strategy for one in figures.values() for mark in one.marks} - {""}),
        chapters=chapters,
        exhibits=page.exhibits,
        # Between the tags must stand what was hashed, to the byte.
        style=Markup(style),
        script=Markup(script),
        policy="; ".join(
            (
                "default-src 'none'",
                "img-src data:",
                f"style-src '{_hash(style)}'",
                f"script-src '{_hash(script)}'",
                "base-uri 'none'",
                "form-action 'none'",
            )
        ),
    )


def _asset(name: str) -> str:
    found = resources.files("d2vbench.report.render") / "assets" / name
    return found.read_text(encoding="utf-8").replace("\r\n", "\n")


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"


def _chapter(
    page: _Page, chapter: Chapter, level: int, within: bool = False, brief: bool | None = None
) -> dict[str, Any]:
    """Return a chapter for the template; what is within a folded part is not folded again."""
    # Before its blocks: a chapter's name is the one that links are made with.
    anchor = page.anchor(chapter.slug)
    within = within or chapter.folded
    blocks = list(_blocks(page, chapter, level))
    if brief is None:
        brief = bool(page.brief) and not within
    figures = 0
    for block in blocks:
        figures += block["kind"] == "figure"
        block["fold"] = brief and not within and (block["kind"] == "table" or figures > 1)
    return {
        "anchor": anchor,
        # A line has its outcome at the end.
        "title": chapter.title.removesuffix(f": {chapter.word}") if chapter.word else chapter.title,
        "line": chapter.line,
        "word": chapter.word,
        "sign": _SIGNS.get(chapter.word, ""),
        "folded": chapter.folded,
        "brief": brief,
        "level": min(level, 5),
        "blocks": blocks,
        "chapters": [_chapter(page, one, level + 1, within) for one in chapter.chapters],
    }


def _blocks(page: _Page, chapter: Chapter, level: int) -> Iterator[dict[str, Any]]:
    for block in chapter.blocks:
        if isinstance(block, Paragraph):
            yield {"kind": "paragraph", "text": block.text, "strong": block.strong}
        elif isinstance(block, Bullets):
            yield {"kind": "bullets", "items": block.items}
        elif isinstance(block, TableBlock):
            yield {**_exhibit(page, block, "Table", level), **_table(page, block)}
        elif block.slug in page.figures:
            yield {**_exhibit(page, block, "Figure", level), **_figure(page, block)}


def _exhibit(page: _Page, block: TableBlock | FigureBlock, name: str, level: int) -> dict[str, Any]:
    page.counts[name] = page.counts.get(name, 0) + 1
    identity = page.ids[block.slug]
    exhibit = {
        "anchor": page.anchor(identity),
        "number": f"{name} {page.counts[name]}",
        "title": block.title,
    }
    page.exhibits.append(exhibit)
    return {
        **exhibit,
        "kind": name.lower(),
        "id": identity,
        "slug": block.slug,
        "caption": block.caption,
        "level": min(level + 1, 6),
    }


def _table(page: _Page, table: TableBlock) -> dict[str, Any]:
    numeric = table.numeric
    widths = [_width([row[i] for row in table.rows]) for i in range(len(table.columns))]
    shown = table.rows[:MOST_ROWS]
    rows = [
        [
            {
                "text": cell,
                "sort": repr(cell.value) if isinstance(cell, Number) else None,
                # What has no number comes last, which an empty text would not say of "n/a".
                "none": numeric[i] and bool(cell) and not isinstance(cell, Number),
                "sign": _SIGNS.get(cell, ""),
                "layout": "n" if numeric[i] else widths[i],
            }
            for i, cell in enumerate(row)
        ]
        for row in shown
    ]
    return {
        "columns": [
            {"text": column, "numeric": numeric[i], "short": len(column) <= 14}
            for i, column in enumerate(table.columns)
        ],
        "rows": rows,
        "all_rows": len(table.rows),
        "filtered": len(shown) >= FILTER_FROM,
        "stack": len(table.columns) >= STACK_FROM,
        "download": _download(page, table),
    }


def _width(cells: Sequence[str]) -> str:
    """Return the class of a column of words: names stay in one line, and sentences get room."""
    longest = max(map(len, cells), default=0)
    return "short" if longest <= 24 else "some" if longest <= 48 else "long"


def _download(page: _Page, table: TableBlock) -> Markup | None:
    """Return a link that holds a table's file; None where that would be too much."""
    content = page.csv(table).encode("utf-8", "replace")
    if len(content) > min(LARGEST_FILE, page.room):
        return None
    page.room -= len(content)
    return _data_uri("text/csv", content.decode("utf-8"))


def _data_uri(kind: str, text: str) -> Markup:
    """Return a link that holds a text, in the shorter of two forms.

    A third of base64 is overhead; otherwise a sign of another script takes nine characters.
    """
    from markupsafe import Markup

    plain, packed = quote(text, safe=_PLAIN), base64.b64encode(text.encode("utf-8"))
    if len(plain) <= len(packed):
        return Markup(f"data:{kind};charset=utf-8,{plain}")
    return Markup(f"data:{kind};charset=utf-8;base64,{packed.decode('ascii')}")


def _figure(page: _Page, figure: FigureBlock) -> dict[str, Any]:
    picture = page.figures[figure.slug]
    svg = _NO_XML.sub("\ufffd", picture.svg)
    found = _PICTURE_WIDTH.search(svg)
    box = (float(found[1]), float(found[2] or 0)) if found else (0.0, 0.0)
    # A CSS pixel is 1/96 inch, a point 1/72.
    width, height = (round(side * 96 / 72) for side in box)
    svg = smaller_svg(svg)
    return {
        "picture": _data_uri("image/svg+xml", svg),
        "width": width,
        "height": height,
        "box": box,
        "marks": [
            {
                "x": f"{mark.x:.1f}",
                "y": f"{mark.y:.1f}",
                "text": mark.text,
                "strategy": mark.strategy,
                "colour": mark.colour,
                "span": "M{:.1f} {:.1f}L{:.1f} {:.1f}".format(*mark.span) if mark.span else "",
            }
            for mark in picture.marks
        ],
        "wide": width > 580,
        "description": picture.description,
    }
