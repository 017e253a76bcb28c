"""A new definition is one file: of a third party's, or beside d2vbench's own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from plugin_support import lay

pytestmark = pytest.mark.processes

ROOT = Path(__file__).resolve().parents[1]

CLASSIFIER = """
import numpy as np

from d2vbench.evaluation.classifiers.definition import Classifier
from d2vbench.evaluation.classifiers.outcome import Outcome


def predict(train, labels, test, *, seed):
    nearest = ((test[:, None] - train[None]) ** 2).sum(axis=2).argmin(axis=1)
    return Outcome(labels[nearest].astype(np.int32))


CLASSIFIER = Classifier(predict, "Nearest document", version=4)
"""
BASELINE = """
import numpy as np

from d2vbench.evaluation.baselines.definition import Baseline
from d2vbench.evaluation.classifiers import Outcome


def predict(generic, domain, test, budgets, seed):
    most = [np.bincount(budget.labels).argmax() for budget in budgets]
    return [Outcome(np.full(len(test), label, np.int32)) for label in most]


BASELINE = Baseline(predict, "Most frequent class", version=5)
"""
FAMILY = """
import dataclasses

import numpy as np

from d2vbench.families.base import Cost, Family, Learner
from d2vbench.families.settings import settings_of


@dataclasses.dataclass(frozen=True)
class ShareSettings:
    vector_size: int = 8

    def to_json(self):
        return dataclasses.asdict(self)


class ShareLearner(Learner):
    def __init__(self, sides, size):
        self.sides, self.met = sides, np.zeros(size)

    def present(self, order, start_rate, end_rate, frozen=()):
        self.met += start_rate * len(order)

    def encode(self, documents, seeds, inference):
        tokens, ends = documents.gather()
        counts = np.ones((len(documents), len(self.met)))
        owner = np.repeat(np.arange(len(documents)), np.diff(ends))
        np.add.at(counts, (owner, tokens % len(self.met)), 1)
        return (counts / counts.sum(axis=1, keepdims=True) / (1 + self.met)).astype(np.float32)

    def state(self):
        return {"met": self.met}

    def restore(self, arrays):
        self.met = arrays["met"].copy()


class ShareFamily(Family):
    name = "nearby"
    title = "Shares of words"
    version = 6

    def settings(self, **options):
        return settings_of(ShareSettings, options)

    def cost(self, settings, sides):
        return Cost(1e-7, 8 * settings.vector_size, 10_000)

    def prepare(self, sides, settings, seed, plan):
        return ShareLearner(sides, settings.vector_size)


FAMILY = ShareFamily()
"""
NEW_STRATEGY = """StrategyDefinition(
    lambda of: (Phase("mixed", of.epochs, generic=of.generic, domain=of.domain),), version=7
)"""
NEW_SCHEDULE = """ScheduleDefinition(
    lambda of: tuple((AlphaPiece(phase.epochs, 0.02, 0.01),) for phase in of.phases), version=8
)"""
STRATEGY = f"from d2vbench.strategies import *\nSTRATEGY = {NEW_STRATEGY}\n"
SCHEDULE = f"from d2vbench.strategies import *\nSCHEDULE = {NEW_SCHEDULE}\n"
# Strategies and schedules stand in a file each, several in one.
BEFORE = {
    "catalogue.py": ('        "combined": StrategyDefinition(', NEW_STRATEGY),
    "schedules.py": ('        "linear": ScheduleDefinition(', NEW_SCHEDULE),
}
KINDS = {
    "classifiers": CLASSIFIER, "baselines": BASELINE, "families": FAMILY,
    "strategies": STRATEGY, "schedules": SCHEDULE,
}  # fmt: skip

RUN = """
import json
import sys
from pathlib import Path

import d2vbench
from d2vbench.bench.execution.runner import run_cells
from d2vbench.bench.spec.cell import BaselineCell, TrainedCell
from d2vbench.bench.store.records import RecordStore
from d2vbench.corpora import Cards, load_cards
from d2vbench.corpora.cards import CorpusCard, PairCard, SideCard
from d2vbench.families import FAMILIES
from d2vbench.strategies import parse_schedule, parse_strategy


class Quiet:
    def __getattr__(self, name):
        return lambda *of: None


sizes = {"classes": 4, "generic_documents": 200, "domain_documents": 120}
parameters = {**load_cards().corpora["synthetic"].parameters, **sizes}
corpus = CorpusCard("small", "1", "t", "d", "synthetic", "CC0-1.0", parameters=parameters)
pair = PairCard(
    "small", "1", "t", "d", generic=SideCard("small", include=["generic.*"]),
    domain=SideCard("small", include=["domain.*"], train_share=0.5), near_duplicate=1.0,
)


def trained(family, strategy, schedule, **more):
    settings = FAMILIES[family].settings(vector_size=8)
    strategy, schedule = parse_strategy(strategy), parse_schedule(schedule)
    return TrainedCell("small", 1.0, family, settings, strategy, schedule, 0, epochs=2, **more)


cells = [
    trained("nearby", "sequential(1)", "restart", classifiers=("logistic", "nearby")),
    trained("nearby", "sequential(2)", "restart"),
    trained("word2vec-mean", "nearby(2)", "nearby"),
    BaselineCell("small", 1.0, "nearby", 0),
]
out = Path(sys.argv[1])
result = run_cells(
    cells, Cards({"small": corpus}, {"small": pair}), out, study="s", listener=Quiet()
)
assert not result.failures, result.failures
records = [RecordStore(out).read(key) for key in result.keys]
print(json.dumps({
    "package": str(Path(d2vbench.__file__).parent.parent),
    "versions": [cell.versions() for cell in cells],
    "metrics": [record["metrics"] for record in records],
}))
"""


def run(path: Path, tmp_path: Path) -> dict[str, object]:
    paths = [str(path), str(ROOT), os.environ.get("PYTHONPATH", "")]
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(path / "out")],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_as_a_third_party_and_inside(tmp_path: Path) -> None:
    """The same definitions, offered by a package or each laid beside its like: the same results."""
    outside = tmp_path / "outside"
    files = {f"shop_o/{group}.py": text for group, text in KINDS.items()}
    attributes = {"families": "FAMILY", "strategies": "STRATEGY"}
    lay(outside, "shop-o", files, {
        f"{group} nearby": f"shop_o.{group}:{attributes.get(group, group[:-1].upper())}"
        for group in KINDS
    })  # fmt: skip
    theirs = run(outside, tmp_path)

    inside = tmp_path / "inside"
    for folder in ("d2vbench", "corpora"):
        shutil.copytree(
            ROOT / folder, inside / folder, ignore=shutil.ignore_patterns("__pycache__")
        )
    for place, text in {
        "evaluation/classifiers": CLASSIFIER, "evaluation/baselines": BASELINE, "families": FAMILY,
    }.items():  # fmt: skip
        (inside / "d2vbench" / place / "nearby.py").write_text(text)
    for name, (line, new) in BEFORE.items():
        file = inside / "d2vbench" / "strategies" / name
        text = file.read_text(encoding="utf-8")
        assert text.count(line) == 1
        file.write_text(text.replace(line, f'"nearby": {new},\n{line}'), encoding="utf-8")
    ours = run(inside, tmp_path)

    assert (theirs["package"], ours["package"]) == (str(ROOT), str(inside))
    used = [
        {kind: version for kind, version in versions.items() if kind.endswith(" nearby")}
        for versions in theirs["versions"]  # type: ignore[attr-defined]
    ]
    family = {"family nearby": 6}
    assert used == [
        {**family, "classifier nearby": 4}, family,
        {"strategy nearby": 7, "schedule nearby": 8}, {"baseline nearby": 5},
    ]  # fmt: skip
    assert theirs["versions"] == ours["versions"]
    assert theirs["metrics"] == ours["metrics"]
    metrics = theirs["metrics"][0]["all"]  # type: ignore[index]
    assert list(metrics) == ["logistic", "nearby"]
    assert metrics["nearby"]["accuracy"] > 0.3
