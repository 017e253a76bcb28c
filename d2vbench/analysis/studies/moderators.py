"""Why pairs differ: what generic text is worth on a pair, by properties of the pair."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from d2vbench.analysis.contrasts.frame import RunData
from d2vbench.analysis.contrasts.pair_corpora import pair_corpora
from d2vbench.analysis.contrasts.pair_means import pair_differences
from d2vbench.analysis.statistics.bootstrap import Interval
from d2vbench.analysis.statistics.meta_regression import MetaRegression, meta_regression

#: What is compared: D with G against D alone, which is presented as often.
WITH_G, ALONE = "oversampled({k})", "domain-only({k})"
_COPIES = ("4", "2", "8")


def _ratio(pair: Mapping[str, Any]) -> float:
    return math.log(pair["generic_words"] / pair["train_words"])


def _length(pair: Mapping[str, Any]) -> float:
    return math.log(pair["train_words"] / pair["train_documents"])


@dataclass(frozen=True)
class Property:
    """A property of a pair that may go along with what generic text is worth.

    Attributes
    ----------
    name, title : str
        For columns, and for people.
    of : callable
        From a pair's entry in the manifest to its value; a `KeyError` where it lacks something.
    logarithm : bool
        Whether the value is the natural logarithm of what the title says.
    """

    name: str
    title: str
    of: Callable[[Mapping[str, Any]], float]
    logarithm: bool = False


#: Entered all at once, in this order.
PROPERTIES = (
    Property("divergence", "Jensen-Shannon divergence (bits)", lambda pair: pair["divergence"]),
    Property(
        "out_of_vocabulary",
        "words of D that G lacks (share)",
        lambda pair: pair["out_of_vocabulary"],
    ),
    Property("ratio", "words of G for one of D", _ratio, logarithm=True),
    Property("length", "words of a document of D", _length, logarithm=True),
    Property("classes", "classes", lambda pair: math.log(len(pair["classes"])), logarithm=True),
)


@dataclass(frozen=True)
class PairPoint:
    """A pair with its difference and properties.

    Attributes
    ----------
    pair, generic, domain : str
        Its name and its corpora.
    difference : float
        Accuracy with G less that without, in [-1, 1]; mean over seeds.
    variance : float
        Its sampling variance.
    properties : dict of str to float
        By name.
    left_out : float
        The difference as predicted from the pairs that share no corpus with it; NaN for none.
    """

    pair: str
    generic: str
    domain: str
    difference: float
    variance: float
    properties: dict[str, float]
    left_out: float = math.nan


@dataclass(frozen=True)
class Moderators:
    """What goes along with the worth of generic text, with one model and label budget.

    Attributes
    ----------
    model, labels : str
        Where.
    first, second : str
        What is compared: titles of variants, with G and without.
    points : tuple of PairPoint
        One a pair.
    found : MetaRegression
        Of the differences on the properties.
    """

    model: str
    labels: str
    first: str
    second: str
    points: tuple[PairPoint, ...]
    found: MetaRegression

    def predict(self, pair: Mapping[str, Any], generic: str = "", domain: str = "") -> Interval:
        """Predict the difference on a pair by its entry in a manifest; see `MetaRegression`."""
        mine = {one.name: one.of(pair) for one in PROPERTIES}
        return self.found.predict(mine, generic, domain)


def moderators(data: RunData, model: str, labels: str) -> Moderators | str:
    """Regress what generic text is worth on properties of the pairs of a run.

    Parameters
    ----------
    data : RunData
        The run.
    model, labels : str
        Of Doc2Vec; the label budget.

    Returns
    -------
    Moderators or str
        Of all of D, over the pairs that have both variants for the k that most have, and all
        properties; or why there is none, in a sentence. Empty where nothing is compared at all.
    """
    contrasts = [(WITH_G.format(k=k), ALONE.format(k=k)) for k in _COPIES]
    found_by = pair_differences(data, contrasts, model, labels)
    (first, second), differences = max(found_by.items(), key=lambda one: len(one[1]))
    if not differences:
        return ""
    described, corpora = data.manifest.get("pairs", {}), pair_corpora(data)
    points = []
    for pair, (difference, variance, _) in differences.items():
        try:
            properties = {one.name: float(one.of(described[pair])) for one in PROPERTIES}
        except (KeyError, TypeError, ValueError, ZeroDivisionError):
            continue
        sides = corpora[pair]
        points.append(
            PairPoint(pair, sides.generic, sides.domain, difference, variance, properties)
        )
    try:
        found = _regressed(points)
    except ValueError as error:
        return f"Not regressed: {error}."
    told = tuple(
        PairPoint(**{**vars(point), "left_out": float(said)})
        for point, said in zip(points, found.left_out, strict=True)
    )
    return Moderators(model, labels, first, second, told, found)


def _regressed(points: Sequence[PairPoint]) -> MetaRegression:
    return meta_regression(
        [point.difference for point in points],
        [point.variance for point in points],
        [point.generic for point in points],
        [point.domain for point in points],
        {one.name: [point.properties[one.name] for point in points] for one in PROPERTIES},
    )
