"""The exceptions that a user can cause and fix."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class UserError(Exception):
    """Something the caller can fix; its text says what, where and how.

    Caught once, in ``d2vbench.cli.main``, which prints the text without a traceback and exits
    with status 1.
    """


class UsageError(UserError):
    """A wrong name or value in the request itself: exit status 2."""


class ArgumentError(UsageError, ValueError):
    """A wrong argument of a public function: also a `ValueError`, as Python's callers expect."""


class ArgumentTypeError(ArgumentError, TypeError):
    """An argument of a wrong type: also a `TypeError`."""


def _keyword(name: str, value: str | None = None) -> str:
    return name if value is None else f"{name}={value!r}"


_spelling: ContextVar[Callable[[str, str | None], str]] = ContextVar("spelling", default=_keyword)


def option(name: str, value: str | None = None) -> str:
    """Return what the caller calls an option, for a message.

    Parameters
    ----------
    name : str
        The keyword of `d2vbench.run`.
    value : str, optional
        A value to show with it.

    Returns
    -------
    str
        As a keyword of Python, unless `spelled` says otherwise.

    Examples
    --------
    >>> option("time_limit"), option("encoding", "cp1252")
    ('time_limit', "encoding='cp1252'")
    """
    return _spelling.get()(name, value)


@contextmanager
def spelled(spelling: Callable[[str, str | None], str]) -> Iterator[None]:
    """Have `option` spell options in another way within: the command line has dashes."""
    token = _spelling.set(spelling)
    try:
        yield
    finally:
        _spelling.reset(token)


@contextmanager
def as_argument_errors(kind: type[UserError] = UsageError) -> Iterator[None]:
    """Raise errors of a kind as `ArgumentError`, with the same text.

    Parameters
    ----------
    kind : type
        `UsageError`; or `UserError` where all that can go wrong is due to the arguments.
    """
    try:
        yield
    except ArgumentError:
        raise
    except kind as error:
        raise ArgumentError(str(error)) from error


def unknown_name(kind: str, name: str, valid: Iterable[str]) -> UsageError:
    """Return the error for a name that is not in a catalogue, with the nearest match.

    Parameters
    ----------
    kind : str
        What was looked up, singular: ``"pair"``, ``"strategy"``.
    name : str
        The name that was not found.
    valid : iterable of str
        The names there are.

    Returns
    -------
    UsageError
        To be raised by the caller.

    Examples
    --------
    >>> str(unknown_name("pair", "syntetic", ["docstrings-scipy", "synthetic"]))
    "unknown pair 'syntetic': did you mean 'synthetic'? (valid: docstrings-scipy, synthetic)"
    """
    names = sorted(valid)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return UsageError(f"unknown {kind} {name!r:.200}: {hint}(valid: {', '.join(names)})")


def check_name(kind: str, name: str, valid: Iterable[str]) -> None:
    """Raise `unknown_name` unless a name is one of those there are."""
    names = list(valid)
    if name not in names:
        raise unknown_name(kind, name, names)
