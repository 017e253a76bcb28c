"""Packages of third parties, laid on a path as an installer would."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from d2vbench import plugins
from d2vbench.plugins import offers


def lay(folder: Path, name: str, files: Mapping[str, str], entries: Mapping[str, str]) -> None:
    """Install a distribution of version 1.0; entries by ``GROUP NAME``, without ``d2vbench.``."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    info = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    lines = []
    for entry, value in entries.items():
        group, _, title = entry.partition(" ")
        lines.append(f"[d2vbench.{group}]\n{title} = {value}\n")
    (info / "entry_points.txt").write_text("".join(lines))


@contextmanager
def installed(folder: Path) -> Iterator[None]:
    """Put a folder on this process' path, and take it away again with what was imported from it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        # What is used in here is not in the provenance of later tests.
        patch.setattr(plugins, "_used", dict(plugins._used))
        before = set(sys.modules)
        offers.cache_clear()
        try:
            yield
        finally:
            for name in set(sys.modules) - before:
                if str(folder) in str(getattr(sys.modules[name], "__file__", "")):
                    del sys.modules[name]
            offers.cache_clear()
