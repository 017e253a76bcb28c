"""Downloading from a server on this machine that cuts, stalls, redirects and lies."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from requests.exceptions import InvalidSchema
from web_site import Site, serving

from d2vbench.corpora.acquire.download import Resuming, _refuse_lesser_scheme
from d2vbench.errors import UserError

CONTENT = os.urandom(300_000)
# Cuts fall on whole blocks of 65,536 bytes: of a broken one, some versions of urllib3 keep nothing.


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as made:
        made.files["/f"] = CONTENT
        yield made


class Got:
    def __init__(self, folder: Path, **settings: Any) -> None:
        self.out = folder / "out"
        self.part = folder / "f.part"
        self.seen: list[tuple[int, int | None]] = []
        self.resuming = Resuming(
            self.part, lambda done, total: self.seen.append((done, total)), **settings
        )

    def get(self, url: str) -> bytes:
        self.resuming(url, str(self.out), None)
        return self.out.read_bytes()

    def error(self, url: str) -> str:
        with pytest.raises(UserError) as caught:
            self.get(url)
        assert not self.out.exists()
        return str(caught.value)


def ranges(site: Site) -> list[str | None]:
    return [asked for _, asked in site.requests]


def test_a_whole_file_comes_with_progress(site: Site, tmp_path: Path) -> None:
    got = Got(tmp_path)
    assert got.get(f"{site.url}/f") == CONTENT
    assert got.seen[0] == (0, 300_000)
    assert got.seen[-1] == (300_000, 300_000)
    assert [done for done, _ in got.seen] == sorted(done for done, _ in got.seen)
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_a_cut_is_resumed_where_it_was(site: Site, tmp_path: Path) -> None:
    site.plan["/f"] = ["cut:131072", "cut:65536"]
    assert Got(tmp_path).get(f"{site.url}/f") == CONTENT
    assert ranges(site) == [None, "bytes=131072-", "bytes=196608-"]


def test_a_later_run_goes_on_from_the_partial_file(site: Site, tmp_path: Path) -> None:
    site.plan["/f"] = ["cut:131072"]
    assert Got(tmp_path, tries=1).error(f"{site.url}/f") == (
        f"{site.url}/f could not be downloaded: the server cut the connection. 131,072 bytes are "
        "kept; the same command continues from there."
    )
    assert (tmp_path / "f.part").stat().st_size == 131_072
    assert Got(tmp_path).get(f"{site.url}/f") == CONTENT
    assert ranges(site) == [None, "bytes=131072-"]
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_a_file_that_changed_meanwhile_is_begun_again(site: Site, tmp_path: Path) -> None:
    site.plan["/f"] = ["cut:131072"]
    Got(tmp_path, tries=1).error(f"{site.url}/f")
    site.files["/f"] = other = os.urandom(300_000)
    site.etags["/f"] = '"2"'
    assert Got(tmp_path).get(f"{site.url}/f") == other
    assert ranges(site) == [None, "bytes=131072-"]


@pytest.mark.parametrize("etag", ["", 'W/"1"'])
def test_without_a_validator_nothing_is_resumed(site: Site, tmp_path: Path, etag: str) -> None:
    site.etags["/f"] = etag
    site.plan["/f"] = ["cut:131072"]
    assert Got(tmp_path).get(f"{site.url}/f") == CONTENT
    assert ranges(site) == [None, None]


def test_a_server_without_ranges_sends_all_again(site: Site, tmp_path: Path) -> None:
    site.plan["/f"] = ["cut:131072", "plain"]
    assert Got(tmp_path).get(f"{site.url}/f") == CONTENT


def test_a_part_of_another_address_is_not_used(site: Site, tmp_path: Path) -> None:
    site.files["/g"] = other = os.urandom(200_000)
    site.plan["/f"] = ["cut:131072"]
    Got(tmp_path, tries=1).error(f"{site.url}/f")
    assert Got(tmp_path).get(f"{site.url}/g") == other
    assert site.requests[-1] == ("/g", None)


def test_a_part_that_is_whole_already_is_fetched_again(site: Site, tmp_path: Path) -> None:
    site.plan["/f"] = ["cut:131072"]
    Got(tmp_path, tries=1).error(f"{site.url}/f")
    (tmp_path / "f.part").write_bytes(CONTENT)
    assert Got(tmp_path).get(f"{site.url}/f") == CONTENT


def test_an_answer_from_the_wrong_place_is_refused(site: Site, tmp_path: Path) -> None:
    site.plan["/f"] = ["cut:131072", "wrong-range"]
    assert Got(tmp_path).error(f"{site.url}/f") == (
        f"{site.url}/f could not be downloaded: asked to continue from byte 131,072, the server "
        "answered 'bytes 131073-299999/300000'. 131,072 bytes are kept; the same command continues "
        "from there."
    )


def test_a_status_is_told_and_not_tried_again(site: Site, tmp_path: Path) -> None:
    site.plan["/f"] = ["status:503"]
    assert Got(tmp_path).error(f"{site.url}/f") == (
        f"{site.url}/f could not be downloaded: the server answered 503 Service Unavailable."
    )
    assert Got(tmp_path).error(f"{site.url}/none") == (
        f"{site.url}/none could not be downloaded: the server answered 404 Not Found."
    )
    assert len(site.requests) == 2


def test_a_server_that_stalls_is_given_up(site: Site, tmp_path: Path) -> None:
    site.plan["/f"] = ["stall", "stall"]
    assert Got(tmp_path, timeout=0.2, tries=2).error(f"{site.url}/f") == (
        f"{site.url}/f could not be downloaded: the server did not answer in time."
    )


@pytest.mark.parametrize(("step", "kept"), [("drip:70000", 65_536), ("drip-head", 0)])
def test_a_server_that_drips_is_given_up(site: Site, tmp_path: Path, step: str, kept: int) -> None:
    """Each byte comes within the timeout; what came in whole blocks is kept."""
    site.plan["/f"] = [step]
    begun = time.monotonic()
    assert Got(tmp_path, timeout=5.0, pace=0.5).error(f"{site.url}/f") == (
        f"{site.url}/f could not be downloaded: the server is too slow: fewer than 65,536 bytes in "
        "0.5 seconds."
        + f" {kept:,} bytes are kept; the same command continues from there."
        * (kept > 0)
    )
    assert time.monotonic() - begun < 10
    assert Got(tmp_path).get(f"{site.url}/f") == CONTENT
    assert ranges(site) == [None, f"bytes={kept}-" if kept else None]


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    with serving() as site:
        url = site.url
    assert Got(tmp_path, tries=1).error(f"{url}/f") == (
        f"{url}/f could not be downloaded: the server could not be reached, or cut the connection."
    )


def test_redirects_are_followed(site: Site, tmp_path: Path) -> None:
    site.plan["/a"] = ["redirect:/b"]
    site.plan["/b"] = [f"redirect:{site.url}/f"]
    assert Got(tmp_path).get(f"{site.url}/a") == CONTENT


def test_endless_redirects_are_refused(site: Site, tmp_path: Path) -> None:
    site.plan["/a"] = ["redirect:/a"] * 20
    assert Got(tmp_path).error(f"{site.url}/a") == (
        f"{site.url}/a could not be downloaded: Exceeded 10 redirects."
    )


@pytest.mark.parametrize(
    ("url", "target", "schemes"),
    [
        ("https://x.org/f", "http://x.org/f", "https to http"),
        ("https://x.org/f", "file:///etc/passwd", "https to file"),
        ("http://x.org/f", "ftp://x.org/f", "http to ftp"),
    ],
)
def test_a_redirect_to_a_lesser_scheme_is_refused(url: str, target: str, schemes: str) -> None:
    response = SimpleNamespace(is_redirect=True, url=url, headers={"location": target})
    with pytest.raises(InvalidSchema) as caught:
        _refuse_lesser_scheme(response)
    assert str(caught.value) == (
        f"it redirects from {schemes} ({target}), which is refused: the file could be changed on "
        "its way"
    )


@pytest.mark.parametrize("scheme", ["file:///etc/passwd", "ftp://127.0.0.1/f", "data:,x"])
def test_a_server_that_redirects_to_another_scheme(site: Site, tmp_path: Path, scheme: str) -> None:
    site.plan["/a"] = [f"redirect:{scheme}"]
    assert Got(tmp_path).error(f"{site.url}/a") == (
        f"{site.url}/a could not be downloaded: it redirects from http to "
        f"{scheme.partition(':')[0]} ({scheme}), which is refused: the file could be changed on "
        "its way."
    )
    assert list(tmp_path.iterdir()) == []


def test_a_redirect_to_no_address(site: Site, tmp_path: Path) -> None:
    site.plan["/a"] = ["redirect:http://[x"]
    assert Got(tmp_path).error(f"{site.url}/a") == (
        f"{site.url}/a could not be downloaded: the server's answer cannot be "
        "understood (Invalid IPv6 URL)."
    )


OK = "HTTP/1.1 200 OK\r\nConnection: close\r\n"


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "nonsense\r\n\r\n",
        "HTTP/1.1 999999 what\r\n\r\n",
        f"{OK}Content-Length: 300000\r\n\r\nshort",
        f"{OK}Transfer-Encoding: chunked\r\n\r\nzz\r\nxx",
        f"{OK}Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
        OK + "X: " + "x" * 70_000 + "\r\n\r\n",
        OK + "X: y\r\n" * 200 + "\r\n",
    ],
    ids=["nothing", "nonsense", "status", "short", "chunks", "encoding", "long head", "many heads"],
)
def test_an_answer_that_is_no_http_is_one_sentence(site: Site, tmp_path: Path, answer: str) -> None:
    site.plan["/f"] = [f"raw:{answer}"]
    said = Got(tmp_path, tries=1).error(f"{site.url}/f")
    assert said.startswith(f"{site.url}/f could not be downloaded: ")
    assert "\n" not in said


@pytest.mark.parametrize("length", ["\xb2", "-1", "9" * 5000, "3e5", ""])
def test_a_length_that_is_no_number_is_not_believed(
    site: Site, tmp_path: Path, length: str
) -> None:
    """Characters that are digits to Python, and numbers longer than it reads, among them."""
    site.plan["/f"] = [f"raw:{OK}Content-Length: {length}\r\n\r\nall of it"]
    got = Got(tmp_path, tries=1)
    try:
        assert got.get(f"{site.url}/f") == b"all of it"
    except UserError as error:
        assert str(error).startswith(f"{site.url}/f could not be downloaded: ")


@pytest.mark.parametrize("length", ["\xb2", "9" * 5000])
def test_a_range_that_is_no_number_is_refused(site: Site, tmp_path: Path, length: str) -> None:
    head = "HTTP/1.1 206 OK\r\nConnection: close\r\n"
    site.plan["/f"] = [
        "cut:131072",
        f"raw:{head}Content-Range: bytes {length}-299999/300000\r\n\r\n",
    ]
    assert "asked to continue from byte 131,072, the server answered" in Got(tmp_path).error(
        f"{site.url}/f"
    )


@pytest.mark.parametrize(
    "note",
    ["", "[]", "null", '"x"', "{}", "[" * 100_000, '{"url": 1}', "\x00",
     '{"url": "URL", "version": "a\\nb: c"}', '{"url": "URL", "version": null}'],
)  # fmt: skip
def test_a_damaged_note_beside_a_part_begins_anew(site: Site, tmp_path: Path, note: str) -> None:
    (tmp_path / "f.part").write_bytes(b"other")
    (tmp_path / "f.part.json").write_text(note.replace("URL", f"{site.url}/f"))
    assert Got(tmp_path).get(f"{site.url}/f") == CONTENT
