"""Reads a Doc2Vec of gensim 0.12 to 4 from its file, without unpickling anything freely."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from d2vbench.errors import UserError
from d2vbench.families.doc2vec.saved.parts import Parts, wrong
from d2vbench.families.doc2vec.saved.saved_model import RandomState, SavedModel
from d2vbench.families.doc2vec.saved.unpickle import (
    Array,
    Buffer,
    Doc2Vec,
    Inert,
    OtherModel,
    Part,
    Vocab,
    read_inert,
)

_MAJOR = 4
_MOST = 2**32 - 1
_LARGEST = 2**31 - 1  # Of gensim's noise tables.


def read_gensim(path: Path) -> SavedModel:
    """Read a Doc2Vec that gensim saved.

    Parameters
    ----------
    path : pathlib.Path
        What was given to ``save()``. Arrays in files of their own lie beside it.

    Returns
    -------
    SavedModel
        Arrays are views of what was read, or maps of the files, and none is copied. Those of the
        pickle itself cannot be written.

    Raises
    ------
    UserError
        If it is no Doc2Vec, of a newer gensim, trained by hierarchical softmax, damaged, or
        names anything that is no array, vocabulary or setting.

    Notes
    -----
    Layouts: vectors in the model itself (before gensim 1.0), in ``wv`` (1.0 to 3.2), settings and
    weights in ``vocabulary`` and ``trainables`` (3.3 to 3.8), all in ``wv``, ``dv`` and the model
    (4). Compressed files are refused.
    """
    root = read_inert(path)
    if not isinstance(root, Doc2Vec):
        kinds = {OtherModel: "a Word2Vec", Part: "vectors or a part of a model"}
        raise UserError(
            f"{path} holds {kinds.get(type(root), 'no model')}: expected a Doc2Vec of gensim, with "
            "document vectors"
        )
    model = Parts(path, "", root)
    gensim = _version(path, model)
    settings = _settings(model)
    if settings["hs"] or settings["negative"] < 1:
        raise UserError(
            f"{path} was trained with hs={settings['hs']}, negative={settings['negative']}: "
            "d2vbench knows negative sampling alone, train it again with hs=0 and negative=5"
        )
    words = _words(model)
    documents = _documents(model)
    size, n_words = settings["vector_size"], len(words["words"])
    where = model.part("trainables") or model
    layer = size
    if settings["dm"] and settings["dm_concat"]:
        layer *= settings["dm_tag_count"] + 2 * settings["window"]
    if not where.has("syn1neg"):
        raise UserError(
            f"{path} has no output weights (syn1neg), without which no vector can be inferred; "
            "they were deleted before it was saved: give a file from before that"
        )
    vectors = words.pop("vectors")
    rows, tags = documents["rows"], documents["tags"]
    doc_vectors = np.empty((0, size), np.float32)
    if len(tags):
        doc_vectors = rows[0].floats(rows[1], (len(tags), size))
    return SavedModel(
        gensim=gensim,
        **settings,
        **words,
        word_vectors=vectors[0].floats(vectors[1], (n_words, size)),
        doc_vectors=doc_vectors,
        tags=tags,
        outputs=where.floats("syn1neg", (n_words, layer)),
        noise=_noise(model, n_words),
        random=_random(model),
        locked=_locked(model),
    )


def _version(path: Path, model: Parts) -> str:
    """Return which gensim wrote a file, as far as it says so; refuse a newer one."""
    events = model.state.get("lifecycle_events")
    said = (
        [e.get("gensim") for e in events if isinstance(e, dict)] if isinstance(events, list) else []
    )
    versions = [version for version in said if isinstance(version, str)]
    last = versions[-1] if versions else ""
    if last and not last.partition(".")[0].isdecimal():
        raise wrong(path, f"gensim {last!r:.40} is no version")
    if last and int(last.partition(".")[0]) > _MAJOR:
        raise UserError(
            f"{path} was written by gensim {last:.20}, and this d2vbench reads those up to "
            f"{_MAJOR}: save it with gensim {_MAJOR}"
        )
    if model.part("dv") and model.part("wv"):
        return last or "4"
    if not model.part("docvecs"):
        raise UserError(
            f"{path}: this layout of a Doc2Vec is of no gensim that d2vbench knows (0.12 to "
            f"{_MAJOR}): it has neither dv nor docvecs"
        )
    if model.part("trainables"):
        return "3.3 to 3.8"
    return "1.0 to 3.2" if model.part("wv") else "0.12 or 0.13"


def _settings(model: Parts) -> dict[str, Any]:
    counting = model.part("vocabulary") or model
    training = model.part("trainables") or model
    found: dict[str, Any] = {
        "dm": 1 - model.number(["sg"], int),
        "dm_mean": model.number(["cbow_mean"], int),
        "dm_concat": model.number(["dm_concat"], int, 0),
        "dbow_words": model.number(["dbow_words"], int, 0),
        "dm_tag_count": model.number(["dm_tag_count"], int, 1),
        "hs": model.number(["hs"], int),
        "vector_size": model.number(["vector_size"], int),
        "window": model.number(["window"], int),
        "negative": model.number(["negative"], int),
        "min_count": counting.number(["min_count"], int),
        "epochs": model.number(["epochs", "iter"], int),
        "seed": training.number(["seed"], int, 1),
        "sample": counting.number(["sample"], float),
        "ns_exponent": counting.number(["ns_exponent"], float, 0.75),
        "alpha": model.number(["alpha"], float),
        "min_alpha": model.number(["min_alpha"], float),
        "shrink_windows": bool(model.number(["shrink_windows"], int, 1)),
        "corpus_count": model.number(["corpus_count"], int, 0),
        "corpus_words": model.number(["corpus_total_words"], int, 0),
    }
    for name in ("vector_size", "window", "epochs", "dm_tag_count"):
        if not 1 <= found[name] < 2**31:
            raise wrong(model.path, f"{name} is {found[name]}")
    return found


def _words(model: Parts) -> dict[str, Any]:
    where = model.part("wv") or model
    if where.has("index_to_key"):
        words = where.listed("index_to_key")
        expandos = where.mapped("expandos")
        counts = where.numbers("expandos['count']", expandos.get("count"))
        thresholds = where.numbers("expandos['sample_int']", expandos.get("sample_int"))
        vectors = (where, "vectors")
    else:
        words = where.listed("index2word")
        counts, thresholds = _vocabulary(model, words, where.mapped("vocab"))
        vectors = (where, "vectors" if where.has("vectors") else "syn0")
    if not words or not all(isinstance(word, str) for word in words):
        raise wrong(model.path, "the vocabulary has no words, or words that are no text")
    if len(set(words)) < len(words):
        raise wrong(model.path, "the vocabulary has a word twice")
    for name, array in (("counts", counts), ("thresholds of subsampling", thresholds)):
        if array.dtype.kind not in "iu" or array.shape != (len(words),) or (array < 0).any():
            raise wrong(model.path, f"words and {name} do not go together")
    if (thresholds > _MOST).any():
        raise wrong(model.path, "words and thresholds of subsampling do not go together")
    return {
        "words": words,
        "counts": counts.astype(np.int64, copy=False),
        "subsampling": thresholds.astype(np.uint32, copy=False),
        "vectors": vectors,
    }


def _vocabulary(
    model: Parts, words: list[Any], vocabulary: dict[Any, Any]
) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Return counts and thresholds of subsampling from objects of gensim before 4."""
    found = [vocabulary.get(word) for word in words if isinstance(word, str)]
    entries = [entry for entry in found if isinstance(entry, Vocab)]
    if not len(words) == len(vocabulary) == len(entries):
        raise wrong(model.path, "index2word and vocab do not go together")
    # Before gensim 4 a word that is never dropped has 2^32, or nothing.
    numbers = [
        (entry.index, entry.count, _MOST if entry.sample_int is None else entry.sample_int)
        for entry in entries
    ]
    if any(not isinstance(n, int) or not 0 <= n < 2**63 for row in numbers for n in row):
        raise wrong(model.path, "the vocabulary has counts that are none")
    if any(index != i for i, (index, _, _) in enumerate(numbers)):
        raise wrong(model.path, "index2word and vocab do not go together")
    return (
        np.asarray([count for _, count, _ in numbers], np.int64),
        np.asarray([min(threshold, _MOST) for _, _, threshold in numbers], np.uint32),
    )


def _documents(model: Parts) -> dict[str, Any]:
    new = model.part("dv")
    tags: Sequence[int | str]
    if new:
        where, name = new, "vectors"
        listed = new.listed("index_to_key")
        tags = range(len(listed)) if listed == list(range(len(listed))) else listed
    else:
        where = model.part("docvecs") or model
        name = "vectors_docs" if where.has("vectors_docs") else "doctag_syn0"
        integers = range(where.number(["max_rawint"], int, -1) + 1)
        strings = where.listed("offset2doctag")
        tags = [*integers, *strings] if strings else integers
    if not where.has(name) or (new and isinstance(where.state.get(name), list)):
        tags = []  # Deleted, as by `delete_temporary_training_data(keep_doctags_vectors=False)`.
    if not isinstance(tags, range):
        if not all(isinstance(tag, int | str) for tag in tags):
            raise wrong(model.path, "a tag of a document is neither text nor a whole number")
        if len(set(tags)) < len(tags):
            raise wrong(model.path, "a tag of a document is there twice")
    return {"tags": tags, "rows": (where, name)}


def _locked(model: Parts) -> bool:
    """Return whether some vectors were held back in training."""
    holders = [model, *(model.part(name) for name in ("wv", "dv", "docvecs", "trainables"))]
    names = ("vectors_lockf", "vectors_docs_lockf", "syn0_lockf", "doctag_syn0_lockf")
    return any(
        (holder.array(name) != 1).any()
        for holder in holders
        for name in names
        if holder is not None and holder.has(name)
    )


def _noise(model: Parts, words: int) -> npt.NDArray[np.uint32] | None:
    for where in (model.part("vocabulary"), model):
        if where is None or not where.has("cum_table"):
            continue
        table = where.array("cum_table")
        if table.dtype.kind not in "iu" or table.shape != (words,):
            raise wrong(model.path, "words and noise table do not go together")
        if (table[1:] < table[:-1]).any() or table[-1] != _LARGEST:
            raise wrong(model.path, "the noise table is no sum of shares")
        return table.astype(np.uint32, copy=False)
    return None


def _random(model: Parts) -> RandomState | None:
    """Return the state of a Mersenne Twister, which NumPy writes in two forms."""
    found = model.state.get("random")
    state = found.state if isinstance(found, Inert) else None
    key: Any
    if isinstance(state, tuple) and len(state) == 5:
        _, key, place, _, _ = state
    elif isinstance(state, dict) and isinstance(state.get("state"), dict):
        key, place = state["state"].get("key"), state["state"].get("pos")
    else:
        return None
    if not isinstance(key, Array | Buffer):
        return None
    numbers = model.numbers("random", key)
    if numbers.shape != (624,) or not isinstance(place, int) or not 0 <= place <= 624:
        raise wrong(model.path, "the state of its random numbers is none")
    return RandomState(numbers.astype(np.uint32, copy=False), place)
