"""Recompute cells of a run and compare them with their records."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from d2vbench.bench.compute.environment import environment
from d2vbench.bench.compute.work import run_cell
from d2vbench.bench.spec.cell import Cell, cell_from_json, pair_key_of
from d2vbench.bench.spec.identity import main_metrics
from d2vbench.bench.store.packed import correct_of
from d2vbench.bench.store.records import RecordStore
from d2vbench.corpora import Pair

# Fields that may differ between two computations of a cell. What a result rests on is said by the
# versions, which are in its key, and not by the sources.
INCIDENTAL = frozenset(
    {"seconds", "environment", "libraries", "sources", "sha256", "predictions_sha256"}
)
# What a record says of where it is from, and not of what came out.
_IDENTITY = frozenset({"schema", "key", "versions"})
# What follows from plans and counts, which are compared; older records lack it.
_DERIVED = frozenset({"exposure"})
# Libraries whose version, or the processor's arithmetic, may move the last digit of a classifier.
_PACKAGES = ("gensim", "numpy", "scipy", "scikit-learn")


@dataclass(frozen=True)
class Verified:
    """A recomputed cell.

    Attributes
    ----------
    key : str
        Of its record.
    cell : Cell
        Which.
    difference : str
        What differs; empty if nothing does, to the last digit. Of an encoder that was trained
        elsewhere, accuracies may differ by the ``tolerance`` that the record says.
    elsewhere : str
        Differences of the machines that may change a last digit, and versions of components that
        have changed since; empty if none.
    accuracies : dict of str to tuple of two floats
        For each label budget what the record says and what came out now, in [0, 1]; empty where
        the cell was not computed because the pair has other documents here.
    tolerance : float
        By how much accuracies were let differ; 0 where they agree to the last digit, or do not.
    """

    key: str
    cell: Cell
    difference: str
    elsewhere: str
    accuracies: dict[str, tuple[float, float]]
    tolerance: float = 0.0


def record_difference(one: Mapping[str, Any], two: Mapping[str, Any]) -> str:
    """Say what differs between two records of a cell; empty if nothing that matters.

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


def draw(keys: Sequence[str], count: int, seed: int) -> list[str]:
    """Draw some of the keys of a run, without repeats.

    Parameters
    ----------
    keys : sequence of str
        In the order of the manifest.
    count : int
        How many, at most.
    seed : int
        The same seed draws the same.

    Returns
    -------
    list of str
        In the order of the manifest.
    """
    rng = np.random.default_rng(seed)
    chosen = rng.choice(len(keys), size=min(count, len(keys)), replace=False)
    return [keys[i] for i in np.sort(chosen).tolist()]


def verify(store: RecordStore, key: str, pair: Pair) -> Verified:
    """Compute a cell again and compare it with its record.

    Parameters
    ----------
    store : RecordStore
        Of the run.
    key : str
        Of a record that is there.
    pair : Pair
        The pair that the cell names.

    Returns
    -------
    Verified
        Metrics, counts, plans and diagnostics are compared, and for each test document whether it
        was classified correctly. Seconds are not, nor which sources of d2vbench computed it.

    Raises
    ------
    UserError
        If the record cannot be read.
    """
    old = store.read(key)
    cell = cell_from_json(old["cell"])
    elsewhere = _elsewhere(old["environment"], environment())
    if old["pair_key"] != pair_key_of(cell, pair):
        what = "documents"
        if pair_key_of(cell, pair) != pair.key:
            what += ", or titles of classes,"
        return Verified(key, cell, f"the pair has other {what} here", elsewhere, {})
    new, predictions = run_cell(cell, pair)
    left = _IDENTITY | (_DERIVED - old.keys())
    difference = record_difference(
        {name: value for name, value in old.items() if name not in left},
        {name: value for name, value in _as_json(new).items() if name not in left},
    )
    if not difference:
        right, now = store.correct(old), correct_of(new, predictions)
        same = right.keys() == now.keys() and all(
            np.array_equal(right[name], now[name]) for name in right
        )
        difference = "" if same else "which documents were classified correctly"
    accuracies = {
        budget: (main_metrics(old)[budget]["accuracy"], now["accuracy"])
        for budget, now in main_metrics(new).items()
    }
    was, found = _of_words(old), _of_words(new)
    accuracies |= {place: (was[place], found[place]) for place in was.keys() & found.keys()}
    others = [
        _others("", old.get("libraries", {}), new.get("libraries", {})),
        _others("version of ", old["versions"], cell.versions()),
    ]
    elsewhere = "; ".join(filter(None, [elsewhere, *others]))
    tolerance = float(old.get("tolerance", 0.0))
    if difference and elsewhere and _within(accuracies, tolerance):
        return Verified(key, cell, "", elsewhere, accuracies, tolerance)
    return Verified(key, cell, difference, elsewhere, accuracies)


def _of_words(record: Mapping[str, Any]) -> dict[str, float]:
    """Return the accuracies of words, by label budget and names."""
    return {
        f"{budget}, {names}": float(said["accuracy"])
        for budget, by_names in record.get("tokens", {}).items()
        for names, said in by_names.items()
        if "accuracy" in said
    }


def _within(accuracies: Mapping[str, tuple[float, float]], tolerance: float) -> bool:
    """Return whether accuracies agree as far as a record says that they do elsewhere."""
    return (
        tolerance > 0
        and len(accuracies) > 0
        and all(abs(one - two) <= tolerance for one, two in accuracies.values())
    )


def _others(what: str, there: Mapping[str, Any], here: Mapping[str, Any]) -> str:
    """Say which versions differ of libraries, or of components that decide the result."""
    return "; ".join(
        f"{what}{name} {version} there and {here.get(name)} here"
        for name, version in there.items()
        if version != here.get(name)
    )


def _as_json(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record as it would be read back: tuples are lists."""
    values: dict[str, Any] = json.loads(json.dumps(record))
    return values


def _elsewhere(old: dict[str, Any], new: dict[str, Any]) -> str:
    said = [
        f"{name} {old['packages'].get(name)} there and {new['packages'].get(name)} here"
        for name in _PACKAGES
        if old["packages"].get(name) != new["packages"].get(name)
    ]
    said += [f"{old[n]} there and {new[n]} here" for n in ("cpu", "system") if old[n] != new[n]]
    return "; ".join(said)
