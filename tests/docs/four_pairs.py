"""What schedules and counts cost on four pairs of the second study, from the published records."""

from __future__ import annotations

from later_studies import PAIRS, SEEDS
from published_records import accuracy, table_row

SCHEDULES = (
    ("restart", None), ("rewarmed", None), ("constant", None), ("cosine", None), ("linear", None),
    ("follow-up", 0.05), ("follow-up", 0.005), ("follow-up", 0.001),
)  # fmt: skip


def follow_up(pair: str, schedule: str, value: float | None, labels: str = "all") -> float:
    """Return the accuracy of `sequential(4)` in %, counts as presented."""
    return accuracy(
        pair, ("sequential", 4, schedule), labels, folder="four-pairs", seeds=SEEDS, value=value
    )


def schedule_rows(labels: str) -> list[str]:
    """`sequential(4)` under each schedule, in %."""
    rows = []
    for schedule, value in SCHEDULES:
        name = f"`{schedule}({value:g})`" if value else f"`{schedule}`"
        reached = (follow_up(pair, schedule, value, labels) for pair in PAIRS)
        rows.append(table_row((name, labels), reached))
    return rows


def against_restart(schedule: str, value: float | None, labels: str = "all") -> list[float]:
    """Return what a schedule gains on a restart on each pair, in points."""
    return [
        follow_up(p, schedule, value, labels) - follow_up(p, "restart", None, labels) for p in PAIRS
    ]


def between(values: list[float]) -> str:
    return f"{min(values):+.1f} to {max(values):+.1f}"


def lost_sentence() -> str:
    low, few = (against_restart("follow-up", 0.001, labels) for labels in ("all", "10"))
    return (
        f"A follow-up from `0.001` is {between(low)} points from a restart with all labels, and "
        f"{between(few)} with 10 a class."
    )


def rate_sentence() -> str:
    return (
        f"From `0.05` it is {between(against_restart('follow-up', 0.05))} points from a restart, "
        f"with 10 labels a class {between(against_restart('follow-up', 0.05, '10'))}; under one "
        f"decay over both calls, `linear`, {between(against_restart('linear', None))} and "
        f"{between(against_restart('linear', None, '10'))}. At one rate to the end, `constant`, it "
        f"is {between(against_restart('constant', None))} and "
        f"{between(against_restart('constant', None, '10'))}."
    )
