"""Parquet, read a few rows at a time. Needs pyarrow, which is an extra."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from d2vbench.corpora.readers.formats.opening import open_bytes
from d2vbench.corpora.readers.formats.rows import Columns, Row
from d2vbench.corpora.store.streams import magic, packing
from d2vbench.errors import UserError, option

_ROWS = 1024


@contextmanager
def _open(path: Path) -> Iterator[Any]:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise UserError(
            f"{path} is Parquet, and reading it needs pyarrow, which is not installed: "
            "pip install 'd2vbench[parquet]'"
        ) from None
    with open_bytes(path) as raw, tempfile.TemporaryFile() as unpacked:
        file: Any = raw
        if packing(magic(path)):
            # Parquet is read from its end, which no packed file can jump to.
            shutil.copyfileobj(raw, unpacked)
            unpacked.seek(0)
            file = unpacked
        try:
            with pq.ParquetFile(file) as opened:
                yield opened
        except (pa.ArrowException, OSError) as error:
            raise UserError(
                f"{path}: the Parquet file is damaged or none at all ({_first_line(error)}): write "
                "it again"
            ) from None


def _first_line(error: Exception) -> str:
    lines = str(error).splitlines() or [type(error).__name__]
    return lines[0].rstrip(". ")


def columns(path: Path) -> list[str]:
    """Return the names of the columns of a Parquet file, plain or packed."""
    with _open(path) as file:
        return list(file.schema_arrow.names)


def rows(path: Path, chosen: Columns) -> Iterator[Row]:
    """Read the rows of a Parquet file.

    Parameters
    ----------
    path : pathlib.Path
        Plain or packed.
    chosen : Columns
        Which columns to take; no other is read.

    Yields
    ------
    Row
        A text that is null is empty.

    Raises
    ------
    UserError
        If the file is damaged, or the text column holds something other than text.
    """
    names = [name for name in (chosen.text, chosen.label, chosen.split) if name]
    number = 0
    with _open(path) as file:
        for batch in file.iter_batches(batch_size=_ROWS, columns=list(dict.fromkeys(names))):
            taken = {name: batch.column(name).to_pylist() for name in names}
            for i, text in enumerate(taken[chosen.text]):
                number += 1
                if text is not None and not isinstance(text, str):
                    kind = file.schema_arrow.field(chosen.text).type
                    raise UserError(
                        f"{path}: the text column {chosen.text!r} holds {kind}, expected strings: "
                        f"give another column as {option('text')}"
                    )
                label, split = (
                    taken[name][i] if name else None for name in (chosen.label, chosen.split)
                )
                yield Row(number, f"row {number}", text or "", label, split)
