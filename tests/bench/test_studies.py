"""The grids of the studies: what each must hold for its question to be answered."""

from __future__ import annotations

import itertools
from collections import Counter

import pytest

from d2vbench.bench.execution.grid import make_manifest
from d2vbench.bench.plan.layout import lay_out
from d2vbench.bench.spec.cell import VECTORS, TrainedCell
from d2vbench.bench.spec.frontier import STRATEGIES_COMPARED
from d2vbench.bench.spec.grids import IMDB_PUBLISHED, SHIFT_PAIRS
from d2vbench.bench.spec.request import PROFILES, Request
from d2vbench.bench.spec.studies import STUDIES, study_cells
from d2vbench.bench.store.manifest import MANIFEST_SCHEMA, well_formed
from d2vbench.corpora import Cards, Pair, load_cards
from d2vbench.corpora.pairs.describe import nearness
from d2vbench.errors import UsageError


def test_all_is_every_study_and_quick_a_first_look() -> None:
    others = [name for name in STUDIES if name not in ("replication", "warm")]
    whole = study_cells("all", Request("default"))
    assert list(whole.by_study) == [name for name in others if name not in whole.left_out]
    assert list(study_cells("all", Request("quick")).by_study) == ["strategies"]
    for name in set(STUDIES) - {"warm", *whole.left_out}:
        assert study_cells(name, Request("quick")).by_study[name]
    with pytest.raises(UsageError, match=r"study warm needs a saved model: give generic_model='F"):
        study_cells("warm", Request())


@pytest.mark.parametrize("asked", [{}, {"diagnostics": True}, {"choose_inference": True}])
def test_grids_grow_whatever_else_is_asked_of_their_cells(asked: dict[str, bool]) -> None:
    """Scores are those of the cells as they were computed, with all that any study asks."""
    first = study_cells("all", Request("default", seeds=1, **asked)).cells
    scores = {cell: {"all": 0.5 + 0.4 * (cell.alpha > 0.04)} for cell in first
              if isinstance(cell, TrainedCell)}  # fmt: skip
    again = study_cells("all", Request("default", seeds=1, scores=scores.get, **asked)).cells
    assert len(again) > len(first)


def test_replication_asks_for_what_was_published_by_both_engines_and_both_vectors() -> None:
    cells = study_cells("replication", Request("full")).by_study["replication"]
    imdb = [c for c in cells if c.pair == IMDB_PUBLISHED]
    asked = {(c.settings.model, c.engine, c.vectors) for c in imdb if isinstance(c, TrainedCell)}
    models, engines = ("dbow", "dm-mean", "dm-concat"), ("native", "gensim")
    assert asked == set(itertools.product(models, engines, VECTORS))
    assert len(asked) == len(imdb)
    for c in imdb:
        assert isinstance(c, TrainedCell)
        assert (c.settings.sample, c.settings.min_count, c.settings.negative) == (0, 2, 5)
        assert (c.settings.vector_size, c.epochs) == (100, 20)
        mean = c.settings.model == "dm-mean"
        assert (c.settings.window, c.alpha) == ((10, 0.05) if mean else (5, 0.025))
    seeds = {pair: {c.seed for c in cells if c.pair == pair} for pair in {c.pair for c in cells}}
    assert {len(some) for pair, some in seeds.items() if pair != IMDB_PUBLISHED} == {5}
    assert len(seeds) == 4


def test_a_cell_of_several_studies_is_one_cell() -> None:
    grids = study_cells("all", Request()).by_study
    counts = Counter(cell for cells in grids.values() for cell in cells)
    assert max(counts.values()) >= 4
    assert len(study_cells("all", Request()).cells) == len(counts)


@pytest.mark.parametrize("profile", PROFILES)
def test_order_presents_one_multiset(profile: str) -> None:
    cells = study_cells("order", Request(profile)).by_study["order"]
    ks = {c.strategy.k for c in cells if c.variant != "combined"}
    assert ks == ({1, 4} if profile == "full" else {1})
    assert {c.strategy.name for c in cells} >= {
        "combined", "shuffled-once", "concatenated", "annealed", "sequential", "reverse"
    }  # fmt: skip


@pytest.mark.parametrize("profile", PROFILES)
def test_tuned_gives_every_strategy_as_many_candidates(profile: str) -> None:
    cells = study_cells("tuned", Request(profile)).by_study["tuned"]
    candidates = Counter((c.strategy.name, c.seed) for c in cells)
    assert len(set(candidates.values())) == 1
    assert {name for name, _ in candidates} == {
        "domain-only", "combined", "oversampled", "sequential"
    }  # fmt: skip


def test_shift_moves_the_dial_alone() -> None:
    cards = load_cards()
    parameters = [cards.corpus(cards.pair(p).generic.corpus).parameters for p in SHIFT_PAIRS]
    assert [p["shift"] for p in parameters] == [0, 0.25, 0.5, 0.75, 1]
    assert len({tuple((k, str(v)) for k, v in p.items() if k != "shift") for p in parameters}) == 1


def test_a_pair_of_ones_own_leaves_out_the_dial() -> None:
    whole = study_cells("all", Request(pairs=("mine",)))
    grids = whole.by_study
    assert set(STUDIES) - {*grids, *whole.left_out} == {"shift", "replication", "warm"}
    assert {cell.pair for cells in grids.values() for cell in cells} == {"mine"}
    with pytest.raises(UsageError) as caught:
        study_cells("shift", Request(pairs=("mine",)))
    assert str(caught.value) == "study shift has no cell for what was asked"


def test_all_takes_many_pairs_where_the_question_is_about_pairs() -> None:
    pairs = ("one", "two", "three", "four")
    grids = study_cells("all", Request("full", pairs=pairs)).by_study
    found = {study: len({cell.pair for cell in cells}) for study, cells in grids.items()}
    assert {study for study, number in found.items() if number == 4} == {
        "strategies",
        "drift",
        "transfer",
    }
    assert set(found.values()) == {3, 4}
    assert {cell.pair for cell in grids["schedules"]} == set(pairs[:3])
    by_name = study_cells("schedules", Request("full", pairs=pairs)).by_study["schedules"]
    assert {cell.pair for cell in by_name} == set(pairs)


def test_full_has_every_strategy_in_dbow_and_the_claimed_ones_elsewhere() -> None:
    cells = study_cells("strategies", Request("full", pairs=("mine",))).cells
    trained = [cell for cell in cells if isinstance(cell, TrainedCell)]
    names = {
        model: {(str(c.strategy), str(c.schedule)) for c in trained if c.settings.model == model}
        for model in ("dbow", "dbow-words", "dm-mean")
    }
    assert {c.settings.model for c in trained} == set(names)
    assert names["dbow-words"] < names["dbow"]
    assert names["dm-mean"] - names["dbow-words"] == {
        (f"{name}(4)", "restart")
        for name in ("frozen", "adapted", "pretrained-words", "pretrained-words-frozen")
    }
    assert len(trained) == 5 * sum(map(len, names.values()))


def test_chosen_strategies_sieve_the_other_studies() -> None:
    request = Request(strategies=("combined",))
    assert list(study_cells("all", request).by_study) == ["strategies"]
    assert {c.variant for c in study_cells("order", request).cells} == {"combined"}


def test_models_are_those_asked_for() -> None:
    cells = study_cells("order", Request(models=("dm-sum",))).cells
    assert {c.settings.model for c in cells if isinstance(c, TrainedCell)} == {"dm-sum"}


def test_a_family_that_trains_nothing_to_encode_has_no_grid_of_inference() -> None:
    with pytest.raises(UsageError, match="family word2vec-mean trains nothing to encode"):
        Request(family="word2vec-mean", infer_epochs=(5, 20))
    request = Request(family="word2vec-mean")
    assert "inference" not in study_cells("all", request).by_study
    assert len({cell.inference for cell in study_cells("order", request).cells}) == 1
    with pytest.raises(UsageError, match="study inference has no cell"):
        study_cells("inference", request)


@pytest.mark.parametrize("profile", ["default", "full"])
@pytest.mark.parametrize(
    ("study", "policy", "most"),
    [
        ("strategies", "natural", 0.8), ("schedules", "natural", 0.45),
        # Only plans that count alike begin alike: generic-only shares nothing with sequential(4).
        ("strategies", "presented", 0.92), ("schedules", "presented", 0.5),
    ],
)  # fmt: skip
def test_the_tree_saves_what_it_must(
    study: str, policy: str, most: float, profile: str, docstrings_pair: Pair, synthetic_pair: Pair
) -> None:
    pairs = {pair.name: pair for pair in (docstrings_pair, synthetic_pair)}
    request = Request(profile, vocabulary=(policy,))
    words = lay_out(study_cells(study, request).cells, pairs).words
    assert words["tree"] <= most * words["alone"]


def test_every_cell_of_every_profile_has_a_plan(small_cards: Cards, small_pair: Pair) -> None:
    cells = study_cells("all", Request("full", pairs=("small",))).cells
    layout = lay_out(cells, {"small": small_pair})
    assert len(layout.plans) == sum(isinstance(cell, TrainedCell) for cell in cells)
    found = [i for stretch in layout.stretches for i, _ in stretch.cells]
    assert sorted([*found, *layout.alone]) == list(range(len(cells)))


def test_a_manifest_says_how_far_the_corpora_of_a_pair_differ(small_pair: Pair) -> None:
    (cell,) = study_cells("order", Request(pairs=("small",), seeds=1)).cells[:1]
    key = cell.key(small_pair.key)
    made = make_manifest("order", {"order": [cell]}, {cell: key}, {"small": small_pair}, {}, {})
    manifest = {**made, "schema": MANIFEST_SCHEMA}
    assert well_formed(manifest)
    for name, value in nearness(small_pair).items():
        assert made["pairs"]["small"][name] == pytest.approx(value, abs=1e-6)
        for wrong in (float("nan"), "near", None):
            described = {**made["pairs"]["small"], name: wrong}
            assert not well_formed({**manifest, "pairs": {"small": described}})


def test_combined_is_computed_once_where_policies_are_alike() -> None:
    """It presents all documents equally often, and so do its natural counts."""
    for study in ("counts", "vocabulary"):
        cells = study_cells(study, Request(pairs=("synthetic",), seeds=1)).cells
        policies = [c.settings.vocabulary for c in cells if c.variant == "combined"]  # type: ignore[union-attr]
        assert policies == (["presented"] if study == "counts" else ["presented", "generic"])
    alone = study_cells("counts", Request(pairs=("synthetic",), seeds=1, vocabulary=("natural",)))
    assert "combined" in {cell.variant for cell in alone.cells}


def test_the_frontier_is_a_ladder_of_as_many_candidates_for_each(small_pair: Pair) -> None:
    """From one pass over D up, over seven budgets by factors of two and more."""
    for profile, epochs in itertools.product(PROFILES, (10, 2, 1)):
        request = Request(profile, pairs=("small",), seeds=1, epochs=epochs)
        cells = study_cells("frontier", request).cells
        trained = [c for c in cells if isinstance(c, TrainedCell)]
        counts = Counter(c.strategy.name for c in trained)
        assert list(counts) == list(STRATEGIES_COMPARED)
        assert len(set(counts.values())) == 1, (profile, epochs)
        assert len(trained) == len(set(trained))
    assert {c.schedule.name for c in trained if c.strategy.name == "sequential"} == {"restart"}
    assert {c.baseline for c in cells if not isinstance(c, TrainedCell)} == {"tf-idf"}
    usual = [c for c in study_cells("frontier", Request(pairs=("small",), seeds=1)).cells
             if isinstance(c, TrainedCell)]  # fmt: skip
    layout = lay_out(usual, {"small": small_pair})
    words = {i: sum(p.words(layout.sizes[i]) for p in plans) for i, plans in layout.plans.items()}
    one_pass = layout.sizes[0].domain_words
    assert min(words.values()) == one_pass
    for name in counts:
        mine = sorted(words[i] for i, c in enumerate(usual) if c.strategy.name == name)
        assert mine[-1] >= (32 if name == "domain-only" else 40) * one_pass
    assert max(words.values()) >= 2**6 * one_pass


def test_full_frontier_shares_the_generic_phase_of_follow_ups_with_natural_counts(
    small_pair: Pair,
) -> None:
    request = Request("full", pairs=("small",), seeds=1, strategies=None)
    cells = [c for c in study_cells("frontier", request).cells if c.variant.startswith("sequ")]
    words = {
        policy: lay_out(
            [c for c in cells if c.settings.vocabulary == policy],  # type: ignore[union-attr]
            {"small": small_pair},
        ).words
        for policy in ("natural", "presented")
    }
    assert words["natural"]["tree"] < words["natural"]["alone"]
    assert words["presented"]["tree"] == words["presented"]["alone"]
