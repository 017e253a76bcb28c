"""Any arguments to any verb: an exit status and one sentence, never a traceback."""

from __future__ import annotations

import argparse
import io
import random
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NoReturn

import pytest
from fuzz_support import examples
from hypothesis import given
from hypothesis import strategies as st

from d2vbench.cli.main import build_parser, main
from d2vbench.errors import UserError

STOPPED = "stopped before the work"
HOSTILE = [
    "",
    " ",
    "-",
    "--",
    "-1",
    "0",
    "1",
    "2",
    "7",
    "10**9",
    "999999999999",
    "9" * 5000,
    "1e400",
    "1e308",
    "nan",
    "inf",
    "-inf",
    "-0.0",
    "1e-320",
    "0.5",
    "٣",
    "0x10",
    "1_000",
    "true",
    "None",
    ".",
    "..",
    "/",
    "~",
    "~nobody/x",
    "../../etc/passwd",
    "/dev/null",
    "/proc/self/mem",
    "a\nb",
    "\udcff",
    "\x1b[31m",
    "\u202e",
    "\u2028",
    "=1+1",
    "<script>alert(1)</script>",
    "\\input{x}",
    "[red]x[/red]",
    "[/]",
    "{0}",
    "%s",
    "'; DROP TABLE",
    "$(id)",
    "x" * 300,
    "x" * 5000,
    "ü",
    "日本",
    "a/b",
    "a\\b",
    "C:\\x",
    "x.png",
    "no/x.png",
    "x.PNG",
    "https://example.org/",
    "tcp://127.0.0.1:1",
]
# What there is in the folder, and names that mean something.
KNOWN = [
    "g.txt",
    "d.csv",
    "bad.csv",
    "bytes.bin",
    "empty",
    "folder",
    "run",
    "model",
    "out",
    "small",
    "label",
    "text",
    "split",
    "utf-8",
    "utf-16",
    "latin-1",
    "combined",
    "sequential(4)",
    "sequential(99999999999)",
    "replay(4, 0.1)",
    "selected(0)",
    "frozen(2)",
    "ensemble",
    "linear",
    "cosine",
    "follow-up(0.005)",
    "dbow",
    "dm-concat",
    "native",
    "gensim",
    "auto",
    "quick",
    "full",
    "all",
    "strategies",
    "synthetic",
    "local",
    "dask",
    "ray",
    "json:loads",
    "os:system",
    "whitespace",
    "no.such:f",
]
values = (
    st.sampled_from(KNOWN)
    | st.sampled_from(KNOWN)
    | st.sampled_from(HOSTILE)
    | st.text(st.characters(exclude_characters="\0"), max_size=9)
)


# Lines that would work, to which one thing is added or of which one word is changed.
OWN = ["--generic", "g.txt", "--domain", "d.csv"]
RIGHT = {
    "run": [
        ["strategies", *OWN],
        ["all", *OWN, "--dry-run"],
        ["strategies", "--pair", "synthetic"],
    ],
    "describe": [OWN],
    "explain": [["sequential(4)", *OWN]],
    "train": [["--strategy", "combined", *OWN, "--output", "out"]],
    "infer": [["model", "g.txt", "--output", "out"]],
    "convert": [["model", "out"]],
    "merge": [["run", "run", "--out", "out"]],
    "pack": [["run", "--out", "out"]],
    "compare": [["run", "run"]],
    "fetch": [["text8"]],
}


def verbs() -> dict[str, argparse.ArgumentParser]:
    (actions,) = (a for a in build_parser()._actions if isinstance(a, argparse._SubParsersAction))
    return dict(actions.choices)


VERBS = verbs()


def stop(*_: Any, **__: Any) -> NoReturn:
    raise UserError(STOPPED)


@st.composite
def command_lines(draw: Callable[..., Any], verb: str) -> list[str]:
    """Options that the verb has, with values of any kind; now and then something else."""
    words: list[str] = []
    right = draw(st.none() | st.sampled_from(RIGHT.get(verb, [["run"]])))
    if right is not None:
        words += right
        if draw(st.booleans()):
            words[draw(st.integers(0, len(words) - 1))] = draw(values)
    for action in VERBS[verb]._actions:
        if right is not None and (not action.option_strings or draw(st.integers(0, 5))):
            continue
        if isinstance(action, argparse._HelpAction):
            continue
        count = 0
        if not action.option_strings:
            count = draw(
                st.sampled_from([1, 1, 1, 1, 0, 2] if action.nargs is None else [1, 1, 0, 2])
            )
            words += draw(st.lists(values, min_size=count, max_size=count))
        elif action.required or draw(st.integers(0, 3)) == 0:
            words.append(draw(st.sampled_from(action.option_strings)))
            if action.nargs != 0:
                wanted = st.integers(-1, 30).map(str) if action.type is int else values
                words.append(draw(wanted | values))
    if draw(st.integers(0, 15)) == 0:
        words.insert(draw(st.integers(0, len(words))), draw(values))
    return [verb, *words]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with small data of every kind, and nothing behind the arguments that takes long."""
    letters = random.Random(3)
    words = ["".join(letters.choices("abcdefgh", k=6)) for _ in range(60)]
    line = [" ".join(letters.choices(words, k=12)) for _ in range(40)]
    (tmp_path / "g.txt").write_text("\n".join(line[:20]))
    rows = "".join(f"{text} only{i},{'ab'[i % 2]}\n" for i, text in enumerate(line[20:]))
    (tmp_path / "d.csv").write_text("text,label\n" + rows)
    (tmp_path / "bad.csv").write_text('text,label\n"x,a\n')
    (tmp_path / "bytes.bin").write_bytes(bytes(range(256)))
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "folder/a").mkdir(parents=True)
    (tmp_path / "folder/a/1").write_text("one two")
    (tmp_path / "run").mkdir()
    (tmp_path / "run/manifest.json").write_text(
        '{"schema": 1, "study": "all", "cells": ["0a"], "engines": [], '
        '"environment": {}, "pairs": {}}'
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("d2vbench.cli.verbs.runs.run_verb.carry_out", stop)
    monkeypatch.setattr("d2vbench.api.resources.Resources.make_backend", stop)
    monkeypatch.setattr("d2vbench.cli.verbs.models.explain_verb._DEFAULT_PAIR", "no-such-pair")
    monkeypatch.setattr("d2vbench.corpora.store.encoded.find_reader", _own_reader)
    monkeypatch.setattr("d2vbench.corpora.acquire.fetch.fetch", stop)
    monkeypatch.setattr("d2vbench.models.train_recipe", stop)
    monkeypatch.setattr("d2vbench.families.doc2vec.parity.check_parity", stop, raising=False)
    return tmp_path


def _own_reader(name: str) -> Any:
    from d2vbench.corpora.readers import READERS

    if name != "files":
        stop()
    return READERS[name]


def called(arguments: list[str]) -> tuple[int, str]:
    """Return status and standard error; standard output takes only what a terminal can."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="strict")
    err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="backslashreplace")
    with redirect_stdout(out), redirect_stderr(err):
        try:
            status = main(arguments)
        except SystemExit as left:
            assert isinstance(left.code, int)
            status = left.code
    out.flush()
    err.seek(0)
    return status, err.read()


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb != "check"])
def test_fuzz_a_verb(verb: str, place: Path) -> None:
    path = list(sys.path)

    @examples(8)
    @given(command_lines(verb))
    def one(arguments: list[str]) -> None:
        status, said = called(arguments)
        assert status in (0, 1, 2), said
        if status == 2:
            assert "error: " in said, said
        assert "Traceback" not in said

    one()
    sys.path[:] = path
    assert not list(place.rglob("*.tmp"))
