"""A report with every kind of block, and with names that mean harm."""

from __future__ import annotations

from functools import cache

import pandas as pd

from d2vbench.report.document.structure import (
    Block,
    Bullets,
    Chapter,
    Document,
    FigureBlock,
    Number,
    Paragraph,
    Picture,
    TableBlock,
)
from d2vbench.report.drawing.style import STYLE, figure_bytes
from d2vbench.report.render.html import to_html

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(2)>',
    "&amp; &lt;b&gt;",
    "' onmouseover='alert(3)",
    "{{ 7 * 7 }} {% raw %}",
    "\u202eright to left\u202c \u05d0\u05d1",
    "</style></title><svg onload=alert(4)>",
    "=HYPERLINK(1)|a_b*c$",
    "javascript:alert(5)",
)
NAME = HOSTILE[1]
FIGURES = ("curves", "bars")


def draw(title: str = NAME, hatch: str | None = None):  # type: ignore[no-untyped-def]
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, 3))
        FigureCanvasAgg(figure)
        left, right = figure.subplots(1, 2)
        left.plot([1, 2, 3], [3, 1, 2], "o--", label=title)
        left.set_title(title)
        left.legend()
        right.imshow([[1, 2], [3, 4]])
        right.bar([0, 1], [1, 2], hatch=hatch)
    return figure, pd.DataFrame({"x": [1, 2, 3], "y": [3, 1, 2]})


def wide_table(rows: int = 40) -> TableBlock:
    """Return a table of 12 columns whose numbers are in no order, nor in that of their texts."""
    order = [(i * 17) % rows for i in range(rows)]
    accuracy = [60 + 0.25 * i - (55 if i % 10 == 3 else 0) for i in order]
    body = tuple(
        (
            HOSTILE[i % len(HOSTILE)] if i < 9 else f"pair {i}",
            f"sequential({i % 5}), restart",
            Number(f"{a:.1f} [{a - 2:.1f}, {a + 2:.1f}]", a) if i % 7 else "",
            ("better", "worse", "equivalent", "inconclusive")[i % 4],
            Number(f"{1000 * i:,}", 1000 * i),
            *(Number("0.123 / 0.456", 0.123),) * 7,
        )
        for i, a in zip(order, accuracy, strict=True)
    )
    columns = ("pair", "strategy", "accuracy % [95 %]", "verdict", "words", *"abcdefg")
    data = pd.DataFrame(body, columns=list(columns))
    return TableBlock("wide", f"Wide {NAME}", columns, body, data, f"Settings of {NAME}")


def document(rows: int = 40, figures: int = 2) -> Document:
    small = TableBlock(
        "small",
        "Small",
        ("claim", "verdict"),
        (("C1", "supported"), ("C2", "not tested")),
        pd.DataFrame({"claim": ["C1", "C2"]}),
    )
    blocks: list[Block] = [
        FigureBlock(slug, f"Figure {NAME}", draw, f"Caption {NAME}") for slug in FIGURES[:figures]
    ]
    return Document(
        f"Report on {NAME}",
        (f"First {HOSTILE[0]}.", "Second.", "Third."),
        (
            Chapter("claims", f"Claims {NAME}", (Paragraph("Text", strong=True), small)),
            Chapter(
                "main",
                "Main",
                (Bullets(HOSTILE), *blocks),
                (Chapter("below", "Below", (Paragraph(NAME), wide_table(rows))),),
            ),
            # A slug that an element of the page has, and one that is there twice.
            Chapter("contents", "Third", (Paragraph("x"),)),
            Chapter("main", "Fourth", (Paragraph("x"),)),
        ),
        "d2v-0123",
        f"Pairs: {NAME}",
    )


def csv(table: TableBlock) -> str:
    return table.data.to_csv(index=False, lineterminator="\n")


def ids(made: Document) -> dict[str, str]:
    return {block.slug: f"d2v-0123-{block.slug}" for block in (*made.tables(), *made.figures())}


@cache
def pictures() -> dict[str, Picture]:
    """Return two figures, drawn from the same elements, so that their ids are the same."""
    svg = figure_bytes(draw(hatch="//")[0], ".svg", NAME, NAME).decode("utf-8")
    return {slug: Picture(svg, f"In words {NAME}" * i) for i, slug in enumerate(FIGURES)}


def page(rows: int = 40) -> str:
    made = document(rows)
    return to_html(made, pictures(), csv, ids(made))
