"""What is asked of a run: arguments checked, corpora found, cells enumerated; nothing computed."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from d2vbench import arguments as checked
from d2vbench.api.pairs import OWN_OPTIONS, choose_pairs
from d2vbench.api.resources import Resources
from d2vbench.errors import UsageError, UserError, option
from d2vbench.files import folder_name

if TYPE_CHECKING:
    from d2vbench.bench.execution.grid import RunOptions
    from d2vbench.bench.spec.studies import Request, StudyCells
    from d2vbench.corpora import Cards

RUNS = Path("results") / "runs"

# Studies whose options are those of encoders, and those in which word vectors of a file stand
# beside the generic corpus, not for it.
ENCODERS = "encoders"
ZERO_SHOT, NEW_WORDS = "zero-shot", "new-words"
FINE_TUNING, IMBALANCE = "fine-tuning", "imbalance"
OF_ENCODERS = (ENCODERS, ZERO_SHOT, NEW_WORDS, FINE_TUNING, IMBALANCE)
BESIDE = (ENCODERS, ZERO_SHOT)

# Files that stand for a generic corpus.
_SAVED = ("generic_model", "word_vectors")


def _count(name: str, value: Any) -> str:
    """Return a whole number as the text that a label budget is; the command line has texts."""
    return value if isinstance(value, str) else str(checked.whole_number(name, value))


# What each argument of `run` must be; corpora and tokenizers are checked as they are read.
_KINDS: dict[str, Callable[[str, Any], Any]] = {
    **dict.fromkeys(
        ("study", "profile", "engine", "family", "backend", "address", "name", "label", "text",
         "split", "encoding", "generic_encoding", "domain_encoding", "validation",
         "several_labels", "label_separator", "near_duplicates", "revision", "nli"),
        checked.text,
    ),
    **dict.fromkeys(("seeds", "epochs", "jobs", "min_length"), checked.whole_number),
    **dict.fromkeys(
        ("alpha", "min_alpha", "memory", "checkpoint_limit", "time_limit", "stop_after"),
        checked.number,
    ),
    **dict.fromkeys(
        ("lowercase", "force", "only_missing", "fail_fast", "quiet", "choose_inference",
         "diagnostics", "no_header", "normalize_labels"),
        checked.flag,
    ),
    **dict.fromkeys(
        ("pairs", "models", "strategies", "schedules", "vocabulary", "classifiers", "encoder",
         "objective", "optimiser", "precision", "arms"),
        checked.several,
    ),
    **dict.fromkeys(
        ("vector_size", "window", "negative", "min_count", "infer_epochs", "max_tokens", "batch"),
        functools.partial(checked.several, kind=checked.whole_number),
    ),
    **dict.fromkeys(
        ("sample", "infer_alpha", "peak_rate"),
        functools.partial(checked.several, kind=checked.number),
    ),
    "labels_per_class": functools.partial(checked.several, kind=_count),
    "out": checked.path,
    **dict.fromkeys(("generic_model", "word_vectors"), checked.path),
}  # fmt: skip


@dataclass(frozen=True)
class Prepared:
    """A run that was asked for: all arguments are checked, and nothing is computed.

    Attributes
    ----------
    asked : StudyCells
        What to compute.
    request : Request
        What it follows from.
    cards : Cards
        With the pairs of the cells.
    folder : pathlib.Path
        Of the run; need not exist.
    resources : Resources
        Where to compute.
    run_options : RunOptions
        How to go about it.
    """

    asked: StudyCells
    request: Request
    cards: Cards
    folder: Path
    resources: Resources
    run_options: RunOptions


def prepare(arguments: Mapping[str, Any], note: Callable[[str], None]) -> Prepared:
    """Check the arguments of a run, read the heads of its corpora and enumerate its cells.

    Parameters
    ----------
    arguments : mapping of str to object
        Those of `run`; the defaults of `run` stand in for what is missing.
    note : callable
        Called with a line that the caller should know.

    Returns
    -------
    Prepared
        For `carry_out` or `look_ahead_of`.

    Raises
    ------
    UserError
        One sentence for whatever is wrong; a `UsageError` where a name or a value is.
    """
    from d2vbench.api.running import run
    from d2vbench.bench.execution.grid import RunOptions
    from d2vbench.bench.spec.encoder_studies.encoders import CHECKPOINT
    from d2vbench.bench.spec.studies import Request, study_cells
    from d2vbench.bench.store.records import cv_accuracy_in
    from d2vbench.families.doc2vec import choose_engine

    defaults = {name: p.default for name, p in inspect.signature(run).parameters.items()}
    values = {**defaults, **arguments}
    for name, kind in _KINDS.items():
        if not (values[name] is None and defaults[name] is None):
            values[name] = kind(name, values[name])
    if values["study"] in OF_ENCODERS:
        if values["family"] not in (defaults["family"], "encoder"):
            raise UsageError(
                f"study {values['study']} is one of encoders: leave out "
                f"{option('family', values['family'])}"
            )
        # Options are those of encoders; Doc2Vec beside them takes what is usual.
        values["family"] = "encoder"
    resources = Resources(**{field.name: values[field.name] for field in fields(Resources)})
    resources.check()
    run_options = RunOptions(
        values["force"], values["only_missing"], values["fail_fast"], values["stop_after"],
        resources.checkpoint_bytes(),
    )  # fmt: skip
    if run_options.stop_after is not None and not run_options.stop_after > 0:
        raise UsageError(f"{option('stop_after')} must be above 0, got {run_options.stop_after:g}")
    if run_options.force and run_options.only_missing:
        raise UsageError("force and only_missing exclude each other: give one of them")
    if values["study"] == NEW_WORDS and values["vocabulary"] and values["encoder"] is None:
        values["encoder"] = [CHECKPOINT]  # Policies are those of a checkpoint.
    if values["nli"] is not None and values["study"] != ZERO_SHOT:
        raise UsageError(f"{option('nli')} is for the study {ZERO_SHOT}, got {values['study']}")
    folder = _run_folder(values["study"], values["out"], values["name"])
    names = [f.name for f in fields(Request) if f.name in values and f.name not in _SAVED]
    asked = {name: values[name] for name in names}
    asked["engine"] = choose_engine(values["engine"], note)
    asked["classifiers"] = values["classifiers"] or ()
    # Tried before corpora are read; of a saved model, when it is read.
    beside = values["study"] in BESIDE and values["generic_model"] is None
    saved = not beside and any(values[name] is not None for name in _SAVED)
    if not saved:
        Request(**{**asked, "pairs": None})
    given = {name: values[name] for name in OWN_OPTIONS if values[name] != defaults[name]}
    cards, asked["pairs"] = choose_pairs(
        values["pairs"], values["generic"], values["domain"], given, alone=saved
    )
    for role in ("generic", "domain"):
        _check_apart(values[role], role, folder, cards)
    # A grid that grows begins with what the folder has.
    asked |= _saved(values, cards, asked["pairs"], beside, note)
    request = Request(**asked, scores=cv_accuracy_in(folder))
    cells = study_cells(values["study"], request)
    if values["engine"] is not None and not any(cell.engine for cell in cells.cells):
        raise UsageError(
            f"{option('engine')} is for models of Doc2Vec, and study {values['study']} trains none "
            "here: leave it out"
        )
    for left_out, lack in cells.left_out.items():
        note(f"study {left_out} is left out: {lack}")
    return Prepared(cells, request, cards, folder, resources, run_options)


def _check_apart(source: Any, role: str, folder: Path, cards: Cards) -> None:
    """Refuse corpora among whose files the run writes: it would read its own tables next time."""
    if isinstance(source, (str, PathLike)):
        named: str | list[str] = str(source)
        listed = [str(source)]
    elif isinstance(source, (list, tuple)) and all(isinstance(one, Path) for one in source):
        named = listed = [str(one) for one in source]
    else:
        return  # Documents in memory.
    from d2vbench.corpora.pairs.own_files import locate

    found, out = locate(named, role, cards), folder.resolve()
    for path in map(Path.resolve, found if isinstance(found, list) else ()):
        if out == path or out in path.parents or (path.is_dir() and path in out.parents):
            raise UsageError(
                f"{option(role)} {' '.join(listed)}: {path} and the run's folder {folder} lie in "
                f"one another; a run would read what the one before wrote. Give another "
                f"{option('out')}, or a pattern that fits the texts alone"
            )


def _saved(
    values: Mapping[str, Any],
    cards: Cards,
    pairs: Sequence[str] | None,
    beside: bool,
    note: Callable[[str], None],
) -> dict[str, Any]:
    """Return what a request says of files that stand for the generic corpus, or beside it."""
    if all(values[name] is None for name in _SAVED):
        return {}
    from d2vbench.bench.spec.laying import EMBEDDED
    from d2vbench.families.doc2vec.saved import check_saved_options
    from d2vbench.models.saved_generic import keep_generic_model, keep_word_vectors

    check_saved_options(values)
    names = pairs or EMBEDDED
    if values["generic_model"] is not None:
        tokenisers = [cards.pair(name).tokeniser for name in names]
        kept, said = keep_generic_model(values["generic_model"], tokenisers, True)
        note(said)
        return {"generic_model": kept}
    if beside:
        vectors, _, said = keep_word_vectors(values["word_vectors"], cards, names, None)
        note(said)
        return {"given_vectors": vectors}
    sizes = values["vector_size"]
    if sizes is not None and len(sizes) > 1:
        raise UsageError(f"{option('word_vectors')} are of one size: give one or none")
    vectors, size, said = keep_word_vectors(
        values["word_vectors"], cards, names, sizes[0] if sizes else None
    )
    note(said)
    if without := [name for name in names if name not in vectors]:
        raise UserError(
            f"{option('word_vectors')} {values['word_vectors']} has none of the words of the "
            f"domain of {without[0]}: leave that pair out"
        )
    return {"word_vectors": vectors, "vector_size": (size,)}


def _run_folder(study: str, out: Path | None, name: str | None) -> Path:
    """Return the folder of a run: ``out``, or one that is called by the name or the study."""
    if out is not None and name is not None:
        raise UsageError(f"{option('out')} and {option('name')} both say where: give one of them")
    if out is not None:
        return out
    if name is not None:
        return RUNS / folder_name(name, option("name"))
    return RUNS / folder_name(study, option("study"))
