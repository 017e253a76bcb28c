"""A tag becomes a release only where everything that has a version has that one."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from d2vbench import __version__

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The files that have a version, in a changelog whose newest part is released."""
    for name in (".ci/release", "d2vbench/__init__.py", "CITATION.cff", "CHANGELOG.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    changes = tmp_path / "CHANGELOG.md"
    text = changes.read_text(encoding="utf-8")
    changes.write_text(text.replace("## Unreleased", f"## {__version__}"), encoding="utf-8")
    return tmp_path


def release(tree: Path, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, str(tree / ".ci" / "release"), *arguments],
        capture_output=True, text=True,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_a_tag_that_fits(tree: Path) -> None:
    status, said = release(tree, f"v{__version__}")
    assert status == 0
    assert said.startswith(f"d2vbench {__version__}, released 20")
    status, notes = release(tree, f"v{__version__}", "--notes")
    assert status == 0
    assert notes.startswith("### ")
    # This version's part alone.
    assert "\n## " not in notes


@pytest.mark.parametrize(
    ("file", "old", "message"),
    [
        ("CITATION.cff", f"version: {__version__}", "CITATION.cff says 9.9"),
        ("d2vbench/__init__.py", f'"{__version__}"', "d2vbench/__init__.py says 9.9"),
        ("CHANGELOG.md", f"## {__version__}", f"no part '## {__version__}'"),
        ("CITATION.cff", "date-released", "CITATION.cff: expected one line"),
    ],
)
def test_a_tag_that_does_not_fit(tree: Path, file: str, old: str, message: str) -> None:
    path = tree / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    new = old.replace(__version__, "9.9") if __version__ in old else "released"
    path.write_text(text.replace(old, new), encoding="utf-8")
    status, said = release(tree, f"v{__version__}")
    assert status == 1
    assert message in said


def test_actions_are_pinned_by_digest() -> None:
    """A tag can be moved to other content. Of one action no digest was known: see SECURITY.md."""
    folder = ROOT / ".github" / "workflows"
    lines = [line for path in folder.glob("*.yml") for line in path.read_text().splitlines()]
    used = [line.split("uses:")[1].strip() for line in lines if "uses:" in line]
    loose = {u for u in used if not re.search(r"@[0-9a-f]{40} # v[0-9.]+$", u)}
    assert loose == {"./.github/workflows/wheels.yml", "pypa/cibuildwheel@v2.23.3"}
    assert len(used) > 10
