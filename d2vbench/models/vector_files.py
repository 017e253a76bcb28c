"""Vectors in a file: NumPy, Parquet or CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np

from d2vbench.errors import UsageError, UserError
from d2vbench.files import remove_left_over, write_atomic
from d2vbench.models.text_model import Inferred
from d2vbench.report.render.spreadsheet import plain_text

ENDINGS = (".npy", ".parquet", ".csv")


def check_vector_path(path: Path, option: str) -> None:
    """Check that vectors can be written to a path, before they are computed.

    Parameters
    ----------
    path : pathlib.Path
        Where the vectors will go.
    option : str
        What to call it in the message.

    Raises
    ------
    UserError
        If the name says no format, the folder is not there, or the format needs a package that is
        not installed.
    """
    if path.suffix not in ENDINGS:
        raise UsageError(f"{option} {path}: expected a name that ends in {' or '.join(ENDINGS)}")
    if not path.parent.is_dir():
        raise UsageError(f"{option} {path}: there is no folder {path.parent}")
    if path.is_dir():
        raise UsageError(f"{option} {path} is a folder: give the name of a file")
    remove_left_over(path.parent, (path.name,))
    if path.suffix == ".parquet":
        try:
            import pyarrow.parquet  # noqa: F401
        except ImportError:
            raise UserError(
                f"{option} {path}: writing Parquet needs pyarrow: pip install 'd2vbench[parquet]', "
                "or give a name that ends in .npy or .csv"
            ) from None


def write_vectors(inferred: Inferred, path: Path) -> None:
    """Write vectors atomically, in the format that the name of the file says.

    Parameters
    ----------
    inferred : Inferred
        Names and vectors.
    path : pathlib.Path
        ``.npy``: the array (n, vector_size) float32 alone, in the order of the documents.
        ``.parquet``, ``.csv``: a column ``name``, then ``d0``, ``d1``, ... In CSV a number is the
        shortest text that reads back as the same float32, and a name that a spreadsheet would
        take for a formula begins with an apostrophe.
    """
    if path.suffix == ".npy":
        write_atomic(path, lambda file: np.save(file, inferred.vectors, allow_pickle=False))
        return
    columns = [f"d{i}" for i in range(inferred.vectors.shape[1])]
    if path.suffix == ".parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        names = pa.array([printable(name) for name in inferred.names], type=pa.string())
        values = [pa.array(np.ascontiguousarray(column)) for column in inferred.vectors.T]
        table = pa.table([names, *values], names=["name", *columns])
        write_atomic(path, lambda file: pq.write_table(table, file))
        return
    rows = (
        [name, *row.astype(str)] for name, row in zip(inferred.names, inferred.vectors, strict=True)
    )
    write_csv(path, ["name", *columns], rows, texts=1)


def write_csv(
    path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]], texts: int
) -> None:
    """Write rows of text as CSV, atomically.

    Parameters
    ----------
    path : pathlib.Path
        Where to.
    columns : sequence of str
        The first row.
    rows : iterable of sequence of str
        The others.
    texts : int
        So many of the first columns hold text of a person's own.
    """

    def write(file: BinaryIO) -> None:
        lines = io.TextIOWrapper(file, "utf-8", newline="")
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(columns)
        for row in rows:
            writer.writerow([*(plain_text(printable(text)) for text in row[:texts]), *row[texts:]])
        lines.flush()
        lines.detach()

    write_atomic(path, write)


def printable(text: str) -> str:
    """Return text that can be encoded; names of files may hold bytes that are no text."""
    return text.encode("utf-8", "replace").decode("utf-8")
