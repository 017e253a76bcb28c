"""The lower bounds of pyproject.toml, from which `.ci/oldest` makes the oldest environment."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


@pytest.fixture(scope="module")
def lowest() -> ModuleType:
    spec = importlib.util.spec_from_file_location("lowest", ROOT / ".ci" / "lowest.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_requirement_has_one_lower_bound(lowest: ModuleType) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [name for name in project["optional-dependencies"] if name != "dev"]
    held = lowest.lowest(project, extras)
    assert len(held) == len(set(held))
    assert {"gensim==4.4", "numpy==1.26"} <= set(held)
    # Extras of the project itself are followed.
    assert {line.split("==")[0] for line in held} >= {"pyarrow", "distributed", "ray", "datasets"}


def test_a_requirement_that_does_not_apply_is_left_out(lowest: ModuleType) -> None:
    lines = ["one>=1; python_version < '3'", "two<3,>=2.5"]
    project = {"name": "here", "dependencies": lines, "optional-dependencies": {}}
    assert lowest.lowest(project, []) == ["two==2.5"]


@pytest.mark.parametrize("line", ["one", "one<2", "one!=1"])
def test_a_requirement_without_a_lower_bound_is_refused(lowest: ModuleType, line: str) -> None:
    project = {"name": "here", "dependencies": [line], "optional-dependencies": {}}
    with pytest.raises(SystemExit) as caught:
        lowest.lowest(project, [])
    assert str(caught.value) == f"pyproject.toml: {line!r} has no single lower bound"
