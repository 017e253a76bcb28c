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
from d2vbench.analysis.studies import imbalance
from d2vbench.report.document.contents import make_document

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "encoders.md"
NEWSGROUPS, NEWS, DOCSTRINGS = PAIRS


@functools.cache
def run() -> RunData:
    return load_run(PUBLISHED / encoder_records.FOLDER)


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
    flat = re.sub(r"\]\([^)]*\)|`[^`]*`|Doc2Vec|(?:macro-)?F1|\bE\d\b", "", flat)
    settings = {
        "the first 64 word pieces", "reads 64 word pieces, and 128 where", "MiniLM at 64 pieces",
        "At 128 pieces", "MiniLM at 128 pieces on", "With 10 labels a class",
        "64 word pieces: as it is",
        "a long tail, 20 to 1", "400 documents", "the 500 most frequent words",
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


def few(pair: str) -> dict[str, float]:
    """Return what stands in the first table with ten labels a class, but for 128 pieces."""
    return {
        "words": accuracy("10", **words(pair, "oversampled", 2)),
        "longer": accuracy("10", **words(pair, "oversampled", 20)),
        "scratch": accuracy("10", **pieces(pair, "oversampled")),
        "frozen": accuracy("10", **taken(pair, "frozen-encoder")),
        "titles": accuracy("10", **taken(pair, "zero-shot")),
        "tf-idf": tf_idf(pair, "10"),
    }


def test_the_words_about_costs_are_true() -> None:
    for pair in PAIRS:
        for labels in LABELS:
            for name in STRATEGIES:
                scratch = accuracy(labels, **pieces(pair, name))
                assert (scratch < accuracy(labels, **words(pair, name, 2))) == (pair != NEWS)
                assert scratch < accuracy(labels, **words(pair, name, 20))
        # Ten times the passes take a fraction of the time of an encoder, and of a checkpoint.
        longer = seconds(words(pair, "oversampled", 20))
        assert longer < seconds(pieces(pair, "oversampled")) / 4
        assert longer < seconds(taken(pair, "frozen-encoder")) / 4
        reached = accuracy("all", **words(pair, "oversampled", 20))
        assert encoder_records.best_tuned(pair) < reached
        # Strategies, in an encoder.
        gaps = [
            accuracy("all", **pieces(pair, one)) - accuracy("all", **pieces(pair, other))
            for one, other in (("oversampled", "combined"), ("sequential", "oversampled"))
        ]
        assert gaps[0] > 3 and abs(gaps[1]) < 1
    for labels in LABELS:
        longer_of, frozen = (
            {pair: accuracy(labels, **of(pair)) for pair in PAIRS}
            for of in (lambda p: words(p, "oversampled", 20), lambda p: taken(p, "frozen-encoder"))
        )
        assert abs(longer_of[NEWSGROUPS] - frozen[NEWSGROUPS]) < 2
        assert longer_of[DOCSTRINGS] > frozen[DOCSTRINGS] + 4
        more = accuracy(labels, **taken(NEWSGROUPS, "frozen-encoder", 128))
        assert more > longer_of[NEWSGROUPS] + 2
        if labels == "all":
            assert frozen[NEWS] > longer_of[NEWS] + 1
            assert abs(frozen[NEWS] - tf_idf(NEWS, "all")) < 0.5
            assert longer_of[NEWSGROUPS] < tf_idf(NEWSGROUPS, "all") < more
            assert tf_idf(DOCSTRINGS, "all") > max(longer_of[DOCSTRINGS], frozen[DOCSTRINGS])
    assert max(few(NEWSGROUPS), key=few(NEWSGROUPS).__getitem__) == "titles"
    assert min(few(NEWSGROUPS), key=few(NEWSGROUPS).__getitem__) == "tf-idf"
    assert sorted(few(NEWS), key=few(NEWS).__getitem__)[:3] == ["words", "tf-idf", "titles"]
    assert max(few(DOCSTRINGS), key=few(DOCSTRINGS).__getitem__) == "tf-idf"
    assert min(few(DOCSTRINGS), key=few(DOCSTRINGS).__getitem__) == "titles"


def test_what_is_said_to_be_beyond_noise_is_and_nothing_else() -> None:
    scores = imbalance.loss_scores(run().study("imbalance"))
    better = [
        one for one in scores if one.vote == "supports" and one.labels == encoder_records.TAIL
    ]
    assert [(one.pair, one.model) for one in better] == [(NEWSGROUPS, "dbow")]


def test_the_words_about_labels_are_true() -> None:
    assert min(encoder_records.whole_against_frozen("all")) > 0
    assert min(encoder_records.whole_against_frozen("10")) < 0
    (mean_gain,) = first_against_nothing("oversampled", "all")
    # Further training before fine-tuning, with few labels of short documents.
    first, nothing, frozen = (
        accuracy("10", **encoder_records.tuned(NEWS, body, arm))
        for body, arm in (("domain-only", "all"), ("untrained", "all"), ("domain-only", None))
    )
    assert nothing < first - 20 < first < frozen
    assert round(first - nothing, 9) == round(max(encoder_records.trained_first("10")), 9)
    long, fits = encoder_records.longest_chosen()
    assert long > fits / 2
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


def test_tf_idf_is_above_a_checkpoint_with_all_labels() -> None:
    rows = [row.split(" | ") for row in encoder_records.checkpoint_rows()]
    of_all = [row for row in rows if row[2] == "all"]
    assert [row[0].strip("| ") for row in of_all] == [NEWSGROUPS, DOCSTRINGS]
    for row in of_all:
        *others, tf_idf = (field.strip(" |") for field in row[3:])
        assert all(float(tf_idf) > float(one) for one in others if one != "-")


def test_the_words_about_listed_names_are_true() -> None:
    def seen(loss: str, split: str = "seen") -> list[dict[str, float]]:
        of = encoder_records.tuned(encoder_records.TAGGED, "oversampled", loss, tokens="tagged")
        found = encoder_records.seeds_of("400", **of)
        return [found[seed]["tokens"]["400"][split] for seed in encoder_records.SEEDS]

    plain, weighted = seen("all"), seen("all, weighted")
    assert min(encoder_records.tagged_gains()) > 0
    assert [one["macro_f1"] for one in plain].count(0.0) == 1
    for name in ("person", "organisation"):
        assert 0 < sum(one[f"f1_{name}"] > 0 for one in plain) < 3
        assert all(one[f"f1_{name}"] > 0.25 for one in weighted)
    for loss in ("all", "all, weighted"):
        assert max(one["macro_f1"] for one in seen(loss, "unseen")) < 0.025
    assert all(1 - one["outside"] < 0.01 for one in plain)


def test_of_studies_apart_the_first_is_the_main_comparison() -> None:
    document = make_document(run())
    assert document.title.startswith("4 ways to train")
    assert "3 pairs" in document.subtitle
