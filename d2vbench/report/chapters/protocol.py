"""What makes the comparison fair, and where its numbers come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from d2vbench.analysis import RunData
from d2vbench.corpora.pairs.choice import left_out_text
from d2vbench.report.document import cells
from d2vbench.report.document.blocks import Columns, table
from d2vbench.report.document.phrases import counted
from d2vbench.report.document.settings import NAMES, Settings, texts
from d2vbench.report.document.structure import Block, Bullets, Chapter, Paragraph, TableBlock
from d2vbench.report.document.titles import model_title

_RULES = (
    "Strategies of one k present the same documents equally often; only order and learning rate "
    "differ.",
    "Words and their counts come from what the strategy presents, as often as it presents it "
    "(policy presented), or, where the table of settings says natural, from the generic corpus and "
    "the domain's training documents, each once.",
    "No test document is seen by vocabulary or training. Training and test vectors are both "
    "inferred, with settings that are the benchmark's own.",
    "Seed s means the same split, initial weights, label subsets and inference seeds in every "
    "strategy; all seeds derive from hashes of what they are for.",
    "The classifier is a logistic regression on standardised vectors; its C is chosen by "
    "cross-validation on training documents alone.",
    "Documents that are empty, unknown to the vocabulary or cut at 10,000 words are counted for "
    "each cell and reported.",
    "Intervals: 95 %, two-level paired bootstrap over seeds and test documents. Verdicts: the "
    "difference from combined, adjusted by Holm's method; equivalent means that the whole interval "
    "lies within 1 point.",
)


_FITS = (
    "Cells, baselines included, by what befell the logistic regression. Its C is cross-validated "
    "also where a class has fewer documents than there are folds. Where a fit did not "
    "converge, its weights are those of its last step. C at the end of its grid: the best by "
    "cross-validation is the last value that is tried. C not chosen: every class has one labelled "
    "document, and C is the smallest of the usual grid."
)


def protocol_chapter(settings: Settings, fits: pd.DataFrame | None = None) -> Chapter:
    """Return the rules of the comparison and the settings of the run.

    Parameters
    ----------
    settings : Settings
        From `usual_settings` of the run.
    fits : pandas.DataFrame, optional
        From `fit_counts` of the run.

    Returns
    -------
    Chapter
        A list and a table; another of the fits, where records say how they went.
    """
    blocks: list[Block] = [Bullets(_RULES), _settings_table(settings)]
    if fits is not None and len(fits):
        blocks.append(_fits_table(fits))
    return Chapter("protocol", "Protocol", tuple(blocks))


def _fits_table(fits: pd.DataFrame) -> TableBlock:
    columns: Columns = {
        "labels": cells.labels,
        "cells": "cells",
        "final fit not converged": "final_unconverged",
        "some fit not converged": "some_unconverged",
        "C at the end of its grid": "c_at_edge",
        "C not chosen": "c_not_chosen",
    }
    return table("fits", "Fits of the classifier", fits, columns, caption=_FITS)


def _settings_table(settings: Settings) -> TableBlock:
    rows = {
        "engine": settings.engines,
        # In an order of their own: that of the cells of a run is in no id.
        "models": sorted(map(model_title, settings.models)),
        "seeds": map(str, settings.seeds),
    }
    said = {name: ", ".join(values) for name, values in rows.items()}
    said |= {NAMES[name]: texts(values) for name, values in settings.values.items() if values}
    data = pd.DataFrame(said.items(), columns=["setting", "values"])
    caption = "Where there are several values, the most frequent comes first."
    return table("settings", "Settings", data, ["setting", "values"], caption=caption)


def provenance_chapter(data: RunData, settings: Settings, run_id: str) -> Chapter:
    """Return where the numbers of a run come from.

    Parameters
    ----------
    data : RunData
        The run.
    settings : Settings
        From `usual_settings` of the run.
    run_id : str
        Hash of its content.

    Returns
    -------
    Chapter
        Pairs with content hashes, versions, processors, time and words trained.
    """
    pairs = data.manifest.get("pairs", {})
    blocks: list[Block] = []
    if pairs:
        blocks.append(_pairs_table(pairs))
        blocks.append(Bullets(tuple(_sources(pairs))))
    blocks.append(Bullets(tuple(_facts(data, settings, run_id))))
    blocks.append(Paragraph(
        "Every number comes from the records, one a cell: JSON files in the folder records, or "
        "lines of records.jsonl.gz where the run was packed. cells.csv lists them."
    ))  # fmt: skip
    return Chapter("provenance", "Provenance", tuple(blocks))


_COUNTS = {
    "generic_documents": "generic documents",
    "generic_words": "generic words",
    "train_documents": "domain documents, train",
    "test_documents": "domain documents, test",
    "train_words": "domain words, train",
}


def _pairs_table(pairs: Mapping[str, Any]) -> TableBlock:
    data = pd.DataFrame(
        {"pair": name, **{key: pair[key] for key in _COUNTS}, "classes": len(pair["classes"])}
        for name, pair in pairs.items()
    )
    columns = {"pair": "pair", **{title: key for key, title in _COUNTS.items()}}
    return table("pairs", "Pairs of corpora", data, {**columns, "classes": "classes"})


def _sources(pairs: Mapping[str, Any]) -> Iterator[str]:
    for name, pair in pairs.items():
        sources = "; ".join(
            f"corpus {corpus}, content sha256 {source['content_sha256'][:16]}"
            + "".join(f", {package} {version}" for package, version in source["versions"].items())
            for corpus, source in pair["sources"].items()
        )
        yield f"{name}: {sources}. Left out: {left_out_text(pair['left_out'])}."
        for line in pair.get("warnings", []):
            yield f"{name}: {line}."


def _facts(data: RunData, settings: Settings, run_id: str) -> Iterator[str]:
    yield f"Run {run_id}: a hash of settings, documents and results."
    seeds = ", ".join(map(str, settings.seeds))
    yield (
        f"{counted(len(data.cells), 'cell')}, {counted(len(settings.seeds), 'seed')} ({seeds}), "
        f"engine {', '.join(settings.engines)}."
    )
    for environment in data.environments:
        packages = ", ".join(f"{k} {v}" for k, v in environment["packages"].items())
        yield (
            f"Computed with d2vbench {environment['d2vbench']}, Python {environment['python']}, "
            f"{packages}; {environment['cpu']}; commit {environment['commit'] or 'unknown'}."
        )
    yield from _work(data)


def _work(data: RunData) -> Iterator[str]:
    named = [name for name in map(str, data.cells.columns) if name.startswith("seconds_")]
    columns = [name for name in named if name != "seconds_core"]
    seconds = float(data.cells[columns].sum().sum()) if columns else 0.0
    if seconds:
        steps = ", ".join(
            f"{name.removeprefix('seconds_')} {_time(float(data.cells[name].sum()))}"
            for name in columns
        )
        yield f"Time, summed over cells: {_time(seconds)} ({steps})."
    words = data.manifest.get("words")
    if words:
        yield (
            f"Training each cell alone takes {words['alone'] / 1e6:,.1f} million words; with what "
            f"cells have in common trained once, {words['tree'] / 1e6:,.1f} million "
            f"({words['tree'] / max(words['alone'], 1):.0%})."
        )
    elif "words_trained" in data.cells:
        total = float(data.cells["words_trained"].sum())
        yield f"Words trained, summed over cells: {total / 1e6:,.1f} million."


def _time(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
