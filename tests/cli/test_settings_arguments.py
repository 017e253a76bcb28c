"""Options that set the model become fields of a request."""

from __future__ import annotations

import argparse
from typing import Any

import pytest

from d2vbench.cli.settings_arguments import add_settings_arguments, chosen_settings


def parsed(*arguments: str) -> dict[str, Any]:
    parser = argparse.ArgumentParser()
    parser.add_argument("study")
    add_settings_arguments(parser)
    return chosen_settings(parser.parse_args(["order", *arguments]))


def test_what_is_not_given_is_left_to_the_study() -> None:
    assert parsed() == {}


def test_one_value_or_several() -> None:
    assert parsed("--vector-size", "50", "100", "--window", "5", "--infer-alpha", "0.05") == {
        "vector_size": (50, 100),
        "window": (5,),
        "infer_alpha": (0.05,),
    }
    assert parsed("--negative", "5", "10", "--sample", "0", "1e-3", "--min-count", "2") == {
        "negative": (5, 10),
        "sample": (0.0, 0.001),
        "min_count": (2,),
    }


def test_classifiers_and_a_family() -> None:
    assert parsed("--classifier", "knn", "--classifier", "centroid", "--family", "x") == {
        "classifiers": ("knn", "centroid"),
        "family": "x",
    }


@pytest.mark.parametrize("option", ["--vector-size", "--window", "--sample", "--infer-epochs"])
@pytest.mark.parametrize("values", [["many"], ["5", "many"], []])
def test_no_number(option: str, values: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        parsed(option, *values)
    assert caught.value.code == 2
    assert f"argument {option}: " in capsys.readouterr().err
