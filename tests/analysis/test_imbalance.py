"""What losses gain and cost, on runs whose truth is made: claim E6 and its tables."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from run_support import made_run, variant

from d2vbench.analysis.claims.judging import Outcome
from d2vbench.analysis.contrasts.frame import RunData
from d2vbench.analysis.statistics.verdicts import Verdict
from d2vbench.analysis.studies.imbalance import claim_outcome, loss_scores
from d2vbench.report.document.structure import Paragraph, TableBlock
from d2vbench.report.studies.imbalance import imbalance_chapters


def cell(seed: int, arm: str, macro_f1: float, accuracy: float, **own: Any) -> dict[str, Any]:
    noise = [0.001, -0.001, 0.0, 0.002][seed]
    body = {**variant("oversampled", 4), "setting": f"fine-tuned {arm}" if arm else ""}
    scores = {"macro_f1_tail-20": macro_f1 + noise, "accuracy_tail-20": accuracy,
              "rare_recall_tail-20": macro_f1 / 2, "rare_f1_tail-20": macro_f1 / 2}  # fmt: skip
    return {**body, "model": "scratch", "family": "encoder", "seed": seed, "fine_tuned": arm,
            "tokens": "", **scores, **own}  # fmt: skip


def words(seed: int, arm: str, seen: float, unseen: float) -> dict[str, Any]:
    found = cell(seed, arm, math.nan, math.nan, tokens="planted")
    for name in [name for name in found if name.endswith("_tail-20")]:
        del found[name]
    for names, score in (("seen", seen), ("unseen", unseen)):
        said = {"macro_f1": score + [0.001, -0.002, 0.0][seed], "accuracy": 0.97, "outside": 0.98,
                "f1_maker": score, "f1_part": score / 2}  # fmt: skip
        found |= {f"tokens_{names}_{metric}_400": value for metric, value in said.items()}
    return found


def run(gain: float, of_words: float = 0.2) -> RunData:
    cells = []
    for seed in range(3):
        cells += [
            cell(seed, "all", 0.5, 0.8),
            cell(seed, "all, weighted", 0.5 + gain + 0.002 * seed, 0.78),
            cell(seed, "all, focal", 0.4, 0.8),
            words(seed, "all", 0.3, 0.1),
            words(seed, "all, weighted", 0.3 + of_words + 0.001 * seed, 0.1),
            cell(seed, "", 0.5, 0.8, **{
                "logistic-balanced_macro_f1_tail-20": 0.5 + gain + 0.001 * seed,
                "logistic-balanced_accuracy_tail-20": 0.79,
            }),
        ]  # fmt: skip
    return made_run(cells, {"imbalance": list(range(len(cells)))}, ())


def test_gains_and_costs_are_differences_from_the_plain_loss() -> None:
    found = {(o.task, o.learner, o.names, o.loss): o for o in loss_scores(run(0.1))}
    assert len(found) == 3 + 4 + 2
    weighted = found["", "all", "", "weighted"]
    assert weighted.gain is not None and weighted.gain.estimate == pytest.approx(0.102)
    assert weighted.cost is not None and weighted.cost.estimate == pytest.approx(-0.02)
    assert weighted.rare_gain is not None and weighted.rare_gain.estimate == pytest.approx(0.051)
    assert weighted.verdict is Verdict.BETTER and weighted.seeds == 3
    plain = found["", "all", "", "plain"]
    assert plain.gain is None and plain.vote == "" and plain.macro_f1 == pytest.approx(0.5)
    focal = found["", "all", "", "focal"]
    assert focal.verdict is Verdict.WORSE and focal.vote == ""
    logistic = found["", "logistic regression", "", "weighted"]
    assert logistic.gain is not None and logistic.gain.estimate == pytest.approx(0.101 - 0.0)
    seen, unseen = (found["planted", "all", names, "weighted"] for names in ("seen", "unseen"))
    assert seen.labels == "400" and seen.outside == pytest.approx(0.98)
    assert seen.f1 == pytest.approx({"maker": 0.501, "part": 0.2505})
    assert seen.vote == "supports"
    # Names that no training document has stand beside, without a vote.
    assert unseen.verdict is Verdict.EQUIVALENT and unseen.vote == ""


@pytest.mark.parametrize(
    ("gain", "of_words", "outcome"),
    [(0.1, 0.2, Outcome.SUPPORTED), (-0.1, 0.0, Outcome.CONTRADICTED), (0.1, -0.2, Outcome.MIXED)],
)
def test_the_claim_is_judged_by_macro_f1(gain: float, of_words: float, outcome: Outcome) -> None:
    assert claim_outcome(loss_scores(run(gain, of_words))) is outcome


def test_few_seeds_and_other_bodies_say_nothing() -> None:
    data = run(0.1)
    two = loss_scores(data.only(data.cells["seed"] < 2))
    assert {o.verdict for o in two if o.gain} == {Verdict.TOO_FEW_SEEDS}
    assert claim_outcome(two) is Outcome.INCONCLUSIVE
    # A body that reads more of a text is another place: nothing is compared across.
    longer = data.cells.assign(max_tokens=np.where(data.cells["fine_tuned"] == "all", 64, 128))
    made = made_run(longer.drop(columns="key").to_dict("records"), None, ())
    assert all(o.gain is None for o in loss_scores(made) if o.learner == "all")
    assert list(imbalance_chapters(data.only(data.cells["seed"] > 9))) == []


def test_the_chapter_has_a_table_of_documents_and_one_of_words() -> None:
    (chapter,) = imbalance_chapters(run(0.1), "Engine: native.")
    documents, of_words = (block for block in chapter.blocks if isinstance(block, TableBlock))
    said = [block.text for block in chapter.blocks if isinstance(block, Paragraph)]
    assert said[0].endswith("raises macro-F1 where classes are rare. In this run: supported.")
    rows = {tuple(row[3:5]): row for row in documents.rows}
    weighted = rows["all", "weighted"]
    place = documents.columns.index
    assert weighted[place("difference")].startswith("+10.2 [") and "better" in weighted[7]
    assert weighted[place("cost")].startswith("-2.0")
    assert weighted[place("says of E6")] == "supports"
    assert rows["all", "plain"][place("difference")] == ""
    assert len(of_words.rows) == 4
    last = of_words.rows[0]
    assert "maker 30.0, part 15.0" in last and "98.0" in last
