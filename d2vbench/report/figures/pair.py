"""A pair as a picture: document lengths, classes, and the words that tell its sides apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from d2vbench.corpora.pairs.describe import PairDescription
from d2vbench.corpora.store.documents import shown
from d2vbench.report.drawing.canvas import (
    BODY,
    MARGIN,
    SMALL,
    WIDTHS,
    KeyItem,
    Sheet,
    draw_key,
    key_height,
    line_height,
    new_sheet,
    set_y_ticks,
    shortened,
    text_width,
    tick_text,
    widest,
    wrapped,
)
from d2vbench.report.drawing.rows import set_x_ticks
from d2vbench.report.drawing.style import STYLE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

GENERIC_COLOUR = "#7F7F7F"
DOMAIN_COLOUR = "#0072B2"
TEST_COLOUR = "#9ECAE1"
_MOST_CLASSES = 30
_PITCH = 0.125
_GAP = 0.2
_MOST_NAMES = 1.4


def pair_figure(
    description: PairDescription, *, columns: int = 2
) -> tuple[Figure, dict[str, pd.DataFrame]]:
    """Draw a pair.

    Parameters
    ----------
    description : PairDescription
        From `describe_pair`.
    columns : int
        1 or 2: 89 mm wide with panels below each other, or 183 mm with panels side by side.

    Returns
    -------
    figure : matplotlib.figure.Figure
        Three panels.
    drawn : dict of str to pandas.DataFrame
        ``lengths`` (edge, generic, domain: share of documents in each bin), ``classes`` (name,
        train, test), ``words`` (word, generic, domain: per thousand words).
    """
    import matplotlib as mpl

    classes = pd.DataFrame(description.classes[:_MOST_CLASSES], columns=["name", "train", "test"])
    classes["name"] = classes["name"].map(shown)
    words = pd.DataFrame(
        {
            "word": [shown(t.word) for t in description.typical],
            "generic": [1000 * t.generic_share for t in description.typical],
            "domain": [1000 * t.domain_share for t in description.typical],
        }
    )
    lengths = _length_bins(description)
    more = len(description.classes) - len(classes)
    largest = f" (the largest {len(classes)} of {len(description.classes)})" if more else ""
    width = WIDTHS[columns]
    each = (width - 2 * MARGIN - 2 * _GAP) / 3 if columns == 2 else width - 2 * MARGIN
    titles = [
        wrapped(title, SMALL, each, bold=True)
        for title in ("Document lengths", f"Classes of D{largest}", "Words that tell them apart")
    ]
    bodies = [len(classes) * _PITCH, len(words) * _PITCH]
    bodies = [min(max(1.2, *bodies), 1.8) if columns == 2 else 1.2, *bodies]
    keys = [
        _key(("G", GENERIC_COLOUR, "-"), ("D-train", DOMAIN_COLOUR, (0, (4, 1)))),
        _key(("train", DOMAIN_COLOUR, ""), ("test", TEST_COLOUR, "")),
        _key(("in G", GENERIC_COLOUR, "s"), ("in D-train", DOMAIN_COLOUR, "o")),
    ]
    foot = 0.17 + line_height(BODY)
    heads = [len(t) * line_height(SMALL) + key_height(k, each) + 0.04
             for t, k in zip(titles, keys, strict=True)]  # fmt: skip
    below = sum(heads) + sum(bodies) + 3 * foot + 2 * 0.12
    if columns == 2:
        heads = [max(heads)] * 3
        below = heads[0] + max(bodies) + foot
    with mpl.rc_context(STYLE):
        sheet, y = new_sheet(columns, below, _heading(description))
        x = MARGIN
        for i, draw in enumerate((_draw_lengths, _draw_classes, _draw_words)):
            sheet.lines(x, y, titles[i], SMALL, fontweight="bold")
            draw_key(sheet, x, y + len(titles[i]) * line_height(SMALL) + 0.02, keys[i], each)
            place = (x, y + heads[i], each, bodies[i])
            draw(sheet, place, (lengths, classes, words)[i])
            if columns == 2:
                x += each + _GAP
            else:
                y += heads[i] + bodies[i] + foot + 0.12
    return sheet.figure, {"lengths": lengths, "classes": classes, "words": words}


def _heading(description: PairDescription) -> str:
    generic, train = description.sides["generic"], description.sides["train"]
    return (
        f"{shown(description.name, 80)}: {generic.words:,} generic words, "
        f"{train.words:,} domain words; "
        f"Jensen-Shannon divergence {description.divergence:.2f} bits, "
        f"{description.out_of_vocabulary:.1%} of the domain's words unknown to G"
    )


def _key(*entries: tuple[str, str, Any]) -> list[KeyItem]:
    items = []
    for text, colour, kind in entries:
        if kind == "":
            items.append(KeyItem(text, {"fc": colour}, patch=True))
        elif kind in ("o", "s"):
            items.append(KeyItem(text, {"color": colour, "marker": kind, "ms": 3.8}))
        else:
            items.append(KeyItem(text, {"color": colour, "ls": kind, "lw": 1.3}))
    return items


def _length_bins(description: PairDescription) -> pd.DataFrame:
    sides = {"generic": description.sides["generic"], "domain": description.sides["train"]}
    longest = max(int(side.lengths.max(initial=1)) for side in sides.values())
    # Words are counted in whole numbers: bins narrower than one would be combs.
    edges = np.unique(np.round(np.geomspace(1, longest + 1, 40)))
    shares = {
        name: np.histogram(np.maximum(side.lengths, 1), edges)[0] / max(side.documents, 1)
        for name, side in sides.items()
    }
    return pd.DataFrame({"edge": edges[:-1], "next": edges[1:], **shares})


Place = tuple[float, float, float, float]


def _label(sheet: Sheet, place: Place, left: float, text: str) -> None:
    x, y, wide, tall = place
    sheet.write(x + left + (wide - left) / 2, y + tall + 0.17, text, BODY, ha="center")


def _draw_lengths(sheet: Sheet, place: Place, lengths: pd.DataFrame) -> None:
    x, y, wide, tall = place
    left = 0.36
    axes = sheet.axes(x + left, y, wide - left, tall)
    edges = [*lengths["edge"], lengths["next"].iloc[-1]]
    for name, colour, line in (
        ("generic", GENERIC_COLOUR, "-"),
        ("domain", DOMAIN_COLOUR, (0, (4, 1))),
    ):
        axes.stairs(100 * lengths[name], edges, color=colour, lw=1.3, ls=line)
    axes.set_xscale("log")
    axes.set_xlim(edges[0], edges[-1])
    ticks = [10.0**n for n in range(int(np.log10(max(edges[-1], 1))) + 1)]
    # The text of the last must not stand out.
    per = (wide - left) / np.log(edges[-1] / edges[0])
    free = [per * np.log(edges[-1] / t) + 0.02 - text_width(f"{t:,.0f}", SMALL) / 2 for t in ticks]
    ticks = [t for t, room in zip(ticks, free, strict=True) if room >= 0]
    axes.set_xticks(ticks, [f"{t:,.0f}" for t in ticks])
    axes.minorticks_off()
    set_y_ticks(axes, 6, tick_text)
    axes.grid(True, axis="y")
    axes.tick_params(axis="y", length=0)
    sheet.upright(x, y + tall / 2, "documents (%)")
    _label(sheet, place, left, "words in a document")


def _rows(sheet: Sheet, place: Place, names: list[str], label: str) -> tuple[Any, Any, float]:
    """Return a panel with named rows, the first on top; their places; its width in inches."""
    x, y, wide, tall = place
    most = min(_MOST_NAMES, 0.55 * wide)
    texts = [shortened(name, SMALL, most) for name in names]
    left = min(widest(texts, SMALL), most) + 0.06
    axes = sheet.axes(x + left, y, wide - left, max(tall, 0.1))
    axes.set_ylim(-0.5, max(len(names), 1) - 0.5)
    axes.set_yticks([])
    for row, text in enumerate(texts):
        sheet.write(x + left - 0.05, y + (row + 0.5) * _PITCH, text, SMALL, ha="right",
                    va="center_baseline")  # fmt: skip
    _label(sheet, place, left, label)
    return axes, np.arange(len(names))[::-1], wide - left


def _draw_classes(sheet: Sheet, place: Place, classes: pd.DataFrame) -> None:
    highest = 1.05 * max(float((classes["train"] + classes["test"]).max()), 1.0)
    axes, at, wide = _rows(sheet, place, classes["name"].tolist(), "documents")
    axes.set_xlim(0, highest)
    set_x_ticks(axes, wide, "{:,g}".format)
    axes.barh(at, classes["train"], 0.7, color=DOMAIN_COLOUR)
    axes.barh(at, classes["test"], 0.7, left=classes["train"], color=TEST_COLOUR)


def _draw_words(sheet: Sheet, place: Place, words: pd.DataFrame) -> None:
    label = "occurrences per thousand words"
    if text_width(label, BODY) > place[2] - 0.6:
        label = "per thousand words"
    axes, at, wide = _rows(sheet, place, words["word"].tolist(), label)
    values = words[["generic", "domain"]].to_numpy(dtype=float)
    there = values[values > 0]
    low, high = (float(there.min()), float(there.max())) if there.size else (0.1, 1.0)
    # Logarithmic, with what does not occur at the left end.
    zero = low / 3
    axes.set_xscale("log")
    axes.set_xlim(zero / 1.3, high * 1.4)
    per = wide / np.log(high * 1.4 / (zero / 1.3))
    ticks = [10.0**n for n in range(-9, 4) if low <= 10.0**n <= high]
    step = max(1, int(np.ceil(0.4 / (per * np.log(10)))))
    ticks = ticks[::-step][::-1]
    texts = [f"{t:g}" for t in ticks]
    if (values == 0).any():
        ticks, texts = [zero, *(t for t in ticks if t > 2 * zero)], ["0", *texts]
    axes.set_xticks(ticks, texts[-len(ticks) :])
    axes.minorticks_off()
    shown = {name: np.maximum(words[name], zero) for name in ("generic", "domain")}
    axes.hlines(at, shown["generic"], shown["domain"], color="#BBBBBB", lw=1.0, zorder=1)
    for name, colour, marker in (("generic", GENERIC_COLOUR, "s"), ("domain", DOMAIN_COLOUR, "o")):
        axes.scatter(shown[name], at, 13, colour, marker=marker, zorder=2, clip_on=False)
