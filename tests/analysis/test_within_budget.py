"""The best whose training fits into a budget of words or seconds, on any run."""

from __future__ import annotations

from typing import Any

import pytest
from run_support import made_run, pair_entry, right, variant

from d2vbench.analysis import RunData
from d2vbench.analysis.claims.within_budget import Budget, parse_budget, recommend_within
from d2vbench.analysis.studies.frontier import SECONDS, WORDS
from d2vbench.errors import UsageError
from d2vbench.report.chapters.recommendation import budget_lines

# Strategy, k, schedule: words, seconds, accuracy in cross-validation, and on the test documents.
MADE = (
    (("domain-only", 1, "linear"), 1_000, 2.0, 0.50, 0.5),
    (("domain-only", 4, "linear"), 4_000, 3.0, 0.60, 0.6),
    (("oversampled", 4, "linear"), 8_000, 6.0, 0.70, 0.66),
    (("sequential", 4, "restart"), 8_000, 5.0, 0.65, 0.9),
    (("oversampled", 8, "linear"), 12_000, 9.0, 0.80, 0.7),
)


def made(sources: tuple[str, ...] = ("a", "b"), **more: Any) -> RunData:
    cells: list[dict[str, Any]] = [
        {**variant(*named), "seed": s, "words_trained": words, "seconds_core": seconds,
         "domain_words": 1_000, "cv_accuracy_all": cv, "correct": right(share, 400, s, 0.005),
         "vocabulary_policy": "presented", **more}
        for named, words, seconds, cv, share in MADE
        for s in range(3)
    ]  # fmt: skip
    # Of other settings, or of a part of G: not what a reader's own run of the usual would do.
    cells += [
        {**cells[0], "seed": s, "cv_accuracy_all": 0.99, **other}
        for other in ({"vector_size": 10}, {"generic_fraction": 0.5, "setting": "0.5 of G"})
        for s in range(3)
    ]
    for cell in cells:
        cell.setdefault("vector_size", 100)
        cell.setdefault("generic_fraction", 1.0)
    data = made_run(cells)
    data.manifest["pairs"] = {"p": pair_entry(*sources)}
    return data


def test_a_budget_is_read() -> None:
    assert parse_budget("20M") == Budget(2e7)
    assert parse_budget("1.5k") == Budget(1500)
    assert parse_budget("300") == Budget(300)
    assert parse_budget("0.5s") == Budget(0.5, SECONDS)
    for text in ("", "M", "-3M", "0", "0s", "20m", "3 M", "1e6", "nan", "20Ms", "٣"):
        with pytest.raises(UsageError, match="--budget must be words"):
            parse_budget(text)
    with pytest.raises(UsageError) as caught:
        parse_budget("ten")
    assert str(caught.value) == (
        "--budget must be words, such as 20M or 500k, or seconds of one core, such as 600s, got "
        "'ten'"
    )


@pytest.mark.parametrize(
    ("budget", "best", "fitting"),
    [
        (Budget(1_000), ("domain-only", 1), 1),
        (Budget(7_999), ("domain-only", 4), 2),
        # Not `sequential`, which is best on the test documents alone.
        (Budget(8_000), ("oversampled", 4), 4),
        (Budget(1e9), ("oversampled", 8), 5),
        (Budget(5.5, SECONDS), ("sequential", 4), 3),
    ],
)
def test_the_best_that_fits_is_chosen_by_cross_validation(
    budget: Budget, best: tuple[str, int], fitting: int
) -> None:
    found = recommend_within(made(), "p", "dbow", "all", budget)
    assert (found.best.variant.strategy, found.best.variant.k) == best
    assert (found.fitting, found.known) == (fitting, 5)


def test_the_sentences_end_in_a_command_that_trains_it() -> None:
    lines = budget_lines(recommend_within(made(), "p", "dbow", "all", Budget(8_000)))
    assert lines[0] == "p, PV-DBOW, all labels: 4 of 5 variants fit into 8,000 words, over 3 seeds."
    assert lines[1].startswith("Train: oversampled(4), for 8,000 words; 66.")
    assert lines[1].endswith("Chosen by cross-validation on training documents (70.0 %).")
    assert lines[2].startswith("Against the domain alone at its best within the budget, domain-")
    assert lines[3] == (
        "For 12,000 words cross-validation would put oversampled(8) before it (80.0 %)."
    )
    assert lines[4] == (
        '  d2vbench train --pair p --model dbow --strategy "oversampled(4)" --schedule '
        '"linear" --epochs 10 --alpha 0.025 --vocabulary "presented" --output FILE'
    )
    own = made(("own-generic-1", "own-domain-1"))
    lines = budget_lines(recommend_within(own, "p", "dbow", "all", Budget(1_000)))
    assert "It is the domain alone: nothing that fits and shows G was put before it." in lines
    assert "train --generic FILE --domain FILE --model dbow" in lines[-1]


def test_too_small_a_budget_is_refused_in_a_sentence() -> None:
    with pytest.raises(UsageError) as caught:
        recommend_within(made(), "p", "dbow", "all", Budget(999))
    assert str(caught.value) == (
        "--budget 999 words: one pass over the domain corpus of p is 1,000 words: give at least "
        "that"
    )
    with pytest.raises(UsageError, match=r"--budget 1.5 s: the cheapest variant .* takes 2 s"):
        recommend_within(made(), "p", "dbow", "all", Budget(1.5, SECONDS))
    data = made()
    for column in ("cv_accuracy_all", WORDS):
        data.cells[column] = float("nan")
        with pytest.raises(UsageError, match="no variant of dbow on p has a cost"):
            recommend_within(data, "p", "dbow", "all", Budget(5_000))
