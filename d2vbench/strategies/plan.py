"""Plans: what is presented, in which order, with which learning rate. Data, no behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from d2vbench.errors import UserError
from d2vbench.keys import digest
from d2vbench.strategies.phase import Exact, Phase, Sizes


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
        When made, if a name stands twice, passes do not divide over the epochs where they must, or
        the pieces of alpha do not cover them.
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
            phase.check()

    def presentations(self) -> tuple[Exact, Exact]:
        """Return how often each document of G (of those that take part) and of D is presented."""
        return (
            sum(phase.generic.count for phase in self.phases),
            sum(phase.domain.count for phase in self.phases),
        )

    def words(self, sizes: Sizes) -> int:
        """Return the words that training goes through, repeats included."""
        return round(sum(phase.words(sizes) for phase in self.phases))

    def to_json(self) -> dict[str, Any]:
        """Return the plan as JSON values; `from_json` turns it back into an equal plan."""
        return {"phases": [phase.to_json() for phase in self.phases]}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Plan:
        """Return the plan that `to_json` wrote."""
        return cls(tuple(Phase.from_json(phase) for phase in value["phases"]))

    def key(self) -> str:
        """Return the sha256 of the plan's canonical JSON."""
        return digest(self.to_json())
