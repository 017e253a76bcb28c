"""Checks of what enters the native engine; each message names the argument, expected and got."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from d2vbench.errors import UserError

_ONLY_GENSIM = "use the gensim engine: only the gensim engine trains such a model"
_MAX_WINDOW = 10_000
_MAX_NEGATIVE = 1_000
_MAX_VECTOR_SIZE = 100_000
_MAX_LAYER1_SIZE = 10_000_000


def _describe(value: Any) -> str:
    if isinstance(value, np.ndarray):
        order = "" if value.flags.c_contiguous else ", not contiguous"
        return f"{value.dtype} {value.shape}{order}"
    return repr(value)


def integer(name: str, value: Any, least: int, most: int = 2**62) -> int:
    """Check a whole number within limits."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)):
        raise UserError(f"{name}: expected an integer, got {value!r}")
    if not least <= value <= most:
        limits = f"at least {least}" if most == 2**62 else f"{least} to {most}"
        raise UserError(f"{name}: expected {limits}, got {value}")
    return int(value)


def threads(value: Any) -> int:
    """Check a number of threads."""
    return integer("threads", value, 1, 1024)


def flag(name: str, value: Any) -> bool:
    """Check a yes or no."""
    if not isinstance(value, (bool, np.bool_)):
        raise UserError(f"{name}: expected True or False, got {value!r}")
    return bool(value)


def alphas(
    start: Any, end: Any, names: tuple[str, str] = ("start_alpha", "end_alpha")
) -> tuple[float, float]:
    """Check two learning rates: finite, and positive where the rate changes.

    A level rate may be 0 or less, as where code lowers it by hand once too often.
    """
    for name, value in zip(names, (start, end), strict=True):
        if isinstance(value, (bool, np.bool_)) or not isinstance(
            value, (int, float, np.integer, np.floating)
        ):
            raise UserError(f"{name}: expected a number, got {value!r}")
        least = -1e6 if start == end else 1e-30
        if not (math.isfinite(value) and least <= value <= 1e6):
            raise UserError(f"{name}: expected a finite number above zero, got {value!r}")
    return float(start), float(end)


def array(
    name: str, value: Any, dtype: type, shape: tuple[int | None, ...], *, writeable: bool = False
) -> None:
    """Check an array's type, dtype, shape (None: any length) and C order."""
    lengths = ", ".join("n" if s is None else str(s) for s in shape)
    wanted = f"{np.dtype(dtype)} array of shape ({lengths}{',' if len(shape) == 1 else ''})"
    article = "an" if wanted.startswith("i") else "a"
    if (
        not isinstance(value, np.ndarray)
        or value.dtype != np.dtype(dtype)
        or not value.dtype.isnative
        or value.ndim != len(shape)
        or any(s is not None and s != v for s, v in zip(shape, value.shape, strict=False))
    ):
        raise UserError(f"{name}: expected {article} {wanted}, got {_describe(value)}")
    if not (value.flags.c_contiguous and value.flags.aligned):
        raise UserError(f"{name}: expected a contiguous, aligned {wanted}, got {_describe(value)}")
    if writeable and not value.flags.writeable:
        raise UserError(f"{name}: expected an array that may be written, got a read-only one")


def documents(value: Any) -> None:
    """Check encoded documents, but for the range of their tokens."""
    tokens, offsets = getattr(value, "tokens", None), getattr(value, "offsets", None)
    if tokens is None or offsets is None:
        raise UserError(f"documents: expected tokens and offsets, got {value!r}")
    array("documents.tokens", tokens, np.uint32, (None,))
    array("documents.offsets", offsets, np.int64, (None,))
    if len(offsets) == 0 or offsets[0] != 0:
        first = "nothing" if len(offsets) == 0 else offsets[0]
        raise UserError(f"documents.offsets: expected to start with 0, got {first}")
    if offsets[-1] != len(tokens):
        raise UserError(
            f"documents.offsets: expected to end with the number of tokens ({len(tokens)}), "
            f"got {offsets[-1]}"
        )
    falls = np.flatnonzero(offsets[1:] < offsets[:-1])
    if len(falls):
        raise UserError(
            f"documents.offsets: expected never to decrease, but they do after document {falls[0]}"
        )


def tokens(value: Any, n_words: int, oov: int) -> None:
    """Check that every token is a row of the vocabulary or the out-of-vocabulary mark."""
    for begin in range(0, len(value.tokens), 1 << 16):  # in pieces that stay in the cache
        piece = value.tokens[begin : begin + (1 << 16)]
        if piece.max() < n_words:
            continue
        bad = (piece >= n_words) & (piece != oov)
        if bad.any():
            i = int(bad.argmax())
            raise UserError(
                f"documents.tokens: expected rows of the vocabulary (below {n_words}) or OOV, "
                f"got {piece[i]} at position {begin + i}"
            )


def indices(name: str, value: Any, n: int, of: str) -> np.ndarray:
    """Check an array of indices below n; returns a copy."""
    array(name, value, np.int64, (None,))
    if len(value) and not (value.min() >= 0 and value.max() < n):
        bad = value[(value < 0) | (value >= n)][0]
        raise UserError(f"{name}: expected indices of the {n} {of}, got {bad}")
    return value.copy()


def tags(value: Any, n_docs: int, n_rows: int) -> np.ndarray:
    """Check rows of document vectors, one a document; returns a copy."""
    array("tags", value, np.int64, (n_docs,))
    if n_docs and not (value.min() >= 0 and value.max() < n_rows):
        bad = value[(value < 0) | (value >= n_rows)][0]
        raise UserError(
            f"tags: expected rows of model.dv.vectors (below {n_rows}), got {bad}" + _RESIZE
        )
    return value.copy()


_RESIZE = (
    "; after build_vocab(update=True) the array is not resized, model.dv.resize_vectors() does it"
)


def default_rows(order: np.ndarray, n_rows: int) -> None:
    """Check that document i has a row i."""
    if len(order) and order.max() >= n_rows:
        raise UserError(
            f"model.dv.vectors: expected a row for document {order.max()}, got {n_rows} rows"
            + _RESIZE
        )


def batch_words(model: Any) -> int:
    """Raw words in a job."""
    return integer("model.batch_words", model.batch_words, 1)


def vector_size(model: Any) -> int:
    """Length of a document vector."""
    return integer("model.vector_size", model.dv.vector_size, 1, _MAX_VECTOR_SIZE)


def settings(model: Any) -> dict[str, Any]:
    """Check the model's settings; returns those the kernel takes."""
    if getattr(model, "hs", 0):
        raise UserError(f"model.hs: expected 0, got {model.hs}; {_ONLY_GENSIM}")
    if not getattr(model, "negative", 0):
        raise UserError(f"model.negative: expected 1 or more, got 0; {_ONLY_GENSIM}")
    if model.sg:
        kind = "dbow-words" if model.dbow_words else "dbow"
    else:
        kind = "dm-concat" if model.dm_concat else "dm"
    null_word = 0
    if kind == "dm-concat":
        if model.dm_tag_count != 1:
            raise UserError(f"model.dm_tag_count: expected 1, got {model.dm_tag_count}")
        if "\0" not in model.wv.key_to_index:
            raise UserError(
                "model.wv: expected the padding word that PV-DM/concat adds to its vocabulary, "
                "got none"
            )
        null_word = model.wv.key_to_index["\0"]
    window = integer("model.window", model.window, 1, _MAX_WINDOW)
    size = vector_size(model)
    layer1 = size * (2 * window + 1) if kind == "dm-concat" else size
    if layer1 > _MAX_LAYER1_SIZE:
        raise UserError(f"model.layer1_size: expected at most {_MAX_LAYER1_SIZE}, got {layer1}")
    if model.layer1_size != layer1:
        raise UserError(
            f"model.layer1_size: expected {layer1} for this window and vector size, "
            f"got {model.layer1_size}"
        )
    return {
        "kind": kind,
        "mean": bool(model.cbow_mean),
        "window": window,
        "shrink_windows": bool(model.shrink_windows),
        "negative": integer("model.negative", model.negative, 1, _MAX_NEGATIVE),
        "null_word": int(null_word),
    }


def model_arrays(model: Any, docs: Any, learns: dict[str, bool]) -> dict[str, Any]:
    """Check that the model's arrays are there, agree with one another and may be written."""
    settings(model)
    n_words, size = len(model.wv.index_to_key), model.dv.vector_size
    if n_words == 0 or len(model.wv.vectors) == 0:
        raise UserError(
            "model: expected a vocabulary and weights, got none; call build_vocab first"
        )
    array(
        "model.wv.vectors", model.wv.vectors, np.float32, (n_words, size),
        writeable=learns["learn_words"],
    )  # fmt: skip
    array(
        "model.syn1neg", getattr(model, "syn1neg", None), np.float32,
        (n_words, model.layer1_size), writeable=learns["learn_outputs"],
    )  # fmt: skip
    array("model.dv.vectors", docs, np.float32, (None, size), writeable=learns["learn_docs"])
    if len(docs) == 0:
        raise UserError("model.dv.vectors: expected at least one row, got none")
    array("model.cum_table", getattr(model, "cum_table", None), np.uint32, (n_words,))
    cum_table = model.cum_table
    if cum_table[-1] == 0 or (cum_table[1:] < cum_table[:-1]).any():
        raise UserError("model.cum_table: expected to rise from word to word, got one that falls")
    sample_int = None
    if model.sample:
        sample_int = model.wv.expandos.get("sample_int")
        array("model.wv.expandos['sample_int']", sample_int, np.uint32, (n_words,))
    for name, lockf in (("wv", model.wv), ("dv", model.dv)):
        values = getattr(lockf, "vectors_lockf", None)
        if values is not None and not np.all(np.asarray(values) == 1):
            raise UserError(
                f"model.{name}.vectors_lockf: expected all ones, got others; {_ONLY_GENSIM}"
            )
    named = {"wv.vectors": model.wv.vectors, "dv.vectors": docs, "syn1neg": model.syn1neg}
    names = list(named)
    for i, a in enumerate(names):
        for b in names[i + 1 :]:
            if np.may_share_memory(named[a], named[b]):
                raise UserError(f"model.{a}: expected memory of its own, but shares model.{b}'s")
    return {
        "words": model.wv.vectors,
        "docs": docs,
        "outputs": model.syn1neg,
        "cum_table": cum_table,
        "sample_int": sample_int,
    }
