"""What learners around models of gensim's have in common: documents, groups of words, state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from d2vbench.corpora import Selection
from d2vbench.families.base import Learner, Sides
from d2vbench.families.words import Documents, map_documents


class GensimLearner(Learner):
    """A model of gensim's with word vectors, in training on one thread.

    Parameters
    ----------
    sides : Sides
        What it is trained on.
    model : gensim.models.word2vec.Word2Vec
        With vocabulary and weights.
    """

    def __init__(self, sides: Sides, model: Any) -> None:
        self.sides = sides
        self.model = model
        self.documents = map_documents([sides.generic, sides.domain], model.wv.key_to_index)
        # The documents that were looked up last: they are counted and then encoded.
        self._last: tuple[Selection, Documents] | None = None

    def weights(self) -> dict[str, npt.NDArray[Any]]:
        """Return the arrays that training changes in place."""
        return {"words": self.model.wv.vectors, "outputs": self.model.syn1neg}

    def looked_up(self, documents: Selection) -> Documents:
        """Return documents as rows of the vocabulary."""
        if self._last is None or self._last[0] is not documents:
            self._last = documents, map_documents([documents], self.model.wv.key_to_index)
        return self._last[1]

    def degenerate(self, documents: Selection | None = None) -> dict[str, int]:
        """Count empty documents, those without a known word, and those cut by gensim."""
        mapped = self.documents if documents is None else self.looked_up(documents)
        return mapped.degenerate()

    def readable(self, documents: Selection) -> npt.NDArray[np.bool_]:
        """Return which documents have a known word, (n_documents,) bool."""
        readable: npt.NDArray[np.bool_] = self.looked_up(documents).known() > 0
        return readable

    def vocabulary_size(self) -> int:
        """Return the words of the vocabulary."""
        return len(self.model.wv)

    def word_rows(self, documents: Selection | None = None) -> Documents:
        """Return documents as rows of the vocabulary, by default those of training, G first."""
        return self.documents if documents is None else self.looked_up(documents)

    def state(self) -> dict[str, npt.NDArray[Any]]:
        """Return the weights, as views, and the state of gensim's random stream."""
        kind, numbers, place, has_gauss, gauss = self.model.random.get_state()
        assert kind == "MT19937"
        return {
            **self.weights(),
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
        for name, own in self.state().items():
            found = arrays.get(name)
            if found is None or (found.shape, found.dtype) != (own.shape, own.dtype):
                got = "nothing" if found is None else f"{found.dtype} of shape {found.shape}"
                raise ValueError(f"{name}: expected {own.dtype} of shape {own.shape}, got {got}")
        place, has_gauss = arrays["place"].tolist()
        if not 0 <= place <= len(arrays["random"]):
            raise ValueError(f"place: expected a place in the random numbers, got {place}")
        for name, own in self.weights().items():
            own[:] = arrays[name]
        stream = ("MT19937", arrays["random"], place, has_gauss, float(arrays["gauss"]))
        self.model.random.set_state(stream)
