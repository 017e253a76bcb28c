"""Files of word vectors: those that gensim writes, those of GloVe, and what is wrong with some."""

from __future__ import annotations

import gzip
import hashlib
import struct
from pathlib import Path

import numpy as np
import pytest
from fuzz_support import assert_clear, examples
from gensim.models import KeyedVectors
from hypothesis import given
from hypothesis import strategies as st

from d2vbench.errors import UserError
from d2vbench.families.word_vector_files import (
    WordVectors,
    contents_sha256,
    read_word_vectors,
)

WORDS = ["the", "caf\xe9", "\u4e2d\u6587", "x1", "3", "-"]
END = "; expected word vectors of word2vec (text or binary) or GloVe, whole"


def written(path: Path, form: str, size: int = 5, words: list[str] = WORDS) -> np.ndarray:
    """Write vectors as gensim does; return them."""
    vectors = np.random.default_rng(1).normal(size=(len(words), size)).astype(np.float32)
    keyed = KeyedVectors(size)
    keyed.add_vectors(words, vectors)
    keyed.save_word2vec_format(
        str(path), binary=form == "binary", write_header=form != "glove", sort_attr="count"
    )
    return vectors


@pytest.mark.parametrize("size", [1, 2, 5, 300])
@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("form", ["text", "binary", "glove"])
def test_what_gensim_writes(tmp_path: Path, form: str, zipped: bool, size: int) -> None:
    path = tmp_path / "v"
    vectors = written(path, form, size)
    if zipped:
        path.write_bytes(gzip.compress(path.read_bytes()))
    found = read_word_vectors(path, vector_size=size)
    assert found.words == WORDS
    assert found.vectors.dtype == np.float32
    assert np.array_equal(found.vectors, vectors)
    assert found.vectors.flags.writeable
    assert (found.duplicates, found.in_file) == (0, 6)


@pytest.mark.parametrize("form", ["text", "binary", "glove"])
def test_only_the_words_wanted_are_kept(tmp_path: Path, form: str) -> None:
    words = [f"w{i}" for i in range(3000)]
    vectors = written(tmp_path / "v", form, 100, words)
    assert (tmp_path / "v").stat().st_size > 1 << 20  # More than is read at once.
    found = read_word_vectors(tmp_path / "v", {"w7", "w2999", "w1500", "no"})
    assert found.words == ["w7", "w1500", "w2999"]
    assert np.array_equal(found.vectors, vectors[[7, 1500, 2999]])
    assert found.in_file == 3000
    assert np.array_equal(read_word_vectors(tmp_path / "v").vectors, vectors)


def read(path: Path, content: bytes | str, only: set[str] | None = None) -> WordVectors:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_word_vectors(path, only)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "v"


def test_the_first_of_two_vectors_of_a_word_counts(path: Path) -> None:
    found = read(path, "4 2\na 1 2\nb 3 4\na 5 6\na 7 8\n")
    assert (found.words, found.duplicates, found.in_file) == (["a", "b"], 2, 4)
    assert found.vectors.tolist() == [[1, 2], [3, 4]]
    assert read(path, "a 1 2\nb 3 4\na 5 6\n", {"b"}).duplicates == 0


def test_forms_that_differ_a_little(path: Path) -> None:
    expected = [[1, 2.5], [-3e-3, 4]]
    for content in (
        "2 2 \r\na 1 2.5 \r\nb -3e-3 4\r\n",  # fastText ends lines by a space.
        "a 1 2.5\nb -0.003 4",
        "\n".join(["2 2", "a 1 2.5", "b -0.003 4", "", ""]),
    ):
        np.testing.assert_allclose(read(path, content).vectors, expected, rtol=1e-6)
    pairs = [("a", (1, 2.5)), ("b", (-3e-3, 4))]
    for end in (b"", b"\n"):  # gensim, word2vec.c
        binary = b"".join(f"{w} ".encode() + struct.pack("<2f", *v) + end for w, v in pairs)
        found = read(path, b"2 2\n" + binary)
        assert found.words == ["a", "b"]
        np.testing.assert_allclose(found.vectors, expected, rtol=1e-6)


def test_an_empty_word_of_a_binary_file_is_a_word(path: Path) -> None:
    """word2vec writes one for a line feed that a text had; it may come first, or behind another."""
    for words in (("", "a"), ("a", ""), ("a", "", "b")):
        for end in (b"", b"\n"):
            made = b"".join(
                f"{word} ".encode() + struct.pack("<2f", i, 0.5) + end
                for i, word in enumerate(words)
            )
            found = read(path, f"{len(words)} 2\n".encode() + made)
            assert found.words == list(words)
            assert found.vectors[:, 0].tolist() == list(range(len(words)))
            assert found.in_file == len(words)


def test_the_identity_of_a_file_is_that_of_its_contents(tmp_path: Path) -> None:
    plain, zipped, other = (tmp_path / name for name in ("plain", "zipped", "other"))
    plain.write_bytes(BINARY)
    zipped.write_bytes(gzip.compress(BINARY))
    other.write_bytes(BINARY[:-1])
    expected = hashlib.sha256(BINARY).hexdigest()
    assert contents_sha256(plain) == contents_sha256(zipped) == expected
    assert contents_sha256(other) != expected


def test_a_word_as_long_as_words_may_be(path: Path) -> None:
    longest = "w" * 9_990
    found = read(path, f"1 2\n{longest} 1 2\n")
    assert (found.words, found.vectors.tolist()) == ([longest], [[1, 2]])
    binary = b"1 2\n" + longest.encode() + b" " + struct.pack("<2f", 1, 0)
    assert read(path, binary).words == [longest]


def test_a_word_of_glove_may_have_spaces(path: Path) -> None:
    found = read(path, ". 1 2\n. . 3 4\nat name@domain.com 5 6\n\xa0 7 8\n")
    assert found.words == [".", ". .", "at name@domain.com", "\xa0"]
    assert found.vectors[:, 0].tolist() == [1, 3, 5, 7]


NUMBERS = "".join(f"w{i} {i} {i + 1}\n" for i in range(3))
BINARY = b"3 2\n" + b"".join(b"w%d " % i + struct.pack("<2f", i, 0) for i in range(3))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "it is empty"),
        (b"\n\n", "its first line is"),
        (b"PK\x03\x04\x00", "line 1 is neither number and size nor a word and its numbers"),
        (b"\x80\x04\x95 gensim", "line 1 is neither number and size nor a word and its numbers"),
        (b"a line of prose\n", "line 1 is neither number and size nor a word and its numbers"),
        (b"3 0\n", "line 1 is neither number and size nor a word and its numbers"),
        (f"4 2\n{NUMBERS}", "its first line says 4 vectors, and it holds 3"),
        (f"2 2\n{NUMBERS}", "its first line says 2 vectors, and it holds 3"),
        (f"{NUMBERS}w3 1\n", "line 4 has 1 components, those before have 2"),
        (f"{NUMBERS}w3 1 2 3\n", "line 4 has 3 components, those before have 2"),
        (f"3 3\n{NUMBERS}", "line 2 has 2 components, those before have 3"),
        (f"{NUMBERS}w3 1 two\n", "line 4 holds what is no number"),
        (f"{NUMBERS}w3 1 nan\n", "line 4: the vector holds infinity or NaN"),
        (f"{NUMBERS}w3 1 1e99\n", "line 4: the vector holds infinity or NaN"),
        (f"{NUMBERS}caf\xe9 1 2\n".encode("latin-1"),
         "line 4: the word is not UTF-8 (unexpected end of data)"),
        (BINARY[:-1], "it is cut short, or damaged, at vector 3 of 3"),
        (BINARY[:-9], "it is cut short, or damaged, at vector 3 of 3"),
        (BINARY + b"more", "more follows after the 3 vectors of its first line"),
        (BINARY.replace(b"w1", b"\xff1"),
         "vector 2 of 3: the word is not UTF-8 (invalid start byte)"),
        (BINARY[:-8] + struct.pack("<2f", np.inf, 0),
         "vector 3 of 3: the vector holds infinity or NaN"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_one_sentence(path: Path, content: str | bytes, why: str) -> None:
    with pytest.raises(UserError) as caught:
        read(path, content)
    assert str(caught.value) == f"{path}: {why}{END}"


def test_a_gzip_file_cut_short(path: Path) -> None:
    whole = gzip.compress(NUMBERS.encode() * 500)
    for content in (whole[:50], whole[:-4], whole[:-6] + b"\xff" + whole[-5:]):
        path.write_bytes(content)
        with pytest.raises(UserError) as caught:
            read_word_vectors(path)
        assert str(caught.value).startswith(f"{path}: it is no whole gzip file (")


def test_what_does_not_fit_what_was_asked_for(path: Path) -> None:
    with pytest.raises(UserError) as caught:
        read_word_vectors(path)
    assert str(caught.value) == f"there is no file of word vectors {path}"
    with pytest.raises(UserError) as caught:
        read(path, NUMBERS, {"no"})
    assert str(caught.value) == (
        f"{path}: none of the words that are wanted is among its 3: is it of another language, or "
        "are words in another case?"
    )
    with pytest.raises(UserError) as caught:
        read_word_vectors(path, vector_size=100)
    assert str(caught.value) == f"{path} has vectors of 2 components, expected 100"
    with pytest.raises(UserError, match="cannot be read"):
        read_word_vectors(path.parent)


def test_a_count_beyond_memory_allocates_nothing(path: Path) -> None:
    with pytest.raises(UserError, match=r"says 999,999,999,999 vectors, and it holds 3"):
        read(path, f"999999999999 2\n{NUMBERS}")
    with pytest.raises(UserError, match="line 1 is neither"):
        read(path, b"3 999999999999\n\x00\x00 ")


@given(st.sampled_from([NUMBERS.encode(), f"3 2\n{NUMBERS}".encode(), BINARY]), st.data())
@examples(200)
def test_fuzz_any_bytes(
    tmp_path_factory: pytest.TempPathFactory, whole: bytes, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(whole)))
    new = data.draw(st.binary(max_size=4))
    path = tmp_path_factory.mktemp("fuzz") / "v"
    try:
        found = read(path, whole[:at] + new + whole[at + data.draw(st.integers(0, 4)) :])
    except UserError as error:
        assert_clear(error)
    else:
        assert found.vectors.shape[0] == len(found.words)
        assert np.isfinite(found.vectors).all()


@pytest.mark.parametrize("head", [b"100 3\nword 1 2 3\n", b"word 1 2 3\n"])
def test_a_line_without_an_end_fills_no_memory(tmp_path: Path, head: bytes) -> None:
    """Of a file of many gigabytes that takes no room on the disk."""
    path = tmp_path / "v.txt"
    with path.open("wb") as file:
        file.write(head)
        file.truncate(1 << 36)
    with pytest.raises(UserError) as caught:
        read_word_vectors(path)
    number = head.count(b"\n") + 1
    assert str(caught.value).startswith(f"{path}: line {number} is longer than 10,096 bytes; ")
