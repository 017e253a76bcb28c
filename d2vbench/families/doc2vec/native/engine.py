"""The native engine behind the same face as the reference."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from d2vbench.families.doc2vec.native import kernel as native
from d2vbench.families.words import Documents
from d2vbench.strategies import LEARNS

if TYPE_CHECKING:
    from gensim.models.doc2vec import Doc2Vec

NAME = "native"


class NativeEngine:
    """Trains and infers with the compiled kernel, one thread.

    Parameters
    ----------
    model : gensim.models.doc2vec.Doc2Vec
        Its arrays are updated in place.
    documents : Documents
        What is trained on; document d has tag d.
    """

    name = NAME
    #: Raised when trained weights, or inferred vectors, change.
    version = 1
    inference_version = 1

    def __init__(self, model: Doc2Vec, documents: Documents) -> None:
        self.model = model
        self.documents = documents

    def train_epoch(
        self,
        order: npt.NDArray[np.int64],
        start_alpha: float,
        end_alpha: float,
        learns: Collection[str] = LEARNS,
    ) -> None:
        """Present documents once each, in an order; see `GensimEngine.train_epoch`."""
        native.train_epoch(
            self.model,
            self.documents,
            order,
            start_alpha=start_alpha,
            end_alpha=end_alpha,
            learn_documents="documents" in learns,
            learn_words="words" in learns,
            learn_outputs="outputs" in learns,
        )

    def infer(
        self,
        documents: Documents,
        seeds: npt.NDArray[np.uint32],
        *,
        epochs: int,
        alpha: float,
        min_alpha: float,
    ) -> npt.NDArray[np.float32]:
        """Infer vectors; see `d2vbench.families.doc2vec.native.kernel.infer`."""
        return native.infer(
            self.model, documents, seeds, epochs=epochs, alpha=alpha, min_alpha=min_alpha
        )
