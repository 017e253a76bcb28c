"""Encoding: from a stream of documents to arrays of word numbers on disk.

Memory holds a few chunks of text, the lexicon and some fields of each document, never the corpus.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import signal
import threading
from array import array
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from d2vbench.corpora.store.documents import Document, document_sha256, shown
from d2vbench.corpora.store.tokenise import Tokeniser
from d2vbench.errors import UserError
from d2vbench.files import write_text

SPLITS = ("train", "test")

# Characters that are tokenised in one go: large enough to outweigh the way to a worker and back.
_CHUNK = 2_000_000
# Words copied at once while the documents are put in order.
_BLOCK = 1 << 20
_WIDEST_NAME = 200


@dataclass
class _Encoded:
    """A chunk in numbers of its own: ``ids`` are rows of ``words``."""

    words: list[str]
    ids: npt.NDArray[np.uint32]
    lengths: list[int]
    digests: list[bytes]
    text_hash: list[int]


def _encode_chunk(documents: list[Document], tokeniser: Tokeniser) -> _Encoded:
    rows: dict[str, int] = {}
    ids: list[int] = []
    encoded = _Encoded([], np.empty(0, np.uint32), [], [], [])
    for document in documents:
        try:
            words = tokeniser(document.text)
        except UserError as error:
            raise UserError(f"document {shown(document.name)}: {error}") from error
        ids += [rows.setdefault(word, len(rows)) for word in words]
        encoded.lengths.append(len(words))
        encoded.digests.append(document_sha256(document))
        sha = hashlib.sha256(document.text.encode("utf-8", "surrogatepass")).digest()
        encoded.text_hash.append(int.from_bytes(sha[:8], "big"))
    encoded.words = list(rows)
    encoded.ids = np.asarray(ids, dtype=np.uint32)
    return encoded


def _chunks(documents: Iterable[Document]) -> Iterator[list[Document]]:
    chunk: list[Document] = []
    size = 0
    for document in documents:
        chunk.append(document)
        size += len(document.text)
        if size >= _CHUNK:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _encoded_chunks(
    documents: Iterable[Document], tokeniser: Tokeniser, jobs: int
) -> Generator[tuple[list[Document], _Encoded], None, None]:
    """Tokenise chunks in worker processes, in order, a few at a time."""
    chunks = _chunks(documents)
    first = list(itertools.islice(chunks, 2))
    if len(first) < 2 or jobs < 2:
        # Too small for workers to pay for their start.
        for chunk in itertools.chain(first, chunks):
            yield chunk, _encode_chunk(chunk, tokeniser)
        return
    from joblib.externals.loky import ProcessPoolExecutor

    # Not loky's reusable executor: joblib would take that for one of its own when the run trains
    # in processes, and fail.
    executor = ProcessPoolExecutor(max_workers=jobs)
    waiting: deque[tuple[list[Document], Any]] = deque()
    try:
        for chunk in first:
            # The first task starts the processes.
            with ignoring_interrupt():
                waiting.append((chunk, executor.submit(_encode_chunk, chunk, tokeniser)))
        for chunk in chunks:
            waiting.append((chunk, executor.submit(_encode_chunk, chunk, tokeniser)))
            # The bound keeps a fast reader from filling the memory with text.
            if len(waiting) > 2 * jobs:
                done, result = waiting.popleft()
                yield done, result.result()
        for done, result in waiting:
            yield done, result.result()
    finally:
        # After an error nobody waits for what is still being tokenised.
        executor.shutdown(wait=True, kill_workers=True)


@contextlib.contextmanager
def ignoring_interrupt() -> Iterator[None]:
    """Make processes that are started within ignore Ctrl-C from their start.

    A terminal sends it to all processes; only the one that started the others should answer it. A
    process that ignores it by code of its own would show a traceback while it still imports.
    """
    if threading.current_thread() is not threading.main_thread():
        # Python sets handlers in the main thread alone.
        yield
        return
    # Ignored signals, unlike handlers, pass on to a new program.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class _Fields:
    """What is kept of each document besides its words: 9 bytes in memory, the rest on disk.

    Parameters
    ----------
    folder : pathlib.Path
        For names and digests until `finish`.
    """

    def __init__(self, folder: Path) -> None:
        self.lengths = array("I")
        self.labels = array("i")
        self.splits = array("b")
        self.label_codes: dict[str, int] = {}
        parts = ("names", "digests", "hashes")
        self._names, self._digests, self._hashes = (folder / f"{part}.bin" for part in parts)
        with contextlib.ExitStack() as opened:
            paths = (self._names, self._digests, self._hashes)
            self._files = [opened.enter_context(path.open("wb")) for path in paths]
            self.close = opened.pop_all().close
        self._last: bytes | None = None
        self._in_order = True
        self._longest = 1

    def add(self, documents: list[Document], encoded: _Encoded) -> None:
        """Take the documents of a chunk."""
        codes = self.label_codes
        for document in documents:
            self.splits.append(SPLITS.index(document.split) if document.split else -1)
            label = document.label
            self.labels.append(-1 if label is None else codes.setdefault(label, len(codes)))
            # As JSON a name is one line of ASCII, whatever it holds.
            name = json.dumps(document.name).encode("ascii")
            self._in_order = self._in_order and (self._last is None or self._last < name)
            self._longest = max(self._longest, len(name))
            self._last = name
            self._files[0].write(name + b"\n")
        self._files[1].write(b"".join(encoded.digests))
        self.lengths.extend(encoded.lengths)
        self._files[2].write(np.asarray(encoded.text_hash, dtype=np.uint64).tobytes())

    def finish(self, names: Path) -> tuple[npt.NDArray[np.int64], str]:
        """Write the names in order; return the order of the documents and the content hash."""
        self.close()
        if not len(self.lengths):
            raise UserError("there are no documents")
        order = np.arange(len(self.lengths))
        if self._in_order:
            self._names.rename(names)
        else:
            # Fixed width takes less memory, unless one name is very long.
            kind = f"S{self._longest}" if self._longest <= _WIDEST_NAME else "O"
            table = np.empty(len(order), dtype=kind)
            with self._names.open("rb") as lines:
                for i, line in enumerate(lines):
                    table[i] = line[:-1]
            order = np.argsort(table, kind="stable")
            with names.open("wb") as target:
                last = b""
                for start in range(0, len(order), 10_000):
                    for name in table[order[start : start + 10_000]].tolist():
                        if name == last:
                            raise UserError(f"two documents are named {name.decode()}")
                        last = name
                        target.write(name + b"\n")
            self._names.unlink()
            del table
        # Sorted and hashed as `combine_sha256` does, without an object or a copy for each digest.
        digests = np.fromfile(self._digests, dtype="S32")
        digests.sort()
        self._digests.unlink()
        return order, hashlib.sha256(digests.view(np.uint8).data).hexdigest()

    def take_hashes(self) -> npt.NDArray[np.uint64]:
        """Return the hashes of the texts, in the order of the stream."""
        hashes = np.fromfile(self._hashes, dtype=np.uint64)
        self._hashes.unlink()
        return hashes


def encode(
    documents: Iterable[Document], folder: Path, tokeniser: Tokeniser, jobs: int = 1
) -> dict[str, Any]:
    """Tokenise documents and write the arrays of an `EncodedCorpus`.

    Parameters
    ----------
    documents : iterable of Document
        In any order; read once, as a stream.
    folder : pathlib.Path
        An existing, empty folder.
    tokeniser : Tokeniser
        From text to words.
    jobs : int
        Processes that tokenise. What is written does not depend on it.

    Returns
    -------
    dict
        ``documents``, ``words``, ``lexicon`` (counts), ``labels`` (names), ``content_sha256``.

    Raises
    ------
    UserError
        If there are no documents, or two of one name.
    """
    lexicon: dict[str, int] = {}
    stream = folder / "stream.bin"
    with (
        _closing(documents),
        contextlib.closing(_Fields(folder)) as fields,
        stream.open("wb") as file,
        contextlib.closing(_encoded_chunks(documents, tokeniser, jobs)) as chunks,
    ):
        for chunk, encoded in chunks:
            ids = [lexicon.setdefault(word, len(lexicon)) for word in encoded.words]
            file.write(np.asarray(ids, dtype=np.uint32)[encoded.ids].tobytes())
            fields.add(chunk, encoded)
    order, content = fields.finish(folder / "names.txt")
    lengths = np.asarray(fields.lengths, dtype=np.int64)
    label_names = sorted(fields.label_codes)
    position = {label: i for i, label in enumerate(label_names)}
    # By code, which counts first appearances; the last is for -1, no label.
    rank = np.asarray([*(position[label] for label in fields.label_codes), -1], dtype=np.int32)
    words = np.asarray(sorted(lexicon), dtype=object)
    rows = np.empty(len(words), dtype=np.uint32)
    rows[[lexicon[word] for word in words]] = np.arange(len(words), dtype=np.uint32)
    arrays: dict[str, Any] = {
        "offsets": np.concatenate([[0], np.cumsum(lengths[order])]).astype(np.int64),
        "labels": rank[np.asarray(fields.labels, dtype=np.int64)[order]],
        "splits": np.asarray(fields.splits, dtype=np.int8)[order],
        "text_hash": fields.take_hashes()[order],
    }
    for name, values in arrays.items():
        np.save(folder / f"{name}.npy", values, allow_pickle=False)
    with stream.open("rb") as source, (folder / "tokens.npy").open("wb") as target:
        header = {"descr": "<u4", "fortran_order": False, "shape": (int(lengths.sum()),)}
        np.lib.format.write_array_header_1_0(target, header)
        _write_in_order(source, target, lengths, order, rows)
    stream.unlink()
    write_text(folder / "lexicon.txt", "".join(word + "\n" for word in words))
    return {
        "documents": len(order),
        "words": int(lengths.sum()),
        "lexicon": len(lexicon),
        "labels": label_names,
        "content_sha256": content,
    }


def _closing(documents: Iterable[Document]) -> contextlib.AbstractContextManager[Any]:
    """Close a generator of documents at the end: after an error it would keep its file open."""
    if isinstance(documents, Generator):
        return contextlib.closing(documents)
    return contextlib.nullcontext()


def _write_in_order(
    source: BinaryIO,
    target: BinaryIO,
    lengths: npt.NDArray[np.int64],
    order: npt.NDArray[np.int64],
    rows: npt.NDArray[np.uint32],
) -> None:
    """Copy the words of documents, in the order of their names, with rows of the sorted lexicon.

    Reads and seeks, since mapped pages would count as memory of the process.
    """
    starts = np.concatenate([[0], np.cumsum(lengths)])
    i = 0
    while i < len(order):
        # Documents that follow one another in both orders are copied in one go.
        j, taken = i + 1, int(lengths[order[i]])
        while j < len(order) and order[j] == order[j - 1] + 1 and taken < _BLOCK:
            taken += int(lengths[order[j]])
            j += 1
        source.seek(int(starts[order[i]]) * 4)
        ids = np.frombuffer(source.read(taken * 4), dtype=np.uint32)
        target.write(rows[ids].tobytes())
        i = j
