"""From text to words."""

from __future__ import annotations

import functools
import importlib
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from d2vbench.corpora.store.documents import shown
from d2vbench.errors import UserError
from d2vbench.keys import digest_files, python_sources
from d2vbench.plugins import describe

# Runs of letters, marks and underscores: what gensim's PAT_ALPHABETIC finds.
_WORD = re.compile(r"[^\W\d]+")

#: Raised when words are split otherwise.
VERSION = 1


def _normal(text: str) -> str:
    return unicodedata.normalize("NFC", text).lower()


def letters(text: str) -> list[str]:
    """Split at all but letters and the marks on them, in any script; lower-case.

    Parameters
    ----------
    text : str
        Any text; composed and decomposed letters are the same.

    Returns
    -------
    list of str
        Words of one letter or more. Unlike gensim's, which cuts a word at each mark.

    Examples
    --------
    >>> letters("Größe: 3 हिन्दी 언어")
    ['größe', 'हिन्दी', '언어']
    """
    return _letters().findall(_normal(text))


def characters(text: str, n: int) -> list[str]:
    """Split runs of letters and digits into overlapping pieces of n characters; lower-case.

    Parameters
    ----------
    text : str
        Any text.
    n : int
        Characters as readers see them, marks included. A shorter run is one piece.

    Returns
    -------
    list of str
        For scripts without blanks between words (n = 2), or against spelling variants (n = 4).

    Examples
    --------
    >>> characters("我爱北京。Ja!", 2)
    ['我爱', '爱北', '北京', 'ja']
    """
    whole, one = _runs()
    found = []
    for run in whole.findall(_normal(text)):
        seen = one.findall(run)
        found += ["".join(seen[i : i + n]) for i in range(max(len(seen) - n + 1, 1))]
    return found


# regex takes longer to import than a text that needs it is common.
@functools.cache
def _letters() -> Any:
    import regex

    # Between letters, Persian and Indic scripts have joiners that are no letters.
    return regex.compile(r"\p{L}[\p{L}\p{M}\u200c\u200d]*")


@functools.cache
def _runs() -> tuple[Any, Any]:
    import regex

    return regex.compile(r"[\p{L}\p{N}][\p{L}\p{M}\p{N}\u200c\u200d]*"), regex.compile(r"\X")


#: Functions of d2vbench that a name without a module calls. Their identity is `VERSION`.
BUILT_IN: dict[str, Callable[[str], list[str]]] = {
    "whitespace": str.split,
    "letters": letters,
    **{f"characters-{n}": functools.partial(characters, n=n) for n in (1, 2, 3, 4)},
    "lines": lambda text: text.split("\n"),
}


@dataclass(frozen=True)
class Tokeniser:
    """Splits a text into words; the default is gensim's ``simple_preprocess``.

    Attributes
    ----------
    lower : bool
        Whether to lower-case the text first.
    min_length, max_length : int
        Words outside these lengths are dropped, and so are words that begin with an underscore.
    function : str
        A name in `BUILT_IN`, or a function of one's own, as ``package.module:name``: from a text
        to a list of words. Where it is given, the other settings do not apply.

    Examples
    --------
    >>> Tokeniser()("The Fourier transform, x_1 = F(y).")
    ['the', 'fourier', 'transform', 'x_']
    >>> Tokeniser(lower=False, min_length=1)("x = F(y)")
    ['x', 'F', 'y']
    """

    lower: bool = True
    min_length: int = 2
    max_length: int = 15
    function: str = ""

    def __post_init__(self) -> None:
        """Refuse lengths that leave no word."""
        if not 1 <= self.min_length <= self.max_length:
            raise UserError(
                "tokeniser: expected 1 <= min_length <= max_length, got "
                f"{self.min_length} and {self.max_length}"
            )

    def __call__(self, text: str) -> list[str]:
        """Return the words of a text, in order.

        Parameters
        ----------
        text : str
            Any text.

        Returns
        -------
        list of str
            Without line breaks in a word.

        Raises
        ------
        UserError
            If a function of one's own cannot be found, fails or returns no list of words.
        """
        if self.function:
            return _own_words(self.function, text)
        least, most = self.min_length, self.max_length
        found = _WORD.findall(text.lower() if self.lower else text)
        return [word for word in found if least <= len(word) <= most and word[0] != "_"]

    def fingerprint(self) -> dict[str, Any]:
        """Return JSON that, with `VERSION`, changes whenever the words would.

        A function of one's own is known by the files that `python_sources` names.

        Raises
        ------
        UserError
            If it cannot be found.
        """
        source = ""
        if self.function and self.function not in BUILT_IN:
            _own(self.function)
            files = python_sources(importlib.import_module(self.function.partition(":")[0]))
            source = digest_files(files) if files else ""
        return asdict(self) | {"source": source}


def join_words(words: Iterable[str]) -> str:
    """Return words as a text that the tokeniser ``lines`` splits again."""
    return "\n".join(" ".join(word.splitlines()) for word in words)


@functools.lru_cache(maxsize=8)
def _own(name: str) -> Callable[[str], Any]:
    if name in BUILT_IN:
        return BUILT_IN[name]
    module, colon, attribute = name.partition(":")
    try:
        if not colon:
            raise ImportError("no colon")
        function = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise UserError(
            f"tokeniser {name!r} was not found ({error}): expected {', '.join(BUILT_IN)}, or "
            "package.module:function, importable from where d2vbench runs"
        ) from None
    except (Exception, SystemExit) as error:
        raise UserError(
            f"tokeniser {name!r} cannot be loaded: {describe(error, __file__)}; correct its module"
        ) from error
    if not callable(function):
        raise UserError(f"tokeniser {name!r} is a {type(function).__name__}, not a function")
    return function


def _own_words(name: str, text: str) -> list[str]:
    function = _own(name)
    try:
        words = function(text)
    except (Exception, SystemExit) as error:
        raise UserError(
            f"tokeniser {name!r} failed on the text {shown(text)!r}: {describe(error, __file__)}; "
            "it must return a list of str for any text, also for an empty one"
        ) from error
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise UserError(f"tokeniser {name!r}: expected a list of str, got {words!r:.80}")
    # A word is a line of UTF-8 in the lexicon.
    return [
        " ".join(word.splitlines()).encode("utf-8", "replace").decode("utf-8")
        for word in words
        if word
    ]
