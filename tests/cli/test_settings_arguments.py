"""Options that set the model become fields of a request."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import Any

import pytest

from d2vbench.cli.arguments import keywords
from d2vbench.cli.main import main
from d2vbench.cli.verbs.runs import run_verb

SETTINGS = {
    "vector_size", "window", "negative", "sample", "min_count", "infer_epochs", "infer_alpha",
    "classifiers", "family",
}  # fmt: skip


def parsed(*arguments: str) -> dict[str, Any]:
    verbs = argparse.ArgumentParser().add_subparsers()
    run_verb.add_parser(verbs)
    given = keywords(verbs.choices["run"].parse_args(["order", *arguments]))
    return {name: value for name, value in given.items() if name in SETTINGS}


def test_what_is_not_given_is_left_to_the_study() -> None:
    assert parsed() == {}


def test_one_value_or_several() -> None:
    assert parsed("--vector-size", "50", "100", "--window", "5", "--infer-alpha", "0.05") == {
        "vector_size": [50, 100],
        "window": [5],
        "infer_alpha": [0.05],
    }
    assert parsed("--negative", "5", "10", "--sample", "0", "1e-3", "--min-count", "2") == {
        "negative": [5, 10],
        "sample": [0.0, 0.001],
        "min_count": [2],
    }


def test_classifiers_and_a_family() -> None:
    assert parsed("--classifier", "knn", "--classifier", "centroid", "--family", "x") == {
        "classifiers": ["knn", "centroid"],
        "family": "x",
    }


@pytest.mark.parametrize("option", ["--vector-size", "--window", "--sample", "--infer-epochs"])
@pytest.mark.parametrize("values", [["many"], ["5", "many"], []])
def test_no_number(option: str, values: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        parsed(option, *values)
    assert caught.value.code == 2
    assert f"argument {option}: " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--vector-size", "0", "vector_size must be 1 or more, got 0"),
        ("--window", "0", "window must be 1 or more, got 0"),
        ("--negative", "0", "negative must be 1 or more, got 0"),
        ("--sample", "-1", "sample must lie in [0, 1), got -1.0"),
        ("--min-count", "0", "min_count must be 1 or more, got 0"),
        ("--infer-epochs", "0", "epochs of inference must be a whole number from 1 up, got 0"),
        ("--infer-alpha", "0", "alpha of inference must fall to an end above 0, got 0 to 0"),
        ("--classifier", "nope", "unknown classifier 'nope'"),
        ("--family", "nope", "unknown family 'nope'"),
    ],
)
def test_an_impossible_value_is_one_sentence(
    option: str, value: str, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "order", "--out", str(tmp_path / "run"), option, value]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"d2vbench: error: {sentence}")
    assert said.count("\n") == 1
    assert not (tmp_path / "run").exists()


def test_several_values_make_a_grid(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def cells(*arguments: str) -> int:
        run = ["run", "order", "--profile", "quick", "--pair", "synthetic", "--dry-run"]
        assert main([*run, "--out", str(tmp_path / "run"), *arguments]) == 0
        found = re.search(r"(\d+) different cells", capsys.readouterr().out)
        assert found is not None
        return int(found[1])

    one = cells("--window", "3")
    assert cells("--window", "3", "5") == 2 * one
    assert cells("--window", "3", "5", "--infer-epochs", "5", "10") == 4 * one
