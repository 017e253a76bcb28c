"""What a record is: its name, its checksum, whether it is what was written."""

from __future__ import annotations

from typing import Any

from d2vbench.keys import digest

SCHEMA = 2


def record_key(cell: Any, pair_key: str, sources: list[str], schema: int) -> str:
    """Return the name of a record: sha256 of all that decides a result.

    Parameters
    ----------
    cell : dict
        `d2vbench.bench.spec.cell.Cell.to_json`.
    pair_key : str
        Of the documents.
    sources : list of str
        Digests of the sources that decide a result.
    schema : int
        Of the cell.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    return digest([schema, cell, pair_key, *sources])


def key_of(record: dict[str, Any]) -> str:
    """Return the name that a record should have by what it says."""
    return record_key(record["cell"], record["pair_key"], record["sources"], record["cell_schema"])


def checksum(record: dict[str, Any]) -> str:
    """Return the digest of all that a record says, but for the digest in it."""
    return digest({k: v for k, v in record.items() if k != "sha256"})


def sealed(values: dict[str, Any]) -> dict[str, Any]:
    """Return values with a checksum of them beside them."""
    return {**values, "sha256": checksum(values)}


def unsealed(values: Any) -> dict[str, Any]:
    """Return values without the checksum beside them.

    Parameters
    ----------
    values : object
        JSON values, from wherever. An object without a checksum, as older versions wrote it, is
        taken as it is.

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
