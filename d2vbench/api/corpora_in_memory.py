"""Corpora that a script or notebook holds in memory, written to where runs can open them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from d2vbench.corpora.acquire.cache import cache_folder, cannot_write
from d2vbench.corpora.pairs.own import Layout, own_columns
from d2vbench.corpora.pairs.own_files import Source
from d2vbench.corpora.readers.formats.rows import label_text
from d2vbench.errors import ArgumentError, ArgumentTypeError
from d2vbench.files import write_atomic
from d2vbench.models.inputs import DocumentReader, listed

# No file system takes longer paths.
_LONGEST_PATH = 4096
_MISSING = ("NAType", "NaTType")

# One label, or those of a document that has several.
_Label = str | list[str | None] | None


def corpus_path(
    value: Any, role: str, layout: Layout, reader: DocumentReader, labelled: bool = True
) -> Source:
    """Return the path or name of a corpus; one in memory is written to the cache by its content.

    Parameters
    ----------
    value : object
        A path, a pattern or the name of a corpus; a list of `pathlib.Path`; a list of documents;
        ``(documents, labels)``; or a table with columns.
    role : str
        ``"generic"`` or ``"domain"``.
    layout : Layout
        Names the columns.
    reader : DocumentReader
        Makes texts of documents.
    labelled : bool
        Whether the domain corpus must have labels.

    Returns
    -------
    str or list of str
        As `own_pair` takes it.

    Raises
    ------
    ArgumentError
        For anything else, documents without labels, or labels that do not fit.
    """
    if isinstance(value, (str, PathLike)):
        return _checked_path(str(value), role, reader)
    # Texts are no paths, so a list of paths cannot be meant as documents.
    if isinstance(value, (list, tuple)) and value and all(isinstance(v, Path) for v in value):
        return [_checked_path(str(path), role, reader) for path in value]
    names = _column_names(value)
    labels = splits = None
    if names is not None:
        shown = Path(f"{role}: the {type(value).__name__}")
        chosen = own_columns(shown, role, list(names), layout, labelled)
        value, labels, splits = (
            value[names[column]] if column else None
            for column in (chosen.text, chosen.label, chosen.split)
        )
    elif (
        isinstance(value, tuple)
        and len(value) == 2
        and not all(isinstance(part, str) for part in value)
    ):
        value, labels = value
    texts = reader.texts(value, role)
    if not texts:
        raise ArgumentError(f"{role}: expected one or more documents, got none")
    if labels is None and role == "domain" and labelled:
        raise ArgumentError(
            "domain: expected documents with labels, got documents alone: give (documents, "
            "labels), or a DataFrame with a label column"
        )
    if splits is None and layout.split and role == "domain":
        raise ArgumentError(f"domain: there is no column {layout.split!r}: split names a column")
    parts = {
        layout.text or "text": texts,
        layout.label or "label": _values(
            labels, f"{role} labels", texts, bool(layout.several_labels)
        ),
        layout.split or "split": _values(splits, f"{role} splits", texts),
    }
    return str(_write({key: part for key, part in parts.items() if part is not None}, role, layout))


def _checked_path(path: str, role: str, reader: DocumentReader) -> str:
    if len(path) > _LONGEST_PATH or "\n" in path or "\0" in path:
        raise ArgumentError(
            f"{role}: expected a list of texts or a path, got one string of {len(path):,} letters"
        )
    if reader.takes_words:
        raise ArgumentError(
            f"{role}: expected a list of token lists, got a path: files hold texts, and "
            "tokenizer=None takes no texts"
        )
    if reader.function is not None:
        raise ArgumentError(
            f"{role}: files are read by other processes, which cannot import this tokenizer: move "
            "it into a module and give its name, as 'package.module:function'"
        )
    return path


def _column_names(value: Any) -> dict[str, Any] | None:
    """Return the columns of a table by their names as text, or None where it has none."""
    names = getattr(value, "column_names", None)
    if names is None:
        names = getattr(value, "columns", None)
    # Columns of the same name are told by a position after the name; they cannot be chosen.
    return None if names is None else {str(name): name for name in names}


def _values(
    values: Any, name: str, texts: Sequence[str], several: bool = False
) -> list[_Label] | None:
    if values is None:
        return None
    found: list[_Label] = []
    for i, value in enumerate(listed(values, name, "labels")):
        if type(value).__name__ in _MISSING:
            value = None
        elif type(value).__module__ == "numpy":
            value = value.tolist()
        try:
            if several and isinstance(value, (list, tuple)):
                found.append([label_text(one) for one in value])
            else:
                found.append(label_text(value))
        except TypeError as error:
            raise ArgumentTypeError(
                f"{name}: expected text or numbers, got {error} at position {i}: {value!r:.40}"
            ) from None
    if len(found) != len(texts):
        raise ArgumentError(f"{name}: expected {len(texts):,}, one a document, got {len(found):,}")
    return found


def _write(parts: dict[str, Sequence[_Label]], role: str, layout: Layout) -> Path:
    """Write a table; its name, from which seeds derive, does not depend on those of columns."""
    rows = list(zip(*parts.values(), strict=True))
    name = f"{role}-{hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:12]}.jsonl"
    table = "".join(json.dumps(dict(zip(parts, row, strict=True))) + "\n" for row in rows)
    content = table.encode(layout.encoding_of(role))
    path = cache_folder() / "texts" / hashlib.sha256(content).hexdigest()[:32] / name
    try:
        if not (path.exists() and path.read_bytes() == content):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(path, lambda file: file.write(content))
    except OSError as error:
        raise cannot_write(path.parent, error) from None
    return path
