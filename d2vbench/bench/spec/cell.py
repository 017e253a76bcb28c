"""A cell: one training, one evaluation, one record."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from d2vbench.bench.spec.identity import record_key
from d2vbench.errors import UsageError, unknown_name
from d2vbench.evaluation import BASELINES, TFIDF
from d2vbench.families.doc2vec import EXPANDED, VOCABULARIES, ModelSettings
from d2vbench.families.doc2vec.reference.engine import GensimEngine
from d2vbench.keys import digest_files
from d2vbench.strategies import parse_schedule, parse_strategy

SCHEMA = 2

# "all" stands for every label there is; a number for so many a class.
ALL_LABELS = "all"

# Which vectors the classifier is given.
INFERRED, TRAINED = "inferred", "trained"
VECTORS = {
    INFERRED: "Training and test vectors are inferred; no test document is trained on.",
    TRAINED: "Test documents are trained on as well, and the vectors of training are classified: "
    "what many published numbers rest on, and what no comparison of strategies does.",
}


@dataclass(frozen=True)
class InferenceSettings:
    """How vectors are inferred: the benchmark's own, never inherited from training.

    Attributes
    ----------
    epochs : int
        Passes over each document.
    alpha, min_alpha : float
        Learning rate of the first and of the last pass.
    """

    epochs: int = 20
    alpha: float = 0.025
    min_alpha: float = 0.0001


@dataclass(frozen=True)
class Cell:
    """Everything that decides one result, but for the corpora's contents.

    Attributes
    ----------
    pair : str
        Name of a pair card.
    fraction : float
        Share of D-train that there is, in (0, 1].
    settings : ModelSettings or None
        The model; None for a baseline.
    strategy, schedule : str
        As `parse_strategy` and `parse_schedule` read them; for a baseline its name and "-".
    vocabulary : str
        Vocabulary policy: a key of `d2vbench.families.doc2vec.VOCABULARIES`.
    seed : int
        Base seed, from 0.
    epochs : int
        E: passes over G.
    alpha, min_alpha : float
        Ends of the learning rate.
    inference : InferenceSettings
        The same for every strategy.
    budgets : tuple of str
        Label budgets: ``"all"`` or documents per class.
    engine : str
        ``"-"`` for a baseline.
    vectors : str
        A key of `VECTORS`.
    """

    pair: str
    fraction: float
    settings: ModelSettings | None
    strategy: str
    schedule: str
    seed: int
    epochs: int
    alpha: float = 0.025
    min_alpha: float = 0.0001
    vocabulary: str = "shared"
    inference: InferenceSettings = field(default_factory=InferenceSettings)
    budgets: tuple[str, ...] = (ALL_LABELS, "10")
    engine: str = "native"
    vectors: str = INFERRED

    def __post_init__(self) -> None:
        """Refuse what no training could carry out."""
        if not 0 < self.fraction <= 1:
            raise UsageError(f"fraction must lie in (0, 1], got {self.fraction}")
        if self.seed < 0:
            raise UsageError(f"a seed must be 0 or more, got {self.seed}")
        if self.vectors not in VECTORS:
            raise unknown_name("kind of vectors", self.vectors, VECTORS)
        if self.settings is not None:
            self._check_training(self.settings)
        elif self.strategy not in BASELINES:
            raise unknown_name("baseline", self.strategy, BASELINES)

    def _check_training(self, settings: ModelSettings) -> None:
        strategy = parse_strategy(self.strategy)
        strategy.check_model(settings.model)
        parse_schedule(self.schedule)
        if settings.vector_size % strategy.models:
            raise UsageError(
                f"strategy {strategy} divides vector_size between {strategy.models} models, "
                f"and {settings.vector_size} does not divide evenly"
            )
        if self.vocabulary not in VOCABULARIES:
            raise unknown_name("vocabulary policy", self.vocabulary, VOCABULARIES)
        if self.vectors == TRAINED and (strategy.models > 1 or self.vocabulary in EXPANDED):
            raise UsageError(
                f"vectors {TRAINED}: one model has them for each document, but strategy {strategy} "
                f"with vocabulary {self.vocabulary} has not"
            )
        if self.vocabulary in EXPANDED:
            if strategy.name != "sequential":
                raise UsageError(
                    f"vocabulary {self.vocabulary}: gensim expands between the two phases of "
                    f"sequential(k), which {strategy} has not"
                )
            if self.engine != GensimEngine.name:
                raise UsageError(
                    f"vocabulary {self.vocabulary} is gensim's own code: the engine must be "
                    f"{GensimEngine.name}, got {self.engine}"
                )

    def to_json(self) -> dict[str, Any]:
        """Return the cell as JSON values."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Cell:
        """Return the cell that `to_json` was called on.

        Parameters
        ----------
        values : mapping
            JSON values; what an older version did not write is what it did.
        """
        settings = values["settings"]
        return cls(
            **{
                **values,
                "settings": None if settings is None else ModelSettings(**settings),
                "inference": InferenceSettings(**values["inference"]),
                "budgets": tuple(values["budgets"]),
            }
        )

    def sources(self) -> list[str]:
        """Return the digests of the sources that decide its result.

        Those of a third party's strategy or schedule are among them.
        """
        sources = [source_digest()]
        if self.settings is not None:
            theirs = (parse_strategy(self.strategy).source, parse_schedule(self.schedule).source)
            sources += [source for source in theirs if source]
        return sources

    def key(self, pair_key: str) -> str:
        """Return the name of the cell's record.

        Parameters
        ----------
        pair_key : str
            Identity of the pair's documents: `Pair.key`.

        Returns
        -------
        str
            sha256 of the cell, the pair's contents and the sources that decide a result.
        """
        return record_key(self.to_json(), pair_key, self.sources(), SCHEMA)


def baseline_cell(
    pair: str, fraction: float, seed: int, budgets: tuple[str, ...], name: str = TFIDF
) -> Cell:
    """Return the cell of a baseline: no model, no schedule, no engine.

    Parameters
    ----------
    pair, fraction, seed, budgets
        See `Cell`.
    name : str
        One of `d2vbench.evaluation.BASELINES`.
    """
    return Cell(
        pair=pair,
        fraction=fraction,
        settings=None,
        strategy=name,
        schedule="-",
        seed=seed,
        epochs=0,
        budgets=budgets,
        engine="-",
    )


@functools.lru_cache(maxsize=1)
def source_digest() -> str:
    """Return the digest of the sources that decide a result.

    Tokenising, training, inference, evaluation and the derivation of seeds are in it; the text of
    the corpora is in the pair's key; reports and plots are in neither. Versions of libraries are in
    the records, and a report names all that took part.
    """
    package = Path(__file__).resolve().parents[2]
    folders = ("strategies", "families", "evaluation", "bench/compute", "corpora/pairs")
    paths = [path for folder in folders for path in (package / folder).rglob("*.*")]
    sources = [path for path in paths if path.suffix in (".py", ".pyx", ".h")]
    return digest_files([package / "keys.py", *sources])
