"""Ids of tables and figures, made of what they say."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from d2vbench.analysis import RunData
from d2vbench.keys import digest
from d2vbench.report.document.settings import Settings
from d2vbench.report.document.structure import Document, FigureBlock, TableBlock

_DIGITS = 10
# What differs from machine to machine and from run to run.
_INCIDENTAL = ("seconds_", "key")
_DOCUMENTS = ("generic_documents", "train_documents", "test_documents")


def block_ids(document: Document) -> dict[str, str]:
    """Return the id of each table and figure.

    Parameters
    ----------
    document : Document
        The report.

    Returns
    -------
    dict of str to str
        By slug: ``t-`` or ``f-`` and ten hexadecimal digits.
    """
    return {block.slug: block_id(block, document.settings) for block in document.shown()}


def block_id(block: TableBlock | FigureBlock, settings: Mapping[str, Any]) -> str:
    """Return the id of a table or figure.

    It is a hash of the slug, the numbers, and the settings that they rest on. The order of rows and
    columns is not in it, nor are words, paths, times, hosts and processors, so the same records
    give the same ids on every machine.

    Parameters
    ----------
    block : TableBlock or FigureBlock
        With its data.
    settings : mapping
        Of the document; of its pairs those that the block's data name, if it names any.

    Returns
    -------
    str
        ``t-`` for a table or ``f-`` for a figure, and ten hexadecimal digits.
    """
    kind = "t" if isinstance(block, TableBlock) else "f"
    data = pd.DataFrame() if block.data is None else block.data
    # Seconds differ from run to run of the same cells.
    data = data[[name for name in data.columns if not str(name).startswith("seconds_")]]
    pairs = settings.get("pairs", {})
    if "pair" in data:
        pairs = {name: pairs[name] for name in sorted(set(map(str, data["pair"]))) if name in pairs}
    rests_on = {**settings, "pairs": pairs}
    return f"{kind}-{digest([kind, block.slug, rests_on, frame_rows(data)])[:_DIGITS]}"


def content_settings(data: RunData, settings: Settings) -> dict[str, Any]:
    """Return what a document's `settings` hold: values and the content of each pair's corpora.

    Parameters
    ----------
    data : RunData
        The run.
    settings : Settings
        From `usual_settings`.

    Returns
    -------
    dict
        Fit for `canonical_json`.
    """
    pairs = {
        name: {
            "corpora": {
                corpus: source["content_sha256"] for corpus, source in pair["sources"].items()
            },
            "documents": [pair[key] for key in _DOCUMENTS],
        }
        for name, pair in data.manifest.get("pairs", {}).items()
    }
    return {**settings.content(), "pairs": pairs}


def run_id(data: RunData, settings: Mapping[str, Any]) -> str:
    """Return the hash of a run's content: its pairs' documents, its settings and its results.

    Parameters
    ----------
    data : RunData
        The run.
    settings : mapping
        From `content_settings`.

    Returns
    -------
    str
        Ten hexadecimal digits, the same wherever and in whichever order the cells were computed.
    """
    names = [c for c in map(str, data.cells.columns) if not c.startswith(_INCIDENTAL)]
    return digest([settings, frame_rows(data.cells[names])])[:_DIGITS]


def frame_rows(frame: pd.DataFrame) -> list[str]:
    """Return the rows of a table as sorted texts, whatever the order of rows and columns.

    Numbers are taken in single precision. Sums that another processor adds up in another order
    differ in the last of 16 digits; and shares of documents never lie half-way between two single
    numbers, so that no such difference decides how one is rounded.

    Parameters
    ----------
    frame : pandas.DataFrame
        The table. Missing values are left out.

    Returns
    -------
    list of str
        A hash a row.
    """
    columns = sorted(map(str, frame.columns))
    rows = frame[columns].itertuples(index=False, name=None)
    return sorted(digest(dict(_known(columns, row))) for row in rows)


def _known(columns: Iterable[str], row: Iterable[Any]) -> Iterable[tuple[str, Any]]:
    for name, value in zip(columns, row, strict=True):
        if isinstance(value, (bool, np.bool_)):
            yield name, bool(value)
        elif isinstance(value, (int, float, np.number)):
            number = float(np.float32(value))
            if not math.isnan(number):
                # No JSON has an infinite number.
                yield name, number if math.isfinite(number) else str(number)
        elif value is not None and not pd.isna(value):
            yield name, str(value)
