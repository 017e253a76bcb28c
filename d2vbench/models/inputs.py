"""Documents and tokenizers as people pass them, made into texts that the store can encode."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from d2vbench.arguments import flag, whole_number
from d2vbench.corpora.store.tokenise import BUILT_IN, Tokeniser, join_words
from d2vbench.errors import ArgumentError, ArgumentTypeError, UsageError, UserError

#: The tokenizer where none is named: gensim's, with `lowercase`, `min_length` and `max_length`.
DEFAULT_TOKENIZER = "simple_preprocess"
_WORDS = Tokeniser(function="lines")


@dataclass(frozen=True)
class DocumentReader:
    """Turns documents into texts.

    Attributes
    ----------
    tokenizer : Tokeniser
        Splits the texts that are returned.
    takes_words : bool
        Whether documents are lists of words.
    function : callable or None
        A tokenizer that other processes cannot import: it is applied here, and the texts that are
        returned are its words, one a line.
    """

    tokenizer: Tokeniser
    takes_words: bool = False
    function: Callable[[str], Any] | None = None

    def texts(self, value: Any, name: str) -> list[str]:
        """Return documents as texts.

        Parameters
        ----------
        value : iterable
            Of str; or of lists of str, where documents are lists of words. A list, a pandas or
            NumPy column, an Arrow array, a generator.
        name : str
            Of the argument, for the message.

        Returns
        -------
        list of str
            In the same order.

        Raises
        ------
        ArgumentError
            For anything else; a wrong type is an `ArgumentTypeError`.
        """
        documents = listed(value, name, "token lists" if self.takes_words else "texts")
        if self.takes_words:
            return [_joined(words, name, i) for i, words in enumerate(documents)]
        for i, text in enumerate(documents):
            if not isinstance(text, str):
                advice = ""
                if isinstance(text, (list, tuple)):
                    advice = "; lists of tokens are taken with tokenizer=None"
                raise ArgumentTypeError(
                    f"{name}: expected texts, got {type(text).__name__} at position {i}: "
                    f"{text!r:.40}{advice}"
                )
        return [self._words(text) for text in documents] if self.function else documents

    def _words(self, text: str) -> str:
        assert self.function
        words = self.function(text)
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise ArgumentTypeError(
                f"tokenizer: expected it to return a list of str, got {words!r:.80}"
            )
        return join_words(words)


def document_reader(
    tokenizer: Any = DEFAULT_TOKENIZER,
    lowercase: Any = True,
    min_length: Any = Tokeniser.min_length,
    max_length: Any = Tokeniser.max_length,
) -> DocumentReader:
    """Return what reads documents for a tokenizer.

    Parameters
    ----------
    tokenizer : str, callable or None
        ``"simple_preprocess"``; a function from a text to a list of words, or its name as
        ``"package.module:function"``; None: documents are lists of words.
    lowercase : bool
        Whether to lower-case; of ``"simple_preprocess"``, as are the next.
    min_length, max_length : int
        Words of fewer or more letters are dropped.

    Returns
    -------
    DocumentReader
        Of a function that can be imported under its name, as of the name.

    Raises
    ------
    ArgumentError
        If there is no such function.
    """
    if tokenizer is None:
        return DocumentReader(_WORDS, takes_words=True)
    if tokenizer == DEFAULT_TOKENIZER:
        return DocumentReader(
            Tokeniser(
                flag("lowercase", lowercase),
                whole_number("min_length", min_length),
                whole_number("max_length", max_length),
            )
        )
    if isinstance(tokenizer, str):
        return DocumentReader(own_tokenizer(tokenizer, "tokenizer"))
    if not callable(tokenizer):
        raise ArgumentTypeError(
            f"tokenizer: expected a function, 'package.module:function', {DEFAULT_TOKENIZER!r} or "
            f"None, got {tokenizer!r:.60}"
        )
    name = importable_name(tokenizer)
    if name:
        return DocumentReader(Tokeniser(function=name))
    return DocumentReader(_WORDS, function=tokenizer)


def importable_name(function: Callable[..., Any]) -> str:
    """Return the name by which another process finds the same function, or an empty text."""
    for name, built_in in BUILT_IN.items():
        if built_in is function:
            return name
    module = getattr(function, "__module__", None) or ""
    name = getattr(function, "__name__", "")
    if module in ("", "__main__") or not name:
        return ""
    try:
        found = getattr(importlib.import_module(module), name, None)
    except ImportError:
        return ""
    return f"{module}:{name}" if found is function else ""


def own_tokenizer(name: str, option: str) -> Tokeniser:
    """Return the tokenizer that a function of a person's own makes, tried on a short text.

    Parameters
    ----------
    name : str
        ``package.module:function``.
    option : str
        What to call it in the message.

    Returns
    -------
    Tokeniser
        To be used in any process.

    Raises
    ------
    UsageError
        If it cannot be found, or fails.
    """
    # As for `python -m`: a module in the folder that one stands in can be named.
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.append(here)
    tokenizer = Tokeniser(function=name)
    try:
        tokenizer("A text to try it on.")
    except UserError as error:
        raise UsageError(f"{option}: {error}") from None
    return tokenizer


def listed(value: Any, name: str, what: str) -> list[Any]:
    """Return the elements of a one-dimensional argument, or raise an `ArgumentError`."""
    expected = f"{name}: expected a list of {what}, got"
    if isinstance(value, str):
        raise ArgumentTypeError(f"{expected} one string")
    # A table or a matrix would be gone through by its columns or rows.
    shape = getattr(value, "shape", None)
    if shape is not None and len(shape) != 1:
        raise ArgumentError(
            f"{name}: expected one-dimensional {what}, got {type(value).__name__} of shape "
            f"{tuple(shape)}: choose the column of the {what}"
        )
    # Arrow's own scalars are no str.
    if type(value).__module__.startswith("pyarrow") and hasattr(value, "to_pylist"):
        return list(value.to_pylist())
    # Sets have no order, and of a mapping the keys would be taken.
    if isinstance(value, (bytes, bytearray, memoryview, Mapping, Set)):
        raise ArgumentTypeError(f"{expected} {type(value).__name__}")
    try:
        return list(value)
    except TypeError:
        shown = "None" if value is None else type(value).__name__
        raise ArgumentTypeError(f"{expected} {shown}") from None


def _joined(words: Any, name: str, position: int) -> str:
    if isinstance(words, str):
        raise ArgumentTypeError(
            f"{name}: expected lists of tokens, got a text at position {position}: {words!r:.40}; "
            f"texts are taken with tokenizer={DEFAULT_TOKENIZER!r}"
        )
    tokens = listed(words, f"{name} at position {position}", "tokens")
    for word in tokens:
        if not isinstance(word, str):
            raise ArgumentTypeError(
                f"{name}: expected tokens of type str, got {type(word).__name__} at position "
                f"{position}: {word!r:.40}"
            )
    return join_words(tokens)
