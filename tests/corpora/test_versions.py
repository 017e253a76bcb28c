"""What an entry of the cache is known by: versions, not sources."""

from __future__ import annotations

import dataclasses
import types
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from d2vbench import plugins
from d2vbench.corpora import Cards, load_cards, open_corpus, open_pair
from d2vbench.corpora.pairs import choice, duplicates, subsets
from d2vbench.corpora.readers import READERS, synthetic
from d2vbench.corpora.store import tokenise
from d2vbench.corpora.versions import corpora_versions
from d2vbench.plugins import Offer, PluginError

# As published records of 0.1 have it.
SYNTHETIC = "f01942aa9fa8dd1b6c28394236b88c797cbb7631d86733c7e80426926305284c"


def test_the_key_of_a_pair_is_that_of_published_records(tmp_path: Path) -> None:
    cards = load_cards()
    assert open_pair(cards.pair("synthetic"), cards, tmp_path).key == SYNTHETIC


def test_each_component_has_a_version() -> None:
    assert set(corpora_versions()) == {"tokeniser", "pair choice", "near-duplicates", "subsets"}
    for name in READERS.built_in:
        assert type(READERS.version(name)) is int, name


@pytest.mark.parametrize(("module", "name"), [(tokenise, "VERSION"), (synthetic, "version")])
def test_an_entry_of_the_store_is_known_by_versions(
    small_cards: Cards,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    module: types.ModuleType,
    name: str,
) -> None:
    card = small_cards.corpus("small")
    folder = open_corpus(card, cache=tmp_path).folder
    monkeypatch.setattr(module, name, 2)
    assert open_corpus(card, cache=tmp_path).folder != folder


@pytest.mark.parametrize("module", [choice, duplicates, subsets])
def test_a_choice_is_known_by_versions(
    small_cards: Cards, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: types.ModuleType
) -> None:
    open_pair(small_cards.pair("small"), small_cards, tmp_path)
    open_pair(small_cards.pair("small"), small_cards, tmp_path)
    assert len(list((tmp_path / "pairs").iterdir())) == 1
    monkeypatch.setattr(module, "VERSION", 2)
    open_pair(small_cards.pair("small"), small_cards, tmp_path)
    assert len(list((tmp_path / "pairs").iterdir())) == 2


def test_a_choice_is_known_by_the_tokeniser(small_cards: Cards, tmp_path: Path) -> None:
    """A function of a person's own has no version: its source is in the description."""
    corpus = open_corpus(small_cards.corpus("small"), cache=tmp_path)
    for source in ("", "changed"):
        meta = {**corpus.meta, "tokeniser": {**corpus.meta["tokeniser"], "source": source}}
        side = dataclasses.replace(corpus, meta=meta)
        choice.cached_choice(small_cards.pair("small"), side, side, tmp_path, None)
    assert len(list((tmp_path / "pairs").iterdir())) == 2


def installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, source: str) -> str:
    """Offer a reader of a third party; return its name."""
    name = f"tickets_{tmp_path.name.replace('-', '_')}"
    (tmp_path / f"{name}.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    offer = Offer(EntryPoint(name, name, READERS.group))
    monkeypatch.setattr(plugins, "offers", lambda group: (offer,))
    return name


FUNCTIONS = """
def fingerprint(parameters, files): return {}
def read(parameters, files): return []
"""


def test_a_third_partys_reader_has_a_version_or_is_known_by_its_source(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    name = installed(monkeypatch, tmp_path, FUNCTIONS)
    version = READERS.version(name)
    assert isinstance(version, str) and len(version) == 64
    monkeypatch.setattr(READERS[name], "version", 3, raising=False)
    assert READERS.version(name) == 3


@pytest.mark.parametrize("version", ["-1", "0", "True", "'2'", "1.0"])
def test_a_wrong_version_of_a_reader(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: str
) -> None:
    name = installed(monkeypatch, tmp_path, f"version = {version}{FUNCTIONS}")
    with pytest.raises(PluginError) as caught:
        READERS.version(name)
    assert str(caught.value) == (
        f"reader {name!r} of an unknown distribution (entry point {name} = {name} in "
        f"d2vbench.readers) has the version {version}: expected a whole number from 1 up, or "
        "none; fix or uninstall an unknown distribution"
    )
