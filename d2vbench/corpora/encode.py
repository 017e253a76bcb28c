"""Encoding: from a stream of documents to arrays of word numbers on disk.

Memory holds a few chunks of text, the lexicon and some fields of each document, never the corpus.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from d2vbench.corpora.documents import Document, combine_sha256, document_sha256
from d2vbench.corpora.tokenise import Tokeniser
from d2vbench.errors import UserError
from d2vbench.files import write_text

SPLITS = ("train", "test")

# Characters that are tokenised in one go: large enough to outweigh the way to a worker and back.
_CHUNK = 2_000_000
# Words copied at once while the documents are put in order.
_BLOCK = 1 << 20


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
        words = tokeniser(document.text)
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
) -> Iterator[tuple[list[Document], _Encoded]]:
    """Tokenise chunks in worker processes, in order, a few at a time."""
    chunks = _chunks(documents)
    first = next(chunks, None)
    second = next(chunks, None)
    if first is None:
        return
    if second is None or jobs < 2:
        # Too small for workers to pay for their start.
        for chunk in (first, second):
            if chunk is not None:
                yield chunk, _encode_chunk(chunk, tokeniser)
        for chunk in chunks:
            yield chunk, _encode_chunk(chunk, tokeniser)
        return
    from joblib.externals.loky import get_reusable_executor

    executor = get_reusable_executor(max_workers=jobs)
    waiting: deque[tuple[list[Document], Any]] = deque()
    for chunk in (first, second):
        waiting.append((chunk, executor.submit(_encode_chunk, chunk, tokeniser)))
    for chunk in chunks:
        waiting.append((chunk, executor.submit(_encode_chunk, chunk, tokeniser)))
        # The bound keeps a fast reader from filling the memory with text.
        if len(waiting) > 2 * jobs:
            done, result = waiting.popleft()
            yield done, result.result()
    for done, result in waiting:
        yield done, result.result()


@dataclass
class _Fields:
    """What is kept of each document besides its words."""

    names: list[str] = field(default_factory=list)
    labels: list[int] = field(default_factory=list)
    splits: list[int] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)
    digests: list[bytes] = field(default_factory=list)
    text_hash: list[int] = field(default_factory=list)
    label_codes: dict[str, int] = field(default_factory=dict)

    def add(self, documents: list[Document], encoded: _Encoded) -> None:
        for document in documents:
            self.names.append(document.name)
            self.splits.append(SPLITS.index(document.split) if document.split else -1)
            label = document.label
            codes = self.label_codes
            self.labels.append(-1 if label is None else codes.setdefault(label, len(codes)))
        self.lengths += encoded.lengths
        self.digests += encoded.digests
        self.text_hash += encoded.text_hash


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
    fields = _Fields()
    stream = folder / "stream.bin"
    with stream.open("wb") as file:
        for chunk, encoded in _encoded_chunks(documents, tokeniser, jobs):
            ids = [lexicon.setdefault(word, len(lexicon)) for word in encoded.words]
            file.write(np.asarray(ids, dtype=np.uint32)[encoded.ids].tobytes())
            fields.add(chunk, encoded)
    order = _order_by_name(fields.names)
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
        "text_hash": np.asarray(fields.text_hash, dtype=np.uint64)[order],
    }
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array, allow_pickle=False)
    with stream.open("rb") as source, (folder / "tokens.npy").open("wb") as target:
        header = {"descr": "<u4", "fortran_order": False, "shape": (int(lengths.sum()),)}
        np.lib.format.write_array_header_1_0(target, header)
        _write_in_order(source, target, lengths, order, rows)
    stream.unlink()
    write_text(folder / "lexicon.txt", "".join(word + "\n" for word in words))
    write_text(
        folder / "names.txt", "".join(json.dumps(fields.names[d]) + "\n" for d in order.tolist())
    )
    return {
        "documents": len(order),
        "words": int(lengths.sum()),
        "lexicon": len(lexicon),
        "labels": label_names,
        "content_sha256": combine_sha256(fields.digests),
    }


def _order_by_name(names: list[str]) -> npt.NDArray[np.int64]:
    if not names:
        raise UserError("there are no documents")
    order = sorted(range(len(names)), key=names.__getitem__)
    for a, b in itertools.pairwise(order):
        if names[a] == names[b]:
            raise UserError(f"two documents are named {names[a]!r}")
    return np.asarray(order, dtype=np.int64)


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
