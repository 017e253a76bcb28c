"""The truth of a claim is set by the dial of the synthetic pair; the verdict follows it."""

from __future__ import annotations

from pathlib import Path

import pytest
from cells import trained_cell
from small_run import Quiet

from d2vbench.analysis import CLAIMS, RunData, judge, load_run
from d2vbench.bench.execution.runner import run_cells
from d2vbench.corpora import Cards, load_cards
from d2vbench.corpora.cards import CorpusCard, PairCard, SideCard
from d2vbench.families.doc2vec import Doc2VecSettings
from d2vbench.families.doc2vec.native import kernel as native

SAME, OPPOSED = "same-senses", "opposed-senses"


def pair_of(name: str, shift: float) -> tuple[CorpusCard, PairCard]:
    """Sixteen labelled documents of eight topics, and 1,500 generic ones, of one sense or not."""
    parameters = {
        **load_cards().corpora["synthetic"].parameters,
        "generic_documents": 1500,
        "domain_documents": 320,
        "shift": shift,
    }
    corpus = CorpusCard(name, "1", "t", "d", "synthetic", "CC0-1.0", parameters=parameters)
    generic = SideCard(name, include=["generic.*"])
    domain = SideCard(name, include=["domain.*"], train_share=0.05)
    return corpus, PairCard(name, "1", "t", "d", generic=generic, domain=domain, near_duplicate=1.0)


@pytest.fixture(scope="module")
def trained(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> RunData:
    made = [pair_of(SAME, 0.0), pair_of(OPPOSED, 1.0)]
    cards = Cards({c.name: c for c, _ in made}, {p.name: p for _, p in made})
    cells = [
        trained_cell(
            pair=pair,
            fraction=1.0,
            settings=Doc2VecSettings("dbow", vector_size=16, min_count=2),
            strategy=strategy,
            schedule="linear",
            seed=seed,
            epochs=10,
            alpha=0.15,
            engine="native" if native.available() else "gensim",
            budgets=("all",),
        )
        for pair in cards.pairs
        for seed in range(4)
        for strategy in ("combined", "domain-only(budget)")
    ]
    out = tmp_path_factory.mktemp("synthetic")
    run_cells(cells, cards, out, study="strategies", listener=Quiet(), cache=cache)
    return load_run(out)


def test_whether_generic_text_dilutes_goes_with_the_truth(trained: RunData) -> None:
    """C3: opposed senses harm, equal senses help; nothing else differs between the two pairs."""
    (claim,) = [claim for claim in CLAIMS if claim.id == "C3"]

    def outcome(pair: str) -> str:
        return str(judge([claim], trained.only(trained.cells["pair"] == pair))[0].outcome)

    assert outcome(OPPOSED) == "supported"
    assert outcome(SAME) == "contradicted"
    (both,) = judge([claim], trained)
    assert str(both.outcome) == "mixed"
    assert {pair: str(o) for (pair, _), o in both.by_place.items()} == {
        SAME: "contradicted",
        OPPOSED: "supported",
    }
