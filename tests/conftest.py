"""Fixtures that many tests share: a store of its own, a small pair of each kind."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import hypothesis
import pytest
import shared_data
from small_run import Quiet, grid
from tiny_cards import lay_tiny_cards

from d2vbench.bench.execution.runner import RunResult, run_cells
from d2vbench.corpora import Cards, Pair, load_cards, open_pair
from d2vbench.corpora.cards import CorpusCard, PairCard, SideCard

# A machine that is busy is no failure.
hypothesis.settings.register_profile("no deadline", deadline=None)
hypothesis.settings.load_profile("no deadline")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    if call.when == "call" and shared_data.opened:
        item.user_properties.append(("shared", sorted(set(shared_data.opened))))
        shared_data.opened.clear()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say whether the tests that need archives beside the repository ran here."""
    passed = terminalreporter.stats.get("passed", [])
    read = [names for report in passed if (names := dict(report.user_properties).get("shared"))]
    skipped = [
        r
        for r in terminalreporter.stats.get("skipped", [])
        if shared_data.ABSENT in str(r.longrepr)
    ]
    names = {name for names in read for name in names}
    if read or skipped:
        terminalreporter.write_line(
            f"archives beside the repository: {len(read)} tests read {len(names)} of them, "
            f"{len(skipped)} tests were skipped for want of one"
        )


@pytest.fixture(scope="session", autouse=True)
def _hears_ctrl_c() -> None:
    """A shell starts what runs in the background with Ctrl-C ignored, and so its children's."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One store for all test processes: two that build an entry do not harm each other."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "cache"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(autouse=True)
def _own_cache(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("D2VBENCH_DATA", str(cache))


@pytest.fixture(scope="session")
def small_cards() -> Cards:
    """A synthetic pair that trains in a fraction of a second."""
    parameters = {
        **load_cards().corpora["synthetic"].parameters,
        "classes": 4,
        "generic_documents": 200,
        "domain_documents": 120,
    }
    corpus = CorpusCard("small", "1", "t", "d", "synthetic", "CC0-1.0", parameters=parameters)
    pair = PairCard(
        "small",
        "1",
        "t",
        "d",
        generic=SideCard("small", include=["generic.*"]),
        domain=SideCard("small", include=["domain.*"], train_share=0.5),
        near_duplicate=1.0,
    )
    return Cards({"small": corpus}, {"small": pair})


@pytest.fixture(scope="session")
def tiny_cards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for ``D2VBENCH_CARDS`` with the pair ``tiny``: the synthetic one, much smaller."""
    return lay_tiny_cards(tmp_path_factory.mktemp("cards"))


@pytest.fixture(scope="session")
def small_pair(small_cards: Cards, cache: Path) -> Pair:
    return open_pair(small_cards.pair("small"), small_cards, cache)


@pytest.fixture(scope="session")
def docstrings_pair(cache: Path) -> Pair:
    cards = load_cards()
    return open_pair(cards.pair("docstrings-scipy"), cards, cache)


@pytest.fixture(scope="session")
def synthetic_pair(cache: Path) -> Pair:
    cards = load_cards()
    return open_pair(cards.pair("synthetic"), cards, cache)


@pytest.fixture(scope="session")
def finished_run(
    small_cards: Cards, cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> RunResult:
    out = tmp_path_factory.mktemp("run")
    return run_cells(grid(), small_cards, out, study="strategies", listener=Quiet(), cache=cache)
