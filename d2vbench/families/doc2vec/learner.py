"""A Doc2Vec model in training, by either engine."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from d2vbench.corpora import Selection
from d2vbench.families.base import InferenceSettings, Learner, Sides, Vectors
from d2vbench.families.doc2vec.choice import ENGINES
from d2vbench.families.words import Documents, map_documents
from d2vbench.strategies import LEARNS

if TYPE_CHECKING:
    from gensim.models.doc2vec import Doc2Vec

# Names of the arrays of a state, as they stand in checkpoints.
_WEIGHTS = ("words", "documents", "outputs")


class Doc2VecLearner(Learner):
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
        self.sides = sides
        self.model = model
        self._documents = map_documents([sides.generic, sides.domain], model.wv.key_to_index)
        self._engine = ENGINES[engine](model, self._documents)
        # The documents that were looked up last: they are counted and then encoded.
        self._last: tuple[Selection, Documents] | None = None

    def present(
        self,
        order: npt.NDArray[np.int64],
        start_rate: float,
        end_rate: float,
        frozen: Collection[str] = (),
    ) -> None:
        """Train on documents in an order; frozen are some of documents, words and outputs."""
        learns = tuple(name for name in LEARNS if name not in frozen)
        self._engine.train_epoch(order, start_rate, end_rate, learns)

    def encode(
        self, documents: Selection, seeds: npt.NDArray[np.uint32], inference: InferenceSettings
    ) -> Vectors:
        """Infer a vector for each document, (n_documents, vector_size) float32."""
        vectors: Vectors = self._engine.infer(
            self._mapped(documents),
            seeds,
            epochs=inference.epochs,
            alpha=inference.alpha,
            min_alpha=inference.min_alpha,
        )
        return vectors

    def degenerate(self, documents: Selection | None = None) -> dict[str, int]:
        """Count empty documents, those without a known word, and those cut by gensim."""
        mapped = self._documents if documents is None else self._mapped(documents)
        return mapped.degenerate()

    def readable(self, documents: Selection) -> npt.NDArray[np.bool_]:
        """Return which documents have a known word, (n_documents,) bool."""
        readable: npt.NDArray[np.bool_] = self._mapped(documents).known() > 0
        return readable

    def vocabulary_size(self) -> int:
        """Return the words of the vocabulary."""
        return len(self.model.wv)

    def trained_vectors(self, documents: Selection) -> Vectors:
        """Return the vectors that training has left for documents of D, (n, vector_size)."""
        rows = np.searchsorted(self.sides.domain.documents, documents.documents)
        vectors: Vectors = self.model.dv.vectors[len(self.sides.generic) + rows]
        return vectors

    def state(self) -> dict[str, npt.NDArray[Any]]:
        """Return the weights, as views, and the state of gensim's random stream."""
        kind, numbers, place, has_gauss, gauss = self.model.random.get_state()
        assert kind == "MT19937"
        return {
            "words": self.model.wv.vectors,
            "documents": self.model.dv.vectors,
            "outputs": self.model.syn1neg,
            "random": numbers,
            "place": np.asarray([place, has_gauss]),
            "gauss": np.asarray(gauss),
        }

    def restore(self, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """Put a state back.

        Raises
        ------
        ValueError
            If it is no state of a model of this size; then nothing has changed.
        """
        own = self.state()
        for name in _WEIGHTS:
            found = arrays.get(name)
            if found is None or (found.shape, found.dtype) != (own[name].shape, own[name].dtype):
                raise ValueError(
                    f"{name}: expected {own[name].dtype} of shape {own[name].shape}, got "
                    + ("nothing" if found is None else f"{found.dtype} of shape {found.shape}")
                )
        try:
            place, has_gauss = arrays["place"].tolist()
            stream = ("MT19937", arrays["random"], place, has_gauss, float(arrays["gauss"]))
            np.random.RandomState().set_state(stream)
        except (KeyError, TypeError) as error:
            raise ValueError(f"the random stream cannot be put back: {error}") from None
        for name in _WEIGHTS:
            own[name][:] = arrays[name]
        self.model.random.set_state(stream)

    def word_groups(self) -> dict[str, npt.NDArray[np.int64]]:
        """Return the words of G that D-train has too, and those that it lacks, as rows."""
        return self._documents.groups(len(self.sides.generic), self.vocabulary_size())

    def tables(self) -> dict[str, npt.NDArray[Any]]:
        """Return output vectors and, where the model trains them, word vectors."""
        tables = {"outputs": self.model.syn1neg}
        if not self.model.sg or self.model.dbow_words:
            tables["words"] = self.model.wv.vectors
        return tables

    @contextmanager
    def placed(self, tables: Mapping[str, npt.NDArray[Any]]) -> Iterator[None]:
        """Infer with tables of an earlier moment; nothing may train the model meanwhile."""
        model = self.model
        own, stream = (model.syn1neg, model.wv.vectors), model.random.get_state()
        try:
            model.syn1neg = tables["outputs"]
            model.wv.vectors = tables.get("words", model.wv.vectors)
            yield
        finally:
            model.syn1neg, model.wv.vectors = own
            model.random.set_state(stream)

    def _mapped(self, documents: Selection) -> Documents:
        if self._last is None or self._last[0] is not documents:
            self._last = documents, map_documents([documents], self.model.wv.key_to_index)
        return self._last[1]
