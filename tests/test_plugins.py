"""Definitions of third parties: found, loaded when asked for, refused by name, part of the key."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cells import trained_cell
from plugin_support import installed, lay

from d2vbench.bench.compute.environment import environment
from d2vbench.bench.spec.cell import Cell
from d2vbench.bench.spec.studies import STUDIES, Request, study_cells
from d2vbench.cli.main import main
from d2vbench.corpora import load_cards, open_corpus
from d2vbench.corpora.cards import CorpusCard
from d2vbench.corpora.readers import READERS
from d2vbench.errors import UserError
from d2vbench.evaluation import BASELINES, CLASSIFIERS
from d2vbench.families.doc2vec import Doc2VecSettings
from d2vbench.plugins import Catalogue, PluginError, found_in
from d2vbench.strategies import (
    SCHEDULES,
    STRATEGIES,
    Sizes,
    make_plan,
    make_plans,
    parse_schedule,
    parse_strategy,
)

SIZES = Sizes(7, 3, 1000, 100)

STRATEGY = """
import dataclasses
from d2vbench.strategies import Phase, Share, StrategyDefinition, Terms

def shop(of):
    \"\"\"As combined, with a share.\"\"\"
    return (Phase("mixed", of.epochs, generic=of.generic, domain=of.domain, nearest=of.share),)

SHOP = StrategyDefinition(shop, share=Share("p", 0.5, at_zero="leaves nothing"))
TWIN = StrategyDefinition(lambda of: ((Phase("g", 1, generic=of.generic),),) * 2, k=False, models=2)
LIST = StrategyDefinition(lambda of: [Phase("g", 1, generic=of.generic)])
FAILS = StrategyDefinition(lambda of: of.nothing)
BARE = shop
WORD = StrategyDefinition(shop, word="some")
"""
SCHEDULE = """
from d2vbench.strategies import AlphaPiece, ScheduleDefinition

def half(of):
    \"\"\"Level at a.\"\"\"
    return tuple((AlphaPiece(phase.epochs, of.value, of.value),) for phase in of.phases)

HALF = ScheduleDefinition(half, value="a")
SHORT = ScheduleDefinition(lambda of: ())
"""
READER = """
from d2vbench.corpora.store.documents import Document

def fingerprint(parameters, files):
    return {}

def read(parameters, files):
    for i in range(parameters["n"]):
        yield Document(str(i), "some words here", "ab"[i % 2], None)
"""


def plan(strategy: str, schedule: str = "linear"):  # type: ignore[no-untyped-def]
    return make_plans(
        parse_strategy(strategy), parse_schedule(schedule), SIZES,
        epochs=2, alpha=0.025, min_alpha=0.0001,
    )  # fmt: skip


def test_a_strategy_and_a_schedule(tmp_path: Path) -> None:
    lay(
        tmp_path, "shop-plans", {"shop_a/s.py": STRATEGY, "shop_a/r.py": SCHEDULE},
        {
            "strategies shop2": "shop_a.s:SHOP",
            "strategies twin": "shop_a.s:TWIN",
            "schedules half": "shop_a.r:HALF",
        },
    )  # fmt: skip
    with installed(tmp_path):
        assert list(STRATEGIES)[-2:] == ["shop2", "twin"]
        assert len(STRATEGIES) == len(STRATEGIES.built_in) + 2
        assert "shop_a.s" not in sys.modules
        strategy = parse_strategy("shop2(4)")
        assert (str(strategy), strategy.k, strategy.share) == ("shop2(4, 0.5)", 4, 0.5)
        assert STRATEGIES["shop2"].form("shop2") == "shop2(k, p)"
        with pytest.raises(UserError, match="strategy shop2: a p of 0 leaves nothing"):
            parse_strategy("shop2(4, 0)")
        schedule = parse_schedule("half(0.01)")
        made = make_plan(strategy, schedule, SIZES, epochs=2, alpha=0.025, min_alpha=0.0001)
        assert made.presentations() == (2, 8)
        assert made.phases[0].epoch_alpha(1) == (0.01, 0.01)
        assert (parse_strategy("twin").models, len(plan("twin"))) == (2, 2)
        assert STRATEGIES.origin("shop2") == SCHEDULES.origin("half") == "shop-plans 1.0"
        assert environment()["packages"]["shop-plans"] == "1.0"
    assert "shop2" not in STRATEGIES


@pytest.mark.parametrize(
    ("value", "strategy", "problem"),
    [
        (
            "shop_b.s:NONE", "shop(1)",
            "cannot be loaded: AttributeError: module 'shop_b.s' has no attribute 'NONE'",
        ),
        ("shop_b.no:X", "shop(1)", "cannot be loaded: ModuleNotFoundError: No module named 'shop_"),
        ("shop_b.raises:X", "shop(1)", "cannot be loaded: ZeroDivisionError: division by zero (ra"),
        ("shop_b.exits:X", "shop(1)", "cannot be loaded: SystemExit: 3 (exits.py, line 2)"),
        ("shop_b.s:BARE", "shop(1)", "must be a StrategyDefinition, got <function shop at 0x"),
        ("shop_b.s:WORD", "shop(1)", "has the word 'some' for k, which must be 'budget' or 'bal"),
        ("shop_b.s:LIST", "shop(1)", "must lay out a tuple of Phase for each of 1 models"),
        (
            "shop_b.s:FAILS", "shop(1)",
            "failed: AttributeError: 'Terms' object has no attribute 'nothing' (s.py, line 12)",
        ),
    ],
)  # fmt: skip
def test_a_broken_strategy_is_one_sentence(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    value: str,
    strategy: str,
    problem: str,
) -> None:
    files = {
        "shop_b/s.py": STRATEGY,
        "shop_b/raises.py": "X = 1\nX = X / 0\n",
        "shop_b/exits.py": "import sys\nsys.exit(3)\n",
    }
    lay(tmp_path, "shop-b", files, {"strategies shop": value})
    monkeypatch.chdir(tmp_path)
    with installed(tmp_path):
        with pytest.raises(PluginError) as caught:
            plan(strategy)
        text = str(caught.value)
        where = f"of shop-b 1.0 (entry point shop = {value} in d2vbench.strategies)"
        assert text.startswith(f"strategy 'shop' {where} {problem}")
        assert text.endswith("; fix or uninstall shop-b")
        assert main(["explain", strategy, "--pair", "synthetic"]) == 1
        captured = capsys.readouterr()
        assert captured.err.rstrip() == f"d2vbench: error: {text}".rstrip()
        # Nobody else comes to harm, and the list says what is the matter.
        assert plan("combined")
        assert main(["list"]) == 0
        assert "shop" in capsys.readouterr().out


def test_a_broken_schedule(tmp_path: Path) -> None:
    lay(
        tmp_path, "shop-c", {"shop_c.py": SCHEDULE},
        {"schedules short": "shop_c:SHORT", "schedules bare": "shop_c:half"},
    )  # fmt: skip
    with installed(tmp_path):
        with pytest.raises(PluginError, match="must make a tuple of AlphaPiece for each phase; "):
            plan("combined", "short")
        with pytest.raises(
            PluginError, match=r"schedule 'bare' of shop-c 1\.0 .*Definition, got <"
        ):
            parse_schedule("bare")


@pytest.mark.parametrize(
    ("group", "name", "catalogue"),
    [
        ("strategies", "combined", STRATEGIES), ("schedules", "linear", SCHEDULES),
        ("studies", "strategies", STUDIES), ("studies", "all", STUDIES),
        ("readers", "synthetic", READERS),
    ],
)  # fmt: skip
def test_a_name_of_d2vbenchs_own_is_refused(
    tmp_path: Path, group: str, name: str, catalogue: Catalogue[object]
) -> None:
    lay(tmp_path, "shop-d", {}, {f"{group} {name}": "shop_d:X"})
    with installed(tmp_path), pytest.raises(PluginError) as caught:
        catalogue[name]
    assert str(caught.value) == (
        f"{catalogue.kind} {name!r} of shop-d 1.0 (entry point {name} = shop_d:X in "
        f"d2vbench.{group}) would replace d2vbench's own of that name: rename it; fix or "
        "uninstall shop-d"
    )


VERSIONED = """
from d2vbench.evaluation import Baseline, Classifier
from d2vbench.strategies import ScheduleDefinition, StrategyDefinition

def predict(*of, **more):
    raise NotImplementedError

OF = {{
    "strategies": StrategyDefinition(predict, version={version}),
    "schedules": ScheduleDefinition(predict, version={version}),
    "classifiers": Classifier(predict, "Says", version={version}),
    "baselines": Baseline(predict, "Says", version={version}),
}}
STRATEGIES, SCHEDULES, CLASSIFIERS, BASELINES = OF.values()
"""
CATALOGUES = {c.group.removeprefix("d2vbench."): c for c in (
    STRATEGIES, SCHEDULES, CLASSIFIERS, BASELINES,
)}  # fmt: skip


@pytest.mark.parametrize("group", CATALOGUES)
@pytest.mark.parametrize("version", ["-1", "0", "True", "'2'", "1.0"])
def test_a_wrong_version(tmp_path: Path, group: str, version: str) -> None:
    catalogue, value = CATALOGUES[group], f"shop_v:{group.upper()}"
    files = {"shop_v.py": VERSIONED.format(version=version)}
    lay(tmp_path, "shop-v", files, {f"{group} shop": value})
    with installed(tmp_path), pytest.raises(PluginError) as caught:
        catalogue["shop"]
    assert str(caught.value) == (
        f"{catalogue.kind} 'shop' of shop-v 1.0 (entry point shop = {value} in d2vbench.{group}) "
        f"has the version {version}: expected a whole number from 1 up, or none; "
        "fix or uninstall shop-v"
    )


@pytest.mark.parametrize("group", CATALOGUES)
def test_a_version_stands_for_the_sources(tmp_path: Path, group: str) -> None:
    found: dict[str, list[int | str]] = {"None": [], "3": []}
    for version, said in found.items():
        for edit in ("", "# edited\n"):
            site = tmp_path / f"{version} {len(edit)}"
            files = {"shop_v.py": VERSIONED.format(version=version) + edit}
            lay(site, "shop-v", files, {f"{group} shop": f"shop_v:{group.upper()}"})
            with installed(site):
                said.append(CATALOGUES[group].version("shop"))
    assert found["3"] == [3, 3]
    first, second = found["None"]
    assert isinstance(first, str)
    assert first != second


@pytest.mark.parametrize("group", ["classifiers", "baselines"])
def test_what_is_no_definition(tmp_path: Path, group: str) -> None:
    catalogue = CATALOGUES[group]
    lay(tmp_path, "shop-w", {"shop_w.py": "X = len"}, {f"{group} shop": "shop_w:X"})
    with installed(tmp_path), pytest.raises(PluginError) as caught:
        catalogue["shop"]
    assert str(caught.value) == (
        f"{catalogue.kind} 'shop' of shop-w 1.0 (entry point shop = shop_w:X in d2vbench.{group}) "
        f"must be a {catalogue.kind.capitalize()}, got <built-in function len>; "
        "fix or uninstall shop-w"
    )


def test_a_baseline_that_says_not_what_seeds_share(tmp_path: Path) -> None:
    plain = 'Baseline(predict, "Says", version=1'
    text = VERSIONED.format(version=1).replace(plain, f"{plain}, alike=True")
    lay(tmp_path, "shop-x", {"shop_x.py": text}, {"baselines shop": "shop_x:BASELINES"})
    with installed(tmp_path), pytest.raises(PluginError, match="with alike=True needs learns: "):
        CATALOGUES["baselines"]["shop"]


def test_a_definition_of_d2vbenchs_own_is_one_file(tmp_path: Path) -> None:
    files = {
        "shop_p/__init__.py": "",
        "shop_p/nearest_two.py": "CLASSIFIER = 2",
        "shop_p/helper.py": "OTHER = 3",
        "shop_p/named.py": "import types\nCLASSIFIER = types.SimpleNamespace(name='a-name')",
        "shop_p/zero.py": "import types\nCLASSIFIER = types.SimpleNamespace(rank=1)",
    }
    lay(tmp_path, "shop-p", files, {})
    with installed(tmp_path):
        __import__("shop_p")
        found = found_in("shop_p", "CLASSIFIER")
        assert list(found) == ["zero", "a-name", "nearest-two"]
        assert found["nearest-two"] == 2
        (tmp_path / "shop_p" / "another.py").write_text("CLASSIFIER = 4")
        importlib.invalidate_caches()
        assert list(found_in("shop_p", "CLASSIFIER"))[1:] == ["a-name", "another", "nearest-two"]


def test_two_of_a_name_and_a_name_that_cannot_be_written(tmp_path: Path) -> None:
    lay(tmp_path, "shop-e", {"shop_e.py": STRATEGY}, {"strategies shop": "shop_e:SHOP"})
    lay(tmp_path, "shop-f", {}, {"strategies shop": "shop_f:X", "strategies Sh op": "shop_e:SHOP"})
    with installed(tmp_path):
        with pytest.raises(PluginError, match=r"has the name of another, of shop-f 1\.0 \(entry"):
            parse_strategy("shop")
        with pytest.raises(PluginError, match="needs a name of lower-case letters, digits, hyphen"):
            STRATEGIES["Sh op"]


def cell(strategy: str, schedule: str = "linear") -> Cell:
    return trained_cell(
        pair="small", fraction=1.0, settings=Doc2VecSettings("dbow"), strategy=strategy,
        schedule=schedule, seed=0, epochs=2, engine="gensim",
    )  # fmt: skip


@pytest.mark.parametrize("edited", ["s.py", "below/helper.py"])
def test_an_edit_is_another_key(tmp_path: Path, edited: str) -> None:
    files = {"shop_g/s.py": STRATEGY, "shop_g/below/helper.py": "", "shop_h.py": SCHEDULE}
    entries = {"strategies shop": "shop_g.s:SHOP", "schedules half": "shop_h:HALF"}
    keys = []
    for text in ("", "# edited\n"):
        folder = tmp_path / f"site{len(keys)}"
        lay(folder, "shop-g", files, entries)
        (folder / "elsewhere.py").write_text(text)
        with (folder / "shop_g" / edited).open("a") as file:
            file.write(text)
        with installed(folder):
            cells = (cell("shop(4)"), cell("combined"), cell("combined", "half(0.01)"))
            keys.append([c.key("pair") for c in cells])
    assert keys[0][0] != keys[1][0]
    assert keys[0][1:] == keys[1][1:]


def test_a_reader(tmp_path: Path) -> None:
    card = CorpusCard("made", "1", "t", "d", "shop", "l", parameters={"n": 6})
    folders = []
    for i, text in enumerate((READER, READER + "# edited\n", READER.replace("some", "other"))):
        site = tmp_path / f"site{i}"
        lay(site, "shop-r", {"shop_r.py": text}, {"readers shop": "shop_r"})
        with installed(site):
            corpus = open_corpus(card, cache=tmp_path / "cache")
        assert len(corpus.offsets) == 7
        folders.append(corpus.folder)
    assert len(set(folders)) == 3


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("X = 1", "must be a module with the functions fingerprint and read, got <module 'shop_q'"),
        (READER.replace('["n"]', '["m"]'), "failed: KeyError: 'm' (shop_q.py, line 8)"),
        (READER.replace("{}", "nothing"), "failed: NameError: name 'nothing' is not defined (shop"),
    ],
)
def test_a_broken_reader(tmp_path: Path, source: str, problem: str) -> None:
    card = CorpusCard("made", "1", "t", "d", "shop", "l", parameters={"n": 6})
    lay(tmp_path, "shop-q", {"shop_q.py": source}, {"readers shop": "shop_q"})
    with installed(tmp_path), pytest.raises(PluginError) as caught:
        open_corpus(card, cache=tmp_path / "cache")
    where = "of shop-q 1.0 (entry point shop = shop_q in d2vbench.readers)"
    assert f"reader 'shop' {where} {problem}" in str(caught.value)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("shop_s:OTHER", "is a Study of another name, 'else'"),
        ("shop_s:none", "must be a Study, got <function none at "),
        ("shop_s:ODD", "must return a list of cells; fix"),
        ("shop_s:FAILS", "failed: ZeroDivisionError: division by zero (shop_s.py, line 8)"),
        ("shop_s:BLIND", "ignores must be a tuple of attributes of a Request, got 'alpha'; fix"),
        ("shop_s:WRONG", "single must be a tuple of attributes of a Request, got ('alphas',); fix"),
    ],
)
def test_a_broken_study(tmp_path: Path, value: str, problem: str) -> None:
    source = """
from d2vbench.bench.spec.studies import Study

def none(request):
    return []

def fails(request):
    return 1 / 0

OTHER = Study("else", "q", none)
ODD = Study("shop", "q", lambda request: ["combined"])
FAILS = Study("shop", "q", fails)
BLIND = Study("shop", "q", none, ignores=("alpha"))
WRONG = Study("shop", "q", none, single=("alphas",))
"""
    lay(tmp_path, "shop-s", {"shop_s.py": source}, {"studies shop": value})
    with installed(tmp_path):
        with pytest.raises(PluginError) as caught:
            study_cells("shop", Request())
        assert f"in d2vbench.studies) {problem}" in str(caught.value)
        # Not a part of `all`, which is the same everywhere.
        assert study_cells("all", Request(seeds=1, profile="quick")).cells


CORPUS = 'name = "c"\nversion = "1"\ntitle = "t"\ndescription = "d."\nreader = "synthetic"\n'
PAIR = (
    'name = "p"\nversion = "1"\ntitle = "t"\ndescription = "d."\n'
    '[generic]\ncorpus = "c"\n[domain]\ncorpus = "{}"\n'
)


def test_cards_of_a_package_and_of_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay(
        tmp_path / "site", "shop-k",
        {"shop_k/cards/c.toml": CORPUS + 'licence = "l"'}, {"cards shop": "shop_k.cards"},
    )  # fmt: skip
    own = tmp_path / "own"
    own.mkdir()
    (own / "p.pair.toml").write_text(PAIR.format("synthetic"))
    monkeypatch.setenv("D2VBENCH_CARDS", f"{own}{os.pathsep}")
    with installed(tmp_path / "site"):
        cards = load_cards()
        assert cards.pair("p").domain.corpus == "synthetic"
        assert cards.origins == {"c.toml": "shop-k 1.0", "p.pair.toml": "D2VBENCH_CARDS"}
        assert "synthetic" in cards.pairs
        (own / "p.pair.toml").write_text(PAIR.format("k"))
        with pytest.raises(UserError, match=r"^D2VBENCH_CARDS: p\.pair\.toml: unknown corpus 'k'"):
            load_cards()
        (own / "p.pair.toml").unlink()
        (own / "c.toml").write_text(CORPUS + 'licence = "l"')
        with pytest.raises(UserError) as caught:
            load_cards()
        assert str(caught.value) == (
            "D2VBENCH_CARDS: c.toml: shop-k 1.0 has a card of that name already; give this one "
            "another"
        )
    monkeypatch.setenv("D2VBENCH_CARDS", str(own / "no"))
    with pytest.raises(UserError, match=r"^D2VBENCH_CARDS: there is no folder "):
        load_cards()


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("c.toml", CORPUS, ": c.toml: missing key: licence"),
        (
            "synthetic.toml", CORPUS.replace('"c"', '"synthetic"') + 'licence = "l"',
            ": synthetic.toml: d2vbench has a card of that name already; give this one another",
        ),
        ("readme.txt", "", " must be a package with *.toml files, got <module 'shop_l.cards'"),
    ],
)  # fmt: skip
def test_wrong_cards_of_a_package(tmp_path: Path, name: str, text: str, problem: str) -> None:
    files = {f"shop_l/cards/{name}": text, "shop_l/cards/__init__.py": ""}
    lay(tmp_path, "shop-l", files, {"cards shop": "shop_l.cards"})
    with installed(tmp_path), pytest.raises(UserError) as caught:
        load_cards()
    where = "of shop-l 1.0 (entry point shop = shop_l.cards in d2vbench.cards)"
    assert f"{where}{problem}" in str(caught.value)


def test_help_imports_no_plugin(tmp_path: Path) -> None:
    groups = ("strategies", "schedules", "studies", "cards", "readers")
    lay(
        tmp_path, "shop-m", {"shop_m.py": "raise SystemExit('imported')"},
        {f"{group} shop": "shop_m" for group in groups},
    )  # fmt: skip
    paths = [str(tmp_path), os.environ.get("PYTHONPATH", "")]
    done = subprocess.run(
        [sys.executable, "-m", "d2vbench", "--help"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        capture_output=True, text=True,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
