"""Runs made of arrays: cells and correctness without any training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from d2vbench.analysis.contrasts.frame import RunData
from d2vbench.analysis.contrasts.variants import Variant
from d2vbench.strategies import parse_schedule

USUAL: dict[str, Any] = {
    "pair": "p", "fraction": 1.0, "model": "dbow", "engine": "native",
    **Variant("combined")._asdict(), "epochs": 10, "alpha": 0.025, "words_trained": 1e6,
}  # fmt: skip


def right(share: float, n: int = 200, seed: int = 0, noise: float = 0.05) -> np.ndarray:
    """Return which of n documents are right: the same easy ones but for some noise."""
    rng = np.random.default_rng([seed, n])
    hard = (np.arange(n) * 37 % n) / n + rng.normal(0, noise, n)
    return hard < share


def made_run(
    cells: list[Mapping[str, Any]],
    studies: Mapping[str, list[int]] | None = None,
    budgets: tuple[str, ...] = ("all",),
) -> RunData:
    """Return a run; each cell needs ``seed`` and may hold ``correct``, else it has no result.

    ``correct`` is one array for all budgets, or a dict by budget.
    """
    rows, correct = [], {}
    for i, cell in enumerate(cells):
        key = f"cell{i}"
        row = USUAL | {k: v for k, v in cell.items() if k != "correct"} | {"key": key}
        found = cell.get("correct")
        by_budget = found if isinstance(found, dict) else dict.fromkeys(budgets, found)
        for budget, values in by_budget.items():
            if values is not None:
                correct[key, budget] = np.asarray(values, dtype=bool)
                if not budget.startswith("generic"):
                    row.setdefault(f"accuracy_{budget}", float(np.mean(values)))
                    row.setdefault(f"macro_f1_{budget}", float(np.mean(values)))
        for budget in budgets:
            row.setdefault(f"accuracy_{budget}", np.nan)
            row.setdefault(f"macro_f1_{budget}", np.nan)
        rows.append(row)
    keys = [str(row["key"]) for row in rows]
    parts = studies or {"strategies": list(range(len(keys)))}
    manifest = {
        "study": "all", "cells": keys, "pairs": {},
        "studies": [
            {"name": name, "question": "", "cells": [keys[i] for i in places]}
            for name, places in parts.items()
        ],
    }  # fmt: skip
    return RunData(manifest, pd.DataFrame(rows), correct, 0)


def variant(
    strategy: str, k: int | str = "", schedule: str = "linear", share: float | None = None
) -> dict[str, Any]:
    """Return the columns of a variant; the schedule is given as on the command line."""
    rate = parse_schedule(schedule)
    return Variant(strategy, k, share, rate.name, rate.value)._asdict()


def pair_entry(*corpora: str) -> dict[str, Any]:
    """Return what a manifest says of a pair made of these corpora."""
    return {
        "classes": ["a", "b"], "generic_documents": 400, "generic_words": 40_000,
        "train_documents": 100, "test_documents": 200, "train_words": 10_000, "left_out": {},
        "sources": {name: {"content_sha256": "0" * 64, "versions": {}} for name in corpora},
    }  # fmt: skip


# Share of G, and its words: ten for each of D with all of it.
GENERIC_SHARES = ((1.0, 1000), (0.5, 500), (0.25, 250))


def sizes_run() -> RunData:
    """Return a run of study `generic-size`.

    More of G harms `oversampled(4)` by natural counts, and helps it as presented.
    """
    cells: list[dict[str, Any]] = []
    for share, generic in GENERIC_SHARES:
        for name, k, policy, accuracy in (
            ("oversampled", 4, "", 0.6 + 0.1 * share),
            ("oversampled", 4, "natural", 0.6 - 0.1 * share),
            ("domain-only", 4, "natural", 0.58),
        ):
            cells += [
                {**variant(name, k), "policy": policy, "seed": s, "generic_fraction": share,
                 "setting": "" if share == 1 else f"{share:g} of G, alpha 0.05",
                 "generic_words": generic, "domain_words": 100, "words_trained": generic + 400,
                 "correct": right(accuracy, 400, s, 0.005)}
                for s in range(3)
            ]  # fmt: skip
    cells += [
        {**variant("domain-only", 4), "seed": s, "generic_fraction": 1.0, "generic_words": 1000,
         "domain_words": 100, "words_trained": 400, "correct": right(0.6, 400, s, 0.005)}
        for s in range(3)
    ]  # fmt: skip
    return made_run(cells, {"generic-size": list(range(len(cells)))})
