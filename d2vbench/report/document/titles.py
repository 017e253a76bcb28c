"""Names as people read them, and the fixed colours of strategies."""

from __future__ import annotations

from d2vbench.analysis.contrasts.frame import BASELINE

# As `d2vbench.families.doc2vec.MODEL_TITLES`, which a report must do without; a test compares them.
MODEL_TITLES = {
    "dbow": "PV-DBOW",
    "dbow-words": "PV-DBOW with words",
    "dm-mean": "PV-DM (mean)",
    "dm-sum": "PV-DM (sum)",
    "dm-concat": "PV-DM (concatenation)",
    BASELINE: "baseline",
}

# Okabe and Ito (2008): told apart by colour-blind readers. Fixed by strategy, in every figure;
# strategies of one kind share a colour, and each has its row and its name.
_ONE_AFTER_THE_OTHER, _MIXED, _ORDER_CONTROL = "#009E73", "#D55E00", "#56B4E9"
COLOURS = {
    "domain-only": "#0072B2",
    "generic-only": "#7F7F7F",
    "combined": "#000000",
    "oversampled": _MIXED,
    "sequential": _ONE_AFTER_THE_OTHER,
    "reverse": _ORDER_CONTROL,
    "concatenated": _ORDER_CONTROL,
    "shuffled-once": _ORDER_CONTROL,
    "replay": _ONE_AFTER_THE_OTHER,
    "annealed": _MIXED,
    "mixed-finish": _MIXED,
    "selected": "#E69F00",
    "frozen": _ONE_AFTER_THE_OTHER,
    "ensemble": "#CC79A7",
}
OTHER_COLOUR = "#661100"


def model_title(model: str) -> str:
    """Return the usual name of a model."""
    return MODEL_TITLES.get(model, model)


def group_title(pair: str, fraction: float, model: str) -> str:
    """Return the heading of a comparison.

    Examples
    --------
    >>> group_title("synthetic", 0.25, "dbow")
    'synthetic (25 % of the domain), PV-DBOW'
    >>> group_title("synthetic", 1.0, "dbow")
    'synthetic, PV-DBOW'
    """
    return f"{pair_title(pair, fraction)}, {model_title(model)}"


def pair_title(pair: str, fraction: float) -> str:
    """Return a pair, in one line, with the share of D-train where that is not all of it."""
    name = " ".join(pair.split())
    return name if fraction == 1 else f"{name} ({fraction * 100:g} % of the domain)"


def labels_title(labels: str) -> str:
    """Return a label budget in words.

    Examples
    --------
    >>> labels_title("all"), labels_title("10")
    ('all labels', '10 labels a class')
    >>> labels_title("whole"), labels_title("whole-10")
    ('all labels of all of D', '10 labels a class of all of D')
    """
    number = "".join(filter(str.isdigit, labels))
    text = f"{number} labels a class" if number else "all labels"
    return f"{text} of all of D" if labels.startswith("whole") else text
