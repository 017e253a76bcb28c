"""A person's own files: every format gives the same documents, and bad input one clear sentence."""

from __future__ import annotations

import csv
import gzip
import importlib.util
import io
import itertools
import json
import os
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from d2vbench.corpora.readers import find_reader
from d2vbench.corpora.readers.formats import files
from d2vbench.corpora.readers.formats.opening import check_encoding
from d2vbench.corpora.store.documents import Document
from d2vbench.errors import UserError

needs_pyarrow = pytest.mark.skipif(
    importlib.util.find_spec("pyarrow") is None, reason="the extra parquet is not installed"
)

ROWS: list[dict[str, Any]] = [
    {"id": 1, "text": 'He said "no", twice,\nand left.', "label": "b", "split": "train"},
    {"id": 2, "text": "Größe\u2028und\x85Maß\ttief", "label": "a", "split": "test"},
    {"id": 3, "text": "", "label": "a", "split": "Train"},
    {"id": 4, "text": "no label", "label": None, "split": None},
]
EXPECTED = [
    Document("0000000001", 'He said "no", twice,\nand left.', "b", "train"),
    Document("0000000002", "Größe\u2028und\x85Maß\ttief", "a", "test"),
    Document("0000000003", "", "a", "train"),
    Document("0000000004", "no label", None, None),
]
COLUMNS = {"text": "text", "label": "label", "split": "split"}


def delimited(rows: list[dict[str, Any]], delimiter: str) -> bytes:
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue().encode()


def json_lines(rows: list[dict[str, Any]], ascii_only: bool = False) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=ascii_only) + "\n" for row in rows).encode()


def parquet(rows: list[dict[str, Any]]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), buffer, row_group_size=max(len(rows) // 8, 2))
    return buffer.getvalue()


TABLES = {
    ".csv": lambda rows: delimited(rows, ","),
    ".tsv": lambda rows: delimited(rows, "\t"),
    ".jsonl": json_lines,
    ".ndjson": lambda rows: json_lines(rows, ascii_only=True),
    ".parquet": parquet,
}
EACH_TABLE = pytest.mark.parametrize(
    "suffix", [pytest.param(s, marks=needs_pyarrow if s == ".parquet" else ()) for s in TABLES]
)


def read(path: Path, **parameters: str) -> list[Document]:
    return list(files.read({"path": str(path), **parameters}, {}))


def failure(path: Path, **parameters: str) -> str:
    """Return what the reader says, with the file's name in place of its path."""
    with pytest.raises(UserError) as caught:
        read(path, **parameters)
    return str(caught.value).replace(str(path), path.name)


@pytest.fixture
def make(tmp_path: Path) -> Callable[[str, bytes], Path]:
    def write(name: str, content: bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    return write


Make = Callable[[str, bytes], Path]


def test_the_reader_is_in_the_catalogue() -> None:
    assert find_reader("files") is files


# The same documents from every format.


@EACH_TABLE
def test_every_table_plain_and_gzipped_gives_the_same_documents(make: Make, suffix: str) -> None:
    content = TABLES[suffix](ROWS)
    assert read(make(f"a{suffix}", content), **COLUMNS) == EXPECTED
    assert read(make(f"b{suffix}.gz", gzip.compress(content)), **COLUMNS) == EXPECTED


@EACH_TABLE
def test_the_only_other_column_is_the_text(make: Make, suffix: str) -> None:
    path = make(f"a{suffix}", TABLES[suffix]([{"body": "x", "kind": "k"}]))
    assert read(path, label="kind") == [Document("0000000001", "x", "k")]
    path = make(f"b{suffix}", TABLES[suffix]([{"body": "x"}]))
    assert read(path) == [Document("0000000001", "x")]
    path = make(f"c{suffix}", TABLES[suffix]([{"text": "x", "id": "1", "kind": "k"}]))
    assert read(path, label="kind") == [Document("0000000001", "x", "k")]


@EACH_TABLE
def test_a_column_that_is_not_there_is_named_with_those_that_are(make: Make, suffix: str) -> None:
    path = make(f"a{suffix}", TABLES[suffix]([{"id": "1", "body": "x", "kind": "k"}]))
    assert failure(path) == (
        f"a{suffix} has no column 'text'; it has 'id', 'body', 'kind': give the name of the text "
        "column as text"
    )
    said = failure(path, text="body", label="class")
    assert "has no column 'class'" in said and said.endswith("label column as label")


def test_long_lists_of_columns_are_cut(make: Make) -> None:
    path = make("a.csv", ",".join(f"c{i}" for i in range(30)).encode() + b"\n")
    assert "'c19', …: give the name" in failure(path)
    path = make("b.csv", b"x" * 100 + b",y\n")
    assert f"it has '{'x' * 39}…', 'y'" in failure(path)


def test_a_table_without_names_of_columns(make: Make) -> None:
    path = make("a.csv", b"once upon a time there was a table that had no first row at all\nx\n")
    assert failure(path) == (
        "a.csv: the column 'once upon a time there was a table that…' looks like a text, not like "
        "the name of a column: give no_header if there is no first row that names the columns"
    )


def test_a_column_that_is_there_twice_is_refused(make: Make) -> None:
    path = make("a.csv", b"text,text\na,b\n")
    assert failure(path) == "a.csv has more than one column 'text': rename all but one"


def test_lines(make: Make) -> None:
    content = "first\r\n\nthird \u2028 line\rfourth".encode()
    expected = [
        Document(f"000000000{i + 1}", text)
        for i, text in enumerate(["first", "", "third \u2028 line", "fourth"])
    ]
    for name in ("a.txt", "a", "a.text"):
        assert read(make(name, content)) == expected
        assert read(make(f"{name}.gz", gzip.compress(content))) == expected


def test_class_folders_with_and_without_splits(make: Make, tmp_path: Path) -> None:
    for name in ("sci.space/1", "sci.space/deep/2", "rec/9.txt", "stray.txt"):
        make(f"plain/{name}", f"text of {name}\n".encode())
    make("plain/rec/10.txt.gz", gzip.compress(b"text of 10\n"))
    make("plain/rec/.hidden", b"\xff")
    make("plain/.git/x", b"\xff")
    assert [(d.name, d.label, d.split, d.text) for d in read(tmp_path / "plain")] == [
        ("stray.txt", None, None, "text of stray.txt\n"),
        ("rec/10.txt.gz", "rec", None, "text of 10\n"),
        ("rec/9.txt", "rec", None, "text of rec/9.txt\n"),
        ("sci.space/1", "sci.space", None, "text of sci.space/1\n"),
        ("sci.space/deep/2", "sci.space", None, "text of sci.space/deep/2\n"),
    ]
    for name in ("train/pos/1", "test/pos/1", "test/neg/2"):
        make(f"split/{name}", b"x")
    assert [(d.name, d.label, d.split) for d in read(tmp_path / "split")] == [
        ("test/neg/2", "neg", "test"),
        ("test/pos/1", "pos", "test"),
        ("train/pos/1", "pos", "train"),
    ]
    make("split/dev/pos/1", b"x")
    assert failure(tmp_path / "split") == (
        "split holds the folder 'dev' beside train and test: say what becomes of these documents "
        "with validation='train', validation='test' or validation='drop'"
    )
    for validation, sizes in (("train", (2, 2)), ("test", (1, 3)), ("drop", (1, 2))):
        found = [d.split for d in read(tmp_path / "split", validation=validation)]
        assert (found.count("train"), found.count("test")) == sizes
    make("split/more/pos/1", b"x")
    assert failure(tmp_path / "split", validation="drop") == (
        "split holds the folders train and test and beside them more: move those away, or into "
        "train or test"
    )


def test_folders_of_splits_are_known_in_any_case(make: Make, tmp_path: Path) -> None:
    for name in ("Train/pos/1", "Test/pos/1", "TEST/neg/2"):
        make(f"a/{name}", b"x")
    expected = [("TEST/neg/2", "neg", "test"), ("Test/pos/1", "pos", "test")]
    expected.append(("Train/pos/1", "pos", "train"))
    assert [(d.name, d.label, d.split) for d in read(tmp_path / "a")] == expected
    make("a/Valid/pos/1", b"x")
    assert failure(tmp_path / "a").startswith("a holds the folder 'Valid' beside train and test: ")
    assert len(read(tmp_path / "a", validation="drop")) == 3
    make("a/Unsup/pos/1", b"x")
    assert failure(tmp_path / "a", validation="drop") == (
        "a holds the folders train and test and beside them Unsup: move those away, or into "
        "train or test"
    )


def test_a_training_folder_beside_one_for_validation(make: Make, tmp_path: Path) -> None:
    for name in ("train/pos/1", "Dev/pos/1"):
        make(f"a/{name}", b"x")
    found = read(tmp_path / "a", validation="test")
    assert [(d.label, d.split) for d in found] == [("pos", "test"), ("pos", "train")]
    # Of texts alone all are read.
    make("a/Test/user/1", b"x")
    make("a/more/pos/1", b"x")
    names = [d.name for d in read(tmp_path / "a", splits=False)]
    assert names == ["Dev/pos/1", "Test/user/1", "more/pos/1", "train/pos/1"]


def test_a_class_may_be_called_test(make: Make, tmp_path: Path) -> None:
    make("a/test/1", b"x")
    make("a/exam/1", b"x")
    assert [(d.label, d.split) for d in read(tmp_path / "a")] == [("exam", None), ("test", None)]
    make("a/dev/1", b"x")
    assert [d.label for d in read(tmp_path / "a")] == ["dev", "exam", "test"]
    assert failure(tmp_path / "a", validation="train") == (
        "a holds the folders train and test and beside them exam: move those away, or into train "
        "or test"
    )


def test_links_that_lead_in_a_circle_are_followed_once(make: Make, tmp_path: Path) -> None:
    make("a/x/1", b"x")
    (tmp_path / "a/x/again").symlink_to(tmp_path / "a")
    assert [d.name for d in read(tmp_path / "a")] == ["x/1"]


def test_a_table_in_a_folder_is_not_one_document(make: Make, tmp_path: Path) -> None:
    for name in ("t.csv", "t.jsonl.gz"):
        path = make(f"{name}.folder/x/{name}", b"text\n")
        assert failure(tmp_path / f"{name}.folder") == (
            f"{path} is a table in a folder, where each file is one document: give the table "
            "itself, or take it out of the folder"
        ).replace(str(tmp_path / f"{name}.folder"), f"{name}.folder")


any_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
any_label = st.sampled_from(["a", "b,c", 'd"e', "f"])
any_rows = st.lists(st.tuples(any_text, any_label), min_size=1, max_size=6)


@given(rows=any_rows, packed=st.booleans())
def test_any_text_survives_every_kind_of_quoting(
    rows: list[tuple[str, str]], packed: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp()
    table = [{"text": text, "label": label} for text, label in rows]
    for suffix in (".csv", ".tsv", ".jsonl", ".ndjson"):
        content = TABLES[suffix](table)
        path = folder / f"any{suffix}"
        path.write_bytes(gzip.compress(content) if packed else content)
        found = [(d.text, d.label) for d in read(path, label="label")]
        assert found == rows


@given(
    texts=st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\n"), max_size=30),
        min_size=1,
    ),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_any_line_survives(
    texts: list[str], end: str, encoding: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.txt"
    path.write_bytes("".join(text + end for text in texts).encode(encoding))
    texts[0] = texts[0].removeprefix("\ufeff")
    given_encoding = "utf-16" if encoding == "utf-16" else "utf-8"
    assert [d.text for d in read(path, encoding=given_encoding)] == texts


@pytest.mark.parametrize("suffix", [".jsonl", ".json"])
def test_a_label_that_only_later_objects_have(make: Make, suffix: str) -> None:
    rows = [{"text": f"t{i}"} for i in range(1200)]
    rows += [{"text": "x", "kind": "k", "part": "train"}]
    content = json_lines(rows) if suffix == ".jsonl" else json.dumps(rows).encode()
    path = make(f"a{suffix}", content)
    found = read(path, label="kind", split="part")
    assert [(d.label, d.split) for d in found[-2:]] == [(None, None), ("k", "train")]
    assert failure(path, label="sort") == (
        f"a{suffix} has no column 'sort'; it has 'text', 'kind', 'part': give the name of the "
        "label column as label"
    )


# Encodings.


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl"])
@pytest.mark.parametrize(("encoding", "given_name"), [("utf-8-sig", "utf-8"), ("utf-16",) * 2])
def test_a_byte_order_mark_is_no_part_of_the_first_column(
    make: Make, suffix: str, encoding: str, given_name: str
) -> None:
    content = TABLES[suffix](ROWS).decode().encode(encoding)
    assert read(make(f"a{suffix}", content), encoding=given_name, **COLUMNS) == EXPECTED


@pytest.mark.parametrize("pack", [False, True])
@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("a.txt", "one\r\ntwo\r\n"),
        ("a.csv", 'text\r\n"one\r\ntwo"\r\n'),
        ("a.jsonl", '{"text": "one"}\n{"text": "two"}\n'),
    ],
)
def test_a_wrong_encoding_is_located(make: Make, name: str, start: str, pack: bool) -> None:
    # So long that the place is in no first piece.
    filler = "füllung " * 20_000 + "\n"
    if name.endswith("csv"):
        filler = f'"{filler}"\n'
    elif name.endswith("jsonl"):
        filler = json.dumps({"text": filler}, ensure_ascii=False) + "\n"
    before = (start + filler).encode()
    content = before + b"caf\xe9 au lait\n"
    line = (start + filler).count("\n") + 1
    path = make(name + ".gz" * pack, gzip.compress(content) if pack else content)
    assert failure(path) == (
        f"{path.name}, line {line}: byte 0xe9 at offset {len(before) + 3} is not utf-8: give the "
        "encoding it was written in, such as encoding='cp1252'"
    )
    if name == "a.txt":
        assert read(path, encoding="cp1252")[-1].text == "café au lait"


def test_a_character_cut_short_at_the_end_is_located(make: Make) -> None:
    said = failure(make("a.txt", b"x\n\xe2\x82"))
    assert said.startswith("a.txt, line 2: byte 0xe2 at offset 2 is not utf-8")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("given_name", ["utf-8", "cp1252", "utf-16"])
def test_a_byte_order_mark_overrides_the_encoding(
    make: Make, encoding: str, given_name: str
) -> None:
    path = make("a.txt", "Größe\n".encode(encoding))
    assert [d.text for d in read(path, encoding=given_name)] == ["Größe"]


def test_another_encoding_is_asked_for(make: Make) -> None:
    said = failure(make("b.txt", b"ab\n\x81\n"), encoding="cp1252")
    again = "give another encoding, or generic_encoding or domain_encoding for one side"
    assert said.endswith(f"is not cp1252: {again}")
    assert failure(make("c.txt", b"text"), encoding="utf-16") == (
        f"c.txt: not utf-16 (UTF-16 stream does not start with BOM): {again}"
    )


@pytest.mark.parametrize("name", ["utf-9", "hex", "", "a\0b"])
def test_an_unknown_encoding(name: str) -> None:
    with pytest.raises(UserError) as caught:
        check_encoding(name)
    assert str(caught.value) == (
        f"unknown encoding {name!r}: expected a name such as utf-8, cp1252, latin-1 or utf-16"
    )


@pytest.mark.parametrize("pack", [False, True])
def test_nul_bytes_are_located(make: Make, pack: bool) -> None:
    content = b"text,label\none,a\ntwo\0,b\n"
    path = make("a.csv" + ".gz" * pack, gzip.compress(content) if pack else content)
    assert failure(path) == (
        f"{path.name}, line 3: NUL byte at offset 20, so this is no plain text: if the file is "
        "UTF-16, give encoding='utf-16', else take the NUL bytes out"
    )


# Damaged files and names that say nothing.


def test_a_truncated_gzip(make: Make) -> None:
    packed = gzip.compress(delimited(ROWS * 2000, ","))
    said = "a.csv.gz: the gzip file is cut short or damaged: copy or pack it again"
    assert failure(make("a.csv.gz", packed[:-30])) == said
    assert failure(make("a.csv.gz", packed[:-8] + b"\0" * 8)) == said
    assert failure(make("a.csv.gz", packed[:10] + b"\xff" * 90)) == said


def test_a_gzip_in_name_only_and_in_content_only(make: Make) -> None:
    assert failure(make("a.txt.gz", b"plain")) == (
        "a.txt.gz: the name ends in .gz, but it is no gzip file: rename it"
    )
    assert read(make("a.txt", gzip.compress(b"x")))[0].text == "x"


@pytest.mark.parametrize(("name", "shown"), [("a.docx", ".docx"), ("a.xml.gz", ".xml")])
def test_an_unknown_suffix(make: Make, name: str, shown: str) -> None:
    assert failure(make(name, b"x")) == (
        f"{name}: {shown!r} is no format that can be read: expected .txt (one document a line), "
        ".csv, .tsv, .jsonl or .ndjson (JSON lines), .json, .parquet, any of them with .gz, .bz2, "
        ".xz, .zst or in a .zip, or a folder or archive (.zip, .tar) of text files"
    )


def test_a_card_may_name_the_format_and_an_archive(make: Make) -> None:
    path = make("reviews.data", b"text\nx\n")
    parameters = {"path": "reviews", "format": "csv"}
    assert list(files.read(parameters, {"reviews": path})) == [Document("0000000001", "x")]
    assert files.fingerprint(parameters, {"reviews": path})
    assert "'xml' is no format" in failure(path, format="xml")


def test_what_cannot_be_read_is_said_at_once(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def said(path: Path) -> str:
        with pytest.raises(UserError) as caught:
            files.check_readable(path)
        return str(caught.value).replace(str(tmp_path) + os.sep, "")

    assert said(make("a.txt", b"")) == "a.txt is empty"
    assert said(make("a.txt.gz", gzip.compress(b""))) == "a.txt.gz is empty"
    (tmp_path / "none").mkdir()
    assert said(tmp_path / "none") == "none is a folder without files"
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.txt")
        assert said(tmp_path / "pipe.txt") == (
            "pipe.txt is neither a file nor a folder (a pipe or a device?): it is read more than "
            "once, so save it as a file first"
        )
    path = make("b.txt", b"x")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refuse)
    assert said(path) == "b.txt cannot be read: Permission denied"
    make_folder = tmp_path / "closed"
    make_folder.mkdir()
    monkeypatch.setattr(os, "scandir", refuse)
    assert said(make_folder) == "b.txt cannot be read: Permission denied"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read all")
def test_a_folder_without_read_permission(make: Make, tmp_path: Path) -> None:
    make("a/x/1", b"x")
    (tmp_path / "a/x").chmod(0)
    try:
        assert failure(tmp_path / "a") == "a/x cannot be read: Permission denied"
    finally:
        (tmp_path / "a/x").chmod(0o700)


# CSV.


def test_ragged_rows(make: Make) -> None:
    path = make("a.csv", b'text,label\n"one\ntwo",a\n\nthree, four,b\n')
    assert failure(path) == (
        "a.csv: the row that begins on line 5 has 3 fields, but the first row names 2 columns: a "
        "field with delimiters or line breaks in it must stand in quotation marks"
    )


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b'"he said "no"",a\n', "',' expected after '\"'"),
        (b'"never closed,a\nx,b\n', "unexpected end of data"),
    ],
)
def test_misplaced_quotation_marks(make: Make, row: bytes, reason: str) -> None:
    assert failure(make("a.csv", b"text,label\nx,a\n" + row)) == (
        f"a.csv: the row that begins on line 3 cannot be read ({reason}): a field with quotation "
        "marks in it must stand in quotation marks, and those in it must be doubled"
    )


def test_semicolons_are_told_by_the_first_row(make: Make) -> None:
    path = make("a.csv", b"text;label\none, two;a\n")
    assert read(path, label="label") == [Document("0000000001", "one, two", "a")]


def test_a_field_longer_than_pythons_limit(make: Make) -> None:
    text = "word " * 40_000
    assert read(make("a.csv", f"text\n{text}\n".encode()))[0].text == text


def test_an_empty_table(make: Make) -> None:
    assert failure(make("a.csv", b"\n\n")) == (
        "a.csv is empty: expected a first row with the names of the columns"
    )
    assert failure(make("a.jsonl", b"\n\n")) == "a.jsonl is empty: expected a JSON object a line"


# JSON lines.


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"{text: 1}", "not JSON (Expecting property name enclosed in double quotes at character "
         "2): expected one object a line"),
        (b'["x"]', 'a JSON list, expected an object such as {"text": "...", "label": "..."}'),
        (b"null", 'a JSON null, expected an object such as {"text": "...", "label": "..."}'),
        (b'{"text": 3}', "the text in 'text' is a number, expected a string"),
        (b'{"text": ["x"]}', "the text in 'text' is a list, expected a string"),
        (b'{"body": "x"}', "no key 'text'; there are 'body'"),
        (b'{"text": "x", "label": ["a", "b"]}', "the label in column 'label' is a list: expected "
         "text or a number; where documents have several labels, give several_labels='first' to "
         "take the first, several_labels='each' to count them under each, or leave such documents "
         "out"),
        (b"[" * 100_000, "JSON beyond what can be read (a number too long, or lists too deep): "
         "expected one object a line"),
    ],
)  # fmt: skip
def test_bad_json(make: Make, line: bytes, said: str) -> None:
    path = make("a.jsonl", b'{"text": "x", "label": "a"}\n\n' + line + b"\n")
    assert failure(path, text="text", label="label") == f"a.jsonl, line 3: {said}"


def test_json_that_was_cut(make: Make) -> None:
    assert failure(make("a.jsonl", b'{"text": "x"}\n{"text": "a')) == (
        "a.jsonl, line 2: not JSON (Unterminated string starting at character 10): expected one "
        "object a line"
    )


def test_null_is_an_empty_text_and_half_a_character_is_replaced(make: Make) -> None:
    path = make("a.jsonl", b'{"text": null}\n{"text": "a\\ud800b", "label": "\\udfff"}\n')
    assert read(path, text="text", label="label") == [
        Document("0000000001", ""),
        Document("0000000002", "a\ufffdb", "\ufffd"),
    ]


# Labels and splits.


def test_numbers_may_be_labels(make: Make) -> None:
    labels: list[Any] = [1, 2.0, 2.5, True, "3.0", " sci \n space ", "NaN", float("nan"), None]
    path = make("a.jsonl", json_lines([{"text": "x", "label": label} for label in labels]))
    assert [d.label for d in read(path, label="label")] == [
        "1", "2", "2.5", "True", "3", "sci space", None, None, None,
    ]  # fmt: skip


@EACH_TABLE
@pytest.mark.parametrize("count", [6, 500])
def test_a_label_column_of_measurements(make: Make, suffix: str, count: int) -> None:
    rows = [{"text": "x", "score": i * 0.75 + 0.1} for i in range(count)]
    assert failure(make(f"a{suffix}", TABLES[suffix](rows)), label="score") == (
        f"a{suffix}: the label column 'score' holds numbers with fractions (0.1, 0.85, 1.6, …), "
        "which are no classes: give another column as label, or put the numbers into classes"
    )


def test_half_stars_are_classes(make: Make) -> None:
    rows = [{"text": "x", "stars": i % 10 / 2} for i in range(100)]
    labels = {d.label for d in read(make("a.csv", delimited(rows, ",")), label="stars")}
    assert labels == {"0", "0.5", "1", "1.5", "2", "2.5", "3", "3.5", "4", "4.5"}


@pytest.mark.parametrize(("classes", "each", "step"), [(24, 5, 1), (24, 5, 7), (300, 5, 7)])
def test_codes_with_points_are_classes_where_they_recur(
    make: Make, classes: int, each: int, step: int
) -> None:
    """Sorted by class, and with all classes among the first rows."""
    order = [i * step % classes if step > 1 else i // each for i in range(classes * each)]
    rows = [{"text": "x", "code": f"{i // 9 + 1}.{i % 9 + 1}"} for i in order]
    found = read(make("a.csv", delimited(rows, ",")), label="code")
    assert len({d.label for d in found}) == classes


def test_measurements_are_refused_before_the_end(make: Make) -> None:
    rows = b"".join(b"x,%d.5\n" % i for i in range(3000))
    path = make("a.csv", b"text,score\n" + rows + b'"')
    assert "holds numbers with fractions (0.5, 1.5, 2.5, …)" in failure(path, label="score")


def test_versions_are_classes(make: Make) -> None:
    rows = [{"text": "x", "label": f"v{i}.5"} for i in range(60)]
    assert len(read(make("a.csv", delimited(rows, ",")), label="label")) == 60


@EACH_TABLE
@pytest.mark.parametrize("bad", ["1", "training"])
def test_only_train_and_test_are_splits(make: Make, suffix: str, bad: str) -> None:
    splits = ["train", " Test ", bad, "valid", None, "train"]
    rows = [{"text": "x", "label": "a", "part": split} for split in splits]
    said = failure(make(f"a{suffix}", TABLES[suffix](rows)), label="label", split="part")
    place = {".csv": "line 4", ".tsv": "line 4", ".parquet": "row 3"}.get(suffix, "line 3")
    known = ", ".join(repr(s) for s in sorted([bad, "test", "train", "valid"]))
    assert said == (
        f"a{suffix}, {place}: the split column 'part' holds {bad!r}, but only train and test are "
        f"known (there are {known}): rename or remove those rows, or give split='' to have the "
        "documents split by d2vbench"
    )


def test_a_labelled_document_needs_a_split(make: Make) -> None:
    path = make("a.csv", b"text,label,split\nx,a,train\ny,,\nz,a,\n")
    assert failure(path, label="label", split="split") == (
        "a.csv, line 4: nothing in the split column 'split': write train or test, or give "
        "split='' to have the documents split by d2vbench"
    )


# Parquet.


@needs_pyarrow
def test_a_damaged_parquet_file(make: Make) -> None:
    content = parquet(ROWS * 5000)
    said = failure(make("a.parquet", content[: len(content) // 2]))
    assert said.startswith("a.parquet: the Parquet file is damaged or none at all (")
    assert said.endswith("): write it again")
    assert said.count("\n") == 0
    broken = bytearray(content)
    broken[20:2000] = bytes(1980)
    assert "damaged or none at all" in failure(make("b.parquet", bytes(broken)))
    assert "damaged or none at all" in failure(make("c.parquet", b"PAR1"))


@needs_pyarrow
def test_a_parquet_text_column_of_numbers(make: Make) -> None:
    path = make("a.parquet", parquet([{"text": "x", "id": 1}]))
    assert failure(path, text="id") == (
        "a.parquet: the text column 'id' holds int64, expected strings: give another column as text"
    )


def test_without_pyarrow_the_extra_is_named(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert failure(make("a.parquet", b"PAR1")) == (
        "a.parquet is Parquet, and reading it needs pyarrow, which is not installed: pip install "
        "'d2vbench[parquet]'"
    )


# A fingerprint is of the bytes; reading holds one document at a time.


def test_a_fingerprint_changes_with_the_bytes_and_names_only(make: Make, tmp_path: Path) -> None:
    def print_of(path: Path) -> dict[str, Any]:
        return files.fingerprint({"path": str(path)}, {})

    first = print_of(make("a.txt", b"x"))
    assert set(first) == {"file sha256"}
    assert first == print_of(make("b.txt", b"x"))
    assert first != print_of(make("a.txt", b"y"))
    make("one/a/1", b"x")
    make("two/a/1", b"x")
    assert print_of(tmp_path / "one") == print_of(tmp_path / "two")
    (tmp_path / "two/a/1").rename(tmp_path / "two/a/2")
    assert print_of(tmp_path / "one") != print_of(tmp_path / "two")


@EACH_TABLE
def test_memory_does_not_grow_with_the_file(make: Make, suffix: str) -> None:
    texts = (f"{i} " + "lorem ipsum dolor " * 60 for i in itertools.count())
    content = TABLES[suffix]([{"text": next(texts), "label": "a"} for _ in range(8000)])
    assert len(content) > 8_000_000 or suffix == ".parquet"
    path = make(f"a{suffix}.gz", gzip.compress(content, 1))

    list(itertools.islice(files.read({"path": str(path), "label": "label"}, {}), 1))
    tracemalloc.start()
    try:
        assert sum(1 for _ in files.read({"path": str(path), "label": "label"}, {})) == 8000
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4_000_000


def test_reading_is_lazy(make: Make) -> None:
    rows = b"text\n" + b"word\n" * 100_000
    documents = iter(files.read({"path": str(make("a.csv", rows + b'"'))}, {}))
    assert next(documents).text == "word"
    with pytest.raises(UserError, match="unexpected end of data"):
        list(documents)
