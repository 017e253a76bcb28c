"""What a result was computed with."""

from __future__ import annotations

import functools
import importlib.metadata
import os
import platform
import subprocess
from pathlib import Path
from typing import Any

from d2vbench import __version__
from d2vbench.keys import digest_files
from d2vbench.plugins import used_versions

_PACKAGES = ("gensim", "numpy", "scipy", "scikit-learn", "pandas", "joblib")


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _commit() -> str | None:
    """Return the commit of the source tree, with ``+`` where it was changed; None outside git."""
    root = Path(__file__).resolve().parents[3]
    if not (root / ".git").exists():
        return None

    def git(*words: str) -> str:
        command = ["git", "-C", str(root), *words]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=10)
        return done.stdout.strip()

    try:
        changes = git("status", "--porcelain", "--", "d2vbench", "corpora")
        return git("rev-parse", "HEAD") + ("+" if changes else "")
    except (OSError, subprocess.SubprocessError):
        return None


@functools.lru_cache(maxsize=1)
def source_digest() -> str:
    """Return the digest of d2vbench's sources: provenance, and no part of a key."""
    package = Path(__file__).resolve().parents[2]
    sources = [path for path in package.rglob("*.*") if path.suffix in (".py", ".pyx", ".h")]
    return digest_files(sources)


def environment() -> dict[str, Any]:
    """Return versions, processor and commit as JSON values.

    Returns
    -------
    dict
        ``d2vbench``, ``python``, ``packages`` (those of third parties' definitions that were used
        among them), ``cpu``, ``cores``, ``threads`` (of a cell: one), ``system``, ``commit``. No
        name of a host or a person.
    """
    fixed = _environment()
    return {**fixed, "packages": {**fixed["packages"], **used_versions()}}


@functools.lru_cache(maxsize=1)
def _environment() -> dict[str, Any]:
    return {
        "d2vbench": __version__,
        "python": platform.python_version(),
        "packages": {name: importlib.metadata.version(name) for name in _PACKAGES},
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "threads": 1,
        "system": f"{platform.system()} {platform.machine()}",
        "commit": _commit(),
    }
