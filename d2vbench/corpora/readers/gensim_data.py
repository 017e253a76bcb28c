"""Large unlabelled text as gensim's tutorials use it: text8, and Wikipedia in two forms."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from d2vbench.corpora.readers import support
from d2vbench.corpora.store.documents import Document
from d2vbench.corpora.store.streams import DAMAGED, Limits, damaged, open_stream, refuse
from d2vbench.errors import UserError

#: Raised when other documents are read.
version = 1

_DEFAULTS: dict[str, Any] = {
    "format": "words",
    "piece": 200,
    "min_characters": 200,
    "documents": 0,
    "encoding": "utf-8",
}
_CHUNK = 1 << 20
# A dump may be of any size, and its wiki markup of tables packs well.
_LIMITS = Limits(total_bytes=1 << 40, ratio=1000)


def _words(stream: IO[bytes], values: Mapping[str, Any], path: Path) -> Iterator[str]:
    """Cut one long line into pieces of so many words."""
    size = values["piece"]
    words: list[str] = []
    rest = b""
    offset = 0
    while chunk := stream.read(_CHUNK):
        # The last word of a chunk may go on in the next one.
        head, space, tail = (rest + chunk).rpartition(b" ")
        words += _decode(head, values, path, offset).split()
        offset += len(head) + len(space)
        rest = tail
        while len(words) >= size:
            yield " ".join(words[:size])
            words = words[size:]
    words += _decode(rest, values, path, offset).split()
    while words:
        yield " ".join(words[:size])
        words = words[size:]


def _decode(content: bytes, values: Mapping[str, Any], path: Path, offset: int) -> str:
    return support.decode(content, values["encoding"], path, f"the text from byte {offset:,} on")


def _segment_wiki(stream: IO[bytes], values: Mapping[str, Any], path: Path) -> Iterator[str]:
    """Read what ``gensim.scripts.segment_wiki`` writes: an article a line, as JSON."""
    for number, line in enumerate(stream, 1):
        try:
            article = json.loads(line)
            text = "\n\n".join([article["title"], *article["section_texts"]])
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise UserError(
                f"{path}, line {number}: expected JSON with title and section_texts, as "
                f"gensim.scripts.segment_wiki writes it ({type(error).__name__}: {error})"
            ) from None
        # JSON can write half of a surrogate pair, which UTF-8 cannot.
        yield text.encode("utf-8", "replace").decode("utf-8")


def _dump(stream: IO[bytes], values: Mapping[str, Any], path: Path) -> Iterator[str]:
    """Read the articles of a MediaWiki dump through gensim, without its tokeniser."""
    from xml.etree.ElementTree import ParseError

    from gensim.corpora.wikicorpus import IGNORED_NAMESPACES, extract_pages, filter_wiki

    try:
        for title, markup, _ in extract_pages(stream, ("0",)):
            if not title.startswith(tuple(f"{name}:" for name in IGNORED_NAMESPACES)):
                text = filter_wiki(markup).strip()
                if text and not text.lower().startswith("#redirect"):
                    yield f"{title}\n\n{text}"
    except (ParseError, ValueError, AttributeError) as error:
        # gensim's reader of dumps takes for granted what a page has: ValueError for other XML,
        # AttributeError for a page without a title, a namespace or a text.
        refuse(path, f"it is no MediaWiki dump, or cut short ({error})")


_FORMATS: dict[str, Callable[[IO[bytes], Mapping[str, Any], Path], Iterator[str]]] = {
    "words": _words,
    "segment_wiki": _segment_wiki,
    "dump": _dump,
}


def _parameters(parameters: Mapping[str, Any]) -> Any:
    values = support.checked("gensim_data", parameters, _DEFAULTS)
    support.one_of("gensim_data", "format", [values["format"]], tuple(_FORMATS))
    if values["piece"] < 1:
        raise UserError(f"reader gensim_data: piece must be 1 or more, got {values['piece']}")
    return values


fingerprint = support.fingerprint_of(_parameters)


def read(parameters: Mapping[str, Any], files: Mapping[str, Path]) -> Iterator[Document]:
    """Read a large text, plain or compressed, without ever holding it whole.

    Parameters
    ----------
    parameters : mapping
        ``format``: ``words`` (text8: one line, cut into pieces of ``piece`` words, default 200),
        ``segment_wiki`` (JSON lines) or ``dump`` (a MediaWiki dump); ``min_characters``, the
        shortest article (default 200); ``documents``, how many to read (default 0: all);
        ``encoding`` of ``words`` (default utf-8).
    files : mapping of str to pathlib.Path
        One file. With ``documents``, it may be the first part of a larger one.

    Yields
    ------
    Document
        Named by running number, without label and split.
    """
    values = _parameters(parameters)
    path = support.only_file(files)
    least = 0 if values["format"] == "words" else values["min_characters"]
    number = 0
    with open_stream(path, _LIMITS) as stream:
        try:
            for text in _FORMATS[values["format"]](stream, values, path):
                if len(text) < least:
                    continue
                yield Document(f"{number:08}", text)
                number += 1
                if number == values["documents"]:
                    return
        except DAMAGED as error:
            damaged(path, error)
    if number < values["documents"]:
        raise UserError(
            f"{path}: expected {values['documents']:,} documents or more, got {number:,}"
        )
