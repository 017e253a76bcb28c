"""Cells of the published results are computed again: a guard against silent change.

`d2vbench verify` does the same for any number of cells.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from shared_data import shared_archive

from d2vbench.bench.store.manifest import read_manifest
from d2vbench.bench.store.records import RecordStore
from d2vbench.bench.store.verify import Verified, verify
from d2vbench.cli.main import main
from d2vbench.corpora import load_cards, open_pair

PUBLISHED = Path(__file__).resolve().parents[1] / "results" / "published"


def computed_again(run: str, pair: str, strategy: tuple[str, int]) -> Verified:
    """Of the cells with seed 0 of a strategy in PV-DBOW, the first of the manifest."""
    store = RecordStore(PUBLISHED / run)
    manifest = read_manifest(PUBLISHED / run)
    assert manifest is not None
    for key in manifest["cells"]:
        cell = store.read(key)["cell"]
        strategy_there = (
            (cell.get("strategy") or {}).get("name"),
            (cell.get("strategy") or {}).get("k"),
        )
        in_dbow = cell.get("settings", {}).get("model") == "dbow"
        if in_dbow and (cell["pair"], *strategy_there, cell["seed"]) == (pair, *strategy, 0):
            cards = load_cards()
            return verify(store, key, open_pair(cards.pair(pair), cards))
    raise AssertionError(f"no such cell in {run}")


def check(found: Verified) -> None:
    """To the digit; between machines and versions the classifier may move a few documents."""
    assert set(found.accuracies) == {"all", "10"}
    for published, now in found.accuracies.values():
        assert now == pytest.approx(published, abs=0.01 if found.elsewhere else 0)
    assert found.elsewhere or not found.difference


def test_a_published_cell_of_made_text_is_the_same_to_the_digit() -> None:
    check(computed_again("embedded", "synthetic", ("sequential", 4)))


def test_a_published_cell_of_real_text_is_the_same_to_the_digit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = shared_archive("20news-bydate.tar.gz")
    monkeypatch.setenv("D2VBENCH_DATA", str(tmp_path))
    assert main(["fetch", "20newsgroups", "--from", str(archive.parent)]) == 0
    check(computed_again("strategies", "newsgroups-sci", ("oversampled", 4)))
