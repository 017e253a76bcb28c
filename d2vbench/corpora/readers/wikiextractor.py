"""Pages of a wiki as WikiExtractor writes them: ``<doc>`` tags or JSON lines.

WikiExtractor (github.com/attardi/wikiextractor) takes the markup out of a MediaWiki dump. By
default it writes ``<doc id= url= title=>``, the title, an empty line, the text and ``</doc>``; with
``--json`` an object a line with ``id``, ``url``, ``title`` and ``text``. Either way the titles of
sections are lines of the text that end in a full stop, unless they end in ``!`` or ``?``.
"""

from __future__ import annotations

import fnmatch
import html
import json
import re
from collections import Counter
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, NamedTuple

from d2vbench.corpora.acquire.archives import opened_files
from d2vbench.corpora.readers import support
from d2vbench.corpora.store.documents import Document
from d2vbench.corpora.store.streams import DAMAGED, Limits, damaged
from d2vbench.errors import UserError

#: Raised when other documents are read.
version = 1

# Of the English wikis; a title that begins with one and a colon is no article's.
_NAMESPACES = (
    "Book", "Category", "Draft", "File", "Help", "Image", "MediaWiki", "Module", "Portal",
    "Special", "Talk", "Template", "TimedText", "User", "WP", "Wikinews", "Wikipedia",
)  # fmt: skip

_DEFAULTS: dict[str, Any] = {
    "path": "",
    "files": ["*wiki_[0-9]*"],
    "sections": False,
    "min_words": 1,
    "housekeeping": [],
}
_HOUSEKEEPING = [*(f"{name}:*" for name in _NAMESPACES), "Main Page", "Main Page/*"]
# A whole wiki in one file, and tables of which little but white space is left.
_LIMITS = Limits(total_bytes=1 << 40, ratio=1000)
_LONGEST_PAGE = 1 << 26
# Files of a folder or archive by which it is told.
_LOOKED_AT = 20

_OPEN = re.compile(r'<doc id="([^"]*)"(?: revid="[^"]*")? url="[^"]*" title="(.*)">\s*')
_CLOSE = "</doc>"
_SWITCH = re.compile(r"__[A-Z]+__")
_HEADING = re.compile(r"\s*<h[1-6]>.*</h[1-6]>\s*|## .*")
_MARK = re.compile(r"^## ", re.MULTILINE)
_REDIRECT = re.compile(r"\s*#redirect\b", re.IGNORECASE)
# No longer than titles of sections are; what is as short and ends a paragraph's line is rare.
_LONGEST_TITLE = 60
_INNER_STOP = re.compile(r"[.!?;] ")


class _EnoughSeen(Exception):
    """Ends the look at a large archive."""


class _Page(NamedTuple):
    """A page: its number, its title, and the lines of its text."""

    number: str
    title: str
    lines: list[str]


def plain(text: str) -> str:
    """Resolve entities; leave out tags, marks of titles and MediaWiki's switches left in a text.

    Examples
    --------
    >>> plain("Smith &amp; Wesson&lt;br&gt; __NOTOC__")
    'Smith & Wesson  '
    """
    text = support.without_tags(text)
    if "## " in text:
        text = _MARK.sub("", text)
    return _SWITCH.sub("", text) if "__" in text else text


def is_section_title(line: str) -> bool:
    """Tell whether a line of a text is the title of a section.

    Parameters
    ----------
    line : str
        As WikiExtractor writes it. Versions that mark titles do so by ``## `` or as ``<h2>``;
        without a mark, a line of up to 60 characters is one that begins with neither a small letter
        nor a mark of a list, ends in a full stop, ``!`` or ``?``, and has none of them inside.

    Examples
    --------
    >>> [is_section_title(line) for line in ("Early life.", "## Early life", "Born in 1900. Died.")]
    [True, True, False]
    """
    if _HEADING.fullmatch(line):
        return True
    line = line.strip()
    return (
        1 < len(line) <= _LONGEST_TITLE
        and line[-1] in ".!?"
        and not line[0].islower()
        and line[0] not in "*#:;-•"
        and not _INNER_STOP.search(line)
    )


def sections(lines: list[str], least: int) -> list[list[str]]:
    """Cut a text before each title of a section.

    Parameters
    ----------
    lines : list of str
        A page's.
    least : int
        Words of a piece: a shorter one takes the next one in, the last one goes to the one before.

    Returns
    -------
    list of list of str
        Together the lines that were given, titles included. Titles that follow one another stay
        together, and so does a title with what follows it.
    """
    pieces: list[list[str]] = [[]]
    words, after_title = 0, False
    for line in lines:
        title = is_section_title(line)
        if title and not after_title and words >= least:
            pieces.append([])
            words = 0
        pieces[-1].append(line)
        # No more than `least` are of interest.
        words += len(line.split(None, least))
        after_title = title
    if words < least and len(pieces) > 1:
        last = pieces.pop()
        pieces[-1] += last
    return pieces


def _parameters(parameters: Mapping[str, Any]) -> Any:
    values = support.checked("wikiextractor", parameters, _DEFAULTS)
    if values["min_words"] < 1:
        raise UserError(
            f"reader wikiextractor: min_words must be 1 or more, got {values['min_words']}"
        )
    return values


def _source(values: Mapping[str, Any], files: Mapping[str, Path]) -> dict[str, Path]:
    return {"path": Path(values["path"])} if values["path"] else dict(files)


def fingerprint(parameters: Mapping[str, Any], files: Mapping[str, Path]) -> dict[str, Any]:
    """Return the sha256 of the archive, the file or the folder, and all parameters."""
    values = _parameters(parameters)
    identity = support.fingerprint_of(_parameters)
    return identity({k: v for k, v in values.items() if k != "path"}, _source(values, files))


def read(
    parameters: Mapping[str, Any], files: Mapping[str, Path]
) -> Generator[Document, None, dict[str, int]]:
    """Read the pages of a wiki, one at a time.

    Parameters
    ----------
    parameters : mapping
        ``files``, shell patterns of the names of files in an archive or a folder (default
        ``*wiki_[0-9]*``, as WikiExtractor names them); ``sections``, whether to cut pages at the
        titles of sections (default false: whole pages); ``min_words``, the shortest document
        (default 1: pages with fewer words are left out, shorter sections are joined);
        ``housekeeping``, shell patterns of titles that are no articles', beside those of English
        namespaces and the main page (default none); ``path``, a file or folder of one's own where
        the card has no archive.
    files : mapping of str to pathlib.Path
        One archive, the folder it was unpacked to, or one file; each may be compressed, and so may
        each file in it.

    Yields
    ------
    Document
        Named by the page's number, and for sections with a running number: ``000000012/003``. The
        title stands before the text, of sections before the first one. No label and no split.

    Returns
    -------
    dict of str to int
        Pages that were left out: ``redirects``, ``empty pages`` (which is what most redirects
        become), ``housekeeping pages``, ``short pages``.

    Raises
    ------
    UserError
        With file and line, for what WikiExtractor does not write; if no file has a name that fits.
    """
    values = _parameters(parameters)
    path = support.only_file(_source(values, files))
    left_out: Counter[str] = Counter()
    found = False
    for name, stream in opened_files(path, lambda n: _fits(n, values["files"]), _LIMITS):
        found = True
        try:
            for page in _pages(stream, path, name):
                if reason := _reason(page, values):
                    left_out[reason] += 1
                else:
                    yield from _documents(page, values)
        except DAMAGED as error:
            damaged(path, error)
    if not found:
        raise UserError(
            f"{path} holds no file whose name fits {', '.join(values['files'])}, as WikiExtractor "
            "names them (AA/wiki_00): name yours in the parameter files of the card"
        )
    return dict(sorted(left_out.items()))


def is_output(path: Path) -> bool:
    """Tell whether a file, folder or archive is what WikiExtractor wrote.

    Parameters
    ----------
    path : pathlib.Path
        Of one's own; each file may be compressed.

    Returns
    -------
    bool
        Whether one of its first files has a name as WikiExtractor gives them (``AA/wiki_00``), and
        begins with a page in either form. A damaged one is left to the reader that it would have
        otherwise, which says so.
    """
    seen = 0

    def wanted(name: str) -> bool:
        nonlocal seen
        seen += 1
        if seen > _LOOKED_AT:
            raise _EnoughSeen
        return _fits(name, _DEFAULTS["files"])

    try:
        for name, stream in opened_files(path, wanted, _LIMITS):
            lines = (line for _, line in _lines(stream, path, name) if line.strip())
            return _fits(name, _DEFAULTS["files"]) and _begins_page(next(lines, ""))
    except (*DAMAGED, UserError, _EnoughSeen):
        pass
    return False


def _begins_page(line: str) -> bool:
    if _OPEN.fullmatch(line):
        return True
    try:
        page = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(page, dict) and {"id", "title", "text"} <= page.keys()


def _fits(name: str, patterns: list[str]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def _reason(page: _Page, values: Mapping[str, Any]) -> str:
    """Return why a page is left out; empty where it is not."""
    if _fits(page.title, [*_HOUSEKEEPING, *values["housekeeping"]]):
        return "housekeeping pages"
    text = plain("\n".join(page.lines))
    if not text.strip():
        return "empty pages"
    if _REDIRECT.match(text):
        return "redirects"
    least = values["min_words"]
    return "short pages" if len(text.split(None, least)) < least else ""


def _documents(page: _Page, values: Mapping[str, Any]) -> Iterator[Document]:
    number = f"{int(page.number):09}" if page.number.isdecimal() else page.number
    pieces = sections(page.lines, values["min_words"]) if values["sections"] else [page.lines]
    for i, lines in enumerate(pieces):
        text = plain("\n".join(lines)).strip()
        if not i:
            text = f"{page.title}\n\n{text}"
        yield Document(f"{number}/{i:03}" if values["sections"] else number, text)


def _pages(stream: IO[bytes], path: Path, name: str) -> Iterator[_Page]:
    """Yield the pages of a file; its first line tells the form."""
    where = str(path) if name == path.name else f"{path}: {name}"
    lines = _lines(stream, path, name)
    first = next(((i, line) for i, line in lines if line.strip()), None)
    if first is None:
        return
    head = first[1].lstrip()
    if not head.startswith(("<doc ", "{")):
        raise UserError(
            f'{where}, line {first[0]}: expected <doc id="..." url="..." title="..."> or a JSON '
            f"object, as WikiExtractor writes them, got {head.strip()!r:.60}"
        )
    form = _tagged if head.startswith("<doc ") else _json_lines
    yield from form(_chained(first, lines), where)


def _chained(first: tuple[int, str], rest: Iterator[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    yield first
    yield from rest


def _lines(stream: IO[bytes], path: Path, name: str) -> Iterator[tuple[int, str]]:
    number = 0
    while line := stream.readline(_LONGEST_PAGE):
        number += 1
        try:
            yield number, line.decode()
        except UnicodeDecodeError:
            # Its message is made where it is needed: there are millions of lines.
            support.decode(line, "utf-8", path, f"{name}, line {number},")


def _tagged(lines: Iterator[tuple[int, str]], where: str) -> Iterator[_Page]:
    for start, line in lines:
        if not line.strip():
            continue
        if (head := _OPEN.fullmatch(line)) is None:
            raise UserError(
                f'{where}, line {start}: expected <doc id="..." url="..." title="...">, got '
                f"{line.strip()!r:.60}"
            )
        text: list[str] = []
        title = html.unescape(head[2])
        for _, inner in lines:
            if inner.strip() == _CLOSE:
                break
            if inner.startswith("<doc ") and _OPEN.fullmatch(inner):
                raise _endless(where, start, head[1])
            text.append(inner.rstrip("\r\n"))
        else:
            raise _endless(where, start, head[1])
        # The text begins with the title and an empty line.
        if text and html.unescape(text[0]).strip() == title.strip():
            del text[0]
        yield _Page(head[1], title, text)


def _endless(where: str, line: int, number: str) -> UserError:
    return UserError(
        f"{where}, line {line}: page {number} begins and does not end ({_CLOSE} is missing): the "
        "file was cut short; run WikiExtractor again, or get the archive again"
    )


def _json_lines(lines: Iterator[tuple[int, str]], where: str) -> Iterator[_Page]:
    for start, line in lines:
        if not line.strip():
            continue
        try:
            page = json.loads(line)
            number, title, text = str(page["id"]), page["title"], page["text"]
            if not (isinstance(title, str) and isinstance(text, str)):
                raise TypeError("title and text must be text")
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise UserError(
                f"{where}, line {start}: expected a JSON object with id, title and text, as "
                f"WikiExtractor writes it with --json ({type(error).__name__}: {error!s:.80})"
            ) from None
        # JSON can write half of a surrogate pair, which UTF-8 cannot.
        title, text = (t.encode("utf-8", "replace").decode("utf-8") for t in (title, text))
        yield _Page(number, html.unescape(title), text.split("\n"))
