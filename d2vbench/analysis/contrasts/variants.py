"""Which columns name a comparison and what is compared in it."""

from __future__ import annotations

from d2vbench.strategies import STRATEGIES, Strategy

REFERENCE = "combined"
GROUP = ["pair", "fraction", "model"]
VARIANT = ["strategy", "k", "schedule", "vocabulary_policy", "setting"]
Variant = tuple[str, str, str, str, str]

SHARED = "shared"
# A report must do without the packages of third parties: what is not known to have one phase
# shows its schedule.
_ONE_PHASE = {name for name in STRATEGIES.built_in if Strategy(name).phases == 1}


def variant_title(
    strategy: str, k: str, schedule: str, vocabulary: str = SHARED, setting: str = ""
) -> str:
    """Return the name of a strategy with what sets it apart, as tables and plots show it.

    The schedule is left out where it is `linear` and the strategy has one phase, and so is the
    shared vocabulary.

    Examples
    --------
    >>> variant_title("sequential", "4", "follow-up(0.005)")
    'sequential(4), follow-up(0.005)'
    >>> variant_title("combined", "", "linear")
    'combined'
    >>> variant_title("domain-only", "4", "cosine", "own")
    'domain-only(4), cosine, own vocabulary'
    >>> variant_title("combined", "", "linear", setting="E = 20")
    'combined; E = 20'
    """
    title = f"{strategy}({k})" if k else strategy
    if schedule != "-" and not (strategy in _ONE_PHASE and schedule == "linear"):
        title += f", {schedule}"
    if vocabulary not in (SHARED, ""):
        title += f", {vocabulary} vocabulary"
    return f"{title}; {setting}" if setting else title
