"""A trained model in a file that is not a pickle: what inference needs, and nothing that can run.

gensim's own file is a pickle, which can run any code when it is opened. This one holds arrays,
words and JSON, under a checksum; the gensim model is built from it again.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from d2vbench.bench.spec.bounds import check_inference
from d2vbench.corpora.store.tokenise import BUILT_IN, Tokeniser
from d2vbench.damaged import DAMAGED_ARCHIVE, refuse_bomb
from d2vbench.errors import UsageError, UserError, option
from d2vbench.families import InferenceSettings
from d2vbench.families.counts import NATURAL, same_counts
from d2vbench.families.doc2vec import Doc2VecSettings
from d2vbench.families.doc2vec.models import build_model
from d2vbench.files import write_atomic
from d2vbench.keys import canonical_json
from d2vbench.mapped import write_arrays
from d2vbench.models.text_model import TextModel

if TYPE_CHECKING:
    from gensim.models.doc2vec import Doc2Vec

# 1: counts were natural, under the name "shared" or none; 2: tables of subsampling and noise.
SCHEMA = 2
SUFFIX = ".d2vbench.npz"

Arrays = dict[str, npt.NDArray[Any]]


# Models whose inference reads no word vector: theirs are not kept.
_OUTPUTS_ALONE = ("dbow", "dbow-words")


class _Wrong(ValueError):
    """Says in words what is wrong with a file."""


def write_text_model(model: TextModel, path: Path, more: Mapping[str, Any] | None = None) -> None:
    """Write what inference needs, atomically.

    Parameters
    ----------
    model : TextModel
        The trained models.
    path : pathlib.Path
        Where to; its folder must exist.
    more : mapping, optional
        JSON values to keep beside it: where it came from.
    """
    arrays: Arrays = {}
    for i, trained in enumerate(model.models):
        words = trained.wv.index_to_key
        if trained.dm_concat:
            # gensim has added a word for what lies beyond a document's ends, and will again.
            words = words[:-1]
        arrays[f"{i}.words"] = _bytes("\n".join(words))
        arrays[f"{i}.counts"] = np.asarray(
            [trained.wv.get_vecattr(word, "count") for word in words], dtype=np.int64
        )
        # Their counts may be others than those of the list.
        arrays[f"{i}.subsampling"] = trained.wv.expandos["sample_int"][: len(words)]
        arrays[f"{i}.noise"] = trained.cum_table
        arrays[f"{i}.outputs"] = np.ascontiguousarray(trained.syn1neg, dtype=np.float32)
        if model.settings.model not in _OUTPUTS_ALONE:
            arrays[f"{i}.word_vectors"] = np.ascontiguousarray(trained.wv.vectors, np.float32)
    about = {
        "schema": SCHEMA,
        "models": len(model.models),
        "settings": model.settings.to_json(),
        "tokeniser": dataclasses.asdict(model.tokeniser),
        "tokeniser_source": model.tokeniser.fingerprint()["source"],
        "inference": dataclasses.asdict(model.inference),
        "base_seed": model.base_seed,
        "more": dict(more or {}),
    }
    arrays["about"] = _bytes(canonical_json(about))
    arrays["sha256"] = _bytes(_checksum(arrays))
    write_atomic(path, lambda file: write_arrays(file, arrays))


def read_text_model(path: Path, tokeniser: str = "") -> tuple[TextModel, dict[str, Any]]:
    """Build the models from a file that `write_text_model` wrote; nothing is unpickled.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    tokeniser : str
        A function of one's own that may be called, as ``package.module:name``: needed where the
        model was trained with one. A file alone does not say what is run.

    Returns
    -------
    model : TextModel
        Infers the vectors that the written one did. Its gensim models have no document vectors,
        and no word vectors where inference needs none.
    about : dict
        ``tokeniser_source`` (the digest of a function of one's own at the time of training, or
        empty) and what was kept as ``more``.

    Raises
    ------
    UserError
        If there is no such file, a newer version wrote it, it is damaged, or it names another
        tokeniser than was allowed.
    """
    about, arrays = _read(path)
    try:
        model = _build(about, arrays)
    except _Wrong as error:
        raise _damaged(path, str(error)) from None
    except (ValueError, KeyError, TypeError, AttributeError, UserError) as error:
        raise _damaged(path, f"{type(error).__name__}: {error}") from None
    _check_tokeniser(path, model.tokeniser.function, tokeniser)
    return model, {"tokeniser_source": about["tokeniser_source"], **about["more"]}


def recorded_training(path: Path) -> tuple[Tokeniser, str, dict[str, npt.NDArray[Any]]]:
    """Return what gensim's own file does not keep, from a file of `write_text_model`.

    Returns
    -------
    tokeniser : Tokeniser
        That the model was trained with.
    strategy : str
        By which it was trained; empty where it does not say.
    tables : dict of str to (n_words,) uint32
        ``subsampling`` and ``noise`` of a single model; empty for a file of schema 1.

    Raises
    ------
    UserError
        As of `read_text_model`.
    """
    about, arrays = _read(path)
    try:
        tokeniser = Tokeniser(**about["tokeniser"])
        strategy = str(about["more"].get("strategy", ""))
    except (KeyError, TypeError, AttributeError, UserError):
        raise _damaged(path, "it does not say what it holds") from None
    names = ("subsampling", "noise")
    return tokeniser, strategy, {n: arrays[f"0.{n}"] for n in names if f"0.{n}" in arrays}


def _read(path: Path) -> tuple[dict[str, Any], Arrays]:
    """Return what a file says about itself, and its arrays, if its checksum fits."""
    try:
        with path.open("rb") as raw:
            refuse_bomb(raw)
            file = np.load(raw, allow_pickle=False)
            if not isinstance(file, np.lib.npyio.NpzFile):
                raise ValueError("an array alone")
            arrays: Arrays = {name: file[name] for name in file.files}
    except FileNotFoundError:
        raise UserError(f"there is no model file {path}") from None
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or error}") from None
    except DAMAGED_ARCHIVE:
        raise _damaged(path, "it is no archive of arrays, or not whole") from None
    try:
        about = json.loads(_text(arrays, "about"))
        schema = int(about["schema"])
    except (_Wrong, ValueError, KeyError, TypeError):
        raise _damaged(path, "it does not say what it holds") from None
    if schema > SCHEMA:
        raise UserError(
            f"{path} has schema {schema}, this d2vbench knows {SCHEMA}: a newer version wrote it; "
            "use that one, or train the model again"
        )
    try:
        if _text(arrays, "sha256") != _checksum(arrays):
            raise _Wrong("its checksum does not fit")
    except _Wrong as error:
        raise _damaged(path, str(error)) from None
    except ValueError as error:
        raise _damaged(path, f"{type(error).__name__}: {error}") from None
    return about, arrays


def _check_tokeniser(path: Path, recorded: str, allowed: str) -> None:
    if recorded == allowed or (recorded in BUILT_IN and not allowed):
        return
    if not recorded:
        raise UsageError(
            f"{path}: the model was trained with d2vbench's own tokeniser, not with {allowed!r}: "
            f"leave {option('tokeniser')} out"
        )
    raise UsageError(
        f"{path}: the model was trained with the tokeniser {recorded!r}, a function that is called "
        f"for every text. If you trust it, give {option('tokeniser', recorded)}"
        + (f" (got {allowed!r})" if allowed else "")
    )


def _damaged(path: Path, why: str) -> UserError:
    return UserError(
        f"{path} is damaged ({why}): copy it again from where it was whole, or train the model "
        "again"
    )


def _bytes(text: str) -> npt.NDArray[np.uint8]:
    return np.frombuffer(text.encode("utf-8"), dtype=np.uint8)


def _text(arrays: Arrays, name: str) -> str:
    if name not in arrays:
        raise _Wrong(f"{name} is missing")
    array = arrays[name]
    if array.dtype != np.uint8 or array.ndim != 1:
        raise _Wrong(f"{name} is no text")
    return array.tobytes().decode("utf-8")


def _checksum(arrays: Arrays) -> str:
    """Return the sha256 over names, types, shapes and values of all arrays but itself."""
    total = hashlib.sha256()
    for name in sorted(set(arrays) - {"sha256"}):
        array = np.ascontiguousarray(arrays[name])
        total.update(canonical_json([name, array.dtype.str, list(array.shape)]).encode("ascii"))
        total.update(array.data if array.size else b"")
    return total.hexdigest()


def _build(about: dict[str, Any], arrays: Arrays) -> TextModel:
    given = about["settings"]
    if about["schema"] < 2:
        former = given.get("vocabulary", "shared")
        given = {**given, "vocabulary": NATURAL if former == "shared" else former}
    settings = Doc2VecSettings(**given)
    inference = InferenceSettings(**about["inference"])
    check_inference(inference)
    count, seed = about["models"], about["base_seed"]
    if not isinstance(count, int) or not 1 <= count <= 16:
        raise _Wrong(f"{count!r} is no number of models")
    if not isinstance(seed, int) or not 0 <= seed < 2**32:
        raise _Wrong(f"{seed!r} is no seed")
    if not isinstance(about["tokeniser_source"], str) or not isinstance(about["more"], dict):
        raise _Wrong("it does not say what it holds")
    models = tuple(_model(i, settings, arrays) for i in range(count))
    return TextModel(models, settings, Tokeniser(**about["tokeniser"]), inference, seed)


def _model(i: int, settings: Doc2VecSettings, arrays: Arrays) -> Doc2Vec:
    words = _text(arrays, f"{i}.words").split("\n")
    counts = arrays[f"{i}.counts"]
    if counts.dtype != np.int64 or counts.shape != (len(words),):
        raise _Wrong("words and counts do not go together")
    if (counts < settings.min_count).any() or len(set(words)) < len(words):
        raise _Wrong("words or counts are impossible")
    by_word = same_counts(dict(zip(words, counts.tolist(), strict=True)))
    model = build_model(by_word, 1, settings, 0)
    if f"{i}.noise" in arrays:  # A file of schema 1 has natural counts alone.
        _place_tables(model, arrays[f"{i}.subsampling"], arrays[f"{i}.noise"], len(words))
    model.syn1neg[:] = _weights(arrays, f"{i}.outputs", model.syn1neg.shape)
    if settings.model not in _OUTPUTS_ALONE:
        vectors = model.wv.vectors
        vectors[:] = _weights(arrays, f"{i}.word_vectors", vectors.shape)
    return model


def _place_tables(
    model: Doc2Vec, subsampling: npt.NDArray[Any], noise: npt.NDArray[Any], words: int
) -> None:
    usual = model.cum_table
    if noise.dtype != np.uint32 or noise.shape != usual.shape:
        raise _Wrong("words and noise table do not go together")
    if (noise[1:] < noise[:-1]).any() or noise[-1] != usual[-1]:
        raise _Wrong("the noise table is no sum of shares")
    if subsampling.dtype != np.uint32 or subsampling.shape != (words,):
        raise _Wrong("words and thresholds of subsampling do not go together")
    model.cum_table = noise
    model.wv.expandos["sample_int"][:words] = subsampling


def _weights(arrays: Arrays, name: str, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
    values = arrays[name]
    if values.dtype != np.float32 or values.shape != shape:
        raise _Wrong(f"{name} has {values.dtype} {values.shape} in place of float32 {shape}")
    if not np.isfinite(values).all():
        raise _Wrong(f"{name} holds values that are no numbers")
    return values
