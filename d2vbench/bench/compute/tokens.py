"""What is measured of a trained encoder that is fine-tuned for tokens."""

from __future__ import annotations

from typing import Any

import numpy as np

from d2vbench.bench.compute.sample import Sample
from d2vbench.bench.spec.cell import TrainedCell, labels_of
from d2vbench.corpora import Pair, Selection
from d2vbench.evaluation.tokens import TASKS
from d2vbench.evaluation.tokens.task import TokenTask
from d2vbench.evaluation.tokens.tuned import tokens_tuned
from d2vbench.families import Learner
from d2vbench.keys import derive_seed
from d2vbench.remembered import Remembered


def tokens_told(
    cell: TrainedCell, pair: Pair, sample: Sample, learner: Learner
) -> tuple[dict[str, Any], dict[str, int]]:
    """Return the record's ``tokens`` by label budget, and counts.

    Smaller label budgets lie within larger ones.
    """
    task = _task(cell.tokens, pair, sample.domain)
    order = np.random.default_rng(derive_seed(sample.base, "labels")).permutation(len(task.train))
    found, counts = {}, {"token_documents": len(task.train), "token_test_documents": len(task.test)}
    for budget in cell.budgets:
        documents = np.sort(order[: labels_of(budget)[1]])
        found[budget] = tokens_tuned(learner, cell.fine_tuned, task, documents, sample.base)
        counts[f"labelled_{budget}"] = len(documents)
    return found, counts


# The task of a pair that was made last: losses and arms have it in common.
_LAST = Remembered[TokenTask]()


def _task(name: str, pair: Pair, domain: Selection) -> TokenTask:
    return _LAST.get((name, pair.key, domain.key), lambda: TASKS[name].make(pair, domain))
