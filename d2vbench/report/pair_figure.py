"""A pair as a picture: document lengths, classes, and the words that tell its sides apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from d2vbench.corpora.describe import PairDescription
from d2vbench.corpora.shown import shown
from d2vbench.report.style import STYLE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

GENERIC_COLOUR = "#7F7F7F"
DOMAIN_COLOUR = "#0072B2"
TEST_COLOUR = "#9ECAE1"
_MOST_CLASSES = 30


def pair_figure(description: PairDescription) -> tuple[Figure, dict[str, pd.DataFrame]]:
    """Draw a pair.

    Parameters
    ----------
    description : PairDescription
        From `describe_pair`.

    Returns
    -------
    figure : matplotlib.figure.Figure
        Three panels.
    drawn : dict of str to pandas.DataFrame
        ``lengths`` (edge, generic, domain: share of documents in each bin), ``classes`` (name,
        train, test), ``words`` (word, generic, domain: per thousand words).
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

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
    rows = max(len(classes), len(words), 8)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(12, 1.7 + 0.21 * rows), layout="constrained")
        FigureCanvasAgg(figure)
        left, middle, right = figure.subplots(1, 3)
        _draw_lengths(left, lengths)
        _draw_classes(middle, classes, len(description.classes))
        _draw_words(right, words)
        generic, train = description.sides["generic"], description.sides["train"]
        figure.suptitle(
            f"{description.name}: {generic.words:,} generic words, {train.words:,} domain words; "
            f"Jensen-Shannon divergence {description.divergence:.2f} bits, "
            f"{description.out_of_vocabulary:.1%} of the domain's words unknown to G",
            x=0.01, ha="left", fontsize=10.5,
        )  # fmt: skip
    return figure, {"lengths": lengths, "classes": classes, "words": words}


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


def _draw_lengths(axes: Any, lengths: pd.DataFrame) -> None:
    edges = [*lengths["edge"], lengths["next"].iloc[-1]]
    for name, colour, label in (
        ("generic", GENERIC_COLOUR, "G"),
        ("domain", DOMAIN_COLOUR, "D-train"),
    ):
        axes.stairs(100 * lengths[name], edges, color=colour, lw=1.8, label=label)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(lambda x, _: f"{x:g}")
    axes.set_xlabel("words in a document")
    axes.set_ylabel("documents (%)")
    axes.set_title("Document lengths", loc="left", fontsize=10, fontweight="bold")
    axes.legend(frameon=False)


def _draw_classes(axes: Any, classes: pd.DataFrame, total: int) -> None:
    place = np.arange(len(classes))[::-1]
    axes.barh(place, classes["train"], 0.7, color=DOMAIN_COLOUR, label="train")
    axes.barh(place, classes["test"], 0.7, left=classes["train"], color=TEST_COLOUR, label="test")
    axes.set_yticks(place, classes["name"], parse_math=False)
    axes.tick_params(axis="y", length=0, labelsize=8)
    more = f" (the largest {len(classes)} of {total})" if total > len(classes) else ""
    axes.set_title(f"Classes of D{more}", loc="left", fontsize=10, fontweight="bold")
    axes.set_xlabel("documents")
    _legend_below(axes, len(classes))


def _draw_words(axes: Any, words: pd.DataFrame) -> None:
    place = np.arange(len(words))[::-1]
    axes.hlines(place, words["generic"], words["domain"], color="#BBBBBB", lw=1.2, zorder=1)
    axes.scatter(words["generic"], place, 20, GENERIC_COLOUR, label="in G", zorder=2)
    axes.scatter(words["domain"], place, 20, DOMAIN_COLOUR, label="in D-train", zorder=2)
    axes.set_yticks(place, words["word"], parse_math=False)
    axes.tick_params(axis="y", length=0, labelsize=8)
    axes.set_xlabel("occurrences per thousand words")
    axes.set_title("Words that tell them apart", loc="left", fontsize=10, fontweight="bold")
    _legend_below(axes, len(words))


def _legend_below(axes: Any, rows: int) -> None:
    """Draw the legend in one line under the last row, where it hides nothing."""
    inches = axes.figure.get_figheight() - 1.3
    legend = 0.3 / inches
    axes.set_ylim(-0.5 - legend / (1 - legend) * rows, rows - 0.5)
    axes.legend(frameon=False, loc="lower right", ncols=2, borderaxespad=0.1)
