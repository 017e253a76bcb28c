"""Amounts in words, for people."""

from __future__ import annotations


def time_left(seconds: float) -> str:
    """Return a duration for people.

    Examples
    --------
    >>> time_left(75), time_left(3700)
    ('1:15', '1:01:40')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def size_text(size: float) -> str:
    """Return a number of bytes for people.

    Examples
    --------
    >>> size_text(0), size_text(5 << 20), size_text(3.25 * (1 << 30))
    ('0 bytes', '5.0 MiB', '3.2 GiB')
    """
    for unit, name in ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
        if size >= unit:
            return f"{size / unit:.1f} {name}"
    return f"{size:.0f} bytes"
