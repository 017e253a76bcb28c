"""Readers of class folders and of tables in an archive, and damaged twins of each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from corpora.made_archives import FORMATS, make

from d2vbench.corpora.readers import read_documents
from d2vbench.corpora.store.documents import Document
from d2vbench.errors import UserError

NEWS = {
    "bbc-1/bbc/README.TXT": b"About it.",
    "bbc-1/bbc/sport/001.txt": "A goal for £5m.".encode(),
    "bbc-1/bbc/sport/002.txt": "A goal for £6m.".encode("cp1252"),
    "bbc-1/bbc/tech/001.txt": b"A chip.",
}
FOLDERS = {"classes": ["sport", "tech"], "second_encoding": "cp1252"}
CSV = b'"1","A ""b""","x\\y &lt;B&gt;bold&lt;/B&gt; A &lt;T.N&gt;"\n"2","C","d"\n'
AG: dict[str, Any] = {
    "files": {"*ag/test.csv": ""}, "columns": ["class", "title", "words"],
    "text": ["title", "words"], "label": "class", "labels": {"1": "World", "2": "Sports"},
    "tags": False, "replace": {"\\": "\n"},
}  # fmt: skip
ROWS = [{"text": f"t{i}", "label": "ab"[i % 2], "metadata": {}} for i in range(3)]
JSONL = "".join(json.dumps(row) + "\n" for row in ROWS).encode()
CITE: dict[str, Any] = {
    "format": "jsonl",
    "files": {"*/dev.txt": "train", "*/test.txt": "test", "*/train.txt": "train"},
}  # fmt: skip


def read(reader: str, path: Path, parameters: dict[str, Any]) -> list[Document]:
    return sorted(read_documents(reader, parameters, {"a": path}), key=lambda d: d.name)


@pytest.mark.parametrize("kind", FORMATS)
def test_class_folders(tmp_path: Path, kind: str) -> None:
    assert read("class_folders", make(tmp_path, kind, NEWS), FOLDERS) == [
        Document("sport/001", "A goal for £5m.", "sport"),
        Document("sport/002", "A goal for £6m.", "sport"),
        Document("tech/001", "A chip.", "tech"),
    ]


@pytest.mark.parametrize(
    ("change", "parameters", "message"),
    [
        ({}, {"classes": ["sport", "tech"]}, "sport/002.txt is not utf-8 text: byte 0xa3"),
        ({"bbc-1/bbc/tech/001.txt": None}, FOLDERS, "has no text in a folder tech"),
        ({}, {}, "classes is missing"),
        ({}, {**FOLDERS, "second_encoding": "utf-99"}, "utf-99"),
    ],
)
def test_class_folders_that_are_not_those_of_the_card(
    tmp_path: Path, change: dict[str, None], parameters: dict[str, Any], message: str
) -> None:
    files = {name: content for name, content in NEWS.items() if name not in change}
    with pytest.raises(UserError, match=message):
        read("class_folders", make(tmp_path, "tar.gz", files), parameters)


@pytest.mark.parametrize("kind", FORMATS)
def test_tables(tmp_path: Path, kind: str) -> None:
    assert read("tables", make(tmp_path, kind, {"x/ag/test.csv": CSV}, "csv"), AG) == [
        Document("test/00000001", 'A "b"\n\nx\ny  bold  A <T.N>', "World"),
        Document("test/00000002", "C\n\nd", "Sports"),
    ]
    headed = {key: AG[key] for key in ("files", "text", "label")}
    with_names = {"x/ag/test.csv": b"class,title,words\n" + CSV}
    assert [d.label for d in read("tables", make(tmp_path, kind, with_names, "h"), headed)] == [
        "1", "2"
    ]  # fmt: skip
    files = {f"d/{name}.txt": JSONL for name in ("train", "dev", "test")}
    found = read("tables", make(tmp_path, kind, files, "jsonl"), CITE)
    assert [(d.name, d.label, d.split) for d in found[:4]] == [
        ("dev/00000001", "a", "train"), ("dev/00000002", "b", "train"),
        ("dev/00000003", "a", "train"), ("test/00000001", "a", "test"),
    ]  # fmt: skip
    assert len(found) == 9


@pytest.mark.parametrize(
    ("content", "parameters", "message"),
    [
        (CSV[:-3], AG, r"ag/test.csv, line 2: not CSV \(unexpected end of data\): the file is dam"),
        (CSV + b'"1","a"\n', AG, "line 3: a row of 2 fields, expected 3 \\(class, title, words\\)"),
        (CSV + b'"3","a","b"\n', AG, "row 3: the class '3' has no name on the card"),
        (CSV, {**AG, "label": "klass"}, "row 1: expected text in the column 'klass', got None"),
        (CSV, {**AG, "files": {"*train.csv": ""}}, "holds no file whose name fits \\*train.csv"),
        (CSV, {**AG, "files": {}}, "files is missing"),
        (CSV, {**AG, "files": {"*": "dev"}}, "unknown split 'dev'"),
        (CSV, {**AG, "format": "xls"}, "unknown format 'xls'"),
        (JSONL[:-9], {**CITE, "files": {"*": ""}}, "line 3: not JSON"),
        (b"[1]\n", {**CITE, "files": {"*": ""}}, r"line 1: expected a JSON object, got '\[1\]'"),
        (b'{"text": "\xe4"}', {**CITE, "files": {"*": ""}}, "is not utf-8 text"),
    ],
)  # fmt: skip
def test_a_damaged_table_is_one_sentence(
    tmp_path: Path, content: bytes, parameters: dict[str, Any], message: str
) -> None:
    with pytest.raises(UserError, match=message):
        read("tables", make(tmp_path, "tar.gz", {"x/ag/test.csv": content}), parameters)
