"""Whose counts make a vocabulary: which words there are, and what is drawn and left out by them.

A vocabulary is three things: the list of words, the counts behind subsampling, and the counts
behind the table that negative samples are drawn from. A policy says where each comes from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from d2vbench.errors import UsageError, unknown_name
from d2vbench.families.base import Sides
from d2vbench.families.words import by_count, count_words, counts_of
from d2vbench.strategies import Plan
from d2vbench.strategies.phase import exact_to_json

PRESENTED, NATURAL, OWN, GENERIC = "presented", "natural", "own", "generic"

#: Policies of all three at once, with what they are.
WHOLE: dict[str, str] = {
    PRESENTED: "All from the documents that the strategy presents, as often as it presents them.",
    NATURAL: "G and D-train, each document once, whatever the strategy presents.",
    OWN: "The documents that the strategy presents, each once.",
    GENERIC: "G alone: words that only D has are unknown.",
}

#: Policies of one of the three, the other two natural. X is ``presented``, ``D`` or ``G + mD``.
PARTS: dict[str, str] = {
    "noise": "The counts behind negative samples from X (presented, D, G + 4D, ...), else natural.",
    "subsampling": "The counts behind subsampling from X, else natural.",
    "words": "The list of words from X, else natural.",
}

#: Raised when a policy counts other documents, or a vocabulary is made of them otherwise.
VERSIONS = dict.fromkeys((*WHOLE, *PARTS), 1)

# A count must fit the 32 bits that gensim's table of cumulative counts and its thresholds have.
_LARGEST_COUNT = 2**32 - 1
_FORM = re.compile(r"(\w+)\((presented|D|G ?\+ ?(\d*)D)\)")


@dataclass(frozen=True)
class CountsPolicy:
    """A policy that was read.

    Attributes
    ----------
    name : str
        A key of `WHOLE` or of `PARTS`.
    source : str
        X, for one of `PARTS`: ``presented``, ``D`` or ``G + mD``; else empty.
    times : int
        The m of ``G + mD``; else 0.
    """

    name: str
    source: str = ""
    times: int = 0

    @property
    def of_plan(self) -> bool:
        """Whether the plan decides the counts."""
        return self.name in (PRESENTED, OWN) or self.source == PRESENTED

    def __str__(self) -> str:
        """Return the form that `parse_policy` reads."""
        return f"{self.name}({self.source})" if self.source else self.name


def parse_policy(text: str, others: Iterable[str] = ()) -> CountsPolicy:
    """Read a policy: ``presented``, ``noise(D)``, ``noise(G + 4D)``.

    Parameters
    ----------
    text : str
        The policy.
    others : iterable of str
        What else there is, for the sentence that refuses an unknown one.

    Raises
    ------
    UsageError
        For another text, or for a weight m that is 0.

    Examples
    --------
    >>> parse_policy("noise(G + 4D)")
    CountsPolicy(name='noise', source='G + 4D', times=4)
    """
    if text in WHOLE:
        return CountsPolicy(text)
    read = _FORM.fullmatch(text)
    if read is None or read[1] not in PARTS:
        forms = [f"{name}(presented | D | G + mD)" for name in PARTS]
        raise unknown_name("vocabulary policy", text, [*WHOLE, *forms, *others])
    source = read[2]
    if not source.startswith("G"):
        return CountsPolicy(read[1], source)
    times = int(read[3] or 1)
    if not 1 <= times <= _LARGEST_COUNT:
        raise UsageError(
            f"vocabulary policy {text}: m must be a whole number from 1 to {_LARGEST_COUNT}, "
            f"got {read[3]:.20}"
        )
    return CountsPolicy(read[1], f"G + {times if times > 1 else ''}D", times)


@dataclass(frozen=True)
class Counts:
    """The counts of a vocabulary that is still to be made.

    Attributes
    ----------
    words, subsampling, noise : mapping of str to int
        How often each word counts for being listed, for being left out, and for being drawn; the
        same object where they are the same. In order of falling count, ties by the alphabet.
    """

    words: Mapping[str, int]
    subsampling: Mapping[str, int]
    noise: Mapping[str, int]


@dataclass(frozen=True)
class NoiseShares:
    """How the negative samples of a vocabulary fall.

    Attributes
    ----------
    words : int
        In the vocabulary.
    without_domain : float
        Share of the negative samples that are words which D never uses, in [0, 1].
    """

    words: int
    without_domain: float


def noise_shares(counts: Counts, sides: Sides, min_count: int) -> NoiseShares:
    """Return how negative samples fall, from counts to the power of 3/4 as gensim draws them."""
    listed = [word for word, n in counts.words.items() if n >= min_count]
    drawn = np.asarray([counts.noise.get(word, 0) for word in listed], dtype=np.float64) ** 0.75
    of_domain = count_words([sides.domain])
    absent = np.asarray([word not in of_domain for word in listed], dtype=bool)
    return NoiseShares(len(listed), float(drawn[absent].sum() / drawn.sum()) if listed else 0.0)


def same_counts(counted: Mapping[str, int]) -> Counts:
    """Return the counts of a vocabulary whose three parts come from one source."""
    return Counts(counted, counted, counted)


def count(policy: CountsPolicy, sides: Sides, plan: Plan) -> Counts:
    """Count the words that a model's vocabulary is made of.

    Parameters
    ----------
    policy : CountsPolicy
        Whose counts.
    sides : Sides
        G and the part of D-train that is trained on; never a test document.
    plan : Plan
        What will be trained; it counts where `CountsPolicy.of_plan`.

    Raises
    ------
    UsageError
        If the policy counts D, and D has no word; if a weight makes a count too large.

    Notes
    -----
    Counts ``presented`` are those that gensim's ``build_vocab`` finds in a list of documents in
    which the side that is presented less often stands once, and the other as many times as it is
    presented more often: G + 4D for ``oversampled(4)`` and ``sequential(4)``, D for ``domain-only``
    of any length. A ratio that is no whole number rounds each word's count.
    """
    if policy.name == GENERIC:
        counted: Mapping[str, int] = count_words([sides.generic])
    elif policy.name == NATURAL:
        counted = sides.word_counts
    elif policy.of_plan:
        counted = _presented(sides, plan, once=policy.name == OWN)
    else:
        counted = _weighted(sides, {1: Fraction(bool(policy.times))}, Fraction(policy.times or 1))
        if not counted or not len(sides.domain):
            raise UsageError(f"vocabulary policy {policy}: the domain corpus has no word to count")
    if max(counted.values(), default=0) > _LARGEST_COUNT:
        raise UsageError(
            f"vocabulary policy {policy}: the most frequent word would count "
            f"{max(counted.values()):,} times, more than the {_LARGEST_COUNT:,} that 32 bits hold"
        )
    if policy.name in WHOLE:
        return same_counts(counted)
    parts = {name: counted if name == policy.name else sides.word_counts for name in PARTS}
    return Counts(**parts)


def part_of_plan(policy: CountsPolicy, plan: Plan) -> Any:
    """Return what of a plan decides the counts, as JSON values; None for nothing."""
    if not policy.of_plan:
        return None
    generic, domain = _weights(plan, once=policy.name == OWN)
    values = {str(exact_to_json(share)): str(weight) for share, weight in generic.items()}
    return [values, str(domain)]


def presented_weights(
    policy: CountsPolicy, plan: Plan
) -> tuple[dict[Fraction, Fraction], Fraction]:
    """Return how often shares of G, those nearest to D, and how often D count under a policy.

    Parameters
    ----------
    policy : CountsPolicy
        A key of `WHOLE`.
    plan : Plan
        What will be trained; it counts where `CountsPolicy.of_plan`.
    """
    if policy.of_plan:
        return _weights(plan, once=policy.name == OWN)
    return {Fraction(1): Fraction(1)}, Fraction(policy.name != GENERIC)


def _weights(plan: Plan, *, once: bool) -> tuple[dict[Fraction, Fraction], Fraction]:
    """Return how often the nearest share of G counts, by share, and how often D does.

    The side that is presented least counts once.
    """
    generic: dict[Fraction, Fraction] = {}
    domain = Fraction(0)
    for phase in plan.phases:
        if phase.generic.count:
            share = Fraction(phase.nearest)
            generic[share] = generic.get(share, Fraction(0)) + phase.generic.count
        domain += phase.domain.count
    if once:
        widest = {max(generic): Fraction(1)} if generic else {}
        return widest, Fraction(bool(domain))
    least = min(weight for weight in (sum(generic.values()), domain) if weight)
    return {share: weight / least for share, weight in generic.items()}, domain / least


def _presented(sides: Sides, plan: Plan, *, once: bool) -> dict[str, int]:
    return _weighted(sides, *_weights(plan, once=once))


def _weighted(sides: Sides, generic: Mapping[Any, Fraction], domain: Fraction) -> dict[str, int]:
    """Return the counts of the nearest shares of G and of D, each times its weight."""
    total: dict[str, int | Fraction] = {}
    parts = [(counts_of(sides.domain), domain)] if domain else []
    for share, weight in generic.items():
        counted = sides.generic
        if share != 1:
            documents = max(round(share * len(counted)), 1)
            counted = counted.take(np.sort(sides.nearest[:documents]))
        parts += [(counts_of(counted), weight)] if weight else []
    for counts, weight in parts:
        times = weight.numerator if weight.denominator == 1 else weight
        for word, n in counts.items():
            total[word] = total.get(word, 0) + n * times
    rounded = {word: round(n) for word, n in total.items()}
    return by_count({word: n for word, n in rounded.items() if n})
