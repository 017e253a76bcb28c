"""The pages of the documentation, and the commands that they show."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
# The README shows commands as indented blocks, the pages in fences.
PAGES = [
    ROOT / "README.md",
    *sorted(path for path in DOCS.rglob("*.md") if "_build" not in path.parts),
]
_FENCE = re.compile(r"^```shell\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"^    (d2vbench .*)$", re.MULTILINE)


def shell_commands(page: Path) -> list[list[str]]:
    """Return the words of each d2vbench command in a page's blocks of commands."""
    text = page.read_text(encoding="utf-8")
    lines = [line for block in _FENCE.findall(text) for line in block.splitlines()]
    lines += _INDENTED.findall(text)
    return [shlex.split(line, comments=True) for line in lines if line.startswith("d2vbench ")]


def python_blocks(page: Path) -> list[str]:
    """Return a page's blocks of Python."""
    text = page.read_text(encoding="utf-8")
    return re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
