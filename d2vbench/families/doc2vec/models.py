"""The models: gensim's Doc2Vec in the variants that are compared, and their vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from d2vbench.corpora import Selection
from d2vbench.errors import UsageError, unknown_name

if TYPE_CHECKING:
    from gensim.models.doc2vec import Doc2Vec

# The constructor arguments that make a variant (Le and Mikolov 2014, arXiv 1405.4053). The sum is
# cbow_mean = 0: gensim 4.4 documents dm_mean = 0 for it, and then sets cbow_mean back to 1
# (`Doc2Vec.__init__` stores dm_mean before Word2Vec's, which overwrites it with its own default).
MODELS: dict[str, dict[str, int]] = {
    "dbow": {"dm": 0},
    "dbow-words": {"dm": 0, "dbow_words": 1},
    "dm-mean": {"dm": 1, "dm_mean": 1},
    "dm-sum": {"dm": 1, "cbow_mean": 0},
    "dm-concat": {"dm": 1, "dm_concat": 1},
}
MODEL_TITLES = {
    "dbow": "PV-DBOW",
    "dbow-words": "PV-DBOW with words",
    "dm-mean": "PV-DM (mean)",
    "dm-sum": "PV-DM (sum)",
    "dm-concat": "PV-DM (concatenation)",
}


@dataclass(frozen=True)
class ModelSettings:
    """What does not change between the strategies of a comparison.

    Attributes
    ----------
    model : str
        A key of `MODELS`.
    vector_size, window, negative, min_count : int
        As in gensim.
    sample : float
        Subsampling threshold, as in gensim; 0 for none.
    """

    model: str = "dbow"
    vector_size: int = 100
    window: int = 5
    negative: int = 5
    sample: float = 1e-4
    min_count: int = 5

    def __post_init__(self) -> None:
        """Refuse unknown models and impossible sizes."""
        if self.model not in MODELS:
            raise unknown_name("model", self.model, MODELS)
        for name in ("vector_size", "window", "negative", "min_count"):
            if getattr(self, name) < 1:
                raise UsageError(f"{name} must be 1 or more, got {getattr(self, name)}")
        if not 0 <= self.sample < 1:
            raise UsageError(f"sample must lie in [0, 1), got {self.sample}")

    def to_json(self) -> dict[str, Any]:
        """Return the settings as JSON values."""
        return asdict(self)


def count_words(selections: Sequence[Selection]) -> dict[str, int]:
    """Count the words of selections: natural counts, each document once.

    Parameters
    ----------
    selections : sequence of Selection
        G and D-train; never a test document.

    Returns
    -------
    dict of str to int
        In order of falling count, equal counts in alphabetical order.
    """
    total: dict[str, int] = {}
    for selection in selections:
        tokens, _ = selection.gather()
        lexicon = selection.corpus.lexicon
        counts = np.bincount(tokens, minlength=len(lexicon))
        for i in np.flatnonzero(counts).tolist():
            total[lexicon[i]] = total.get(lexicon[i], 0) + int(counts[i])
    return dict(sorted(total.items(), key=lambda item: (-item[1], item[0])))


def build_model(
    counts: dict[str, int], documents: int, settings: ModelSettings, seed: int
) -> Doc2Vec:
    """Make an untrained gensim model with its vocabulary and initial weights.

    Parameters
    ----------
    counts : dict of str to int
        From `count_words`; its order becomes the order of the vocabulary.
    documents : int
        Rows for documents; tags are 0 to documents - 1.
    settings : ModelSettings
        The model.
    seed : int
        Of the initial weights and of gensim's random stream.

    Returns
    -------
    gensim.models.doc2vec.Doc2Vec
        One worker. gensim's own sorting of the vocabulary is off: it breaks ties by an unstable
        sort that may differ between processors, and `count_words` has sorted already.

    Raises
    ------
    UsageError
        If no word is frequent enough.
    """
    from gensim.models.doc2vec import Doc2Vec

    if max(counts.values(), default=0) < settings.min_count:
        raise UsageError(f"no word occurs min_count = {settings.min_count} times")
    model = Doc2Vec(
        vector_size=settings.vector_size,
        window=settings.window,
        negative=settings.negative,
        sample=settings.sample,
        min_count=settings.min_count,
        hs=0,
        seed=seed,
        workers=1,
        sorted_vocab=0,
        **MODELS[settings.model],
    )
    model.dv.index_to_key = list(range(documents))
    model.build_vocab_from_freq(counts, corpus_count=documents)
    return model
