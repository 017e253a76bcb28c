"""Names as people read them."""

from __future__ import annotations

from typing import Any

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


def panel_title(pair: Any, fraction: Any, model: Any) -> str:
    """Return the title of a panel: as `group_title`, on two lines."""
    return f"{pair_title(str(pair), float(fraction))}\n{model_title(str(model))}"


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
