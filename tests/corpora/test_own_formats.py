"""Every form in which people bring data: read right, and its damaged twin in one sentence."""

from __future__ import annotations

import bz2
import gzip
import importlib
import io
import json
import lzma
import struct
import sys
import tarfile
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from d2vbench.corpora import load_cards, open_pair
from d2vbench.corpora.pairs.own import Layout, own_pair, own_texts
from d2vbench.corpora.pairs.own_files import check_distinct, locate
from d2vbench.corpora.readers.formats import files
from d2vbench.corpora.store.documents import Document
from d2vbench.errors import UserError

ROWS = [
    {"text": f"Größe {'abc'[i % 3]} {i}", "label": "ab"[i % 2], "split": ("train", "test")[i // 8]}
    for i in range(12)
]
CSV = "".join(",".join(row) + "\n" for row in [ROWS[0].keys(), *(r.values() for r in ROWS)])
COLUMNS = {"text": "text", "label": "label", "split": "split"}
EXPECTED = [
    Document(f"{i:010}", row["text"], row["label"], row["split"]) for i, row in enumerate(ROWS, 1)
]

Make = Callable[[str, bytes], Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def write(name: str, content: bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    return write


def zstd(content: bytes) -> bytes:
    name = "compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd"
    library = pytest.importorskip(name, reason="the extra d2vbench[zstd] is absent")
    # As the command zstd writes it, with a checksum.
    return library.compress(content, options={library.CompressionParameter.checksum_flag: 1})


def zipped(members: dict[str, bytes], **options: Any) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def tarred(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def encrypted(content: bytes) -> bytes:
    """Set the flag of encryption of the first member, in both of its headers."""
    found = bytearray(content)
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = found.index(mark) + place
        struct.pack_into("<H", found, at, struct.unpack_from("<H", found, at)[0] | 1)
    return bytes(found)


def read(path: Path, **parameters: Any) -> list[Document]:
    return list(files.read({"path": str(path), **parameters}, {}))


def failure(path: Path, **parameters: Any) -> str:
    with pytest.raises(UserError) as caught:
        read(path, **parameters)
    said = str(caught.value).replace(str(path), path.name)
    assert "\n" not in said and ". " not in said
    return said


PACKERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    ".gz": ("gzip", gzip.compress),
    ".bz2": ("bzip2", bz2.compress),
    ".xz": ("xz", lzma.compress),
    ".zst": ("zstd", zstd),
    ".zip": ("zip", lambda content: zipped({"reviews.csv": content})),
}


@pytest.mark.parametrize("suffix", PACKERS)
def test_a_packed_table_and_its_damaged_twins(make: Make, suffix: str) -> None:
    kind, pack = PACKERS[suffix]
    packed = pack(CSV.encode())
    assert read(make(f"a.csv{suffix}", packed), **COLUMNS) == EXPECTED
    assert failure(make(f"b.csv{suffix}", CSV.encode())) == (
        f"b.csv{suffix}: the name ends in {suffix}, but it is no {kind} file: rename it"
    )
    cut = failure(make(f"c.csv{suffix}", packed[: len(packed) * 2 // 3]), **COLUMNS)
    assert "damaged" in cut and "cut short" in cut
    # A bit in the middle of the packed bytes.
    wrong = bytearray(packed)
    wrong[len(wrong) // 2] ^= 0x10
    assert "damaged" in failure(make(f"d.csv{suffix}", bytes(wrong)), **COLUMNS)


@pytest.mark.parametrize("suffix", [".gz", ".bz2", ".xz", ".zip"])
def test_a_packed_bomb_ends_early(make: Make, suffix: str) -> None:
    bomb = b"text,label\n" + b'"' + b"a" * (40 << 20) + b'",a\n'
    said = failure(make(f"a.csv{suffix}", PACKERS[suffix][1](bomb)), label="label")
    assert "unpacks to more than 200 times its size" in said


def test_zstd_without_its_library(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make("a.txt.zst", zstd(b"x"))

    def absent(name: str, *rest: Any) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", absent)
    assert failure(path) == (
        "a.txt.zst is packed with zstd, and reading it needs backports.zstd, which is not "
        "installed: pip install 'd2vbench[zstd]'"
    )


# Archives.

TEXTS = {"pos/1.txt": b"fine", "pos/2.txt": "größer".encode(), "neg/deep/3.txt": b"bad"}
EXTRAS = {"__MACOSX/pos/._1.txt": b"\xff\0", "pos/.DS_Store": b"\0", "Thumbs.db": b"\0"}


@pytest.mark.parametrize("pack", [zipped, tarred])
@pytest.mark.parametrize("top", ["", "reviews/", "a/b/"])
def test_an_archive_of_texts(make: Make, pack: Callable[..., bytes], top: str) -> None:
    content = {top + name: text for name, text in TEXTS.items()} | EXTRAS
    path = make("r.zip" if pack is zipped else "r.tar.gz", pack(content))
    assert read(path) == [
        Document("pos/1.txt", "fine", "pos"),
        Document("pos/2.txt", "größer", "pos"),
        Document("neg/deep/3.txt", "bad", "neg"),
    ]


def test_splits_in_an_archive(make: Make) -> None:
    names = ["train/pos/1", "test/pos/2", "dev/pos/3"]
    path = make("r.zip", zipped({f"top/{name}": b"x" for name in names}))
    assert "holds the folder 'dev' beside train and test" in failure(path)
    found = read(path, validation="drop")
    assert [(d.label, d.split) for d in found] == [("pos", "train"), ("pos", "test")]
    path = make("b.zip", zipped({"data/Train/pos/1": b"x", "data/Test/pos/2": b"x"}))
    assert [(d.label, d.split) for d in read(path)] == [("pos", "train"), ("pos", "test")]
    path = make("c.zip", zipped({"data/train/pos/1": b"x", "data/dev/pos/2": b"x"}))
    found = read(path, validation="test")
    assert [(d.label, d.split) for d in found] == [("pos", "train"), ("pos", "test")]
    generic = make("g.txt", b"one\ntwo")
    with pytest.raises(UserError, match="holds the folders train and dev, and none called test"):
        own_pair(str(generic), str(path), load_cards(), Layout())


def test_a_zip_of_one_file_is_that_file(make: Make) -> None:
    lines = zipped({"a/notes.txt": b"one\ntwo\n", **EXTRAS})
    assert [d.text for d in read(make("n.zip", lines))] == ["one", "two"]
    assert read(make("r.csv.zip", zipped({"data": CSV.encode()})), **COLUMNS) == EXPECTED
    said = failure(make("r.zip", zipped({"r.docx": b"x"})))
    assert said.startswith("r.zip: r.docx: '.docx' is no format that can be read")
    assert failure(make("s.zip", zipped({"s.csv.gz": gzip.compress(b"x")}))) == (
        "s.zip holds 's.csv.gz', which is packed again: unpack it once"
    )
    assert failure(make("t.zip", zipped({"train.csv": b"x", "test.csv": b"x"}))) == (
        "t.zip holds 2 tables ('train.csv', 'test.csv'): unpack it, and give those that are wanted"
    )
    assert failure(make("u.zip", zipped(EXTRAS))) == "u.zip is an archive without files"


def test_encrypted_zips(make: Make) -> None:
    for name, content in (("a.zip", {"a.csv": CSV.encode()}), ("b.zip", TEXTS)):
        said = failure(make(name, encrypted(zipped(content))), **COLUMNS)
        assert "is encrypted" in said


def test_mixed_encodings_name_the_file(make: Make) -> None:
    path = make("r.zip", zipped({"a/1.txt": b"x", "b/2.txt": "größer".encode("latin-1")}))
    assert failure(path).startswith("r.zip: b/2.txt, line 1: byte 0xf6 at offset 2 is not utf-8")
    marked = {"a/1.txt": "größer".encode("utf-16"), "b/2.txt": "größer".encode()}
    assert [d.text for d in read(make("s.zip", zipped(marked)))] == ["größer"] * 2


def test_a_spreadsheet_is_no_table(make: Make) -> None:
    sheet = zipped({"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>"})
    assert failure(make("r.xlsx", sheet)) == (
        "r.xlsx is a spreadsheet, which is not read: save the sheet as CSV (UTF-8) and give that "
        "file"
    )
    assert failure(make("r.csv", sheet)) == (
        "r.csv: the name ends in .csv, but it is a zip or a spreadsheet: save a spreadsheet as "
        "CSV, or let the name of a zip end in .zip"
    )


# JSON.


@pytest.mark.parametrize("indent", [None, 1])
def test_a_list_of_objects(make: Make, indent: int | None) -> None:
    path = make("a.json", json.dumps(ROWS, indent=indent).encode())
    assert read(path, **COLUMNS) == EXPECTED
    lines = "".join(json.dumps(row) + "\n" for row in ROWS)
    assert read(make("b.json", lines.encode()), **COLUMNS) == EXPECTED
    packed = make("c.json.xz", lzma.compress(json.dumps(ROWS).encode("utf-16")))
    assert read(packed, **COLUMNS) == EXPECTED


def test_a_list_longer_than_what_is_read_at_once(make: Make) -> None:
    texts = [f"{i} " + 'ab ] , [ { " ' * (i % 700) for i in range(3000)] + ["x" * 600_000]
    path = make("a.json", json.dumps([{"text": text} for text in texts]).encode())
    assert path.stat().st_size > 10 << 20
    assert [d.text for d in read(path)] == texts


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'[{"text": "x"}', " is cut short: the list does not end after item 1"),
        (b'[{"text": "x"},', " is cut short: the list does not end after item 1"),
        (b'[{"text": "x"}, {"text": "y', ", item 2: not JSON (Unterminated string starting at "
         "character 26): the list is damaged or cut short"),
        (b'[{"text": "x"} {"text": "y"}]', ", after item 1: expected a comma or the end of the "
         "list"),
        (b'[{"text": "x"}] more', ": text after the end of the list, after item 1"),
        (b'[{"text": "x"}, 3]', ', item 2: a JSON number, expected an object such as {"text": '
         '"...", "label": "..."}'),
        (b'[{"text": "x"}, ]', ", item 2: not JSON (Expecting value at character 17): the list is "
         "damaged or cut short"),
        (b"[]", " is empty: expected a list of JSON objects, or one a line"),
        (b'{"text":\n "x"}', ", line 1: not JSON (Expecting value at character 1): expected a "
         "list of objects, or one object a line"),
    ],
)  # fmt: skip
def test_damaged_lists(make: Make, content: bytes, said: str) -> None:
    assert failure(make("a.json", content)) == f"a.json{said}"


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_nested_fields(make: Make, name: str) -> None:
    rows: list[dict[str, Any]] = [
        {"data": {"text": "one", "meta": {"kind": "k"}}, "id": 1},
        {"data": {"text": "two", "meta": None}, "id": 2},
    ]
    content = json.dumps(rows) if name == "a.json" else "\n".join(map(json.dumps, rows))
    path = make(name, content.encode())
    found = read(path, text="data.text", label="data.meta.kind")
    assert [(d.text, d.label) for d in found] == [("one", "k"), ("two", None)]
    said = failure(path, text="data.body")
    assert "has no column 'data.body'; it has 'data.text', 'data.meta.kind', 'id'" in said


# Headers, splits and labels.


def test_a_table_without_header(make: Make) -> None:
    path = make("a.csv", CSV.partition("\n")[2].encode())
    chosen = {"text": "1", "label": "2", "split": "3", "header": False}
    assert read(path, **chosen) == EXPECTED
    assert "it has '1', '2', '3'" in failure(path, header=False)
    ragged = make("b.csv", b"x,a\ny\n")
    assert "has 1 fields, but the first row has 2 columns" in failure(
        ragged, text="1", label="2", header=False
    )


@pytest.mark.parametrize("name", ["validation", "dev", "Val", "valid", "development"])
def test_a_third_split(make: Make, name: str) -> None:
    path = make("a.csv", f"text,label,split\nx,a,train\ny,a,test\nz,b,{name}\n".encode())
    assert failure(path, **COLUMNS) == (
        f"a.csv, line 4: the split column 'split' holds {name.lower()!r} beside train and test: "
        "say what becomes of these documents with validation='train', validation='test' or "
        "validation='drop'"
    )
    for validation, splits in (
        ("train", ["train", "test", "train"]),
        ("test", ["train", "test", "test"]),
        ("drop", ["train", "test"]),
    ):
        assert [d.split for d in read(path, validation=validation, **COLUMNS)] == splits


def test_several_labels_a_document(make: Make) -> None:
    rows = [{"text": "x", "label": ["b", "a"]}, {"text": "y", "label": ["c"]},
            {"text": "z", "label": []}]  # fmt: skip
    path = make("a.json", json.dumps(rows).encode())
    said = "the label in column 'label' is a list: expected text or a number; where documents have"
    assert said in failure(path, label="label")
    found = read(path, label="label", several_labels="first")
    assert [d.label for d in found] == ["b", "c", None]


# Several files, patterns, two encodings.


def texts(start: int, count: int, words: str = "abcdefghij") -> list[str]:
    return [" ".join(w * 3 + chr(97 + (i * j) % 26) for j, w in enumerate(words))
            for i in range(start, start + count)]  # fmt: skip


def table(start: int, count: int, encoding: str = "utf-8") -> bytes:
    rows = [f"{text} größe,{'ab'[i % 2]}" for i, text in enumerate(texts(start, count))]
    return "\n".join(["text,label", *rows]).encode(encoding)


def test_several_files_and_patterns(make: Make, cache: Path) -> None:
    for i in range(3):
        make(f"g-{i}.txt", "\n".join(texts(100 * (i + 1), 5, "klmnop")).encode())
    first, second = make("d/x.csv", table(0, 11)), make("d/y.csv.gz", gzip.compress(table(11, 11)))
    pattern = str(first.parents[1] / "g-*.txt")
    for domain in ([str(first), str(second)], str(first.parent / "*.csv*")):
        card, cards = own_pair(pattern, domain, load_cards(), Layout(near_duplicates="keep"))
        assert card.name == "g-0-and-2-more+x-and-1-more"
        assert "Generic: g-0.txt and 2 more, one document a line." in card.description
        pair = open_pair(card, cards, cache)
        assert (len(pair.generic), len(pair.train) + len(pair.test)) == (15, 22)
    for domain, said in (
        ([str(first), str(first)], "x.csv is given twice"),
        ([str(first), str(first.parent)], "is a folder, given beside other paths"),
        (str(first.parent / "*.tsv"), "no file fits this pattern"),
        ([str(first), pattern], "share g-0.txt: give two different corpora"),
    ):
        with pytest.raises(UserError, match=said):
            own_pair(pattern, domain, load_cards())


def test_a_pattern_where_the_folder_looks_like_one(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [make(f"data [old]/part-{i}.txt", b"x") for i in (1, 2)]
    monkeypatch.chdir(paths[0].parent)
    monkeypatch.setenv("HOME", str(paths[0].parent))
    for pattern in ("part-*.txt", "./part-[12].txt", "~/part-?.txt", "**/part-*.txt"):
        assert locate(pattern, "generic", load_cards()) == paths
    beside = make("part-3.txt", b"x")
    assert locate("../part-*.txt", "generic", load_cards()) == [beside]
    assert locate(str(tmp_path / "data*" / "*2.txt"), "generic", load_cards()) == paths[1:]


def test_many_files_are_located_in_time_that_grows_with_their_number(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for i in range(60):
        make(f"{'gd'[i % 2]}/{i}.txt", b"x")
    asked: Counter[str] = Counter()

    def count(name: str) -> None:
        real = getattr(Path, name)

        def counted(path: Path, *args: Any, **options: Any) -> Any:
            asked[name] += 1
            return real(path, *args, **options)

        monkeypatch.setattr(Path, name, counted)

    for name in ("stat", "resolve", "samefile"):
        count(name)
    given = {role: str(tmp_path / role[0] / "*.txt") for role in ("generic", "domain")}
    sides = {role: locate(pattern, role, load_cards()) for role, pattern in given.items()}
    check_distinct(given["generic"], given["domain"], sides)
    assert max(asked.values()) < 60 * 20


def test_files_that_are_called_by_their_splits(make: Make, cache: Path) -> None:
    generic = make("g.txt", "\n".join(texts(100, 9, "klmnop")).encode())
    paths = [str(make(f"{name}.csv", table(start, 10)))
             for name, start in (("train", 0), ("test", 10), ("dev", 20))]  # fmt: skip
    keep = {"near_duplicates": "keep"}
    with pytest.raises(UserError, match=r"there is 'dev.csv' beside train and test"):
        own_pair(str(generic), paths, load_cards(), Layout(**keep))
    for validation, sizes in (("train", (20, 10)), ("test", (10, 20)), ("drop", (10, 10))):
        layout = Layout(validation=validation, **keep)
        card, cards = own_pair(str(generic), paths, load_cards(), layout)
        pair = open_pair(card, cards, cache)
        assert (len(pair.train), len(pair.test)) == sizes


@pytest.mark.parametrize("mark", ["", "-b42a775f407cee45"])
def test_files_that_are_parts_of_their_splits(make: Make, cache: Path, mark: str) -> None:
    generic = make("g.txt", "\n".join(texts(100, 9, "klmnop")).encode())
    names = ("train-00000-of-00002", "train-00001-of-00002", "Test-00000-of-00001")
    paths = [str(make(f"{name}{mark}.csv", table(10 * i, 10))) for i, name in enumerate(names)]
    layout = Layout(near_duplicates="keep")
    pair = open_pair(*own_pair(str(generic), paths, load_cards(), layout), cache)
    assert (len(pair.train), len(pair.test)) == (20, 10)


def test_files_that_are_called_by_their_splits_beside_another(make: Make, cache: Path) -> None:
    generic = str(make("g.txt", "\n".join(texts(100, 9, "klmnop")).encode()))
    paths = [str(make(f"{name}.csv", table(start, 10)))
             for name, start in (("train", 0), ("test", 10), ("unsup", 20))]  # fmt: skip
    keep = {"near_duplicates": "keep"}
    for domain, beside in ((paths, "train.csv"), (paths[1:], "test.csv")):
        with pytest.raises(UserError) as caught:
            own_pair(generic, domain, load_cards(), Layout(**keep))
        assert str(caught.value) == (
            f"{paths[2]} is given beside {beside}, and neither its name nor a column says its "
            "split: leave it out, give every file a column 'split', or give split='' to have all "
            "documents split by d2vbench"
        )
    # A split that is ignored, and one in a column.
    layout = Layout(split="", **keep)
    pair = open_pair(*own_pair(generic, paths, load_cards(), layout), cache)
    assert (len(pair.train), len(pair.test)) == (18, 12)
    rows = table(20, 10).decode().splitlines()
    content = "\n".join([rows[0] + ",split", *(row + ",train" for row in rows[1:])])
    make("unsup.csv", content.encode())
    pair = open_pair(*own_pair(generic, paths, load_cards(), Layout(**keep)), cache)
    assert (len(pair.train), len(pair.test)) == (20, 10)
    # A department may be called dev.
    paths = [str(make(f"{name}.csv", table(i, 10))) for i, name in enumerate(("dev", "ops"))]
    assert own_pair(generic, paths, load_cards(), Layout(**keep))


def test_one_split_as_a_folder_beside_validation(make: Make, cache: Path, tmp_path: Path) -> None:
    generic = str(make("g.txt", "\n".join(texts(100, 9, "klmnop")).encode()))
    for number, text in enumerate(texts(0, 40)):
        split = ("train", "dev")[number % 2]
        make(f"a/{split}/{('pos', 'neg')[number // 2 % 2]}/{number}", text.encode())
    domain, keep = str(tmp_path / "a"), {"near_duplicates": "keep"}
    for layout in (Layout(**keep), Layout(validation="drop", **keep)):
        with pytest.raises(UserError) as caught:
            own_pair(generic, domain, load_cards(), layout)
        assert str(caught.value).endswith(
            "a holds the folders train and dev, and none called test: give validation='test' to "
            "take dev for it, or give the folders of classes other names"
        )
    card, cards = own_pair(generic, domain, load_cards(), Layout(validation="test", **keep))
    pair = open_pair(card, cards, cache)
    assert (pair.classes, len(pair.train), len(pair.test)) == (("neg", "pos"), 20, 20)
    # As a generic corpus, and of texts alone, whatever the folders are called.
    make("a/user/1", b"x y z")
    assert len(list(own_texts(domain, "INPUT"))) == 41
    assert own_pair(domain, str(make("d.csv", table(0, 20))), load_cards(), Layout(**keep))


def test_departments_may_be_called_test_and_dev(make: Make) -> None:
    generic = str(make("g.txt", "\n".join(texts(100, 9, "klmnop")).encode()))
    names = ("test", "dev", "ops")
    paths = [str(make(f"{name}.csv", table(10 * i, 10))) for i, name in enumerate(names)]
    assert own_pair(generic, paths, load_cards(), Layout(near_duplicates="keep"))
    # With a column the names say nothing.
    for name, start in (("train", 0), ("dev", 10)):
        rows = table(start, 10).decode().splitlines()
        make(
            f"{name}.csv",
            "\n".join([rows[0] + ",split", *(r + ",test" for r in rows[1:])]).encode(),
        )
    given = [str(make("train.csv", table(0, 10))), paths[1]]
    assert own_pair(generic, given, load_cards(), Layout(near_duplicates="keep"))


def test_an_encoding_for_each_side(make: Make, cache: Path) -> None:
    generic = make("g.txt", "\n".join([*texts(100, 9), "größe"]).encode("cp1252"))
    domain = make("d.csv", table(0, 20, "utf-16-le"))
    layout = Layout(generic_encoding="cp1252", domain_encoding="utf-16-le")
    card, cards = own_pair(str(generic), str(domain), load_cards(), layout)
    pair = open_pair(card, cards, cache)
    assert "größe" in pair.generic.corpus.lexicon and "größe" in pair.train.corpus.lexicon
    with pytest.raises(UserError, match="unknown encoding 'utf-88'"):
        own_pair(str(generic), str(domain), load_cards(), Layout(domain_encoding="utf-88"))


def test_a_cut_archive_leaves_nothing_in_the_store(make: Make, tmp_path: Path) -> None:
    packed = gzip.compress(table(0, 4000), 1)
    generic = make("g.txt", b"one two\n")
    domain = make("d.csv.gz", packed[:-20])
    card, cards = own_pair(str(generic), str(domain), load_cards())
    with pytest.raises(UserError, match="cut short or damaged"):
        open_pair(card, cards, tmp_path / "store")
    entries = [p for p in (tmp_path / "store").rglob("meta.json") if "own-domain" in p.read_text()]
    assert not entries and not list((tmp_path / "store").rglob(".building-*"))


# Saved data sets.


@pytest.fixture
def datasets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    library = pytest.importorskip("datasets", reason="the extra d2vbench[huggingface] is absent")
    monkeypatch.setattr(library.config, "HF_DATASETS_CACHE", tmp_path / "hf")
    return library


def saved(folder: Path, datasets: Any) -> Path:
    features = datasets.Features(
        {"text": datasets.Value("string"), "label": datasets.ClassLabel(names=["neg", "pos"])}
    )

    def part(start: int, count: int, label: int | None = None) -> Any:
        labels = [i % 2 if label is None else label for i in range(count)]
        found = {"text": texts(start, count), "label": labels}
        return datasets.Dataset.from_dict(found, features=features)

    parts = {"train": part(0, 10), "test": part(10, 8), "unsupervised": part(20, 4, -1)}
    datasets.DatasetDict(parts).save_to_disk(str(folder))
    return folder


def test_a_saved_data_set_on_both_sides(datasets: Any, tmp_path: Path, cache: Path) -> None:
    domain = saved(tmp_path / "domain", datasets)
    plain = datasets.Dataset.from_dict({"text": texts(100, 7, "klmnop")})
    plain.save_to_disk(str(tmp_path / "generic"))
    layout = Layout(near_duplicates="keep")
    card, cards = own_pair(str(tmp_path / "generic"), str(domain), load_cards(), layout)
    pair = open_pair(card, cards, cache)
    assert (len(pair.generic), len(pair.train), len(pair.test)) == (7, 10, 8)
    assert pair.classes == ("neg", "pos")
    assert pair.counts["domain_unlabelled"] == 4
    next((domain / "train").glob("*.arrow")).write_bytes(b"spoilt")
    with pytest.raises(UserError, match="the saved data set is damaged or incomplete"):
        own_pair(str(tmp_path / "generic"), str(domain), load_cards(), layout)


def test_a_data_set_by_name_is_fetched_first(
    datasets: Any, tmp_path: Path, cache: Path, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    from d2vbench.cli.main import main

    monkeypatch.setenv("D2VBENCH_DATA", str(cache))
    # The library takes a folder of tables for a name, too: no network.
    make("hub/train.csv", table(0, 10))
    make("hub/test.csv", table(10, 10))
    name = f"hf:{tmp_path / 'hub'}"
    generic = make("g.txt", "\n".join(texts(100, 9, "klmnop")).encode())
    with pytest.raises(UserError) as caught:
        own_pair(str(generic), name, load_cards())
    assert str(caught.value) == (
        f"domain {name}: this data set is not on this machine: run `d2vbench fetch {name}`"
    )
    assert main(["fetch", name]) == 0
    card, cards = own_pair(str(generic), name, load_cards(), Layout(near_duplicates="keep"))
    assert card.name == "g+" + card.name.partition("+")[2]
    pair = open_pair(card, cards, cache)
    assert (len(pair.train), len(pair.test)) == (10, 10)
    assert main(["fetch", "hf:/no/such/folder"]) == 1
    assert not list((cache / "archives").rglob("*.arrow.incomplete"))
