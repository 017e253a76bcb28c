"""What a record is: its name, its checksum, whether it is what was written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from d2vbench.keys import digest

SCHEMA = 3


def record_key(cell: Any, pair_key: str, versions: Mapping[str, int | str]) -> str:
    """Return the name of a record: sha256 of all that decides a result.

    Parameters
    ----------
    cell : dict
        ``Cell.to_json()``.
    pair_key : str
        Of the documents.
    versions : mapping of str to int or str
        Of the components that the cell uses.

    Returns
    -------
    str
        64 hexadecimal digits. The sources of d2vbench do not enter: an edit that changes no number
        changes no key.
    """
    return digest([SCHEMA, cell, pair_key, versions])


def key_of(record: Mapping[str, Any]) -> str:
    """Return the name that a record should have by what it says."""
    return record_key(record["cell"], record["pair_key"], record["versions"])


def main_metrics(record: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the metrics of the main classifier, the first of a cell, by label budget."""
    main = record["cell"].get("classifiers", [None])[0]
    return {budget: said[main or next(iter(said))] for budget, said in record["metrics"].items()}


def chosen_metrics(record: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the metrics with the inference that cross-validation chose.

    Returns
    -------
    dict of dict
        Under ``"10.chosen"`` for the label budget ``"10"``; empty where nothing was chosen.
    """
    tried = record.get("inference", {"points": [], "chosen": {}})
    return {
        f"{budget}.chosen": tried["points"][place]["metrics"][budget]
        for budget, place in tried["chosen"].items()
        if place is not None
    }


def checksum(record: Mapping[str, Any]) -> str:
    """Return the digest of all that a record says, but for the digest in it."""
    return digest({k: v for k, v in record.items() if k != "sha256"})


def sealed(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values with a checksum of them beside them."""
    return {**values, "sha256": checksum(values)}


def unsealed(values: Any) -> dict[str, Any]:
    """Return values without the checksum beside them.

    Parameters
    ----------
    values : object
        JSON values, from wherever.

    Raises
    ------
    ValueError
        If they are no object, or not what the checksum is of.
    """
    if not isinstance(values, dict):
        raise ValueError(f"expected an object, got {type(values).__name__}")
    if "sha256" in values and values["sha256"] != checksum(values):
        raise ValueError("the checksum does not fit")
    return {name: value for name, value in values.items() if name != "sha256"}


def genuine(record: Any) -> bool:
    """Return whether a record of this schema is what was written: its key and checksum fit.

    Parameters
    ----------
    record : object
        JSON values, from wherever.
    """
    try:
        fits = record["key"] == key_of(record) and record["sha256"] == checksum(record)
        return bool(fits and record["schema"] == SCHEMA)
    except (KeyError, TypeError, ValueError, RecursionError):
        return False
