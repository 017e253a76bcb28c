"""Word vectors of others: files of word2vec, text or binary, and of GloVe, plain or gzip.

gensim's own loader takes the whole file into memory, and does not say on which line it is wrong.
"""

from __future__ import annotations

import codecs
import gzip
import hashlib
import io
import itertools
import zlib
from array import array
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from d2vbench.errors import UserError

_CHUNK = 1 << 20
# No word is as long: a place where none ends is no place of a word.
_LONGEST = 10_000
_MOST = 100_000
# Bytes that text does not have, and float32 soon has.
_CONTROL = bytes(range(9))


@dataclass(frozen=True)
class WordVectors:
    """Words with their vectors.

    Attributes
    ----------
    words : list of str
        In the order of the file.
    vectors : (n, vector_size) float32
        Of these words.
    duplicates : int
        Further vectors of words that were there already: the first counts.
    in_file : int
        Vectors in the file, wanted or not.
    """

    words: list[str]
    vectors: npt.NDArray[np.float32]
    duplicates: int
    in_file: int


@dataclass
class _Kept:
    """What is kept while a file is read."""

    path: Path
    only: Container[str] | None
    words: dict[str, None] = field(default_factory=dict)
    numbers: array[float] = field(default_factory=lambda: array("f"))
    duplicates: int = 0

    def wants(self, word: bytes, place: str) -> bool:
        """Return whether the vector of a word is to be kept; count it if it is a further one."""
        try:
            text = word.decode("utf-8")
        except UnicodeDecodeError as error:
            raise _wrong(self.path, f"{place}: the word is not UTF-8 ({error.reason})") from None
        if self.only is not None and text not in self.only:
            return False
        if text in self.words:
            self.duplicates += 1
            return False
        self.words[text] = None
        return True

    def add(self, row: npt.NDArray[np.float32], place: str) -> None:
        if not np.isfinite(row).all():
            raise _wrong(self.path, f"{place}: the vector holds infinity or NaN")
        self.numbers.frombytes(row.tobytes())


def read_word_vectors(
    path: Path, only: Container[str] | None = None, vector_size: int | None = None
) -> WordVectors:
    """Read word vectors as a stream.

    Parameters
    ----------
    path : pathlib.Path
        Text of word2vec or fastText (a line with number and size first), text of GloVe (none), or
        word2vec's binary form; any of them gzipped. What it is, its content says.
    only : container of str, optional
        Words to keep; by default all. Others take no memory.
    vector_size : int, optional
        Components that are expected.

    Returns
    -------
    WordVectors
        Of a word that is there twice, the first vector.

    Raises
    ------
    UserError
        If it cannot be read, is empty, not UTF-8, cut short, of another size than expected or of
        several, holds what is no number, or none of the words in `only`.

    Notes
    -----
    A word of GloVe may have spaces in it (840B has some): where a line has too many fields, those
    after the first that are no numbers belong to the word.
    """
    try:
        with io.BufferedReader(path.open("rb", 0), _CHUNK) as raw, _opened(raw) as file:
            found = _read(path, file, only, vector_size)
    except FileNotFoundError:
        raise UserError(f"there is no file of word vectors {path}") from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise _wrong(path, f"it is no whole gzip file ({error})") from None
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or error}") from None
    if not found.words:
        raise UserError(
            f"{path}: none of the words that are wanted is among its {found.in_file:,}: is it of "
            "another language, or are words in another case?"
        )
    return found


def contents_sha256(path: Path) -> str:
    """Return the identity of what is in a file that `read_word_vectors` can read, gzipped or not.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    total = hashlib.sha256()
    with io.BufferedReader(path.open("rb", 0), _CHUNK) as raw, _opened(raw) as file:
        while chunk := file.read(_CHUNK):
            total.update(chunk)
    return total.hexdigest()


def _opened(raw: io.BufferedReader[Any]) -> io.BufferedReader[Any]:
    if raw.peek(2)[:2] != b"\x1f\x8b":
        return raw
    return io.BufferedReader(gzip.GzipFile(fileobj=raw), _CHUNK)


def _wrong(path: Path, why: str) -> UserError:
    return UserError(
        f"{path}: {why}; expected word vectors of word2vec (text or binary) or GloVe, whole"
    )


def _read(
    path: Path, file: io.BufferedReader[Any], only: Container[str] | None, expected: int | None
) -> WordVectors:
    first = file.readline(_LONGEST + 32 * _MOST)
    if not first.strip():
        raise _wrong(path, "it is empty" if not first else "its first line is")
    header = _header(first)
    count, size = header or (None, len(_fields(first)) - 1)
    if not 1 <= size <= _MOST or not (header or _numbers(_fields(first)[-size:])):
        raise _wrong(path, "line 1 is neither number and size nor a word and its numbers")
    if expected is not None and size != expected:
        raise UserError(f"{path} has vectors of {size} components, expected {expected}")
    kept = _Kept(path, only)
    if header and _is_binary(file.peek(_CHUNK)):
        read = _binary(kept, file, header[0], size)
    elif header:
        read = _text(kept, enumerate(_lines(path, file, size, 2), 2), size)
    else:
        rest = _lines(path, file, size, 2)
        read = _text(kept, enumerate(itertools.chain([first], rest), 1), size)
    if count is not None and read != count:
        raise _wrong(path, f"its first line says {count:,} vectors, and it holds {read:,}")
    vectors = np.frombuffer(kept.numbers, np.float32).reshape(-1, size)
    return WordVectors(list(kept.words), vectors, kept.duplicates, read)


def _lines(path: Path, file: io.BufferedReader[Any], size: int, number: int) -> Iterator[bytes]:
    """Yield lines; none that is so long that it is no word and its numbers is held."""
    most = _LONGEST + 32 * size
    while line := file.readline(most + 1):
        if len(line) > most:
            raise _wrong(path, f"line {number} is longer than {most:,} bytes")
        yield line
        number += 1


def _header(line: bytes) -> tuple[int, int] | None:
    fields = _fields(line)
    if len(fields) != 2 or not all(f.isdigit() and len(f) < 16 for f in fields):
        return None
    return int(fields[0]), int(fields[1])


def _fields(line: bytes) -> list[bytes]:
    return line.rstrip(b" \r\n").split(b" ")


def _numbers(fields: list[bytes]) -> list[float] | None:
    try:
        return [float(f) for f in fields]
    except ValueError:
        return None


def _is_binary(begin: bytes) -> bool:
    """Return whether what follows a header is binary: its first line is no word and numbers."""
    line, end, _ = begin.partition(b"\n")
    fields = _fields(line)[1:] if end else line.split(b" ")[1:-1]
    if fields and _numbers(fields):
        return False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(begin)  # It may end within a character.
    except UnicodeDecodeError:
        return True
    return begin.translate(None, _CONTROL) != begin


def _text(kept: _Kept, lines: Iterable[tuple[int, bytes]], size: int) -> int:
    read = 0
    for number, line in lines:
        fields = _fields(line)
        if fields == [b""]:
            continue
        place = f"line {number}"
        extra = len(fields) - 1 - size
        if extra < 0 or (extra and _numbers(fields[1 : extra + 1])):
            raise _wrong(
                kept.path, f"{place} has {len(fields) - 1} components, those before have {size}"
            )
        read += 1
        if not kept.wants(b" ".join(fields[: extra + 1]), place):
            continue
        values = _numbers(fields[extra + 1 :])
        if values is None:
            raise _wrong(kept.path, f"{place} holds what is no number")
        with np.errstate(over="ignore"):
            kept.add(np.asarray(values).astype(np.float32), place)
    return read


def _binary(kept: _Kept, file: io.BufferedReader[Any], count: int, size: int) -> int:
    data, width, at = b"", 4 * size, 0
    for i in range(count):
        place = f"vector {i + 1:,} of {count:,}"
        while (space := data.find(b" ", at)) < 0 or len(data) < space + 1 + width:
            more = file.read(max(_CHUNK, width))
            if not more or (space < 0 and len(data) - at > _LONGEST):
                raise _wrong(kept.path, f"it is cut short, or damaged, at {place}")
            data, at = data[at:] + more, 0
        word = data[at:space].lstrip(b"\n")  # word2vec.c ends each vector by a line feed.
        at = space + 1 + width
        if kept.wants(word, place):
            kept.add(np.frombuffer(data, "<f4", size, space + 1).astype(np.float32), place)
    if data[at:].strip() or file.read(_CHUNK).strip():
        raise _wrong(kept.path, f"more follows after the {count:,} vectors of its first line")
    return count
