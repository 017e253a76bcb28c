"""The versions of the components that decide a result: part of a record's key.

Whoever changes what a component computes raises the version beside its definition. The exact cells
in the tests fail where a number moves without its version, and where a version moves without a
number.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any

from d2vbench import keys
from d2vbench.corpora.pairs import subsets
from d2vbench.corpora.versions import corpora_versions
from d2vbench.evaluation import (
    BASELINES,
    CLASSIFIERS,
    DIAGNOSTICS_VERSION,
    DRIFT_VERSION,
    MAIN_CLASSIFIER,
    METRIC_VERSIONS,
)
from d2vbench.evaluation.classifiers.folds import FOLDS_VERSION
from d2vbench.evaluation.given_vectors import GIVEN
from d2vbench.evaluation.pretrained import PRETRAINED
from d2vbench.evaluation.tokens import TASKS, TOKENS_VERSION
from d2vbench.families import FAMILIES
from d2vbench.families.encoder import arms
from d2vbench.strategies import ORDERS_VERSION, SCHEDULES, STRATEGIES, Strategy

#: Of what a cell measures in which order: `d2vbench.bench.compute.measure`.
PROTOCOL_VERSION = 1
#: Of how inference settings are chosen from a grid: `d2vbench.bench.compute.inference_grid`.
INFERENCE_CHOICE_VERSION = 1

Versions = dict[str, int | str]


@functools.cache
def _common() -> Versions:
    return {
        "protocol": PROTOCOL_VERSION,
        "seeds": keys.SEEDS_VERSION,
        **corpora_versions(),
        **{f"metric {name}": version for name, version in METRIC_VERSIONS.items()},
    }


def model_versions(family: str, settings: Any) -> Versions:
    """Return the versions of what trains a model, whatever it is presented.

    Parameters
    ----------
    family : str
        A key of `FAMILIES`.
    settings : object
        Of the model.
    """
    return {
        "seeds": keys.SEEDS_VERSION,
        "orders": ORDERS_VERSION,
        f"family {family}": FAMILIES.version(family),
        **FAMILIES[family].components(settings),
    }


def trained_versions(
    family: str,
    settings: Any,
    strategy: str,
    schedule: str,
    classifiers: Iterable[str],
    *,
    diagnosed: bool,
    chooses: bool = False,
    fine_tuned: bool = False,
    tokens: str = "",
) -> Versions:
    """Return the versions of the components of a trained cell.

    Parameters
    ----------
    family, settings
        See `model_versions`.
    strategy, schedule : str
        By name.
    classifiers : iterable of str
        By name.
    diagnosed : bool
        Whether it is measured what training has moved and forgotten.
    chooses : bool
        Whether inference settings are chosen from a grid.
    fine_tuned : bool
        Whether the model goes on learning from labels in place of a classifier.
    tokens : str
        The task of tokens, if it learns one.
    """
    # A model that is trained apart is known by its end alone.
    apart = FAMILIES[family].trains_apart(settings)
    drifts = diagnosed and Strategy(strategy).follows_generic
    return {
        **_common(),
        **model_versions(family, settings),
        f"strategy {strategy}": STRATEGIES.version(strategy),
        f"schedule {schedule}": SCHEDULES.version(schedule),
        **(
            {"fine-tuning": arms.VERSION, "folds": FOLDS_VERSION}
            if fine_tuned
            else {f"classifier {name}": CLASSIFIERS.version(name) for name in classifiers}
        ),
        **({"tokens": TOKENS_VERSION, f"tokens {tokens}": TASKS[tokens].version} if tokens else {}),
        **({"diagnostics": DIAGNOSTICS_VERSION} if diagnosed else {}),
        **({"drift": DRIFT_VERSION} if drifts and not apart else {}),
        **({"choice of inference": INFERENCE_CHOICE_VERSION} if chooses else {}),
    }


def budget_versions(ratios: Iterable[int | None]) -> Versions:
    """Return the versions of what draws label budgets, beside that of all: of long tails."""
    return {"long tail": subsets.LONG_TAIL_VERSION} if any(ratios) else {}


def baseline_versions(name: str) -> Versions:
    """Return the versions of the components of a baseline, by its name."""
    return {
        **_common(),
        f"baseline {name}": BASELINES.version(name),
        f"classifier {MAIN_CLASSIFIER}": CLASSIFIERS.version(MAIN_CLASSIFIER),
    }


def pretrained_versions(name: str, settings: Any) -> Versions:
    """Return the versions of the components of a baseline by a checkpoint."""
    return {
        **_common(),
        f"baseline {name}": PRETRAINED[name].version,
        "family encoder": FAMILIES.version("encoder"),
        **FAMILIES["encoder"].components(settings),
        f"classifier {MAIN_CLASSIFIER}": CLASSIFIERS.version(MAIN_CLASSIFIER),
    }


def given_versions(name: str) -> Versions:
    """Return the versions of the components of a baseline by given word vectors."""
    return {
        **_common(),
        f"baseline {name}": GIVEN[name].version,
        f"classifier {MAIN_CLASSIFIER}": CLASSIFIERS.version(MAIN_CLASSIFIER),
    }
