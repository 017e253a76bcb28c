"""What matters of an installation when something goes wrong: for a report of a fault."""

from __future__ import annotations

import importlib.metadata
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

from d2vbench.errors import UserError

_GROUPS = (
    "strategies", "schedules", "studies", "cards", "readers", "families", "classifiers", "baselines"
)  # fmt: skip
# Those that a person installs for a feature; the others are for work on d2vbench itself.
_FEATURES = ("huggingface", "parquet", "zstd", "dask", "ray")
_REQUIREMENT = re.compile(r"^([\w.-]+).*extra == ['\"](\w+)['\"]")


def examine() -> dict[str, Any]:
    """Return what d2vbench runs on, as JSON values.

    Returns
    -------
    dict
        ``environment`` (versions, processor, commit), ``native`` (whether the compiled kernel is
        there, its variant in use and all that this processor can run), ``engine`` (what a run would
        take), ``extras`` (version of each package of each extra, None where it is missing),
        ``plugins`` (distributions that offer definitions), ``cache`` and ``memory`` (bytes),
        ``blas`` (libraries with their threads), ``variables`` (environment variables that decide
        something). Folders below the home folder begin with ``~``: no name of a person.
    """
    from d2vbench.bench.compute.environment import environment

    return {
        "environment": environment(),
        "native": _native(),
        "engine": _engine(),
        "extras": _extras(),
        "plugins": _plugins(),
        "cache": _cache(),
        "memory": _memory(),
        "blas": _blas(),
        "variables": {
            name: _private(value)
            for name, value in sorted(os.environ.items())
            if name.startswith("D2VBENCH_") or name.endswith("_NUM_THREADS")
        },
    }


def _native() -> dict[str, Any]:
    from d2vbench.families.doc2vec.native import kernel

    if not kernel.available():
        return {"available": False, "variant": None, "variants": []}
    return {"available": True, "variant": kernel.variant(), "variants": list(kernel.variants())}


def _engine() -> dict[str, str]:
    from d2vbench.families.doc2vec import choose_engine

    said: list[str] = []
    try:
        return {"chosen": choose_engine(None, said.append), "note": " ".join(said)}
    except UserError as error:
        return {"chosen": "none", "note": str(error)}


def _extras() -> dict[str, dict[str, str | None]]:
    found: dict[str, dict[str, str | None]] = {}
    for requirement in importlib.metadata.requires("d2vbench") or []:
        match = _REQUIREMENT.match(requirement)
        if match and match[2] in _FEATURES and _applies(requirement):
            found.setdefault(match[2], {})[match[1]] = _version(match[1])
    return found


def _applies(requirement: str) -> bool:
    # A package that newer Pythons have themselves.
    limit = re.search(r"python_version < ['\"]3\.(\d+)['\"]", requirement)
    return limit is None or sys.version_info[:2] < (3, int(limit[1]))


def _version(distribution: str) -> str | None:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


def _plugins() -> list[str]:
    from d2vbench.plugins import offers

    return sorted({offer.origin for group in _GROUPS for offer in offers(f"d2vbench.{group}")})


def _cache() -> dict[str, Any]:
    from d2vbench.corpora.acquire.cache import cache_folder, cache_parts

    folder = cache_folder()
    there = next(path for path in (folder, *folder.parents) if path.exists())
    return {
        "folder": _private(str(folder)),
        "size": sum(part.size for part in cache_parts()),
        "free": shutil.disk_usage(there).free,
        "writable": os.access(there, os.W_OK),
    }


def _memory() -> dict[str, int | None]:
    from d2vbench.bench.plan.memory import available_memory

    # Of Windows it is not known.
    return {"available": size if (size := available_memory()) < sys.maxsize else None}


def _blas() -> list[dict[str, Any]]:
    # Loads BLAS of both NumPy and SciPy: what is not loaded is not found.
    import scipy.linalg  # noqa: F401
    from threadpoolctl import threadpool_info

    return [
        {
            "library": f"{one['internal_api']} {one.get('version') or ''}".strip(),
            "kind": one["user_api"],
            "threads": one["num_threads"],
        }
        for one in threadpool_info()
    ]


def _private(text: str) -> str:
    """Return a text without the path of the person's own folder."""
    home = str(Path.home())
    if home == Path(home).anchor:
        return text
    return re.sub(re.escape(home) + r"(?![^/\\\s:;,\"'])", "~", text)
