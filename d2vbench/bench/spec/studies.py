"""Studies: named grids of cells. One definition each."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from d2vbench.bench.spec import frontier, generic_size, grids, warm
from d2vbench.bench.spec.cell import BaselineCell, Cell, TrainedCell
from d2vbench.bench.spec.encoder_studies import (
    encoders,
    fine_tuning,
    imbalance,
    new_words,
    zero_shot,
)
from d2vbench.bench.spec.request import PROFILES, Request
from d2vbench.errors import UsageError, UserError, option, unknown_name
from d2vbench.plugins import Catalogue
from d2vbench.strategies import parse_schedule, parse_strategy

__all__ = ["ALL", "PROFILES", "STUDIES", "Request", "Study", "StudyCells", "study_cells"]

ALL = "all"
# Studies that a saved model can stand in for the generic corpus of.
_OF_A_MODEL = ("strategies", "warm")


@dataclass(frozen=True)
class Study:
    """A named grid of cells that answers one question.

    Attributes
    ----------
    name, question : str
        For lists and headings.
    cells : callable
        From a `Request` to the cells, baselines included.
    quick : bool
        Whether ``all`` includes it in the profile ``quick``.
    most_pairs : int or None
        How many of the pairs that were named it takes as part of ``all``: the first ones. None
        for a study whose question is about pairs. Asked for by name, a study takes them all.
    alone : bool
        Whether it is run by its name only: ``all`` must do without a download.
    lacking : callable
        Returns in one sentence what it needs and is not installed, empty if nothing: ``all`` then
        does without it.
    lacking_for : callable
        The same, of what a request leaves open.
    ignores : tuple of str
        Attributes of a `Request` that change none of its cells: refused where it is asked for by
        its name.
    single : tuple of str
        Those of which it reads the first value alone: several are refused, likewise.
    """

    name: str
    question: str
    cells: Callable[[Request], Sequence[Cell]]
    quick: bool = False
    most_pairs: int | None = 3
    alone: bool = False
    lacking: Callable[[], str] = str
    lacking_for: Callable[[Request], str] = lambda request: ""
    ignores: tuple[str, ...] = ()
    single: tuple[str, ...] = ()


def _check(name: str, value: Any) -> str:
    if not isinstance(value, Study):
        return f"must be a Study, got {value!r:.80}"
    known = {one.name for one in fields(Request)}
    for which, names in (("ignores", value.ignores), ("single", value.single)):
        if not isinstance(names, tuple) or not known.issuperset(names):
            return f"{which} must be a tuple of attributes of a Request, got {names!r:.80}"
    return "" if value.name == name else f"is a Study of another name, {value.name!r}"


STUDIES: Catalogue[Study] = Catalogue(
    "study",
    "d2vbench.studies",
    {
        study.name: study
        for study in (
            Study(
                "strategies",
                "Which strategy gives the best vectors for the domain, at fixed settings?",
                grids.strategies,
                quick=True,
                most_pairs=None,
            ),
            Study(
                "schedules",
                "What do the start alpha, the length and the shape of a follow-up decide?",
                grids.schedules,
            ),
            Study(
                "domain-size",
                "How much of the domain corpus does it take until generic text stops helping?",
                grids.domain_size,
            ),
            Study(
                "labels",
                "How many labels does it take, and does their number change who is ahead?",
                grids.labels,
            ),
            Study(
                "order",
                "The same documents equally often: what does their order alone change?",
                grids.order,
            ),
            Study(
                "vocabulary",
                "Which vocabulary, and what becomes of gensim's build_vocab(update=True)?",
                grids.vocabulary,
            ),
            Study(
                "counts",
                "Whose word counts: what do noise, subsampling and the list of words each decide?",
                grids.counts,
            ),
            Study(
                "shift",
                "How far may senses differ before generic text harms (synthetic, by its dial)?",
                grids.shift,
                most_pairs=None,
            ),
            Study(
                "drift",
                "What does a follow-up do to the model it starts from?",
                grids.drift,
                most_pairs=None,
            ),
            Study(
                "inference",
                "Does inference decide which strategy is ahead: pinned, and chosen for each?",
                grids.inference,
            ),
            Study(
                "transfer",
                "Does the schedule that wins on one pair win on another?",
                grids.transfer,
                most_pairs=None,
            ),
            Study(
                "tuned",
                "Each strategy at its own best, from as many candidates: what is left?",
                grids.tuned,
                ignores=("alpha",),
            ),
            Study(
                "frontier",
                "What does each strategy reach for so many words trained, at its best for them?",
                frontier.frontier,
                ignores=("alpha",),
            ),
            Study(
                "generic-size",
                "How much generic text does it take, and does more of it help or harm?",
                generic_size.generic_size,
            ),
            Study(
                encoders.STUDY,
                "Does the answer hold for transformer encoders, and where does Doc2Vec still pay?",
                encoders.encoders,
                lacking=encoders.lacking,
                ignores=("diagnostics",),
            ),
            Study(
                zero_shot.STUDY,
                "Are labels needed at all: from how many on are they better than titles alone?",
                zero_shot.zero_shot,
                lacking_for=zero_shot.lacking_for,
                # Nothing of an encoder is trained.
                ignores=(
                    "diagnostics",
                    "vocabulary",
                    "objective",
                    "optimiser",
                    "batch",
                    "peak_rate",
                ),
                single=("precision", "max_tokens"),
            ),
            Study(
                new_words.STUDY,
                "Do new words help a checkpoint, as they are and once it has learned from D?",
                new_words.new_words,
                lacking_for=encoders.no_checkpoint,
                ignores=("diagnostics",),
            ),
            Study(
                fine_tuning.STUDY,
                "With labels: all weights of an encoder, its top, or a head, and from which body?",
                fine_tuning.fine_tuning,
                lacking=encoders.lacking,
                ignores=("diagnostics",),
            ),
            Study(
                imbalance.STUDY,
                "Classes of few labels, of documents and of words: what does a weighted loss do?",
                imbalance.imbalance,
                lacking=encoders.lacking,
                ignores=("diagnostics", "classifiers"),
            ),
            Study(
                "warm",
                "A saved generic model in place of its corpus: what can still be done with it?",
                warm.warm,
                most_pairs=None,
                alone=True,
            ),
            Study(
                "replication",
                "Do engine and evaluation give what others have published?",
                grids.replication,
                alone=True,
                ignores=("labels_per_class",),
            ),
        )
    },
    _check,
    reserved=(ALL,),
)


@dataclass(frozen=True)
class StudyCells:
    """The cells of a study, or of several: enumerated here and nowhere else.

    Attributes
    ----------
    study : str
        What was asked for: a study's name, or ``"all"``.
    by_study : dict of str to list of Cell
        A cell may belong to several studies.
    cells : list of Cell
        Each once, in the order of the studies.
    left_out : dict of str to str
        Studies that ``"all"`` does without, and what they need.
    """

    study: str
    by_study: dict[str, list[Cell]]
    cells: list[Cell]
    left_out: dict[str, str] = field(default_factory=dict)


def study_cells(name: str, request: Request) -> StudyCells:
    """Return the cells of a study, or those of all of d2vbench's own studies.

    Parameters
    ----------
    name : str
        A key of `STUDIES`, or ``"all"``; with the profile ``quick``, ``"all"`` leaves out the
        studies that are no first look, and so it does where strategies or schedules are chosen.
        Of many pairs, studies whose question is not about pairs take the first few
        (`Study.most_pairs`).
    request : Request
        What is asked of it.

    Returns
    -------
    StudyCells
        Without the studies that have no cell.

    Raises
    ------
    UsageError
        For an unknown study, a learning rate that a schedule cannot have, or if no cell is left.
    UserError
        If a study that was asked for by its name needs what is not installed.
    """
    if name != ALL and name not in STUDIES:
        raise unknown_name("study", name, [ALL, *STUDIES])
    if request.from_saved and name not in _OF_A_MODEL:
        raise UsageError(
            f"study {name} needs the generic corpus: with {option(request.from_saved)} there is "
            f"strategies{', and warm' * bool(request.generic_model)}"
        )
    if request.arms is not None and name != fine_tuning.STUDY:
        raise UsageError(f"{option('arms')} is for study {fine_tuning.STUDY}, got study {name}")
    # A study of a third party is asked for by its name: `all` is the same wherever it is run.
    whole = [study for study in STUDIES.built_in.values() if not study.alone]
    chosen = whole if name == ALL else [STUDIES[name]]
    narrowed = request.strategies is not None or request.schedules is not None
    if name == ALL and (request.profile == "quick" or narrowed):
        chosen = [study for study in chosen if study.quick]
    part = name == ALL
    if not part:
        _check_used(STUDIES[name], request)
    lacks = {study.name: study.lacking() or study.lacking_for(request) for study in chosen}
    left_out = {study: lack for study, lack in lacks.items() if lack}
    if not part and left_out:
        raise UserError(f"study {name} cannot be run here: {left_out[name]}")
    chosen = [study for study in chosen if study.name not in left_out]
    # A cell with a choice of inference, or with diagnostics, says all that the one without says: by
    # the cell without either, the one that says all that any study asks of it.
    fullest: dict[Cell, Cell] = {}

    def known(cell: Any) -> Mapping[str, float] | None:
        found, full = request.scores(cell), fullest.get(_plain(cell))
        return request.scores(full) if found is None and full is not None else found

    laid: dict[str, list[Cell]] = {}
    for study in chosen:
        asked = replace(request, scores=known)
        laid[study.name] = _narrow(study, _some(study, asked, part))
        for cell in laid[study.name]:
            fullest[_plain(cell)] = _joined(fullest.get(_plain(cell), cell), cell)
    by_study = {
        study: list(dict.fromkeys(fullest[_plain(cell)] for cell in cells))
        for study, cells in laid.items()
        if cells
    }
    if not by_study:
        raise UsageError(f"study {name} has no cell for what was asked")
    every = list(dict.fromkeys(itertools.chain.from_iterable(by_study.values())))
    for cell in every:
        if isinstance(cell, TrainedCell):
            cell.schedule.check(cell.alpha, cell.min_alpha)
    return StudyCells(name, by_study, every, left_out)


def _check_used(study: Study, request: Request) -> None:
    """Refuse what would change nothing in a study; as a part of all, others may use it."""
    usual = Request()
    for name in study.ignores:
        if getattr(request, name) != getattr(usual, name):
            raise UsageError(f"{option(name)} changes nothing in study {study.name}: leave it out")
    for name in study.single:
        values = getattr(request, name) or ()
        if len(values) > 1:
            raise UsageError(
                f"study {study.name} takes one value of {option(name)}, got {len(values)}"
            )


def _plain(cell: Cell) -> Cell:
    """Return the same training and evaluation, without a choice and without diagnostics."""
    if isinstance(cell, BaselineCell):
        return cell
    return replace(cell, inference_grid=(), diagnosed=False)


def _joined(one: Cell, other: Cell) -> Cell:
    """Return the cell that says what either of two says, which are alike but for that."""
    if isinstance(one, BaselineCell) or isinstance(other, BaselineCell):
        return one
    grid = other.inference_grid or one.inference_grid
    return replace(one, inference_grid=grid, diagnosed=one.diagnosed or other.diagnosed)


def _some(study: Study, request: Request, part: bool) -> Request:
    """Return what is asked of one study as a part of all: of many pairs the first."""
    if not part or request.pairs is None or study.most_pairs is None:
        return request
    return replace(request, pairs=request.pairs[: study.most_pairs])


def _narrow(study: Study, request: Request) -> list[Cell]:
    """Return the cells of a study; `strategies` lays out what is asked, the others are sieved."""
    with STUDIES.blame(study.name):
        cells = list(study.cells(request))
    if not all(isinstance(cell, TrainedCell | BaselineCell) for cell in cells):
        raise STUDIES.error(study.name, "must return a list of cells")
    if study.name in _OF_A_MODEL:
        return cells
    chosen = [parse_strategy(text) for text in request.strategies or ()]
    rates = [parse_schedule(text) for text in request.schedules or ()]
    return [
        cell
        for cell in cells
        if (
            isinstance(cell, TrainedCell)
            and (not chosen or cell.strategy in chosen)
            and (not rates or cell.schedule in rates)
        )
        or not (chosen or rates)
    ]
