"""The table of faults in CONTRIBUTING.md names tests that are there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def rows() -> list[tuple[str, str, str]]:
    """Fault, promise and tests, as the table has them."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    part = text.split("\n## Faults and bad input\n")[1].split("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("|")][2:]
    found = []
    for line in lines:
        fault, promise, tests = (cell.strip() for cell in line.strip("|").split("|"))
        found.append((fault, promise, tests))
    return found


def defined_in(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}


def test_there_are_many_distinct_faults() -> None:
    faults = [fault for fault, _, _ in rows()]
    assert len(faults) == len(set(faults)) >= 50


@pytest.mark.parametrize(("fault", "promise", "tests"), rows())
def test_each_has_its_test(fault: str, promise: str, tests: str) -> None:
    assert fault
    assert promise
    named = [t for t in re.findall(r"`([^`]+)`", tests) if "::" in t or t.endswith(".py")]
    assert named
    path = ROOT
    for one in named:
        file, _, name = one.partition("::")
        path = ROOT / file if file else path
        assert path.is_file(), one
        assert not name or name in defined_in(path), one
