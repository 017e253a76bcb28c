"""The reader of Hugging Face data sets, on small local ones in the library's formats."""

from __future__ import annotations

import builtins
import json
from pathlib import Path
from typing import Any

import pytest

from d2vbench.corpora.acquire.fetch import fetch
from d2vbench.corpora.acquire.local import local_files
from d2vbench.corpora.acquire.verify import decode_all
from d2vbench.corpora.cards import CorpusCard
from d2vbench.corpora.readers import huggingface
from d2vbench.errors import UserError

ROWS = [
    {"title": "A", "body": "one", "kind": "x"},
    {"title": "B", "body": None, "kind": None},
    {"title": "C", "body": "trois é", "kind": "y"},
]


def card(**parameters: Any) -> CorpusCard:
    return CorpusCard("own", "1", "t", "d.", "huggingface", "x", parameters=parameters)


@pytest.fixture
def datasets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    # Before its first import: the library asks the network nothing, and caches in one place.
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    library = pytest.importorskip("datasets", reason="the extra d2vbench[huggingface] is absent")
    monkeypatch.setattr(library.config, "HF_DATASETS_CACHE", tmp_path / "hf")
    return library


def local_data(folder: Path, kind: str, datasets: Any) -> dict[str, str]:
    """Write the rows as train and test; return data_files."""
    files = {}
    for split in ("train", "test"):
        path = folder / f"{split}.{kind}"
        rows = datasets.Dataset.from_list(ROWS)
        if kind == "json":
            path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
        elif kind == "csv":
            rows.to_csv(str(path))
        elif kind == "parquet":
            rows.to_parquet(str(path))
        else:
            rows.save_to_disk(str(folder / split))
            path = next((folder / split).glob("*.arrow"))
        files[split] = str(path)
    return files


@pytest.mark.parametrize("kind", ["json", "csv", "parquet", "arrow"])
def test_local_files_of_every_format_are_fetched_and_read(
    tmp_path: Path, kind: str, datasets: Any
) -> None:
    own = card(
        path=kind,
        data_files=local_data(tmp_path, kind, datasets),
        text=["title", "body"],
        label="kind",
        splits={"train": "train", "test": ""},
    )
    cache = tmp_path / "cache"
    done = fetch(own, cache)
    assert done.contents is not None
    assert done.contents.documents == {
        "train": {"unlabelled": 1, "x": 1, "y": 1},
        "unsplit": {"unlabelled": 1, "x": 1, "y": 1},
    }
    files = local_files(own, cache)
    documents = list(huggingface.read(own.parameters, files))
    assert [(d.name, d.text, d.label, d.split) for d in documents[:3]] == [
        ("train/00000000", "A\n\none", "x", "train"),
        ("train/00000001", "B\n\n", None, "train"),
        ("train/00000002", "C\n\ntrois é", "y", "train"),
    ]
    assert decode_all(own, files) == done.contents
    assert huggingface.fingerprint(own.parameters, files)["archives"].keys() == {"dataset"}
    # From another machine's cache, and over what is there.
    elsewhere = tmp_path / "elsewhere"
    assert fetch(own, elsewhere, source=cache / "archives").contents == done.contents
    assert fetch(own, elsewhere, source=cache / "archives/own", force=True).contents is not None
    assert sorted(p.name for p in (elsewhere / "archives/own").iterdir()) == [".lock", "dataset"]


def test_named_classes_are_used(tmp_path: Path, datasets: Any) -> None:
    features = datasets.Features(
        {"text": datasets.Value("string"), "label": datasets.ClassLabel(names=["neg", "pos"])}
    )
    rows = {"text": ["a", "b", "c"], "label": [1, 0, -1]}
    data = datasets.DatasetDict({"train": datasets.Dataset.from_dict(rows, features=features)})
    data.save_to_disk(str(tmp_path / "dataset"))
    documents = huggingface.read({"path": "x", "label": "label"}, {"dataset": tmp_path / "dataset"})
    assert [(d.label, d.split) for d in documents] == [
        ("pos", "train"), ("neg", "train"), (None, "train"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (
            {"splits": {"trian": "train"}},
            "data set x: unknown split 'trian': did you mean 'train'? (valid: train)",
        ),
        (
            {"text": ["txt"]},
            "data set x, split train: unknown column 'txt': did you mean 'text'? (valid: text)",
        ),
        (
            {"label": "y"},
            "data set x, split train: unknown column 'y': (valid: text)",
        ),
    ],
)
def test_what_is_not_there_is_named(
    tmp_path: Path, datasets: Any, parameters: dict[str, Any], message: str
) -> None:
    data = datasets.DatasetDict({"train": datasets.Dataset.from_dict({"text": ["a"]})})
    data.save_to_disk(str(tmp_path / "dataset"))
    with pytest.raises(UserError) as caught:
        list(huggingface.read({"path": "x", **parameters}, {"dataset": tmp_path / "dataset"}))
    assert str(caught.value) == message


def test_splits_of_other_names_must_be_mapped(tmp_path: Path, datasets: Any) -> None:
    data = datasets.DatasetDict({"all": datasets.Dataset.from_dict({"text": ["a"]})})
    data.save_to_disk(str(tmp_path / "dataset"))
    with pytest.raises(UserError) as caught:
        list(huggingface.read({"path": "x"}, {"dataset": tmp_path / "dataset"}))
    assert str(caught.value) == (
        "data set x: no split is called train or test: say in splits which to read (there are: all)"
    )


def test_what_cannot_be_loaded_leaves_nothing(tmp_path: Path, datasets: Any) -> None:
    own = card(path="json", data_files={"train": str(tmp_path / "no.json")})
    with pytest.raises(UserError, match=r"^the data set 'json' could not be loaded: FileNotFound"):
        fetch(own, tmp_path / "cache")
    assert [p.name for p in (tmp_path / "cache/archives/own").iterdir()] == [".lock"]
    with pytest.raises(UserError) as caught:
        local_files(own, tmp_path / "cache")
    assert str(caught.value) == ("corpus own is not on this machine: run `d2vbench fetch own`")


def test_without_the_library_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "datasets":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(UserError) as caught:
        huggingface.download({"path": "x"}, tmp_path / "dataset")
    assert str(caught.value) == (
        'this corpus is read by the library "datasets", which is not installed: '
        'pip install "d2vbench[huggingface]"'
    )


def test_wrong_parameters_are_refused() -> None:
    for parameters, message in [
        (
            {},
            "reader huggingface: path is missing: the data set's name on the hub, or json, csv, "
            "parquet or arrow with data_files",
        ),
        (
            {"path": "x", "splits": {"train": "dev"}},
            "reader huggingface: splits must map a split of the data set to train, test or "
            "\"\" (none), got 'dev'",
        ),
    ]:
        with pytest.raises(UserError) as caught:
            huggingface.fingerprint(parameters, {})
        assert str(caught.value) == message
