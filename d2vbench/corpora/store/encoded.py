"""The encoded store: corpora as memory-mapped arrays of word numbers."""

from __future__ import annotations

import functools
import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from d2vbench.corpora.acquire.cache import building_folder, cache_folder, cannot_write
from d2vbench.corpora.acquire.local import local_files
from d2vbench.corpora.cards import CorpusCard
from d2vbench.corpora.readers import READERS, find_reader, read_documents
from d2vbench.corpora.store import tokenise
from d2vbench.corpora.store.encode import encode
from d2vbench.corpora.store.tokenise import Tokeniser
from d2vbench.errors import UserError
from d2vbench.files import is_full, write_json
from d2vbench.keys import digest, file_sha256

#: Raised when an entry holds something else, or in another form, for the same documents and words.
SCHEMA = 3
_PARTS = (
    "tokens.npy", "offsets.npy", "labels.npy", "splits.npy", "text_hash.npy", "lexicon.txt",
    "names.txt",
)  # fmt: skip
# In ``meta.json``: the digest of all else in it, since the names of classes stand there alone.
_SELF = "meta_sha256"


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
        ``content_sha256``, ``source`` (versions, hashes of archives), ``tokeniser``, counts; and
        ``left_out``, what the reader left out, where it says so.
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
        """The distinct words in alphabetical order."""
        return (self.folder / "lexicon.txt").read_text(encoding="utf-8").split("\n")[:-1]

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle a reference to the store, not the arrays."""
        return _unpickled, (self.name, self.folder)

    def lengths(self) -> npt.NDArray[np.int64]:
        """Return the number of words of each document, (n_documents,) int64."""
        return np.diff(self.offsets)


def open_corpus(
    card: CorpusCard,
    tokeniser: Tokeniser | None = None,
    cache: Path | None = None,
    report: Callable[[str], None] | None = None,
) -> EncodedCorpus:
    """Open the encoded form of a corpus; read and encode it first where it is not in the store.

    Parameters
    ----------
    card : CorpusCard
        Which corpus, with which parameters.
    tokeniser : Tokeniser, optional
        From text to words. Default: gensim's ``simple_preprocess``.
    cache : pathlib.Path, optional
        The store's folder. Default: `cache_folder`.
    report : callable, optional
        Called with a line about what takes time.

    Returns
    -------
    EncodedCorpus
        With memory-mapped tokens, in the order of the documents' names. Every file of an entry is
        compared with its sha256 when it is opened, and a damaged entry is built again. Two
        processes that build the same entry do not harm each other: each writes a folder of its own,
        and the first to finish moves it into place.

    Raises
    ------
    UserError
        If an archive is missing, the documents are not those of the card, or the cache cannot be
        written.
    """
    tokeniser = tokeniser or Tokeniser()
    reader = find_reader(card.reader)
    files = local_files(card, cache)
    with READERS.blame(card.reader):
        source = reader.fingerprint(card.parameters, files)
    parts = [card.name, card.version, card.parameters, source, tokeniser.fingerprint()]
    key = digest([SCHEMA, tokenise.VERSION, READERS.version(card.reader), *parts])
    root = (cache or cache_folder()) / "encoded"
    folder = root / key[:32]
    SOURCES[folder] = card, cache
    problem = damage(folder)
    if problem is None:
        return _open(card.name, folder)
    if report:
        if folder.exists():
            report(f"the entry {folder} is damaged ({problem}) and is made again")
        how = "" if card.reader == "files" else f" with the reader {card.reader}"
        report(f"reading corpus {card.name}{how} (once; kept in {root})")
    temporary = building_folder(root)
    try:
        left_out: dict[str, int] = {}
        documents = read_documents(card.reader, card.parameters, files, left_out)
        counts = encode(documents, temporary, tokeniser, jobs=_jobs())
        _check_content(card, counts["content_sha256"])
        meta = {
            "schema": SCHEMA,
            "name": card.name,
            "version": card.version,
            "source": source,
            "parameters": card.parameters,
            "tokeniser": tokeniser.fingerprint(),
            "left_out": left_out,
            "sha256": {part: file_sha256(temporary / part) for part in _PARTS},
            **counts,
        }
        write_json(temporary / "meta.json", {**meta, _SELF: digest(meta)})
        _move(temporary, folder)
    except UserError as error:
        spoilt = any(str(path) in str(error) for path in files.values())
        again = f" Run `d2vbench fetch {card.name} --force`." if spoilt else ""
        raise type(error)(f"corpus {card.name}: {error}{again}") from None
    except OSError as error:
        if not is_full(error):
            raise
        raise cannot_write(root, error) from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return _open(card.name, folder)


def _jobs() -> int:
    from joblib import cpu_count

    return int(cpu_count())


def _move(built: Path, folder: Path) -> None:
    """Put an entry into place, unless a whole one stands there already."""
    # In this order: another process may put a whole one there between the two.
    if folder.exists() and damage(folder) is not None:
        # Moved away first, so that no reader sees a mixture. Whoever has it open keeps it.
        aside = Path(tempfile.mkdtemp(prefix=".damaged-", dir=folder.parent))
        folder.rename(aside / "entry")
        shutil.rmtree(aside, ignore_errors=True)
    # mkdtemp makes folders private; a store may be shared.
    built.chmod(0o755)
    try:
        built.rename(folder)
    except OSError:
        if damage(folder) is not None:
            raise
    _open.cache_clear()


def _check_content(card: CorpusCard, found: str) -> None:
    if card.content_sha256 and found != card.content_sha256:
        raise UserError(
            f"the documents are not those of its card, version {card.version}: expected content "
            f"sha256 {card.content_sha256}, got {found}. Run `d2vbench fetch {card.name} --force`."
        )


def damage(folder: Path) -> str | None:
    """Return what is wrong with an entry; None if it is whole."""
    try:
        meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
        if meta.pop(_SELF) != digest(meta):
            return "meta.json is not what was written"
        for part in _PARTS:
            if file_sha256(folder / part) != meta["sha256"][part]:
                return f"{part} is not what was written"
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        return f"{type(error).__name__}: {error}"
    return None


#: Where the documents of an entry that this process has opened were read from: the card, and the
#: folder of the store where that is not the usual one.
SOURCES: dict[Path, tuple[CorpusCard, Path | None]] = {}

#: Folders of entries as another machine names them, and the same entries in this one's store.
LOCAL_ENTRIES: dict[Path, Path] = {}


def _unpickled(name: str, folder: Path) -> EncodedCorpus:
    return _open(name, LOCAL_ENTRIES.get(folder, folder))


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
