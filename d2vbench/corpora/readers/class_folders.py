"""An archive with a folder for each class and a text in each file: ``CLASS/NAME.txt``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from d2vbench.corpora.acquire.archives import members
from d2vbench.corpora.readers import support
from d2vbench.corpora.readers.formats.opening import check_encoding
from d2vbench.corpora.store.documents import Document
from d2vbench.errors import UserError

#: Raised when other documents are read.
version = 1

_DEFAULTS: dict[str, Any] = {"classes": [], "encoding": "utf-8", "second_encoding": ""}
_PLACE = re.compile(r"(?:^|/)(([^/]+)/[^/]+)\.txt$")


def _parameters(parameters: Mapping[str, Any]) -> Any:
    values = support.checked("class_folders", parameters, _DEFAULTS)
    if not values["classes"]:
        raise UserError("reader class_folders: classes is missing: the names of the folders")
    if values["second_encoding"]:
        check_encoding(values["second_encoding"])
    return values


fingerprint = support.fingerprint_of(_parameters)


def read(parameters: Mapping[str, Any], files: Mapping[str, Path]) -> Iterator[Document]:
    """Read the texts of an archive.

    Parameters
    ----------
    parameters : mapping
        ``classes``, the names of the folders to read; ``encoding`` (default utf-8);
        ``second_encoding``, that of files which are not in the first (default none).
    files : mapping of str to pathlib.Path
        One archive, or the folder it was unpacked to.

    Yields
    ------
    Document
        Named ``CLASS/NAME``; the label is the class. No split.

    Raises
    ------
    UserError
        If a class has no file.
    """
    values = _parameters(parameters)
    path = support.only_file(files)
    seen: set[str] = set()

    def wanted(name: str) -> bool:
        place = _PLACE.search(name)
        return place is not None and place[2] in values["classes"]

    for name, content in members(path, wanted):
        place = _PLACE.search(name)
        assert place is not None
        seen.add(place[2])
        text = support.decode(content, values["encoding"], path, name, values["second_encoding"])
        yield Document(place[1], text, place[2])
    if missing := [name for name in values["classes"] if name not in seen]:
        raise UserError(
            f"{path} has no text in a folder {' or '.join(missing)}: expected CLASS/NAME.txt for "
            f"each of {', '.join(values['classes'])}"
        )
