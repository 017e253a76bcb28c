"""The raw texts of documents, for models that read text and not words.

The encoded store keeps words. Texts are read again where they are asked for, once, and kept beside
it: found by the hash that the store has of each, so their order there does not matter.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from d2vbench.corpora.acquire.cache import building_folder, cache_folder, cannot_write
from d2vbench.corpora.acquire.local import local_files
from d2vbench.corpora.readers import read_documents
from d2vbench.corpora.store.encoded import SOURCES, EncodedCorpus
from d2vbench.corpora.store.memory import MemoryCorpus
from d2vbench.corpora.store.selections import Selection
from d2vbench.errors import UserError
from d2vbench.files import is_full, write_json

# Raised when the files hold something else.
_SCHEMA = 1


def iter_texts(selection: Selection) -> Iterator[str]:
    """Return the raw text of each document of a selection, one at a time, in its order.

    Parameters
    ----------
    selection : Selection
        Of a corpus in the store or in memory.

    Yields
    ------
    str
        As the corpus's reader decoded it.

    Raises
    ------
    UserError
        If the corpus's files are gone, or have other texts than when they were encoded.
    """
    corpus = selection.corpus
    if isinstance(corpus, MemoryCorpus):
        if not corpus.texts and len(selection):
            raise UserError(f"corpus {corpus.name} has words alone, and no texts to read")
        yield from (corpus.texts[i] for i in selection.documents.tolist())
        return
    kept = _kept(corpus)
    wanted = selection.text_hash()
    try:
        with (kept.folder / "texts.bin").open("rb") as file:
            for place, sha in zip(kept.places(wanted).tolist(), wanted.tolist(), strict=True):
                file.seek(int(kept.starts[place]))
                content = file.read(int(kept.lengths[place]))
                if text_hash(content) != sha:
                    raise ValueError("a text has another hash")
                yield content.decode("utf-8", "surrogatepass")
    except (OSError, ValueError) as error:
        raise UserError(
            f"corpus {corpus.name}: the texts in {kept.folder} are damaged ({error}): remove that "
            "folder, and they are read again"
        ) from None


def text_hash(content: bytes) -> int:
    """Return the hash of a text that the store keeps, from its bytes in UTF-8."""
    return int.from_bytes(hashlib.sha256(content).digest()[:8], "big")


@dataclass(frozen=True)
class _Kept:
    """Texts on disk: those of a hash lie at a start, in bytes."""

    folder: Path
    hashes: npt.NDArray[np.uint64]
    starts: npt.NDArray[np.int64]
    lengths: npt.NDArray[np.int64]

    def places(self, wanted: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
        """Return the rows of some hashes; a ValueError if one is missing."""
        places = np.searchsorted(self.hashes, wanted)
        if len(wanted) and (
            not len(self.hashes)
            or (self.hashes[np.minimum(places, len(self.hashes) - 1)] != wanted).any()
        ):
            raise ValueError("a text is missing")
        return places


def _kept(corpus: EncodedCorpus) -> _Kept:
    """Return the texts of a corpus; read them first where they are not kept."""
    card, cache = SOURCES.get(corpus.folder, (None, None))
    root = (cache or cache_folder()) / "texts"
    folder = root / corpus.content_sha256[:32]
    kept = _whole(folder)
    if kept:
        return kept
    if card is None:
        raise UserError(f"corpus {corpus.name}: nothing says where its texts are read from")
    temporary = building_folder(root)
    try:
        files = local_files(card, cache)
        places: dict[int, tuple[int, int]] = {}
        end = 0
        with (temporary / "texts.bin").open("wb") as target:
            for document in read_documents(card.reader, card.parameters, files):
                content = document.text.encode("utf-8", "surrogatepass")
                sha = text_hash(content)
                if sha not in places:
                    target.write(content)
                    places[sha] = end, len(content)
                    end += len(content)
        if not set(corpus.text_hash.tolist()) <= places.keys():
            raise UserError(
                f"corpus {corpus.name}: its files have other texts now than when its words were "
                "read: put them back, or run again so that both are read from what is there"
            )
        hashes = sorted(places)
        np.save(temporary / "hashes.npy", np.asarray(hashes, dtype=np.uint64))
        rows = [places[sha] for sha in hashes]
        np.save(temporary / "places.npy", np.asarray(rows, dtype=np.int64).reshape(-1, 2))
        write_json(temporary / "meta.json", {"schema": _SCHEMA, "bytes": end})
        temporary.chmod(0o755)
        # Another process may have been faster.
        if not _whole(folder):
            with contextlib.suppress(OSError):
                if folder.exists():
                    # It was damaged; whoever has it open keeps it.
                    folder.rename(temporary / "damaged")
                temporary.rename(folder)
                shutil.rmtree(folder / "damaged", ignore_errors=True)
    except OSError as error:
        if not is_full(error):
            raise
        raise cannot_write(root, error) from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return _load(folder)


def _whole(folder: Path) -> _Kept | None:
    """Return the texts in a folder, None where it is missing or not what was written."""
    with contextlib.suppress(OSError, ValueError, KeyError):
        return _load(folder)
    return None


@functools.lru_cache(maxsize=8)
def _load(folder: Path) -> _Kept:
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    hashes = np.load(folder / "hashes.npy", allow_pickle=False)
    places = np.load(folder / "places.npy", allow_pickle=False)
    size = (folder / "texts.bin").stat().st_size
    if (meta["schema"], meta["bytes"], len(places)) != (_SCHEMA, size, len(hashes)):
        raise ValueError(f"{folder} is not what was written")
    return _Kept(folder, hashes, places[:, 0], places[:, 1])
