"""The default is gensim's simple_preprocess; options and functions of one's own."""

from __future__ import annotations

import os
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from gensim.utils import simple_preprocess
from hypothesis import given
from hypothesis import strategies as st

from d2vbench.corpora.store.tokenise import Tokeniser, letters
from d2vbench.errors import UserError
from d2vbench.keys import digest_files

ANY_TEXT = "it must return a list of str for any text, also for an empty one"
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


OPENED = """
import sys
from d2vbench.corpora import load_cards, open_pair
from d2vbench.corpora.pairs.own import Layout, own_pair
from d2vbench.corpora.store.tokenise import Tokeniser

layout = Layout(tokeniser=Tokeniser(function=sys.argv[1]))
pair = open_pair(*own_pair("g.txt", "d.csv", load_cards(), layout))
print(pair.key, pair.train.corpus.lexicon[0])
"""


def test_a_changed_helper_in_a_package_makes_the_words_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a person meets it: a package is edited between two processes, and the cache is kept."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), *sys.path]))
    rows = "".join(f"b{i} c{i},{'xy'[i % 2]}\n" for i in range(20))
    (tmp_path / "d.csv").write_text(f"text,label\n{rows}")
    (tmp_path / "g.txt").write_text("".join(f"d{i} e{i}\n" for i in range(9)))
    (tmp_path / "mytok" / "deep").mkdir(parents=True)
    (tmp_path / "mytok" / "__init__.py").write_text("from mytok.deep.impl import words\n")
    (tmp_path / "alone.py").write_text("def words(text):\n    return text.split()\n")
    edited = tmp_path / "mytok" / "deep" / "impl.py"

    def opened(function: str) -> list[str]:
        done = subprocess.run(
            [sys.executable, "-c", OPENED, function], cwd=tmp_path, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.split()

    found = []
    for prefix in ("a", "aaa"):
        edited.write_text(f"def words(text):\n    return ['{prefix}', *text.split()]\n")
        # What stands beside a module that is in no package does not belong to it.
        found.append([opened("mytok:words"), opened("alone:words")])
    (first, alone), (second, same) = found
    assert (first[1], second[1]) == ("a", "aaa")
    assert first[0] != second[0]
    assert alone == same


def test_a_module_without_a_file_has_no_source() -> None:
    assert Tokeniser(function="builtins:len").fingerprint()["source"] == ""


def lines(text: str) -> list[str]:
    return [text, "", "\ud800"]


def first(text: str) -> list[str]:
    return [text.split()[0]]


def leaves(text: str) -> list[str]:
    raise SystemExit(text)


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
        # Not in Python, and so without a place.
        (
            "builtins:abs",
            "tokeniser 'builtins:abs' failed on the text 'x': TypeError: bad operand type for "
            f"abs(): 'str'; {ANY_TEXT}",
        ),
    ],
)
def test_a_wrong_function_is_refused(function: str, message: str) -> None:
    with pytest.raises(UserError) as caught:
        Tokeniser(function=function)("x")
    assert str(caught.value) == message


def test_a_function_that_fails_is_named_with_the_text_and_the_place() -> None:
    place = f"test_tokenise.py, line {first.__code__.co_firstlineno + 1}"
    with pytest.raises(UserError) as caught:
        Tokeniser(function=f"{__name__}:first")("")
    assert str(caught.value) == (
        f"tokeniser '{__name__}:first' failed on the text '': IndexError: list index out of range "
        f"({place}); {ANY_TEXT}"
    )
    with pytest.raises(UserError, match=rf"failed on the text '{'x' * 39}…': SystemExit: xxx"):
        Tokeniser(function=f"{__name__}:leaves")("x" * 99)


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero (broken_words.py, line 1)"),
        ("raise SystemExit(3)", "SystemExit: 3 (broken_words.py, line 1)"),
    ],
)
def test_a_module_that_cannot_be_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, problem: str
) -> None:
    (tmp_path / "broken_words.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    broken = Tokeniser(function="broken_words:f")
    for use in (broken.fingerprint, lambda: broken("x")):
        with pytest.raises(UserError) as caught:
            use()
        assert str(caught.value) == (
            f"tokeniser 'broken_words:f' cannot be loaded: {problem}; correct its module"
        )


def test_the_source_of_a_function_that_is_not_found() -> None:
    with pytest.raises(UserError, match="tokeniser 'nowhere:f' was not found"):
        Tokeniser(function="nowhere:f").fingerprint()


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
