"""The grid of the study `fine-tuning`: bodies, each with the arms that go on from it.

A body is an encoder as it is, or further trained by a plan without labels; bodies of one encoder
read the same word pieces, and plans that begin alike are trained once for all arms. Beside the arms
stands logistic regression on the vectors of the same body.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from d2vbench.bench.spec.cell import BaselineCell, Cell
from d2vbench.bench.spec.encoder_studies.encoders import (
    as_encoder,
    bodies_of,
)
from d2vbench.bench.spec.laying import EMBEDDED, Variant, cells_of, main_fraction
from d2vbench.bench.spec.request import Request
from d2vbench.errors import UsageError
from d2vbench.families.encoder.arms import SCRATCH, TOP, parse_arm
from d2vbench.families.encoder.family import layers_of
from d2vbench.families.encoder.settings import NATURAL, is_from_scratch

STUDY = "fine-tuning"
_UNTRAINED: Variant = ("untrained", "linear")
_QUICK: tuple[Variant, ...] = (_UNTRAINED, ("domain-only(4)", "linear"))
_BODIES: tuple[Variant, ...] = (
    *_QUICK,
    ("oversampled(4)", "linear"),
    ("sequential(4)", "restart"),
)
_MORE: tuple[Variant, ...] = (*_BODIES, ("combined", "linear"), ("generic-only", "linear"))
# Bodies that all arms go on from where none is asked for; the others are fine-tuned whole.
_MAIN = ("untrained", "oversampled(4)")
_FROZEN, _WHOLE = "", "all"
_ARMS = {
    "quick": ("all", "head"),
    "default": ("all", "head", "top(1)"),
    "full": ("all", "head", "top(1)", "all, weighted", "all, balanced", "all, focal"),
}
# Passes over G, and pieces of a text. With the profile quick, what takes ten minutes on two cores,
# as estimated for newsgroups-comp.
_EPOCHS, _MAX_TOKENS = 1, 64


def fine_tuning(request: Request) -> Sequence[Cell]:
    """Lay out bodies x arms, and TF-IDF beside; ``scratch`` is an arm of checkpoints alone."""
    pairs = request.pairs or EMBEDDED
    bodies = {"quick": _QUICK, "full": _MORE}.get(request.profile, _BODIES)
    cells: list[Cell] = [
        BaselineCell(pair, main_fraction(pair), "tf-idf", seed, request.label_budgets())
        for pair in pairs
        for seed in request.seed_range()
    ]
    for name in bodies_of(request):
        from_scratch = is_from_scratch(name)
        asked = as_encoder(
            request,
            encoder=(name,),
            revision=None if from_scratch else request.revision,
            vocabulary=request.vocabulary or ((NATURAL,) if from_scratch else None),
            precision=request.precision or ("bfloat16",),
            max_tokens=request.max_tokens or (_MAX_TOKENS,),
        )
        arms = list(request.arms or _ARMS[request.profile])
        if not from_scratch and request.arms is None:
            arms.append(SCRATCH)
        for arm in (_FROZEN, *arms):
            if arm:
                _check_layers(arm, asked)
                asked = replace(asked, classifiers=())
            # Random weights are the same whatever the body was trained on, and those of an encoder
            # from scratch are random as they are.
            again = arm and parse_arm(arm).kind == SCRATCH
            if again and from_scratch:
                continue
            some = (_UNTRAINED,) if again else bodies
            if request.arms is None and request.profile != "full" and arm not in (_FROZEN, _WHOLE):
                some = tuple(body for body in some if body[0] in _MAIN)
            cells += cells_of(
                asked, pairs, some, epochs=request.epochs or _EPOCHS,
                fine_tuned=str(parse_arm(arm)) if arm else "",
            )  # fmt: skip
    return list(dict.fromkeys(cells))


def _check_layers(arm: str, asked: Request) -> None:
    read = parse_arm(arm)
    if read.kind != TOP:
        return
    for settings in asked.model_settings(""):
        if read.layers > (most := layers_of(settings)):
            raise UsageError(f"fine-tuning {read}: encoder {settings.encoder} has {most} layers")
