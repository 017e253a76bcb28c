"""Any bytes in any format: documents, or one sentence. Never a traceback, never half an entry."""

from __future__ import annotations

import gzip
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fuzz_support import assert_clear, examples
from hypothesis import given
from hypothesis import strategies as st
from made_archives import make

from d2vbench.corpora.readers import find_reader
from d2vbench.corpora.readers.formats import files
from d2vbench.corpora.store.documents import Document
from d2vbench.errors import UserError

# Pieces of what tables and texts are made of, so that not every input fails at its first byte.
PIECES = [
    b"text",
    b"label",
    b"split",
    b"train",
    b"test",
    b",",
    b";",
    b"\t",
    b'"',
    b'""',
    b"'",
    b"\n",
    b"\r\n",
    b"\r",
    b" ",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b"null",
    b"NaN",
    b"Infinity",
    b"1e999",
    b"-0.0",
    b"1.5",
    b"true",
    b"\\",
    b"\\ud800",
    b"\\u0000",
    b"\0",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xfe\xff",
    b"\xe2\x80\xa8",
    b"\xc2\x85",
    b"\x1f\x8b",
    b"PAR1",
    b"\xff",
    b"\xe9",
    b"=1+1",
    b"<script>",
    b"\\input{x}",
    b"a",
    b"b",
    b"word " * 30,
    b"9" * 5000,
    b"[" * 3000,
    b'{"text":' * 9,
    b'{"text": "a b", "label": "x"}\n',
    b'{"text": "c d", "label": "y", "split": "test"}\n',
    b"text,label\n",
    b"text,label,split\n",
    b"one two,a\n",
    b"three four,b\n",
    b"x,a,train\n",
    b"\x1b[31m",
    b"\xe2\x80\xae",
]
some_bytes = st.lists(st.sampled_from(PIECES) | st.binary(max_size=8), max_size=14).map(b"".join)
ENCODINGS = ["utf-8", "utf-16", "latin-1", "cp1252", "utf-7", "ascii", "utf-8-sig", "shift_jis"]
SUFFIXES = [".csv", ".tsv", ".jsonl", ".ndjson", ".txt", "", ".parquet", ".docx", ".csv.gz", ".gz"]
_numbers = itertools.count()


def documents(name: str, parameters: dict[str, Any], given_files: dict[str, Path]) -> Iterator:
    return iter(find_reader(name).read(parameters, given_files))


def assert_documents_or_a_sentence(found: Iterator[Document]) -> bool:
    """Return whether there were documents; whatever there is must be fit for the store."""
    try:
        for document in found:
            assert isinstance(document.text, str)
            document.text.encode()
            assert document.label is None or (
                document.label and document.label == document.label.strip()
            )
            assert document.split in (None, "train", "test")
    except UserError as error:
        assert_clear(error)
        return False
    return True


@examples(300)
@given(
    content=some_bytes,
    suffix=st.sampled_from(SUFFIXES),
    packed=st.booleans(),
    encoding=st.sampled_from(ENCODINGS),
    columns=st.fixed_dictionaries(
        {},
        optional={
            name: st.sampled_from(["text", "label", "split", "", "a", "ü"])
            for name in ("text", "label", "split")
        },
    ),
)
def test_fuzz_a_file(
    content: bytes,
    suffix: str,
    packed: bool,
    encoding: str,
    columns: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    path = tmp_path_factory.getbasetemp() / f"fuzz{suffix}"
    path.write_bytes(gzip.compress(content) if packed else content)
    parameters = {"path": str(path), "encoding": encoding, **columns}
    assert_documents_or_a_sentence(files.read(parameters, {}))


def read_archive(folder: Path, reader: str, files: dict[str, bytes], **parameters: Any) -> Iterator:
    return documents(reader, parameters, {"a": make(folder, "tar", files, f"a{next(_numbers)}")})


MEMBERS = {
    "newsgroups": "x-train/g/1",
    "ohsumed": "training/g/1",
    "imdb": "train/pos/1_1.txt",
    "reuters21578": "reut2-000.sgm",
}
SGML = [
    b"<REUTERS ",
    b'NEWID="1"',
    b'NEWID="\xb2"',
    b">",
    b"</REUTERS>",
    b"<TEXT>",
    b"<TITLE>",
    b"&#x110000;",
    b"&#55296;",
    b"<TOPICS><D>a</D></TOPICS>",
    b'TOPICS="YES"',
    b'LEWISSPLIT="TRAIN"',
]


@examples(60)
@given(
    content=some_bytes | st.lists(st.sampled_from(SGML), max_size=10).map(b"".join),
    reader=st.sampled_from(sorted(MEMBERS)),
    encoding=st.sampled_from([*ENCODINGS, "no-such", "hex", "idna", "punycode"]),
)
def test_fuzz_a_published_layout(
    content: bytes, reader: str, encoding: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp()
    try:
        for document in read_archive(folder, reader, {MEMBERS[reader]: content}, encoding=encoding):
            assert isinstance(document.text, str)
    except UserError as error:
        assert_clear(error)


@examples(60)
@given(
    content=some_bytes
    | st.sampled_from(
        [
            b"[" * 100_000,
            b'{"title":"\\ud800","section_texts":["a"]}',
            b"<mediawiki><page/></mediawiki>",
            b'<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.10/"><page><title>a</title></page>'
            b"</mediawiki>",
        ]
    ),
    form=st.sampled_from(["words", "segment_wiki", "dump"]),
)
def test_fuzz_a_large_text(
    content: bytes, form: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz-large.gz"
    path.write_bytes(gzip.compress(content))
    parameters = {"format": form, "min_characters": 0}
    assert_documents_or_a_sentence(documents("gensim_data", parameters, {"a": path}))


def test_a_number_of_an_article_that_is_no_ascii_number(tmp_path: Path) -> None:
    for number in (b"\xb2", b"9" * 5000):
        with pytest.raises(UserError, match="line 1: an article without a number"):
            content = b'<REUTERS NEWID="%s"></REUTERS>' % number
            list(read_archive(tmp_path, "reuters21578", {"reut2-000.sgm": content}))


def test_an_unknown_encoding_on_a_card(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        list(read_archive(tmp_path, "newsgroups", {"x-train/g/1": b"a"}, encoding="hex"))
    assert str(caught.value) == (
        "reader newsgroups: unknown encoding 'hex': expected a name such as utf-8, cp1252, latin-1 "
        "or utf-16"
    )


def test_utf_16_without_its_mark(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"label\0\0\0\0\xdc")
    with pytest.raises(UserError) as caught:
        list(files.read({"path": str(path), "encoding": "utf-16"}, {}))
    assert f"{path}: not utf-16 (UTF-16 stream does not start with BOM)" in str(caught.value)
