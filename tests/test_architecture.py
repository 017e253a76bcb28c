"""The pipeline runs one way: a package imports from those before it only."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import d2vbench

PACKAGE = Path(d2vbench.__file__).parent
ORDER = (
    "corpora",
    "strategies",
    "families",
    "evaluation",
    "bench",
    "analysis",
    "report",
    "models",
    "api",
    "cli",
)
GROUND = {
    "arguments",
    "damaged",
    "defaults",
    "errors",
    "keys",
    "files",
    "locks",
    "mapped",
    "plugins",
    "remembered",
}


def imported(path: Path) -> set[str]:
    """Return the dotted d2vbench modules that a file imports anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} uses a relative import, which this test cannot follow"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in found if name.split(".")[0] == "d2vbench"}


def edges_back(package: str, path: Path) -> set[str]:
    allowed = set(ORDER[: ORDER.index(package) + 1]) | GROUND | {"__version__"}
    return {name for name in imported(path) if name.split(".")[1] not in allowed}


@pytest.mark.parametrize("package", ORDER)
def test_imports_point_to_the_left(package: str) -> None:
    sources = sorted((PACKAGE / package).rglob("*.py"))
    assert sources
    assert {path.name: back for path in sources if (back := edges_back(package, path))} == {}


def test_an_edge_that_runs_back_is_found(tmp_path: Path) -> None:
    bad = tmp_path / "bad.py"
    bad.write_text("def f():\n    from d2vbench.report import build_report\n")
    assert edges_back("corpora", bad) == {"d2vbench.report.build_report"}


@pytest.mark.parametrize("package", ["analysis", "report"])
def test_a_report_needs_no_engine(package: str) -> None:
    forbidden = (
        "d2vbench.families.doc2vec",
        "d2vbench.evaluation",
        "d2vbench.bench.execution.runner",
    )
    for path in sorted((PACKAGE / package).rglob("*.py")):
        names = {f"{name}." for name in imported(path)}
        assert not [n for n in names if n.startswith(tuple(f"{x}." for x in forbidden))], path


@pytest.mark.parametrize("name", sorted(GROUND))
def test_the_ground_stands_on_itself(name: str) -> None:
    used = {module.split(".")[1] for module in imported(PACKAGE / f"{name}.py")}
    assert used <= GROUND


def test_every_package_is_in_the_order() -> None:
    folders = {p.parent.name for p in PACKAGE.glob("*/__init__.py")}
    assert folders == set(ORDER)


def test_models_of_gensim_are_reached_in_families_and_models_alone() -> None:
    """Anywhere else a model is a `Learner`; gensim's readers of data sets are no models."""
    reaching, importing = set(), set()
    for path in sorted(PACKAGE.rglob("*.py")):
        inside = path.relative_to(PACKAGE)
        if inside.parts[0] in ("families", "models"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in (
                "syn1neg",
                "cum_table",
                "wv",
                "dv",
            ):
                reaching.add(inside.as_posix())
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            importing |= {name for name in names if name.split(".")[0] == "gensim"}
    assert reaching == set()
    assert {name for name in importing if not name.startswith("gensim.corpora.")} == set()


def test_torch_is_known_to_encoders_alone() -> None:
    """It is an extra, and takes seconds to import: nothing else may need it."""
    theirs = {"torch", "transformers", "tokenizers", "safetensors"}
    importing, at_import = set(), set()
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            if {name.split(".")[0] for name in names} & theirs:
                importing.add(path.relative_to(PACKAGE).parent.as_posix())
                if node in tree.body:
                    at_import.add(path.name)
    assert importing == {"families/encoder"}
    # Inside functions alone: the family is in the catalogue whether or not there is an extra.
    assert at_import == set()


def test_the_wheel_has_every_package() -> None:
    """`pyproject.toml` lists them one by one: one that is forgotten is missing once installed."""
    listed = (PACKAGE.parent / "pyproject.toml").read_text(encoding="utf-8")
    for init in PACKAGE.rglob("__init__.py"):
        name = ".".join(init.parent.relative_to(PACKAGE.parent).parts)
        assert f'"{name}",' in listed, name
