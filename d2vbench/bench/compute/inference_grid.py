"""Inference beside the pinned one: every setting of a cell's grid, and which one is chosen."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from d2vbench.evaluation import Outcome
from d2vbench.families import InferenceSettings

# By label budget: what the main classifier said of the test documents, and its metrics.
Judged = Mapping[str, tuple[Outcome, Mapping[str, Any]]]


def try_grid(
    grid: Sequence[InferenceSettings],
    pinned: InferenceSettings,
    at_pinned: Judged,
    judge: Callable[[InferenceSettings], Judged],
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Evaluate one trained model with each setting of a grid, and choose one by label budget.

    Parameters
    ----------
    grid : sequence of InferenceSettings
        What there is to choose from, the pinned setting among them.
    pinned : InferenceSettings
        What the cell is evaluated with anyway.
    at_pinned : mapping
        What it found.
    judge : callable
        Encodes and classifies with a setting.

    Returns
    -------
    record : dict
        JSON values. ``points``: one for each setting of the grid, in its order, with ``epochs``,
        ``alpha``, ``min_alpha`` and ``metrics`` by label budget. ``chosen``: by label budget, the
        place in ``points`` of the setting with the best ``cv_accuracy``, which training documents
        alone decide; None where there is no cross-validation. Of equals the pinned one is taken,
        else the one of the fewest passes and the lowest alpha. ``band``: by label budget, the
        lowest and the highest accuracy on test documents.
    predictions : dict of str to (n_test,) int32
        With the chosen setting, under ``"10.chosen"`` for the label budget ``"10"``.
    """
    judged = [at_pinned if settings == pinned else judge(settings) for settings in grid]
    points = [
        {
            **dataclasses.asdict(settings),
            "metrics": {budget: dict(metrics) for budget, (_, metrics) in one.items()},
        }
        for settings, one in zip(grid, judged, strict=True)
    ]
    chosen: dict[str, int | None] = {}
    band, predictions = {}, {}
    for budget in at_pinned:
        metrics = [one[budget][1] for one in judged]
        place = _best(grid, pinned, [said.get("cv_accuracy") for said in metrics])
        chosen[budget] = place
        accuracies = [said["accuracy"] for said in metrics]
        band[budget] = [min(accuracies), max(accuracies)]
        if place is not None:
            predictions[f"{budget}.chosen"] = judged[place][budget][0].predicted
    return {"points": points, "chosen": chosen, "band": band}, predictions


def _best(
    grid: Sequence[InferenceSettings],
    pinned: InferenceSettings,
    scores: Sequence[float | None],
) -> int | None:
    if any(score is None for score in scores):
        return None

    def worth(place: int) -> tuple[float, bool, int, float]:
        settings, score = grid[place], scores[place]
        assert score is not None
        # Rounded, so that the last bit of a mean decides nothing.
        return round(score, 12), settings == pinned, -settings.epochs, -settings.alpha

    return max(range(len(grid)), key=worth)
