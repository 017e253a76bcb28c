"""Texts that the default tokeniser cannot split: told by their script, before they are encoded."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from d2vbench.errors import option

# Letters in a row, weighted by length, above which they are no words: words of these scripts that
# somebody has put blanks between have two or three letters, in Thai five or so.
_LONGEST = {"Han": 6, "Hiragana": 6, "Katakana": 8, "Thai": 12, "Lao": 12, "Khmer": 12,
            "Myanmar": 12}  # fmt: skip
_SHARE = 0.5
# Of Japanese text, at least.
_KANA = 0.1
# Marks among letters, above which words are cut to pieces. Hindi has a third, French hardly any.
_MARKS = 0.15
_LEAST_LETTERS = 20
_TOKENISERS = {
    "Chinese": "jieba:lcut",
    "Japanese": "nagisa:wakati",
    "Thai": "pythainlp:word_tokenize",
}


class _Seen(NamedTuple):
    letters: int
    runs: Counter[str]
    squares: Counter[str]
    marks: int


def unsplittable(texts: Iterable[str]) -> str:
    """Return why gensim's ``simple_preprocess`` would find no words in texts, and what would.

    Parameters
    ----------
    texts : iterable of str
        Some of a corpus.

    Returns
    -------
    str
        The end of a message, after the name of a file; empty where it would find words.
    """
    text = "\n".join(texts)
    found = _look(text)
    if found.letters < _LEAST_LETTERS:
        return ""
    share = {name: n / found.letters for name, n in found.runs.items()}
    if sum(share.values()) > _SHARE:
        main = max(share, key=lambda name: share[name])
        if found.squares[main] / found.runs[main] > _LONGEST[main]:
            return _without_blanks(main, share)
    if found.marks / (found.letters + found.marks) > _MARKS:
        return (
            f"the texts are in {_script(text)} script with vowels or accents as marks of their "
            f"own, at which simple_preprocess cuts words apart: give "
            f"{option('tokenizer', 'letters')}, which keeps words whole"
        )
    return ""


def _look(text: str) -> _Seen:
    import regex

    runs: Counter[str] = Counter()
    squares: Counter[str] = Counter()
    for script in _LONGEST:
        # A run ends where simple_preprocess would end it: at what is no letter of any script.
        for run in regex.findall(rf"\p{{Script={script}}}+", text):
            runs[script] += len(run)
    for run in regex.findall(r"[\p{L}\p{M}]+", text):
        for script in runs:
            inside = len(regex.findall(rf"\p{{Script={script}}}", run))
            squares[script] += inside * len(run)
    letters = len(regex.findall(r"\p{L}", text))
    marks = len(regex.findall(r"\p{M}", text))
    return _Seen(letters, runs, squares, marks)


def _without_blanks(main: str, share: dict[str, float]) -> str:
    kana = share.get("Hiragana", 0.0) + share.get("Katakana", 0.0)
    language = main
    if main in ("Han", "Hiragana", "Katakana"):
        language = "Japanese" if kana > _KANA else "Chinese"
    script = {"Chinese": "Chinese characters", "Japanese": "Japanese script"}
    shown = script.get(language, f"{language} script")
    pieces = option("tokenizer", "characters-2")
    own = _TOKENISERS.get(language)
    advice = f"{option('tokenizer', own)} (pip install {own.partition(':')[0]})" if own else (
        f"a function of yours as {option('tokenizer')}"
    )  # fmt: skip
    return (
        f"the texts are in {shown}, without blanks between words, so that simple_preprocess takes "
        f"whole clauses for words: give a tokeniser that splits them, such as {advice}, or "
        f"{pieces}, which needs nothing"
    )


def _script(text: str) -> str:
    """Return the script of most letters, as their Unicode names begin."""
    names = Counter(unicodedata.name(c, "?").split()[0] for c in text if c.isalpha())
    return names.most_common(1)[0][0].title()
