"""A number moves with the version of what computes it, and never without."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from exact.exact_cells import FILE, OF_EXTRA, alike, cells, entry, make_pair, problem, same_here

from d2vbench import keys
from d2vbench.bench.spec import versions
from d2vbench.corpora import Pair
from d2vbench.corpora.versions import corpora_versions
from d2vbench.evaluation import BASELINES, CLASSIFIERS
from d2vbench.evaluation.given_vectors import GIVEN
from d2vbench.families import FAMILIES
from d2vbench.families.doc2vec import ENGINES, OF_A_MODEL, VOCABULARIES
from d2vbench.families.doc2vec.native import kernel as native
from d2vbench.families.encoder.extra import missing
from d2vbench.strategies import SCHEDULES, STRATEGIES

STORED: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def exact_pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return make_pair(tmp_path_factory.mktemp("exact"))


@pytest.mark.parametrize("title", cells())
def test_numbers_and_versions_move_together(title: str, exact_pair: Pair) -> None:
    cell = cells()[title]
    if cell.engine == "native" and not native.available():
        pytest.skip("the extension is not built")
    found = problem(STORED["cells"][title], entry(cell, exact_pair), same_here(title, STORED))
    assert found == "", f"{title}: {found}"


def test_there_are_enough_and_none_is_left_over() -> None:
    assert len(cells()) >= 30
    absent = set(OF_EXTRA) if missing() else set()
    assert STORED["cells"].keys() - absent == cells().keys()


def test_every_component_is_in_a_cell() -> None:
    used = set().union(*(cell.versions() for cell in cells().values()))
    expected = {"protocol", "seeds", "orders", "diagnostics", "nearness", *corpora_versions()}
    expected |= {"choice of inference", "drift", "long tail"}
    expected |= {f"strategy {name}" for name in STRATEGIES.built_in}
    expected |= {f"schedule {name}" for name in SCHEDULES.built_in}
    expected |= {f"classifier {name}" for name in CLASSIFIERS.built_in}
    expected |= {f"baseline {name}" for name in (*BASELINES.built_in, *GIVEN)}
    expected |= {f"family {name}" for name in FAMILIES.built_in}
    expected |= {f"vocabulary {name.removesuffix('(X)')}" for name in VOCABULARIES}
    expected |= {f"vocabulary {name}" for name in OF_A_MODEL} | {"saved model", "word vectors"}
    expected |= {f"{what} {name}" for what in ("training", "inference") for name in ENGINES}
    expected |= {"metric accuracy", "metric macro-F1", "initial weights", "start vectors"}
    of_extra = {"family encoder", "word pieces", "fine-tuning", "folds", "strategy untrained"}
    # Those that no archive is needed for.
    of_extra |= {"tokens", "tokens planted"}
    expected = expected - of_extra if missing() else expected | of_extra
    assert used == expected


def test_a_raised_version_alone_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    title = "another seed"
    versions._common.cache_clear()
    monkeypatch.setattr(keys, "SEEDS_VERSION", 2)
    try:
        now = {**STORED["cells"][title], "versions": cells()[title].versions()}
    finally:
        versions._common.cache_clear()
    assert problem(STORED["cells"][title], now, True).startswith("a version moved and no number")


def test_a_number_that_moves_alone_is_found(
    exact_pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    title = "family word2vec-mean"
    monkeypatch.setattr("d2vbench.families.base.derive_seed", lambda *_: 7)
    monkeypatch.setattr("d2vbench.families.word2vec_mean.derive_seed", lambda *_: 7)
    cell = cells()[title]
    found = problem(STORED["cells"][title], entry(cell, exact_pair), True)
    assert found.startswith("a number moved and no version")


def test_elsewhere_a_last_digit_may_move_and_no_more() -> None:
    one = {"a": {"accuracy": 0.5}, "n": 3, "predictions": "x"}
    assert alike(one, {"a": {"accuracy": 0.51}, "n": 3, "predictions": "y"}, False)
    assert not alike(one, {"a": {"accuracy": 0.51}, "n": 3, "predictions": "x"}, True)
    assert not alike(one, {"a": {"accuracy": 0.6}, "n": 3, "predictions": "x"}, False)
    assert not alike(one, {"a": {"accuracy": 0.5}, "n": 4, "predictions": "x"}, False)


def test_a_docstring_changes_no_key(exact_pair: Pair, tmp_path: Path) -> None:
    """Sources are not read for a key: an edit of one in a copy of the package leaves it."""
    import os
    import shutil
    import subprocess
    import sys

    import d2vbench

    package = Path(d2vbench.__file__).parent
    shutil.copytree(package, tmp_path / "d2vbench", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(package.parent / "corpora", tmp_path / "d2vbench" / "_cards")
    for place in (
        "families/doc2vec/native/_steps.h",
        "families/doc2vec/native/kernel.py",
        "strategies/catalogue.py",
        "evaluation/classifiers/logistic.py",
    ):
        path = tmp_path / "d2vbench" / place
        comment = "// edited\n" if path.suffix == ".h" else '"""Edited."""\n'
        text = path.read_text(encoding="utf-8")
        path.write_text(
            comment + text if path.suffix == ".h" else text.replace('"""', '"""Edited. ', 1),
            encoding="utf-8",
        )
    code = (
        "from exact.exact_cells import cells\n"
        "from d2vbench.bench.compute.environment import source_digest\n"
        "print(source_digest())\n"
        "for cell in cells().values(): print(cell.key('pair'))\n"
    )
    tests = str(Path(__file__).resolve().parents[1])
    outputs = []
    for root in (package.parent, tmp_path):
        env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(root), tests])}
        done = subprocess.run(
            [sys.executable, "-c", code], env=env, capture_output=True, text=True, cwd=tests
        )
        assert done.returncode == 0, done.stderr
        outputs.append(done.stdout.split())
    assert outputs[0][0] != outputs[1][0]  # The provenance tells the two apart.
    assert outputs[0][1:] == outputs[1][1:]  # The keys do not.
