"""The manifest: what a run consists of, written before anything is trained."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from d2vbench.bench.compute.environment import environment
from d2vbench.bench.spec.cell import Cell
from d2vbench.bench.spec.identity import sealed, unsealed
from d2vbench.bench.spec.studies import STUDIES
from d2vbench.bench.store.manifest_form import well_formed
from d2vbench.corpora import Pair
from d2vbench.errors import UserError
from d2vbench.files import write_json

MANIFEST = "manifest.json"
SCHEMA = 1


def read_manifest(run: Path) -> dict[str, Any] | None:
    """Read the manifest of a run's folder.

    Parameters
    ----------
    run : pathlib.Path
        The folder.

    Returns
    -------
    dict or None
        JSON values; None where there is none, or a damaged one: the next run writes it anew.

    Raises
    ------
    UserError
        If a newer version wrote it.
    """
    path = run / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (ValueError, RecursionError):
        return None
    schema = manifest.get("schema") if isinstance(manifest, dict) else None
    # A newer version's may look otherwise.
    if type(schema) is int and schema > SCHEMA:
        raise UserError(
            f"{path} has schema {schema!s:.20}, this d2vbench knows {SCHEMA}: the folder was "
            "written by a newer version. Use that one, or give a new --out folder"
        )
    try:
        manifest = unsealed(manifest)
    except (ValueError, RecursionError):
        return None
    return manifest if well_formed(manifest) else None


def write_manifest(run: Path, manifest: Mapping[str, Any]) -> None:
    """Write the manifest of a run's folder, with a checksum: a report rests on its numbers."""
    write_json(run / MANIFEST, sealed(json.loads(json.dumps(manifest, allow_nan=False))))


def make_manifest(
    study: str,
    studies: Mapping[str, Sequence[Cell]],
    keys: Mapping[Cell, str],
    pairs: Mapping[str, Pair],
    words: Mapping[str, int],
) -> dict[str, Any]:
    """Return the manifest of a run.

    Parameters
    ----------
    study : str
        What was asked for: a study's name, or ``"all"``.
    studies : mapping of str to sequence of Cell
        Which cells belong to which study.
    keys : mapping of Cell to str
        The whole grid, in its order.
    pairs : mapping of str to Pair
        By name.
    words : mapping of str to int
        Words to train, ``alone`` and as a ``tree``.

    Returns
    -------
    dict
        JSON values; no path, and no name of a host or a person.
    """
    return {
        "schema": SCHEMA,
        "study": study,
        "cells": list(keys.values()),
        "engines": sorted(
            {
                cell.settings.engine
                for cell in keys
                if hasattr(cell, "settings") and hasattr(cell.settings, "engine")
            }
        ),
        "environment": environment(),
        "studies": [
            {
                "name": name,
                "question": STUDIES[name].question if name in STUDIES else "",
                "cells": [keys[cell] for cell in cells],
            }
            for name, cells in studies.items()
        ],
        "words": dict(words),
        "pairs": {name: _describe(pair) for name, pair in pairs.items()},
    }


def _describe(pair: Pair) -> dict[str, Any]:
    return {
        "key": pair.key,
        "generic_documents": len(pair.generic),
        "generic_words": pair.generic.words(),
        "train_documents": len(pair.train),
        "train_words": pair.train.words(),
        "test_documents": len(pair.test),
        "classes": list(pair.classes),
        "left_out": pair.counts,
        "sources": {
            selection.corpus.name: {
                "content_sha256": selection.corpus.content_sha256,
                "versions": selection.corpus.meta["source"].get("versions", {}),
            }
            for selection in (pair.generic, pair.train)
        },
    }
