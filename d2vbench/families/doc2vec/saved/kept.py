"""Saved models in the cache: any process finds one by the digest of what is in it."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import hashlib
import json
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from d2vbench.corpora.acquire.cache import cache_folder
from d2vbench.damaged import DAMAGED_ARCHIVE
from d2vbench.errors import UserError, option
from d2vbench.families.doc2vec.saved.saved_model import RandomState, SavedModel
from d2vbench.files import write_atomic
from d2vbench.keys import canonical_json
from d2vbench.mapped import write_arrays

# Between what says which file and what says which of its words.
_PART, _DIGITS_OF_FILE = "-", 16
_ARRAYS = ("counts", "subsampling", "noise", "word_vectors", "outputs")


def keep_model(saved: SavedModel, cache: Path | None = None) -> str:
    """Keep what a warm start needs of a saved model.

    Parameters
    ----------
    saved : SavedModel
        From `read_gensim`. Vectors of its documents are not kept: nobody reads them again.
    cache : pathlib.Path, optional
        Default: `cache_folder`.

    Returns
    -------
    str
        Its name in the cache, 64 hexadecimal digits: the sha256 of what is kept.
    """
    values = {
        field.name: getattr(saved, field.name)
        for field in dataclasses.fields(saved)
        if field.name not in (*_ARRAYS, "doc_vectors", "tags", "random")
    }
    # Which gensim wrote it changes nothing.
    values |= {"gensim": "", "corpus_count": saved.documents}
    values["place"] = saved.random.place if saved.random else None
    arrays = {n: getattr(saved, n) for n in _ARRAYS if getattr(saved, n) is not None}
    if saved.random:
        arrays["random"] = saved.random.key
    return _keep(values, arrays, cache)


def kept_model(name: str, cache: Path | None = None) -> SavedModel:
    """Return a model that `keep_model` kept; it has no vectors of documents.

    Raises
    ------
    UserError
        If this machine has not kept it, or the file is damaged.
    """
    values, arrays = _kept(name, cache, "generic_model")
    place, key = values.pop("place"), arrays.pop("random", None)
    return SavedModel(
        **{**values, "noise": None, **arrays},
        doc_vectors=np.empty((0, values["vector_size"]), np.float32),
        tags=range(0),
        random=None if key is None else RandomState(key, place),
    )


def keep_vectors(words: Sequence[str], vectors: npt.NDArray[np.float32], file: str = "") -> str:
    """Keep word vectors, and return their name in the cache.

    Parameters
    ----------
    words : sequence of str
        Of all that a file has, those that are needed.
    vectors : (n_words, vector_size) float32
        Theirs.
    file : str
        Identity of the file: the name begins with its first digits, so that what is kept of one
        file for several corpora is told from what is kept of another.
    """
    arrays = {"vectors": np.ascontiguousarray(vectors, np.float32)}
    name = _keep({"words": list(words)}, arrays, None)
    return f"{file[:_DIGITS_OF_FILE]}{_PART}{name}" if file else name


def kept_vectors(name: str) -> tuple[list[str], npt.NDArray[np.float32]]:
    """Return words and vectors that `keep_vectors` kept; raises as `kept_model` does."""
    values, arrays = _kept(name.rpartition(_PART)[2], None, "word_vectors")
    return values["words"], arrays["vectors"]


@functools.lru_cache(maxsize=64)
def kept_shape(name: str) -> tuple[int, int]:
    """Return how many word vectors are kept under a name, and their size; raises as `kept_model`.

    The vectors themselves are not read.
    """
    path = _path(name.rpartition(_PART)[2], None)
    with (
        _or_sentence(path, name, "word_vectors"),
        zipfile.ZipFile(path) as archive,
        archive.open("vectors.npy") as file,
    ):
        # A table has a short header, which is of the first version always.
        np.lib.format.read_magic(file)
        (words, size), _, _ = np.lib.format.read_array_header_1_0(file)
    return words, size


@functools.lru_cache(maxsize=64)
def kept_words(name: str) -> int:
    """Return how many words a kept model has."""
    return len(kept_model(name).words)


def _keep(values: dict[str, Any], arrays: dict[str, npt.NDArray[Any]], cache: Path | None) -> str:
    name = _digest(values, arrays)
    about = np.frombuffer(canonical_json(values).encode("ascii"), dtype=np.uint8)
    path = _path(name, cache)
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        write_atomic(path, lambda file: write_arrays(file, {"about": about, **arrays}))
    return name


def _kept(
    name: str, cache: Path | None, given_by: str
) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
    path = _path(name, cache)
    with _or_sentence(path, name, given_by):
        with np.load(path, allow_pickle=False) as file:
            arrays: dict[str, npt.NDArray[Any]] = {n: file[n] for n in file.files}
        values: dict[str, Any] = json.loads(arrays.pop("about").tobytes())
        if _digest(values, arrays) != name:
            raise ValueError("its digest does not fit")
    return values, arrays


@contextlib.contextmanager
def _or_sentence(path: Path, name: str, given_by: str) -> Iterator[None]:
    """Say in one sentence that a file is not there, or damaged."""
    try:
        yield
    except FileNotFoundError:
        raise UserError(
            f"{option(given_by)} {name[:8]} is not in the cache of this machine: run here with "
            f"{option(given_by, 'FILE')} once, or share the cache (D2VBENCH_DATA)"
        ) from None
    except (*DAMAGED_ARCHIVE, KeyError, TypeError) as error:
        raise UserError(
            f"{path} is damaged ({error}): remove it, and run again with {option(given_by, 'FILE')}"
        ) from None


def _path(name: str, cache: Path | None) -> Path:
    return (cache or cache_folder()) / "models" / f"{name}.npz"


def _digest(values: dict[str, Any], arrays: dict[str, npt.NDArray[Any]]) -> str:
    total = hashlib.sha256(canonical_json(values).encode("ascii"))
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        total.update(canonical_json([name, array.dtype.str, list(array.shape)]).encode("ascii"))
        total.update(array.data if array.size else b"")
    return total.hexdigest()
