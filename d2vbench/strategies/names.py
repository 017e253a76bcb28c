"""Names with arguments: ``sequential(4)``, ``follow-up(0.005)``, ``domain-only(budget)``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from d2vbench.errors import UsageError, unknown_name

_FORM = re.compile(r"([a-z][a-z-]*)(?:\(([^()]*)\))?")


def parse_name(text: str, kind: str, valid: Mapping[str, Any]) -> tuple[str, str | None]:
    """Split a name from its argument.

    Parameters
    ----------
    text : str
        ``NAME`` or ``NAME(ARGUMENT)``.
    kind : str
        What it names, for the error.
    valid : mapping
        The catalogue; its keys are the names.

    Returns
    -------
    name : str
        A key of ``valid``.
    argument : str or None
        The text in parentheses, stripped.

    Raises
    ------
    UsageError
        For another form or an unknown name.

    Examples
    --------
    >>> parse_name("sequential(4)", "strategy", {"sequential": None})
    ('sequential', '4')
    """
    match = _FORM.fullmatch(text.strip())
    if not match:
        raise UsageError(f"a {kind} is written NAME or NAME(VALUE), got {text!r}")
    if match[1] not in valid:
        raise unknown_name(kind, match[1], valid)
    return match[1], match[2].strip() if match[2] is not None else None
