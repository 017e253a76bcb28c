"""Records as a tidy table, with the correctness of every test document."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from d2vbench.bench.store.manifest import MANIFEST, read_manifest
from d2vbench.bench.store.records import RecordStore
from d2vbench.errors import UserError
from d2vbench.keys import canonical_json
from d2vbench.strategies import exposure_of_record

# The model of a cell that trains no Doc2Vec; its strategy says which baseline it is.
BASELINE = "baseline"
DOC2VEC, ENCODER = "doc2vec", "encoder"
INFERRED = "inferred"
# The default vocabulary policy.
PRESENTED = "presented"
# That of a saved model.
ADDED = "model-added"

# What a study may vary beside strategy and schedule, and how a table says so.
_SETTINGS = {
    "generic_fraction": "{:.3g} of G",
    "generic_model": "saved model {:.8}",
    "word_vectors": "word vectors {:.8}",
    "epochs": "E = {:g}",
    "alpha": "alpha {:g}",
    "min_alpha": "min_alpha {:g}",
    "inference_epochs": "inferred in {:g} epochs",
    "inference_alpha": "inferred from alpha {:g}",
    "inference_min_alpha": "inferred down to alpha {:g}",
    "vectors": "vectors {}",
    "vector_size": "vector_size {:g}",
    "window": "window {:g}",
    "negative": "negative {:g}",
    "sample": "sample {:g}",
    "min_count": "min_count {:g}",
    "max_tokens": "max_tokens {:g}",
    "batch": "batch {:g}",
    "peak_rate": "peak_rate {:g}",
    "precision": "{}",
    "fine_tuned": "fine-tuned {}",
    "tokens": "tokens {}",
}


#: Usual whatever most cells of a run have; columns of the runs alone that have other values.
ALWAYS_USUAL: dict[str, Any] = {"generic_fraction": 1.0, "fine_tuned": "", "tokens": ""}
# What stands for the generic corpus: a cell without it is beside those with it.
_MAY_LACK = ("generic_model", "word_vectors")

# Of a setting of inference that was tried.
_TRIED = ("key", "labels", "epochs", "alpha", "min_alpha", "cv_accuracy", "accuracy", "chosen")

# Of the generic corpus' own task.
_FORGETTING = ("accuracy", "macro_f1")
# What a cell may be asked beside what it says otherwise, and what records then hold.
_MORE = frozenset({"inference_grid", "diagnosed"})
_FOUND_BESIDE = ("generic", "drift", "inference")

# A record, and which test documents it classified rightly.
_Read = tuple[dict[str, Any], dict[str, npt.NDArray[np.bool_]]]


@dataclass(frozen=True)
class RunData:
    """What a run's folder holds.

    Attributes
    ----------
    manifest : dict
        Study, pairs, environment.
    cells : pandas.DataFrame
        One row a cell, in the order of the grid. ``setting`` says in words what sets a cell apart
        from the usual of the run beside strategy, schedule and vocabulary; empty for most.
        ``policy`` is ``vocabulary_policy`` where that is not the usual of the run, else empty.
        ``k`` is an int, a word such as ``"budget"``, or empty; ``share`` and ``schedule_value`` are
        NaN where a strategy or schedule takes none.
    correct : dict of (str, str) to (n_test,) bool
        By key of the cell and label budget: which test documents were classified rightly; under
        ``"10.chosen"`` with the inference that was chosen for the label budget ``"10"``. Under
        ``generic`` and ``generic_before`` in place of a budget, those of the generic corpus' own
        task, after training and before the follow-up.
    missing : int
        Cells of the manifest without a record.
    environments : list of dict
        The distinct environments that the records were computed in.
    stacks : dict
        What `d2vbench.analysis.contrasts.scores.variant_stacks` has drawn already: studies share
        cells, and tables, claims and recommendations look at the same ones.
    classifiers : dict of str to frozenset of str
        By key of the cell: classifiers beside the main one; their columns begin with their names.
    inference : pandas.DataFrame
        One row for each cell, label budget and setting of inference that was tried: ``key``,
        ``labels``, ``epochs``, ``alpha``, ``min_alpha``, ``cv_accuracy``, ``accuracy`` and
        ``chosen``, whether cross-validation chose it. No row of cells that choose nothing.
    """

    manifest: dict[str, Any]
    cells: pd.DataFrame
    correct: dict[tuple[str, str], npt.NDArray[np.bool_]]
    missing: int
    environments: list[dict[str, Any]] = field(default_factory=list)
    stacks: dict[tuple[str, ...], Any] = field(default_factory=dict, repr=False, compare=False)
    classifiers: dict[str, frozenset[str]] = field(default_factory=dict)
    inference: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=[*_TRIED]))

    def studies(self) -> list[str]:
        """Return the names of the studies that the run consists of."""
        return list(self._studies)

    def study(self, name: str) -> RunData:
        """Return the part of the run that belongs to one study."""
        return self.only(self.cells["key"].isin(set(self._studies[name]["cells"])))

    def without(self, name: str) -> RunData:
        """Return the run without one of several studies, and the cells that it alone has."""
        others = {study: of for study, of in self._studies.items() if study != name}
        if name not in self._studies or not others:
            return self
        keys = {key for study in others.values() for key in study["cells"]}
        manifest = {**self.manifest, "studies": list(others.values())}
        rest = self.only(self.cells["key"].isin(keys))
        return dataclasses.replace(rest, manifest=manifest)

    def question(self, name: str) -> str:
        """Return what a study asks; empty where the manifest does not say."""
        return str(self._studies[name].get("question", ""))

    @property
    def _studies(self) -> dict[str, dict[str, Any]]:
        alone = {"name": self.manifest["study"], "cells": self.manifest["cells"]}
        return {study["name"]: study for study in self.manifest.get("studies", [alone])}

    def only(self, rows: pd.Series[bool]) -> RunData:
        """Return the part of the run that some of its cells make."""
        cells = self.cells.loc[rows]
        keys = set(cells["key"])
        correct = {place: right for place, right in self.correct.items() if place[0] in keys}
        tried = self.inference[self.inference["key"].isin(keys)]
        return dataclasses.replace(self, cells=cells, correct=correct, inference=tried)


def baseline_of(cell: dict[str, Any]) -> str:
    """Return a baseline's name, with that of its checkpoint or word vectors where it reads some."""
    if cell.get("word_vectors"):
        return f"{cell['baseline']} {_file_of(cell['word_vectors'])[:8]}"
    if "encoder" not in cell:
        return str(cell["baseline"])
    parts = cell["encoder"]["encoder"].replace("\\", "/").split("/")
    words = str(cell["encoder"].get("vocabulary", ""))
    more = f" {words}" if words.startswith("checkpoint+") else ""
    return f"{cell['baseline']} {[part for part in parts if part][-1]}{more}"


def _trained(cell: dict[str, Any], model: str | None) -> dict[str, Any]:
    """Return what a trained cell says of itself, by column.

    A record says the name of a ``model`` that its settings do not; that name says the vocabulary.
    """
    settings, strategy, schedule = cell["settings"], cell["strategy"], cell["schedule"]
    return {
        "family": cell["family"],
        "model": model or settings.get("model", cell["family"]),
        "strategy": strategy["name"],
        "k": "" if strategy["k"] is None else strategy["k"],
        "share": strategy["share"],
        "schedule": schedule["name"],
        "schedule_value": schedule["value"],
        "vocabulary_policy": None if model else settings.get("vocabulary"),
        "seed": cell["seed"],
        "engine": settings.get("engine", cell["family"]),
        "epochs": cell["epochs"],
        "alpha": cell["alpha"],
        "min_alpha": cell["min_alpha"],
        **{f"inference_{name}": value for name, value in cell["inference"].items()},
        "vectors": cell["vectors"],
        # A column of runs that have a cell with less than all of G.
        **{name: cell[name] for name in ALWAYS_USUAL if name in cell},
        **{k: v for k, v in settings.items() if k not in ("model", "vocabulary", "engine")},
        **({"word_vectors": _file_of(said)} if (said := settings.get("word_vectors")) else {}),
    }


def _file_of(word_vectors: str) -> str:
    """Return which file word vectors are of: each pair has its own words of one file."""
    return word_vectors.partition("-")[0]


def cell_row(record: dict[str, Any]) -> dict[str, Any]:
    """Return the row of a record: settings, metrics, counts, exposure, then seconds and key.

    Parameters
    ----------
    record : dict
        From `RecordStore.read`.

    Returns
    -------
    dict
        Columns in their order. Those that begin with ``seconds_`` differ from run to run; no
        other does. ``seconds_core`` is their sum without a choice of inference, which some cells
        make and others do not: all seconds that one core spent on the cell as it is compared.
    """
    cell = record["cell"]
    row: dict[str, Any] = {"pair": cell["pair"], "fraction": cell["fraction"]}
    if "baseline" in cell:
        row |= {
            "family": "-",
            "model": BASELINE,
            "strategy": baseline_of(cell),
            "k": "",
            "share": None,
        }
        row |= {"schedule": "-", "schedule_value": None, "vocabulary_policy": None}
        row |= {"seed": cell["seed"], "engine": "-"}
    else:
        row |= _trained(cell, record.get("model"))
    for budget, by_classifier in record["metrics"].items():
        for name in cell.get("classifiers", by_classifier):
            # Those of the main classifier, the first, go without its name.
            prefix = "" if name == cell.get("classifiers", [name])[0] else f"{name}_"
            metrics = by_classifier[name]
            row |= {f"{prefix}{metric}_{budget}": value for metric, value in metrics.items()}
    for budget, by_split in record.get("tokens", {}).items():
        for split, said in by_split.items():
            row |= {f"tokens_{split}_{name}_{budget}": value for name, value in said.items()}
    row |= record["counts"]
    row |= exposure_of_record(record)
    for when, prefix in (("after", "generic"), ("before", "generic_before")):
        forgetting = record.get("generic", {}).get(when, {})
        row |= {f"{prefix}_{m}_all": forgetting[m] for m in _FORGETTING if m in forgetting}
    row |= {f"drift_{name}": value for name, value in record.get("drift", {}).items()}
    row |= {f"expansion_{name}": value for name, value in record.get("expansion", {}).items()}
    row |= {f"seconds_{step}": value for step, value in record["seconds"].items()}
    compared = {s: n for s, n in record["seconds"].items() if s != "choose_inference"}
    row["seconds_core"] = round(sum(compared.values()), 4)
    row["key"] = record["key"]
    return row


def load_run(run: Path) -> RunData:
    """Read a run's folder.

    Parameters
    ----------
    run : pathlib.Path
        With ``manifest.json`` and records, packed or not.

    Returns
    -------
    RunData
        Of the cells of the manifest that have a record.

    Raises
    ------
    UserError
        If there is no manifest, a record is damaged, or another version made the run.
    """
    path = run / MANIFEST
    manifest = read_manifest(run)
    if manifest is None:
        if not path.exists():
            raise UserError(f"{run} holds no run: {path} is missing")
        raise UserError(f"{path} is damaged; run the study again to write it anew")
    records, twins = _joined(_records(run, manifest["cells"]))
    manifest = _with_twins(manifest, twins)
    rows, correct, classifiers, tried = [], {}, {}, []
    environments: list[dict[str, Any]] = []
    for record, right in records:
        rows.append(cell_row(record))
        tried += _tried(record)
        classifiers[record["key"]] = frozenset(record["cell"].get("classifiers", ())[1:])
        if record["environment"] not in environments:
            environments.append(record["environment"])
        correct.update({(record["key"], name): array for name, array in right.items()})
    columns = list(dict.fromkeys(column for row in rows for column in row))
    # Timings last but for the key, whichever record brought a column first.
    columns.sort(key=lambda c: (c == "key", c.startswith("seconds_")))
    frame = pd.DataFrame(rows, columns=columns)
    for name in ALWAYS_USUAL:
        if name in frame:
            frame.loc[frame["model"] != BASELINE, name] = frame[name].fillna(ALWAYS_USUAL[name])
    if not frame.empty:
        place = list(frame.columns).index("vocabulary_policy") + 1
        frame.insert(place, "policy", _policies(frame))
        frame.insert(place + 1, "setting", _settings(frame))
    return RunData(
        manifest, frame, correct, len(manifest["cells"]) - len(rows), environments,
        classifiers=classifiers, inference=pd.DataFrame(tried, columns=[*_TRIED]),
    )  # fmt: skip


def _tried(record: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a row for each setting of inference that a record tries, by label budget."""
    found = record.get("inference", {"points": [], "chosen": {}})
    return [
        {
            "key": record["key"], "labels": budget,
            **{name: point[name] for name in ("epochs", "alpha", "min_alpha")},
            **{name: point["metrics"][budget][name] for name in ("cv_accuracy", "accuracy")},
            "chosen": chosen == place,
        }
        for budget, chosen in found["chosen"].items()
        for place, point in enumerate(found["points"])
    ]  # fmt: skip


def _joined(read: Iterable[_Read]) -> tuple[list[_Read], dict[str, str]]:
    """Join the records of one cell that differ in what was asked beside.

    Merged runs may hold a cell plainly, with a choice of inference, and with diagnostics. Its
    training and metrics are the same: one record stays, with what the others found beside.

    Returns
    -------
    read : list of (dict, dict)
        Without those that another stands for.
    twins : dict of str to str
        Their keys, and the key of the other.
    """
    read = list(read)
    alike: dict[str, list[_Read]] = {}
    for one in read:
        cell = {name: value for name, value in one[0]["cell"].items() if name not in _MORE}
        alike.setdefault(canonical_json([cell, one[0]["pair_key"]]), []).append(one)

    def asked(one: _Read) -> frozenset[str]:
        return _MORE & one[0]["cell"].keys()

    twins: dict[str, str] = {}
    joined: dict[str, _Read] = {}
    for group in alike.values():
        first = max(group, key=lambda one: (len(asked(one)), one[0]["key"]))
        record, right = first
        for other, more in group:
            if asked((other, more)) != asked(first):
                twins[other["key"]] = record["key"]
                found = {name: other[name] for name in _FOUND_BESIDE if name in other}
                record, right = {**found, **record}, {**more, **right}
        joined[record["key"]] = record, right
    return [joined.get(one[0]["key"], one) for one in read if one[0]["key"] not in twins], twins


def _with_twins(manifest: dict[str, Any], twins: dict[str, str]) -> dict[str, Any]:
    """Return a manifest in which other records stand for some."""
    if not twins:
        return manifest

    def swapped(keys: list[str]) -> list[str]:
        return list(dict.fromkeys(twins.get(key, key) for key in keys))

    studies = [{**one, "cells": swapped(one["cells"])} for one in manifest.get("studies", [])]
    more = {"studies": studies} if studies else {}
    return {**manifest, "cells": swapped(manifest["cells"]), **more}


def _records(
    run: Path, keys: list[str]
) -> Iterator[tuple[dict[str, Any], dict[str, npt.NDArray[np.bool_]]]]:
    """Yield the records that there are, in the order of the grid, each with what was right."""
    store = RecordStore(run)
    for key in keys:
        record = store.find(key)
        if record is not None:
            yield record, store.correct(record)


def _policies(frame: pd.DataFrame) -> pd.Series[Any]:
    """Return the vocabulary policies that are not the usual: the default, or the most frequent.

    Models that go on from a saved one have policies, and a usual one, of their own.
    """
    given = frame["vocabulary_policy"]
    saved = (
        frame["generic_model"].notna()
        if "generic_model" in frame
        else pd.Series(False, given.index)
    )
    said = given.where(given.notna(), "")
    for of, default in ((~saved, PRESENTED), (saved, ADDED)):
        known = given[of].dropna()
        if len(known):
            usual = default if default in set(known) else known.mode().iloc[0]
            said = said.where(~of | (given != usual), "")
    return said


def usual_but_for(cells: pd.DataFrame, varying: Sequence[str]) -> pd.Series[bool]:
    """Return which trained cells of a run have its usual settings, but for some of them.

    Parameters
    ----------
    cells : pandas.DataFrame
        All cells of the run; baselines count as unusual.
    varying : sequence of str
        Settings that may be other than the most frequent.

    Returns
    -------
    pandas.Series of bool
        With the index of the cells.
    """
    there = cells["model"] != BASELINE
    usual = there.copy()
    for of in _kinds(cells):
        for name in _SETTINGS:
            if name not in varying and cells.get(name) is not None:
                most = _most_frequent(cells[of], name).reindex(cells.index)
                may_lack = most.isna() | (name in _MAY_LACK)
                usual &= ~of | (cells[name] == most) | (may_lack & cells[name].isna())
    return usual


def _kinds(cells: pd.DataFrame) -> list[pd.Series[bool]]:
    """Return which trained cells are of one kind: models of a kind have settings in common.

    Those of Doc2Vec are one; models that a record names, such as encoders, are each their own.
    """
    there = cells["model"] != BASELINE
    if "family" not in cells:
        return [there]
    own = cells["model"].where(cells["family"] == ENCODER, cells["family"])
    return [there & (own == kind) for kind in own[there].unique()]


def _settings(frame: pd.DataFrame) -> list[str]:
    """Say for each cell what of its settings is not the most frequent of its kind in the run."""
    said = dict.fromkeys(frame.index, "")
    for of in _kinds(frame):
        trained = frame[of]
        there = [name for name in _SETTINGS if trained.get(name) is not None]
        most = zip(*(_most_frequent(trained, name).tolist() for name in there), strict=True)
        for (place, row), usual in zip(trained.iterrows(), most, strict=False):
            said[place] = ", ".join(
                _SETTINGS[name].format(row[name])
                for name, value in zip(there, usual, strict=True)
                if not pd.isna(value)
                and row[name] != value
                and not (name in _MAY_LACK and pd.isna(row[name]))
            )
    return list(said.values())


def _most_frequent(cells: pd.DataFrame, name: str) -> pd.Series[Any]:
    """Return for each cell which value of a setting is the usual one, missing where none has one.

    Of what stands for the generic corpus each pair has its own.
    """
    if name in ALWAYS_USUAL:
        return pd.Series(ALWAYS_USUAL[name], cells.index)
    usual = pd.Series(None, cells.index, dtype=object)
    parts = [of for _, of in cells.groupby("pair")] if name in _MAY_LACK else [cells]
    for part in parts:
        mode = part[name].mode()
        usual.loc[part.index] = None if mode.empty else mode.iloc[0]
    return usual
