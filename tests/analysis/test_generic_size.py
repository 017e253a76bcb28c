"""Accuracy over the size of G: which points there are, and what they are compared with."""

from __future__ import annotations

import dataclasses

import pytest
from run_support import made_run, sizes_run

from d2vbench.analysis.contrasts.contrasts import Scorebook
from d2vbench.analysis.contrasts.frame import _settings, cell_row, usual_but_for
from d2vbench.analysis.studies.generic_size import generic_sizes


def test_each_size_is_a_point_by_its_ratio_and_is_compared_with_the_domain_alone() -> None:
    found = sorted(generic_sizes(Scorebook(sizes_run())), key=lambda p: p.share)
    presented = [p for p in found if p.strategy == "oversampled" and not p.policy]
    assert [(p.share, p.ratio) for p in presented] == [(0.25, 2.5), (0.5, 5.0), (1.0, 10.0)]
    gains = [p.gain.estimate for p in presented if p.gain]
    assert gains == pytest.approx([0.025, 0.05, 0.1], abs=0.01)
    natural = [p for p in found if p.strategy == "oversampled" and p.policy]
    gains = [p.gain.estimate for p in natural if p.gain]
    assert gains == pytest.approx([-0.025, -0.05, -0.1], abs=0.01)
    assert [p.verdict for p in (presented[2], natural[2])] == ["better", "worse"]
    alone = [p for p in found if p.strategy == "domain-only" and not p.policy]
    assert [(p.share, p.gain, p.verdict) for p in alone] == [(1.0, None, "")]
    # The share is what the axis shows; what else sets a variant apart stays in its name.
    assert {p.title for p in natural} == {
        "oversampled(4), natural vocabulary", "oversampled(4), natural vocabulary; alpha 0.05"
    }  # fmt: skip


def test_less_than_all_of_g_is_a_setting_whatever_most_cells_have() -> None:
    data = sizes_run()
    cells = data.cells.assign(generic_fraction=[0.5] * 20 + [1.0] * 10)
    assert _settings(cells).count("0.5 of G") == 20
    assert usual_but_for(cells, ()).sum() == 10
    # Of records that lack it, there is no column: ids of published tables stay.
    assert "generic_fraction" not in made_run([{"seed": 0}]).cells


@pytest.mark.parametrize("share", [None, 0.25])
def test_a_record_says_its_share_of_g_where_it_has_not_all(share: float | None) -> None:
    cell = {
        "pair": "p", "fraction": 1.0, "family": "doc2vec", "settings": {}, "seed": 0, "epochs": 1,
        "strategy": {"name": "combined", "k": None, "share": None}, "alpha": 0.1,
        "schedule": {"name": "linear", "value": None}, "min_alpha": 0.01, "vectors": "inferred",
        "inference": {}, **({} if share is None else {"generic_fraction": share}),
    }  # fmt: skip
    record = {"cell": cell, "metrics": {}, "counts": {}, "seconds": {}, "key": "k", "plans": []}
    assert cell_row(record).get("generic_fraction") == share


def test_a_domain_alone_that_counts_the_generic_corpus_is_no_control() -> None:
    made = sizes_run()
    for policy, compared in (("presented", True), ("natural", False)):
        said = made.cells.assign(vocabulary_policy=policy)
        book = Scorebook(dataclasses.replace(made, cells=said))
        assert any(p.gain for p in generic_sizes(book)) is compared
