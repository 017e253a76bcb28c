"""A share of G: nested, paired over strategies, and named only where it is not all of G."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
from cells import trained_cell

from d2vbench.bench.compute.sample import Sample
from d2vbench.bench.compute.work import run_cell
from d2vbench.bench.plan.layout import lay_out
from d2vbench.bench.spec.cell import TrainedCell, cell_from_json
from d2vbench.bench.spec.request import Request
from d2vbench.bench.spec.studies import study_cells
from d2vbench.corpora import Pair
from d2vbench.errors import UsageError
from d2vbench.families.doc2vec import Doc2VecSettings

SMALL = Doc2VecSettings("dbow", vector_size=8, min_count=2)


def cell(share: float, strategy: str = "combined", **more: object) -> TrainedCell:
    return trained_cell(strategy=strategy, settings=SMALL, epochs=2, generic_fraction=share, **more)  # type: ignore[arg-type]


def documents(pair: Pair, share: float, **more: object) -> set[int]:
    return set(Sample.of(cell(share, **more), pair).sides.generic.documents.tolist())


def test_smaller_shares_lie_within_larger_ones(small_pair: Pair) -> None:
    every = set(small_pair.generic.documents.tolist())
    sets = [documents(small_pair, share) for share in (1 / 8, 1 / 4, 1 / 2, 1.0)]
    assert sets[-1] == every
    for smaller, larger in itertools.pairwise(sets):
        assert smaller < larger
    assert [len(s) for s in sets] == [round(len(every) * s) for s in (1 / 8, 1 / 4, 1 / 2, 1)]
    assert len(documents(small_pair, 1e-9)) == 1
    # The same for every strategy, another for another seed.
    assert documents(small_pair, 1 / 4, strategy="sequential(4)") == sets[1]
    assert documents(small_pair, 1 / 4, seed=1) != sets[1]


def test_the_domain_and_its_labels_stay(small_pair: Pair) -> None:
    whole, part = (Sample.of(cell(share), small_pair) for share in (1.0, 0.25))
    assert np.array_equal(whole.domain.documents, part.domain.documents)
    assert np.array_equal(whole.labelled("10").documents, part.labelled("10").documents)


def test_all_of_g_is_named_as_before_there_were_shares(small_pair: Pair) -> None:
    assert "generic_fraction" not in cell(1.0).to_json()
    assert cell(0.5).to_json()["generic_fraction"] == 0.5
    for share in (0.5, 1.0):
        assert cell_from_json(cell(share).to_json()) == cell(share)
    assert len({cell(share).key(small_pair.key) for share in (0.25, 0.5, 1.0)}) == 3


@pytest.mark.parametrize("share", [0.0, -0.1, 1.1, float("nan")])
def test_a_share_of_nothing_or_of_more_than_all_is_refused(share: float) -> None:
    with pytest.raises(UsageError, match=r"generic_fraction must lie in \(0, 1\]"):
        cell(share)


def test_a_record_counts_what_there_was_and_k_follows_the_ratio(small_pair: Pair) -> None:
    half, _ = run_cell(cell(0.5, "oversampled(balanced)"), small_pair)
    counts, sides = half["counts"], Sample.of(cell(0.5), small_pair).sides
    assert counts["generic_documents"] == len(sides.generic) == len(small_pair.generic) // 2
    assert counts["generic_words"] == sides.generic.words()
    k = max(1, round(counts["generic_words"] / counts["domain_words"]))
    assert counts["words_trained"] == 2 * (counts["generic_words"] + k * counts["domain_words"])


def test_shares_do_not_share_training(small_pair: Pair) -> None:
    cells = [cell(share, "sequential(2)", vocabulary="natural") for share in (0.5, 1.0)]
    cells += [dataclasses.replace(one, seed=1) for one in cells]
    layout = lay_out(cells, {"small": small_pair})
    assert layout.words["tree"] == layout.words["alone"]
    assert layout.sizes[0].generic_words < layout.sizes[1].generic_words


@pytest.mark.parametrize("profile", ["default", "full"])
def test_the_study_halves_g_under_two_policies_and_two_kinds_of_k(profile: str) -> None:
    cells = [
        c for c in study_cells("generic-size", Request(profile, pairs=("small",), seeds=1)).cells
        if isinstance(c, TrainedCell)
    ]  # fmt: skip
    mixed = [c for c in cells if c.strategy.name != "domain-only"]
    shares = sorted({c.generic_fraction for c in cells}, reverse=True)
    assert shares == [2.0**-i for i in range(4 if profile == "default" else 7)]
    assert {(c.strategy.k, c.settings.vocabulary) for c in mixed} == {
        (k, policy) for k in (4, "balanced") for policy in ("presented", "natural")
    }  # fmt: skip
    assert len(mixed) == len(set(mixed)) == len(shares) * 4 * (1 if profile == "default" else 2)
    alone = [c for c in cells if c.strategy.name == "domain-only"]
    # As presented it does not know of G: one cell for all shares.
    assert sum(c.settings.vocabulary == "presented" for c in alone) == 1
    assert sum(c.settings.vocabulary == "natural" for c in alone) == len(shares)


def test_a_family_without_policies_has_the_study_once() -> None:
    cells = study_cells("generic-size", Request(family="word2vec-mean", pairs=("small",), seeds=1))
    assert len(cells.cells) == len(set(cells.cells)) >= 9
