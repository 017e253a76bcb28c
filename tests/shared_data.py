"""The archives beside the repository, or where D2VBENCH_SHARED says; tests skip without them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def shared_folder() -> Path:
    root = Path(__file__).resolve().parents[1]
    return Path(os.environ.get("D2VBENCH_SHARED", root.parent / "shared")) / "data"


def shared_archive(name: str) -> Path:
    path = shared_folder() / name
    if not path.exists():
        pytest.skip(f"the archive {name} is not at hand (set D2VBENCH_SHARED)")
    return path
