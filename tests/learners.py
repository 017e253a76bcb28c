"""Learners of a pair, and plans for them."""

from __future__ import annotations

from typing import Any

import numpy as np

from d2vbench.corpora import Pair, Selection
from d2vbench.families import FAMILIES, InferenceSettings, Learner, Sides, inference_seeds
from d2vbench.families.doc2vec import Doc2VecSettings
from d2vbench.strategies import Plan, make_plans, parse_schedule, parse_strategy

FIVE = InferenceSettings(epochs=5)


def sides_of(pair: Pair) -> Sides:
    return Sides(pair.generic, pair.train)


def doc2vec(pair: Pair, model: str = "dbow", seed: int = 1, **settings: Any) -> Any:
    """Return an untrained model of gensim's engine, 16 wide, with the words that occur twice."""
    own = {"vector_size": 16, "min_count": 2, "engine": "gensim", **settings}
    return untrained(pair, "doc2vec", Doc2VecSettings(model, **own), seed)


def untrained(
    pair: Pair, family: str, settings: Any, seed: int = 1, plan: Plan | None = None
) -> Any:
    plan = plan or plan_of(pair, "combined")
    return FAMILIES[family].prepare(sides_of(pair), settings, seed, plan)


def plans_of(
    pair: Pair, strategy: str, schedule: str = "linear", **settings: Any
) -> tuple[Plan, ...]:
    rates = {"epochs": 2, "alpha": 0.025, "min_alpha": 0.0001, **settings}
    return make_plans(
        parse_strategy(strategy), parse_schedule(schedule), sides_of(pair).sizes, **rates
    )


def plan_of(pair: Pair, strategy: str, schedule: str = "linear", **settings: Any) -> Plan:
    (plan,) = plans_of(pair, strategy, schedule, **settings)
    return plan


def encode(learner: Learner, documents: Selection, seed: int = 1) -> np.ndarray:
    """Return vectors after five passes, where the family passes over documents."""
    seeds = inference_seeds(documents.text_hash().tolist(), seed)
    return learner.encode(documents, seeds, FIVE)
