"""Exposure of the two corpora under a plan: passes, area under the learning rate, words."""

from __future__ import annotations

import dataclasses
import functools
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from d2vbench.keys import canonical_json
from d2vbench.strategies.orders import epoch_cuts
from d2vbench.strategies.phase import Phase, Sizes
from d2vbench.strategies.plan import Plan


@dataclass(frozen=True)
class Exposure:
    """How much of the two corpora a training presents, and at which learning rates.

    Attributes
    ----------
    generic_passes, domain_passes : float
        Presentations of the corpus, divided by its documents.
    generic_area, domain_area : float
        The alpha of each presentation, summed and divided by the documents of the corpus: the
        learning rate that a document collects over its passes. A document of a corpus with a
        pass at a level alpha of 0.025 collects 0.025.
    words_trained : int
        Words of all presentations, those outside the vocabulary included.
    """

    generic_passes: float
    domain_passes: float
    generic_area: float
    domain_area: float
    words_trained: int

    def to_json(self) -> dict[str, Any]:
        """Return the exposure as JSON values."""
        return dataclasses.asdict(self)


def exposure(plans: Iterable[Plan], sizes: Sizes) -> Exposure:
    """Return the exposure under the plans of a cell.

    Parameters
    ----------
    plans : iterable of Plan
        One for each model that is trained; their exposures add up.
    sizes : Sizes
        Of the corpora.

    Returns
    -------
    Exposure
        Of a plan that takes a share of G alone, what is presented is still divided by all of G.
        Phases that freeze weights count like others.

    Notes
    -----
    No order is enumerated. In a random order each document has the same expected alpha, the mean
    over the words of its slice of the epoch: that expectation is returned. Where G comes before D,
    each has its own part of the slope, by words, documents of a corpus taken as equally long.
    Of the learning rate the straight line is taken, not the steps in which an engine follows it,
    one for each job of up to 10,000 words.
    """
    plans = list(plans)
    documents = (sizes.generic_documents, sizes.domain_documents)
    phases = [_phase(phase, sizes) for plan in plans for phase in plan.phases]
    generic, domain = (
        (
            _per_document((counts[side] for counts, _ in phases), documents[side]),
            _per_document((alphas[side] for _, alphas in phases), documents[side]),
        )
        for side in (0, 1)
    )
    words = sum(plan.words(sizes) for plan in plans)
    return Exposure(generic[0], domain[0], generic[1], domain[1], words)


def exposure_of_record(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the exposure of a record: as it is written there, or else from its plans and sizes.

    Parameters
    ----------
    record : mapping
        Of a cell. Those written before version 0.2 lack ``exposure``.

    Returns
    -------
    dict
        As `Exposure.to_json`; empty for a cell that follows no plan, such as a baseline, or whose
        record lacks a size.
    """
    known: dict[str, Any] | None = record.get("exposure")
    if known is not None:
        return known
    names = [field.name for field in dataclasses.fields(Sizes)]
    if "plans" not in record or not all(name in record["counts"] for name in names):
        return {}
    sizes = Sizes(**{name: record["counts"][name] for name in names})
    return _known(canonical_json(record["plans"]), sizes).to_json()


@functools.lru_cache(maxsize=4096)
def _known(plans: str, sizes: Sizes) -> Exposure:
    """Return the exposure under plans as JSON: seeds share theirs, and a run has many."""
    return exposure(map(Plan.from_json, json.loads(plans)), sizes)


def _per_document(values: Iterable[float], documents: int) -> float:
    return math.fsum(values) / documents if documents else 0.0


def _phase(phase: Phase, sizes: Sizes) -> tuple[list[int], list[float]]:
    """Return presentations of G and of D in a phase, and the sums of their alpha."""
    if not phase.epochs:
        return [0, 0], [0.0, 0.0]
    chosen = (phase.generic_documents(sizes), sizes.domain_documents)
    if _is_level_mix(phase):
        # Nothing but one straight line over equal epochs: its middle is the mean of all.
        middle = (phase.alpha[0].start + phase.alpha[0].end) / 2
        counts = [
            int(p.count) * n for p, n in zip((phase.generic, phase.domain), chosen, strict=True)
        ]
        return counts, [n * middle for n in counts]
    alphas: list[list[float]] = [[], []]
    counts = [0, 0]
    lengths = (
        sizes.generic_words / max(sizes.generic_documents, 1),
        sizes.domain_words / max(sizes.domain_documents, 1),
    )
    for epoch in range(phase.epochs):
        passes = zip(phase.epoch_passes(epoch), chosen, strict=True)
        presented = [end - begin for begin, end in (p.documents(n) for p, n in passes)]
        counts = [a + b for a, b in zip(counts, presented, strict=True)]
        for begin, end, start_alpha, end_alpha in epoch_cuts(phase, epoch, sum(presented)):
            if phase.order == "concatenated":
                found = _one_after_the_other(begin, end, presented[0], lengths)
            else:
                share = (end - begin) / sum(presented)
                found = [(n * share, 0.5) for n in presented]
            for sums, (n, reached) in zip(alphas, found, strict=True):
                sums.append(n * (start_alpha + (end_alpha - start_alpha) * reached))
    return counts, [math.fsum(sums) for sums in alphas]


def _is_level_mix(phase: Phase) -> bool:
    """Return whether each epoch presents the same whole passes mixed, down one straight line."""
    whole = all(
        Fraction(passes.count, phase.epochs).denominator == 1
        and Fraction(passes.start).denominator == 1
        for passes in (phase.generic, phase.domain)
    )
    straight = phase.order != "concatenated" and phase.spread == "even" and len(phase.alpha) == 1
    return whole and straight


def _one_after_the_other(
    begin: int, end: int, generic: int, lengths: Sequence[float]
) -> list[tuple[float, float]]:
    """Return presentations of G and of D in a slice, G first, and where in its words each lies.

    Where is the middle of a corpus' own stretch, in [0, 1].
    """
    counts = (max(min(end, generic) - begin, 0), max(end - max(begin, generic), 0))
    words = [n * length for n, length in zip(counts, lengths, strict=True)]
    total = sum(words)
    if not total:
        return [(n, 0.5) for n in counts]
    return [(counts[0], words[0] / 2 / total), (counts[1], 1 - words[1] / 2 / total)]
