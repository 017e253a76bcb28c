"""Numbers as people read them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable

from d2vbench.analysis import Interval, Skipped

# Reasons that a line names before it counts the others.
_REASONS = 3


def percent(value: float) -> str:
    """Return a share in per cent with one decimal.

    Examples
    --------
    >>> percent(0.7503)
    '75.0'
    """
    return f"{value * 100:.1f}"


def accuracy_text(interval: Interval) -> str:
    """Return an accuracy in per cent, with its interval where it has one.

    Examples
    --------
    >>> accuracy_text(Interval(0.8123, 0.79, 0.84, 0.0))
    '81.2 % [79.0, 84.0]'
    >>> accuracy_text(Interval(0.8123, math.nan, math.nan, math.nan))
    '81.2 %'
    """
    return _with_ends(f"{percent(interval.estimate)} %", interval, percent)


def points(value: float) -> str:
    """Return a difference in percentage points, signed, with one decimal.

    Examples
    --------
    >>> points(-0.0513), points(0.0)
    ('-5.1', '+0.0')
    """
    return f"{value * 100:+.1f}"


def share_text(share: float) -> str:
    """Return a share in whole per cent.

    Examples
    --------
    >>> share_text(0.559)
    '56 %'
    """
    return f"{100 * share:.0f} %"


def times_text(times: float) -> str:
    """Return how many times as much, in two digits or whole.

    Examples
    --------
    >>> times_text(0.057), times_text(17.2), times_text(187.6)
    ('0.057', '17', '188')
    """
    return f"{times:.2g}" if times < 100 else f"{times:,.0f}"


def interval_text(interval: Interval, unit: str = "accuracy") -> str:
    """Return an estimate with its interval, as people read it.

    Parameters
    ----------
    interval : Interval
        NaN ends where there is none.
    unit : str
        "accuracy": a difference, in points; "cosine": a difference; "lost", "per cent", "ratio" or
        "share".

    Examples
    --------
    >>> interval_text(Interval(0.031, -0.004, 0.068, 0.06))
    '+3.1 [-0.4, +6.8]'
    >>> interval_text(Interval(1.444, 0.7, 2.05, 0.2), "ratio")
    '1.44 [0.70, 2.05]'
    >>> interval_text(Interval(1.0, math.nan, math.nan, math.nan), "share")
    '100 %'
    """
    form = _FORMS[unit]
    return _with_ends(form(interval.estimate), interval, form)


_FORMS: dict[str, Callable[[float], str]] = {
    "accuracy": points, "cosine": "{:+.3f}".format, "per cent": percent, "ratio": "{:.2f}".format,
    "share": share_text, "lost": "{:+.0%}".format,
}  # fmt: skip


def _with_ends(text: str, interval: Interval, form: Callable[[float], str]) -> str:
    if math.isnan(interval.low):
        return text
    return f"{text} [{form(interval.low)}, {form(interval.high)}]"


def p_text(p: float) -> str:
    """Return a p-value, empty where there is none.

    Examples
    --------
    >>> p_text(0.0761), p_text(0.0002), p_text(float("nan"))
    ('0.076', '<0.001', '')
    """
    if math.isnan(p):
        return ""
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def counted(n: int, what: str) -> str:
    """Return a number with its noun.

    Examples
    --------
    >>> counted(1, "pair"), counted(2, "pair")
    ('1 pair', '2 pairs')
    """
    return f"{n} {what}{'' if n == 1 else 's'}"


def skipped_line(skipped: Iterable[Skipped]) -> str:
    """Return what could not be looked at and why, in one line; empty where there is nothing."""
    counts = Counter(one.reason for one in skipped)
    if not counts:
        return ""
    # Of equally frequent reasons the first met.
    shown = [
        f"{reason} ({n} times)" if n > 1 else reason
        for reason, n in sorted(counts.items(), key=lambda item: -item[1])[:_REASONS]
    ]
    rest = sum(counts.values()) - sum(sorted(counts.values(), reverse=True)[:_REASONS])
    if rest:
        shown.append(f"and {rest} more")
    return f"Not compared: {'; '.join(shown)}."
