"""Usenet messages in folders ``SPLIT/GROUP/ID``, as 20 Newsgroups "by date" has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from d2vbench.corpora.readers import support
from d2vbench.corpora.store.documents import Document

#: Raised when other documents are read.
version = 1

_PARTS = ("headers", "footers", "quotes")
_DEFAULTS: dict[str, Any] = {"remove": [], "encoding": "latin-1"}

# A line with one of these introduces, or is, the words of another message.
_ATTRIBUTIONS = ("writes in", "writes:", "wrote:", "says:", "said:")
_QUOTED = ("In article", "Quoted from", "|", ">")


def without_headers(text: str) -> str:
    r"""Return what follows the first empty line; nothing where there is none.

    Examples
    --------
    >>> without_headers("From: a@b.c\nSubject: x\n\nHello.\n\nBye.")
    'Hello.\n\nBye.'
    """
    end = text.find("\n\n")
    return text[end + 2 :] if end >= 0 else ""


def without_footer(text: str) -> str:
    r"""Leave out the signature: all from the last line that is empty or made of hyphens.

    A text whose only such line is its first one stays as it is, and so does one without any.

    Examples
    --------
    >>> without_footer("Hello.\n-- \nAnn, Dept. of Physics")
    'Hello.'
    >>> without_footer("Hello.")
    'Hello.'
    """
    lines = text.strip().split("\n")
    for last in range(len(lines) - 1, 0, -1):
        if not lines[last].strip().strip("-"):
            return "\n".join(lines[:last])
    return text


def without_quotes(text: str) -> str:
    r"""Leave out quoted lines, and those that say who is quoted.

    Examples
    --------
    >>> without_quotes("Bob wrote:\n> Is it?\nIt is.")
    'It is.'
    """

    def own(line: str) -> bool:
        return not line.startswith(_QUOTED) and not any(words in line for words in _ATTRIBUTIONS)

    return "\n".join(filter(own, text.split("\n")))


def clean(text: str, remove: list[str]) -> str:
    """Leave out what gives a group away without being about its topic.

    Parameters
    ----------
    text : str
        A message with its headers.
    remove : list of str
        Of ``"headers"``, ``"footers"``, ``"quotes"``; done in this order. What each means follows
        the practice of scikit-learn's ``fetch_20newsgroups``.

    Returns
    -------
    str
        Maybe empty.
    """
    if "headers" in remove:
        text = without_headers(text)
    if "footers" in remove:
        text = without_footer(text)
    if "quotes" in remove:
        text = without_quotes(text)
    return text


def _parameters(parameters: Mapping[str, Any]) -> Any:
    values = support.checked("newsgroups", parameters, _DEFAULTS)
    support.one_of("newsgroups", "part to remove", values["remove"], _PARTS)
    return values


fingerprint = support.fingerprint_of(_parameters)


def _place(name: str) -> tuple[str, str, str] | None:
    """Return split, group and number of a message, from ``20news-bydate-train/sci.med/59101``."""
    folders = name.split("/")
    if len(folders) < 3:
        return None
    split, group, number = folders[-3:]
    split = split.rpartition("-")[2]
    return (split, group, number) if split in ("train", "test") and number.isdigit() else None


def read(parameters: Mapping[str, Any], files: Mapping[str, Path]) -> Iterator[Document]:
    """Read the messages of an archive.

    Parameters
    ----------
    parameters : mapping
        ``remove`` (list, see `clean`; default nothing) and ``encoding`` (default latin-1).
    files : mapping of str to pathlib.Path
        One archive, or the folder it was unpacked to.

    Yields
    ------
    Document
        Named ``train/sci.med/59101``; the label is the group.
    """
    values = _parameters(parameters)
    path = support.only_file(files)
    for place, text in support.placed_texts(path, _place, values["encoding"]):
        yield Document("/".join(place), clean(text, values["remove"]), place[1], place[0])
