"""The public face: what people pass, and the one sentence that each wrong argument ends in."""

from __future__ import annotations

import argparse
import inspect
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix

import d2vbench
from d2vbench import Doc2VecVectorizer
from d2vbench.api.resources import Resources
from d2vbench.bench.execution.backends import Backend, Inline
from d2vbench.cli.verbs.runs import run_verb
from d2vbench.errors import UserError

FAST: dict[str, Any] = {
    "profile": "quick", "seeds": 1, "epochs": 1, "strategies": "combined", "models": "dbow",
    "engine": "gensim", "quiet": True,
}  # fmt: skip
TINY: dict[str, Any] = {
    "vector_size": 4, "min_count": 1, "sample": 0, "epochs": 1, "infer_epochs": 1,
}  # fmt: skip
RNG = np.random.default_rng(5)
WORDS = [[c + v + c + w for v in "aeiou" for w in "aeiou"] for c in "bdfg"]


def make_text(topic: int) -> str:
    return " ".join(RNG.choice([*WORDS[topic], *WORDS[2]], 30))


GENERIC = [make_text(i % 4) for i in range(60)]
DOMAIN = [make_text(i % 2) for i in range(40)]
LABELS = ["ab"[i % 2] for i in range(40)]


# What people pass in place of documents, and the key phrase of the answer.
WRONG: dict[str, tuple[Callable[[], Any], str]] = {
    "bytes": (lambda: b"a text", "got bytes"),
    "list of bytes": (lambda: [b"a text"], "got bytes at position 0"),
    "NaN": (lambda: float("nan"), "got float"),
    "NaN among texts": (lambda: [*DOMAIN, float("nan")], "got float at position 40: nan"),
    "NA of Arrow": (lambda: pd.Series(["a", None], dtype="string[pyarrow]"), "at position 1"),
    "None among texts": (lambda: ["a", None], "got NoneType at position 1"),
    "number": (lambda: 5, "got int"),
    "numbers": (lambda: [1, 2], "got int at position 0"),
    "array of numbers": (lambda: np.arange(3.0), "at position 0"),
    "mixed": (lambda: ["a", 1], "got int at position 1"),
    "2-d array": (lambda: np.asarray([["a", "b"]]), "of shape (1, 2)"),
    "0-d array": (lambda: np.asarray("a"), "of shape ()"),
    "sparse matrix": (lambda: csr_matrix(np.eye(2)), "of shape (2, 2)"),
    "dictionary": (lambda: {"a": "b"}, "got dict"),
    "set": (lambda: {"a", "b"}, "got set"),
    "token lists": (lambda: [["a", "b"]], "lists of tokens are taken with tokenizer=None"),
    "generator of numbers": (lambda: (i for i in range(3)), "got int at position 0"),
    "function": (lambda: len, "got builtin_function_or_method"),
}
FITTED = Doc2VecVectorizer(**TINY).fit(DOMAIN)
CALLS: dict[str, Callable[[Any], Any]] = {
    "fit": lambda value: Doc2VecVectorizer(**TINY).fit(value),
    "fit generic": lambda value: Doc2VecVectorizer(**TINY).fit(DOMAIN, generic=value),
    "transform": FITTED.transform,
    "fit_transform": lambda value: Doc2VecVectorizer(**TINY).fit_transform(value),
    "run generic": lambda value: d2vbench.run(generic=value, domain=(DOMAIN, LABELS), quiet=True),
    "run domain": lambda value: d2vbench.run(
        generic=GENERIC, domain=(value, LABELS), out="out", quiet=True
    ),
}


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def backend(resources: Resources) -> Backend:
        return Inline()

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Resources, "make_backend", backend)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("kind", WRONG)
def test_wrong_documents(kind: str, call: str, tmp_path: Path) -> None:
    make, phrase = WRONG[kind]
    with pytest.raises((ValueError, TypeError)) as caught:
        CALLS[call](make())
    said = str(caught.value)
    assert isinstance(caught.value, UserError)
    assert phrase in said
    assert "\n" not in said
    assert said.startswith(("X: ", "generic: ", "domain: "))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("call", "value", "phrase"),
    [
        ("fit", "a text", "X: expected a list of texts, got one string"),
        ("fit", None, "X: expected a list of texts, got None"),
        ("fit", [], "X holds no document"),
        ("fit_transform", iter(()), "X holds no document"),
        ("run generic", [], "generic: expected one or more documents, got none"),
        ("run generic", "x" * 5000, "got one string of 5,000 letters"),
        ("run generic", "a text\nof lines", "got one string of 15 letters"),
        ("run domain", "a text", "domain: expected a list of texts, got one string"),
        ("run domain", DOMAIN[:3], "domain labels: expected 3, one a document, got 40"),
    ],
)
def test_wrong_documents_of_one_call(call: str, value: Any, phrase: str) -> None:
    with pytest.raises(ValueError) as caught:
        CALLS[call](value)
    assert phrase in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"domain": DOMAIN}, "domain: expected documents with labels, got documents alone: give "
         "(documents, labels), or a DataFrame with a label column"),
        ({"domain": (DOMAIN, [["a"]] * 40)},
         "domain labels: expected text or numbers, got list at position 0: ['a']"),
        ({"domain": (DOMAIN, "ab")}, "domain labels: expected a list of labels, got one string"),
        ({"domain": pd.DataFrame({"text": DOMAIN})}, "domain: the DataFrame has no column 'label'; "
         "it has 'text': give the name of the label column as label"),
        ({"generic": [["a"]], "domain": ([5], ["a"]), "tokenizer": None},
         "domain at position 0: expected a list of tokens, got int"),
        ({"tokenizer": None}, "generic: expected lists of tokens, got a text at position 0: "
         f"{GENERIC[0]!r:.40}; texts are taken with tokenizer='simple_preprocess'"),
        ({"generic": "wiki.txt", "tokenizer": lambda text: text.split()},
         "generic: files are read by other processes, which cannot import this tokenizer: move it "
         "into a module and give its name, as 'package.module:function'"),
        ({"tokenizer": 5}, "tokenizer: expected a function, 'package.module:function', "
         "'simple_preprocess' or None, got 5"),
        ({"tokenizer": str.split, "lowercase": False},
         "lowercase does not go with tokenizer, which decides alone"),
        ({"models": 5}, "models: expected a string, got 5"),
        ({"seeds": "3"}, "seeds: expected a whole number, got '3'"),
        ({"epochs": 2.5}, "epochs: expected a whole number, got 2.5"),
        ({"alpha": "x"}, "alpha: expected a number, got 'x'"),
        ({"jobs": None, "memory": 0}, "memory must be above 0, got 0"),
        ({"quiet": 1}, "quiet: expected True or False, got 1"),
        ({"study": 5}, "study: expected a string, got 5"),
        ({"out": 5}, "out: expected a path, got 5"),
        ({"out": "a", "name": "b"}, "out and name both say where: give one of them"),
        ({"stop_after": 0}, "stop_after must be above 0, got 0"),
        ({"force": True, "only_missing": True},
         "force and only_missing exclude each other: give one of them"),
        ({"label": b"x"}, "label: expected a string, got b'x'"),
    ],
)  # fmt: skip
def test_wrong_arguments_of_run(changes: dict[str, Any], message: str) -> None:
    request = {"generic": GENERIC, "domain": (DOMAIN, LABELS), "quiet": True, **changes}
    with pytest.raises(ValueError) as caught:
        d2vbench.run(**request)
    assert str(caught.value) == message


@pytest.mark.parametrize("value", [None, 5, b"run", ["run"], float("nan"), "a\0b", "nothing"])
def test_load_of_what_is_no_run(value: Any) -> None:
    with pytest.raises((ValueError, TypeError)) as caught:
        d2vbench.load(value)
    assert isinstance(caught.value, UserError)


def test_corpora_in_memory_of_every_type_give_the_same_run() -> None:
    pyarrow = pytest.importorskip("pyarrow")
    arrow = pd.Series(GENERIC, dtype=pd.ArrowDtype(pyarrow.string()))
    table = pd.DataFrame({"body": DOMAIN, "kind": LABELS, "number": range(40)})
    requests: list[dict[str, Any]] = [
        {"generic": GENERIC, "domain": (DOMAIN, LABELS)},
        {"generic": iter(GENERIC), "domain": (np.asarray(DOMAIN), pd.Series(LABELS))},
        {"generic": arrow, "domain": table, "text": "body", "label": "kind"},
        {
            "generic": pyarrow.array(GENERIC), "domain": pyarrow.Table.from_pandas(table),
            "text": "body", "label": "kind",
        },
        {"generic": pd.DataFrame({"any": GENERIC}), "domain": (tuple(DOMAIN), LABELS)},
    ]  # fmt: skip
    frames = [
        d2vbench.run(**FAST, **request, out=f"run{i}").frame for i, request in enumerate(requests)
    ]
    assert len(frames[0]) == 2
    for frame in frames[1:]:
        assert frame["accuracy_all"].tolist() == frames[0]["accuracy_all"].tolist()
        assert frame["key"].tolist() == frames[0]["key"].tolist()


def test_token_lists_and_functions_give_the_same_words() -> None:
    tokens = [text.split() for text in GENERIC], [text.split() for text in DOMAIN]
    in_words = {"generic": tokens[0], "domain": (tokens[1], LABELS), "tokenizer": None}
    runs = [
        d2vbench.run(**FAST, **in_words, out="1"),
        d2vbench.run(
            **FAST, generic=GENERIC, domain=(DOMAIN, LABELS), tokenizer=lambda text: text.split(),
            out="2",
        ),
    ]  # fmt: skip
    assert runs[0].frame["key"].tolist() == runs[1].frame["key"].tolist()
    # A function that has a name is known by it.
    for i, tokenizer in enumerate((str.split, "whitespace")):
        runs.append(
            d2vbench.run(
                **FAST, generic=GENERIC, domain=(DOMAIN, LABELS), tokenizer=tokenizer,
                out=f"named{i}",
            )
        )  # fmt: skip
    assert runs[2].frame["key"].tolist() == runs[3].frame["key"].tolist()


def test_a_corpus_in_memory_is_open_to_other_processes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    run = d2vbench.run(
        **FAST, generic=GENERIC, domain=(DOMAIN, LABELS), tokenizer=lambda text: text.split(),
        jobs=2,
    )  # fmt: skip
    assert len(run.frame) == 2
    assert run.failures == ()


def test_every_option_of_the_command_line_has_a_keyword() -> None:
    verbs = argparse.ArgumentParser().add_subparsers()
    run_verb.add_parser(verbs)
    options = {action.dest for action in verbs.choices["run"]._actions}
    keywords = set(inspect.signature(d2vbench.run).parameters)
    renamed = {
        "pair": "pairs", "model": "models", "strategy": "strategies", "schedule": "schedules",
        "tokeniser": "tokenizer", "keep_case": "lowercase", "keep_going": "fail_fast",
        "classifier": "classifiers", "arm": "arms",
    }  # fmt: skip
    # A dry run is a function of its own.
    asked = {renamed.get(name, name) for name in options - {"help", "dry_run"}}
    assert asked <= keywords
    assert set(inspect.signature(d2vbench.dry_run).parameters) == keywords
    settings = {
        "vector_size", "window", "negative", "sample", "min_count", "infer_epochs", "infer_alpha",
        "classifiers", "family",
    }  # fmt: skip
    assert keywords - asked <= settings | {"quiet"}


def test_settings_make_a_grid() -> None:
    run = d2vbench.run(
        **FAST, generic=GENERIC, domain=(DOMAIN, LABELS), vector_size=[4, 6], infer_epochs=2
    )
    trained = run.frame[run.frame["strategy"] == "combined"]
    assert set(trained["vector_size"]) == {4, 6}
    with pytest.raises(ValueError, match="window: expected a whole number, got 'x'"):
        d2vbench.run(**FAST, generic=GENERIC, domain=(DOMAIN, LABELS), window="x")


def test_type_checkers_see_the_public_names(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    (tmp_path / "script.py").write_text(
        "import d2vbench\n"
        "run = d2vbench.run('strategies', generic=['a'], domain=(['a'], ['b']))\n"
        "reveal_type(run)\n"
        "reveal_type(run.frame)\n"
        "reveal_type(d2vbench.load)\n"
        "reveal_type(d2vbench.Doc2VecVectorizer().degenerate_)\n"
        "d2vbench.run(seeds='three')\n"
        "d2vbench.walk\n"
        "reveal_type(d2vbench.dry_run(jobs=2))\n"
        "d2vbench.dry_run(jobs='two')\n"
    )
    root = Path(d2vbench.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", str(root / "pyproject.toml"), "script.py",
         "--cache-dir", str(root / ".mypy_cache")],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300,
        env={"PATH": "", "MYPYPATH": str(root)},
    )  # fmt: skip
    said = done.stdout
    assert '"d2vbench.api.view.Run"' in said
    assert 'script.py:4: note: Revealed type is "pandas' in said
    assert '-> d2vbench.api.view.Run"' in said
    assert "list[dict[str, int]]" in said.replace("builtins.", "")
    assert 'script.py:7: error: Argument "seeds" to "run" has incompatible type "str"' in said
    assert 'script.py:8: error: Module has no attribute "walk"' in said
    assert '"d2vbench.api.running.DryRun"' in said
    assert 'script.py:10: error: Argument "jobs"' in said
    assert set(d2vbench.__all__) == {
        "Doc2VecVectorizer", "DryRun", "Run", "dry_run", "load", "run"
    }  # fmt: skip
    assert (Path(d2vbench.__file__).parent / "py.typed").exists()
