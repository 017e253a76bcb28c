"""Run a study: what the command line and `d2vbench.run` have in common, and the latter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from d2vbench.api.pairs import choose_pairs
from d2vbench.api.resources import CHECKPOINT_LIMIT, Resources
from d2vbench.defaults import ALPHA, MIN_ALPHA
from d2vbench.errors import UsageError, UserError, as_argument_errors
from d2vbench.files import folder_name, gone_if_empty, is_full, make_writable_folder

if TYPE_CHECKING:
    from collections.abc import Iterable
    from os import PathLike

    import pandas as pd

    from d2vbench.api.view import Run
    from d2vbench.bench.execution.backends import Backend
    from d2vbench.bench.execution.grid import RunOptions
    from d2vbench.bench.execution.runner import Listener, RunResult
    from d2vbench.bench.spec.cell import Cell
    from d2vbench.corpora import Cards

    Documents = Iterable[str] | Iterable[Sequence[str]]
    Corpus = str | PathLike[str] | Documents | tuple[Documents, Iterable[Any]] | pd.DataFrame

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


def run_folder(
    study: str, out: Path | None, name: str | None, option: Callable[[str], str] = str
) -> Path:
    """Return the folder of a run: ``out``, or one that is called by the name or the study."""
    if out is not None and name is not None:
        raise UsageError(f"{option('out')} and {option('name')} both say where: give one of them")
    if out is not None:
        return out
    return RUNS / folder_name(
        study if name is None else name, option("study" if name is None else "name")
    )


def check_stop_after(seconds: float | None, option: str) -> None:
    """Refuse to stop before the start."""
    if seconds is not None and not seconds > 0:
        raise UsageError(f"{option} must be above 0, got {seconds:g}")


def run(
    study: str = "strategies",
    *,
    profile: str = "default",
    pairs: str | Sequence[str] | None = None,
    generic: Corpus | None = None,
    domain: Corpus | None = None,
    label: str | None = None,
    text: str | None = None,
    split: str | None = None,
    encoding: str | None = None,
    tokenizer: str | Callable[[str], list[str]] | None = "simple_preprocess",
    lowercase: bool = True,
    min_length: int = 2,
    models: str | Sequence[str] | None = None,
    strategies: str | Sequence[str] | None = None,
    schedules: str | Sequence[str] | None = None,
    seeds: int | None = None,
    epochs: int | None = None,
    alpha: float = ALPHA,
    min_alpha: float = MIN_ALPHA,
    engine: str | None = None,
    family: str = "doc2vec",
    vector_size: int | Sequence[int] | None = None,
    window: int | Sequence[int] | None = None,
    negative: int | Sequence[int] | None = None,
    sample: float | Sequence[float] | None = None,
    min_count: int | Sequence[int] | None = None,
    infer_epochs: int | Sequence[int] | None = None,
    infer_alpha: float | Sequence[float] | None = None,
    choose_inference: bool = False,
    classifiers: str | Sequence[str] = (),
    jobs: int | None = None,
    memory: float | None = None,
    checkpoint_limit: float = CHECKPOINT_LIMIT,
    time_limit: float | None = None,
    backend: str = "local",
    address: str | None = None,
    force: bool = False,
    only_missing: bool = False,
    fail_fast: bool = False,
    stop_after: float | None = None,
    out: str | PathLike[str] | None = None,
    name: str | None = None,
    quiet: bool = False,
) -> Run:
    """Train and evaluate what a study asks for; finished cells are not computed again.

    Parameters
    ----------
    study : str
        A study, or ``"all"``; ``d2vbench list`` names them.
    profile : str
        How much of it: ``"quick"``, ``"default"`` or ``"full"``.
    pairs : str or sequence of str, optional
        Names of pairs of corpora; default: those of the study.
    generic, domain : optional
        Your own two corpora in place of a pair. Each is a path of a file or folder, the name of a
        corpus, a list of documents (or a column of pandas, NumPy or Arrow), a tuple
        ``(documents, labels)``, or a DataFrame. The domain corpus needs labels. A document is a
        text, or a list of words with ``tokenizer=None``. Corpora in memory are written into the
        cache, under a name that their content decides, since other processes read them.
    label, text, split : str, optional
        Columns of your own corpora that hold the labels, the texts, and which of train and test.
    encoding : str, optional
        Of your own files; default: UTF-8.
    tokenizer : str, callable or None
        For your own corpora. ``"simple_preprocess"``: that of gensim. A function from a text to a
        list of words, or its name as ``"package.module:function"``. A function that other
        processes cannot import (a lambda, one of a notebook) is applied to documents in memory;
        for files it is refused. None: documents are lists of words.
    lowercase : bool
        Of ``"simple_preprocess"``: whether to lower-case.
    min_length : int
        Of ``"simple_preprocess"``: words of fewer letters are dropped.
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
    family : str
        The kind of model: a key of `d2vbench.families.FAMILIES`.
    vector_size, window, negative, min_count : int or sequence of int, optional
        Settings of the model, as in gensim; several values make a grid.
    sample : float or sequence of float, optional
        Threshold of subsampling, likewise.
    infer_epochs, infer_alpha : number or sequence of numbers, optional
        Passes and first learning rate of inference, likewise.
    choose_inference : bool
        Choose the inference of each cell and label budget by cross-validation, beside the pinned
        one: from `infer_epochs` x `infer_alpha`, or from the usual grid.
    classifiers : str or sequence of str
        Beside the main one: keys of `d2vbench.evaluation.CLASSIFIERS`.
    jobs : int, optional
        Cells at once, each in a process of its own; default: one a processor core, fewer where
        memory is short.
    memory : float, optional
        GiB that all cells together may take; default: what is free.
    checkpoint_limit : float
        GiB of disk for the weights that cells go on from.
    time_limit : float, optional
        Seconds after which a cell is ended, and has failed.
    backend : str
        ``"local"``, ``"dask"`` or ``"ray"``.
    address : str, optional
        Of the Dask scheduler or the Ray cluster.
    force : bool
        Compute every cell, though there is a record.
    only_missing : bool
        Leave cells that have failed before as they are; otherwise they are tried again.
    fail_fast : bool
        Stop when a cell fails; otherwise the other cells are still computed.
    stop_after : float, optional
        Seconds after which to stop; the same call goes on from there.
    out : str or path, optional
        The run's folder; default: ``results/runs/STUDY``.
    name : str, optional
        The run's name: its folder is ``results/runs/NAME``.
    quiet : bool
        Print nothing. Otherwise lines about the progress go to standard error.

    Returns
    -------
    Run
        With tables, verdicts and figures.

    Raises
    ------
    ValueError
        For wrong arguments, before anything is computed; for a wrong type, a `TypeError` too.
    UserError
        For what else the caller can put right, and if no cell was finished. A cell that fails
        costs that cell; see `Run.failures`.
    KeyboardInterrupt
        When interrupted. Finished cells are kept, and the same call goes on from there.

    Notes
    -----
    The processes are started anew, not forked, and do not import the caller's module: a script
    needs no ``if __name__ == "__main__"``.

    Examples
    --------
    >>> import d2vbench
    >>> texts, labels = ["a text", "another"], ["one", "two"]
    >>> run = d2vbench.run(generic=wiki, domain=(texts, labels))  # doctest: +SKIP
    """
    from d2vbench.api.progress import Lines, Silent
    from d2vbench.api.view import Run
    from d2vbench.bench.execution.grid import RunOptions
    from d2vbench.bench.spec.studies import Request, study_grids
    from d2vbench.families.doc2vec import choose_engine
    from d2vbench.models import arguments as checked

    def optional(kind: Callable[[str, Any], Any], argument: str, value: Any) -> Any:
        return None if value is None else kind(argument, value)

    with as_argument_errors():
        listener = Silent() if checked.flag("quiet", quiet) else Lines()
        resources = Resources(
            jobs=optional(checked.whole_number, "jobs", jobs),
            memory=optional(checked.number, "memory", memory),
            checkpoint_limit=checked.number("checkpoint_limit", checkpoint_limit),
            time_limit=optional(checked.number, "time_limit", time_limit),
            backend=checked.text("backend", backend),
            address=optional(checked.text, "address", address),
        )
        resources.check()
        run_options = RunOptions(
            force=checked.flag("force", force),
            only_missing=checked.flag("only_missing", only_missing),
            fail_fast=checked.flag("fail_fast", fail_fast),
            stop_after=optional(checked.number, "stop_after", stop_after),
            checkpoint_limit=resources.checkpoint_bytes(),
        )
        check_stop_after(run_options.stop_after, "stop_after")
        if run_options.force and run_options.only_missing:
            raise UsageError("force and only_missing exclude each other: give one of them")
        folder = run_folder(
            checked.text("study", study),
            optional(checked.path, "out", out),
            optional(checked.text, "name", name),
        )
        settings = {
            "profile": checked.text("profile", profile),
            "models": checked.several("models", models),
            "strategies": checked.several("strategies", strategies),
            "schedules": checked.several("schedules", schedules),
            "seeds": optional(checked.whole_number, "seeds", seeds),
            "epochs": optional(checked.whole_number, "epochs", epochs),
            "alpha": checked.number("alpha", alpha),
            "min_alpha": checked.number("min_alpha", min_alpha),
            "engine": choose_engine(optional(checked.text, "engine", engine), listener.note),
            "family": checked.text("family", family),
            "vector_size": checked.several("vector_size", vector_size, checked.whole_number),
            "window": checked.several("window", window, checked.whole_number),
            "negative": checked.several("negative", negative, checked.whole_number),
            "sample": checked.several("sample", sample, checked.number),
            "min_count": checked.several("min_count", min_count, checked.whole_number),
            "infer_epochs": checked.several("infer_epochs", infer_epochs, checked.whole_number),
            "infer_alpha": checked.several("infer_alpha", infer_alpha, checked.number),
            "choose_inference": checked.flag("choose_inference", choose_inference),
            "classifiers": checked.several("classifiers", classifiers) or (),
        }
        # Tried before corpora are read.
        Request(**settings)
        columns = {"label": label, "text": text, "split": split, "encoding": encoding}
        given: dict[str, Any] = {
            key: checked.text(key, v) for key, v in columns.items() if v is not None
        }
        # What is the default is as good as not given.
        if tokenizer != "simple_preprocess":
            given["tokenizer"] = tokenizer
        if not checked.flag("lowercase", lowercase):
            given["lowercase"] = lowercase
        if checked.whole_number("min_length", min_length) != 2:
            given["min_length"] = min_length
    with as_argument_errors(UserError):
        cards, names = choose_pairs(checked.several("pairs", pairs), generic, domain, given)
    with as_argument_errors():
        grids = study_grids(study, Request(**settings, pairs=names))
        # The folder is tried before minutes of reading, which may yet end in an error.
        with gone_if_empty(folder):
            make_writable_folder(folder, "out")
            result = carry_out(
                study, grids, cards, folder, listener=listener, backend=resources.make_backend(),
                run_options=run_options,
            )  # fmt: skip
    if not result.computed + result.present:
        raise UserError(
            f"none of {len(result.keys)} cells came to an end; why is in {folder / 'failed'}"
        )
    failures = tuple(f"{cell.title}: {failure.reason()}" for cell, failure in result.failures)
    return Run(folder, failures)
