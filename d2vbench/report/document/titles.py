"""Names as people read them."""

from __future__ import annotations

import re
from collections.abc import Iterable
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
    >>> labels_title("tail-20")
    'a long tail of labels, 20 to 1'
    """
    number = "".join(filter(str.isdigit, labels))
    if labels.startswith("tail"):
        return f"a long tail of labels, {number} to 1"
    text = f"{number} labels a class" if number else "all labels"
    return f"{text} of all of D" if labels.startswith("whole") else text


_DIAL = re.compile(r"synthetic(?:-(\d+))?")
# The dial of the pair that has no number in its name.
_PLAIN_DIAL = 25


def dial_of(pair: str) -> float | None:
    """Return the share of shifted senses of a synthetic pair, in per cent; None for another pair.

    Examples
    --------
    >>> dial_of("synthetic-75"), dial_of("synthetic"), dial_of("docstrings-scipy")
    (75.0, 25.0, None)
    """
    match = _DIAL.fullmatch(pair)
    return float(match[1] or _PLAIN_DIAL) if match else None


def pairs_text(pairs: Iterable[str]) -> str:
    """Return how many pairs there are; the dials of a made one do not make it several.

    Examples
    --------
    >>> pairs_text(["p", "q"]), pairs_text(["p", "synthetic", "synthetic-75"])
    ('2 pairs', '2 pairs, one in 2 forms')
    >>> pairs_text(["synthetic-0", "synthetic-75"])
    '1 pair in 2 forms'
    """
    names = set(pairs)
    dials = sum(dial_of(name) is not None for name in names)
    n = count_pairs(names)
    text = f"{n} pair{'' if n == 1 else 's'}"
    if dials < 2:
        return text
    return f"{text}{', one' if n > 1 else ''} in {dials} forms"


def count_pairs(pairs: Iterable[str]) -> int:
    """Return how many pairs there are, a made one at several dials taken for one."""
    names = set(pairs)
    return len(names) - max(sum(dial_of(name) is not None for name in names) - 1, 0)
