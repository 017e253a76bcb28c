"""A model of D that goes on from a saved one: its words, and which others D may add."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from d2vbench.errors import UsageError, option
from d2vbench.families.base import Sides
from d2vbench.families.counts import same_counts
from d2vbench.families.doc2vec.models import Doc2VecSettings, build_model
from d2vbench.families.doc2vec.saved.kept import kept_model, kept_vectors
from d2vbench.families.doc2vec.saved.rebuild import doc2vec_settings, to_gensim
from d2vbench.families.doc2vec.start import document_rows
from d2vbench.families.doc2vec.vocabulary import ADDED, EXPANDED_MODEL
from d2vbench.families.gensim_vocabulary import PADDING
from d2vbench.families.words import count_words
from d2vbench.keys import derive_seed

if TYPE_CHECKING:
    from gensim.models.doc2vec import Doc2Vec

#: Options that a saved model decides.
DECIDED = ("model", "models", "vector_size", "window", "negative", "sample", "min_count")

#: Raised when what a saved model goes on as changes.
VERSION = 1
#: The same of word vectors of a file.
VECTORS_VERSION = 1


def check_saved_options(given: Mapping[str, Any]) -> None:
    """Refuse options that do not go with a saved model, or with word vectors of a file.

    Parameters
    ----------
    given : mapping
        By their keyword; None for what was not given.

    Raises
    ------
    UsageError
        If both are given, or a setting that a saved model decides.
    """
    there = {name for name, value in given.items() if value}
    if {"generic_model", "word_vectors"} <= there:
        raise UsageError(
            f"{option('generic_model')} and {option('word_vectors')} both stand for the generic "
            "corpus: give one of them"
        )
    for name in DECIDED:
        if "generic_model" in there and name in there:
            raise UsageError(
                f"{option(name)} does not go with {option('generic_model')}, which decides it"
            )


def warm_settings(name: str, vocabulary: str, engine: str = "native") -> Doc2VecSettings:
    """Return the settings of cells that go on from a kept model.

    Parameters
    ----------
    name : str
        From `keep_model`.
    vocabulary : str
        One of `d2vbench.families.doc2vec.vocabulary.OF_A_MODEL`.
    engine : str
        As for `Doc2VecSettings`.

    Raises
    ------
    UsageError
        If the benchmark has no such model.
    """
    return dataclasses.replace(
        _usual_settings(name), engine=engine, vocabulary=vocabulary, generic_model=name
    )


@functools.lru_cache(maxsize=64)
def _usual_settings(name: str) -> Doc2VecSettings:
    return doc2vec_settings(kept_model(name))


def warm_model(sides: Sides, settings: Doc2VecSettings, seed: int) -> Doc2Vec:
    """Return a kept model with rows for the documents of D, and for words of D as asked for.

    Parameters
    ----------
    sides : Sides
        G is empty; document d of D has tag d.
    settings : Doc2VecSettings
        From `warm_settings`.
    seed : int
        Base seed of the pair, for start vectors of new words.

    Returns
    -------
    gensim.models.doc2vec.Doc2Vec
        Its stream of random numbers goes on from where the saved one stands, and start vectors of
        documents are those that gensim draws for the documents after the saved ones: what comes
        of training on D is what one training on G and then D comes to, where the words are the
        same.

    Raises
    ------
    UsageError
        If the model has no word of D, or its vocabulary cannot be expanded.
    """
    saved = kept_model(settings.generic_model)
    of_domain = count_words([sides.domain])
    known = set(saved.words)
    if not known & of_domain.keys():
        raise UsageError(
            f"the saved model has {len(known):,} words and none of the domain corpus': it was "
            "trained on another language, or with another tokeniser"
        )
    documents = len(sides.domain)
    rows = document_rows(saved.seed, documents, saved.vector_size, before=saved.corpus_count)
    model = to_gensim(dataclasses.replace(saved, doc_vectors=rows, tags=range(documents)))
    if saved.random is None:
        model.random.seed(derive_seed(seed, "training stream"))
    if settings.vocabulary == EXPANDED_MODEL:
        _expand(model, of_domain)
    elif settings.vocabulary == ADDED:
        model = _with_added_words(model, of_domain, settings, seed)
    return model


def place_word_vectors(model: Doc2Vec, name: str) -> None:
    """Give the words of an untrained model that kept word vectors have, their vectors.

    What gensim's ``intersect_word2vec_format`` did: other words keep their start vectors, and words
    that the model lacks are not added.

    Raises
    ------
    UsageError
        If the vectors are of another size, or none of the words is in the model.
    """
    words, vectors = kept_vectors(name)
    if vectors.shape[1] != model.vector_size:
        raise UsageError(
            f"the word vectors have {vectors.shape[1]} components, and the model "
            f"{model.vector_size}: give {option('vector_size', str(vectors.shape[1]))}"
        )
    rows = [(model.wv.key_to_index[w], i) for i, w in enumerate(words) if w in model.wv]
    if not rows:
        raise UsageError(
            f"none of the {len(words):,} word vectors is of a word of the domain's vocabulary"
        )
    here, there = np.asarray(rows).T
    model.wv.vectors[here] = vectors[there]


def _expand(model: Doc2Vec, of_domain: dict[str, int]) -> None:
    """Add words as gensim's ``build_vocab(update=True)`` does, by gensim's own methods."""
    if model.dm and model.dm_concat:
        raise UsageError(
            f"vocabulary {EXPANDED_MODEL}: gensim adds its padding word a second time in "
            f"PV-DM/concat; take {ADDED}"
        )
    model.raw_vocab = dict(of_domain)
    model.prepare_vocab(update=True)
    model.update_weights()


def _with_added_words(
    model: Doc2Vec, of_domain: dict[str, int], settings: Doc2VecSettings, seed: int
) -> Doc2Vec:
    """Return a model of the old words and the frequent new ones, counts of both added up."""
    old = [word for word in model.wv.index_to_key if word != PADDING]
    counts = {word: model.wv.get_vecattr(word, "count") for word in old}
    new = [word for word, n in of_domain.items() if n >= settings.min_count and word not in counts]
    total = {word: n + of_domain.get(word, 0) for word, n in counts.items()}
    total |= {word: of_domain[word] for word in new}
    whole = build_model(
        same_counts(total), len(model.dv), settings, derive_seed(seed, "initial weights")
    )
    for fresh, trained in (
        (whole.wv.vectors, model.wv.vectors),
        (whole.syn1neg, model.syn1neg),
    ):
        fresh[: len(old)] = trained[: len(old)]
        if len(trained) > len(old):
            fresh[-1] = trained[-1]  # The padding word is the last.
    if whole.ns_exponent != model.ns_exponent:
        whole.ns_exponent = model.ns_exponent
        whole.make_cum_table()
    whole.dv.vectors = model.dv.vectors
    whole.random = model.random
    return whole
