"""Each number of the how-to page of encoders, from the published records."""

from __future__ import annotations

import functools
import gzip
import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "howto" / "encoders.md"
FOLDER = ROOT / "results" / "published" / "encoders"
PAIRS, LABELS = ("newsgroups-comp", "docstrings-scipy"), ("all", "50", "10")
STRATEGIES = ("domain-only", "combined", "oversampled", "sequential")


@functools.cache
def records() -> tuple[dict[str, Any], ...]:
    with gzip.open(FOLDER / "records.jsonl.gz", "rt", encoding="ascii") as lines:
        return tuple(map(json.loads, lines))


def one(pair: str, **wanted: Any) -> dict[str, Any]:
    """Return the record of a cell: of the study `encoders`, where a checkpoint reads 64 tokens."""
    (found,) = (
        r
        for r in records()
        if r["cell"]["pair"] == pair
        and all(_of(r["cell"], name) == value for name, value in wanted.items())
    )
    assert found["cell"]["seed"] == 0
    return found


def _of(cell: dict[str, Any], name: str) -> Any:
    if name == "strategy":
        return cell.get("strategy", {}).get("name")
    if name == "max_tokens":
        return cell.get("encoder", {}).get("max_tokens")
    return cell.get(name)


def accuracy(record: dict[str, Any], labels: str) -> float:
    return 100 * float(record["metrics"][labels]["logistic"]["accuracy"])


def trained(pair: str, family: str, strategy: str) -> dict[str, Any]:
    return one(pair, family=family, strategy=strategy, epochs=2)


def rows() -> list[str]:
    made = []
    for pair in PAIRS:
        for labels in LABELS:
            doc2vec = max(accuracy(trained(pair, "doc2vec", name), labels) for name in STRATEGIES)
            scratch = max(accuracy(trained(pair, "encoder", name), labels) for name in STRATEGIES)
            frozen = accuracy(one(pair, baseline="frozen-encoder", max_tokens=64), labels)
            titles = accuracy(one(pair, baseline="zero-shot", max_tokens=64), labels)
            rival = [
                accuracy(r, labels) for r in records()
                if r["cell"]["pair"] == pair and r["cell"].get("baseline") == "tf-idf"
            ]  # fmt: skip
            numbers = (doc2vec, scratch, frozen, titles, rival[-1])
            made.append(f"| {pair} | {labels} | {' | '.join(f'{n:.1f}' for n in numbers)} |")
    return made


def test_the_table_is_that_of_the_records() -> None:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    assert [row for row in rows() if row not in lines] == []


def test_the_words_beside_it_are_true() -> None:
    for pair in PAIRS:
        for labels in LABELS:
            for name in STRATEGIES:
                scratch, plain = (trained(pair, f, name) for f in ("encoder", "doc2vec"))
                assert accuracy(scratch, labels) < accuracy(plain, labels)
                assert scratch["seconds"]["train"] > 50 * plain["seconds"]["train"]
        frozen = one(pair, baseline="frozen-encoder", max_tokens=64)
        titles = one(pair, baseline="zero-shot", max_tokens=64)
        assert accuracy(frozen, "all") > accuracy(titles, "all")
    comp = (
        one("newsgroups-comp", baseline=b, max_tokens=64) for b in ("frozen-encoder", "zero-shot")
    )
    frozen, titles = (accuracy(r, "10") for r in comp)
    assert titles > frozen
