"""A plan laid out against progress in words: for pictures, tables and the area under alpha."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from d2vbench.strategies.phase import AlphaPiece, Phase, Sizes
from d2vbench.strategies.plan import Plan


@dataclass(frozen=True)
class Stretch:
    """A stretch of a plan with one mix of the corpora and one straight learning rate.

    Attributes
    ----------
    phase : str
        Name of the phase.
    epoch : int
        Of the phase, from 0.
    begin, end : float
        Progress in words from the start of the plan. Parts of passes count by their share.
    domain : float
        Share of D among its words, in [0, 1].
    alpha_start, alpha_end : float
        Learning rate at its ends.
    """

    phase: str
    epoch: int
    begin: float
    end: float
    domain: float
    alpha_start: float
    alpha_end: float

    @property
    def words(self) -> float:
        """How many words it presents."""
        return self.end - self.begin

    @property
    def area(self) -> float:
        """Area under its learning rate: alpha x words."""
        return (self.alpha_start + self.alpha_end) / 2 * self.words


def outline(plan: Plan, sizes: Sizes) -> list[Stretch]:
    """Lay a plan out against progress in words.

    Parameters
    ----------
    plan : Plan
        Which plan.
    sizes : Sizes
        Of the corpora.

    Returns
    -------
    list of Stretch
        In order, without gaps. An epoch is one stretch, or more where its learning rate bends, or
        where it presents G and D one after the other.
    """
    stretches: list[Stretch] = []
    done = Fraction(0)
    for phase in plan.phases:
        for epoch in range(phase.epochs):
            generic, domain = phase.epoch_words(epoch, sizes)
            for begin, end, share, piece in _parts(phase, epoch, generic, domain):
                stretches.append(
                    Stretch(
                        phase.name, epoch, float(done + begin), float(done + end), share,
                        piece.start, piece.end,
                    )
                )  # fmt: skip
            done += generic + domain
    return stretches


def area(stretches: Sequence[Stretch]) -> tuple[float, float]:
    """Return the area under alpha, alpha x words, over the words of G and over those of D."""
    domain = sum(stretch.area * stretch.domain for stretch in stretches)
    return sum(stretch.area for stretch in stretches) - domain, domain


def presented(phase: Phase, sizes: Sizes) -> tuple[int, int]:
    """Return how many documents of G and of D a phase presents, repeats included."""
    generic = phase.generic.count * (
        sizes.generic_documents if phase.nearest == 1 else phase.generic_documents(sizes)
    )
    return round(generic), round(phase.domain.count * sizes.domain_documents)


_ORDERS = {"shuffled": "shuffled each epoch", "once": "shuffled once", "concatenated": "G, then D"}
_WEIGHTS = {"documents": "document vectors", "words": "word vectors", "outputs": "output weights"}


def order_text(phase: Phase) -> str:
    """Return in which order a phase presents, and what it does otherwise than most."""
    if not phase.epochs:
        return "as it is" if phase.name == "untrained" else "as it was saved"
    parts = [_ORDERS[phase.order] + ", share of D rising" * (phase.spread == "rising")]
    fixed = [_WEIGHTS[name] for name in _WEIGHTS if name not in phase.learns]
    if fixed:
        parts.append(f"{' and '.join(fixed)} fixed")
    if phase.fresh:
        parts.append(f"{' and '.join(_WEIGHTS[name] for name in phase.fresh)} new")
    if phase.noise:
        parts.append("negative samples by the counts of D")
    if phase.pull:
        parts.append(f"pulled back by {phase.pull:g}")
    return "; ".join(parts)


def rates_text(phase: Phase) -> str:
    """Return the rates at both ends of a phase, and its highest where that is neither; or none."""
    if not phase.alpha:
        return ""
    start, end = phase.alpha[0].start, phase.alpha[-1].end
    top = max(piece.start for piece in phase.alpha)
    between = [f"{top:.4g}"] if top > max(start, end) else []
    return " to ".join([f"{start:.4g}", *between, f"{end:.4g}"])


def _parts(
    phase: Phase, epoch: int, generic: Fraction, domain: Fraction
) -> list[tuple[Fraction, Fraction, float, AlphaPiece]]:
    """Cut an epoch where its alpha bends, and where G ends if D follows: words and share of D."""
    total = generic + domain
    if not total:
        return []
    split = generic if phase.order == "concatenated" else total
    parts, done = [], Fraction(0)
    for piece in phase.epoch_pieces(epoch):
        begin, end = done, done + piece.epochs * total
        done = end
        cuts = [begin, *([split] if begin < split < end else []), end]
        for a, b in itertools.pairwise(cuts):
            share = float(domain / total) if split == total else float(a >= split)
            parts.append((a, b, share, _within(piece, begin, end, a, b)))
    return parts


def _within(
    piece: AlphaPiece, begin: Fraction, end: Fraction, a: Fraction, b: Fraction
) -> AlphaPiece:
    """Return the part of a piece, which reaches from begin to end, between a and b."""

    def at(x: Fraction) -> float:
        return piece.start + (piece.end - piece.start) * float((x - begin) / (end - begin))

    return AlphaPiece(piece.epochs, at(a), at(b))
