"""The manifest: what a run consists of, written before anything is trained.

A manifest may come from elsewhere, or be damaged: `well_formed` checks it, so that what reads it
may take its parts for what they are. Names of records become names of files, and must be nothing
else.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from d2vbench.bench.spec.identity import SCHEMA, sealed, unsealed
from d2vbench.errors import UserError
from d2vbench.files import write_json

MANIFEST = "manifest.json"
MANIFEST_SCHEMA = 2

MADE_BY_0_1 = (
    "made by d2vbench 0.1; compute it again in another folder: nothing in this one was changed"
)

_NAME = re.compile(r"[A-Za-z0-9_-]{1,128}")
_COUNTS = (
    "generic_documents", "generic_words", "train_documents", "train_words", "test_documents",
)  # fmt: skip


def read_manifest(run: Path) -> dict[str, Any] | None:
    """Read the manifest of a run's folder.

    Parameters
    ----------
    run : pathlib.Path
        The folder.

    Returns
    -------
    dict or None
        JSON values; None where there is none, or a damaged one: the next run writes it again.

    Raises
    ------
    UserError
        If d2vbench 0.1 made the run, or a newer version.
    """
    path = run / MANIFEST
    schema = schema_in(path)
    # Where the manifest does not say, any record says which version the others are of.
    records = (schema_in(record) for record in (run / "records").glob("*.json"))
    of_a_record = next((s for s in records if s is not None), SCHEMA)
    if of_a_record < SCHEMA or (schema is not None and schema < MANIFEST_SCHEMA):
        raise older_run(run)
    if schema is None:
        return None
    # A newer version's may look otherwise.
    if schema > MANIFEST_SCHEMA:
        raise UserError(
            f"{path} has schema {schema!s:.20}, this d2vbench knows {MANIFEST_SCHEMA}: the folder "
            "was written by a newer version. Use that one, or take another folder"
        )
    try:
        manifest = unsealed(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, RecursionError):
        return None
    return manifest if well_formed(manifest) else None


def existing_manifest(run: Path) -> dict[str, Any]:
    """Read the manifest of a folder that must hold a run; see `read_manifest`.

    Raises
    ------
    UserError
        Also if the manifest is missing or damaged.
    """
    manifest = read_manifest(run)
    if manifest is None:
        raise UserError(f"{run} holds no run: {run / MANIFEST} is missing or damaged")
    return manifest


def older_run(run: Path) -> UserError:
    """Return the error for a run that d2vbench 0.1 made."""
    return UserError(f"the run in {run} was {MADE_BY_0_1}")


def schema_in(path: Path) -> int | None:
    """Return the schema that a JSON file says it has; None if it says none."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, ValueError, RecursionError):
        return None
    schema = value.get("schema") if isinstance(value, dict) else None
    return schema if type(schema) is int else None


def write_manifest(run: Path, manifest: Mapping[str, Any]) -> None:
    """Write the manifest of a run's folder, with a checksum: a report rests on its numbers."""
    write_json(run / MANIFEST, sealed(json.loads(json.dumps(manifest, allow_nan=False))))


def well_formed(value: Any) -> bool:
    """Return whether a value has the parts of a manifest, each of its kind.

    Parameters
    ----------
    value : object
        JSON values, from wherever. Parts that not every manifest has may be missing.

    Returns
    -------
    bool
        False also for names of cells that could lead out of the folder of the records.
    """
    return (
        isinstance(value, dict)
        and type(value.get("schema")) is int
        and isinstance(value.get("study"), str)
        and _names(value.get("cells"))
        and _list(value.get("engines", []), lambda engine: isinstance(engine, str))
        and isinstance(value.get("environment", {}), dict)
        and _list(value.get("studies", []), _study)
        and all(set(study["cells"]) <= set(value["cells"]) for study in value.get("studies", []))
        and _dict(value.get("pairs", {}), _pair)
        and _words(value.get("words", {}))
    )


def _list(value: Any, right: Callable[[Any], bool]) -> bool:
    return isinstance(value, list) and all(map(right, value))


def _dict(value: Any, right: Callable[[Any], bool]) -> bool:
    return isinstance(value, dict) and all(map(right, value.values()))


def _names(value: Any) -> bool:
    return _list(value, lambda name: isinstance(name, str) and bool(_NAME.fullmatch(name)))


def _count(value: Any) -> bool:
    return type(value) is int and 0 <= value < 1 << 63


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _study(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("name"), str)
        and isinstance(value.get("question", ""), str)
        and _names(value.get("cells"))
    )


def _pair(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("key"), str)
        and all(isinstance(value.get(side, ""), str) for side in ("generic", "domain"))
        and all(_count(value.get(name, 0)) for name in _COUNTS)
        and all(_number(value.get(name, 0)) for name in ("divergence", "out_of_vocabulary"))
        and _list(value.get("classes", []), lambda name: isinstance(name, str))
        and _dict(value.get("left_out", {}), _count)
        and _list(value.get("warnings", []), lambda line: isinstance(line, str))
        and _dict(value.get("sources", {}), _source)
    )


def _source(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("content_sha256"), str)
        and _dict(value.get("versions", {}), lambda version: isinstance(version, str))
    )


def _words(value: Any) -> bool:
    """Return whether these are words trained: nothing, or alone and as a tree."""
    return isinstance(value, dict) and (
        not value or all(_number(value.get(name)) for name in ("alone", "tree"))
    )
