"""The grids of the studies: which cells answer which question, by profile.

Every study uses the label budgets and fixed settings of `strategies`, so that a cell that several
studies ask for is one cell, computed once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from d2vbench.bench.spec.cell import (
    ALL_LABELS,
    INFERRED,
    TRAINED,
    WHOLE,
    BaselineCell,
    Cell,
    TrainedCell,
)
from d2vbench.bench.spec.frontier import candidate_cells
from d2vbench.bench.spec.laying import (
    EMBEDDED,
    Variant,
    cells_of,
    grid_of,
    main_fraction,
)
from d2vbench.bench.spec.request import DOC2VEC, MODEL, Request
from d2vbench.bench.spec.tuning import STRATEGIES_TUNED, Axes, grow
from d2vbench.bench.spec.warm import of_saved_model, of_word_vectors
from d2vbench.evaluation import BASELINES
from d2vbench.families.counts import GENERIC, NATURAL, OWN, PRESENTED
from d2vbench.families.doc2vec import EXPANDED
from d2vbench.families.doc2vec.reference.engine import NAME as GENSIM
from d2vbench.strategies import EPOCHS

_MAIN_PAIR = EMBEDDED[:1]
_MODELS = ("dbow", "dm-mean")
_MODELS_OF_ALL = {"quick": _MODELS, "default": _MODELS, "full": ("dbow", "dbow-words", "dm-mean")}

_FIRST: tuple[Variant, ...] = (
    ("domain-only(4)", "linear"),
    ("combined", "linear"),
    ("oversampled(4)", "linear"),
    ("sequential(4)", "restart"),
)
_MAIN: tuple[Variant, ...] = (
    *_FIRST[:-1],
    ("generic-only", "linear"),
    ("sequential(4)", "linear"),
    _FIRST[-1],
)
_WHOLE: tuple[Variant, ...] = (
    ("domain-only(1)", "linear"),
    ("domain-only(4)", "linear"),
    ("domain-only(budget)", "linear"),
    ("generic-only", "linear"),
    ("combined", "linear"),
    ("oversampled(4)", "linear"),
    ("sequential(1)", "restart"),
    ("sequential(4)", "linear"),
    ("sequential(4)", "restart"),
    ("sequential(4)", "follow-up(0.005)"),
    ("sequential(4)", "follow-up(0.05)"),
    ("sequential(4)", "rewarmed"),
    ("sequential(8)", "restart"),
    ("reverse(4)", "restart"),
    ("replay(4, 0.1)", "restart"),
    ("mixed-finish(4)", "restart"),
    ("adapted(4)", "restart"),
    ("loop(4)", "restart"),
    ("loop(4)", "lowered(0.004)"),
)
_MORE: tuple[Variant, ...] = (
    *_WHOLE,
    ("domain-only(2)", "linear"),
    ("domain-only(8)", "linear"),
    ("oversampled(2)", "linear"),
    ("oversampled(8)", "linear"),
    ("oversampled(balanced)", "linear"),
    ("sequential(1)", "linear"),
    ("sequential(1)", "follow-up(0.005)"),
    ("sequential(2)", "restart"),
    ("sequential(2)", "follow-up(0.005)"),
    ("sequential(8)", "follow-up(0.005)"),
    ("sequential(8)", "linear"),
    ("annealed(4)", "linear"),
    ("concatenated(4)", "linear"),
    ("shuffled-once(4)", "linear"),
    ("selected(0.5)", "linear"),
    ("ensemble(4)", "linear"),
    ("anchored(4, 100)", "restart"),
    ("anchored(4, 10)", "restart"),
    ("loop(4)", "lowered(0.002)"),
)


# Everything in PV-DBOW, whose training is the cheapest; elsewhere what the main claims rest on.
_CLAIMED: tuple[Variant, ...] = (
    *_MAIN,
    ("sequential(1)", "restart"),
    ("sequential(4)", "follow-up(0.005)"),
)
_FULL = {
    "dbow": _MORE,
    "dm-mean": (
        *_CLAIMED,
        ("adapted(4)", "restart"),
        ("frozen(4)", "restart"),
        ("pretrained-words(4)", "restart"),
        ("pretrained-words-frozen(4)", "restart"),
    ),
}


def strategies(request: Request) -> Sequence[Cell]:
    """Lay out strategy x schedule x model on each pair, baselines beside."""
    if request.generic_model:
        return of_saved_model(request)
    if request.word_vectors:
        return of_word_vectors(request)
    cells: list[Cell] = []
    for pair in request.pairs or EMBEDDED:
        main = main_fraction(pair)
        for fraction in dict.fromkeys((main, 1.0)):
            models = request.models or _MODELS_OF_ALL[request.profile]
            if request.family != DOC2VEC:
                models = models[:1]
            grids = {m: _panel(request, m, fraction == main) for m in models}
            if not any(grids.values()):
                continue
            cells += _baselines(request, pair, fraction)
            for model, grid in grids.items():
                cells += cells_of(request, [pair], grid, fractions=[fraction], models=[model])
    return cells


def _baselines(request: Request, pair: str, fraction: float) -> list[BaselineCell]:
    # At a first look, the one that takes no training.
    names = list(BASELINES.built_in)[: 1 if request.profile == "quick" else None]
    return [
        BaselineCell(pair, fraction, name, seed, request.label_budgets())
        for name in names
        for seed in request.seed_range()
    ]


def _panel(request: Request, model: str, main_fraction: bool) -> tuple[Variant, ...]:
    """Return the variants of one panel: most for PV-DBOW on the main share of the domain."""
    grid: tuple[Variant, ...]
    if request.profile == "full":
        grid = _FULL.get(model, _CLAIMED)
    elif request.profile == "quick":
        grid = _FIRST if model == "dbow" and main_fraction else ()
    elif model == "dbow":
        grid = _WHOLE if main_fraction else _MAIN
    else:
        grid = _MAIN if main_fraction else ()
    if not grid and main_fraction and request.models:
        grid = _FIRST  # asked for by name: there is a grid for it in every profile
    if grid and not (request.strategies is None and request.schedules is None):
        chosen = request.strategies or tuple(strategy for strategy, _ in grid)
        grid = grid_of(chosen, request.schedules)
    return grid


_STARTS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05)


def schedules(request: Request) -> Sequence[Cell]:
    """Lay out start alpha x length of the follow-up, and the other shapes of the schedule."""
    full = request.profile == "full"
    starts = _STARTS if full else (0.001, 0.005, 0.025, 0.05)
    ks = (1, 2, 4, 8) if full else (1, 2, 4)
    variants = [(f"sequential({k})", f"follow-up({a})") for k in ks for a in starts]
    shapes = ("linear", "restart", "rewarmed", "cosine", "constant")
    variants += [("sequential(4)", s) for s in shapes]
    return cells_of(request, request.pairs or _MAIN_PAIR, [("combined", "linear"), *variants])


_SHARES = (0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0)
# Of a small share of D, passes are cheap, and it takes more of them.
_PASSES, _MORE_PASSES, _SMALL = ("1", "4", "budget"), ("1", "4", "16", "64", "budget"), 0.1


def domain_size(request: Request) -> Sequence[Cell]:
    """Lay out the share of D that trains: where the generic corpus stops helping.

    The labels are those of the share, and beside them those of all of D: unlabelled text and labels
    vary apart. The domain alone has passes to choose from.
    """
    full = request.profile == "full"
    with_generic = [("combined", "linear"), ("oversampled(4)", "linear")]
    with_generic += [("sequential(4)", "restart")]
    if full:
        with_generic.append(("oversampled(balanced)", "linear"))
    cells: list[Cell] = []
    for share in _SHARES if full else (0.05, 0.1, 0.25, 0.5, 1.0):
        passes = _MORE_PASSES if share <= _SMALL else _PASSES
        variants = [(f"domain-only({k})", "linear") for k in passes] + with_generic
        # Of all of D the two kinds of label budgets are one, and so are the cells of other studies.
        budgets = request.label_budgets()
        if share < 1:
            budgets += tuple(WHOLE if b == ALL_LABELS else f"{WHOLE}-{b}" for b in budgets)
        pairs = request.pairs or _MAIN_PAIR
        cells += cells_of(request, pairs, variants, fractions=(share,), budgets=budgets)
    return cells


def labels(request: Request) -> Sequence[Cell]:
    """Lay out the number of labelled documents that the classifier learns from."""
    cells: list[Cell] = []
    # The usual budgets in the cells that other studies ask for as well; the rest beside them.
    for budgets in (request.label_budgets(), ("5", "20", "50")):
        pairs = request.pairs or _MAIN_PAIR
        cells += cells_of(request, pairs, _FIRST, fractions=(1.0,), budgets=budgets)
    return cells


def order(request: Request) -> Sequence[Cell]:
    """Lay out one multiset of documents in different orders."""
    variants = [
        ("combined", "linear"),
        ("shuffled-once(1)", "linear"),
        ("concatenated(1)", "linear"),
        ("annealed(1)", "linear"),
        ("sequential(1)", "linear"),
        ("reverse(1)", "linear"),
    ]
    if request.profile == "full":
        variants += [
            (f"{name}(4)", schedule)
            for name, schedule in (
                ("oversampled", "linear"),
                ("shuffled-once", "linear"),
                ("concatenated", "linear"),
                ("annealed", "linear"),
                ("sequential", "linear"),
                ("reverse", "linear"),
            )
        ]
    return cells_of(request, request.pairs or _MAIN_PAIR, variants)


def vocabulary(request: Request) -> Sequence[Cell]:
    """Lay out vocabulary policies; gensim's own expansion with gensim's engine."""
    if request.family != DOC2VEC:
        return []
    pairs = request.pairs or (EMBEDDED if request.profile == "full" else EMBEDDED[1:])
    follow_up = ("sequential(4)", "restart")
    cells: list[TrainedCell] = []
    variants = [("combined", "linear"), follow_up, ("domain-only(4)", "linear")]
    # `own` is no policy of its own here: what each of them presents, it presents equally often.
    for policy in request.vocabulary or (PRESENTED, NATURAL, GENERIC, *EXPANDED):
        # gensim's own expansion is between the phases of a follow-up, by gensim's engine.
        engine = GENSIM if policy in EXPANDED else request.engine
        asked = replace(request, vocabulary=(policy,), engine=engine)
        cells += cells_of(asked, pairs, [follow_up] if policy in EXPANDED else variants)
    return _combined_once(cells)


def _combined_once(cells: Sequence[TrainedCell]) -> list[TrainedCell]:
    """Return cells without `combined` under policies that count as `presented` does.

    It presents every document equally often: all but `generic` and those of D come to the same.
    """
    presented = {cell for cell in cells if cell.settings.vocabulary == PRESENTED}

    def again(cell: TrainedCell) -> bool:
        policy = cell.settings.vocabulary
        alike = policy == NATURAL or policy.endswith(f"({PRESENTED})")
        same = replace(cell, settings=replace(cell.settings, vocabulary=PRESENTED))
        return cell.strategy.name == "combined" and alike and same in presented

    return [cell for cell in cells if not again(cell)]


# From natural counts to those presented: all at once, and each of the three parts alone.
_POLICIES = (
    NATURAL,
    f"noise({PRESENTED})",
    f"subsampling({PRESENTED})",
    f"words({PRESENTED})",
    PRESENTED,
)


def counts(request: Request) -> Sequence[Cell]:
    """Lay out whose counts make the vocabulary: noise, subsampling and list of words apart."""
    if not request.has_vocabulary():
        return []
    full = request.profile == "full"
    variants = [*_FIRST, ("generic-only", "linear")] if full else list(_FIRST)
    policies = request.vocabulary or (*_POLICIES, *(("noise(D)",) if full else ()))
    cells: list[TrainedCell] = []
    for pair in request.pairs or _MAIN_PAIR:
        for fraction in dict.fromkeys((main_fraction(pair), *((1.0, 0.05) if full else ()))):
            asked = replace(request, vocabulary=policies)
            cells += cells_of(asked, [pair], variants, fractions=(fraction,))
    return _combined_once(cells)


SHIFT_PAIRS = ("synthetic-0", "synthetic", "synthetic-50", "synthetic-75", "synthetic-100")


def shift(request: Request) -> Sequence[Cell]:
    """Lay out the dial of the synthetic pair: how far senses differ between G and D."""
    variants = [*_FIRST, ("generic-only", "linear")]
    pairs = [pair for pair in SHIFT_PAIRS if pair in (request.pairs or SHIFT_PAIRS)]
    return cells_of(request, pairs, variants)


def drift(request: Request) -> Sequence[Cell]:
    """Lay out what a follow-up moves, by its length and its alpha, from the same generic model."""
    variants = [("generic-only", "linear"), ("oversampled(4)", "linear")]
    variants += [("sequential(1)", "restart"), ("sequential(4)", "restart")]
    variants += [("sequential(4)", "follow-up(0.005)"), ("replay(4, 0.1)", "restart")]
    if request.profile == "full":
        variants += [("sequential(8)", "restart"), ("sequential(4)", "follow-up(0.05)")]
        variants += [("adapted(4)", "restart"), ("anchored(4, 10)", "restart")]
    models = request.models or (_MODELS if request.profile == "full" else _MODELS[:1])
    asked = replace(request, diagnostics=True)
    return cells_of(asked, request.pairs or EMBEDDED, variants, models=models)


def inference(request: Request) -> Sequence[Cell]:
    """Lay out the main strategies, with inference pinned and chosen by cross-validation."""
    trains = request.encoding_trains(request.model_settings(MODEL)[0])
    if not trains or len(request.inference_candidates()) < 2:
        return []
    variants = [variant for variant in _MAIN if variant[0] != "generic-only"]
    models = request.models or (_MODELS if request.profile == "full" else _MODELS[:1])
    return cells_of(
        replace(request, choose_inference=True),
        request.pairs or _MAIN_PAIR,
        variants,
        models=models,
    )


def transfer(request: Request) -> Sequence[Cell]:
    """Lay out the same schedules on every pair: whether the best of one wins on the others."""
    starts = _STARTS if request.profile == "full" else (0.001, 0.005, 0.025, 0.05)
    variants = [("sequential(4)", f"follow-up({a})") for a in starts]
    variants += [("sequential(4)", "linear")]
    return cells_of(request, request.pairs or EMBEDDED, variants)


def tuned(request: Request) -> Sequence[Cell]:
    """Lay out as many candidates for each strategy: start alpha, passes of G and passes of D.

    Axes grow where a best candidate lies at their end; see `d2vbench.bench.spec.tuning`.
    """
    full, base = request.profile == "full", request.epochs or EPOCHS
    models = request.models or (_MODELS_OF_ALL["full"] if full else _MODELS[:1])

    def lay(axes: Axes) -> list[Cell]:
        return [
            cell
            for name in STRATEGIES_TUNED
            for one in axes.candidates(name)
            for cell in candidate_cells(
                request, request.pairs or _MAIN_PAIR, name, one, models=models
            )
        ]

    return grow(Axes.first(base, full=full), base, lay, request.scores)


IMDB_PUBLISHED = "imdb-published"
# Settings of gensim's example on IMDB (docs/src/auto_examples/howtos/run_doc2vec_imdb.rst, 4.4.0):
# by model, what differs from its vector_size 100, negative 5, sample 0, min_count 2, 20 epochs.
_PUBLISHED: dict[str, tuple[dict[str, Any], float]] = {
    "dbow": ({}, 0.025),
    "dm-mean": ({"window": 10}, 0.05),
    "dm-concat": ({"window": 5}, 0.025),
}
# Corpora of which others have published numbers with the split that the corpus comes with.
_BY_OTHERS = ("20newsgroups-published", "ohsumed-20newsgroups", "20newsgroups-ohsumed")


def replication(request: Request) -> Sequence[Cell]:
    """Lay out what others have published: vectors of training, and inferred ones beside.

    The peer, gensim's own engine, takes hours and takes part in the profile ``full`` alone.
    """
    if request.family != DOC2VEC:
        return []
    peers = (GENSIM,) if request.profile == "full" else ()

    def asked(pair: str, model: str) -> bool:
        return pair in (request.pairs or (pair,)) and model in (request.models or (model,))

    cells: list[Cell] = []
    for vectors in (TRAINED, INFERRED):
        for model, (of_models, alpha) in _PUBLISHED.items():
            if not asked(IMDB_PUBLISHED, model):
                continue
            # 25,000 test documents tell more than seeds do.
            for engine in dict.fromkeys((request.engine, *peers)):
                cells += cells_of(
                    replace(request, seeds=request.seeds or 1),
                    [IMDB_PUBLISHED],
                    [("shuffled-once(1)", "linear")],
                    models=[model],
                    of_models={"sample": 0.0, "min_count": 2, **of_models, "engine": engine},
                    epochs=request.epochs or 20,
                    alpha=alpha,
                    budgets=(ALL_LABELS,),
                    vectors=vectors,
                )
        for pair in _BY_OTHERS:
            for model in _MODELS:
                if asked(pair, model):
                    cells += cells_of(
                        request, [pair], [("domain-only(2)", "linear")], models=[model],
                        of_models={"vocabulary": OWN}, budgets=(ALL_LABELS,), vectors=vectors,
                    )  # fmt: skip
    return cells
