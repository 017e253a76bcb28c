"""Names with arguments: ``sequential(4)``, ``replay(4, 0.1)``, ``domain-only(budget)``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from d2vbench.errors import UsageError, check_name

_FORM = re.compile(r"([a-z][a-z0-9_-]*)(?:\(([^()]*)\))?")


def parse_name(text: str, kind: str, valid: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """Split a name from its arguments.

    Parameters
    ----------
    text : str
        ``NAME``, ``NAME(VALUE)`` or ``NAME(VALUE, VALUE)``.
    kind : str
        What it names, for the error.
    valid : mapping
        The catalogue; its keys are the names.

    Returns
    -------
    name : str
        A key of ``valid``.
    arguments : tuple of str
        What stands in the parentheses, cut at the commas and stripped; empty without parentheses.

    Raises
    ------
    UsageError
        For another form or an unknown name.

    Examples
    --------
    >>> parse_name("replay(4, 0.1)", "strategy", {"replay": None})
    ('replay', ('4', '0.1'))
    """
    match = _FORM.fullmatch(text.strip())
    if not match:
        raise UsageError(f"a {kind} is written NAME or NAME(VALUE), got {text!r}")
    check_name(kind, match[1], valid)
    if match[2] is None:
        return match[1], ()
    return match[1], tuple(part.strip() for part in match[2].split(","))
