"""A manifest has its parts, each of its kind; with one wrong part it counts as damaged."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from d2vbench.bench.store.manifest import well_formed

WHOLE: dict[str, Any] = {
    "schema": 3,
    "study": "all",
    "cells": ["0a", "0b"],
    "engines": ["native"],
    "environment": {"python": "3"},
    "studies": [{"name": "all", "question": "?", "cells": ["0a"]}],
    "pairs": {
        "p": {
            "key": "k", "generic": "g", "domain": "d",
            "generic_documents": 1, "generic_words": 2, "train_documents": 3, "train_words": 4,
            "test_documents": 0, "divergence": 0.5, "out_of_vocabulary": 0,
            "classes": ["a"], "left_out": {"empty": 1}, "warnings": ["one"],
            "sources": {"c": {"content_sha256": "0", "versions": {"tokeniser": "1"}}},
        }
    },
    "words": {"alone": 2.5, "tree": 1},
}  # fmt: skip
PAIR = ("pairs", "p")
SOURCE = (*PAIR, "sources", "c")


def changed(place: tuple[Any, ...], value: Any) -> dict[str, Any]:
    whole = copy.deepcopy(WHOLE)
    part: Any = whole
    for name in place[:-1]:
        part = part[name]
    part[place[-1]] = value
    return whole


def test_what_not_every_manifest_has_may_be_missing() -> None:
    assert well_formed(WHOLE)
    assert well_formed({"schema": 3, "study": "all", "cells": []})
    bare = {"key": "k", "sources": {"c": {"content_sha256": "0"}}}
    assert well_formed({**WHOLE, "pairs": {"p": bare}, "words": {}})
    assert well_formed({**WHOLE, "studies": [{"name": "all", "cells": []}]})


@pytest.mark.parametrize("name", ["schema", "study", "cells"])
def test_a_part_that_each_has(name: str) -> None:
    assert not well_formed({part: value for part, value in WHOLE.items() if part != name})


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("schema",), "3"),
        (("schema",), True),
        (("study",), None),
        (("cells",), {"0a": 1}),
        (("cells", 0), 1),
        (("engines",), "native"),
        (("engines", 0), 1),
        (("environment",), []),
        (("studies",), {}),
        (("studies", 0), "all"),
        (("studies", 0, "name"), 1),
        (("studies", 0, "question"), None),
        (("studies", 0, "cells"), "0a"),
        (("studies", 0, "cells"), ["0c"]),
        (("pairs",), []),
        (PAIR, "p"),
        *(((*PAIR, name), 1) for name in ("key", "generic", "domain", "classes", "left_out")),
        *(((*PAIR, name), 1) for name in ("warnings", "sources")),
        *(
            ((*PAIR, name), value)
            for name in ("generic_documents", "generic_words", "train_documents", "train_words")
            for value in (1.5, -1)
        ),
        ((*PAIR, "test_documents"), 1 << 63),
        ((*PAIR, "test_documents"), True),
        ((*PAIR, "divergence"), "0.5"),
        ((*PAIR, "divergence"), float("nan")),
        ((*PAIR, "out_of_vocabulary"), float("inf")),
        ((*PAIR, "classes", 0), 1),
        ((*PAIR, "left_out", "empty"), "1"),
        ((*PAIR, "warnings", 0), 1),
        (SOURCE, "0"),
        ((*SOURCE, "content_sha256"), 0),
        ((*SOURCE, "versions"), []),
        ((*SOURCE, "versions", "tokeniser"), 1),
        (("words",), 1),
        (("words",), {"alone": 1}),
        (("words", "tree"), "1"),
        (("words", "alone"), float("nan")),
    ],
)
def test_one_part_of_another_kind(place: tuple[Any, ...], value: Any) -> None:
    assert not well_formed(changed(place, value))


def test_counts_and_numbers_at_their_limits() -> None:
    assert well_formed(changed((*PAIR, "test_documents"), (1 << 63) - 1))
    assert well_formed(changed((*PAIR, "divergence"), -1))
