"""What cells share in a process, and what each of them costs."""

from __future__ import annotations

import time

import pytest

from d2vbench.bench.compute.measure import Clock
from d2vbench.remembered import Remembered, saved_seconds


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the time that a clock shows, in a list that a test moves on."""
    now = [0.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    return now


def test_a_cell_costs_what_it_would_alone(watch: list[float]) -> None:
    inner, outer = Remembered[str](), Remembered[str]()

    def slow() -> str:
        watch[0] += 3.0
        return "vectors"

    def on_top() -> str:
        made = inner.get("a", slow)
        watch[0] += 2.0
        return f"{made}, averaged"

    def cell() -> dict[str, float]:
        clock = Clock()
        with clock.step("evaluate"):
            assert outer.get("b", on_top) == "vectors, averaged"
            watch[0] += 1.0
        return clock.seconds

    assert [cell(), cell(), cell()] == [{"evaluate": 6.0}] * 3
    # Once made, and one second of its own a cell.
    assert watch[0] == 3.0 + 2.0 + 3 * 1.0
    # What is made of something remembered costs what both do.
    outer_again = Remembered[str]()
    before, begun = saved_seconds(), watch[0]
    outer_again.get("b", on_top)
    assert (watch[0] - begun, saved_seconds() - before) == (2.0, 3.0)
    outer_again.get("b", on_top)
    assert saved_seconds() - before == 3.0 + 5.0


def test_the_last_few_are_kept_and_a_failure_is_not() -> None:
    made: list[str] = []
    last = Remembered[str](most=2)

    def take(key: str) -> str:
        return last.get(key, lambda: made.append(key) or key.upper())

    assert [take(key) for key in "ababcb"] == list("ABABCB")
    assert made == ["a", "b", "c"]
    assert take("a") == "A" and made[-1] == "a"
    # What is asked for again stays, whatever is made in between.
    made.clear()
    assert [take(key) for key in "axayaz"] == list("AXAYAZ")
    assert made == ["x", "y", "z"]

    def fail() -> str:
        raise ValueError("no vectors")

    with pytest.raises(ValueError, match="no vectors"):
        last.get("d", fail)
    assert last.get("d", lambda: "made now") == "made now"
