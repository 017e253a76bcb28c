"""Each number of the how-to page of encoders, from the published records."""

from __future__ import annotations

import functools
import gzip
import json
from pathlib import Path
from typing import Any

from d2vbench.analysis import load_run
from d2vbench.report.document.contents import make_document

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
            share = trained(pair, "doc2vec", "combined")["cell"]["fraction"]
            rival = [
                accuracy(r, labels) for r in records()
                if r["cell"]["pair"] == pair
                and r["cell"].get("baseline") == "tf-idf"
                and r["cell"]["fraction"] == share
                and labels in r["metrics"]
            ]  # fmt: skip
            numbers = (doc2vec, scratch, frozen, titles, rival[-1])
            made.append(f"| {pair} | {labels} | {' | '.join(f'{n:.1f}' for n in numbers)} |")
    return made


TUNED = "docstrings-scipy"
BODIES = ("untrained", "domain-only", "oversampled", "sequential")
ARMS = (None, "head", "top(1)", "all")


def tuned(labels: str, **wanted: Any) -> dict[str, Any] | None:
    """Return the record of a cell of the studies `fine-tuning` or `imbalance`, if there is one."""
    found = [
        r
        for r in records()
        if r["cell"]["pair"] == TUNED
        and labels in {**r["metrics"], **r.get("tokens", {})}
        and all(_of(r["cell"], name) == value for name, value in wanted.items())
    ]
    assert len(found) < 2, wanted
    return found[0] if found else None


def fine_tuning_rows() -> list[str]:
    made = []
    for labels in ("all", "10"):
        for body in BODIES:
            cells = [
                tuned("all", family="encoder", strategy=body, fine_tuned=arm, epochs=1)
                for arm in ARMS
            ]
            numbers = ("-" if r is None else f"{accuracy(r, labels):.1f}" for r in cells)
            made.append(f"| `{body}` | {labels} | {' | '.join(numbers)} |")
    return made


TAIL = "tail-20"


def _learners() -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Return what learns, with its scores under a plain loss and under a weighted one."""
    made = []
    for family, title in (("doc2vec", "Doc2Vec, logistic regression"),
                          ("encoder", "`scratch:2x128`, logistic regression")):  # fmt: skip
        record = tuned(TAIL, family=family, strategy="oversampled", fine_tuned=None, tokens=None)
        assert record is not None
        said = record["metrics"][TAIL]
        made.append((title, said["logistic"], said["logistic-balanced"]))
    for arm in ("head", "all"):
        both = [
            tuned(TAIL, family="encoder", strategy="oversampled", fine_tuned=name, tokens=None)
            for name in (arm, f"{arm}, weighted")
        ]
        plain, weighted = (r["metrics"][TAIL]["logistic"] for r in both if r is not None)
        made.append((f"`scratch:2x128`, fine-tuned, `{arm}`", plain, weighted))
    return made


def tail_rows() -> list[str]:
    names = ("macro_f1", "accuracy", "rare_recall")
    return [
        f"| {title} | "
        + " | ".join(f"{100 * plain[n]:.1f} | {100 * weighted[n]:.1f}" for n in names)
        + " |"
        for title, plain, weighted in _learners()
    ]


def token_rows() -> list[str]:
    made = []
    for loss in ("all", "all, weighted", "all, focal"):
        record = tuned(
            "400", family="encoder", strategy="oversampled", fine_tuned=loss, tokens="planted"
        )
        assert record is not None
        seen, unseen = (record["tokens"]["400"][name] for name in ("seen", "unseen"))
        numbers = (seen["macro_f1"], unseen["macro_f1"], seen["accuracy"], seen["outside"])
        made.append(f"| `{loss}` | {' | '.join(f'{100 * n:.1f}' for n in numbers)} |")
    return made


def test_the_tables_are_those_of_the_records() -> None:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    wanted = [*rows(), *fine_tuning_rows(), *tail_rows(), *token_rows()]
    assert [row for row in wanted if row not in lines] == []


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


def test_the_words_about_labels_are_true() -> None:
    def of(body: str, arm: str | None, labels: str) -> float:
        record = tuned("all", family="encoder", strategy=body, fine_tuned=arm, epochs=1)
        assert record is not None
        return accuracy(record, labels)

    for labels in ("all", "10"):
        assert all(of(body, "all", labels) > of(body, None, labels) for body in BODIES)
    assert of("oversampled", "all", "all") > of("untrained", "all", "all")
    assert max(BODIES, key=lambda body: of(body, "all", "10")) == "untrained"
    doc2vec = {
        labels: max(accuracy(trained(TUNED, "doc2vec", name), labels) for name in STRATEGIES)
        for labels in ("all", "10")
    }
    best = {labels: max(of(body, "all", labels) for body in BODIES) for labels in doc2vec}
    assert abs(best["all"] - doc2vec["all"]) < 3 and best["10"] < doc2vec["10"] - 5
    *linear, (_, plain, weighted) = _learners()
    for name in ("macro_f1", "rare_recall"):
        assert all(0 < more[name] - usual[name] < 0.07 for _, usual, more in linear)
        assert weighted[name] < plain[name]
    for loss in ("all", "all, weighted", "all, focal"):
        record = tuned("400", family="encoder", fine_tuned=loss, tokens="planted")
        assert record is not None
        seen, unseen = (record["tokens"]["400"][name] for name in ("seen", "unseen"))
        assert unseen["macro_f1"] < 0.1 and seen["accuracy"] <= seen["outside"] + 0.001
        assert (seen["accuracy"] < 0.97) == (loss == "all, weighted")


def test_of_studies_apart_the_first_is_the_main_comparison() -> None:
    document = make_document(load_run(FOLDER))
    assert document.title.startswith("4 ways to train")
    assert "2 pairs" in document.subtitle
