"""Averaged word vectors as a family: gensim's Word2Vec, trained by a plan like any other model."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from d2vbench.corpora import Selection
from d2vbench.errors import UsageError
from d2vbench.families.base import Cost, Family, InferenceSettings, Sides, Vectors
from d2vbench.families.counts import (
    PRESENTED,
    VERSIONS,
    Counts,
    count,
    parse_policy,
    part_of_plan,
    same_counts,
)
from d2vbench.families.doc2vec.native import kernel
from d2vbench.families.doc2vec.native.words import train_words
from d2vbench.families.gensim_learner import OFFERS, GensimLearner
from d2vbench.families.gensim_vocabulary import build_vocabulary
from d2vbench.families.settings import check_sizes, settings_of
from d2vbench.families.words import (
    MAX_DOCUMENT_WORDS,
    Documents,
    count_matrix,
    count_words,
    map_documents,
    word_lists,
)
from d2vbench.keys import derive_seed
from d2vbench.strategies import Plan, Strategy

if TYPE_CHECKING:
    from gensim.models.word2vec import Word2Vec

_SECONDS_PER_WORD = 2e-6
#: Of `plain_word_vectors`: 1 is what gensim's own core gives, 2 the kernel. They round sums in
#: another order, and training makes more of it, so that records of the two are kept apart.
PLAIN_VERSION = 2 if kernel.available() else 1
#: Of one thread, for a presentation of a word.
PLAIN_SECONDS_PER_WORD = 2.5e-7 if kernel.available() else 1.25e-6
# Strings, dictionary entries and gensim's own record of a word.
_BYTES_OF_A_WORD = 600
# A word of a text, as a reference to its string.
_BYTES_OF_A_TOKEN = 8


@dataclass(frozen=True)
class Word2VecSettings:
    """What does not change between the strategies of a comparison; names as in gensim.

    Attributes
    ----------
    vector_size, window, negative, min_count : int
        1 or more.
    sample : float
        Subsampling threshold; 0 for none.
    vocabulary : str
        A policy of `d2vbench.families.counts`.
    """

    vector_size: int = 100
    window: int = 5
    negative: int = 5
    sample: float = 1e-4
    min_count: int = 5
    vocabulary: str = PRESENTED

    def __post_init__(self) -> None:
        """Refuse impossible sizes and unknown policies."""
        check_sizes(self)
        object.__setattr__(self, "vocabulary", str(parse_policy(self.vocabulary)))

    def to_json(self) -> dict[str, Any]:
        """Return the settings as JSON values."""
        return dataclasses.asdict(self)


def build_word2vec(counts: Counts, documents: int, settings: Any, seed: int) -> Word2Vec:
    """Make an untrained gensim CBOW model (Mikolov et al. 2013, arXiv 1301.3781), one worker.

    Parameters
    ----------
    counts : Counts
        From `d2vbench.families.counts.count`; their order becomes that of the vocabulary.
    documents : int
        How many there are.
    settings : object
        With the attributes of `Word2VecSettings`.
    seed : int
        Of the initial weights and of gensim's random stream.

    Raises
    ------
    UsageError
        If no word is frequent enough.
    """
    from gensim.models.word2vec import Word2Vec

    names = ("vector_size", "window", "negative", "sample", "min_count")
    options = {name: getattr(settings, name) for name in names}
    model = Word2Vec(**options, seed=seed, workers=1, sorted_vocab=0)
    build_vocabulary(model, counts, documents, settings.min_count)
    return model


def pieces(documents: list[list[str]], order: Iterable[int]) -> list[list[str]]:
    """Return documents in an order; gensim drops what is beyond 10,000 words, so cut there."""
    return [
        documents[d][begin : begin + MAX_DOCUMENT_WORDS]
        for d in order
        for begin in range(0, len(documents[d]), MAX_DOCUMENT_WORDS)
    ]


def mean_rows(documents: Documents, vectors: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Return the mean vector of the known words of each document, (n, dim) float64; else zero."""
    counts = count_matrix(documents, len(vectors))
    words = np.asarray(counts.sum(axis=1))
    sums = counts @ vectors.astype(np.float64)
    return np.divide(sums, words, out=np.zeros_like(sums), where=words > 0)


def plain_word_vectors(
    learned: Sequence[Selection],
    settings: Word2VecSettings,
    seed: int,
    order: npt.NDArray[np.int64],
    epochs: int,
) -> tuple[dict[str, int], Vectors]:
    """Train as gensim's ``train()`` would, without a plan, and return word vectors.

    By the compiled kernel where it is built, else by gensim's own core: the same up to the
    rounding of sums.

    Parameters
    ----------
    learned : sequence of Selection
        What is trained on, one after another.
    settings : Word2VecSettings
        Of the word vectors.
    seed : int
        Of initial weights and of gensim's random stream.
    order : (n_learned,) int64
        In which the documents are presented, the same in each epoch.
    epochs : int
        Passes over them.

    Returns
    -------
    rows : dict of str to int
        Of each word.
    vectors : (n_words, vector_size) float32
        Of the words.
    """
    counts = same_counts(count_words(learned))
    model = build_word2vec(counts, len(order), settings, seed)
    if kernel.available():
        documents = map_documents(learned, model.wv.key_to_index)
        rates = {"start_alpha": model.alpha, "end_alpha": model.min_alpha}
        train_words(model, documents, order, epochs=epochs, **rates)
    else:
        words = [words for selection in learned for words in word_lists(selection)]
        presented = pieces(words, order.tolist())
        model.train(presented, total_examples=len(presented), epochs=epochs)
    return model.wv.key_to_index, model.wv.vectors


class Word2VecMeanLearner(GensimLearner):
    """A `d2vbench.families.Learner` around gensim's Word2Vec.

    A document's vector is the mean of the vectors of its known words, as often as they occur.
    """

    def __init__(self, sides: Sides, model: Word2Vec) -> None:
        super().__init__(sides, model)
        self._words = word_lists(sides.generic) + word_lists(sides.domain)

    def learn(
        self,
        order: npt.NDArray[np.int64],
        start_rate: float,
        end_rate: float,
        frozen: Collection[str],
    ) -> None:
        """Train on documents in an order with gensim's own core; nothing can be frozen."""
        if set(frozen) - {"documents"}:
            raise UsageError(f"word2vec-mean can freeze nothing, got {', '.join(sorted(frozen))}")
        part = pieces(self._words, order.tolist())
        if part:
            # Set on the model: gensim takes a start_alpha of 0 for none given.
            self.model.alpha, self.model.min_alpha = start_rate, end_rate
            self.model.train(part, total_words=sum(map(len, part)), epochs=1)

    def encode(
        self, documents: Selection, seeds: npt.NDArray[np.uint32], inference: InferenceSettings
    ) -> Vectors:
        """Return the mean word vectors, (n_documents, vector_size) float32; draws nothing."""
        return mean_rows(self.looked_up(documents), self.model.wv.vectors).astype(np.float32)

    def degenerate(self, documents: Selection | None = None) -> dict[str, int]:
        """Count empty documents and those without a known word; none is cut."""
        return {**super().degenerate(documents), "cut": 0}

    def tables(self) -> dict[str, npt.NDArray[Any]]:
        """Return word and output vectors."""
        return self.weights()

    @contextmanager
    def placed(self, tables: Mapping[str, npt.NDArray[Any]]) -> Iterator[None]:
        """Encode with tables of an earlier moment for a while."""
        own = self.model.wv.vectors
        try:
            self.model.wv.vectors = tables["words"]
            yield
        finally:
            self.model.wv.vectors = own


class Word2VecMeanFamily(Family):
    """gensim's Word2Vec; a document is the mean of its words' vectors."""

    name = "word2vec-mean"
    title = "Mean of word2vec vectors"
    version = 1
    offers = OFFERS

    def settings(self, **options: Any) -> Word2VecSettings:
        """Return the settings that options describe."""
        made: Word2VecSettings = settings_of(Word2VecSettings, options)
        return made

    def refuses(self, settings: Word2VecSettings, strategy: Strategy) -> str:
        """Return why a strategy that freezes weights cannot be trained: gensim has no means."""
        if strategy.freezes:
            return f"strategy {strategy} freezes weights, which gensim's Word2Vec cannot"
        return ""

    def components(self, settings: Word2VecSettings) -> dict[str, int]:
        """Return the version of the vocabulary policy."""
        name = parse_policy(settings.vocabulary).name
        return {f"vocabulary {name}": VERSIONS[name]}

    def part_of_plan(self, settings: Word2VecSettings, plan: Plan) -> Any:
        """Return how often the plan makes each side count, where the policy asks for it."""
        return part_of_plan(parse_policy(settings.vocabulary), plan)

    def trains_to_encode(self, settings: Word2VecSettings) -> bool:
        """Return False: a mean of vectors is no training."""
        return False

    def cost(self, settings: Word2VecSettings, sides: Sides) -> Cost:
        """Return what training takes, roughly."""
        words = sum(count >= settings.min_count for count in sides.word_counts.values())
        state = 8 * words * settings.vector_size
        tokens = sides.sizes.generic_words + sides.sizes.domain_words
        held = _BYTES_OF_A_WORD * words + _BYTES_OF_A_TOKEN * tokens
        return Cost(_SECONDS_PER_WORD, state, 2 * state + held)

    def prepare(
        self, sides: Sides, settings: Word2VecSettings, seed: int, plan: Plan
    ) -> Word2VecMeanLearner:
        """Build the vocabulary by the policy, and the initial weights."""
        counted = count(parse_policy(settings.vocabulary), sides, plan)
        documents = len(sides.generic) + len(sides.domain)
        own = derive_seed(seed, "initial weights", self.name)
        model = build_word2vec(counted, documents, settings, own)
        model.random.seed(derive_seed(seed, "training stream", self.name))
        return Word2VecMeanLearner(sides, model)


FAMILY = Word2VecMeanFamily()
