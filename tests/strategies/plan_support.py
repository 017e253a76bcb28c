"""Plans and what they present, for the tests of strategies and schedules."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

from d2vbench.strategies import Plan, Sizes, epoch_order, make_plan, parse_schedule, parse_strategy

sizes_strategy = st.builds(
    Sizes,
    generic_documents=st.integers(1, 12),
    domain_documents=st.integers(1, 12),
    generic_words=st.integers(1, 500),
    domain_words=st.integers(10, 500),
)
# Where a property is tested for each of many strategies.
FEW = settings(max_examples=20, deadline=None)
shares_strategy = st.integers(0, 100).map(lambda x: x / 100)
SIZES = Sizes(7, 3, 1000, 100)

# Every strategy of one model that presents documents alone, in the forms that the tests use.
FORMS = (
    "domain-only(2)", "domain-only(budget)", "generic-only", "combined", "oversampled(2)",
    "oversampled(balanced)", "sequential(2)", "reverse(2)", "concatenated(2)", "shuffled-once(2)",
    "replay(2, 0.3)", "annealed(2)", "mixed-finish(2)", "selected(0.4)", "frozen(2)",
    "adapted(2)", "anchored(2, 3)", "pretrained-words(2)", "pretrained-words-frozen(2)", "loop(2)",
)  # fmt: skip
SCHEDULES = (
    "linear", "restart", "follow-up(0.01)", "rewarmed", "lowered(0.01)", "constant", "cosine",
)  # fmt: skip


def plan(strategy: str, schedule: str = "linear", sizes: Sizes = SIZES, epochs: int = 3) -> Plan:
    return make_plan(
        parse_strategy(strategy),
        parse_schedule(schedule),
        sizes,
        epochs=epochs,
        alpha=0.025,
        min_alpha=0.0001,
    )


def orders(p: Plan, sizes: Sizes, seed: int = 0) -> list[list[list[int]]]:
    """Documents by phase and epoch; the nearest documents of G are those of the highest number."""
    nearest = np.arange(sizes.generic_documents)[::-1]
    return [
        [epoch_order(phase, e, sizes, seed, nearest).tolist() for e in range(phase.epochs)]
        for phase in p.phases
    ]


def presented(p: Plan, sizes: Sizes, seed: int = 0) -> Counter[int]:
    total: Counter[int] = Counter()
    for phase in orders(p, sizes, seed):
        for epoch in phase:
            total.update(epoch)
    return total
