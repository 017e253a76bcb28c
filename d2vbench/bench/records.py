"""Records: one JSON file per cell, its predictions beside it. Nothing read back is a pickle."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from d2vbench.errors import UserError
from d2vbench.files import write_atomic, write_json

SCHEMA = 1


class RecordStore:
    """The records of a run, in the folder ``records`` of the run.

    Parameters
    ----------
    run : pathlib.Path
        The run's folder.
    """

    def __init__(self, run: Path) -> None:
        self.folder = run / "records"

    def path(self, key: str) -> Path:
        """Return where the record of a cell is."""
        return self.folder / f"{key}.json"

    def present(self, keys: Iterable[str]) -> set[str]:
        """Return which of some cells have a record with predictions beside it."""
        if not self.folder.is_dir():
            return set()
        names = {path.name for path in self.folder.iterdir()}
        return {key for key in keys if {f"{key}.json", f"{key}.npz"} <= names}

    def write(
        self, key: str, record: dict[str, Any], predictions: dict[str, npt.NDArray[Any]]
    ) -> None:
        """Write one record.

        Predictions go first: a record that is there is complete.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        arrays: Any = predictions
        write_atomic(
            self.folder / f"{key}.npz",
            lambda file: np.savez_compressed(file, **arrays),
        )
        write_json(self.path(key), {"schema": SCHEMA, "key": key, **record})

    def read(self, key: str) -> dict[str, Any]:
        """Read one record.

        Raises
        ------
        UserError
            If it is missing, damaged, or of another schema; the text says what to do.
        """
        path = self.path(key)
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
            schema = record["schema"]
        except FileNotFoundError:
            raise UserError(f"record {path} is missing; run the study again") from None
        except (ValueError, KeyError, TypeError):
            raise UserError(
                f"record {path} is damaged; delete it and run the study again"
            ) from None
        if schema != SCHEMA:
            age = "newer" if schema > SCHEMA else "older"
            raise UserError(
                f"record {path} has schema {schema}, this d2vbench writes {SCHEMA}: it is from a "
                f"{age} version; use that one, or give a new --out folder"
            )
        result: dict[str, Any] = record
        return result

    def predictions(self, key: str) -> dict[str, npt.NDArray[np.int32]]:
        """Read the predictions of one cell: ``truth`` and one array per label budget.

        Raises
        ------
        UserError
            If the file is missing or damaged.
        """
        path = self.folder / f"{key}.npz"
        try:
            # np.load would leave a damaged file open.
            with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
                return {name: file[name] for name in file.files}
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise UserError(
                f"predictions {path} cannot be read ({error}); delete the file and run again"
            ) from None
