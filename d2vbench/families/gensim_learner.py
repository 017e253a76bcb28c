"""What learners around models of gensim's have in common: documents, groups of words, state."""

from __future__ import annotations

import abc
import itertools
import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from d2vbench.corpora import Selection
from d2vbench.errors import UsageError
from d2vbench.families.base import Learner, Sides
from d2vbench.families.gensim_vocabulary import draw_by
from d2vbench.families.words import Documents, count_words, map_documents
from d2vbench.mapped import give_back
from d2vbench.strategies import Phase

#: What phases may ask of such learners.
OFFERS = frozenset({"noise", "pull", "fresh"})

# Words between two pulls back to an anchor: a pull goes through all weights, and takes about as
# long as a tenth of the training between.
_WORDS_BETWEEN_PULLS = 100_000
_ROWS_AT_ONCE = 4096


@dataclass
class _Anchor:
    """Weights as a phase found them, and how strongly it draws them back."""

    strength: float
    weights: dict[str, npt.NDArray[np.float32]]
    rows: npt.NDArray[np.int64]


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
        self._usual_noise = model.cum_table
        self._anchor: _Anchor | None = None
        # D-train and D-test, looked up last: they are encoded, then counted.
        self._last: list[tuple[Selection, Documents]] = []

    def begin(self, phase: Phase) -> None:
        """Do what a phase asks for at its beginning; see `Phase`.

        What it asks for is no part of the state: after `restore`, say it again.

        Raises
        ------
        UsageError
            If no word of D is in the vocabulary to draw negative samples from, or if other weights
            than the outputs are to begin anew.
        """
        self.model.cum_table = self._usual_noise
        if phase.noise:
            draw_by(self.model, count_words([self.sides.domain]))
        if others := set(phase.fresh) - {"outputs"}:
            raise UsageError(
                f"phase {phase.name!r}: only output weights can begin anew, got "
                f"{', '.join(sorted(others))}"
            )
        if phase.fresh:
            self.model.syn1neg[:] = 0  # as gensim begins
        self._anchor = None
        if not phase.generic.count:
            self.rest()
        if phase.pull:
            generic = count_words([self.sides.generic])
            known = [row for word, row in self.model.wv.key_to_index.items() if word in generic]
            rows = np.sort(np.asarray(known, dtype=np.int64))
            # A table that training does not read stays as it is.
            kept = {name: table[rows] for name, table in self.tables().items()}
            self._anchor = _Anchor(phase.pull, kept, rows)

    def rest(self) -> None:
        """Give back the memory of what most of is not read from now on, where it lies in files."""
        give_back(self.documents.tokens)

    def present(
        self,
        order: npt.NDArray[np.int64],
        start_rate: float,
        end_rate: float,
        frozen: Collection[str] = (),
    ) -> None:
        """Train on documents in an order; frozen are some of documents, words and outputs."""
        if self._anchor is None:
            self.learn(order, start_rate, end_rate, frozen)
            return
        for part, start, end in self._parts(order, start_rate, end_rate):
            self.learn(part, start, end, frozen)
            self._pull(self._anchor, len(part), (start + end) / 2, frozen)

    @abc.abstractmethod
    def learn(
        self,
        order: npt.NDArray[np.int64],
        start_rate: float,
        end_rate: float,
        frozen: Collection[str],
    ) -> None:
        """Train on documents in an order, as `present` does where nothing pulls."""

    def _parts(
        self, order: npt.NDArray[np.int64], start: float, end: float
    ) -> Iterator[tuple[npt.NDArray[np.int64], float, float]]:
        """Cut an order where about so many words are through, and its rate with it."""
        ends = np.cumsum(np.diff(self.documents.offsets)[order])
        total = max(int(ends[-1]), 1) if len(ends) else 1
        marks = np.arange(_WORDS_BETWEEN_PULLS, total, _WORDS_BETWEEN_PULLS)
        cuts = [0, *(np.searchsorted(ends, marks) + 1).tolist(), len(order)]
        for a, b in itertools.pairwise(cuts):
            if a < b:
                before, after = (int(ends[i - 1]) / total if i else 0.0 for i in (a, b))
                yield order[a:b], start - (start - end) * before, start - (start - end) * after

    def _pull(self, anchor: _Anchor, documents: int, rate: float, frozen: Collection[str]) -> None:
        """Draw weights back, by what the learning-rate area of some documents asks for."""
        area = rate * documents / max(len(self.sides.domain), 1)
        kept = np.float32(math.exp(-anchor.strength * area))
        for name, before in anchor.weights.items():
            if name not in frozen:
                now = self.weights()[name]
                for start in range(0, len(anchor.rows), _ROWS_AT_ONCE):
                    block = slice(start, start + _ROWS_AT_ONCE)
                    rows = anchor.rows[block]
                    now[rows] = before[block] + kept * (now[rows] - before[block])

    def weights(self) -> dict[str, npt.NDArray[Any]]:
        """Return the arrays that training changes in place."""
        return {"words": self.model.wv.vectors, "outputs": self.model.syn1neg}

    def looked_up(self, documents: Selection) -> Documents:
        """Return documents as rows of the vocabulary."""
        for known, mapped in self._last:
            if known is documents:
                return mapped
        mapped = map_documents([documents], self.model.wv.key_to_index)
        self._last = [*self._last[-1:], (documents, mapped)]
        return mapped

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
