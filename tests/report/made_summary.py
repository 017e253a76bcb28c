"""Summaries of any size, as `summarise` would give them, without a run."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from run_support import variant

from d2vbench.analysis.contrasts.variants import Variant, variant_title

Named = tuple[str, int | str, str] | tuple[str, int | str, str, float]

# As many variants as the full profile has.
MANY = (
    *(("domain-only", k, "linear") for k in (1, 2, 4, 8, "budget")),
    ("generic-only", "", "linear"),
    ("combined", "", "linear"),
    *(("oversampled", k, "linear") for k in (2, 4, 8, "balanced")),
    *(("sequential", k, s) for k in (1, 2, 4, 8) for s in ("restart", "follow-up(0.005)")),
    *(("sequential", 4, s) for s in ("linear", "rewarmed", "follow-up(0.05)")),
    *((name, 4, "restart") for name in ("reverse", "mixed-finish", "annealed", "ensemble")),
    *((name, 4, "linear") for name in ("concatenated", "shuffled-once")),
    ("replay", 4, "restart", 0.1),
    ("selected", "", "linear", 0.5),
    ("alternating, by others", 4, "linear"),
)  # fmt: skip
FEW = MANY[5:9]
PAIRS = (
    "docstrings-scipy", "synthetic", "newsgroups-comp", "20newsgroups-ohsumed", "text8-imdb",
    "wikipedia-reuters", "newsgroups-sci",
)  # fmt: skip


def made_summary(
    pairs: Sequence[str] = PAIRS[:2],
    variants: Sequence[Named] = FEW,
    models: Sequence[str] = ("dbow",),
    labels: Sequence[str] = ("all",),
    fraction: float = 1.0,
) -> pd.DataFrame:
    """Return a row for each pair, model, label budget and variant.

    The difference of variant ``i`` from `combined` is ``i`` points less that of `combined`'s place,
    plus half a point for each pair.
    """
    zero = next(i for i, v in enumerate(variants) if v[0] == "combined")
    rows = []
    for p, pair in enumerate(pairs):
        for model in models:
            for b, budget in enumerate(labels):
                for i, named in enumerate(variants):
                    difference = 0.01 * (i - zero) + 0.005 * p if i != zero else np.nan
                    accuracy = 0.6 + 0.01 * i - 0.1 * b
                    rows.append({
                        "pair": pair, "fraction": fraction, "model": model, "labels": budget,
                        **variant(*named), "seeds": 3,
                        "accuracy": accuracy, "accuracy_low": accuracy - 0.03,
                        "accuracy_high": accuracy + 0.02, "macro_f1": accuracy,
                        "difference": difference, "difference_low": difference - 0.015,
                        "difference_high": difference + 0.01, "p_holm": 0.04,
                        "verdict": "reference" if i == zero else "inconclusive",
                    })  # fmt: skip
    return pd.DataFrame(rows)


def titles(variants: Sequence[Named]) -> list[str]:
    return [variant_title(Variant(**variant(*named))) for named in variants]
