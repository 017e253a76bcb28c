"""In what two computations of one cell differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from d2vbench.bench.spec.identity import main_metrics

# What two computations may differ in.
INCIDENTAL = frozenset({"seconds", "environment", "sha256", "predictions_sha256"})


def record_difference(one: Mapping[str, Any], two: Mapping[str, Any]) -> str:
    """Say in what two records of a cell differ; empty if in nothing that matters.

    Parameters
    ----------
    one, two : mapping
        From `RecordStore.read` or `d2vbench.bench.compute.work.run_cell`.

    Returns
    -------
    str
        An accuracy with both its values, or else the name of a field.
    """
    one, two = (
        {name: value for name, value in record.items() if name not in INCIDENTAL}
        for record in (one, two)
    )
    for budget in one["metrics"]:
        accuracies = [main_metrics(r).get(budget, {}).get("accuracy") for r in (one, two)]
        if accuracies[0] != accuracies[1]:
            return f"accuracy ({budget} labels) {accuracies[0]} and {accuracies[1]}"
    for name in dict.fromkeys((*one, *two)):
        if one.get(name) != two.get(name):
            return f"the field {name}"
    return ""
