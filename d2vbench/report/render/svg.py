"""Drawings of Matplotlib, made smaller for a page that holds many."""

from __future__ import annotations

import re

_UNSEEN = re.compile(r"<metadata>.*?</metadata>|<!--.*?-->", re.DOTALL)
# Matplotlib escapes both signs in texts and attributes.
_TAG = re.compile(r"<[^<>]*>")
_BLANK = re.compile(r">\s+<")
_DECIMALS = re.compile(r"(?<![\w.#])(-?\d+\.\d\d)\d+")
_STYLE = re.compile(r' style="([^"]*)"')
_UNTURNED = re.compile(r' transform="rotate\(-?0 [-\d. ]*\)"')


def smaller_svg(svg: str) -> str:
    """Return the same drawing in fewer bytes.

    Parameters
    ----------
    svg : str
        As Matplotlib writes it.

    Returns
    -------
    str
        Without metadata and blanks between elements, places to a hundredth of a point, and each
        style once, as a class. Attributes are in single quotes, so that a page holds them as they
        are.
    """
    classes: dict[str, str] = {}

    def named(style: re.Match[str]) -> str:
        return f' class="{classes.setdefault(style[1], f"c{len(classes)}")}"'

    def shrunk(tag: re.Match[str]) -> str:
        text = " ".join(tag[0].split())
        found = _DECIMALS.sub(r"\1", _STYLE.sub(named, _UNTURNED.sub("", text)))
        return found if "'" in found else found.replace('"', "'")

    found = _BLANK.sub("><", _TAG.sub(shrunk, _UNSEEN.sub("", svg)))
    rules = "".join(f".{name}{{{style}}}" for style, name in classes.items())
    return found.replace("</style>", f"{rules}</style>", 1) if "</style>" in found else found
