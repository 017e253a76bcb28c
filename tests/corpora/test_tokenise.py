"""The default is gensim's simple_preprocess; options and functions of one's own."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from gensim.utils import simple_preprocess
from hypothesis import given
from hypothesis import strategies as st

from d2vbench.corpora.store.tokenise import Tokeniser, letters
from d2vbench.errors import UserError
from d2vbench.keys import digest_files

OTHERS = "letters, characters-1, characters-2, characters-3, characters-4, lines"


@given(st.text(max_size=200))
def test_the_default_is_gensims(text: str) -> None:
    assert Tokeniser()(text) == simple_preprocess(text)


@given(st.text(alphabet="abcXYZ_12 .\u0130\u00df\u0301", max_size=60), st.integers(1, 4))
def test_lengths_are_gensims(text: str, least: int) -> None:
    assert Tokeniser(min_length=least, max_length=6)(text) == simple_preprocess(
        text, min_len=least, max_len=6
    )


def test_case_is_kept_on_request() -> None:
    assert Tokeniser(lower=False)("The CAT sat") == ["The", "CAT", "sat"]


def test_white_space_is_built_in() -> None:
    own = Tokeniser(function="whitespace")
    assert own("It's x_1, twice.") == ["It's", "x_1,", "twice."]
    assert own.fingerprint() == {**Tokeniser().fingerprint(), "function": "whitespace"}


def test_a_function_of_ones_own_is_known_by_its_source() -> None:
    own = Tokeniser(function=f"{__name__}:lines")
    assert own.fingerprint()["source"] == digest_files([Path(__file__)])


def lines(text: str) -> list[str]:
    return [text, "", "\ud800"]


def number(text: str) -> int:
    return len(text)


def test_words_become_lines_of_the_lexicon() -> None:
    assert Tokeniser(function=f"{__name__}:lines")("a\r\nb") == ["a b", "?"]


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (
            "nowhere:f",
            "tokeniser 'nowhere:f' was not found (No module named 'nowhere'): expected whitespace, "
            f"{OTHERS}, or package.module:function, importable from where d2vbench runs",
        ),
        (
            "json",
            "tokeniser 'json' was not found (no colon): expected whitespace, "
            f"{OTHERS}, or package.module:function, importable from where d2vbench runs",
        ),
        ("json:__name__", "tokeniser 'json:__name__' is a str, not a function"),
        (f"{__name__}:number", f"tokeniser '{__name__}:number': expected a list of str, got 1"),
    ],
)
def test_a_wrong_function_is_refused(function: str, message: str) -> None:
    with pytest.raises(UserError) as caught:
        Tokeniser(function=function)("x")
    assert str(caught.value) == message


def test_lengths_that_leave_no_word_are_refused() -> None:
    with pytest.raises(UserError) as caught:
        Tokeniser(min_length=5, max_length=4)
    assert str(caught.value) == ("tokeniser: expected 1 <= min_length <= max_length, got 5 and 4")


@given(st.text(max_size=80))
def test_letters_are_whole_words_composed_or_not(text: str) -> None:
    words = letters(text)
    assert words == letters(unicodedata.normalize("NFD", text))
    plain = unicodedata.normalize("NFC", text).lower()
    assert [c for c in "".join(words) if c.isalpha()] == [c for c in plain if c.isalpha()]
    assert Tokeniser(function="letters")(text) == words


def test_words_that_gensim_cuts_at_their_marks() -> None:
    assert letters("हिन्दी में, ไทย") == ["हिन्दी", "में", "ไทย"]
    assert "हिन्दी" not in simple_preprocess("हिन्दी में", min_len=1)


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_pieces_of_characters(n: int) -> None:
    own = Tokeniser(function=f"characters-{n}")
    assert own("野生动物园, Ab 12!") == [
        *["野生动物园"[i : i + n] for i in range(6 - n)],
        *(["a", "b", "1", "2"] if n == 1 else ["ab", "12"]),
    ]
    # A letter with its mark is one character.
    assert own("กีกี") == (["กี"] * 2 if n == 1 else ["กีกี"])
    assert own(" .") == []
