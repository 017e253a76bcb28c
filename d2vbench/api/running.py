"""Run a study: what the command line and `d2vbench.run` have in common, and the latter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from d2vbench.errors import UsageError, UserError
from d2vbench.files import folder_name, gone_if_empty, is_full, make_writable_folder

if TYPE_CHECKING:
    from d2vbench.api.view import Run
    from d2vbench.bench.execution.backends import Backend
    from d2vbench.bench.execution.grid import RunOptions
    from d2vbench.bench.execution.runner import Listener, RunResult
    from d2vbench.bench.spec.cell import Cell
    from d2vbench.corpora import Cards

RUNS = Path("results") / "runs"


def carry_out(
    study: str,
    grids: Mapping[str, Sequence[Cell]],
    cards: Cards,
    out: Path,
    *,
    listener: Listener,
    backend: Backend,
    run_options: RunOptions | None = None,
) -> RunResult:
    """Compute the cells of a study that have no record yet.

    Parameters
    ----------
    study : str
        What was asked for: a study's name, or ``"all"``.
    grids : mapping of str to sequence of Cell
        From `d2vbench.bench.spec.studies.study_grids`.
    cards : Cards
        With the pairs of the cells.
    out : pathlib.Path
        The run's folder.
    listener : Listener
        Is told how it goes.
    backend : Backend
        Does the work; closed at the end.
    run_options : RunOptions, optional
        How to go about it.

    Returns
    -------
    RunResult
        What was done.

    Raises
    ------
    UserError
        If the disk is full; what was finished is kept.
    """
    from d2vbench.bench.execution.runner import run_cells

    cells = list(dict.fromkeys(cell for grid in grids.values() for cell in grid))
    try:
        return run_cells(
            cells, cards, out, study=study, listener=listener, backend=backend, studies=grids,
            run_options=run_options,
        )  # fmt: skip
    except OSError as error:
        if not is_full(error):
            raise
        raise UserError(
            f"{out} has no room left: {error.strerror}. Finished cells are kept; make room, and "
            "the same command goes on from there"
        ) from None


def run(
    study: str = "strategies",
    *,
    profile: str = "default",
    pairs: str | Sequence[str] | None = None,
    generic: str | Path | None = None,
    domain: str | Path | None = None,
    label: str | None = None,
    text: str | None = None,
    split: str | None = None,
    models: str | Sequence[str] | None = None,
    strategies: str | Sequence[str] | None = None,
    schedules: str | Sequence[str] | None = None,
    seeds: int | None = None,
    epochs: int | None = None,
    alpha: float = 0.025,
    min_alpha: float = 0.0001,
    engine: str | None = None,
    jobs: int | None = None,
    out: str | Path | None = None,
    quiet: bool = False,
) -> Run:
    """Train and evaluate what a study asks for; what is there already is not computed again.

    Parameters
    ----------
    study : str
        A study, or ``"all"``; ``d2vbench list`` names them.
    profile : str
        How much of it: ``"quick"``, ``"default"`` or ``"full"``.
    pairs : str or sequence of str, optional
        Names of pairs of corpora; default: those of the study.
    generic, domain : str or path, optional
        Your own two corpora in place of a pair: a file or a folder each, or the name of a corpus.
    label, text, split : str, optional
        Columns of your own corpora that hold the labels, the texts, and which of train and test.
    models, strategies, schedules : str or sequence of str, optional
        Only these, as in ``"dbow"``, ``"sequential(4)"``, ``"follow-up(0.005)"``.
    seeds : int, optional
        How many.
    epochs : int, optional
        E, passes over the generic corpus.
    alpha, min_alpha : float
        Ends of the learning rate.
    engine : str, optional
        ``"native"``, ``"gensim"`` or ``"auto"``; default: ``D2VBENCH_ENGINE``, else ``"auto"``.
    jobs : int, optional
        Cells at once, each in a process of its own; default: one a processor core, fewer where
        memory is short.
    out : str or path, optional
        The run's folder; default: ``results/runs/STUDY``.
    quiet : bool
        Print nothing. Otherwise lines about the progress go to standard error.

    Returns
    -------
    Run
        With tables, verdicts and figures.

    Raises
    ------
    UserError
        For whatever the caller can mend, and if no cell came to an end. A cell that fails costs
        that cell; see `Run.failures`.
    KeyboardInterrupt
        When interrupted. Finished cells are kept, and the same call goes on from there.

    Notes
    -----
    The processes are started anew, not forked, and do not import the caller's module: a script
    needs no ``if __name__ == "__main__"``.
    """
    from d2vbench.api.progress import Lines, Silent
    from d2vbench.api.view import Run
    from d2vbench.bench.spec.studies import Request, study_grids
    from d2vbench.families.doc2vec import choose_engine

    listener = Silent() if quiet else Lines()
    if jobs is not None and jobs < 1:
        raise UsageError(f"jobs must be 1 or more, got {jobs}")
    folder = RUNS / folder_name(study, "study") if out is None else Path(out)
    cards, names = _chosen(_several(pairs), generic, domain, (text, label, split))
    request = Request(
        profile=profile, pairs=names, models=_several(models), strategies=_several(strategies),
        schedules=_several(schedules), seeds=seeds, epochs=epochs, alpha=alpha,
        min_alpha=min_alpha, engine=choose_engine(engine, listener.note),
    )  # fmt: skip
    grids = study_grids(study, request)
    # The folder is tried before minutes of reading, which may yet end in an error.
    with gone_if_empty(folder):
        make_writable_folder(folder, "out")
        backend = local_backend(jobs)
        result = carry_out(study, grids, cards, folder, listener=listener, backend=backend)
    if not result.computed + result.present:
        raise UserError(
            f"none of {len(result.keys)} cells came to an end; why is in {folder / 'failed'}"
        )
    failures = tuple(f"{cell.title}: {failure.reason()}" for cell, failure in result.failures)
    return Run(folder, failures)


def local_backend(jobs: int | None = None) -> Backend:
    """Return what computes cells in processes of this machine, as many as there are cores."""
    from joblib import cpu_count

    from d2vbench.bench.execution.backends import Local
    from d2vbench.bench.plan.memory import available_memory

    return Local(int(jobs or cpu_count()), available_memory())


def _several(given: str | Sequence[str] | None) -> tuple[str, ...] | None:
    return (given,) if isinstance(given, str) else tuple(given) if given else None


def _chosen(
    pairs: tuple[str, ...] | None,
    generic: str | Path | None,
    domain: str | Path | None,
    columns: tuple[str | None, str | None, str | None],
) -> tuple[Cards, tuple[str, ...] | None]:
    """Return the cards and the names of the pairs; None leaves them to the study."""
    from d2vbench.corpora import load_cards
    from d2vbench.corpora.pairs.own import Layout, own_pair

    cards = load_cards()
    if generic is None and domain is None:
        if any(column is not None for column in columns):
            raise UsageError("text, label and split are for your own corpora: give generic, domain")
        for name in pairs or ():
            cards.pair(name)
        return cards, pairs
    if generic is None or domain is None:
        given, missing = ("domain", "generic") if generic is None else ("generic", "domain")
        raise UsageError(f"{given} needs {missing}: a pair has two corpora")
    if pairs is not None:
        raise UsageError(
            f"pair {pairs[0]} has its own corpora: give either pairs or generic and domain"
        )
    text, label, split = columns
    card, cards = own_pair(str(generic), str(domain), cards, Layout(text, label, split))
    return cards, (card.name,)
