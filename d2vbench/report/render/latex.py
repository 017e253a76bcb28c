r"""Tables and figures as LaTeX floats, to be read in by ``\input``.

They need the packages booktabs, array, longtable and graphicx, and a LaTeX of 2020 or later.
"""

from __future__ import annotations

import functools
from typing import Any

from d2vbench.report.document.structure import Document, FigureBlock, TableBlock

PACKAGES = ("booktabs", "array", "longtable", "graphicx")

_ESCAPED = {
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    # In the oldest font encoding these would be other characters.
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\char34{}",
    "`": r"\`{}", **{c: f"\\{c}" for c in "&%$#_{}"},
}  # fmt: skip

# Widths in characters: of a page at the usual size, and of a column before its lines are broken.
_PAGE = 85
_COLUMN = 34
# Rows that fit on a page.
_LONGEST = 42


def table_label(identity: str) -> str:
    r"""Return what ``\ref`` takes for a table's or a figure's id.

    Examples
    --------
    >>> table_label("t-0123456789"), table_label("f-0123456789")
    ('tab:t-0123456789', 'fig:f-0123456789')
    """
    return f"{'tab' if identity.startswith('t') else 'fig'}:{identity}"


def block_latex(document: Document, block: TableBlock | FigureBlock, identity: str) -> str:
    """Return a table or figure as a LaTeX float whose caption names all settings."""
    caption = document.full_caption(block)
    if isinstance(block, TableBlock):
        return latex_table(block, identity, caption)
    return latex_figure(block, identity, caption)


def latex_table(block: TableBlock, identity: str, caption: str) -> str:
    r"""Return a table as a LaTeX float, or as a ``longtable`` where it is longer than a page.

    Parameters
    ----------
    block : TableBlock
        The table.
    identity : str
        Its id.
    caption : str
        The whole of it, plain text: `Document.full_caption`.

    Returns
    -------
    str
        Text to ``\input``. Columns of long texts break their lines; a table that is still wider
        than the text is set smaller.
    """
    widths = [
        max(len(row[i]) for row in (block.columns, *block.rows)) for i in range(len(block.columns))
    ]
    crowded = sum(widths) > _PAGE
    numeric = block.numeric
    broken = [crowded and not n and w > _COLUMN for n, w in zip(numeric, widths, strict=True)]
    columns = "".join(
        _BROKEN if breaks else "r" if n else "l" for n, breaks in zip(numeric, broken, strict=True)
    )
    width = sum(min(w, _COLUMN) if breaks else w for w, breaks in zip(widths, broken, strict=True))
    head = [r"\toprule", _row(block.columns), r"\midrule"]
    body = [_row(row) for row in block.rows]
    title = _caption(block.title, caption)
    label = rf"\label{{{table_label(identity)}}}"
    if len(block.rows) > _LONGEST:
        lines = [
            r"\begingroup", r"\scriptsize", rf"\begin{{longtable}}{{{columns}}}",
            rf"{title}{label} \\", *head, r"\endhead", *body, r"\bottomrule",
            r"\end{longtable}", r"\endgroup",
        ]  # fmt: skip
    else:
        tabular = [rf"\begin{{tabular}}{{{columns}}}", *head, *body, r"\bottomrule",
                   r"\end{tabular}"]  # fmt: skip
        if width > _PAGE:
            tabular = [r"\resizebox{\linewidth}{!}{%", *tabular[:-1], rf"{tabular[-1]}}}"]
        lines = [
            r"\begin{table}", r"\centering", f"{title}{label}", r"\medskip", "", *tabular,
            r"\end{table}",
        ]  # fmt: skip
    return "\n".join([_comment(identity), *_GUARD, *lines]) + "\n"


def latex_figure(block: FigureBlock, identity: str, caption: str) -> str:
    r"""Return a figure as a LaTeX float that includes ``figures/SLUG.pdf``.

    Parameters
    ----------
    block : FigureBlock
        The figure.
    identity : str
        Its id.
    caption : str
        The whole of it, plain text: `Document.full_caption`.

    Returns
    -------
    str
        Text to ``\input``; ``\graphicspath`` says where the folder ``figures`` is.
    """
    lines = [
        _comment(identity), *_GUARD,
        r"\begin{figure}", r"\centering",
        rf"\includegraphics[width=\linewidth]{{figures/{block.slug}.pdf}}",
        _caption(block.title, caption), rf"\label{{{table_label(identity)}}}",
        r"\end{figure}",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


_BROKEN = r">{\raggedright\arraybackslash}p{14em}"
# XeLaTeX and LuaLaTeX set a character by its font; pdfLaTeX shows the number of one that it does
# not know.
_GUARD = [
    r"\providecommand{\dtvbchar}[2]{\ifdefined\Umathcode#1\else[U+#2]\fi}",
]


def _comment(identity: str) -> str:
    return f"% d2vbench {identity}; needs {', '.join(PACKAGES)}"


def _caption(title: str, caption: str) -> str:
    return rf"\caption[{{{escape_latex(title)}}}]{{{escape_latex(caption)}}}"


def _row(cells: tuple[str, ...]) -> str:
    return f"{' & '.join(map(_cell, cells))} \\\\"


def _cell(text: str) -> str:
    # A row that begins so would be read as an argument of the "\\" before it.
    escaped = escape_latex(text)
    return f"{{}}{escaped}" if escaped.startswith(("[", "*")) else escaped


def escape_latex(text: str) -> str:
    r"""Return text that LaTeX sets as it stands, on one line.

    Accents become commands, so that any input encoding does. A character that pdfLaTeX does not
    know is set by XeLaTeX and LuaLaTeX, and shown as ``[U+65E5]`` by pdfLaTeX.

    Examples
    --------
    >>> print(escape_latex("50 % of é & a_b"))
    50 \% of {\'e} \& a\_b
    """
    line = " ".join(text.split())
    # Dashes, apostrophes and commas in a row would join to other characters.
    following = f"{line[1:]} "
    return "".join(
        f"{char}{{}}" if char == next_one and char in "-'," else _letter(char)
        for char, next_one in zip(line, following, strict=False)
    )


def _letter(char: str) -> str:
    if char in _ESCAPED:
        return _ESCAPED[char]
    if " " <= char <= "~":
        return char
    return str(_encoder().unicode_to_latex(char))


@functools.cache
def _encoder() -> Any:
    from pylatexenc.latexencode import UnicodeToLatexEncoder

    def unknown(char: str) -> str:
        return rf"\dtvbchar{{{char if char.isprintable() else ''}}}{{{ord(char):04X}}}"

    return UnicodeToLatexEncoder(
        unknown_char_policy=unknown,
        unknown_char_warning=False,
        replacement_latex_protection="braces-almost-all",
    )
