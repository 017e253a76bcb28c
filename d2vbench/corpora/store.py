"""The encoded store: corpora as memory-mapped arrays of word numbers."""

from __future__ import annotations

import functools
import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from d2vbench.corpora import documents as documents_module
from d2vbench.corpora import tokenise as tokenise_module
from d2vbench.corpora.cache import cache_folder
from d2vbench.corpora.cards import CorpusCard
from d2vbench.corpora.documents import Document, content_sha256
from d2vbench.corpora.readers import find_reader
from d2vbench.corpora.tokenise import Tokeniser
from d2vbench.errors import UserError
from d2vbench.files import write_json, write_text
from d2vbench.keys import digest, digest_files

SCHEMA = 1
SPLITS = ("train", "test")


@dataclass(frozen=True)
class EncodedCorpus:
    """A corpus as arrays.

    Attributes
    ----------
    name : str
        Of its card.
    folder : pathlib.Path
        Where it lies in the store.
    tokens : (n_tokens,) uint32, memory-mapped
        Rows in ``lexicon``.
    offsets : (n_documents + 1,) int64
        Document d is ``tokens[offsets[d]:offsets[d + 1]]``.
    labels : (n_documents,) int32
        Indices into ``label_names``; -1 where a document has none.
    splits : (n_documents,) int8
        0 train, 1 test, -1 where the corpus fixes none.
    text_hash : (n_documents,) uint64
        The first 8 bytes of the sha256 of each text.
    label_names : tuple of str
        Sorted.
    meta : dict
        ``content_sha256``, ``source`` (versions), counts.
    """

    name: str
    folder: Path
    tokens: npt.NDArray[np.uint32]
    offsets: npt.NDArray[np.int64]
    labels: npt.NDArray[np.int32]
    splits: npt.NDArray[np.int8]
    text_hash: npt.NDArray[np.uint64]
    label_names: tuple[str, ...]
    meta: dict[str, Any]

    @property
    def content_sha256(self) -> str:
        """The identity of the documents: sha256, 64 hexadecimal digits."""
        return str(self.meta["content_sha256"])

    @functools.cached_property
    def lexicon(self) -> list[str]:
        """The distinct words in order of first appearance."""
        return (self.folder / "lexicon.txt").read_text(encoding="utf-8").split("\n")[:-1]

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel to another process as a reference to the store, not as a copy of the arrays."""
        return _open, (self.name, self.folder)

    def lengths(self) -> npt.NDArray[np.int64]:
        """Return the number of words of each document, (n_documents,) int64."""
        return np.diff(self.offsets)


def encode(documents: Iterable[Document], folder: Path) -> dict[str, Any]:
    """Tokenise documents and write the arrays of an `EncodedCorpus`.

    Parameters
    ----------
    documents : iterable of Document
        In order.
    folder : pathlib.Path
        An existing, empty folder.

    Returns
    -------
    dict
        Counts: ``documents``, ``words``, ``lexicon``, ``labels``.
    """
    lexicon: dict[str, int] = {}
    parts: list[npt.NDArray[np.uint32]] = []
    offsets, labels, splits, hashes, names = [0], [], [], [], []
    for document in documents:
        words = Tokeniser()(document.text)
        ids = [lexicon.setdefault(word, len(lexicon)) for word in words]
        parts.append(np.asarray(ids, dtype=np.uint32))
        offsets.append(offsets[-1] + len(ids))
        labels.append(document.label)
        splits.append(SPLITS.index(document.split) if document.split else -1)
        sha = hashlib.sha256(document.text.encode("utf-8", "surrogatepass")).digest()
        hashes.append(int.from_bytes(sha[:8], "big"))
        names.append(document.name)
    label_names = sorted({label for label in labels if label is not None})
    code = {label: i for i, label in enumerate(label_names)}
    tokens = np.concatenate(parts) if parts else np.empty(0, np.uint32)
    arrays: dict[str, Any] = {
        "tokens": tokens.astype(np.uint32, copy=False),
        "offsets": np.asarray(offsets, dtype=np.int64),
        "labels": np.asarray([-1 if x is None else code[x] for x in labels], dtype=np.int32),
        "splits": np.asarray(splits, dtype=np.int8),
        "text_hash": np.asarray(hashes, dtype=np.uint64),
    }
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array, allow_pickle=False)
    write_text(folder / "lexicon.txt", "".join(word + "\n" for word in lexicon))
    write_text(folder / "names.txt", "".join(json.dumps(name) + "\n" for name in names))
    return {
        "documents": len(names),
        "words": int(tokens.size),
        "lexicon": len(lexicon),
        "labels": label_names,
    }


def _code_digest(reader: Any) -> str:
    """Return the digest of the sources that decide what an entry holds."""
    paths = [Path(str(m.__file__)) for m in (reader, tokenise_module, documents_module)]
    return digest_files([*paths, Path(__file__)])


def open_corpus(
    card: CorpusCard,
    cache: Path | None = None,
    report: Callable[[str], None] | None = None,
) -> EncodedCorpus:
    """Open the encoded form of a corpus; read and encode it first where it is not in the store.

    Parameters
    ----------
    card : CorpusCard
        Which corpus, with which parameters.
    cache : pathlib.Path, optional
        The store's folder. Default: `cache_folder`.
    report : callable, optional
        Told in one line what takes time.

    Returns
    -------
    EncodedCorpus
        With memory-mapped tokens. Two processes that build the same entry do not harm each other:
        each writes a folder of its own, and the first to finish moves it into place.
    """
    reader = find_reader(card.reader)
    source = reader.fingerprint(card.parameters, {})
    key = digest([SCHEMA, card.name, card.version, card.parameters, source, _code_digest(reader)])
    root = (cache or cache_folder()) / "encoded"
    folder = root / key[:32]
    if not (folder / "meta.json").exists():
        if report:
            report(f"reading corpus {card.name} (once; kept in {root})")
        try:
            root.mkdir(parents=True, exist_ok=True)
            temporary = Path(tempfile.mkdtemp(prefix=".building-", dir=root))
        except OSError as error:
            raise UserError(
                f"the cache {root} cannot be written: {error.strerror}. "
                "Set D2VBENCH_DATA to a folder that you may write to."
            ) from None
        try:
            documents = list(reader.read(card.parameters, {}))
            counts = encode(documents, temporary)
            meta = {
                "schema": SCHEMA,
                "name": card.name,
                "version": card.version,
                "content_sha256": content_sha256(documents),
                "source": source,
                "parameters": card.parameters,
                **counts,
            }
            write_json(temporary / "meta.json", meta)
            try:
                temporary.rename(folder)
            except OSError:
                if not (folder / "meta.json").exists():
                    raise
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    return _open(card.name, folder)


@functools.lru_cache(maxsize=8)
def _open(name: str, folder: Path) -> EncodedCorpus:
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))

    def load(part: str, mapped: bool = False) -> Any:
        return np.load(folder / f"{part}.npy", "r" if mapped else None, allow_pickle=False)

    return EncodedCorpus(
        name=name,
        folder=folder,
        # An empty array cannot be mapped.
        tokens=load("tokens", mapped=meta["words"] > 0),
        offsets=load("offsets"),
        labels=load("labels"),
        splits=load("splits"),
        text_hash=load("text_hash"),
        label_names=tuple(meta["labels"]),
        meta=meta,
    )
