"""How many examples a fuzz test takes, and what it counts as a clear error."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

from d2vbench.errors import UserError

# Times as many examples: for a long campaign, such as D2VBENCH_FUZZ=100 pytest tests -k fuzz.
TIMES = int(os.environ.get("D2VBENCH_FUZZ", "1"))


def examples(number: int) -> settings:
    """Return settings with this many examples, or as many times more as the environment says."""
    return settings(
        max_examples=number * TIMES,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )


def assert_clear(error: UserError) -> None:
    """Check that an error is a sentence a terminal can show: one line, and not endless."""
    text = str(error)
    assert text
    assert len(text) < 2000, text[:300]
    assert "\n" not in text, text
    assert "Traceback" not in text
