"""The grid of the study `imbalance`: rare classes, of documents and of words, under each loss.

Documents have the labels of a long tail. Words have classes of which few words are any: of invented
names that are planted into the texts, and of names that articles list, where a pair has such. Each
loss goes on from the same body, which is trained once; beside it stand two logistic regressions on
the frozen vectors, plain and weighted, of that body and of Doc2Vec.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from d2vbench.bench.spec.cell import BaselineCell, Cell
from d2vbench.bench.spec.encoder_studies.encoders import (
    as_doc2vec,
    as_encoder,
    bodies_of,
)
from d2vbench.bench.spec.laying import EMBEDDED, Variant, cells_of, main_fraction
from d2vbench.bench.spec.request import MODEL, Request
from d2vbench.families.encoder.arms import ALL, BALANCED, FOCAL, HEAD, PLAIN, WEIGHTED, Arm
from d2vbench.families.encoder.settings import NATURAL, is_from_scratch

STUDY = "imbalance"
#: The labels of documents: the most frequent class has so many times those of the rarest.
BUDGETS = ("tail-20",)
#: Beside the main classifier, which weighs all documents alike.
CLASSIFIER = "logistic-balanced"
_UNTRAINED: Variant = ("untrained", "linear")
# The body of an encoder from scratch, and of Doc2Vec.
_BODY: Variant = ("oversampled(4)", "linear")
# Pairs of which a corpus says what its articles name.
_TAGGED = ("reuters-comp", "reuters-ohsumed")

_EVERY = (PLAIN, WEIGHTED, BALANCED, FOCAL)
_LOSSES: dict[str, dict[str, tuple[str, ...]]] = {
    "quick": {ALL: (PLAIN, WEIGHTED)},
    "default": {ALL: _EVERY, HEAD: (PLAIN, WEIGHTED)},
    "full": {ALL: _EVERY, HEAD: _EVERY, "top": _EVERY},
}
_OF_TOKENS: dict[str, dict[str, tuple[str, ...]]] = {
    "quick": {ALL: (PLAIN, WEIGHTED)},
    "default": {ALL: (PLAIN, WEIGHTED, FOCAL)},
    "full": {ALL: (PLAIN, WEIGHTED, FOCAL), HEAD: (PLAIN, WEIGHTED, FOCAL)},
}
# What takes ten minutes on two cores: passes over G, pieces of a text, labelled documents of a task
# of tokens.
_EPOCHS, _MAX_TOKENS = 1, 64
_DOCUMENTS = {"quick": ("400",), "default": ("400",), "full": ("400", "2000")}


def imbalance(request: Request) -> Sequence[Cell]:
    """Lay out losses by documents and words; each pair has what is possible on it."""
    cells: list[Cell] = []
    for pair in request.pairs or EMBEDDED:
        fraction = main_fraction(pair)
        cells += [
            BaselineCell(pair, fraction, "tf-idf", seed, _budgets(request))
            for seed in request.seed_range()
        ]
        doc2vec = replace(as_doc2vec(request), classifiers=(CLASSIFIER,))
        models = request.models or (MODEL,)
        cells += cells_of(doc2vec, [pair], (_BODY,), models=models, budgets=_budgets(request))
        for name in bodies_of(request):
            cells += _of_encoder(request, pair, name)
    return list(dict.fromkeys(cells))


def _of_encoder(request: Request, pair: str, name: str) -> list[Cell]:
    from_scratch = is_from_scratch(name)
    asked = as_encoder(
        request,
        encoder=(name,),
        revision=None if from_scratch else request.revision,
        vocabulary=request.vocabulary or ((NATURAL,) if from_scratch else None),
        precision=request.precision or ("bfloat16",),
        max_tokens=request.max_tokens or (_MAX_TOKENS,),
        classifiers=(),
    )
    variants = (_BODY if from_scratch else _UNTRAINED,)
    frozen = replace(asked, classifiers=(CLASSIFIER,))
    cells = cells_of(
        frozen, [pair], variants, epochs=request.epochs or _EPOCHS, budgets=_budgets(request)
    )

    def tuned(kind: str, loss: str, **of: Any) -> None:
        arm = Arm(kind, 1 if kind == "top" else 0, loss)
        cells.extend(
            cells_of(asked, [pair], variants, epochs=request.epochs or _EPOCHS,
                     fine_tuned=str(arm), **of)
        )  # fmt: skip

    for kind, losses in _LOSSES[request.profile].items():
        for loss in losses:
            tuned(kind, loss, budgets=_budgets(request))
    for task in ("planted", *(("tagged",) if pair in _TAGGED else ())):
        for kind, losses in _OF_TOKENS[request.profile].items():
            for loss in losses:
                for documents in _DOCUMENTS[request.profile]:
                    tuned(kind, loss, budgets=(documents,), tokens=task)
    return list(cells)


def _budgets(request: Request) -> tuple[str, ...]:
    """Return the label budgets of documents: a long tail, then those asked for."""
    asked = [str(int(number)) for number in request.labels_per_class or ()]
    return tuple(dict.fromkeys((*BUDGETS, *asked)))
