"""Runs whose sections are known: cells with correctness, and drift where it is asked for."""

from __future__ import annotations

from typing import Any

import numpy as np
from run_support import made_run, right, variant

from d2vbench.analysis import RunData

VARIANTS = {
    "combined": (variant("combined"), 0.6, 5e6),
    "sequential": (variant("sequential", 4, "restart"), 0.7, 8e6),
    "oversampled": (variant("oversampled", 4), 0.85, 8e6),
    "domain-only": (variant("domain-only", 4), 0.849, 2e6),
}


def run_of(
    pairs: tuple[str, ...] = ("p",),
    seeds: int = 4,
    names: tuple[str, ...] = tuple(VARIANTS),
    study: str = "strategies",
    **more: Any,
) -> RunData:
    """Return a run of one study with the accuracies of `VARIANTS`."""
    cells: list[dict[str, Any]] = []
    for number, pair in enumerate(pairs):
        for name in names:
            sets, share, words = VARIANTS[name]
            for seed in range(seeds):
                found = right(share - 0.02 * number, n=500, seed=seed, noise=0.01)
                cells.append(
                    {**sets, "pair": pair, "seed": seed, "correct": found, "words_trained": words,
                     "cv_accuracy_all": share} | more
                )  # fmt: skip
    return made_run(cells, {study: list(range(len(cells)))})


def drift_cells(seeds: int = 3) -> RunData:
    """Return follow-ups that moved words in D by 0.4 and absent ones by 0.2, and lost 10 points."""
    cells: list[dict[str, Any]] = []
    for schedule, more in (("restart", 0.0), ("linear", 0.1)):
        for seed in range(seeds):
            jitter = 0.01 * (seed - (seeds - 1) / 2)
            cells.append({
                **variant("sequential", 4, schedule), "seed": seed, "correct": right(0.7),
                "drift_outputs_domain_raw": 0.5 + more + jitter,
                "drift_outputs_domain_aligned": 0.6 + more + jitter,
                "drift_outputs_absent_raw": 0.7 + more, "drift_outputs_absent_aligned": 0.8 + more,
                "drift_products_outputs_absent": 0.9, "drift_products_outputs_domain": 0.4,
                "drift_products_outputs_across": 0.48, "drift_products_outputs_lost": 0.2,
                "drift_fewest_accuracy": -0.01, "drift_most_accuracy": -0.05,
                "drift_neighbours_domain": 0.4, "drift_neighbours_absent": np.nan,
                "generic_before_accuracy_all": 0.8, "generic_accuracy_all": 0.7 + jitter,
            })  # fmt: skip
    return made_run(cells)
