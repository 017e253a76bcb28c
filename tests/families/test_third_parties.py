"""Families of third parties: trained like any other, and named where something is wrong."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from learners import encode, plan_of, sides_of, untrained
from plugin_support import installed, lay
from small_run import Quiet

from d2vbench.bench.execution.runner import run_cells
from d2vbench.bench.spec.cell import BaselineCell, TrainedCell
from d2vbench.bench.spec.request import PROFILES, Request
from d2vbench.bench.spec.studies import study_cells
from d2vbench.bench.store.checkpoints import Checkpoints
from d2vbench.bench.store.records import RecordStore
from d2vbench.corpora import Cards, Pair
from d2vbench.errors import UsageError
from d2vbench.families import FAMILIES, train
from d2vbench.plugins import PluginError
from d2vbench.strategies import parse_schedule, parse_strategy

SOURCE = """
import dataclasses

import numpy as np

from d2vbench.families import Cost, Family, Learner, settings_of


@dataclasses.dataclass(frozen=True)
class Lengths:
    scale: float = 1.0

    def to_json(self):
        return dataclasses.asdict(self)


class Sums(Learner):
    def __init__(self, sides):
        self.sides = sides
        self.rates = np.zeros(2)

    def present(self, order, start_rate, end_rate, frozen=()):
        self.rates += start_rate, len(order)

    def encode(self, documents, seeds, inference):
        lengths = documents.corpus.lengths()[documents.documents]
        return np.stack([lengths, lengths * 0 + self.rates[1]], axis=1).astype(np.float32)

    def state(self):
        return {"file": self.rates, "seconds": np.array("any")}

    def restore(self, arrays):
        if set(arrays) != {"file", "seconds"}:
            raise ValueError("no state of mine")
        self.rates = arrays["file"].copy()


class Shop(Family):
    name = "shop"
    title = "Lengths of documents"
    version = 1
    learner = Sums

    def settings(self, **options):
        return settings_of(Lengths, options)

    def cost(self, settings, sides):
        return Cost(1e-7, 16, 1000)

    def prepare(self, sides, settings, seed, plan):
        return self.learner(sides)


SHOP = Shop()
"""


def offered(folder: Path, more: str = "", value: str = "SHOP") -> Path:
    lay(folder, "shop-families", {"shop_f.py": SOURCE + more}, {"families shop": f"shop_f:{value}"})
    return folder


def cells(*strategies: str) -> list[TrainedCell]:
    return [
        TrainedCell(
            "small", 1.0, "shop", FAMILIES["shop"].settings(), parse_strategy(strategy),
            parse_schedule("restart"), seed=0, epochs=2, diagnosed=True,
        )
        for strategy in strategies
    ]  # fmt: skip


def test_usual_answers_and_a_plan(small_pair: Pair, tmp_path: Path) -> None:
    with installed(offered(tmp_path)):
        family, sides = FAMILIES["shop"], sides_of(small_pair)
        settings = family.settings()
        assert (family.name, FAMILIES.version("shop")) == ("shop", 1)
        assert family.label(settings) == "shop"
        # It has no vocabulary policies, so no study asks for some.
        for profile in PROFILES:
            laid = study_cells("all", Request(profile, family="shop")).by_study
            assert not {"counts", "vocabulary"} & laid.keys()
            assert "strategies" in laid
        assert family.components(settings) == {}
        assert family.refuses(settings, parse_strategy("frozen(2)")) == ""
        assert not family.trains_apart(settings)
        # Encoding trains, so that a study may ask for its epochs and alpha.
        assert family.trains_to_encode(settings) is True
        plan = plan_of(small_pair, "sequential(2)", "restart")
        assert family.part_of_plan(settings, plan) is None
        with pytest.raises(PluginError, match="ValueError: family shop trains no plan apart"):
            family.train_apart(sides, settings, 1, plan)
        with pytest.raises(UsageError, match="no such setting: width; there are scale"):
            family.settings(width=3)
        learner = family.prepare(sides, settings, 1, plan)
        train(learner, plan, 1)
        assert learner.state()["file"][1] == 2 * len(small_pair.generic) + 4 * len(small_pair.train)
        assert encode(learner, small_pair.test).shape == (len(small_pair.test), 2)
        assert learner.sides is sides
        assert learner.degenerate() == learner.tables() == {}
        assert learner.word_rows() is learner.word_rows(small_pair.test) is None
        assert learner.readable(small_pair.test).all()
        assert learner.trained_vectors(small_pair.test) is None
        with learner.placed({}):
            pass


def test_a_run_with_branches(
    small_cards: Cards, small_pair: Pair, cache: Path, tmp_path: Path
) -> None:
    """A state of any names goes through checkpoints; drift and forgetting are left out."""
    with installed(offered(tmp_path / "site")):
        grid = cells("sequential(1)", "sequential(2)", "combined")
        result = run_cells(
            grid, small_cards, tmp_path / "out", study="s", listener=Quiet(), cache=cache
        )
        assert (result.computed, result.failures) == (3, [])
        assert result.words_trained == result.words["tree"] < result.words["alone"]
        versions = [cell.versions()["family shop"] for cell in grid]
    assert versions == [1, 1, 1]


WHERE = "family 'shop' of shop-families 1.0 (entry point shop = shop_f:SHOP in d2vbench.families) "
END = "; fix or uninstall shop-families"


def test_a_failure_names_the_distribution(small_pair: Pair, tmp_path: Path) -> None:
    more = "Shop.prepare = lambda self, sides, settings, seed, plan: 1 / 0\n"
    with installed(offered(tmp_path, more)), pytest.raises(PluginError) as caught:
        untrained(small_pair, "shop", FAMILIES["shop"].settings())
    at = len((SOURCE + more).splitlines())
    assert str(caught.value) == (
        f"{WHERE}failed: ZeroDivisionError: division by zero (shop_f.py, line {at}){END}"
    )


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ("Shop.version = -1", "has the version -1: expected a whole number from 1 up, or none"),
        ("Shop.version = True", "has the version True: expected a whole number from 1 up, or none"),
        ("Shop.name = 'else'", "is a family of another name, 'else'"),
        ("SHOP = Shop", "must be an object with the methods of d2vbench.families.Family"),
        (
            "class Bare:\n    name = title = 'shop'\n    settings = cost = refuses = label = len\n"
            "SHOP = Bare()",
            "must be an object with the methods of d2vbench.families.Family: it lacks components, "
            "narrowed, offers, part_of_plan, prepare, train_apart, trains_apart, "
            "trains_to_encode, version",
        ),
    ],
)
def test_what_is_no_family(tmp_path: Path, more: str, problem: str) -> None:
    with installed(offered(tmp_path, more)), pytest.raises(PluginError) as caught:
        FAMILIES["shop"]
    assert str(caught.value) == f"{WHERE}{problem}{END}"


def test_without_a_version_the_sources_stand_for_it(tmp_path: Path) -> None:
    found = []
    for i, more in enumerate(("Shop.version = None\n", "Shop.version = None\n# edited\n")):
        with installed(offered(tmp_path / str(i), more)):
            found.append(FAMILIES.version("shop"))
    assert all(isinstance(version, str) for version in found)
    assert found[0] != found[1]


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        (
            "Shop.settings = lambda self, **o: {}",
            "settings() must return a frozen dataclass whose ",
        ),
        (
            "Lengths.to_json = lambda self: {'scale': {1}}",
            "settings() must return a frozen dataclass whose to_json() returns JSON values, got "
            "Lengths(scale=1.0) (Object of type set is not JSON serializable)",
        ),
        (
            "Shop.components = lambda self, settings: {'hash': 0}",
            "components() must return whole numbers from 1 up by name, got {'hash': 0}",
        ),
        ("Shop.label = lambda self, settings: None", "label() must return str, got None"),
        ("Shop.refuses = lambda self, settings, s: False", "refuses() must return str, got False"),
        ("Shop.cost = lambda self, settings, sides: 3.5", "cost() must return Cost, got 3.5"),
        (
            "del Sums.restore\nShop.learner = lambda self, sides: object()",
            "prepare() must return an object with the methods of d2vbench.families.Learner: it "
            "lacks begin, degenerate, encode, placed, present, readable, restore, sides, state, "
            "tables, trained_vectors, vocabulary_size, word_rows",
        ),
    ],
)
def test_what_a_family_may_not_return(
    small_pair: Pair, tmp_path: Path, more: str, problem: str
) -> None:
    with installed(offered(tmp_path, more)), pytest.raises(PluginError) as caught:
        family = FAMILIES["shop"]
        settings = family.settings()
        family.components(settings)
        family.label(settings)
        family.refuses(settings, parse_strategy("combined"))
        family.cost(settings, sides_of(small_pair))
        family.prepare(sides_of(small_pair), settings, 1, plan_of(small_pair, "combined"))
    assert str(caught.value).startswith(f"{WHERE}{problem}")
    assert str(caught.value).endswith(END)


N = 60
SHAPE = f"encode() must return a float32 array of shape ({N}, dim)"


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ("Sums.encode = lambda self, d, s, i: None", f"{SHAPE}, got NoneType"),
        ("Sums.encode = lambda self, d, s, i: np.zeros((len(d), 2))", f"{SHAPE}, got float64"),
        (
            "Sums.encode = lambda self, d, s, i: np.zeros((len(d) + 1, 2), 'f')",
            f"{SHAPE}, got shape ({N + 1}, 2)",
        ),
        ("Sums.encode = lambda self, d, s, i: np.zeros(len(d), 'f')", f"{SHAPE}, got shape ({N},)"),
        ("Sums.encode = lambda self, d, s, i: np.zeros((len(d), 0), 'f')", f"{SHAPE}, got shape ("),
        (
            "Sums.encode = lambda self, d, s, i: np.full((len(d), 2), np.nan, 'f')",
            f"{SHAPE} of finite numbers, got NaN or infinity",
        ),
        ("Sums.encode = lambda self: None", "failed: TypeError: "),
        (
            "Sums.degenerate = lambda self, d=None: None",
            "degenerate() must return int values by name, got None",
        ),
        (
            "Sums.degenerate = lambda self, d=None: {'empty': np.int64(3)}",
            "degenerate() must return int values by name, got {'empty': ",
        ),
        ("Sums.vocabulary_size = lambda self: 1.5", "vocabulary_size() must return int, got 1.5"),
        ("Sums.vocabulary_size = lambda self: True", "vocabulary_size() must return int, got True"),
        (
            "Sums.placed = Sums.present\nSums.tables = lambda self: {'w': np.zeros(3)}",
            "tables() must return arrays of shape ",
        ),
        (
            "Sums.tables = lambda self: {'w': np.zeros((3, 2))}",
            "prepare() must return a learner with a placed() of its own, as its tables() are not ",
        ),
        ("Sums.state = lambda self: [1]", "state() must return NumPy arrays of numbers by name, "),
        (
            "Sums.state = lambda self: {'a': np.array([None])}",
            "state() must return NumPy arrays of numbers by name, got {'a': array([None], dtype=",
        ),
        (
            "Sums.restore = lambda self, arrays: None",
            "restore() must put a state back, but afterwards state() returns another 'file'",
        ),
        (
            "Sums.state = lambda self: {'other': np.zeros(2)}",
            "failed: ValueError: no state of mine (shop_f.py, line 34)",
        ),
    ],
)
def test_what_a_learner_may_not_do(
    small_cards: Cards, cache: Path, tmp_path: Path, more: str, problem: str
) -> None:
    """The cells fail, each in one sentence; none has a record."""
    with installed(offered(tmp_path / "site", more + "\n")):
        result = run_cells(
            cells("sequential(1)", "sequential(2)"), small_cards, tmp_path / "out",
            study="s", listener=Quiet(), cache=cache,
        )  # fmt: skip
    assert result.computed < 2
    assert len(list((tmp_path / "out" / "records").glob("*.json"))) == result.computed
    for _, failure in result.failures:
        last = failure.error.strip().splitlines()[-1]
        assert last.startswith(f"d2vbench.plugins.PluginError: {WHERE}{problem}")
        assert last.endswith(END)


@pytest.mark.parametrize(
    ("part", "returned", "problem"),
    [
        ("readable", "[True]", "must return a bool array of shape (60,), got [True]"),
        ("readable", "np.ones(len(d))", "must return a bool array of shape (60,), got array([1.,"),
        ("readable", "np.ones(3, bool)", "must return a bool array of shape (60,), got array([ T"),
        ("trained_vectors", "np.zeros((len(d), 2))", "must return a float32 array of shape (60, d"),
        ("word_rows", "[[1, 2]]", "must return d2vbench.families.Documents of 60 documents or Non"),
    ],
)
def test_what_a_learner_may_not_return(
    small_pair: Pair, tmp_path: Path, part: str, returned: str, problem: str
) -> None:
    with installed(offered(tmp_path, f"Sums.{part} = lambda self, d=None: {returned}\n")):
        learner = untrained(small_pair, "shop", FAMILIES["shop"].settings())
        with pytest.raises(PluginError) as caught:
            getattr(learner, part)(small_pair.test)
    assert str(caught.value).startswith(f"{WHERE}{part}() {problem}")
    assert str(caught.value).endswith(END)


@pytest.mark.parametrize(
    ("returned", "problem"),
    [
        ("None", "must return a dict, and a learner or None, got None"),
        ("Sums(sides)", "must return a dict, and a learner or None, got <shop_f.Sums object at "),
        ("({}, 3)", "must return an object with the methods of d2vbench.families.Learner: it lac"),
        ("({'outcome': 'crash'}, None)", ""),
        ("({'outcome': 'success'}, Sums(sides))", ""),
    ],
)
def test_what_training_apart_may_not_return(
    small_pair: Pair, tmp_path: Path, returned: str, problem: str
) -> None:
    more = f"Shop.train_apart = lambda self, sides, settings, seed, plan: {returned}\n"
    with installed(offered(tmp_path, more)):
        family, sides = FAMILIES["shop"], sides_of(small_pair)
        plan = plan_of(small_pair, "combined")
        if not problem:
            outcome, learner = family.train_apart(sides, family.settings(), 1, plan)
            assert (outcome["outcome"] == "crash") == (learner is None)
            return
        with pytest.raises(PluginError) as caught:
            family.train_apart(sides, family.settings(), 1, plan)
    assert str(caught.value).startswith(f"{WHERE}train_apart() {problem}")


def test_a_state_is_put_back_or_refused_by_name(small_pair: Pair, tmp_path: Path) -> None:
    """Also one that can be put back before training, and not after."""
    more = """
def restore(self, arrays):
    if arrays["file"][1] > 0:
        raise RuntimeError("worn out")

Sums.restore = restore
"""
    with installed(offered(tmp_path / "site", more)):
        family = FAMILIES["shop"]
        first, second = (
            family.prepare(
                sides_of(small_pair), family.settings(), 1, plan_of(small_pair, "combined")
            )
            for _ in range(2)
        )
        checkpoints = Checkpoints(tmp_path / "checkpoints")
        train(first, plan_of(small_pair, "combined"), 1)
        assert checkpoints.save("k", first, 2.0)
        with pytest.raises(PluginError) as caught:
            checkpoints.load("k", second)
    at = len(SOURCE.splitlines()) + 4
    assert str(caught.value) == (
        f"{WHERE}failed: RuntimeError: worn out (shop_f.py, line {at}){END}"
    )


@pytest.mark.parametrize(
    ("returned", "problem"),
    [
        ("labels", "must return an Outcome, got array("),
        ("Outcome(list(labels))", "must predict an int32 array of shape (60,), got list"),
        ("Outcome(test[:, 0])", "must predict an int32 array of shape (60,), got float32"),
        ("Outcome(labels[:3])", "must predict an int32 array of shape (60,), got shape (3,)"),
        (
            "Outcome(np.full(len(test), labels[0], np.int32), {'c': float('nan')})",
            "must return details that are JSON values: ",
        ),
        ("1 / 0", "failed: ZeroDivisionError: division by zero (shop_c.py, line 5)"),
    ],
)
def test_classifiers_of_third_parties(
    small_cards: Cards, cache: Path, tmp_path: Path, returned: str, problem: str
) -> None:
    source = f"""import numpy as np
from d2vbench.evaluation import Classifier, Outcome

def say(train, labels, test, *, seed):
    return {returned}

SAY = Classifier(say, "Says something")
"""
    lay(tmp_path / "site", "shop-c", {"shop_c.py": source}, {"classifiers say": "shop_c:SAY"})
    with installed(tmp_path / "site"):
        (cell,) = word2vec_cells()
        cell = dataclasses.replace(cell, classifiers=("logistic", "say"))
        result = run_cells(
            [cell], small_cards, tmp_path / "out", study="s", listener=Quiet(), cache=cache
        )
    ((_, failure),) = result.failures
    where = "classifier 'say' of shop-c 1.0 (entry point say = shop_c:SAY in d2vbench.classifiers) "
    assert f"PluginError: {where}{problem}" in failure.error.strip().splitlines()[-1]


def word2vec_cells() -> list[Any]:
    settings = FAMILIES["word2vec-mean"].settings(vector_size=4, min_count=2)
    return [
        TrainedCell(
            "small", 1.0, "word2vec-mean", settings, parse_strategy("combined"),
            parse_schedule("linear"), seed=0, epochs=1,
        )
    ]  # fmt: skip


def test_a_baseline_of_a_third_party(small_cards: Cards, cache: Path, tmp_path: Path) -> None:
    source = """import numpy as np
from d2vbench.evaluation import Baseline, Outcome

def most(generic, domain, test, budgets, seed):
    return [Outcome(np.full(len(test), np.bincount(b.labels).argmax(), np.int32)) for b in budgets]

MOST = Baseline(most, "The most frequent class", version=3)
NONE = Baseline(lambda *of: [], "None")
"""
    entries = {"baselines most": "shop_b:MOST", "baselines none": "shop_b:NONE"}
    lay(tmp_path / "site", "shop-b", {"shop_b.py": source}, entries)
    with installed(tmp_path / "site"):
        grid = [BaselineCell("small", 1.0, name, 0) for name in ("most", "none")]
        assert grid[0].versions()["baseline most"] == 3
        result = run_cells(
            grid, small_cards, tmp_path / "out", study="s", listener=Quiet(), cache=cache
        )
        (key,) = [key for cell, key in zip(grid, result.keys, strict=True) if cell is grid[0]]
        record = RecordStore(tmp_path / "out").read(key)
    assert set(record["metrics"]) == {"all", "10"}
    assert np.isclose(record["metrics"]["all"]["logistic"]["accuracy"], 0.25, atol=0.2)
    ((_, failure),) = result.failures
    assert "baseline 'none' of shop-b 1.0 " in failure.error
    assert "must return an outcome for each label budget; fix" in failure.error
