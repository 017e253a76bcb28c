"""A data set of the library ``datasets`` as it lies in a folder: what ``save_to_disk`` writes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from d2vbench.corpora.readers.formats.rows import SPLITS, VALIDATION, Columns, Row
from d2vbench.errors import UserError

_MARKS = ("dataset_dict.json", "state.json")


def is_saved(folder: Path) -> bool:
    """Tell whether a folder is a saved data set, with splits or without."""
    return any((folder / name).is_file() for name in _MARKS)


def _load(folder: Path) -> dict[str, Any]:
    try:
        import datasets
    except ImportError:
        raise UserError(
            f"{folder} is a saved Hugging Face data set, and reading it needs the library "
            "datasets, which is not installed: pip install 'd2vbench[huggingface]'"
        ) from None
    try:
        loaded = datasets.load_from_disk(str(folder))
    # The library has errors of many families: its own, those of Arrow, JSON and the system.
    except Exception as error:
        first = (str(error).splitlines() or [""])[0].rstrip(". ")
        raise UserError(
            f"{folder}: the saved data set is damaged or incomplete ({type(error).__name__}: "
            f"{first}): save it again"
        ) from None
    return dict(loaded) if isinstance(loaded, dict) else {"": loaded}


def columns(folder: Path, split: str) -> list[str]:
    """Return the names of the columns; ``split``, where there are splits, is one more."""
    loaded = _load(folder)
    names = list(next(iter(loaded.values())).column_names)
    return names + ([split] if _splits(loaded) and split not in names else [])


def _splits(loaded: dict[str, Any]) -> bool:
    return len(loaded) > 1 and any(name.lower() in (*SPLITS, *VALIDATION) for name in loaded)


def rows(folder: Path, chosen: Columns) -> Iterator[Row]:
    """Read the rows, one split after the other.

    Parameters
    ----------
    folder : pathlib.Path
        What ``save_to_disk`` wrote.
    chosen : Columns
        Which columns to take. A split column that is none of the data set's is its split; a split
        of another name than train, test or validation is no split, and its rows have no label.

    Yields
    ------
    Row
        A class is given by its name; -1, by which the hub withholds one, is none.

    Raises
    ------
    UserError
        If the folder is damaged, or the text column holds something other than text.
    """
    number = 0
    for name, table in _load(folder).items():
        known = not chosen.split or name.lower() in (*SPLITS, *VALIDATION)
        for column in (chosen.text, chosen.label):
            if column and column not in table.column_names:
                raise UserError(f"{folder}, split {name}: there is no column {column!r}")
        names = getattr(table.features.get(chosen.label), "names", None)
        for i, row in enumerate(table):
            number += 1
            text = row[chosen.text]
            place = f"row {i + 1}" + (f" of split {name}" if name else "")
            if text is not None and not isinstance(text, str):
                raise UserError(
                    f"{folder}, {place}: the text in {chosen.text!r} is a {type(text).__name__}, "
                    "expected a string"
                )
            label = row[chosen.label] if chosen.label and known else None
            if names is not None and label is not None:
                label = names[label] if label >= 0 else None
            split = row.get(chosen.split, name) if chosen.split and known else None
            yield Row(number, place, text or "", label, split)
