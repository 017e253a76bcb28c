"""Any data set that the library ``datasets`` loads: from the Hugging Face hub, or local files.

It is an optional extra: ``pip install "d2vbench[huggingface]"``. ``d2vbench fetch`` loads the data
set once and keeps a copy; reading it afterwards needs no network.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from d2vbench.corpora.readers import support
from d2vbench.corpora.store.documents import Document
from d2vbench.errors import UserError, unknown_name

#: Raised when other documents are read.
version = 1

_DEFAULTS: dict[str, Any] = {
    "path": "",
    "name": "",
    "revision": "",
    "data_files": {},
    "splits": {},
    "text": ["text"],
    "label": "",
}


def _library() -> Any:
    try:
        import datasets
    except ImportError:
        raise UserError(
            'this corpus is read by the library "datasets", which is not installed: '
            'pip install "d2vbench[huggingface]"'
        ) from None
    return datasets


def _parameters(parameters: Mapping[str, Any]) -> Any:
    values = support.checked("huggingface", parameters, _DEFAULTS)
    if not values["path"]:
        raise UserError(
            "reader huggingface: path is missing: the data set's name on the hub, or json, csv, "
            "parquet or arrow with data_files"
        )
    for ours in values["splits"].values():
        if ours not in ("train", "test", ""):
            raise UserError(
                f"reader huggingface: splits must map a split of the data set to train, test or "
                f'"" (none), got {ours!r}'
            )
    return values


fingerprint = support.fingerprint_of(_parameters)


def download(parameters: Mapping[str, Any], target: Path) -> None:
    """Load a data set, from the hub or from local files, and keep a copy.

    Parameters
    ----------
    parameters : mapping
        See `read`.
    target : pathlib.Path
        A folder that does not exist yet.

    Raises
    ------
    UserError
        If the library is missing or cannot load the data set.
    """
    values = _parameters(parameters)
    datasets = _library()
    datasets.disable_progress_bars()
    try:
        loaded = datasets.load_dataset(
            values["path"],
            values["name"] or None,
            data_files=values["data_files"] or None,
            revision=values["revision"] or None,
        )
    # The library has errors of many families: its own, the hub's, those of pyarrow and pandas.
    except Exception as error:
        raise UserError(
            f"the data set {values['path']!r} could not be loaded: {type(error).__name__}: {error}"
        ) from error
    loaded.save_to_disk(str(target))


def read(parameters: Mapping[str, Any], files: Mapping[str, Path]) -> Iterator[Document]:
    """Read the copy of a data set.

    Parameters
    ----------
    parameters : mapping
        ``path``, ``name``, ``revision`` and ``data_files``, as ``datasets.load_dataset`` takes
        them; ``splits``, from the data set's split to ``"train"``, ``"test"`` or ``""`` (none),
        by default the splits of these two names; ``text``, the columns that make the text (list,
        default ``["text"]``); ``label``, the column of the class, if any.
    files : mapping of str to pathlib.Path
        The copy, under the name ``dataset``.

    Yields
    ------
    Document
        Named ``SPLIT/NUMBER``, by the data set's split and the row in it. An empty value is no
        label, and -1 neither, where the column has named classes.

    Raises
    ------
    UserError
        If a split or column is not there.
    """
    values = _parameters(parameters)
    loaded = _library().load_from_disk(str(support.only_file(files)))
    splits = values["splits"] or {name: name for name in loaded if name in ("train", "test")}
    if not splits:
        raise UserError(
            f"data set {values['path']}: no split is called train or test: say in splits which "
            f"to read (there are: {', '.join(sorted(loaded))})"
        )
    for theirs, ours in splits.items():
        if theirs not in loaded:
            raise UserError(f"data set {values['path']}: {unknown_name('split', theirs, loaded)}")
        rows = loaded[theirs]
        for column in [*values["text"], *([values["label"]] if values["label"] else [])]:
            if column not in rows.features:
                raise UserError(
                    f"data set {values['path']}, split {theirs}: "
                    f"{unknown_name('column', column, rows.features)}"
                )
        names = getattr(rows.features.get(values["label"]), "names", None)
        for number, row in enumerate(rows):
            text = "\n\n".join(str(row[column] or "") for column in values["text"])
            label = _label(row[values["label"]], names) if values["label"] else None
            yield Document(f"{theirs}/{number:08}", text, label, ours or None)


def _label(value: Any, names: list[str] | None) -> str | None:
    if value is None or value == "":
        return None
    if names is not None:
        # The hub's custom for a row whose class is withheld.
        return names[value] if value >= 0 else None
    return str(value)
