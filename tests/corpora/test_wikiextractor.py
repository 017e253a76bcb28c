"""WikiExtractor's two outputs, in every container; pages that are left out; damaged twins."""

from __future__ import annotations

import bz2
import gzip
import json
import tarfile
import tracemalloc
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from corpora.made_archives import FORMATS, make

from d2vbench.corpora import Pair, load_cards, open_pair
from d2vbench.corpora.acquire.fetch import fetch
from d2vbench.corpora.cards import ArchiveCard, CorpusCard
from d2vbench.corpora.pairs.own import Layout, is_own, own_pair
from d2vbench.corpora.readers import read_documents
from d2vbench.corpora.readers.wikiextractor import fingerprint, is_section_title, plain, sections
from d2vbench.corpora.store.documents import Document
from d2vbench.errors import UserError

FOOTBALL = [
    "Football is a game of two teams. It is played with a ball.",
    "History.", "Games with a ball are old. They were played in China.",
    "Rules.", "Players.", "Eleven play on each side &amp; one keeps the goal.<br>",
]  # fmt: skip
PAGES = [
    ("7", "Football", "\n".join(FOOTBALL)),
    ("12", "Soccer", ""),
    ("13", "Foot ball", "#REDIRECT Football"),
    ("14", "Category:Sport", "Pages about sport are here."),
    ("15", 'The "best" of &lt;br&gt;', "Ten words and no more than ten are in here, really."),
    ("16", "Stub", "Short."),
    ("17", "Crosswords/1", "Six letters, and they begin with an A or with a B."),
    ("18", "Blank", "__NOTOC__ &lt;templatestyles src=\"a.css\" /&gt;\n"),
]  # fmt: skip
PARAMETERS = {"min_words": 5, "housekeeping": ["Crosswords/*"]}
LEFT_OUT = {"empty pages": 2, "housekeeping pages": 2, "redirects": 1, "short pages": 1}


def tagged(pages: list[tuple[str, str, str]]) -> bytes:
    text = "".join(
        f'<doc id="{number}" url="https://w.org/wiki?curid={number}" title="{title}">\n{title}\n\n'
        f"{body}\n\n</doc>\n"
        for number, title, body in pages
    )
    return text.encode()


def json_lines(pages: list[tuple[str, str, str]]) -> bytes:
    rows = [
        {"id": number, "revid": "1", "url": "u", "title": title, "text": body}
        for number, title, body in pages
    ]
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


OUTPUTS = {"tags": tagged, "json": json_lines}


def documents(
    path: Path, parameters: Mapping[str, Any] = PARAMETERS, left_out: dict[str, int] | None = None
) -> list[Document]:
    return list(read_documents("wikiextractor", parameters, {"a": path}, left_out))


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("output", OUTPUTS)
def test_both_outputs_in_every_container(tmp_path: Path, kind: str, output: str) -> None:
    written = OUTPUTS[output]
    files = {
        "x-1/text/AA/wiki_00": written(PAGES[:3]),
        "x-1/text/AA/wiki_01": written(PAGES[3:]),
        "x-1/README": b"no page",
    }
    left_out: dict[str, int] = {}
    found = documents(make(tmp_path, kind, files), left_out=left_out)
    text = plain("\n".join(FOOTBALL)).strip()
    assert found == [
        Document("000000007", f"Football\n\n{text}"),
        Document("000000015", 'The "best" of <br>\n\n' + PAGES[4][2]),
    ]
    assert "side & one keeps the goal." in text
    assert left_out == LEFT_OUT


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress], ids=["plain", "gz", "bz2"])
def test_files_may_be_compressed_and_may_stand_alone(tmp_path: Path, pack: Any) -> None:
    content = pack(tagged(PAGES))
    want = [d.name for d in documents(make(tmp_path, "tar.gz", {"AA/wiki_00": tagged(PAGES)}))]
    for kind in ("folder", "zip", "tar"):
        path = make(tmp_path, kind, {"AA/wiki_00.x": content}, kind)
        assert [d.name for d in documents(path)] == want
    alone = tmp_path / "of any name"
    alone.write_bytes(content)
    assert [d.name for d in documents(alone)] == want
    # Without an archive on the card, its path says where.
    own = {**PARAMETERS, "path": str(alone)}
    assert [d.name for d in read_documents("wikiextractor", own, {})] == want
    assert (
        fingerprint(own, {})["archives"]["path"] == fingerprint({}, {"a": alone})["archives"]["a"]
    )


def test_pages_are_cut_at_the_titles_of_sections(tmp_path: Path) -> None:
    path = tmp_path / "wiki_00"
    path.write_bytes(tagged(PAGES[:1]))
    found = documents(path, {"sections": True})
    assert [d.name for d in found] == ["000000007/000", "000000007/001", "000000007/002"]
    assert [d.text.split("\n")[0] for d in found] == ["Football", "History.", "Rules."]
    # Titles that follow one another stay together, and no line is lost.
    assert found[2].text.startswith("Rules.\nPlayers.\nEleven play")
    whole = documents(path, {})[0].text
    assert "\n".join(d.text for d in found) == whole
    # Shorter pieces take the next one in, the last goes to the one before.
    assert [len(sections(FOOTBALL, n)) for n in (1, 13, 26)] == [3, 2, 1]


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("Etymology and terminology.", True), ("Who is who?", True), ("2007–11: Success.", True),
        ("<h2>History</h2>", True), ("## History", True), ("as of 1990.", False),
        ("* A list.", False), ("No stop at the end", False), ("", False), (".", False),
        ("It was so. It is not.", False), ("A" * 60 + ".", False), ("A" * 59 + ".", True),
    ],
)  # fmt: skip
def test_what_is_a_title(line: str, title: bool) -> None:
    assert is_section_title(line) is title


def test_a_page_is_read_without_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "wiki_00"
    page = tagged([("1", "P", "many words " * 2000)])
    path.write_bytes(b"".join(page.replace(b'id="1"', b'id="%d"' % i) for i in range(1000)))
    tracemalloc.start()
    try:
        assert sum(1 for _ in read_documents("wikiextractor", {}, {"a": path})) == 1000
        # The file has 22 MB.
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()


DAMAGED = {
    "a page without an end": (
        tagged(PAGES)[:-8], "line 48: page 18 begins and does not end (</doc> is missing)"
    ),
    "a page in a page": (
        tagged(PAGES[:2]).replace(b"</doc>\n<doc", b"<doc", 1), "page 7 begins and does not end"
    ),
    "text between pages": (b"".join([tagged(PAGES[:1]), b"stray\n"]), "expected <doc id="),
    "neither": (b"<mediawiki>", "expected <doc id=\"...\" url=\"...\" title=\"...\"> or a JSON"),
    "a cut object": (json_lines(PAGES)[:-9], "line 8: expected a JSON object with id, title"),
    "no text": (b'{"id": 1, "title": "a"}\n', "(KeyError: 'text')"),
    "a number for a text": (b'{"id": 1, "title": "a", "text": 3}\n', "must be text"),
    "no UTF-8": (tagged(PAGES).replace(b"Games", b"G\xe4mes"), "wiki_00, line 6, is not utf-8"),
}  # fmt: skip


@pytest.mark.parametrize("kind", ["tar.gz", "zip", "folder"])
@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_file_is_one_sentence(tmp_path: Path, kind: str, name: str) -> None:
    content, message = DAMAGED[name]
    with pytest.raises(UserError) as caught:
        documents(make(tmp_path, kind, {"AA/wiki_00": content}))
    assert message in str(caught.value)
    assert "AA/wiki_00" in str(caught.value)


def card() -> CorpusCard:
    return CorpusCard(
        "w", "1", "W", "Pages.", "wikiextractor", "CC", archives=[ArchiveCard("w.bin", [])]
    )


@pytest.mark.parametrize("inner", [bytes, bz2.compress], ids=["plain", "bz2"])
@pytest.mark.parametrize("kind", ["tar", "tar.gz", "tar.bz2", "tar.xz", "zip"])
def test_nothing_of_an_archive_that_was_cut_is_kept(tmp_path: Path, kind: str, inner: Any) -> None:
    words = np.random.default_rng(1).integers(0, 1 << 40, (400, 20))
    many = [(str(i), f"Page {i}", " ".join(map(hex, row))) for i, row in enumerate(words)]
    path = make(tmp_path, kind, {"AA/wiki_00": inner(tagged(many))})
    content = path.read_bytes()
    for keep in (len(content) // 3, len(content) * 9 // 10):
        path.write_bytes(content[:keep])
        with pytest.raises(UserError, match=r"damaged or cut short|no valid header"):
            fetch(card(), tmp_path / "cache", path)
        assert not (tmp_path / "cache/archives/w/w.bin").exists()


def test_a_file_of_another_name_is_asked_for(tmp_path: Path) -> None:
    path = make(tmp_path, "tar.gz", {"AA/pages_00": tagged(PAGES)})
    with pytest.raises(UserError) as caught:
        documents(path)
    assert str(caught.value) == (
        f"{path} holds no file whose name fits *wiki_[0-9]*, as WikiExtractor names them "
        "(AA/wiki_00): name yours in the parameter files of the card"
    )
    assert len(documents(path, {**PARAMETERS, "files": ["*pages_*"]})) == 2


def test_what_was_left_out_is_told_by_fetch(tmp_path: Path) -> None:
    path = make(tmp_path, "zip", {"AA/wiki_00": tagged(PAGES)})
    import dataclasses

    done = fetch(dataclasses.replace(card(), parameters=PARAMETERS), tmp_path / "cache", path)
    assert done.contents is not None
    assert done.contents.left_out == LEFT_OUT
    assert done.contents.total() == 2


# Recognised among a person's own data.


def own(tmp_path: Path, cache: Path, generic: Path) -> tuple[Pair, str, list[str]]:
    rows = [f"{' '.join('abcd'[(i * j) % 4] * 3 for j in range(9))} {i % 7}x" for i in range(40)]
    table = "".join(f"{row},{'pq'[i % 2]}\n" for i, row in enumerate(rows))
    (tmp_path / "d.csv").write_text("text,label\n" + table)
    card, cards = own_pair(
        str(generic), str(tmp_path / "d.csv"), load_cards(), Layout(near_duplicates="keep")
    )
    said: list[str] = []
    pair = open_pair(card, cards, cache, said.append)
    assert is_own(card, cards)
    return pair, card.description, said


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("form", ["folder", "tar.gz", "zip", "file"])
def test_output_is_recognised_and_read_page_by_page(
    tmp_path: Path, cache: Path, output: str, form: str
) -> None:
    halves = [OUTPUTS[output](part) for part in (PAGES[:4], PAGES[4:])]
    whole = {"AA/wiki_00": b"".join(halves)}
    files = whole if form == "file" else {"AA/wiki_00": halves[0], "AB/wiki_00": halves[1]}
    folder = tmp_path / f"w-{output}"
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_bytes(content)
    (folder / "log.txt").write_text("done\n")
    path = {"folder": folder, "file": folder / "AA/wiki_00"}.get(form, tmp_path / f"w.{form}")
    if form == "tar.gz":
        with tarfile.open(path, "w:gz") as archive:
            archive.add(folder, "text")
    if form == "zip":
        with zipfile.ZipFile(path, "w") as packed:
            for name, content in files.items():
                packed.writestr(f"text/{name}", content)
    pair, description, said = own(tmp_path, cache, path)
    # Neither two documents, one a file, nor one for each line.
    assert len(pair.generic) == 4
    assert f"Generic: {path.name}, pages of a wiki as WikiExtractor writes them." in description
    assert [line for line in said if "with the reader wikiextractor (once" in line]


def test_what_only_looks_like_output(tmp_path: Path, cache: Path) -> None:
    """Texts of one's own whose names are like a wiki's, and a page under another name."""
    for name, content in (("AA/wiki_00", b"My notes.\n"), ("AA/wiki_01", b"{}\n"),
                          ("page.txt", tagged(PAGES))):  # fmt: skip
        (tmp_path / "notes" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "notes" / name).write_bytes(content)
    pair, description, _ = own(tmp_path, cache, tmp_path / "notes")
    assert len(pair.generic) == 3
    assert "a folder of text files" in description


def test_recognised_output_that_is_damaged(tmp_path: Path, cache: Path) -> None:
    path = tmp_path / "w" / "AA" / "wiki_00"
    path.parent.mkdir(parents=True)
    path.write_bytes(tagged(PAGES)[:-20])
    with pytest.raises(UserError, match="page 18 begins and does not end"):
        own(tmp_path, cache, tmp_path / "w")
    with tarfile.open(tmp_path / "w.tar.gz", "w:gz") as archive:
        archive.add(path, "text/AA/wiki_00")
    whole = (tmp_path / "w.tar.gz").read_bytes()
    (tmp_path / "w.tar.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UserError, match=r"w\.tar\.gz"):
        own(tmp_path, cache, tmp_path / "w.tar.gz")


def test_a_wiki_has_no_labels(tmp_path: Path) -> None:
    path = tmp_path / "w" / "AA" / "wiki_00"
    path.parent.mkdir(parents=True)
    path.write_bytes(tagged(PAGES))
    (tmp_path / "g.txt").write_text("a text\n")
    sides = str(tmp_path / "g.txt"), str(tmp_path / "w"), load_cards()
    with pytest.raises(UserError) as caught:
        own_pair(*sides)
    assert str(caught.value) == (
        f"{tmp_path / 'w'} holds pages of a wiki as WikiExtractor writes them, without labels, "
        "which the domain corpus needs: give it as generic"
    )
    # A model to take home needs none.
    card, cards = own_pair(*sides, labelled=False)
    assert cards.corpus(card.domain.corpus).reader == "wikiextractor"
