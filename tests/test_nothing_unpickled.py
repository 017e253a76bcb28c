"""Nothing that is read from a file is unpickled or run."""

from __future__ import annotations

import ast
import io
import json
import os
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest

import d2vbench
from d2vbench.bench.execution.runner import RunResult
from d2vbench.bench.store.checkpoints import Checkpoints
from d2vbench.bench.store.packed import CORRECT, RECORDS, read_packed
from d2vbench.bench.store.records import RecordStore
from d2vbench.cli.main import main
from d2vbench.corpora import Cards, open_corpus, open_pair
from d2vbench.errors import UserError
from d2vbench.models import read_text_model

PACKAGE = Path(d2vbench.__file__).parent
# Between processes that d2vbench itself has started, over their pipes or a cluster's own
# connections: never a file.
PIPES = {"bench/compute/task.py", "bench/execution/child.py", "bench/execution/children.py"}
# Reads a pickle with inert objects in place of all that it names; tests/families/doc2vec/
# test_saved.py attacks it.
INERT = {"families/doc2vec/saved/unpickle.py"}
MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "marshal", "shelve", "yaml", "_pickle"}
CALLS = {
    "eval", "exec", "compile", "joblib.load", "pd.read_pickle", "pandas.read_pickle", "torch.load",
    "Doc2Vec.load", "Word2Vec.load", "KeyedVectors.load", "SaveLoad.load", "os.system", "os.popen",
}  # fmt: skip


def offences(source: str, name: str) -> list[str]:
    """Return what a source does that may run what a file says."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            module = node.module if isinstance(node, ast.ImportFrom) else None
            names = [module or ""] if module else [alias.name for alias in node.names]
            if MODULES & {one.split(".")[0] for one in names} and name not in PIPES | INERT:
                found.append(f"{name}:{node.lineno}: import {', '.join(names)}")
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            keywords = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
            if called in CALLS or ".".join(called.split(".")[-2:]) in CALLS:
                found.append(f"{name}:{node.lineno}: {called}")
            # That it is the default is no reason not to say it.
            if called in ("np.load", "numpy.load") and keywords.get("allow_pickle") != "False":
                found.append(f"{name}:{node.lineno}: {called} without allow_pickle=False")
            if keywords.get("allow_pickle", "False") != "False":
                found.append(f"{name}:{node.lineno}: allow_pickle")
            if any(keywords.get(key, "False") != "False" for key in ("shell", "trust_remote_code")):
                found.append(f"{name}:{node.lineno}: shell or trust_remote_code")
            # Else a pickle is read where there are no safetensors.
            if (
                called.endswith("odel.from_pretrained")
                and keywords.get("use_safetensors") != "True"
            ):
                found.append(f"{name}:{node.lineno}: {called} without use_safetensors=True")
    return found


def test_the_sources_load_nothing_that_runs() -> None:
    files = sorted(PACKAGE.rglob("*.py"))
    assert len(files) > 150
    found = [
        offence
        for path in files
        for offence in offences(path.read_text("utf-8"), path.relative_to(PACKAGE).as_posix())
    ]
    assert found == []
    for name in INERT:
        source = (PACKAGE / name).read_text("utf-8")
        assert "super().find_class" not in source
        assert set(re.findall(r"(?<!\w)pickle\.(\w+)", source)) == {"Unpickler", "UnpicklingError"}
    for name in PIPES:
        # They unpickle what a pipe or a message brought, and open no file to be unpickled.
        assert "pickle.load(" not in (PACKAGE / name).read_text("utf-8"), name


@pytest.mark.parametrize(
    "source",
    [
        "import pickle", "from joblib import dump\njoblib.load(p)", "eval(x)", "import yaml",
        "np.load(p)", "np.load(p, allow_pickle=True)", "gensim.models.Doc2Vec.load(p)",
        "def f():\n    from pickle import loads", "run(x, shell=True)",
        "load_dataset(p, trust_remote_code=True)",
    ],
)  # fmt: skip
def test_what_the_sources_must_not_do_is_found(source: str) -> None:
    assert offences(source, "x.py")


class Trap:
    """Makes a folder when it is unpickled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (str(self.folder),)


@pytest.fixture
def trap(tmp_path: Path) -> Path:
    return tmp_path / "sprung"


def with_traps(content: bytes, trap: Path) -> bytes:
    """Return an archive of arrays with a pickle of the trap in place of every array."""
    array = np.empty(1, dtype=object)
    array[0] = Trap(trap)
    pickled = io.BytesIO()
    np.save(pickled, array, allow_pickle=True)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, pickled.getvalue())
    return out.getvalue()


def test_the_trap_is_one(trap: Path) -> None:
    whole = io.BytesIO()
    np.savez(whole, a=np.zeros(1))
    with np.load(io.BytesIO(with_traps(whole.getvalue(), trap)), allow_pickle=True) as file:
        assert len(file["a"]) == 1
    assert trap.exists()


def spoil(path: Path, trap: Path) -> None:
    path.write_bytes(with_traps(path.read_bytes(), trap))


def test_predictions(finished_run: RunResult, tmp_path: Path, trap: Path) -> None:
    key = finished_run.keys[0]
    store = RecordStore(tmp_path)
    store.folder.mkdir()
    content = RecordStore(finished_run.out).predictions_path(key).read_bytes()
    store.predictions_path(key).write_bytes(with_traps(content, trap))
    with pytest.raises(UserError, match="cannot be read"):
        store.predictions(key)
    assert not trap.exists()


def test_packed_records(finished_run: RunResult, tmp_path: Path, trap: Path) -> None:
    out = tmp_path / "packed"
    assert main(["pack", str(finished_run.out), "--out", str(out)]) == 0
    spoil(out / CORRECT, trap)
    with pytest.raises(UserError, match="cannot be read"):
        read_packed(out)
    assert (out / RECORDS).read_bytes()[:2] == b"\x1f\x8b"
    assert not trap.exists()


def test_the_cache(small_cards: Cards, tmp_path: Path, trap: Path) -> None:
    pair = open_pair(small_cards.pair("small"), small_cards, tmp_path)
    (path,) = (tmp_path / "pairs").iterdir()
    spoil(path, trap)
    assert open_pair(small_cards.pair("small"), small_cards, tmp_path).key == pair.key
    folder = pair.generic.corpus.folder
    array = np.empty(1, dtype=object)
    array[0] = Trap(trap)
    np.save(folder / "labels.npy", array, allow_pickle=True)
    assert open_corpus(small_cards.corpus("small"), cache=tmp_path).folder == folder
    assert not trap.exists()


def test_a_checkpoint(tmp_path: Path, trap: Path) -> None:
    from bench.test_checkpoints import MadeLearner

    checkpoints = Checkpoints(tmp_path)
    assert checkpoints.save("k", MadeLearner(1), 0.5)
    spoil(checkpoints.path("k"), trap)
    assert checkpoints.load("k", MadeLearner(1)) is None
    assert not trap.exists()


@pytest.mark.parametrize("kind", ["npz", "npy", "pickle"])
def test_a_model(tmp_path: Path, trap: Path, kind: str) -> None:
    import pickle

    from models_support import trained

    from d2vbench.models import write_text_model

    path = tmp_path / "m.d2vbench.npz"
    write_text_model(trained().text_model, path)
    if kind == "npz":
        spoil(path, trap)
    elif kind == "npy":
        array = np.empty(1, dtype=object)
        array[0] = Trap(trap)
        with path.open("wb") as file:
            np.save(file, array, allow_pickle=True)
    else:
        path.write_bytes(pickle.dumps(Trap(trap)))
    with pytest.raises(UserError, match=r"is damaged|cannot be read"):
        read_text_model(path)
    assert not trap.exists()


FILES = ["../in.txt", "/etc/x", "tables/../../in.txt"]
SPOILERS: dict[str, object] = {
    "index.json": {"tables": [{"files": FILES}], "figures": []},
    "progress.json": {"process": "x", "__class__": "y"},
}


@pytest.mark.parametrize("name", list(SPOILERS))
def test_an_index_of_a_strangers_run_removes_nothing_elsewhere(
    finished_run: RunResult, tmp_path: Path, name: str
) -> None:
    import shutil

    from light_run import save_svg

    from d2vbench.report.document import pictures

    run = tmp_path / "run"
    shutil.copytree(finished_run.out, run)
    (tmp_path / "in.txt").write_text("mine")
    (run / name).write_text(json.dumps(SPOILERS[name]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pictures, "save_figure", save_svg)
        assert main(["status", str(run)]) == 0
        if name == "index.json":
            assert main(["report", str(run)]) == 0
    assert (tmp_path / "in.txt").read_text() == "mine"
