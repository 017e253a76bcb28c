"""The models: gensim's Doc2Vec in the variants that are compared, and their vocabulary."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from d2vbench.errors import UsageError, check_name
from d2vbench.families.counts import PRESENTED, Counts
from d2vbench.families.doc2vec.start import document_rows
from d2vbench.families.doc2vec.vocabulary import EXPANDED, OF_A_MODEL, canonical
from d2vbench.families.gensim_vocabulary import build_vocabulary
from d2vbench.families.settings import check_sizes

if TYPE_CHECKING:
    from gensim.models.doc2vec import Doc2Vec

#: Raised when initial weights or their random stream change.
VERSION = 1

ENGINE_NAMES = ("native", "gensim")

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
class Doc2VecSettings:
    """What does not change between the strategies of a comparison.

    Attributes
    ----------
    model : str
        A key of `MODELS`.
    vector_size, window, negative, min_count : int
        As in gensim.
    sample : float
        Subsampling threshold, as in gensim; 0 for none.
    vocabulary : str
        Vocabulary policy, one of `d2vbench.families.doc2vec.vocabulary.VOCABULARIES`.
    engine : str
        What trains: a key of `d2vbench.families.doc2vec.ENGINES`. The two engines agree up to
        rounding, so their results are kept apart.
    generic_model : str
        A saved model that training goes on from, by its name in the cache; empty for none.
    word_vectors : str
        Word vectors of a file that a model of D starts from, likewise.
    """

    model: str = "dbow"
    vector_size: int = 100
    window: int = 5
    negative: int = 5
    sample: float = 1e-4
    min_count: int = 5
    vocabulary: str = PRESENTED
    engine: str = "native"
    generic_model: str = ""
    word_vectors: str = ""

    def __post_init__(self) -> None:
        """Refuse unknown models and impossible sizes."""
        check_name("model", self.model, MODELS)
        check_sizes(self)
        object.__setattr__(self, "vocabulary", canonical(self.vocabulary))
        check_name("engine", self.engine, ENGINE_NAMES)
        if self.vocabulary in EXPANDED and self.engine != "gensim":
            raise UsageError(
                f"vocabulary {self.vocabulary} is gensim's own code: the engine must be gensim, "
                f"got {self.engine}"
            )
        if bool(self.generic_model) != (self.vocabulary in OF_A_MODEL):
            raise UsageError(
                f"vocabulary {self.vocabulary}: a saved model has one of {', '.join(OF_A_MODEL)}, "
                "and no other model has"
            )

    def to_json(self) -> dict[str, Any]:
        """Return the settings as JSON values."""
        values = asdict(self)
        for name in ("generic_model", "word_vectors"):
            if not values[name]:  # Absent from older records.
                del values[name]
        return values


def build_model(counts: Counts, documents: int, settings: Doc2VecSettings, seed: int) -> Doc2Vec:
    """Make an untrained gensim model with its vocabulary and initial weights.

    Parameters
    ----------
    counts : Counts
        From `d2vbench.families.counts.count`; their order becomes the order of the vocabulary.
    documents : int
        Rows for documents; tags are 0 to documents - 1.
    settings : Doc2VecSettings
        The model.
    seed : int
        Of the initial weights and of gensim's random stream.

    Returns
    -------
    gensim.models.doc2vec.Doc2Vec
        One worker.

    Raises
    ------
    UsageError
        If no word is frequent enough.
    """
    from gensim.models.doc2vec import Doc2Vec

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
    model.dv.index_to_key = range(documents)
    # gensim keeps rows that fit, and would draw the same ones all at once.
    model.dv.vectors = document_rows(seed, documents, settings.vector_size)
    build_vocabulary(model, counts, documents, settings.min_count)
    return model
