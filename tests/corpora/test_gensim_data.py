"""The reader of large texts: text8, and Wikipedia in two forms."""

from __future__ import annotations

import bz2
import gzip
import json
from pathlib import Path

import pytest
from made_archives import make

from d2vbench.corpora.readers import gensim_data
from d2vbench.corpora.readers.gensim_data import fingerprint, read
from d2vbench.errors import UserError

WORDS = [f"w{i}" for i in range(1001)]
TEXT = (" " + " ".join(WORDS)).encode()
ARTICLES = [
    {"title": f"T{i}", "section_titles": ["Introduction", "H"], "section_texts": ["x" * i, "y"]}
    for i in range(0, 400, 100)
]
DUMP = """<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.10/">
<page><title>Anarchism</title><ns>0</ns><id>12</id>
<revision><text>'''Anarchism''' is a [[political philosophy|philosophy]].</text></revision>
</page>
<page><title>Old</title><ns>0</ns><id>13</id>
<revision><id>2</id><text>#REDIRECT [[Anarchism]]</text></revision></page>
<page><title>Talk:Anarchism</title><ns>1</ns><id>14</id>
<revision><id>3</id><text>I disagree.</text></revision></page>
<page><title>Wikipedia:Rules</title><ns>0</ns><id>15</id>
<revision><id>4</id><text>Be kind.</text></revision></page>
</mediawiki>
"""


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("kind", ["plain", "gz", "bz2", "zip"])
@pytest.mark.parametrize("chunk", [7, 1 << 20])
def test_one_long_line_is_cut_into_pieces(
    tmp_path: Path, kind: str, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gensim_data, "_CHUNK", chunk)
    path = {
        "plain": lambda: written(tmp_path / "text8", TEXT),
        "gz": lambda: written(tmp_path / "text8.gz", gzip.compress(TEXT)),
        "bz2": lambda: written(tmp_path / "text8.bz2", bz2.compress(TEXT)),
        "zip": lambda: make(tmp_path, "zip", {"text8": TEXT}),
    }[kind]()
    documents = list(read({"piece": 100}, {"x": path}))
    assert [d.name for d in documents] == [f"{i:08}" for i in range(11)]
    assert " ".join(d.text for d in documents).split() == WORDS
    assert [len(d.text.split()) for d in documents] == [100] * 10 + [1]
    assert all(d.label is None and d.split is None for d in documents)
    assert list(read({"piece": 100, "documents": 3}, {"x": path})) == documents[:3]


def test_articles_of_segment_wiki_are_joined(tmp_path: Path) -> None:
    lines = "".join(json.dumps(article) + "\n" for article in ARTICLES).encode()
    path = written(tmp_path / "wiki.gz", gzip.compress(lines))
    found = list(read({"format": "segment_wiki", "min_characters": 150}, {"x": path}))
    assert [d.text for d in found] == [f"T{i}\n\n{'x' * i}\n\ny" for i in (200, 300)]


def test_the_first_part_of_a_larger_file_is_enough(tmp_path: Path) -> None:
    # Larger than what is read ahead.
    article = {"title": "T", "section_texts": ["x" * 50_000]}
    lines = (json.dumps(article) + "\n").encode() * 9
    path = written(tmp_path / "wiki.gz_00", gzip.compress(lines, 0)[:-30])
    parameters = {"format": "segment_wiki", "documents": 5}
    assert len(list(read(parameters, {"x": path}))) == 5
    with pytest.raises(UserError) as caught:
        list(read({"format": "segment_wiki"}, {"x": path}))
    assert str(caught.value) == (
        f"{path} cannot be read: it is damaged or cut short (Compressed file ended before the "
        "end-of-stream marker was reached); nothing was taken from it: get the file again from "
        "where it is published, or pack it again"
    )


def test_too_few_documents_are_an_error(tmp_path: Path) -> None:
    path = written(tmp_path / "text8", b"a b c")
    with pytest.raises(UserError) as caught:
        list(read({"piece": 2, "documents": 3}, {"x": path}))
    assert str(caught.value) == f"{path}: expected 3 documents or more, got 2"


def test_a_dump_gives_articles_without_markup(tmp_path: Path) -> None:
    path = written(tmp_path / "dump.xml.bz2", bz2.compress(DUMP.encode()))
    documents = list(read({"format": "dump", "min_characters": 0}, {"x": path}))
    assert [d.text for d in documents] == ["Anarchism\n\n'''Anarchism''' is a philosophy."]


def test_what_is_no_dump_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "dump.xml", DUMP.encode()[:300])
    with pytest.raises(UserError, match=r"it is no MediaWiki dump, or cut short \(no element"):
        list(read({"format": "dump"}, {"x": path}))


@pytest.mark.parametrize("line", ["{", "[]", '{"title": "x"}', '{"title": 1, "section_texts": []}'])
def test_a_line_that_is_no_article_is_named(tmp_path: Path, line: str) -> None:
    path = written(tmp_path / "wiki", f"{json.dumps(ARTICLES[3])}\n{line}\n".encode())
    with pytest.raises(UserError) as caught:
        list(read({"format": "segment_wiki"}, {"x": path}))
    assert str(caught.value).startswith(
        f"{path}, line 2: expected JSON with title and section_texts, as "
        "gensim.scripts.segment_wiki writes it ("
    )


def test_a_byte_that_is_no_text_is_named(tmp_path: Path) -> None:
    path = written(tmp_path / "text8", b"a b \xff c")
    with pytest.raises(UserError) as caught:
        list(read({}, {"x": path}))
    assert str(caught.value) == (
        f"{path}: the text from byte 0 on is not utf-8 text: byte 0xff at offset 4 (invalid start "
        "byte). The archive is damaged, or in another encoding than its card says."
    )


def test_wrong_parameters_are_refused() -> None:
    for parameters, message in [
        (
            {"format": "word"},
            "reader gensim_data: unknown format 'word': did you mean 'words'? "
            "(valid: dump, segment_wiki, words)",
        ),
        ({"piece": 0}, "reader gensim_data: piece must be 1 or more, got 0"),
        ({"piece": True}, "reader gensim_data: piece must be int, got bool (True)"),
    ]:
        with pytest.raises(UserError) as caught:
            fingerprint(parameters, {})
        assert str(caught.value) == message
