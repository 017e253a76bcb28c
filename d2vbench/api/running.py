"""Run a study: what the command line and `d2vbench.run` have in common, and the latter."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec

from d2vbench import arguments as checked
from d2vbench.api.asking import Prepared, prepare
from d2vbench.api.resources import CHECKPOINT_LIMIT
from d2vbench.defaults import ALPHA, MIN_ALPHA
from d2vbench.errors import UserError, as_argument_errors
from d2vbench.files import gone_if_empty, is_full, make_writable_folder

if TYPE_CHECKING:
    from collections.abc import Iterable
    from os import PathLike

    import pandas as pd

    from d2vbench.api.progress import Display, Silent
    from d2vbench.api.view import Run
    from d2vbench.bench.execution.grid import RunOptions
    from d2vbench.bench.execution.runner import Listener, RunResult
    from d2vbench.bench.plan.outlook import Outlook

    Documents = Iterable[str] | Iterable[Sequence[str]]
    Corpus = (
        str
        | PathLike[str]
        | Sequence[Path]
        | Documents
        | tuple[Documents, Iterable[Any]]
        | pd.DataFrame
    )


P = ParamSpec("P")


@dataclass(frozen=True)
class DryRun:
    """What a run would compute, and about what it would take.

    Attributes
    ----------
    studies : dict of str to int
        Cells of each study; a cell may belong to several.
    cells, present : int
        Different cells, and those of them that have a record.
    to_compute : tuple of str
        The titles of the cells to compute.
    outlook : Outlook
        Words, seconds, and bytes of memory and disk.
    """

    studies: dict[str, int]
    cells: int
    present: int
    to_compute: tuple[str, ...]
    outlook: Outlook


def carry_out(prepared: Prepared, listener: Listener) -> RunResult:
    """Compute the cells that have no record yet.

    Parameters
    ----------
    prepared : Prepared
        What to compute.
    listener : Listener
        Receives the progress.

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
    from d2vbench.bench.spec.studies import study_cells
    from d2vbench.bench.store.records import cv_accuracy_in

    asked, out = prepared.asked, prepared.folder
    present = computed = words = 0
    run_options, started = prepared.run_options, time.monotonic()
    try:
        while True:
            result = run_cells(
                asked.cells, prepared.cards, out, study=asked.study, studies=asked.by_study,
                listener=listener, backend=prepared.resources.make_backend(),
                run_options=run_options,
            )  # fmt: skip
            # The first round found what was there; each adds to what was computed.
            present = present or result.present
            computed, words = computed + result.computed, words + result.words_trained
            known = replace(prepared.request, scores=cv_accuracy_in(out))
            wider = study_cells(asked.study, known)
            if result.stopped or result.failures or wider.cells == asked.cells:
                break
            more = len(set(wider.cells) - set(asked.cells))
            listener.note(f"a best candidate lies at the end of its axis: {more} cells more")
            asked, run_options = wider, _for_the_rest(run_options, started)
        return replace(result, present=present, computed=computed, words_trained=words)
    except OSError as error:
        if not is_full(error):
            raise
        raise UserError(
            f"{out} has no room left: {error.strerror}. Finished cells are kept; make room, and "
            "the same command continues from there"
        ) from None


def _for_the_rest(run_options: RunOptions, started: float) -> RunOptions:
    """Return the options of a further round: what the first computed anew stays, time goes on."""
    left = run_options.stop_after
    if left is not None:
        left = max(left - (time.monotonic() - started), 1e-3)
    return replace(run_options, force=False, stop_after=left)


def look_ahead_of(prepared: Prepared, note: Callable[[str], None]) -> DryRun:
    """Return what a run would compute; write nothing but the store of encoded corpora.

    Parameters
    ----------
    prepared : Prepared
        The run.
    note : callable
        Called with a line about what takes time.
    """
    from d2vbench.bench.execution.grid import open_grid
    from d2vbench.bench.plan.outlook import look_ahead

    asked, resources = prepared.asked, prepared.resources
    grid = open_grid(asked.cells, prepared.cards, prepared.folder, note)
    jobs, memory = resources.local_jobs(), resources.memory_bytes()
    outlook = look_ahead(grid, prepared.run_options, prepared.folder, jobs, memory)
    return DryRun(
        {study: len(cells) for study, cells in asked.by_study.items()},
        len(asked.cells),
        len(asked.cells) - len(outlook.wanted) - outlook.passed_over,
        tuple(asked.cells[i].title for i in sorted(outlook.wanted)),
        outlook,
    )


def run(
    study: str = "strategies",
    *,
    profile: str = "default",
    pairs: str | Sequence[str] | None = None,
    generic: Corpus | None = None,
    domain: Corpus | None = None,
    generic_model: str | PathLike[str] | None = None,
    word_vectors: str | PathLike[str] | None = None,
    label: str | None = None,
    text: str | None = None,
    split: str | None = None,
    no_header: bool = False,
    validation: str | None = None,
    encoding: str | None = None,
    generic_encoding: str | None = None,
    domain_encoding: str | None = None,
    several_labels: str | None = None,
    label_separator: str | None = None,
    normalize_labels: bool = False,
    near_duplicates: str | None = None,
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
    vocabulary: str | Sequence[str] | None = None,
    encoder: str | Sequence[str] | None = None,
    revision: str | None = None,
    objective: str | Sequence[str] | None = None,
    optimiser: str | Sequence[str] | None = None,
    precision: str | Sequence[str] | None = None,
    max_tokens: int | Sequence[int] | None = None,
    batch: int | Sequence[int] | None = None,
    peak_rate: float | Sequence[float] | None = None,
    nli: str | None = None,
    arms: str | Sequence[str] | None = None,
    infer_epochs: int | Sequence[int] | None = None,
    infer_alpha: float | Sequence[float] | None = None,
    choose_inference: bool = False,
    labels_per_class: int | Sequence[int] | None = None,
    classifiers: str | Sequence[str] = (),
    diagnostics: bool = False,
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
        Your own two corpora in place of a pair. Each is a path of a file or folder, a pattern such
        as ``"part-*.csv"``, a list of `pathlib.Path`, ``"hf:NAME"`` of a data set that
        ``d2vbench fetch`` has fetched, the name of a corpus, a list of documents (or a column of
        pandas, NumPy or Arrow), a tuple ``(documents, labels)``, or a DataFrame. The domain corpus
        needs labels. A document is a text, or a list of words with ``tokenizer=None``. Corpora in
        memory are written into the cache, under a name that their content decides, since other
        processes read them.
    generic_model : str or path, optional
        A saved Doc2Vec that stands for the generic corpus: of `d2vbench train` or gensim's
        ``save()``. The studies ``"strategies"`` and ``"warm"`` then compare what can be done with
        it; `domain` needs no `generic` beside it. Nothing in the file is run.
    word_vectors : str or path, optional
        A file of word vectors (word2vec text or binary, GloVe) that stands for the generic corpus:
        the study ``"strategies"`` then compares models of D that start from them. In the studies
        ``"encoders"`` and ``"zero-shot"`` documents are averaged of them, beside the generic
        corpus.
    label, text, split : str, optional
        Columns of your own corpora that hold the labels, the texts, and which of train and test.
    no_header : bool
        CSV and TSV have no first row that names the columns: they are called ``"1"``, ``"2"``, ...
    validation : str, optional
        What becomes of documents whose split is called validation, dev or the like: ``"train"``,
        ``"test"`` or ``"drop"``; without it, they are refused.
    encoding, generic_encoding, domain_encoding : str, optional
        Of your own files, or of those of one side; default: UTF-8. A byte order mark overrides it.
    several_labels : str, optional
        Of a list of labels ``"first"`` takes the first; with ``"each"`` a document counts once
        under every label in training, and is right in the test if any of them is met (see
        `d2vbench.evaluation.scores` for macro-F1). Without it, lists are refused.
    label_separator : str, optional
        What stands between several labels in one cell, such as ``"|"``.
    normalize_labels : bool
        Labels that differ by blanks and case only are one class.
    near_duplicates : str, optional
        What becomes of near-duplicates: ``"drop"`` by default; ``"train"``, those without a near
        test document are kept, in training; ``"keep"``, all are kept.
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
    vocabulary : str or sequence of str, optional
        Whose words and counts: ``"presented"`` by default, ``"natural"``, ``"noise(D)"`` and the
        like, as ``d2vbench list`` shows them.
    encoder : str or sequence of str, optional
        Of the family ``"encoder"``: ``"scratch:2x128"`` (layers x width), a folder with a
        checkpoint, or the name of one that ``d2vbench fetch --encoder`` has fetched.
    revision : str, optional
        Of a name on the Hugging Face hub.
    objective, optimiser, precision : str or sequence of str, optional
        What an encoder learns by (``"crops"``, ``"mlm"``), whether the moments of AdamW are
        ``"carried"`` from phase to phase or ``"reset"``, and ``"float32"`` or ``"bfloat16"``.
    max_tokens, batch : int or sequence of int, optional
        Word pieces at which an encoder cuts a document, and presentations of an update.
    peak_rate : float or sequence of float, optional
        Learning rate of an encoder at alpha 0.025; a schedule raises and lowers it as it does
        alpha.
    nli : str, optional
        For the study ``"zero-shot"``: a model that was trained for natural-language inference, a
        folder or the name of one that ``d2vbench fetch --encoder`` has fetched.
    arms : str or sequence of str, optional
        Of the study ``"fine-tuning"``: which weights learn from labels, ``"all"``, ``"top(1)"``,
        ``"head"`` or ``"scratch"``, and by which loss, as in ``"all, weighted"``.
    infer_epochs, infer_alpha : number or sequence of numbers, optional
        Passes and first learning rate of inference, likewise.
    choose_inference : bool
        Choose the inference of each cell and label budget by cross-validation, beside the pinned
        one: from `infer_epochs` x `infer_alpha`, or from the usual grid.
    labels_per_class : int or sequence of int, optional
        Labelled documents a class that the classifier learns from, beside all labels; default: 10.
    classifiers : str or sequence of str
        Beside the main one: keys of `d2vbench.evaluation.CLASSIFIERS`.
    diagnostics : bool
        Measure of each cell what training has moved and what it has forgotten of the generic
        corpus, as the study ``"drift"`` does: about as much work again as inference.
    jobs : int, optional
        Cells at once, each in a process of its own; default: one a processor core, fewer where
        memory is short.
    memory : float, optional
        GiB that all cells together may take; default: what is free.
    checkpoint_limit : float
        GiB of disk for the weights that cells continue from.
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
        Seconds after which to stop; the same call continues from there.
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
        For what else the caller can fix, and if no cell was finished. A cell that fails
        costs that cell; see `Run.failures`.
    KeyboardInterrupt
        When interrupted. Finished cells are kept, and the same call continues from there.

    Notes
    -----
    The processes are spawned, not forked, and do not import the caller's module: a script
    needs no ``if __name__ == "__main__"``.

    Examples
    --------
    >>> import d2vbench
    >>> texts, labels = ["a text", "another"], ["one", "two"]
    >>> run = d2vbench.run(generic=wiki, domain=(texts, labels))  # doctest: +SKIP
    """
    listener, prepared = _prepared(locals())
    from d2vbench.api.view import Run

    folder = prepared.folder
    with as_argument_errors(), gone_if_empty(folder):
        # The folder is tried before minutes of reading, which may yet end in an error.
        make_writable_folder(folder, "out")
        result = carry_out(prepared, listener)
    if not result.computed + result.present:
        raise UserError(
            f"none of {len(result.keys)} cells came to an end; why is in {folder / 'failed'}"
        )
    failures = tuple(f"{cell.title}: {failure.reason()}" for cell, failure in result.failures)
    return Run(folder, failures)


def _prepared(arguments: Mapping[str, Any]) -> tuple[Display | Silent, Prepared]:
    from d2vbench.api.progress import Silent, lines

    with as_argument_errors(UserError):
        listener = Silent() if checked.flag("quiet", arguments["quiet"]) else lines()
        return listener, prepare(arguments, listener.note)


def _called_as(
    function: Callable[P, Any],
) -> Callable[[Callable[..., DryRun]], Callable[P, DryRun]]:
    def made(other: Callable[..., DryRun]) -> Callable[P, DryRun]:
        other.__signature__ = inspect.signature(function)  # type: ignore[attr-defined]
        return other

    return made


@_called_as(run)
def dry_run(*study: str, **arguments: Any) -> DryRun:
    """Say what `run` would compute with the same arguments, and about what it would take.

    Nothing is trained, and nothing is written but encoded corpora in the cache.

    Parameters
    ----------
    *study, **arguments
        Those of `run`.

    Returns
    -------
    DryRun
        Which cells; their words, seconds, memory and disk.

    Raises
    ------
    ValueError
        For wrong arguments, as from `run`.
    UserError
        For what else the caller can fix.
    """
    bound = inspect.signature(run).bind(*study, **arguments)
    bound.apply_defaults()
    listener, prepared = _prepared(bound.arguments)
    with as_argument_errors():
        return look_ahead_of(prepared, listener.note)
