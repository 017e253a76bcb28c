"""Whether a record has the parts of a record, whoever wrote it and sealed it.

A checksum says that a record is as it was written; not that what wrote it was d2vbench. Records
come from other people too (`merge`, `compare`, `report` of a published run), and what reads them
relies on the types of their parts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

Check = Callable[[Any], bool]


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) if isinstance(value, float) else abs(value) < 1 << 63


def _whole(value: Any) -> bool:
    return isinstance(value, int) and _number(value)


def _share(value: Any) -> bool:
    return _number(value) and 0 <= value <= 1


def _any(value: Any) -> bool:
    """Return that it may be anything: what a classifier or a family of a third party tells."""
    return True


def _scalar(value: Any) -> bool:
    return value is None or isinstance(value, bool | str) or _number(value)


def _version(value: Any) -> bool:
    return _text(value) or (_whole(value) and value > 0)


def _or_none(check: Check) -> Check:
    return lambda value: value is None or check(value)


def _each(check: Check, least: int = 0) -> Check:
    return lambda value: isinstance(value, list) and len(value) >= least and all(map(check, value))


def _by_name(check: Check) -> Check:
    return lambda value: isinstance(value, dict) and all(map(check, value.values()))


def _parts(needed: Mapping[str, Check], more: Mapping[str, Check] | None = None,
           others: Check = _scalar) -> Check:  # fmt: skip
    """Return the check of an object with these parts, perhaps those, and others of one kind."""
    known = {**needed, **(more or {})}

    def check(value: Any) -> bool:
        return (
            isinstance(value, dict)
            and needed.keys() <= value.keys()
            and all(known.get(name, others)(part) for name, part in value.items())
        )

    return check


_SCORES = _parts({"accuracy": _share, "macro_f1": _share}, {"cv_accuracy": _or_none(_share)})
_METRICS = _by_name(
    lambda value: isinstance(value, dict) and bool(value) and _by_name(_SCORES)(value)
)
_INFERENCE = _parts({"epochs": _whole, "alpha": _number, "min_alpha": _number})
# Settings of any family; those that tables show in a form of their own are numbers or texts.
_SETTINGS = _parts(
    {},
    {
        **dict.fromkeys(("vector_size", "window", "negative", "sample", "min_count"), _number),
        **dict.fromkeys(("model", "vocabulary", "engine", "generic_model", "word_vectors"), _text),
    },
    others=_any,
)
_SAMPLE = {"pair": _text, "fraction": _number, "seed": _whole, "budgets": _each(_text, 1)}
_BASELINE = _parts({**_SAMPLE, "baseline": _text}, {"encoder": _SETTINGS, "word_vectors": _text})
_TRAINED = _parts(
    {
        **_SAMPLE,
        "family": _text,
        "settings": _SETTINGS,
        "strategy": _parts({"name": _text, "k": _scalar, "share": _or_none(_number)}),
        "schedule": _parts({"name": _text, "value": _or_none(_number)}),
        "epochs": _whole,
        "alpha": _number,
        "min_alpha": _number,
        "inference": _INFERENCE,
        "vectors": _text,
        "classifiers": _each(_text, 1),
    },
    {
        "inference_grid": _each(_INFERENCE, 2),
        "generic_fraction": _share,
        "diagnosed": lambda value: isinstance(value, bool),
        "fine_tuned": _text,
        "tokens": _text,
    },
)
_TASK = _parts({"accuracy": _share, "macro_f1": _share})
_RECORD = _parts(
    {
        "cell": lambda value: (
            isinstance(value, dict) and (_BASELINE if "baseline" in value else _TRAINED)(value)
        ),
        "pair_key": _text,
        "versions": _by_name(_version),
        "metrics": _METRICS,
        "counts": _by_name(_number),
        "seconds": _by_name(_number),
    },
    {
        "environment": _parts({}, {"packages": _by_name(_text)}),
        "exposure": _by_name(_or_none(_number)),
        "drift": _by_name(_number),
        "expansion": _by_name(_scalar),
        "generic": _parts({}, {"after": _TASK, "before": _TASK}),
        "inference": _parts(
            {
                "points": _each(_parts({"metrics": _by_name(_SCORES)}, others=_any)),
                "chosen": _by_name(_or_none(_whole)),
            },
            others=_any,
        ),
        "plans": _each(lambda value: isinstance(value, dict)),
        "libraries": _by_name(_text),
        "tolerance": _share,
        "tokens": _by_name(_by_name(_by_name(_scalar))),
    },
)


def well_formed(record: Mapping[str, Any]) -> bool:
    """Return whether the parts of a record are there and of the types that readers rely on.

    Parameters
    ----------
    record : mapping
        JSON values of a record of this schema.

    Notes
    -----
    Parts that a later version adds beside them are allowed.
    """
    if not _RECORD(record):
        return False
    cell, metrics = record["cell"], record["metrics"]
    names = cell.get("classifiers", ())
    if not metrics.keys() <= set(cell["budgets"]):
        return False
    if not all(name in said for said in metrics.values() for name in names):
        return False
    tried = record.get("inference", {"points": [], "chosen": {}})
    return all(
        place is None
        or (0 <= place < len(tried["points"]) and budget in tried["points"][place]["metrics"])
        for budget, place in tried["chosen"].items()
    )
