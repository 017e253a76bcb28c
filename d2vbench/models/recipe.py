"""What a model to take home is made by: everything but the texts and the tokeniser."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

from d2vbench.bench.spec.bounds import (
    check_amounts,
    check_inference,
    check_names,
    check_vector_size,
)
from d2vbench.bench.spec.cell import TrainedCell
from d2vbench.errors import UsageError
from d2vbench.families import FAMILIES, InferenceSettings
from d2vbench.families.doc2vec import Doc2VecSettings
from d2vbench.keys import derive_seed
from d2vbench.strategies import (
    ALPHA,
    EPOCHS,
    MIN_ALPHA,
    Plan,
    Sizes,
    Strategy,
    make_plans,
    parse_schedule,
    parse_strategy,
)


@dataclass(frozen=True)
class Recipe:
    """Strategy, schedule and settings, as in a cell of the benchmark.

    Attributes
    ----------
    strategy, schedule : str
        As `parse_strategy` and `parse_schedule` read them.
    settings : Doc2VecSettings
        The model. Strategies of several models divide ``vector_size`` between them.
    epochs : int
        E: passes over G.
    alpha, min_alpha : float
        Ends of the learning rate.
    inference : InferenceSettings
        How vectors of new texts are inferred, whatever the training did.
    seed : int
        From 0. All random choices derive from it, and from nothing else.

    Raises
    ------
    UsageError
        When made, for what a cell of the benchmark refuses, and for inference settings that no
        engine can carry out.
    """

    strategy: str
    schedule: str = "linear"
    settings: Doc2VecSettings = field(default_factory=Doc2VecSettings)
    epochs: int = EPOCHS
    alpha: float = ALPHA
    min_alpha: float = MIN_ALPHA
    inference: InferenceSettings = field(default_factory=InferenceSettings)
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what no training could carry out."""
        check_vector_size(self.settings.vector_size)
        check_names([self.strategy], [self.schedule])
        check_amounts([self.strategy], self.epochs, self.alpha)
        TrainedCell(
            pair="",
            fraction=1.0,
            family="doc2vec",
            settings=self.settings,
            strategy=self.parsed,
            schedule=parse_schedule(self.schedule),
            seed=self.seed,
            epochs=self.epochs,
        )
        if self.epochs < 1:
            raise UsageError(f"epochs must be a whole number from 1 up, got {self.epochs}")
        parse_schedule(self.schedule).check(self.alpha, self.min_alpha)
        check_inference(self.inference)

    @property
    def parsed(self) -> Strategy:
        """The strategy."""
        return parse_strategy(self.strategy)

    @property
    def base_seed(self) -> int:
        """The seed from which those of weights, orders and inference derive."""
        return derive_seed(self.seed, "model")

    @property
    def part_settings(self) -> Doc2VecSettings:
        """Settings of each of the models that the strategy trains."""
        settings: Doc2VecSettings = FAMILIES["doc2vec"].narrowed(self.settings, self.parsed.models)
        return settings

    def plans(self, sizes: Sizes) -> tuple[Plan, ...]:
        """Return the plan of each model."""
        return make_plans(
            self.parsed,
            parse_schedule(self.schedule),
            sizes,
            epochs=self.epochs,
            alpha=self.alpha,
            min_alpha=self.min_alpha,
            saved=bool(self.settings.generic_model or self.settings.word_vectors),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the recipe as JSON values."""
        return dataclasses.asdict(self)
