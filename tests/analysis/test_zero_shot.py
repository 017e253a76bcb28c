"""From how many labels on they beat titles, and what new words add: on runs whose truth is made."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest
from run_support import made_run, variant

from d2vbench.analysis.claims.judging import Outcome
from d2vbench.analysis.contrasts.frame import RunData
from d2vbench.analysis.studies.new_words import AS_IT_IS, claim_outcome, word_gains
from d2vbench.analysis.studies.zero_shot import gains, labels_needed
from d2vbench.report.document.structure import Paragraph, TableBlock
from d2vbench.report.studies.new_words import new_words_chapters
from d2vbench.report.studies.zero_shot import zero_shot_chapters

DOCUMENTS = 1000


def right(share: float, seed: int) -> np.ndarray:
    """Return which documents are right: nearly the same ones in every seed and at every share."""
    found = np.arange(DOCUMENTS) < round(share * DOCUMENTS)
    rng = np.random.default_rng(seed)
    changed = rng.choice(DOCUMENTS, 10, replace=False)
    found[changed] = ~found[changed]
    return found


def baseline(name: str, shares: dict[str, float], seeds: Iterable[int] = range(3)) -> list[Any]:
    none = {"strategy": name, "model": "baseline", "family": "-", "schedule": "-"}
    return [
        {**none, "seed": s, "correct": {b: right(share, s) for b, share in shares.items()}}
        for s in seeds
    ]


def labelled_run() -> RunData:
    flat = dict.fromkeys(("all", "10", "50"), 0.5)
    cells = baseline("zero-shot mine", flat)
    cells += baseline("frozen-encoder mine", {"10": 0.4, "50": 0.6, "all": 0.7})
    cells += baseline("tf-idf", {"10": 0.6, "50": 0.5, "all": 0.8})
    cells += [
        {**variant("combined"), "model": "dbow", "seed": s,
         "correct": {b: right(share, s) for b, share in
                     {"10": 0.2, "50": 0.3, "all": 0.4}.items()}}
        for s in range(3)
    ]  # fmt: skip
    return made_run(cells, {"zero-shot": list(range(len(cells)))}, ("all", "10", "50"))


def test_labels_are_needed_from_where_they_are_better_and_stay_so() -> None:
    found = gains(labelled_run())
    assert [g.labels for g in found[:3]] == ["10", "50", "all"]
    by_title = {(n.model or n.title).partition(" ")[0]: n for n in labels_needed(found)}
    frozen, tf_idf, dbow = by_title["mine"], by_title["TF-IDF"], by_title["dbow"]
    assert frozen.labels == "50"
    assert list(map(str, frozen.verdicts)) == ["worse", "better", "better"]
    # Better with ten, and not with fifty: what counts begins after that.
    assert tf_idf.labels == "all" and str(tf_idf.verdicts[0]) == "better"
    assert dbow.labels == "" and set(map(str, dbow.verdicts)) == {"worse"}
    gain = next(g for g in found if g.model == "dbow" and g.labels == "all")
    assert gain.gain.estimate == pytest.approx(gain.accuracy.estimate - gain.without.estimate)
    assert gain.seeds == 3


def test_two_seeds_say_nothing_and_no_zero_shot_has_no_chapter() -> None:
    data = labelled_run()
    few = data.only(data.cells["seed"] < 2)
    assert {n.labels for n in labels_needed(gains(few))} == {""}
    assert {str(g.verdict) for g in gains(few)} == {"too few seeds"}
    without = data.only(~data.cells["strategy"].str.startswith("zero-shot"))
    assert list(zero_shot_chapters(without)) == []


def test_the_chapter_says_from_how_many_labels_on() -> None:
    (chapter,) = zero_shot_chapters(labelled_run(), "Engine: native.")
    needed, detail = (block for block in chapter.blocks if isinstance(block, TableBlock))
    said = {row[2]: row[3] for row in needed.rows}
    assert said["TF-IDF + logistic regression"] == "all labels"
    assert said["PV-DBOW, combined"] == "none"
    frozen = "mine as it is (pre-trained by others) + logistic regression"
    assert said[frozen] == "50 labels a class"
    assert len(detail.rows) == 9


def words_run(frozen: float, trained: float) -> RunData:
    cells = baseline("frozen-encoder mine", {"all": 0.6, "10": 0.5})
    cells += baseline("frozen-encoder mine checkpoint+500", {"all": 0.6 + frozen, "10": 0.5})
    cells += baseline("tf-idf", {"all": 0.9, "10": 0.9})
    for model, share in (
        ("mine-crops-reset", 0.6),
        ("mine-crops-checkpoint+500-reset", 0.6 + trained),
    ):
        cells += [
            {**variant("combined"), "model": model, "family": "encoder", "seed": s,
             "correct": {"all": right(share, s), "10": right(share, s)}}
            for s in range(3)
        ]  # fmt: skip
    return made_run(cells, {"new-words": list(range(len(cells)))}, ("all", "10"))


@pytest.mark.parametrize(
    ("frozen", "outcome"),
    [
        (-0.1, Outcome.SUPPORTED),
        (0.0, Outcome.SUPPORTED),
        (0.1, Outcome.CONTRADICTED),
        (0.006, Outcome.INCONCLUSIVE),
    ],
)
def test_new_words_are_judged_without_further_training(frozen: float, outcome: Outcome) -> None:
    found = word_gains(words_run(frozen, 0.1))
    assert {(g.training, g.model, g.words) for g in found} == {
        (AS_IT_IS, "mine", 500), ("combined", "mine-crops-reset", 500)
    }  # fmt: skip
    assert [g.labels for g in found if g.vote] == ["all"]
    trained = [g for g in found if g.training == "combined"]
    assert {str(g.verdict) for g in trained} == {"better"}
    assert claim_outcome(found) is outcome


def test_the_chapter_of_new_words_says_what_becomes_of_the_claim() -> None:
    (chapter,) = new_words_chapters(words_run(-0.1, 0.1))
    first = chapter.blocks[0]
    assert isinstance(first, Paragraph)
    assert first.text == (
        "E5. New words in a checkpoint's vocabulary do not help without further pre-training. In "
        "this run: supported."
    )
    (table,) = (block for block in chapter.blocks if isinstance(block, TableBlock))
    assert [row[-1] for row in table.rows] == ["supports", "", "", ""]
    data = words_run(0, 0)
    plain = data.only(~data.cells["strategy"].str.contains("checkpoint"))
    assert list(new_words_chapters(plain.only(plain.cells["model"] == "baseline"))) == []
