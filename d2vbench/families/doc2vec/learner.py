"""A Doc2Vec model in training, by either engine."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from d2vbench.corpora import Selection
from d2vbench.families.base import InferenceSettings, Sides, Vectors
from d2vbench.families.doc2vec.choice import ENGINES
from d2vbench.families.gensim_learner import GensimLearner
from d2vbench.mapped import give_back
from d2vbench.strategies import LEARNS

if TYPE_CHECKING:
    from gensim.models.doc2vec import Doc2Vec


class Doc2VecLearner(GensimLearner):
    """A `d2vbench.families.Learner` around a gensim model, which an engine trains in place.

    Parameters
    ----------
    sides : Sides
        What it is trained on; document d has tag d.
    model : gensim.models.doc2vec.Doc2Vec
        With vocabulary and weights.
    engine : str
        A key of `ENGINES`.
    """

    def __init__(self, sides: Sides, model: Doc2Vec, engine: str) -> None:
        super().__init__(sides, model)
        self._engine = ENGINES[engine](model, self.documents)

    def weights(self) -> dict[str, npt.NDArray[Any]]:
        """Return word, output and document vectors."""
        return {**super().weights(), "documents": self.model.dv.vectors}

    def learn(
        self,
        order: npt.NDArray[np.int64],
        start_rate: float,
        end_rate: float,
        frozen: Collection[str],
    ) -> None:
        """Train on documents in an order with the engine."""
        learns = tuple(name for name in LEARNS if name not in frozen)
        self._engine.train_epoch(order, start_rate, end_rate, learns)

    def rest(self) -> None:
        """Give back the memory of tokens and document vectors of training."""
        super().rest()
        give_back(self.model.dv.vectors)

    def encode(
        self, documents: Selection, seeds: npt.NDArray[np.uint32], inference: InferenceSettings
    ) -> Vectors:
        """Infer a vector for each document, (n_documents, vector_size) float32."""
        self.rest()
        vectors: Vectors = self._engine.infer(
            self.looked_up(documents),
            seeds,
            epochs=inference.epochs,
            alpha=inference.alpha,
            min_alpha=inference.min_alpha,
        )
        return vectors

    def trained_vectors(self, documents: Selection) -> Vectors:
        """Return the vectors that training has left for documents of D, (n, vector_size)."""
        rows = np.searchsorted(self.sides.domain.documents, documents.documents)
        vectors: Vectors = self.model.dv.vectors[len(self.sides.generic) + rows]
        return vectors

    def tables(self) -> dict[str, npt.NDArray[Any]]:
        """Return output vectors and, where the model trains them, word vectors."""
        tables = {"outputs": self.model.syn1neg}
        if not self.model.sg or self.model.dbow_words:
            tables["words"] = self.model.wv.vectors
        return tables

    @contextmanager
    def placed(self, tables: Mapping[str, npt.NDArray[Any]]) -> Iterator[None]:
        """Infer with tables of an earlier moment; nothing may train the model meanwhile.

        Negative samples are drawn by the vocabulary's counts then, as in a first phase.
        """
        model = self.model
        own = (model.syn1neg, model.wv.vectors, model.cum_table)
        stream = model.random.get_state()
        try:
            model.cum_table = self._usual_noise
            model.syn1neg = tables["outputs"]
            model.wv.vectors = tables.get("words", model.wv.vectors)
            yield
        finally:
            model.syn1neg, model.wv.vectors, model.cum_table = own
            model.random.set_state(stream)
