"""A phase: a stretch of training of one kind. Rules and seeds, never stored lists."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from d2vbench.errors import UserError

# Counts of passes and epochs are exact: sums of shares must come out whole.
Exact = int | Fraction

ORDERS = ("shuffled", "once", "concatenated")
SPREADS = ("even", "rising")
LEARNS = ("documents", "words", "outputs")
NOISES = ("", "domain")
#: What a phase may ask of a family, and what that is.
ASKS: dict[str, str] = {
    "noise": "draws negative samples by the counts of D",
    "pull": "pulls weights back to those of the generic phase",
    "fresh": "begins a phase with new output weights",
}


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
    """A stretch of the passes over one corpus, from ``start`` to ``stop``.

    The passes over a corpus lie end to end on a line: pass j reaches from j to j + 1. A strategy
    presents G from 0 to E and D from 0 to k x E, cut into stretches that may begin and end inside
    a pass. Two strategies that cover the same line present the same multiset of documents,
    wherever they cut it; and a stretch that both have is in the same order in both.
    """

    start: Exact = 0
    stop: Exact = 0

    @property
    def count(self) -> Exact:
        """How many passes."""
        return self.stop - self.start

    def documents(self, n: int) -> tuple[int, int]:
        """Return where it begins and ends on the line of passes over n documents, in documents."""
        return math.floor(self.start * n), math.floor(self.stop * n)


@dataclass(frozen=True)
class AlphaPiece:
    """A linear piece of a schedule.

    Attributes
    ----------
    epochs : int or Fraction
        How many epochs of the phase it covers; may be a part of one.
    start, end : float
        Learning rate at its ends; gensim changes it once per job of up to 10,000 words, and cannot
        raise it: a rise is a stair of level pieces.
    """

    epochs: Exact
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
        Into how many parts it is cut; each part has an order of its own. 0 for what a saved model
        was trained on before: nothing is presented.
    generic, domain : Passes
        What is presented of G and of D.
    order : str
        ``"shuffled"``: all documents of an epoch in one random order, drawn anew for each epoch.
        ``"once"``: one random order, the same in each epoch. ``"concatenated"``: first G, then D,
        both in the order of their corpus.
    spread : str
        ``"even"``: each epoch presents the same number of passes. ``"rising"``: at the share x of
        the epochs, x squared of D is through and 1 - (1 - x) squared of G: the share of D climbs
        from nothing to all.
    nearest : int or Fraction
        Share of G's documents that takes part, those nearest to D.
    learns : tuple of str
        What may change, of ``"documents"``, ``"words"`` and ``"outputs"``: document vectors, word
        vectors, output weights.
    noise : str
        Whose counts negative samples are drawn by: those of the vocabulary (empty), or those of D
        alone (``"domain"``).
    pull : float
        How strongly weights are drawn back to what they were when the phase began; 0 for not at
        all. Over a phase in which a document of D collects the learning-rate area A, the distance
        shrinks by the factor exp(-pull x A), apart from what is learned.
    fresh : tuple of str
        What begins anew with the phase, of the same names as in ``learns``.
    alpha : tuple of AlphaPiece
        Covers the epochs exactly.
    """

    name: str
    epochs: int
    generic: Passes = Passes()
    domain: Passes = Passes()
    order: str = "shuffled"
    spread: str = "even"
    nearest: Exact = 1
    learns: tuple[str, ...] = LEARNS
    alpha: tuple[AlphaPiece, ...] = ()
    noise: str = ""
    pull: float = 0.0
    fresh: tuple[str, ...] = ()

    @property
    def asks(self) -> frozenset[str]:
        """What it asks of a family beyond presenting documents: names of the fields that say so."""
        return frozenset(name for name in ASKS if getattr(self, name) != getattr(type(self), name))

    def words(self, sizes: Sizes) -> Fraction:
        """Return the words that the phase presents, repeats included; parts of passes by share."""
        generic = self.generic.count * self.nearest * sizes.generic_words
        return Fraction(generic + self.domain.count * sizes.domain_words)

    def epoch_words(self, epoch: int, sizes: Sizes) -> tuple[Fraction, Fraction]:
        """Return the words of G and those of D in one epoch; parts of passes by share."""
        generic, domain = self.epoch_passes(epoch)
        return (
            Fraction(generic.count * self.nearest * sizes.generic_words),
            Fraction(domain.count * sizes.domain_words),
        )

    def generic_documents(self, sizes: Sizes) -> int:
        """Return how many documents of G take part, at least one."""
        return max(round(self.nearest * sizes.generic_documents), 1)

    def epoch_passes(self, epoch: int) -> tuple[Passes, Passes]:
        """Return the stretches of G's and of D's passes that one epoch presents."""

        def reached(epochs: int) -> tuple[Fraction, Fraction]:
            x = Fraction(epochs, self.epochs)
            return (1 - (1 - x) ** 2, x**2) if self.spread == "rising" else (x, x)

        def part(passes: Passes, begin: Fraction, end: Fraction) -> Passes:
            return Passes(passes.start + passes.count * begin, passes.start + passes.count * end)

        before, after = reached(epoch), reached(epoch + 1)
        return part(self.generic, before[0], after[0]), part(self.domain, before[1], after[1])

    def epoch_pieces(self, epoch: int) -> tuple[AlphaPiece, ...]:
        """Return the learning rate over one epoch: pieces that cover 1 epoch in all."""
        pieces = []
        before: Exact = 0
        for piece in self.alpha:
            begin, end = max(epoch - before, 0), min(epoch + 1 - before, piece.epochs)
            if begin < end:
                drop = piece.start - piece.end
                pieces.append(
                    AlphaPiece(
                        end - begin,
                        piece.start - drop * float(Fraction(begin) / piece.epochs),
                        piece.end
                        if end == piece.epochs
                        else piece.start - drop * float(Fraction(end) / piece.epochs),
                    )
                )
            before += piece.epochs
        if not pieces:
            raise IndexError(f"phase {self.name!r} has no epoch {epoch}")
        return tuple(pieces)

    def epoch_alpha(self, epoch: int) -> tuple[float, float]:
        """Return the learning rate at the start and at the end of one epoch."""
        pieces = self.epoch_pieces(epoch)
        return pieces[0].start, pieces[-1].end

    def check(self) -> None:
        """Refuse what no engine could carry out.

        Raises
        ------
        UserError
            Says which phase, what was expected and what there is.
        """
        where = f"phase {self.name!r}"
        if not self.epochs and not self.generic.count and not self.domain.count and not self.alpha:
            return
        if self.epochs < 1:
            raise UserError(f"{where}: epochs must be 1 or more, got {self.epochs}")
        if not (math.isfinite(self.pull) and self.pull >= 0):
            raise UserError(f"{where}: pull must be a number from 0 up, got {self.pull}")
        for kind, value, valid in (
            ("order", self.order, ORDERS),
            ("spread", self.spread, SPREADS),
            ("noise", self.noise, NOISES),
        ):
            if value not in valid:
                raise UserError(f"{where}: {kind} must be one of {', '.join(valid)}, got {value!r}")
        if not self.learns or not set(self.learns) <= set(LEARNS):
            raise UserError(
                f"{where}: learns must be some of {', '.join(LEARNS)}, got {self.learns!r}"
            )
        if not set(self.fresh) <= set(LEARNS):
            raise UserError(
                f"{where}: fresh must be some of {', '.join(LEARNS)}, got {self.fresh!r}"
            )
        if not 0 < self.nearest <= 1:
            raise UserError(
                f"{where}: the nearest share must be greater than 0 and at most 1, "
                f"got {self.nearest}"
            )
        self._check_passes(where)
        self._check_alpha(where)

    def _check_passes(self, where: str) -> None:
        for corpus, passes in (("generic", self.generic), ("domain", self.domain)):
            if passes.start < 0 or passes.stop < passes.start:
                raise UserError(
                    f"{where}: {corpus} passes {passes.start} to {passes.stop} are no range"
                )
            if self.order != "shuffled" and (
                self.spread != "even" or Fraction(passes.count, self.epochs).denominator != 1
            ):
                raise UserError(
                    f"{where}: {passes.count} {corpus} passes do not divide evenly over "
                    f"{self.epochs} epochs, as order {self.order!r} needs"
                )
        if not self.generic.count and not self.domain.count:
            raise UserError(f"{where}: presents nothing")

    def _check_alpha(self, where: str) -> None:
        covered = sum(piece.epochs for piece in self.alpha)
        if covered != self.epochs:
            raise UserError(f"{where}: alpha pieces cover {covered} of {self.epochs} epochs")
        for piece in self.alpha:
            if piece.epochs <= 0:
                raise UserError(
                    f"{where}: alpha pieces cover {covered} of {self.epochs} epochs, "
                    f"one of them {piece.epochs}"
                )
        for piece in self.alpha:
            level = piece.start == piece.end
            if not all(math.isfinite(a) and (level or a > 0) for a in (piece.start, piece.end)):
                raise UserError(
                    f"{where}: alpha must be finite, and positive where it falls (gensim ignores "
                    f"an end of 0), got {piece.start} to {piece.end}"
                )
            if piece.end > piece.start:
                raise UserError(
                    f"{where}: within a piece alpha may not rise (gensim jumps to the end at "
                    f"once), got {piece.start} to {piece.end}"
                )

    def to_json(self) -> dict[str, Any]:
        """Return the phase as JSON values; `from_json` turns it back into an equal one."""
        value = dataclasses.asdict(self)
        for corpus in ("generic", "domain"):
            value[corpus] = {end: exact_to_json(x) for end, x in value[corpus].items()}
        value["nearest"] = exact_to_json(self.nearest)
        value["learns"] = list(self.learns)
        value["fresh"] = list(self.fresh)
        for name in set(ASKS) - self.asks:
            del value[name]  # What a phase does not ask for is not in older records either.
        value["alpha"] = [
            {"epochs": exact_to_json(p.epochs), "start": p.start, "end": p.end} for p in self.alpha
        ]
        return value

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Phase:
        """Return the phase that `to_json` wrote."""

        def passes(stored: Mapping[str, Any]) -> Passes:
            return Passes(exact_from_json(stored["start"]), exact_from_json(stored["stop"]))

        return cls(
            name=value["name"],
            epochs=value["epochs"],
            generic=passes(value["generic"]),
            domain=passes(value["domain"]),
            order=value["order"],
            spread=value["spread"],
            nearest=exact_from_json(value["nearest"]),
            learns=tuple(value["learns"]),
            noise=value.get("noise", ""),
            pull=value.get("pull", 0.0),
            fresh=tuple(value.get("fresh", ())),
            alpha=tuple(
                AlphaPiece(exact_from_json(p["epochs"]), p["start"], p["end"])
                for p in value["alpha"]
            ),
        )


def follows_generic(phases: Sequence[Phase]) -> bool:
    """Return whether a model continues from a phase of G alone: then drift is measured.

    Parameters
    ----------
    phases : sequence of Phase
        Of `sequential`, `frozen`, `replay`, `mixed-finish` and the like.

    Returns
    -------
    bool
        True for two phases of which the first presents nothing of D.
    """
    first = phases[0]
    generic = first.generic.count > 0 or not first.epochs
    return len(phases) == 2 and generic and not first.domain.count


def exact_to_json(value: Exact) -> int | str:
    """Return a whole number as it is, another as text.

    Examples
    --------
    >>> exact_to_json(Fraction(4)), exact_to_json(Fraction(9, 10))
    (4, '9/10')
    """
    value = Fraction(value)
    return value.numerator if value.denominator == 1 else str(value)


def exact_from_json(value: int | str) -> Exact:
    """Return the number that `exact_to_json` wrote."""
    return value if isinstance(value, int) else Fraction(value)
