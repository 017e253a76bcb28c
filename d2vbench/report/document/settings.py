"""The settings that the cells of a run share, as values and in a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from d2vbench.analysis import RunData
from d2vbench.analysis.contrasts.frame import BASELINE, ENCODER

# Name in the cells, and how people call it.
NAMES = {
    "epochs": "E, passes over the generic corpus",
    "alpha": "alpha, first learning rate",
    "min_alpha": "min_alpha, last learning rate",
    "vector_size": "vector_size",
    "window": "window",
    "negative": "negative",
    "sample": "sample",
    "min_count": "min_count",
    "inference_epochs": "epochs of inference",
    "inference_alpha": "alpha of inference",
    "inference_min_alpha": "min_alpha of inference",
}


# Values of a setting that a sentence names one by one.
_MOST = 3


@dataclass(frozen=True)
class Settings:
    """What cells have in common.

    Attributes
    ----------
    engines : tuple of str
        Which trained.
    models : tuple of str
        Doc2Vec models, by their short names.
    seeds : tuple of int
        In order.
    values : dict of str to tuple of float
        By column of the cells: the values that occur, most frequent first.
    """

    engines: tuple[str, ...]
    models: tuple[str, ...]
    seeds: tuple[int, ...]
    values: dict[str, tuple[float, ...]]

    def sentence(self) -> str:
        """Return them in a sentence or two, for captions."""
        told = {name: _brief(values) for name, values in self.values.items()}
        parts = [f"E = {told['epochs']}"] if told.get("epochs") else []
        if told.get("alpha") and told.get("min_alpha"):
            parts.append(f"alpha {told['alpha']} to {told['min_alpha']}")
        parts += [
            f"{name} {told[name]}"
            for name in ("vector_size", "window", "negative", "sample", "min_count")
            if told.get(name)
        ]
        if told.get("inference_epochs"):
            parts.append(f"inferred in {told['inference_epochs']} epochs")
        return f"Engine: {', '.join(self.engines)}. Seeds: {len(self.seeds)}. {', '.join(parts)}."

    def content(self) -> dict[str, Any]:
        """Return them as what an id hashes: sorted, so that the order of cells has no say."""
        return {
            "engines": sorted(self.engines),
            "models": sorted(self.models),
            "seeds": list(self.seeds),
            **{name: sorted(values) for name, values in self.values.items()},
        }


def usual_settings(data: RunData) -> Settings:
    """Return the settings of the cells of a run that train Doc2Vec.

    Parameters
    ----------
    data : RunData
        The run, or a study of it.

    Returns
    -------
    Settings
        Without those that the cells do not have.
    """
    cells = data.cells[data.cells["model"] != BASELINE]
    values = {}
    # An encoder trains nothing to encode a document.
    inferring = "family" not in cells or bool((cells["family"] != ENCODER).any())
    for name in NAMES:
        if name in cells and (inferring or not name.startswith("inference_")):
            counts = cells[name].dropna().value_counts()
            # Of equally frequent ones the smallest first, whatever the order of the cells.
            ordered = sorted(counts.items(), key=lambda item: (-int(item[1]), float(str(item[0]))))
            values[name] = tuple(float(str(value)) for value, _ in ordered)
    return Settings(
        engines=tuple(sorted(map(str, set(cells["engine"])))),
        models=tuple(dict.fromkeys(map(str, cells["model"]))),
        seeds=tuple(sorted(int(seed) for seed in set(cells["seed"]))),
        values=values,
    )


def _brief(values: tuple[float, ...]) -> str:
    """Return a few numbers as they are, and of many their range."""
    if len(values) <= _MOST:
        return texts(values)
    return f"{min(values):g} to {max(values):g} ({len(values)} values)"


def texts(values: tuple[float, ...]) -> str:
    """Return numbers in a row.

    Examples
    --------
    >>> texts((0.025, 0.05))
    '0.025, 0.05'
    """
    return ", ".join(f"{value:g}" for value in values)
