"""Reuters-21578: 22 SGML files of newswire articles with topics and recommended splits."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from d2vbench.corpora.acquire.archives import members
from d2vbench.corpora.readers import support
from d2vbench.corpora.store.documents import Document
from d2vbench.errors import UserError

#: Raised when other documents are read.
version = 1

# One byte in the whole collection (in reut2-017.sgm) is no ASCII.
_DEFAULTS: dict[str, Any] = {"unused": True, "encoding": "latin-1"}

_FILE = re.compile(r"(?:^|/)reut2-\d{3}\.sgm$")
_OPEN = re.compile(r"<REUTERS\b([^>]*)>")
_CLOSE = "</REUTERS>"
_ATTRIBUTE = re.compile(r'([A-Z]+)="([^"]*)"')
_LISTED = re.compile(r"<D>(.*?)</D>", re.DOTALL)
# Articles end with the agency's name, which says nothing.
_SIGN_OFF = re.compile(r"\s*\breuters?\b[\s.]*\Z", re.IGNORECASE)
# No longer than a number that names a document can be, and of ASCII digits.
_NUMBER = re.compile(r"[0-9]{1,9}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def _element(name: str, text: str) -> str | None:
    """Return what stands between an element's tags, still with entities; None without it."""
    start = re.search(rf"<{name}\b[^>]*>", text)
    end = text.find(f"</{name}>", start.end()) if start else -1
    return text[start.end() : end] if start and end >= 0 else None


def _plain(text: str) -> str:
    """Resolve entities, once: ``&amp;lt;`` is the text ``&lt;``. Drop control characters."""
    return _CONTROL.sub("", html.unescape(text)).strip()


def article_text(element: str) -> str:
    r"""Return title and body of an article.

    Parameters
    ----------
    element : str
        The content of ``<TEXT>``, which begins with its tag. An ``UNPROC`` text has no parts and
        is taken whole; a ``BRIEF`` one is a title alone.

    Returns
    -------
    str
        Title, an empty line, body. Author and dateline are left out, and so is the agency's name
        at the end.

    Examples
    --------
    >>> article_text("<TEXT><TITLE>A &lt;B></TITLE><BODY>It rose. Reuter\n&#3;</BODY></TEXT>")
    'A <B>\n\nIt rose.'
    """
    parts = [_element(name, element) for name in ("TITLE", "BODY")]
    if parts == [None, None]:
        parts = [_element("TEXT", element) or ""]
    text = "\n\n".join(_plain(part) for part in parts if part is not None)
    return _SIGN_OFF.sub("", text)


def split_of(attributes: Mapping[str, str]) -> str | None:
    """Return the split of an article after Apte, modified (ModApte).

    Parameters
    ----------
    attributes : mapping of str to str
        Of the tag ``<REUTERS>``.

    Returns
    -------
    str or None
        None for what ModApte does not use: no topics were assigned with care.
    """
    if attributes.get("TOPICS") != "YES":
        return None
    return {"TRAIN": "train", "TEST": "test"}.get(attributes.get("LEWISSPLIT", ""))


def articles(text: str, place: str) -> Iterator[tuple[dict[str, str], str]]:
    """Yield the attributes and the content of each article of an SGML file.

    Parameters
    ----------
    text : str
        The whole file.
    place : str
        Its name, for messages.

    Yields
    ------
    (dict of str to str, str)
        In the file's order.

    Raises
    ------
    UserError
        With the line, if an article does not end or has no number.
    """

    def where(start: re.Match[str]) -> str:
        return f"{place}, line {text.count(chr(10), 0, start.start()) + 1}"

    position = 0
    while start := _OPEN.search(text, position):
        attributes = dict(_ATTRIBUTE.findall(start[1]))
        position = text.find(_CLOSE, start.end())
        following = _OPEN.search(text, start.end())
        if position < 0 or (following and following.start() < position):
            raise UserError(f"{where(start)}: an article begins that does not end")
        if not _NUMBER.fullmatch(attributes.get("NEWID", "")):
            raise UserError(f"{where(start)}: an article without a number (NEWID)")
        yield attributes, text[start.end() : position]


_parameters = support.checker("reuters21578", _DEFAULTS)
fingerprint = support.fingerprint_of(_parameters)


def read(parameters: Mapping[str, Any], files: Mapping[str, Path]) -> Iterator[Document]:
    """Read the articles of an archive.

    Parameters
    ----------
    parameters : mapping
        ``unused`` (whether to read articles outside the ModApte split, which get neither label nor
        split; default true) and ``encoding`` (default latin-1).
    files : mapping of str to pathlib.Path
        One archive, or the folder it was unpacked to.

    Yields
    ------
    Document
        Named by ``NEWID`` with leading zeros. The label is the topic, where an article of the
        ModApte split has exactly one.
    """
    values = _parameters(parameters)
    path = support.only_file(files)
    for name, content in members(path, lambda name: bool(_FILE.search(name))):
        text = support.decode(content, values["encoding"], path, name)
        for attributes, article in articles(text, f"{path}: {name}"):
            split = split_of(attributes)
            if split is None and not values["unused"]:
                continue
            topics = _listed("TOPICS", article)
            label = topics[0] if split and len(topics) == 1 else None
            yield Document(f"{int(attributes['NEWID']):05}", _body(article), label, split)


def listed_names(
    parameters: Mapping[str, Any], files: Mapping[str, Path], kinds: Sequence[str]
) -> Iterator[tuple[str, dict[str, list[str]]]]:
    """Read what articles list beside their topics.

    Parameters
    ----------
    parameters, files
        As of `read`.
    kinds : sequence of str
        Elements that hold a list, such as ``PLACES``.

    Yields
    ------
    (str, dict of str to list of str)
        The text of each article of the archive, as `read` has it, and what it lists by element.
    """
    values = _parameters(parameters)
    path = support.only_file(files)
    for name, content in members(path, lambda name: bool(_FILE.search(name))):
        text = support.decode(content, values["encoding"], path, name)
        for _, article in articles(text, f"{path}: {name}"):
            yield _body(article), {kind: _listed(kind, article) for kind in kinds}


def _listed(element: str, article: str) -> list[str]:
    return [html.unescape(one) for one in _LISTED.findall(_element(element, article) or "")]


def _body(article: str) -> str:
    start = article.find("<TEXT")
    return article_text(article[start:]) if start >= 0 else ""
