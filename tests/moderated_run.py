"""A run on crossed pairs whose differences one property of the pairs decides."""

from __future__ import annotations

from typing import Any

import numpy as np
from run_support import made_run, right, variant

from d2vbench.analysis.contrasts.frame import RunData

GENERICS, DOMAINS = [f"g{i}" for i in range(4)], [f"d{i}" for i in range(6)]


def moderated_run(seeds: int = 2) -> RunData:
    """Return a run in which G is worth 0.2 less 0.4 for each bit of divergence, on 24 pairs."""
    rng = np.random.default_rng(12)
    cells: list[dict[str, Any]] = []
    entries = {}
    for g, generic in enumerate(GENERICS):
        for d, domain in enumerate(DOMAINS):
            pair, far = f"{generic}-{domain}", float(rng.uniform(0.1, 0.6))
            entries[pair] = {
                "key": pair, "generic": generic, "domain": domain, "divergence": far,
                "out_of_vocabulary": float(rng.uniform(0, 0.3)),
                "generic_words": 10_000 * (g + 1), "train_words": 1000 + 300 * d,
                "train_documents": 10 + (d * 7) % 5, "generic_documents": 100,
                "test_documents": 2000, "classes": [str(c) for c in range(2 + (d * 5) % 7)],
                "left_out": {},
                "sources": {
                    name: {"content_sha256": "0" * 64, "versions": {}} for name in (generic, domain)
                },
            }  # fmt: skip
            for name, share in (("oversampled", 0.7 - 0.4 * far), ("domain-only", 0.5)):
                cells += [
                    {**variant(name, 4), "pair": pair, "seed": s,
                     "correct": right(share, 2000, s, 0.002)}
                    for s in range(seeds)
                ]  # fmt: skip
    data = made_run(cells)
    data.manifest["pairs"] = entries
    return data
