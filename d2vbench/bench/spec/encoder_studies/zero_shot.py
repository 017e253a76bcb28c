"""The grid of the study `zero-shot`: titles of classes alone, against labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from d2vbench.bench.spec.cell import BaselineCell, Cell
from d2vbench.bench.spec.encoder_studies.encoders import (
    as_doc2vec,
    checkpoints,
    lacking,
    no_checkpoint,
)
from d2vbench.bench.spec.laying import EMBEDDED, Variant, cells_of
from d2vbench.bench.spec.request import MODEL, Request
from d2vbench.bench.spec.warm import averages
from d2vbench.evaluation.pretrained import OF_ANY_ENCODER
from d2vbench.families.encoder.checkpoints import find_checkpoint
from d2vbench.families.encoder.nli import entailment_column
from d2vbench.families.encoder.settings import EncoderSettings

STUDY = "zero-shot"
# The classes of the other embedded pair are called by words that mean nothing.
_PAIRS = EMBEDDED[:1]
# They cost a classifier each, and no training.
_LABELS = ("100", "50", "20", "10", "5")
_VARIANTS: tuple[Variant, ...] = (
    ("domain-only(4)", "linear"),
    ("combined", "linear"),
    ("oversampled(4)", "linear"),
)
_MAX_TOKENS = 128


def lacking_for(request: Request) -> str:
    """Return in one sentence what the study lacks; empty if nothing."""
    return lacking() if request.nli is not None else no_checkpoint(request)


def zero_shot(request: Request) -> Sequence[Cell]:
    """Lay out zero-shot classification, and logistic regression by label budget on all of D.

    Logistic regression on the vectors of a checkpoint as it is, on those of Doc2Vec, on averages of
    given word vectors where there are some, and on TF-IDF.
    """
    asked = replace(request, labels_per_class=request.labels_per_class or _LABELS)
    budgets = asked.label_budgets()
    precision = (asked.precision or ("bfloat16",))[0]
    longest = (asked.max_tokens or (_MAX_TOKENS,))[0]

    def read(name: str, revision: str = "") -> EncoderSettings:
        return EncoderSettings(name, revision, precision=precision, max_tokens=longest)

    readers = [
        (baseline, read(name, asked.revision or ""))
        for name in checkpoints(asked)
        for baseline in OF_ANY_ENCODER
    ]
    if asked.nli is not None:
        entailment_column(find_checkpoint(asked.nli))
        readers.append(("zero-shot-nli", read(asked.nli)))
    doc2vec = as_doc2vec(asked)
    cells: list[Cell] = []
    for pair in asked.pairs or _PAIRS:
        cells += [
            BaselineCell(pair, 1.0, baseline, seed, budgets, settings)
            for baseline, settings in readers
            for seed in asked.seed_range()
        ]
        cells += averages(asked, pair, 1.0, asked.given_vectors)
        cells += [BaselineCell(pair, 1.0, "tf-idf", seed, budgets) for seed in asked.seed_range()]
        models = asked.models or (MODEL,)
        cells += cells_of(doc2vec, [pair], _VARIANTS, fractions=(1.0,), models=models)
    return list(dict.fromkeys(cells))
