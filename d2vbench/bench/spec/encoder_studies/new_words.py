"""The grid of the study `new-words`: a checkpoint's word pieces, and D's frequent words with them.

A word that the pieces split is given a row of its own, the mean of its pieces' rows. Whether that
helps is asked of the checkpoint as it is, and of one that has learned from the texts since.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from d2vbench.bench.spec.cell import BaselineCell, Cell
from d2vbench.bench.spec.encoder_studies.encoders import as_encoder, checkpoints
from d2vbench.bench.spec.laying import EMBEDDED, Variant, cells_of, main_fraction
from d2vbench.bench.spec.request import Request
from d2vbench.families.encoder.settings import CHECKPOINT, EncoderSettings

STUDY = "new-words"
_PAIRS = EMBEDDED[:1]
# One pass over D is enough to see whether further pre-training makes the words pay: four of a
# checkpoint of 6 x 384, with two vocabularies, took both cores over ten minutes on newsgroups-comp.
_QUICK: tuple[Variant, ...] = (("domain-only(1)", "linear"),)
_VARIANTS: tuple[Variant, ...] = (*_QUICK, ("combined", "linear"))
_MORE: tuple[Variant, ...] = (
    *_VARIANTS,
    ("domain-only(4)", "linear"),
    ("oversampled(4)", "linear"),
    ("sequential(4)", "restart"),
)
_ADDED = (f"{CHECKPOINT}+500",)
_MORE_ADDED = tuple(f"{CHECKPOINT}+{n}" for n in (100, 500, 2000))
_EPOCHS, _MAX_TOKENS = 1, 64


def new_words(request: Request) -> Sequence[Cell]:
    """Lay out each vocabulary with the checkpoint as it is, and with further pre-training."""
    full = request.profile == "full"
    policies = request.vocabulary or (_MORE_ADDED if full else _ADDED)
    policies = tuple(dict.fromkeys((CHECKPOINT, *policies)))
    precision = request.precision or ("bfloat16",)
    longest = request.max_tokens or (_MAX_TOKENS,)
    names = tuple(checkpoints(request))
    asked = as_encoder(
        request, encoder=names, vocabulary=policies, precision=precision, max_tokens=longest
    )
    cells: list[Cell] = []
    for pair in request.pairs or _PAIRS:
        cells += [
            BaselineCell(
                pair, main_fraction(pair), "frozen-encoder", seed, request.label_budgets(),
                replace(settings, vocabulary=policy),
            )
            for settings in (
                EncoderSettings(
                    name, request.revision or "", precision=precision[0], max_tokens=longest[0]
                )
                for name in names
            )
            for policy in policies
            for seed in request.seed_range()
        ]  # fmt: skip
        variants = {"quick": _QUICK, "full": _MORE}.get(request.profile, _VARIANTS)
        cells += cells_of(asked, [pair], variants, epochs=request.epochs or _EPOCHS)
    return list(dict.fromkeys(cells))
