"""Accuracy over the size of G, beside what D alone reaches."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from d2vbench.analysis.contrasts.contrasts import Place, Scorebook
from d2vbench.analysis.contrasts.frame import PRESENTED
from d2vbench.analysis.contrasts.scores import Stack, holm, paired_difference
from d2vbench.analysis.contrasts.variants import Variant, mean_by_variant, variant_title
from d2vbench.analysis.statistics.bootstrap import Interval
from d2vbench.analysis.statistics.verdicts import verdict
from d2vbench.analysis.studies.frontier import PLAIN

STUDY = "generic-size"


@dataclass(frozen=True)
class SizePoint:
    """A variant with so much of G.

    Attributes
    ----------
    place : tuple
        Pair, share of D, model, label budget.
    strategy, policy, title : str
        Of the variant; the policy is empty where it is the usual, and the title is without the
        share of G.
    share : float
        Of G, in (0, 1].
    ratio : float
        Words of that share for one word of D.
    words : float
        Trained.
    accuracy : Interval
        On the test documents.
    gain : Interval or None
        Accuracy minus that of `domain-only` whose vocabulary knows nothing of G; None for that
        itself, and without it.
    verdict : str
        What the gain says, p adjusted by Holm's method over the points of a place.
    """

    place: Place
    strategy: str
    policy: str
    title: str
    share: float
    ratio: float
    words: float
    accuracy: Interval
    gain: Interval | None = None
    verdict: str = ""
    stack: Stack | None = field(default=None, repr=False, compare=False)


def generic_sizes(book: Scorebook) -> list[SizePoint]:
    """Return the accuracy of each variant for each size of G.

    Parameters
    ----------
    book : Scorebook
        Of the study's cells.

    Returns
    -------
    list of SizePoint
        By place, title and share. `domain-only` with the vocabulary that it presents stands once,
        at all of G, whatever there is of it.
    """
    found: list[SizePoint] = []
    for place in book.places():
        points = list(_points(book, place))
        plain = next((p for p in points if p.strategy == PLAIN and not p.policy), None)
        if _usual_policy(book, place) not in ("", PRESENTED):
            plain = None  # It counts G: no control for it.
        compared = [(p, _gain(p, plain)) for p in points]
        adjusted = holm([math.nan if g is None else g[0].p for _, g in compared])
        order = {title: i for i, title in enumerate(dict.fromkeys(p.title for p in points))}
        found += sorted(
            (
                replace(p, gain=g[0], verdict=str(verdict(g[0], q, g[1]))) if g else p
                for (p, g), q in zip(compared, adjusted, strict=True)
            ),
            key=lambda p: (order[p.title], p.share),
        )
    return found


def _usual_policy(book: Scorebook, place: Place) -> str:
    """Return the vocabulary policy of most cells of a place; empty where none is known."""
    cells = book.cells(place)
    if "vocabulary_policy" not in cells:
        return ""
    said = cells.loc[cells["policy"] == "", "vocabulary_policy"].dropna()
    return str(said.iloc[0]) if len(said) else ""


def _points(book: Scorebook, place: Place) -> Iterable[SizePoint]:
    cells = book.cells(place)
    if not {"generic_words", "domain_words", "words_trained"} <= set(cells):
        return
    shares = cells.get("generic_fraction", 1.0)
    cells = cells.assign(ratio=cells["generic_words"] / cells["domain_words"], of_generic=shares)
    means = {
        name: mean_by_variant(cells, name) for name in ("ratio", "of_generic", "words_trained")
    }
    for variant, stack in book.stacks(place).items():
        yield SizePoint(
            place, variant.strategy, variant.policy, variant_title(_without_share(variant)),
            means["of_generic"][variant], means["ratio"][variant], means["words_trained"][variant],
            stack.accuracy, stack=stack,
        )  # fmt: skip


def _without_share(variant: Variant) -> Variant:
    parts = [part for part in variant.setting.split(", ") if not part.endswith(" of G")]
    return variant._replace(setting=", ".join(parts))


def _gain(point: SizePoint, plain: SizePoint | None) -> tuple[Interval, int] | None:
    if plain is None or point is plain or point.stack is None or plain.stack is None:
        return None
    return paired_difference(point.stack, plain.stack)
