"""Plans: what is presented, in which order, with which learning rate. Data, no behaviour."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from d2vbench.errors import UserError
from d2vbench.keys import digest

ORDERS = ("shuffled",)


@dataclass(frozen=True)
class Sizes:
    """How large the two corpora are.

    Attributes
    ----------
    generic_documents, domain_documents : int
        Documents in G and in the part of D-train that is trained on.
    generic_words, domain_words : int
        Their words, those outside the vocabulary included, as gensim counts them.
    """

    generic_documents: int
    domain_documents: int
    generic_words: int
    domain_words: int


@dataclass(frozen=True)
class Passes:
    """A run of passes over one corpus: ``start``, ``start + 1``, ..., ``stop - 1``.

    A strategy presents passes 0 to E - 1 of G and 0 to k x E - 1 of D. Numbering them makes it
    plain that two strategies present the same multiset, and gives each its own random order.
    """

    start: int = 0
    stop: int = 0

    @property
    def count(self) -> int:
        """How many passes."""
        return self.stop - self.start


@dataclass(frozen=True)
class AlphaPiece:
    """A linear piece of a schedule over whole epochs.

    Attributes
    ----------
    epochs : int
        How many epochs it covers.
    start, end : float
        Learning rate at its ends; gensim changes it once per job of up to 10,000 words.
    """

    epochs: int
    start: float
    end: float


@dataclass(frozen=True)
class Phase:
    """A stretch of training of one kind.

    Attributes
    ----------
    name : str
        Unique in its plan.
    epochs : int
        Each presents the same number of passes over each corpus.
    generic, domain : Passes
        Divided evenly over the epochs.
    order : str
        ``"shuffled"``: all documents of an epoch in one random order, drawn anew for each epoch.
    alpha : tuple of AlphaPiece
        Covers the epochs exactly.
    """

    name: str
    epochs: int
    generic: Passes = Passes()
    domain: Passes = Passes()
    order: str = "shuffled"
    alpha: tuple[AlphaPiece, ...] = ()

    def words(self, sizes: Sizes) -> int:
        """Return the words that the phase presents, repeats included."""
        return self.generic.count * sizes.generic_words + self.domain.count * sizes.domain_words

    def epoch_passes(self, epoch: int) -> tuple[Passes, Passes]:
        """Return the passes over G and over D that one epoch presents."""

        def part(passes: Passes) -> Passes:
            each = passes.count // self.epochs
            start = passes.start + epoch * each
            return Passes(start, start + each)

        return part(self.generic), part(self.domain)

    def epoch_alpha(self, epoch: int) -> tuple[float, float]:
        """Return the learning rate at the start and at the end of one epoch."""
        before = 0
        for piece in self.alpha:
            if epoch < before + piece.epochs:
                drop = (piece.start - piece.end) / piece.epochs
                first = piece.start - drop * (epoch - before)
                last = epoch - before == piece.epochs - 1
                return first, piece.end if last else first - drop
            before += piece.epochs
        raise IndexError(f"phase {self.name!r} has no epoch {epoch}")


@dataclass(frozen=True)
class Plan:
    """A strategy and a schedule made concrete.

    Attributes
    ----------
    phases : tuple of Phase
        In order.

    Raises
    ------
    UserError
        When made, if a name stands twice, passes do not divide over the epochs, or the pieces of
        alpha do not cover them.
    """

    phases: tuple[Phase, ...]

    def __post_init__(self) -> None:
        """Check the plan as a whole."""
        if not self.phases:
            raise UserError("a plan needs at least one phase")
        names = [phase.name for phase in self.phases]
        for phase in self.phases:
            if names.count(phase.name) > 1:
                raise UserError(f"a plan names the phase {phase.name!r} twice")
            _check_phase(phase)

    def presentations(self) -> tuple[int, int]:
        """Return how often each document of G and of D is presented."""
        return (
            sum(phase.generic.count for phase in self.phases),
            sum(phase.domain.count for phase in self.phases),
        )

    def words(self, sizes: Sizes) -> int:
        """Return the words that training goes through, repeats included."""
        return sum(phase.words(sizes) for phase in self.phases)

    def to_json(self) -> dict[str, Any]:
        """Return the plan as JSON values; `from_json` turns it back into an equal plan."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Plan:
        """Return the plan that `to_json` wrote."""
        return cls(
            tuple(
                Phase(
                    name=phase["name"],
                    epochs=phase["epochs"],
                    generic=Passes(**phase["generic"]),
                    domain=Passes(**phase["domain"]),
                    order=phase["order"],
                    alpha=tuple(AlphaPiece(**piece) for piece in phase["alpha"]),
                )
                for phase in value["phases"]
            )
        )

    def key(self) -> str:
        """Return the sha256 of the plan's canonical JSON."""
        return digest(self.to_json())


def _check_phase(phase: Phase) -> None:
    where = f"phase {phase.name!r}"
    if phase.epochs < 1:
        raise UserError(f"{where}: epochs must be 1 or more, got {phase.epochs}")
    if phase.order not in ORDERS:
        raise UserError(f"{where}: order must be one of {', '.join(ORDERS)}, got {phase.order!r}")
    for corpus, passes in (("generic", phase.generic), ("domain", phase.domain)):
        if passes.start < 0 or passes.stop < passes.start:
            raise UserError(
                f"{where}: {corpus} passes {passes.start} to {passes.stop} are no range"
            )
        if passes.count % phase.epochs:
            raise UserError(
                f"{where}: {passes.count} {corpus} passes do not divide evenly over "
                f"{phase.epochs} epochs"
            )
    if not phase.generic.count and not phase.domain.count:
        raise UserError(f"{where}: presents nothing")
    covered = sum(piece.epochs for piece in phase.alpha)
    if covered != phase.epochs:
        raise UserError(f"{where}: alpha pieces cover {covered} of {phase.epochs} epochs")
    for piece in phase.alpha:
        if not all(math.isfinite(a) and a > 0 for a in (piece.start, piece.end)):
            raise UserError(
                f"{where}: alpha must be positive and finite (gensim ignores an end of 0), "
                f"got {piece.start} to {piece.end}"
            )
        if piece.end > piece.start:
            raise UserError(
                f"{where}: within a piece alpha may not rise (gensim jumps to the end at once), "
                f"got {piece.start} to {piece.end}"
            )
