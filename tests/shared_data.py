"""The archives beside the repository, or where D2VBENCH_SHARED says; tests skip without them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

# Names of the archives that the test at work has opened; `conftest` reports and clears them.
opened: list[str] = []
ABSENT = "is not at hand (set D2VBENCH_SHARED)"


def shared_folder() -> Path:
    root = Path(__file__).resolve().parents[1]
    return Path(os.environ.get("D2VBENCH_SHARED", root.parent / "shared")) / "data"


def shared_archive(name: str) -> Path:
    path = shared_folder() / name
    if not path.exists():
        pytest.skip(f"the archive {name} {ABSENT}")
    opened.append(name)
    return path
