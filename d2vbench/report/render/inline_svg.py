"""Figures inside a page: SVG that shares the page with others and obeys its security policy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"

# What Matplotlib draws with; the rest (metadata, style sheets, links) is left out with all in it.
_SHAPES = ("path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "image")
_TEXTS = ("text", "tspan")
_PAINTS = ("clipPath", "mask", "pattern", "linearGradient", "radialGradient", "stop")
_ELEMENTS = frozenset(("svg", "g", "defs", "use", *_SHAPES, *_TEXTS, *_PAINTS))
_DECLARATION = re.compile(r"\s*([a-z-]+)\s*:\s*([^;{}<>\\@]+?)\s*")
_OUTSIDE = re.compile(r"url\((?!\s*#)|://", re.IGNORECASE)
_REFERENCE = re.compile(r"url\(\s*#([^)\s]+)\s*\)")
_PICTURE = re.compile(r"data:image/(png|jpeg);base64,[A-Za-z0-9+/=\s]*")
# XML 1.0 has no place for these, and Matplotlib writes them as they come.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def without_controls(text: str) -> str:
    """Return text with a mark in place of what neither XML nor HTML can hold."""
    return _NO_XML.sub("\ufffd", text)


def _closed(value: str) -> bool:
    """Return whether nothing is left open in a style's value: it would swallow the next rules."""
    pairs = value.count("(") == value.count(")")
    return pairs and "/*" not in value and not any(value.count(q) % 2 for q in ("'", '"'))


class StyleClasses:
    """Style attributes turned into classes: one class for each different style.

    A page whose policy forbids styles within elements has one style sheet; its figures share it,
    which also makes them smaller.
    """

    def __init__(self, prefix: str = "s") -> None:
        self._prefix = prefix
        self._names: dict[str, str] = {}

    def name(self, style: str) -> str:
        """Return the class of a style attribute's text; empty for one that says nothing."""
        parts = [_DECLARATION.fullmatch(part) for part in style.split(";")]
        rules = ";".join(
            f"{part[1]}:{part[2]}"
            for part in parts
            if part and _closed(part[2]) and not _OUTSIDE.search(part[2])
        )
        if not rules:
            return ""
        return self._names.setdefault(rules, f"{self._prefix}{len(self._names)}")

    def rename(self, rules: str, ids: dict[str, str]) -> str:
        """Return rules whose references lead to the new ids."""
        return _REFERENCE.sub(lambda found: f"url(#{ids.get(found[1], found[1])})", rules)

    def sheet(self) -> str:
        """Return the style sheet of all classes so far."""
        return "".join(f".{name}{{{rules}}}\n" for rules, name in self._names.items())


def inline_svg(
    text: str, prefix: str, styles: StyleClasses, labelled_by: str, described_by: str = ""
) -> str:
    """Return the ``<svg>`` element of a figure, to stand in a page beside others.

    Parameters
    ----------
    text : str
        An SVG file as Matplotlib writes it.
    prefix : str
        Put before each id, so that clip paths and markers of two figures are not taken for each
        other's. Letters, digits and dashes.
    styles : StyleClasses
        Takes what stands in style attributes.
    labelled_by, described_by : str
        Ids of the elements of the page that name and describe the picture.

    Returns
    -------
    str
        With a ``viewBox``, so that it can be shown at any size, and ``width`` in pixels (CSS) of
        its own size. Elements and attributes that are not needed to draw are left out; nothing in
        it leads outside of the page.

    Raises
    ------
    ValueError
        If the text is not SVG.

    Notes
    -----
    Classes are one sheet for a page, so a reference in a style must hold the new id already.
    """
    try:
        root = ElementTree.fromstring(without_controls(text).encode("utf-8"))
    except ElementTree.ParseError as error:
        raise ValueError(f"not an SVG file: {error}") from None
    if root.tag != f"{{{_SVG}}}svg":
        raise ValueError(f"not an SVG file: expected an element svg, got {root.tag}")
    _prune(root)
    ids = _short_ids(root, prefix)
    for element in root.iter():
        _rewrite(element, ids, styles)
        element.tag = element.tag.removeprefix(f"{{{_SVG}}}")
    width = _pixels(root.get("width", ""))
    root.attrib = {
        "xmlns": _SVG,
        "viewBox": root.get("viewBox", ""),
        **({"width": f"{width:.0f}"} if width else {}),
        "role": "img",
        "aria-labelledby": labelled_by,
        **({"aria-describedby": described_by} if described_by else {}),
    }
    for element in root.iter():
        if element.text is not None and element.tag not in _TEXTS:
            element.text = None
        if element.tail is not None and element.tag != "tspan":
            element.tail = None
    return ElementTree.tostring(root, encoding="unicode")


def svg_width(svg: str) -> float:
    """Return the own width of an element that `inline_svg` made, in pixels; 0 if it has none."""
    found = re.match(r'<svg [^>]*?\bwidth="(\d+)"', svg)
    return float(found[1]) if found else 0.0


def _prune(element: ElementTree.Element) -> None:
    for child in list(element):
        if isinstance(child.tag, str) and child.tag.removeprefix(f"{{{_SVG}}}") in _ELEMENTS:
            _prune(child)
        elif child.tag == f"{{{_SVG}}}a":
            # The picture of a link without the link.
            child.tag = f"{{{_SVG}}}g"
            _prune(child)
        else:
            element.remove(child)


def _used(root: ElementTree.Element) -> Iterator[str]:
    for element in root.iter():
        for name, value in element.attrib.items():
            if name in ("href", f"{{{_XLINK}}}href") and value.startswith("#"):
                yield value[1:]
            yield from _REFERENCE.findall(value)


def _short_ids(root: ElementTree.Element, prefix: str) -> dict[str, str]:
    """Return new ids for those that something refers to; the others only take room."""
    used = set(_used(root))
    found = [e.get("id", "") for e in root.iter() if e.get("id") in used]
    return {old: f"{prefix}-{i}" for i, old in enumerate(dict.fromkeys(found))}


def _rewrite(element: ElementTree.Element, ids: dict[str, str], styles: StyleClasses) -> None:
    kept = {}
    for name, value in element.attrib.items():
        if name == "id":
            if value in ids:
                kept["id"] = ids[value]
        elif name == "style":
            if one := styles.name(styles.rename(value, ids)):
                kept["class"] = one
        elif name in ("href", f"{{{_XLINK}}}href"):
            if value.startswith("#"):
                kept["href"] = f"#{ids.get(value[1:], value[1:])}"
            elif _PICTURE.fullmatch(value):
                kept["href"] = value
        elif not name.startswith(("on", "{", "class")) and not _OUTSIDE.search(value):
            kept[name] = " ".join(styles.rename(value, ids).split())
    element.attrib = kept


def _pixels(length: str) -> float:
    found = re.fullmatch(r"\s*([0-9.]+)\s*(pt|px|in)?\s*", length)
    if not found:
        return 0.0
    return float(found[1]) * {"pt": 96 / 72, "in": 96.0}.get(found[2] or "px", 1.0)
