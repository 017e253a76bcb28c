"""Fetching: from a server on this machine and from folders; what is refused leaves nothing."""

from __future__ import annotations

import dataclasses
import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from made_archives import FORMATS, make
from web_site import Site, serving

from d2vbench.corpora.acquire.fetch import fetch, fetchable
from d2vbench.corpora.acquire.local import local_files
from d2vbench.corpora.acquire.verify import decode_all
from d2vbench.corpora.cards import ArchiveCard, Cards, CorpusCard, PairCard, SideCard
from d2vbench.corpora.readers import newsgroups
from d2vbench.errors import UserError

FILES = {
    "made-train/sci.med/1": b"first",
    "made-train/sci.space/2": b"second",
    "made-test/sci.med/3": b"third",
}
EDITED = FILES | {"made-test/sci.med/3": b"thirD"}
COUNTS = {"test": {"sci.med": 1}, "train": {"sci.med": 1, "sci.space": 1}}


@pytest.fixture
def content(tmp_path: Path) -> str:
    (tmp_path / "first").mkdir()
    path = make(tmp_path / "first", "tar", FILES)
    return decode_all(_card(ArchiveCard("made.tar.gz", [])), {"x": path}).content_sha256


def _card(archive: ArchiveCard, content: str = "") -> CorpusCard:
    return CorpusCard(
        "made", "1", "t", "d.", "newsgroups", "x",
        archives=[archive], content_sha256=content, documents=COUNTS if content else {},
        homepage="https://made.org/",
    )  # fmt: skip


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with serving() as served:
        (tmp_path / "site").mkdir()
        served.files["/f"] = make(tmp_path / "site", "tar.gz", FILES).read_bytes()
        yield served


@pytest.fixture
def card(site: Site, content: str) -> CorpusCard:
    archive = ArchiveCard(
        "made.tar.gz",
        [f"{site.url}/f"],
        sha256=hashlib.sha256(site.files["/f"]).hexdigest(),
        local_names=["other.zip", "unpacked"],
    )
    return _card(archive, content)


def kept(cache: Path) -> list[str]:
    return sorted(path.name for path in (cache / "archives/made").iterdir() if path.name != ".lock")


def refusal(card: CorpusCard, cache: Path, source: Path | None = None, **more: float) -> str:
    with pytest.raises(UserError) as caught:
        fetch(card, cache, source, **more)  # type: ignore[arg-type]
    return str(caught.value)


def by_hand(reason: str) -> str:
    return (
        f"corpus made could not be downloaded.\n  {reason}\nIf you can get it in another way, put "
        "made.tar.gz or other.zip or unpacked into a folder DIR and run `d2vbench fetch made "
        "--from DIR`."
    )


def test_a_corpus_that_is_not_there_is_told_how_to_get(card: CorpusCard, tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        local_files(card, tmp_path)
    assert str(caught.value) == (
        "corpus made is not on this machine: run `d2vbench fetch made` "
        "(or `d2vbench fetch made --from DIR` with made.tar.gz in DIR)"
    )


def test_a_download_is_verified_and_kept(card: CorpusCard, site: Site, tmp_path: Path) -> None:
    done = fetch(card, tmp_path)
    assert done.contents is not None
    assert done.contents.documents == COUNTS
    assert done.files == local_files(card, tmp_path)
    assert done.files["made.tar.gz"] == tmp_path / "archives/made/made.tar.gz"
    assert len(list(newsgroups.read({}, done.files))) == 3
    assert kept(tmp_path) == ["made.tar.gz"]
    assert fetch(card, tmp_path).contents is None
    assert len(site.requests) == 1
    assert fetch(card, tmp_path, force=True).contents == done.contents
    assert len(site.requests) == 2
    assert kept(tmp_path) == ["made.tar.gz"]


def test_what_was_downloaded_is_told(card: CorpusCard, site: Site, tmp_path: Path) -> None:
    class Listener:
        def __init__(self) -> None:
            self.notes: list[str] = []
            self.last: tuple[int, int | None] = (0, None)

        def note(self, text: str) -> None:
            self.notes.append(text)

        def progress(self, done: int, total: int | None) -> None:
            self.last = (done, total)

    listener = Listener()
    fetch(card, tmp_path, listener=listener)
    assert listener.notes == [
        f"downloading {site.url}/f",
        "reading the documents of made to verify them",
    ]
    assert listener.last == (len(site.files["/f"]), len(site.files["/f"]))


def test_another_file_than_the_card_names_is_refused(
    card: CorpusCard, site: Site, tmp_path: Path
) -> None:
    expected = card.archives[0].sha256
    site.files["/f"] = b"<html>moved</html>"
    got = hashlib.sha256(site.files["/f"]).hexdigest()
    assert refusal(card, tmp_path) == by_hand(
        f"{site.url}/f is not the file that the card of made names: expected sha256 {expected}, "
        f"got {got} (18 bytes). It was damaged on its way, or replaced by its publisher. "
        "Nothing was kept"
    )
    assert kept(tmp_path) == []


def test_an_md5_is_checked_where_there_is_nothing_better(
    card: CorpusCard, site: Site, tmp_path: Path
) -> None:
    right = hashlib.md5(site.files["/f"]).hexdigest()
    for md5, fits in ((right, True), ("0" * 32, False)):
        archive = dataclasses.replace(card.archives[0], sha256="", md5=md5)
        other = dataclasses.replace(card, archives=[archive])
        if fits:
            fetch(other, tmp_path / md5)
        else:
            assert f"expected md5 {md5}, got {right}" in refusal(other, tmp_path / md5)


def test_a_second_address_stands_in(card: CorpusCard, site: Site, tmp_path: Path) -> None:
    site.files["/wrong"] = b"wrong"
    urls = [f"{site.url}/none", f"{site.url}/wrong", f"{site.url}/f"]
    archive = dataclasses.replace(card.archives[0], urls=urls)
    fetch(dataclasses.replace(card, archives=[archive]), tmp_path)
    assert [path for path, _ in site.requests] == ["/none", "/wrong", "/f"]
    assert kept(tmp_path) == ["made.tar.gz"]


def test_a_cut_download_goes_on_the_next_time(card: CorpusCard, site: Site, tmp_path: Path) -> None:
    site.plan["/f"] = ["cut:0"] * 4
    assert refusal(card, tmp_path) == by_hand(
        f"{site.url}/f could not be downloaded: the server cut the connection."
    )
    fetch(card, tmp_path)
    assert kept(tmp_path) == ["made.tar.gz"]


def test_a_slow_server_is_given_up(card: CorpusCard, site: Site, tmp_path: Path) -> None:
    site.plan["/f"] = ["stall"] * 4
    assert refusal(card, tmp_path, timeout=0.1) == by_hand(
        f"{site.url}/f could not be downloaded: the server did not answer in time."
    )


def test_other_documents_are_refused(card: CorpusCard, site: Site, tmp_path: Path) -> None:
    source = make(tmp_path, "tar.gz", FILES | {"made-train/sci.med/4": b"more"})
    archive = dataclasses.replace(card.archives[0], sha256="")
    site.files["/f"] = source.read_bytes()
    other = dataclasses.replace(card, archives=[archive])
    got = decode_all(other, {"x": source}).content_sha256
    assert refusal(other, tmp_path) == (
        f"corpus made: {site.url}/f does not hold the documents that its card describes.\n"
        "  train sci.med: expected 1 documents, got 2\n"
        f"  content sha256: expected {card.content_sha256}, got {got}\n"
        "Likely this is another edition of the corpus, or a part of it. Nothing was kept. Get the "
        "archive from https://made.org/; for another edition, write a card of its own."
    )
    assert kept(tmp_path) == []


def test_an_edited_text_is_refused(card: CorpusCard, tmp_path: Path) -> None:
    source = make(tmp_path, "tar.gz", EDITED)
    got = decode_all(card, {"x": source}).content_sha256
    assert refusal(card, tmp_path / "cache", source) == (
        f"corpus made: {source} does not hold the documents that its card describes.\n"
        f"  content sha256: expected {card.content_sha256}, got {got}\n"
        "The texts differ though their numbers agree: the archive was edited, or packed from "
        "another edition. Nothing was kept. Get the archive from https://made.org/; for another "
        "edition, write a card of its own."
    )
    assert kept(tmp_path / "cache") == []


def test_a_refusal_leaves_what_was_there(card: CorpusCard, tmp_path: Path) -> None:
    fetch(card, tmp_path / "cache")
    path = tmp_path / "cache/archives/made/made.tar.gz"
    before = path.read_bytes()
    source = make(tmp_path, "tar.gz", EDITED)
    with pytest.raises(UserError, match="does not hold the documents"):
        fetch(card, tmp_path / "cache", source, force=True)
    assert path.read_bytes() == before


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("name", ["made.tar.gz", "other.zip", "unpacked"])
@pytest.mark.parametrize("inner", ["", "made"])
def test_local_archives_and_folders_are_taken(
    card: CorpusCard, site: Site, tmp_path: Path, kind: str, name: str, inner: str
) -> None:
    folder = tmp_path / "from" / inner
    folder.mkdir(parents=True)
    make(folder, kind, FILES).rename(folder / name)
    done = fetch(card, tmp_path, source=tmp_path / "from")
    assert done.contents is not None
    assert done.contents.content_sha256 == card.content_sha256
    assert len(list(newsgroups.read({}, local_files(card, tmp_path)))) == 3
    assert kept(tmp_path) == ["made.tar.gz"]
    assert site.requests == []


def test_the_unpacked_files_themselves_are_taken(card: CorpusCard, tmp_path: Path) -> None:
    folder = make(tmp_path, "folder", FILES | {"notes.txt": b"mine"})
    (folder / "link").symlink_to(tmp_path)
    fetch(card, tmp_path, source=folder)
    fetch(card, tmp_path / "2", source=folder)
    one, two = (root / "archives/made/made.tar.gz" for root in (tmp_path, tmp_path / "2"))
    assert one.read_bytes() == two.read_bytes()


def test_an_archive_itself_may_be_named(card: CorpusCard, tmp_path: Path) -> None:
    fetch(card, tmp_path, source=make(tmp_path, "zip", FILES, "any name"))
    assert kept(tmp_path) == ["made.tar.gz"]


def test_a_place_without_the_corpus_is_refused(card: CorpusCard, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    assert refusal(card, tmp_path, empty) == f"--from {empty}: there is no such folder"
    empty.mkdir()
    assert refusal(card, tmp_path, empty) == (
        f"--from {empty}: corpus made is not there: expected made.tar.gz or other.zip or unpacked, "
        "or the unpacked files themselves"
    )
    two = dataclasses.replace(card, archives=[card.archives[0], ArchiveCard("b.zip", [])])
    archive = make(tmp_path, "zip", FILES)
    assert refusal(two, tmp_path, archive) == (
        f"--from {archive}: corpus made has 2 archives; name the folder that they are in"
    )


def test_an_error_names_the_users_file_and_not_a_copy(card: CorpusCard, tmp_path: Path) -> None:
    source = make(tmp_path, "tar.gz", FILES)
    source.write_bytes(source.read_bytes()[:-20])
    assert refusal(card, tmp_path / "cache", source).startswith(
        f"{source} cannot be read: it is damaged or cut short ("
    )
    assert kept(tmp_path / "cache") == []


def test_where_only_the_file_can_tell_another_one_is_refused(
    card: CorpusCard, site: Site, tmp_path: Path
) -> None:
    vague = dataclasses.replace(card, content_sha256="", documents={})
    same = tmp_path / "made.tar.gz"
    same.write_bytes(site.files["/f"])
    fetch(vague, tmp_path / "cache", source=tmp_path)
    repacked = make(tmp_path, "zip", FILES, "other")
    assert refusal(vague, tmp_path / "cache2", repacked).startswith(
        f"{repacked} is not the file that the card of made names: expected sha256 "
        f"{card.archives[0].sha256}, got "
    )


def test_documents_of_one_name_are_refused(tmp_path: Path) -> None:
    files = {"a-train/sci.med/1": b"x", "b-train/sci.med/1": b"y"}
    source = make(tmp_path, "tar", files)
    assert refusal(_card(ArchiveCard("made.tar.gz", [])), tmp_path, source) == (
        f"corpus made: two documents are called 'train/sci.med/1' ({source})"
    )


def test_an_archive_without_documents_is_refused(tmp_path: Path) -> None:
    source = make(tmp_path, "tar", {"README": b"x"})
    assert refusal(_card(ArchiveCard("made.tar.gz", [])), tmp_path, source) == (
        f"corpus made: {source} does not hold the documents that its card describes.\n"
        "  no document was found\n"
        "Likely this is another edition of the corpus, or a part of it. Nothing was kept. Get the "
        "archive from https://made.org/; for another edition, write a card of its own."
    )


def test_two_processes_do_not_fetch_one_corpus(
    card: CorpusCard, site: Site, tmp_path: Path
) -> None:
    site.plan["/f"] = ["stall"]
    errors: list[UserError] = []

    def first() -> None:
        try:
            fetch(card, tmp_path)
        except UserError as error:
            errors.append(error)

    thread = threading.Thread(target=first)
    thread.start()
    while not site.requests:
        pass
    assert refusal(card, tmp_path) == (
        "corpus made is being fetched by another process: wait until it is done"
    )
    site.over.set()
    thread.join()
    assert errors == []  # The stalled request was tried again.
    assert kept(tmp_path) == ["made.tar.gz"]


def test_what_a_killed_process_left_is_cleared(card: CorpusCard, tmp_path: Path) -> None:
    left = tmp_path / "archives/made/.fetching-x"
    left.mkdir(parents=True)
    (left / "made.tar.gz").write_bytes(b"half")
    fetch(card, tmp_path)
    assert kept(tmp_path) == ["made.tar.gz"]


def test_a_cache_that_cannot_be_written_is_named(card: CorpusCard, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    cache = tmp_path / "file/cache"
    assert refusal(card, cache) == (
        f"the cache {cache}/archives/made cannot be written: Not a directory. "
        "Set D2VBENCH_DATA to a folder that you may write to."
    )


def test_a_corpus_without_archives_needs_nothing(tmp_path: Path) -> None:
    plain = CorpusCard("plain", "1", "t", "d.", "synthetic", "x")
    done = fetch(plain, tmp_path)
    assert (done.files, done.contents) == ({}, None)
    assert list(tmp_path.iterdir()) == []
    assert local_files(plain, tmp_path) == {}


def test_all_means_what_the_pairs_use() -> None:
    made, unused = _card(ArchiveCard("f", [])), _card(ArchiveCard("f", []))
    plain = CorpusCard("plain", "1", "t", "d.", "synthetic", "x")
    pair = PairCard("p", "1", "t", "d.", SideCard("plain"), SideCard("made"))
    cards = Cards({"made": made, "unused": unused, "plain": plain}, {"p": pair})
    assert fetchable(cards) == ["made"]


def test_a_bit_that_flips_in_a_part_is_noticed_and_fetched_anew(
    card: CorpusCard, site: Site, tmp_path: Path
) -> None:
    """A part was cut, and spoilt before the rest of it came."""
    half = len(site.files["/f"]) // 2
    site.plan["/f"] = [f"cut:{half}"] * 4
    refusal(card, tmp_path)
    part = tmp_path / "archives/made/made.tar.gz.part"
    if part.exists() and part.stat().st_size:
        spoilt = bytearray(part.read_bytes())
    else:  # Some versions of urllib3 keep nothing of a broken block.
        spoilt = bytearray(site.files["/f"][:half])
        note = f'{{"url": "{site.url}/f", "version": "\\"1\\"", "total": null}}'
        part.with_name("made.tar.gz.part.json").write_text(note)
    spoilt[len(spoilt) // 3] ^= 4
    part.write_bytes(spoilt)
    assert "is not the file that the card of made names: expected sha256" in refusal(card, tmp_path)
    assert site.requests[-1][1] is not None
    assert kept(tmp_path) == []
    assert fetch(card, tmp_path).contents is not None


@pytest.mark.parametrize("known", [True, False])
def test_a_page_in_place_of_an_archive(
    card: CorpusCard, site: Site, tmp_path: Path, known: bool
) -> None:
    """A login page, say, with status 200; with and without a checksum on the card."""
    site.files["/f"] = b"<!doctype html><html><title>Please log in</title></html>"
    if not known:
        unknown = ArchiveCard("made.tar.gz", card.archives[0].urls)
        card = dataclasses.replace(card, archives=[unknown])
    said = refusal(card, tmp_path)
    assert f"{site.url}/f" in said
    assert ("expected sha256" if known else "it is no tar, zip or gzip archive") in said
    assert kept(tmp_path) == []
