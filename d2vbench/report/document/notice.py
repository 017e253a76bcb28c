"""The notice of a run: what its readers have to know before they read the answer."""

from __future__ import annotations

import re
from pathlib import Path

from d2vbench.errors import UserError
from d2vbench.report.document.structure import Block, Bullets, Chapter, Paragraph

NOTICE = "notice.md"
_DEFAULT_TITLE = "Notice"
# A word or two.
_PART = re.compile(r"([^:.,;]{1,40}):\s")


def read_notice(run: Path) -> Chapter | None:
    """Return the notice of a run's folder.

    Parameters
    ----------
    run : pathlib.Path
        The run's folder; the notice is its file ``notice.md``.

    Returns
    -------
    Chapter or None
        None if there is no such file, or an empty one.

    Raises
    ------
    UserError
        If the file is not UTF-8 text.
    """
    try:
        return parse_notice((run / NOTICE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        raise UserError(f"{run / NOTICE}: expected UTF-8 text; save the file as UTF-8") from None


def parse_notice(text: str) -> Chapter | None:
    r"""Return a heading, paragraphs and lists as a chapter.

    Parameters
    ----------
    text : str
        Markdown: a line that begins with ``#`` is the heading, one that begins with ``- `` or
        ``* `` is an item of a list, a blank line ends a paragraph. All other markup is text.

    Returns
    -------
    Chapter or None
        Named "Notice" if it has no heading; its line says what items of lists are about, such as
        that which begins with "Labels: ". None if there is no text.

    Examples
    --------
    >>> parse_notice("# In doubt\n\nTwo\nlines.\n\n- C1\n- C2\n").blocks
    (Paragraph(text='Two lines.', strong=False), Bullets(items=('C1', 'C2')))
    """
    title = ""
    blocks: list[Block] = []
    new_block = True
    for line in map(str.strip, text.splitlines()):
        last = blocks[-1] if blocks else None
        if not line:
            new_block = True
        elif line.startswith("#") and not title:
            title, new_block = line.strip("# "), True
        elif line.startswith(("- ", "* ")):
            item = line[2:].strip()
            if isinstance(last, Bullets):
                blocks[-1] = Bullets((*last.items, item))
            else:
                blocks.append(Bullets((item,)))
            new_block = False
        elif isinstance(last, Bullets) and not new_block:
            blocks[-1] = Bullets((*last.items[:-1], f"{last.items[-1]} {line}"))
        elif isinstance(last, Paragraph) and not new_block:
            blocks[-1] = Paragraph(f"{last.text} {line}")
        else:
            blocks.append(Paragraph(line))
            new_block = False
    if not title and not blocks:
        return None
    return Chapter("notice", title or _DEFAULT_TITLE, tuple(blocks), line=_parts(blocks))


def _parts(blocks: list[Block]) -> str:
    """Return what items of lists are about: what stands before their colon."""
    items = [item for block in blocks if isinstance(block, Bullets) for item in block.items]
    found = [match[1] for item in items if (match := _PART.match(item))]
    return ", ".join(found)
