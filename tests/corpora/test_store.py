"""Encoding, opening, and what decides an entry."""

from __future__ import annotations

import dataclasses
import errno
import os
import pickle
import subprocess
import sys
import time
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import IO, Any

import numpy as np
import pytest

from d2vbench.corpora import Cards, Pair, cache_folder, load_cards
from d2vbench.corpora.acquire.local import expected_files
from d2vbench.corpora.readers import READERS
from d2vbench.corpora.store import encode as encode_module
from d2vbench.corpora.store import encoded as store_module
from d2vbench.corpora.store.documents import Document, content_sha256
from d2vbench.corpora.store.encode import encode
from d2vbench.corpora.store.encoded import open_corpus
from d2vbench.corpora.store.tokenise import Tokeniser
from d2vbench.errors import UserError

DOCUMENTS = [
    Document("a", "The cat, the dog.", "x", "train"),
    Document("b", "", None, "test"),
    Document("c", "dog cat bird", "y", None),
]


def test_encoding_round_trip(tmp_path: Path) -> None:
    counts = encode(DOCUMENTS, tmp_path, Tokeniser())
    assert counts == {
        "documents": 3, "words": 7, "lexicon": 4, "labels": ["x", "y"],
        "content_sha256": content_sha256(DOCUMENTS),
    }  # fmt: skip
    tokens, offsets = np.load(tmp_path / "tokens.npy"), np.load(tmp_path / "offsets.npy")
    lexicon = (tmp_path / "lexicon.txt").read_text().split()
    texts = [[lexicon[t] for t in tokens[a:b]] for a, b in pairwise(offsets)]
    assert texts == [["the", "cat", "the", "dog"], [], ["dog", "cat", "bird"]]
    assert (tokens.dtype, offsets.dtype) == (np.uint32, np.int64)
    assert np.load(tmp_path / "labels.npy").tolist() == [0, -1, 1]
    assert np.load(tmp_path / "splits.npy").tolist() == [0, 1, -1]
    assert lexicon == sorted(lexicon)
    assert (tmp_path / "names.txt").read_text() == '"a"\n"b"\n"c"\n'
    assert not (tmp_path / "stream.bin").exists()


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.mark.parametrize("longest", [200, 3])
@pytest.mark.parametrize("jobs", [1, 2])
def test_order_chunks_and_workers_leave_no_trace(
    tmp_path: Path, jobs: int, longest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encode_module, "_WIDEST_NAME", longest)
    documents = [
        Document(f"{i:03}", f"word{'abcdefghij'[i % 10]} " * i, "yxz"[i % 3], "train")
        for i in range(60)
    ]
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    encode(documents, tmp_path / "a", Tokeniser())
    monkeypatch.setattr(encode_module, "_CHUNK", 500)
    monkeypatch.setattr(encode_module, "_BLOCK", 50)
    shuffled = [documents[i] for i in np.random.default_rng(0).permutation(60)]
    encode(iter(shuffled), tmp_path / "b", Tokeniser(), jobs=jobs)
    assert files_of(tmp_path / "a") == files_of(tmp_path / "b")


def test_joblib_works_after_encoding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in the first run on large corpora: it encodes, then trains in as many processes."""
    from joblib import Parallel, delayed
    from joblib.externals.loky import get_reusable_executor

    get_reusable_executor().shutdown()  # Another test's.
    monkeypatch.setattr(encode_module, "_CHUNK", 1)
    encode(DOCUMENTS, tmp_path, Tokeniser(), jobs=2)
    assert Parallel(n_jobs=2)(delayed(len)(text) for text in ("a", "bc")) == [1, 2]


def test_encoding_refuses_nothing_and_twins(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there are no documents"):
        encode([], tmp_path, Tokeniser())
    twins = [Document("a", "x"), Document("b", "x"), Document("a", "y")]
    with pytest.raises(UserError, match='two documents are named "a"'):
        encode(twins, tmp_path, Tokeniser())


def test_a_reader_is_closed_after_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its generator holds a file open; the error, kept by somebody, would keep the generator."""
    monkeypatch.setattr(encode_module, "_CHUNK", 1)
    closed = []

    def documents() -> Iterator[Document]:
        try:
            yield from DOCUMENTS * 9
        finally:
            closed.append(True)

    with pytest.raises(UserError, match="expected a list of str") as caught:
        encode(documents(), tmp_path, Tokeniser(function="builtins:len"))
    assert (closed, caught.type) == ([True], UserError)


@pytest.mark.parametrize("refused", ["names.bin", "digests.bin", "hashes.bin", "stream.bin"])
def test_no_file_stays_open_where_another_cannot_be_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: str
) -> None:
    whole_open, files = Path.open, []

    def opened(path: Path, *arguments: Any) -> IO[Any]:
        if path.name == refused:
            raise OSError(errno.EMFILE, "Too many open files")
        files.append(whole_open(path, *arguments))
        return files[-1]

    monkeypatch.setattr(Path, "open", opened)
    with pytest.raises(OSError, match="Too many open files"):
        encode(DOCUMENTS, tmp_path, Tokeniser())
    assert all(file.closed for file in files)


def test_training_in_processes_may_follow_in_the_same_process(tmp_path: Path) -> None:
    """In a process of its own, since joblib keeps what it has started."""
    code = """
from pathlib import Path
from joblib import Parallel, delayed
from d2vbench.corpora.store import encode as module
from d2vbench.corpora.store.documents import Document
from d2vbench.corpora.store.tokenise import Tokeniser
module._CHUNK = 10
documents = [Document(str(i), "some words of a text") for i in range(9)]
module.encode(documents, Path("."), Tokeniser(), jobs=2)
print(Parallel(n_jobs=2)(delayed(len)("ab" * i) for i in range(3)))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.stdout == "[0, 2, 4]\n", done.stderr


def test_a_reader_is_read_as_a_stream(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more than a few chunks of documents are alive at any time."""
    monkeypatch.setattr(encode_module, "_CHUNK", 1000)
    alive = most = 0

    def gone() -> None:
        nonlocal alive
        alive -= 1

    def documents() -> Iterator[Document]:
        nonlocal alive, most
        for i in range(2000):
            document = Document(f"{i:05}", "some words of a text " * 5)
            weakref.finalize(document, gone)
            alive += 1
            most = max(most, alive)
            yield document

    encode(documents(), tmp_path, Tokeniser())
    assert most <= 60  # a chunk is ten documents; two are read ahead


def test_content_hash_sees_every_part() -> None:
    base = content_sha256(DOCUMENTS)
    assert base == content_sha256(list(DOCUMENTS))
    for field, value in (("name", "z"), ("text", "z"), ("label", "z"), ("split", "test")):
        changed = [dataclasses.replace(DOCUMENTS[0], **{field: value}), *DOCUMENTS[1:]]
        assert content_sha256(changed) != base
    moved = [Document("a", "xy"), Document("b", "z")]
    assert content_sha256(moved) != content_sha256([Document("a", "x"), Document("b", "yz")])


def test_an_entry_is_read_once(
    small_cards: Cards, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes: list[str] = []
    card = small_cards.corpus("small")
    first = open_corpus(card, None, tmp_path, notes.append)
    assert len(notes) == 1
    monkeypatch.setattr(READERS["synthetic"], "read", lambda p, f: pytest.fail("read again"))
    again = open_corpus(card, None, tmp_path, notes.append)
    assert len(notes) == 1
    assert again.content_sha256 == first.content_sha256
    assert isinstance(again.tokens, np.memmap)


def test_other_parameters_are_another_entry(small_cards: Cards, tmp_path: Path) -> None:
    card = small_cards.corpus("small")
    other = dataclasses.replace(card, parameters={**card.parameters, "seed": 1})
    a, b = open_corpus(card, cache=tmp_path), open_corpus(other, cache=tmp_path)
    assert a.folder != b.folder
    assert a.content_sha256 != b.content_sha256


def test_two_builders_do_not_harm_each_other(small_cards: Cards, tmp_path: Path) -> None:
    card = small_cards.corpus("small")
    with ThreadPoolExecutor(4) as pool:
        corpora = list(pool.map(lambda _: open_corpus(card, cache=tmp_path), range(4)))
    assert len({c.content_sha256 for c in corpora}) == 1
    assert [p.name for p in (tmp_path / "encoded").iterdir()] == [corpora[0].folder.name]


def test_an_entry_that_another_builder_has_just_moved_into_place_stays(
    small_cards: Cards, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = small_cards.corpus("small")
    others: list[int] = []

    def overtaken(look: Callable[[Path], Any]) -> Callable[[Path], Any]:
        """Have the other finish just after the first look at what is in the place."""

        def after(folder: Path) -> Any:
            found = look(folder)
            monkeypatch.undo()
            if not others:
                others.append(open_corpus(card, cache=tmp_path).folder.stat().st_ino)
            return found

        return after

    real = store_module._move

    def move(built: Path, folder: Path) -> None:
        monkeypatch.setattr(store_module, "damage", overtaken(store_module.damage))
        monkeypatch.setattr(Path, "exists", overtaken(Path.exists))
        real(built, folder)

    monkeypatch.setattr(store_module, "_move", move)
    assert open_corpus(card, cache=tmp_path).folder.stat().st_ino == others[0]


@pytest.mark.parametrize("part", ["tokens.npy", "labels.npy", "lexicon.txt", "meta.json"])
@pytest.mark.parametrize("damage", ["flip", "cut", "remove"])
def test_a_damaged_entry_is_made_anew(
    small_cards: Cards, tmp_path: Path, part: str, damage: str
) -> None:
    card = small_cards.corpus("small")
    first = open_corpus(card, cache=tmp_path)
    whole = files_of(first.folder)
    path = first.folder / part
    content = bytearray(path.read_bytes())
    if damage == "remove":
        path.unlink()
    else:
        content[len(content) // 2] ^= 255
        path.write_bytes(content if damage == "flip" else content[: len(content) // 2])
    notes: list[str] = []
    again = open_corpus(card, None, tmp_path, notes.append)
    assert notes[0].startswith(f"the entry {first.folder} is damaged (")
    assert files_of(again.folder) == whole
    assert [p.name for p in (tmp_path / "encoded").iterdir()] == [first.folder.name]


def test_other_documents_than_the_cards_are_refused(small_cards: Cards, tmp_path: Path) -> None:
    card = dataclasses.replace(small_cards.corpus("small"), content_sha256="0" * 64)
    with pytest.raises(UserError) as caught:
        open_corpus(card, cache=tmp_path)
    assert str(caught.value).startswith(
        "corpus small: the documents are not those of its card, version 1: expected content sha256 "
        + "0" * 64
        + ", got "
    )
    assert str(caught.value).endswith("Run `d2vbench fetch small --force`.")
    assert list((tmp_path / "encoded").iterdir()) == []


def test_another_tokeniser_is_another_entry(small_cards: Cards, tmp_path: Path) -> None:
    card = small_cards.corpus("small")
    usual = open_corpus(card, cache=tmp_path)
    none = open_corpus(card, Tokeniser(min_length=15), tmp_path)
    assert usual.folder != none.folder
    assert usual.content_sha256 == none.content_sha256
    assert (len(none.tokens), none.lexicon) == (0, [])
    assert len(none.labels) == len(usual.labels)


def test_a_corpus_travels_as_a_reference(small_pair: Pair) -> None:
    sent = pickle.dumps(small_pair.generic.corpus)
    assert len(sent) < 1000
    assert np.array_equal(pickle.loads(sent).tokens, small_pair.generic.corpus.tokens)


def test_a_cache_that_cannot_be_made_is_named(small_cards: Cards, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(UserError) as caught:
        open_corpus(small_cards.corpus("small"), cache=file)
    assert str(caught.value) == (
        f"the cache {file / 'encoded'} cannot be written: Not a directory. "
        "Set D2VBENCH_DATA to a folder that you may write to."
    )


def test_what_a_killed_process_left_is_removed_after_a_day(
    small_cards: Cards, tmp_path: Path
) -> None:
    root = tmp_path / "encoded"
    for name, age in ((".building-old", 2), (".damaged-old", 2), (".building-new", 0.5)):
        (root / name).mkdir(parents=True)
        (root / name / "stream.bin").write_bytes(b"x")
        past = time.time() - age * 24 * 3600
        for path in (root / name / "stream.bin", root / name):
            os.utime(path, (past, past))
    corpus = open_corpus(small_cards.corpus("small"), cache=tmp_path)
    assert {p.name for p in root.iterdir()} == {".building-new", corpus.folder.name}


def test_cleaning_in_the_meantime_does_not_disturb(
    small_cards: Cards, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from d2vbench.cli.main import main

    monkeypatch.setenv("D2VBENCH_DATA", str(tmp_path))
    real = store_module.encode

    def encode(*arguments: Any, **options: Any) -> Any:
        assert main(["clean", "encoded", "--yes"]) == 0
        return real(*arguments, **options)

    monkeypatch.setattr(store_module, "encode", encode)
    assert len(open_corpus(small_cards.corpus("small")).tokens) > 0


def test_a_full_disk_is_one_sentence(
    small_cards: Cards, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(store_module, "encode", full)
    with pytest.raises(UserError) as caught:
        open_corpus(small_cards.corpus("small"), cache=tmp_path)
    assert str(caught.value) == (
        f"the cache {tmp_path / 'encoded'} cannot be written: No space left on device. "
        "Make room, or set D2VBENCH_DATA to a folder on another disk."
    )
    assert list((tmp_path / "encoded").iterdir()) == []


def test_an_archive_spoilt_in_the_cache_is_to_be_fetched_anew(tmp_path: Path) -> None:
    card = load_cards().corpus("ohsumed")
    (path,) = expected_files(card, tmp_path).values()
    path.parent.mkdir(parents=True)
    path.write_bytes(b"no archive")
    with pytest.raises(UserError) as caught:
        open_corpus(card, cache=tmp_path)
    assert str(caught.value).startswith(f"corpus ohsumed: {path} cannot be read: ")
    assert str(caught.value).endswith(" Run `d2vbench fetch ohsumed --force`.")


def test_the_cache_folder_follows_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("D2VBENCH_DATA", "/somewhere")
    assert cache_folder() == Path("/somewhere")
    monkeypatch.delenv("D2VBENCH_DATA")
    assert cache_folder().name == "d2vbench"
