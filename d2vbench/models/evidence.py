"""Which recipe a run recommends, and what accuracy it measured for a recipe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from d2vbench.analysis import Interval, Recommendation, RunData, recommend
from d2vbench.analysis.contrasts.frame import BASELINE, INFERRED
from d2vbench.analysis.contrasts.scores import evaluated, variant_stacks
from d2vbench.analysis.contrasts.variants import VARIANT, Variant, variants_of
from d2vbench.analysis.studies.inference import SETTING, chosen_inference
from d2vbench.errors import UserError, check_name, option
from d2vbench.families import InferenceSettings
from d2vbench.families.doc2vec import Doc2VecSettings
from d2vbench.models.recipe import Recipe
from d2vbench.strategies import parse_schedule

ALL = "all"


@dataclass(frozen=True)
class Expected:
    """What a run measured of a recipe.

    Attributes
    ----------
    accuracy : Interval
        Share of test documents classified correctly, with all labels of D-train; mean over seeds.
    seeds : int
        How many.
    fraction : float
        Share of D-train that was trained on.
    engines : tuple of str
        Which trained.
    study : str
        Name of the run's study.
    same_documents : bool
        Whether the run had the same documents as the corpora have now.
    """

    accuracy: Interval
    seeds: int
    fraction: float
    engines: tuple[str, ...]
    study: str
    same_documents: bool = True


def recommended(
    data: RunData, pair: str, model: str | None, seed: int, engine: str
) -> tuple[Recipe, Recommendation]:
    """Return the recipe of the best strategy on a pair.

    Parameters
    ----------
    data : RunData
        The run.
    pair : str
        One of its pairs.
    model : str or None
        One of its models; None for that whose best strategy has the highest accuracy.
    seed, engine
        Of the recipe: a run has several seeds, and two engines differ by rounding alone.

    Returns
    -------
    recipe : Recipe
        With strategy, schedule and all settings of the run; inference as cross-validation chose
        it, where it did, else as pinned.
    found : Recommendation
        Why.

    Raises
    ------
    UserError
        If the run has no such pair or model, or says too little to recommend anything.
    """
    cells = data.cells
    cells = cells[cells["model"] != BASELINE] if len(cells) else cells
    if cells.empty:
        raise UserError("the run has no finished cell yet: nothing to recommend")
    _check_there("pair", pair, cells["pair"])
    cells = cells[cells["pair"] == pair]
    if model is not None:
        _check_there("model", model, cells["model"])
        cells = cells[cells["model"] == model]
    models = list(dict.fromkeys(map(str, cells["model"])))
    tried = [found for name in models if (found := recommend(data, pair, name)) is not None]
    if not tried:
        raise UserError(
            f"the run says too little of {pair} to recommend anything: it takes two strategies "
            "with results of the same two seeds; run the study to its end, or name the strategy "
            f"with {option('strategy')}"
        )
    best = max(tried, key=lambda found: found.best.accuracy.estimate)
    cells = cells[
        (cells["model"] == best.model)
        & (cells["fraction"] == best.fraction)
        & np.array([variant == best.best.variant for variant in variants_of(cells)], dtype=bool)
    ]
    recipe = _recipe(cells.iloc[0], seed, engine)
    if (chosen := best.inference) is not None:
        inference = InferenceSettings(chosen.epochs, chosen.alpha, chosen.min_alpha)
        recipe = replace(recipe, inference=inference)
    return recipe, best


def expected_accuracy(data: RunData, pair: str, recipe: Recipe) -> Expected | None:
    """Return what a run measured of a recipe on a pair; None if it did not train that.

    Parameters
    ----------
    data : RunData
        The run.
    pair : str
        Name of the pair.
    recipe : Recipe
        Everything but its seed and its engine has to agree.

    Returns
    -------
    Expected or None
        Of the largest share of D-train that was tried. For an inference that cross-validation
        chose for the recipe, the accuracy with what each seed chose.
    """
    cells = data.cells
    if cells.empty:
        return None
    strategy, schedule = recipe.parsed.to_json(), parse_schedule(recipe.schedule)
    wanted: dict[str, Any] = {
        "pair": pair, "strategy": strategy["name"],
        "k": "" if strategy["k"] is None else strategy["k"], "share": strategy["share"],
        "schedule": schedule.name, "schedule_value": schedule.value,
        "epochs": recipe.epochs, "alpha": recipe.alpha,
        "min_alpha": recipe.min_alpha, **_columns(recipe.settings),
        # Vectors of training say nothing of new documents.
        "vectors": INFERRED,
    }  # fmt: skip
    if not set(wanted) <= set(cells.columns):
        return None  # Nothing but baselines.
    for column, value in wanted.items():
        cells = cells[cells[column].isna() if value is None else cells[column] == value]
    inference = [getattr(recipe.inference, name) for name in SETTING]
    pinned = (cells[[f"inference_{name}" for name in SETTING]] == inference).all(axis=1)
    # Of another inference than the pinned one, what cross-validation chose is known.
    cells = cells[pinned if pinned.any() else cells["key"].isin(data.inference["key"])]
    cells = evaluated(data, cells, ALL)
    if cells.empty:
        return None
    cells = cells[cells["fraction"] == cells["fraction"].max()]
    # By seed the native engine's cell alone, where both have trained.
    cells = cells.sort_values("engine", ascending=False).drop_duplicates("seed")
    if pinned.any():
        (stack,) = variant_stacks(data, cells, ALL).values()
        accuracy = stack.accuracy
    else:
        chosen = chosen_inference(data.only(data.cells["key"].isin(cells["key"])), ALL)
        if chosen is None or [getattr(chosen, name) for name in SETTING] != inference:
            return None
        accuracy = chosen.accuracy
    return Expected(
        accuracy,
        len(cells),
        float(cells["fraction"].iloc[0]),
        tuple(sorted(set(map(str, cells["engine"])))),
        str(data.manifest.get("study", "")),
    )


def _check_there(kind: str, name: str, there: pd.Series[Any]) -> None:
    names = list(dict.fromkeys(map(str, there)))
    check_name(kind, name, names)


def _recipe(row: Mapping[str, Any] | pd.Series[Any], seed: int, engine: str) -> Recipe:
    # As numbers of Python: those of a table are NumPy's, and no JSON.
    usual = _columns(Doc2VecSettings())
    settings = {name: type(value)(row[name]) for name, value in usual.items()}
    settings["vocabulary"] = settings.pop("vocabulary_policy")
    variant = Variant.of(row[name] for name in VARIANT)
    return Recipe(
        strategy=variant.strategy_text,
        schedule=variant.schedule_text,
        settings=Doc2VecSettings(**settings, engine=engine),
        epochs=int(row["epochs"]),
        alpha=float(row["alpha"]),
        min_alpha=float(row["min_alpha"]),
        inference=InferenceSettings(
            int(row["inference_epochs"]),
            float(row["inference_alpha"]),
            float(row["inference_min_alpha"]),
        ),
        seed=seed,
    )


def _columns(settings: Doc2VecSettings) -> dict[str, Any]:
    """Return settings by the columns of a run's table; two engines differ by rounding alone."""
    values = settings.to_json()
    del values["engine"]
    # A run's column ``vocabulary`` is how many words there are.
    values["vocabulary_policy"] = values.pop("vocabulary")
    return values
