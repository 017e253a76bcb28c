"""Labels apart from the text that trains: budgets of the share of D, and of all of D."""

from __future__ import annotations

import numpy as np
import pytest
from cells import baseline_cell, changed, trained_cell

from d2vbench.bench.compute.sample import Sample
from d2vbench.bench.compute.work import run_cell
from d2vbench.bench.spec.cell import Cell, labels_of
from d2vbench.bench.spec.request import Request
from d2vbench.bench.spec.studies import study_cells
from d2vbench.corpora import Pair
from d2vbench.errors import UsageError
from d2vbench.families.doc2vec import Doc2VecSettings

BUDGETS = ("all", "3", "whole", "whole-3")
CELL = trained_cell(
    pair="small", fraction=0.25, settings=Doc2VecSettings(vector_size=8, min_count=2),
    strategy="domain-only(2)", seed=0, epochs=2, budgets=BUDGETS,
)  # fmt: skip


def test_labels_of_all_of_d_are_the_same_for_every_share(small_pair: Pair) -> None:
    quarter, half, whole = (
        Sample.of(changed(CELL, fraction=share), small_pair) for share in (0.25, 0.5, 1.0)
    )
    train = len(small_pair.train)
    assert len(quarter.domain) < len(half.domain) < len(whole.domain) == train
    for budget in ("whole", "whole-3"):
        chosen = [sample.labelled(budget) for sample in (quarter, half, whole)]
        assert all((one.documents == chosen[0].documents).all() for one in chosen)
        assert all(one.folds == chosen[0].folds for one in chosen)
        assert (chosen[0].labels == small_pair.train_labels[chosen[0].documents]).all()
    # Of all of D the two kinds are one; of a share they are not.
    for one, two in (("all", "whole"), ("3", "whole-3")):
        assert (whole.labelled(one).documents == whole.labelled(two).documents).all()
        assert whole.labelled(one).folds == whole.labelled(two).folds
    assert len(quarter.labelled("all").documents) == len(quarter.domain)
    assert len(quarter.labelled("whole").documents) == train
    # What trains the vectors stays the share.
    assert len(quarter.sides.domain) == len(quarter.domain)


def test_a_share_trains_and_all_labels_classify(small_pair: Pair) -> None:
    record, predictions = run_cell(CELL, small_pair)
    counts = record["counts"]
    assert counts["domain_documents"] == len(Sample.of(CELL, small_pair).domain)
    assert counts["labelled_whole"] == len(small_pair.train) > counts["labelled_all"]
    assert set(record["metrics"]) == set(BUDGETS) == set(predictions) - {"truth"}
    # The share alone gives the same numbers when nothing else is asked for.
    alone, _ = run_cell(changed(CELL, budgets=("all", "3")), small_pair)
    assert alone["metrics"] == {budget: record["metrics"][budget] for budget in ("all", "3")}
    # With all of D that there is, both kinds of labels give one result.
    full, said = run_cell(changed(CELL, fraction=1.0), small_pair)
    assert full["metrics"]["all"] == full["metrics"]["whole"]
    assert np.array_equal(said["3"], said["whole-3"])


def test_what_is_no_label_budget_is_refused() -> None:
    assert [labels_of(text) for text in BUDGETS] == [
        (False, None), (False, 3), (True, None), (True, 3),
    ]  # fmt: skip
    for text in ("", "0", "-1", "whole-0", "whole-", "wholes", "1.5", "ten"):
        with pytest.raises(UsageError, match="a label budget is all or a number"):
            changed(CELL, budgets=(text,))


def test_who_has_no_other_labels() -> None:
    with pytest.raises(UsageError, match="a baseline reads the share of D alone"):
        baseline_cell("small", 0.5, 0, ("whole",))
    with pytest.raises(UsageError, match="vectors trained: labels are of the share"):
        changed(CELL, vectors="trained", strategy="shuffled-once(1)")


def test_the_study_of_the_size_holds_labels_fixed_and_lets_the_domain_alone_choose() -> None:
    cells: list[Cell] = study_cells("domain-size", Request(pairs=("synthetic",), seeds=2)).cells
    by_share = {cell.fraction: cell.budgets for cell in cells}
    assert by_share[1.0] == ("all", "10")
    assert by_share[0.05] == ("all", "10", "whole", "whole-10")
    alone = [cell for cell in cells if cell.variant.startswith("domain-only")]
    passes = {share: {c.variant for c in alone if c.fraction == share} for share in by_share}
    assert passes[1.0] == {"domain-only(1)", "domain-only(4)", "domain-only(budget)"}
    assert passes[1.0] < passes[0.05]


def test_labels_a_class_are_asked_for_beside_all() -> None:
    asked = Request(pairs=("synthetic",), seeds=1, labels_per_class=("50", "010", "50"))
    for study in ("strategies", "frontier", "domain-size"):
        cells = study_cells(study, asked).cells
        whole = {cell.budgets for cell in cells if cell.fraction == 1.0}
        assert whole == {("all", "50", "10")}, study
    parts = {cell.budgets for cell in study_cells("domain-size", asked).cells}
    assert ("all", "50", "10", "whole", "whole-50", "whole-10") in parts
    for wrong in ("all", "0", "-5", "1.5", ""):
        with pytest.raises(UsageError, match="labels_per_class must be whole numbers from 1"):
            Request(labels_per_class=(wrong,))


def test_labels_a_class_are_numbers_in_python_and_texts_on_the_command_line() -> None:
    from d2vbench.api.asking import prepare

    for given in (50, [50], "50", ("50",)):
        made = prepare(
            {"study": "strategies", "pairs": "synthetic", "labels_per_class": given}, print
        )
        assert made.request.labels_per_class == ("50",)
    with pytest.raises(TypeError, match=r"labels_per_class: expected a whole number, got 1\.5"):
        prepare({"study": "strategies", "pairs": "synthetic", "labels_per_class": 1.5}, print)
