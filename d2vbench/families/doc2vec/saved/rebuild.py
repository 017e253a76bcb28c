"""From a saved model to gensim's own of today, and to the settings of the benchmark."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from d2vbench.errors import UsageError
from d2vbench.families.doc2vec.models import Doc2VecSettings
from d2vbench.families.doc2vec.saved.saved_model import SavedModel

if TYPE_CHECKING:
    from gensim.models.doc2vec import Doc2Vec


def doc2vec_settings(saved: SavedModel, engine: str = "native") -> Doc2VecSettings:
    """Return the settings of the benchmark that a saved model was trained with.

    Parameters
    ----------
    saved : SavedModel
        From `read_gensim`.
    engine : str
        As for `Doc2VecSettings`.

    Raises
    ------
    UsageError
        If the benchmark has no such model.
    """
    if saved.dm_concat and saved.dm and saved.dm_tag_count != 1:
        raise UsageError(f"dm_tag_count is {saved.dm_tag_count}, and d2vbench knows 1 alone")
    if not saved.shrink_windows:
        raise UsageError("shrink_windows is False, and d2vbench draws the width of each window")
    if saved.dm:
        model = "dm-concat" if saved.dm_concat else "dm-mean" if saved.dm_mean else "dm-sum"
    else:
        model = "dbow-words" if saved.dbow_words else "dbow"
    # A rule of one's own may have kept rarer words.
    least = int(saved.counts[: _own_words(saved)].min())
    return Doc2VecSettings(
        model=model,
        vector_size=saved.vector_size,
        window=saved.window,
        negative=saved.negative,
        sample=saved.sample,
        min_count=max(min(saved.min_count, least), 1),
        engine=engine,
    )


def _own_words(saved: SavedModel) -> int:
    """Return how many words there are without gensim's padding word."""
    return len(saved.words) - (1 if saved.dm and saved.dm_concat else 0)


def to_gensim(saved: SavedModel) -> Doc2Vec:
    """Return a saved model as gensim's own of today.

    Parameters
    ----------
    saved : SavedModel
        From `read_gensim`.

    Returns
    -------
    gensim.models.doc2vec.Doc2Vec
        One worker. It has the saved weights, vocabulary, settings and place in the stream of random
        numbers, so that ``infer_vector`` and ``train`` go on as in the old gensim; no vector is
        locked. Arrays that can be written are taken as they are, the others copied.
    """
    from gensim.models.doc2vec import Doc2Vec

    model = Doc2Vec(
        vector_size=saved.vector_size,
        window=saved.window,
        negative=saved.negative,
        sample=saved.sample,
        min_count=saved.min_count,
        epochs=saved.epochs,
        alpha=saved.alpha,
        min_alpha=saved.min_alpha,
        ns_exponent=saved.ns_exponent,
        shrink_windows=saved.shrink_windows,
        dm_concat=saved.dm_concat,
        dm_tag_count=saved.dm_tag_count,
        dbow_words=saved.dbow_words,
        dm=saved.dm,
        cbow_mean=saved.dm_mean,
        hs=0,
        seed=saved.seed,
        workers=1,
    )
    words, documents = model.wv, model.dv
    words.index_to_key = list(saved.words)
    words.key_to_index = {word: i for i, word in enumerate(saved.words)}
    words.vectors = _writable(saved.word_vectors)
    words.expandos = {
        "count": np.array(saved.counts),
        "sample_int": np.array(saved.subsampling),
    }
    documents.index_to_key = list(saved.tags)
    # As in gensim's own: whole numbers in their order are rows without being looked up.
    if not isinstance(saved.tags, range):
        documents.key_to_index = {tag: i for i, tag in enumerate(saved.tags)}
    documents.vectors = _writable(saved.doc_vectors)
    model.corpus_count = saved.corpus_count
    model.corpus_total_words = saved.corpus_words
    model.effective_min_count = saved.min_count
    model.layer1_size = saved.layer
    model.syn1neg = _writable(saved.outputs)
    if saved.noise is None:
        model.make_cum_table()
    else:
        model.cum_table = np.array(saved.noise)
    if saved.random is not None:
        model.random = np.random.RandomState(0)
        model.random.set_state(("MT19937", saved.random.key, saved.random.place))
    return model


def _writable(array: np.ndarray) -> np.ndarray:
    return np.require(array, np.float32, ["C", "W", "A"])
