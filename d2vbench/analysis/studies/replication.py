"""What others have published, beside what is measured with their settings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from d2vbench.analysis.contrasts.frame import INFERRED, RunData

STUDY = "replication"
TRAINED = "trained"


@dataclass(frozen=True)
class Published:
    """An accuracy that somebody has published.

    Attributes
    ----------
    pair, model : str
        What it is compared with.
    accuracy : float
        Of test documents, in [0, 1].
    by : str
        Whose it is, in a word or two.
    source : str
        Where it stands.
    settings : str
        How far the settings are theirs.
    their_settings : bool
        Whether they are, so that the two numbers should be equal.
    """

    pair: str
    model: str
    accuracy: float
    by: str
    source: str
    settings: str
    their_settings: bool = False


_GENSIM = (
    "gensim",
    "gensim 4.4.0, docs/src/auto_examples/howtos/run_doc2vec_imdb.rst",
    "theirs, but for: C of the logistic regression by cross-validation (theirs has no penalty); "
    "line breaks in HTML are no words; exact repeats of test reviews are left out of training",
    True,
)
_HEADERS = (
    "20newsgroups-published has whole messages, ohsumed-20newsgroups has them without headers, "
    "signatures and quotes, which tell the group"
)
_TWE = (
    "TWE",
    "README of the Topical Word Embeddings code (Liu et al. 2015)",
    f"not stated there: dimensions, epochs and classifier are the benchmark's; {_HEADERS}",
)
_TEXTGCN = (
    "Text GCN",
    "Yao et al. 2019, arXiv 1809.05679, table 2",
    "not stated there in full: tokens, dimensions, epochs and classifier are the benchmark's; "
    f"{_HEADERS}",
)
_IMDB, _NEWS, _MEDICAL = "imdb-published", "ohsumed-20newsgroups", "20newsgroups-ohsumed"
_WHOLE = "20newsgroups-published"

#: By pair and model; several sources of one number are several entries.
PUBLISHED: tuple[Published, ...] = (
    Published(_IMDB, "dbow", 1 - 0.1052, *_GENSIM),
    Published(_IMDB, "dm-mean", 1 - 0.1709, *_GENSIM),
    Published(_IMDB, "dm-concat", 1 - 0.3092, *_GENSIM),
    Published(_WHOLE, "dbow", 0.754, *_TWE),
    Published(_WHOLE, "dbow", 0.744, *_TEXTGCN),
    Published(_WHOLE, "dm-mean", 0.724, *_TWE),
    Published(_WHOLE, "dm-mean", 0.511, *_TEXTGCN),
    Published(_NEWS, "dbow", 0.754, *_TWE),
    Published(_NEWS, "dbow", 0.744, *_TEXTGCN),
    Published(_NEWS, "dm-mean", 0.724, *_TWE),
    Published(_NEWS, "dm-mean", 0.511, *_TEXTGCN),
    Published(_MEDICAL, "dbow", 0.467, *_TEXTGCN),
    Published(_MEDICAL, "dm-mean", 0.295, *_TEXTGCN),
)


@dataclass(frozen=True)
class Replication:
    """A published accuracy and what was measured.

    Attributes
    ----------
    published : Published
        What is compared with.
    engine : str
        Which engine trained.
    trained : tuple of float
        Accuracy of vectors of training, test documents included, by seed. Empty: not measured.
    inferred : tuple of float
        Accuracy of inferred vectors, without a test document in training, by seed.
    """

    published: Published
    engine: str
    trained: tuple[float, ...]
    inferred: tuple[float, ...]


def replications(data: RunData) -> list[Replication]:
    """Return what a run has measured beside what is published.

    Parameters
    ----------
    data : RunData
        Of the study `replication`.

    Returns
    -------
    list of Replication
        For each published number and each engine that the run has cells of, in the order of
        `PUBLISHED`.
    """
    return list(_replications(data))


def _replications(data: RunData) -> Iterator[Replication]:
    cells = data.cells
    if cells.empty or "accuracy_all" not in cells:
        return
    for one in PUBLISHED:
        mine = cells[(cells["pair"] == one.pair) & (cells["model"] == one.model)]
        for engine in dict.fromkeys(mine["engine"]):
            of = mine[mine["engine"] == engine]
            found = {
                vectors: tuple(of.loc[of["vectors"] == vectors, "accuracy_all"].dropna().tolist())
                for vectors in (TRAINED, INFERRED)
            }
            if any(found.values()):
                yield Replication(one, str(engine), found[TRAINED], found[INFERRED])
