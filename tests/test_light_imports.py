"""What takes long to load is loaded when it is needed, and not for ``--help``."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import d2vbench

HEAVY = {"numpy", "pandas", "matplotlib", "gensim", "scipy", "sklearn", "rich", "joblib", "jinja2",
         "torch", "transformers"}  # fmt: skip
LOADED = "import json, sys; print(json.dumps(sorted({n.split('.')[0] for n in sys.modules})))"
HELP = """
import contextlib, io, runpy, sys
sys.argv = ["d2vbench", *sys.argv[1:]]
with contextlib.redirect_stdout(io.StringIO()) as said, contextlib.suppress(SystemExit):
    runpy.run_module("d2vbench", run_name="__main__")
assert "usage: d2vbench" in said.getvalue()
"""


def loaded(code: str, *arguments: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return set(json.loads(done.stdout))


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["compare", "--help"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    found = loaded(HELP + LOADED, *arguments)
    assert "d2vbench" in found
    assert found & HEAVY == set()


def test_the_package_loads_nothing_heavy() -> None:
    assert loaded(f"import d2vbench\nd2vbench.run, d2vbench.load\n{LOADED}") & HEAVY == set()
    # The test would see it.
    assert loaded(f"import d2vbench.analysis\n{LOADED}") & HEAVY >= {"numpy", "pandas"}


def test_what_encoders_need_is_loaded_by_encoders_alone() -> None:
    code = (
        "from d2vbench.bench.spec.request import Request\n"
        "from d2vbench.bench.spec.studies import study_cells\n"
        "from d2vbench.families import FAMILIES\n"
        "FAMILIES['encoder'].settings()\n"
        "study_cells('strategies', Request())\n"
    )
    assert loaded(code + LOADED) & {"torch", "transformers", "tokenizers"} == set()


def test_a_cell_of_doc2vec_loads_no_scikit_learn() -> None:
    code = (
        "from d2vbench.bench.compute.work import run_cell\n"
        "from d2vbench.bench.spec.studies import Request, study_cells\n"
        "from d2vbench.corpora import load_cards, open_pair\n"
        "cards = load_cards()\n"
        "cells = study_cells('order', Request(seeds=1, profile='quick')).cells\n"
        "record = run_cell(cells[0], open_pair(cards.pair(cells[0].pair), cards))\n"
    )
    found = loaded(code + LOADED)
    assert "gensim" in found
    assert found & {"sklearn", "pandas", "matplotlib"} == set()


def test_names_of_the_package() -> None:
    assert callable(d2vbench.run)
    assert callable(d2vbench.load)
    with pytest.raises(AttributeError, match="No d2vbench attribute walk"):
        d2vbench.walk  # noqa: B018
