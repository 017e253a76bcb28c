"""What a person asks of a study."""

from __future__ import annotations

from dataclasses import dataclass

from d2vbench.bench.spec.bounds import MOST_SEEDS, check_amounts, check_names
from d2vbench.errors import UsageError, unknown_name
from d2vbench.families.doc2vec import MODELS
from d2vbench.strategies.schedules import check_alpha

PROFILES = ("quick", "default", "full")


@dataclass(frozen=True)
class Request:
    """What a person asks of a study; None leaves it to the study and its profile.

    Attributes
    ----------
    profile : str
        ``quick``, ``default`` or ``full``.
    pairs, models, strategies, schedules : tuple of str or None
        Only these.
    seeds : int or None
        How many base seeds: 0 to seeds - 1.
    epochs : int or None
        E: passes over G.
    alpha, min_alpha : float
        Ends of the learning rate.
    engine : str
        Which engine trains.
    """

    profile: str = "default"
    pairs: tuple[str, ...] | None = None
    models: tuple[str, ...] | None = None
    strategies: tuple[str, ...] | None = None
    schedules: tuple[str, ...] | None = None
    seeds: int | None = None
    epochs: int | None = None
    alpha: float = 0.025
    min_alpha: float = 0.0001
    engine: str = "native"

    def __post_init__(self) -> None:
        """Check everything that can be checked without the corpora."""
        if self.profile not in PROFILES:
            raise unknown_name("profile", self.profile, PROFILES)
        if self.seeds is not None and self.seeds < 1:
            raise UsageError(f"seeds must be 1 or more, got {self.seeds}")
        if self.seeds is not None and self.seeds > MOST_SEEDS:
            raise UsageError(f"seeds must be at most {MOST_SEEDS:,}, got {self.seeds!s:.20}")
        if self.epochs is not None and self.epochs < 1:
            raise UsageError(f"epochs must be 1 or more, got {self.epochs}")
        check_alpha(self.alpha, self.min_alpha)
        for model in self.models or ():
            if model not in MODELS:
                raise unknown_name("model", model, MODELS)
        check_names(self.strategies or (), self.schedules or ())
        check_amounts(self.strategies or (), self.epochs or 1, self.alpha)
