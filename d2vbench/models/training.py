"""Training a strategy on all the data there is."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from d2vbench.corpora.store.selections import Selection
from d2vbench.corpora.store.tokenise import Tokeniser
from d2vbench.errors import UsageError
from d2vbench.families import FAMILIES, Sides, one_thread, train
from d2vbench.families.words import map_documents
from d2vbench.models.recipe import Recipe
from d2vbench.models.text_model import TextModel
from d2vbench.strategies import Plan, Sizes, epoch_order

if TYPE_CHECKING:
    from gensim.models.doc2vec import Doc2Vec


@dataclass(frozen=True)
class Part:
    """One trained model.

    Attributes
    ----------
    model : gensim.models.doc2vec.Doc2Vec
        Row i of ``dv`` belongs to document ``documents[i]``; there is no row where vectors of
        training were not to be kept.
    plan : Plan
        What was presented.
    documents : (n,) int64
        Documents that were presented: numbers below ``len(generic)`` are of G, those above of D.
    degenerate : dict of str to int
        Of these documents: `Documents.degenerate`.
    """

    model: Doc2Vec
    plan: Plan
    documents: npt.NDArray[np.int64]
    degenerate: dict[str, int]

    @property
    def has_document_vectors(self) -> bool:
        """Whether the model holds the vectors of the documents of training."""
        return len(self.model.dv) > 0

    @property
    def words(self) -> int:
        """Words of the vocabulary."""
        return len(self.model.wv)


@dataclass(frozen=True)
class Trained:
    """A strategy, trained.

    Attributes
    ----------
    recipe : Recipe
        What was done.
    tokeniser : Tokeniser
        Of both corpora.
    sizes : Sizes
        Of G and of D.
    parts : tuple of Part
        One, or those of an ensemble.
    """

    recipe: Recipe
    tokeniser: Tokeniser
    sizes: Sizes
    parts: tuple[Part, ...]

    @property
    def text_model(self) -> TextModel:
        """What infers vectors of new texts."""
        return TextModel(
            tuple(part.model for part in self.parts),
            self.recipe.part_settings,
            self.tokeniser,
            self.recipe.inference,
            self.recipe.base_seed,
        )


def train_recipe(
    generic: Selection,
    domain: Selection,
    recipe: Recipe,
    tokeniser: Tokeniser,
    report: Callable[[str], None] | None = None,
    keep_document_vectors: bool = False,
) -> Trained:
    """Train the models of a strategy.

    Parameters
    ----------
    generic, domain : Selection
        All of G and all of D; G may be empty where the strategy presents nothing of it.
    recipe : Recipe
        What to do.
    tokeniser : Tokeniser
        That the two were encoded with.
    report : callable, optional
        Called with a line about what is being trained.
    keep_document_vectors : bool
        Whether the models hold the vectors that training leaves for its documents. Inference reads
        none of them, and their size grows with the corpora.

    Returns
    -------
    Trained
        Words and counts are those of the recipe's vocabulary policy, as in the benchmark. A
        document that the strategy never presents has no vector.
        gensim's ``infer_vector`` of the models takes the pinned settings where it is given none.

    Raises
    ------
    UsageError
        If the strategy presents a corpus that has no words, or no word is frequent enough.

    Notes
    -----
    One thread: a model that several threads train together differs from run to run.
    """
    sides, family = Sides(generic, domain), FAMILIES["doc2vec"]
    sizes = sides.sizes
    _check_words(recipe, sizes)
    plans = recipe.plans(sizes)
    parts = []
    with one_thread():
        for i, plan in enumerate(plans):
            if report:
                which = f" (model {i + 1} of {len(plans)})" if len(plans) > 1 else ""
                report(f"training {recipe.parsed}{which}: {plan.words(sizes) / 1e6:,.1f} M words")
            learner = family.prepare(sides, recipe.part_settings, recipe.base_seed, plan)
            train(learner, plan, recipe.base_seed)
            parts.append(_part(learner, plan, recipe, keep_document_vectors))
    return Trained(recipe, tokeniser, sizes, tuple(parts))


def _check_words(recipe: Recipe, sizes: Sizes) -> None:
    """Refuse to present a corpus without words: no learning rate can be laid over them."""
    words = {"generic": sizes.generic_words, "domain": sizes.domain_words}
    if all(words.values()):
        return
    some = Sizes(*(max(n, 1) for n in dataclasses.astuple(sizes)))
    phases = [phase for plan in recipe.plans(some) for phase in plan.phases]
    for side, count in words.items():
        if not count and any(getattr(phase, side).count for phase in phases):
            advice = ": give some, or take domain-only" if side == "generic" else ""
            raise UsageError(
                f"strategy {recipe.parsed} presents the {side} corpus, and there are no {side} "
                f"texts with words in them{advice}"
            )


def _part(learner: Any, plan: Plan, recipe: Recipe, keep: bool) -> Part:
    model, sides = learner.model, learner.sides
    documents = _presented(sides, plan, recipe.base_seed)
    n_generic = sides.sizes.generic_documents
    model.corpus_count = len(documents)
    mapped = learner.documents
    if len(documents) < len(mapped):
        generic, domain = documents[documents < n_generic], documents[documents >= n_generic]
        presented = [sides.generic.take(generic), sides.domain.take(domain - n_generic)]
        mapped = map_documents(presented, model.wv.key_to_index)
    degenerate = mapped.degenerate()
    kept = documents if keep else documents[:0]
    model.dv.vectors = model.dv.vectors[kept]
    model.dv.index_to_key = list(range(len(kept)))
    # train() has left its own here, and infer_vector() falls back on them.
    model.epochs = recipe.inference.epochs
    model.alpha, model.min_alpha = recipe.inference.alpha, recipe.inference.min_alpha
    return Part(model, plan, documents, degenerate)


def _presented(sides: Sides, plan: Plan, seed: int) -> npt.NDArray[np.int64]:
    """Return the documents that a plan presents, in ascending order."""
    seen = np.zeros(sides.sizes.generic_documents + sides.sizes.domain_documents, dtype=bool)
    for phase in plan.phases:
        nearest = sides.nearest if phase.nearest != 1 else None
        for epoch in range(phase.epochs):
            seen[epoch_order(phase, epoch, sides.sizes, seed, nearest)] = True
    return np.flatnonzero(seen)
