"""Reading archives without unpacking them; what is refused, and in which words."""

from __future__ import annotations

import io
import os
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_archives import FORMATS, compressed, entry, make, tar

from d2vbench.corpora.acquire.archives import Limits, fingerprint, members, pack
from d2vbench.corpora.store.streams import open_stream
from d2vbench.errors import UserError

FILES = {"top/a/1": b"one", "top/a/2": b"", "top/b/\xe9": "zw\xf6lf".encode()}
AGAIN = "nothing was taken from it: get the file again from where it is published, or pack it again"


def refusal(path: Path, limits: Limits | None = None) -> str:
    with pytest.raises(UserError) as caught:
        list(members(path, limits=limits))
    text = str(caught.value)
    start = f"{path} cannot be read: "
    assert text.startswith(start)
    assert text.endswith(f"; {AGAIN}")
    return text[len(start) : -len(f"; {AGAIN}")]


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_gives_the_same_files(tmp_path: Path, kind: str) -> None:
    path = make(tmp_path, kind, FILES)
    assert dict(members(path)) == FILES
    assert dict(members(path, lambda name: name.endswith("1"))) == {"top/a/1": b"one"}


def test_the_format_is_seen_from_the_content(tmp_path: Path) -> None:
    path = make(tmp_path, "tar.gz", FILES).rename(tmp_path / "x.zip")
    assert dict(members(path)) == FILES


def test_a_single_compressed_file_is_an_archive_of_one(tmp_path: Path) -> None:
    assert list(members(compressed(tmp_path / "text8.gz", b"a b c"))) == [("text8", b"a b c")]
    assert list(members(compressed(tmp_path / "none.gz", b""))) == [("none", b"")]


def test_dots_in_names_are_dropped(tmp_path: Path) -> None:
    path = tar(tmp_path / "x.tar", [entry("./a/./b")])
    assert list(members(path)) == [("a/b", b"x")]


def test_nothing_is_written(tmp_path: Path) -> None:
    path = make(tmp_path, "tar.gz", FILES)
    before = sorted(tmp_path.rglob("*"))
    list(members(path))
    assert sorted(tmp_path.rglob("*")) == before


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        list(members(tmp_path / "no.tar"))
    assert str(caught.value) == f"there is no file {tmp_path / 'no.tar'}"


@pytest.mark.parametrize(
    ("name", "fields", "reason"),
    [
        ("/etc/passwd", {}, "the name '/etc/passwd' is absolute"),
        ("C:\\x", {}, "the name 'C:\\\\x' is absolute"),
        ("a/../../x", {}, "the name 'a/../../x' leaves the archive"),
        ("a\\..\\x", {}, "the name 'a\\\\..\\\\x' leaves the archive"),
        ("../d", {"type": tarfile.DIRTYPE}, "the name '../d' leaves the archive"),
        (
            "a",
            {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"},
            "'a' is a link (to '/etc/passwd')",
        ),
        ("a", {"type": tarfile.SYMTYPE, "linkname": "b"}, "'a' is a link (to 'b')"),
        ("a", {"type": tarfile.LNKTYPE, "linkname": "b"}, "'a' is a link (to 'b')"),
        ("a", {"type": tarfile.FIFOTYPE}, "'a' is a device or a pipe"),
        ("a", {"type": tarfile.CHRTYPE}, "'a' is a device or a pipe"),
        ("a", {"type": tarfile.BLKTYPE}, "'a' is a device or a pipe"),
    ],
)
def test_a_dangerous_member_of_a_tar_is_refused(
    tmp_path: Path, name: str, fields: dict[str, object], reason: str
) -> None:
    path = tar(tmp_path / "x.tar", [entry("ok"), entry(name, b"", **fields)])
    assert refusal(path) == reason


@pytest.mark.parametrize(
    ("name", "mode", "reason"),
    [
        ("/x", 0, "the name '/x' is absolute"),
        ("../x", 0, "the name '../x' leaves the archive"),
        ("../d/", 0, "the name '../d/' leaves the archive"),
        ("x", 0o120777, "'x' is a link"),
        ("x", 0o010644, "'x' is a device or a pipe"),
    ],
)
def test_a_dangerous_member_of_a_zip_is_refused(
    tmp_path: Path, name: str, mode: int, reason: str
) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        member = zipfile.ZipInfo(name)
        member.external_attr = mode << 16
        archive.writestr(member, b"x")
    assert refusal(path) == reason


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    path = make(tmp_path, "zip", {"a": b"x"})
    content = bytearray(path.read_bytes())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    assert refusal(path) == "'a' is encrypted"


@pytest.mark.parametrize("kind", ["tar", "tar.gz", "zip"])
def test_limits_hold(tmp_path: Path, kind: str) -> None:
    path = make(tmp_path, kind, {"a": b"x" * 600, "b": b"y" * 600})
    assert refusal(path, Limits(member_bytes=500)) == "'a' has 600 bytes unpacked, more than 500"
    assert refusal(path, Limits(total_bytes=1000)) == "it has more than 1,000 bytes unpacked"
    assert refusal(path, Limits(members=1)) == "it holds more than 1 files"


def test_a_name_may_not_come_twice(tmp_path: Path) -> None:
    path = tar(tmp_path / "x.tar", [entry("a/b"), entry("a/./b")])
    assert refusal(path) == "it holds 'a/b' twice"


@pytest.mark.parametrize("kind", ["tar.gz", "tar.bz2", "tar.xz", "zip"])
def test_a_bomb_is_refused(tmp_path: Path, kind: str) -> None:
    path = make(tmp_path, kind, {"a": bytes(8 << 20)})
    expected = "it" if kind.startswith("tar") else "'a'"
    assert refusal(path) == f"{expected} unpacks to more than 200 times its size"


def test_a_bomb_of_members_that_nobody_wants_is_refused(tmp_path: Path) -> None:
    path = make(tmp_path, "tar.gz", {"a": bytes(8 << 20)})
    with pytest.raises(UserError, match="unpacks to more than 200 times its size"):
        list(members(path, lambda name: False))


def test_a_size_beyond_the_file_is_refused(tmp_path: Path) -> None:
    member = tarfile.TarInfo("a")
    member.size = 1 << 40
    path = tmp_path / "x.tar"
    path.write_bytes(member.tobuf() + b"x" * 512)
    assert refusal(path) == ("'a' has 1,099,511,627,776 bytes unpacked, more than 268,435,456")


@pytest.mark.parametrize("kind", ["tar", "tar.gz", "tar.bz2", "tar.xz", "zip"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.97])
def test_a_truncated_archive_is_refused(tmp_path: Path, kind: str, share: float) -> None:
    noise = {f"top/{i}": os.urandom(3000) for i in range(40)}
    path = make(tmp_path, kind, noise)
    content = path.read_bytes()
    # A tar ends in padding, of which the most may be missing without harm.
    whole = len(content) if kind != "tar" else 40 * (512 + 3072)
    path.write_bytes(content[: int(share * whole)])
    reason = refusal(path)
    assert reason.startswith("it is damaged or cut short (") or (
        kind == "tar" and reason == "there is no valid header where the next file should begin"
    )


@settings(max_examples=60, deadline=None)
@given(position=st.integers(0, 10**6), kind=st.sampled_from(["tar.gz", "tar.bz2", "tar.xz"]))
def test_a_flipped_byte_never_changes_a_text_in_silence(
    tmp_path_factory: pytest.TempPathFactory, position: int, kind: str
) -> None:
    folder = tmp_path_factory.mktemp("flip")
    files = {f"top/{i}": f"text {i} ".encode() * 50 for i in range(20)}
    path = make(folder, kind, files)
    content = bytearray(path.read_bytes())
    content[position % len(content)] ^= 0x55
    path.write_bytes(content)
    try:
        found = dict(members(path))
    except UserError:
        return
    assert found == files  # A byte of the header that means nothing, such as a time.


def test_a_spoilt_header_in_a_plain_tar_is_no_silent_end(tmp_path: Path) -> None:
    path = make(tmp_path, "tar", {"a": b"one", "b": b"two", "c": b"three"})
    content = bytearray(path.read_bytes())
    content[1024 + 3] ^= 0xFF
    path.write_bytes(content)
    assert refusal(path) == "there is no valid header where the next file should begin"


@pytest.mark.parametrize("content", [b"", b"plain text", bytes(10240), b"<html>" * 500])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.tar.gz"
    path.write_bytes(content)
    assert refusal(path) == "it is no tar, zip or gzip archive"


def test_links_in_a_folder_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/x").write_bytes(b"x")
    folder = make(tmp_path, "folder", {"a/1": b"one"})
    (folder / "link").symlink_to(tmp_path / "secret")
    (folder / "linked").symlink_to(tmp_path / "elsewhere")
    (folder / "loop").symlink_to(folder)
    os.mkfifo(folder / "pipe")
    assert list(members(folder)) == [("a/1", b"one")]


def test_packing_gives_the_same_bytes_for_the_same_files(tmp_path: Path) -> None:
    one = make(tmp_path, "folder", FILES, "one")
    two = make(tmp_path, "folder", dict(reversed(FILES.items())), "two")
    os.utime(two / "top/a/1", (1, 1))
    pack(one, tmp_path / "1.tar.gz")
    pack(two, tmp_path / "2.tar.gz")
    assert (tmp_path / "1.tar.gz").read_bytes() == (tmp_path / "2.tar.gz").read_bytes()
    assert dict(members(tmp_path / "1.tar.gz")) == FILES


def test_the_fingerprint_sees_bytes_and_names(tmp_path: Path) -> None:
    one = make(tmp_path, "folder", {"a": b"1", "b": b"2"}, "one")
    same = make(tmp_path, "folder", {"a": b"1", "b": b"2"}, "same")
    other = make(tmp_path, "folder", {"a": b"1", "c": b"2"}, "other")
    assert fingerprint(one) == fingerprint(same) != fingerprint(other)
    (tmp_path / "x").write_bytes(b"abc")
    assert fingerprint(tmp_path / "x") == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )


def test_a_stream_of_a_zip_needs_one_file(tmp_path: Path) -> None:
    with open_stream(make(tmp_path, "zip", {"text8": b"a b"}, "one")) as stream:
        assert stream.read() == b"a b"
    two = make(tmp_path, "zip", {"a": b"", "b": b""}, "two")
    with pytest.raises(UserError) as caught:
        open_stream(two)
    assert str(caught.value) == f"{two} cannot be read: expected a zip of one file, got 2; {AGAIN}"


def test_an_old_tar_without_magic_is_read(tmp_path: Path) -> None:
    member = tarfile.TarInfo("a/b")
    member.size = 3
    header = bytearray(member.tobuf(tarfile.USTAR_FORMAT))
    header[257:345] = bytes(88)
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    path = tmp_path / "old.tar"
    path.write_bytes(bytes(header) + io.BytesIO(b"one").read().ljust(512, b"\0") + bytes(1024))
    assert dict(members(path)) == {"a/b": b"one"}
