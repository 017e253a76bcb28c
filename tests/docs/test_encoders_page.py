"""Each number of the page of encoders, and each order that its words say, from the records."""

from __future__ import annotations

import functools
import re
from pathlib import Path

import encoder_records
import numpy as np
from encoder_records import (
    LABELS,
    PAIRS,
    STRATEGIES,
    accuracy,
    first_against_nothing,
    first_seed_gain,
    pieces,
    seconds,
    taken,
    tf_idf,
    words,
)
from published_records import PUBLISHED

from d2vbench.analysis import RunData, load_run
from d2vbench.analysis.contrasts.scores import budgets
from d2vbench.analysis.studies.costs import Kind, costs
from d2vbench.report.document.contents import make_document

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "encoders.md"
NEWSGROUPS, DOCSTRINGS = PAIRS


@functools.cache
def run() -> RunData:
    return load_run(PUBLISHED / encoder_records.FOLDER)


def best(pair: str, epochs: int, labels: str) -> float:
    return encoder_records.best(accuracy(labels, **words(pair, s, epochs)) for s in STRATEGIES)


def test_the_tables_and_ranges_are_those_of_the_records() -> None:
    text = PAGE.read_text(encoding="utf-8")
    lines, flat = text.splitlines(), " ".join(text.split())
    assert [row for row in encoder_records.rows() if row not in lines] == []
    assert [said for said in encoder_records.sentences() if said not in flat] == []


def test_no_other_number_is_in_the_prose() -> None:
    text = PAGE.read_text(encoding="utf-8")
    flat = " ".join(line for line in text.splitlines() if not line.startswith(("|", "!")))
    flat = " ".join(flat.split())
    for said in encoder_records.sentences():
        flat = flat.replace(said, "")
    flat = re.sub(r"\]\([^)]*\)|`[^`]*`|Doc2Vec|macro-F1", "", flat)
    settings = {
        "cut at 64 word pieces", "with 10 a class", "a long tail, 20 to 1", "400 documents",
        "the 500 most frequent words",
        # Of benchmarks/README.md.
        "273 MiB with PV-DBOW, 802 with the encoder from scratch, 863 with MiniLM",
    }  # fmt: skip
    for setting in settings:
        assert setting in flat
        flat = flat.replace(setting, "")
    assert re.findall(r"\d[\d.,]*", flat) == []


def test_the_memory_is_what_was_measured() -> None:
    text = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
    for what, peak in (("PV-DBOW", "273"), ("encoder `scratch:2x128`, 64 word pieces", "802"),
                       ("all-MiniLM-L6-v2 as it is, 64 word pieces", "863")):  # fmt: skip
        assert f"| newsgroups-comp | {what} | {peak} |" in text


def test_the_words_about_costs_are_true() -> None:
    for pair in PAIRS:
        for labels in LABELS:
            for name in STRATEGIES:
                scratch, plain = (accuracy(labels, **of(pair, name, *more))
                                  for of, more in ((pieces, ()), (words, (2,))))  # fmt: skip
                assert scratch < plain
        # Ten times the passes take a fraction of the time of an encoder, and of a checkpoint.
        longer = seconds(words(pair, "oversampled", 20))
        assert longer < seconds(pieces(pair, "oversampled")) / 4
        assert longer < seconds(taken(pair, "frozen-encoder")) / 4
        rest = [best(pair, 20, "all"), accuracy("all", **taken(pair, "frozen-encoder"))]
        assert tf_idf(pair, "all") > max(rest)
    study = run().study("encoders")
    found = costs(study, budgets(study))
    gaps = [one.less for one in found if one.kind == Kind.SCRATCH and one.less is not None]
    assert len(gaps) == len(PAIRS) * len(LABELS) * len(STRATEGIES)
    assert max(gap.estimate for gap in gaps) < 0
    for labels in LABELS:
        frozen = {pair: accuracy(labels, **taken(pair, "frozen-encoder")) for pair in PAIRS}
        assert abs(best(NEWSGROUPS, 20, labels) - frozen[NEWSGROUPS]) < 2
        assert best(DOCSTRINGS, 20, labels) > frozen[DOCSTRINGS] + 4
    titles = {pair: accuracy("10", **taken(pair, "zero-shot")) for pair in PAIRS}
    few = {
        pair: [best(pair, 2, "10"), best(pair, 20, "10"),
               encoder_records.best(accuracy("10", **pieces(pair, s)) for s in STRATEGIES),
               accuracy("10", **taken(pair, "frozen-encoder"))]
        for pair in PAIRS
    }  # fmt: skip
    assert titles[NEWSGROUPS] > max(*few[NEWSGROUPS], tf_idf(NEWSGROUPS, "10"))
    assert titles[DOCSTRINGS] < min(*few[DOCSTRINGS], tf_idf(DOCSTRINGS, "10"))
    assert tf_idf(NEWSGROUPS, "10") < min(few[NEWSGROUPS])
    assert tf_idf(DOCSTRINGS, "10") > max(few[DOCSTRINGS])


def test_the_words_about_labels_are_true() -> None:
    assert min(encoder_records.whole_against_frozen("all")) > 0
    assert min(encoder_records.whole_against_frozen("10")) < 0
    (mean_gain,) = first_against_nothing("oversampled", "all")
    assert 0.15 < mean_gain / first_seed_gain() < 0.25
    accuracies = [
        [encoder_records.mean(encoder_records.token("seen", name), "400", **of)
         for name in ("accuracy", "outside")]
        for pair in PAIRS
        for loss in ("all", "all, weighted", "all, focal")
        if encoder_records.seeds_of(
            "400", **(of := encoder_records.tuned(pair, "oversampled", loss, tokens="planted")))
    ]  # fmt: skip
    gains = np.diff(np.array(accuracies), axis=1).ravel()
    assert len(gains) == 5 and (-gains).max() < 1 and gains.max() > 1.5


def test_of_studies_apart_the_first_is_the_main_comparison() -> None:
    document = make_document(run())
    assert document.title.startswith("4 ways to train")
    assert "2 pairs" in document.subtitle
