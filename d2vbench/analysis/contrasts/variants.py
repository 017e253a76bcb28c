"""What is compared: a strategy, a schedule and what else sets it apart, as columns and as text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import pandas as pd

from d2vbench.strategies import STRATEGIES, Schedule, Strategy

REFERENCE = "combined"
GROUP = ["pair", "fraction", "model"]

# A report must do without the packages of third parties: what is not known to have one phase
# shows its schedule.
_ONE_PHASE = {name for name in STRATEGIES.built_in if Strategy(name).phases == 1}


class Variant(NamedTuple):
    """One of the things compared in one place.

    Attributes
    ----------
    strategy : str
        Its name; of a baseline its title.
    k : int or str
        How often the domain is presented, or a word such as ``"budget"``; empty if it takes none.
    share : float or None
        The p or q of a strategy that takes one.
    schedule : str
        Its name; ``"-"`` where there is none.
    schedule_value : float or None
        The learning rate of a schedule that takes one.
    policy, setting : str
        The vocabulary policy, and what else sets it apart, where they are not the usual of the run;
        empty for most.
    """

    strategy: str
    k: int | str = ""
    share: float | None = None
    schedule: str = "linear"
    schedule_value: float | None = None
    policy: str = ""
    setting: str = ""

    @classmethod
    def of(cls, values: Iterable[Any]) -> Variant:
        """Return the variant of values in the order of `VARIANT`; NaN and None are no value."""
        known: Iterable[Any] = (None if value != value else value for value in values)
        a, k, share, b, rate, c, d = known
        a, b, c, d = (str("" if value is None else value) for value in (a, b, c, d))
        share, rate = (None if value is None else float(value) for value in (share, rate))
        return cls(a, k if isinstance(k, str) else int(k), share, b, rate, c, d)

    @property
    def arguments(self) -> str:
        """The arguments of the strategy as text: ``4``, ``4, 0.1``; empty where it has none."""
        share = "" if self.share is None else repr(self.share).removesuffix(".0")
        return ", ".join(filter(None, (str(self.k), share)))

    @property
    def strategy_text(self) -> str:
        """The strategy as text, such as ``replay(4, 0.1)``."""
        return f"{self.strategy}({self.arguments})" if self.arguments else self.strategy

    @property
    def schedule_text(self) -> str:
        """The schedule as text, such as ``follow-up(0.005)``."""
        return str(Schedule(self.schedule, self.schedule_value))


VARIANT = list(Variant._fields)


def variant_columns(variants: Iterable[Variant], prefix: str = "") -> pd.DataFrame:
    """Return the columns `VARIANT`, a row a variant; a prefix stands before their names."""
    return pd.DataFrame(variants, columns=[f"{prefix}{name}" for name in VARIANT])


def variants_of(rows: pd.DataFrame) -> list[Variant]:
    """Return the variant of each row of a table with the columns `VARIANT`."""
    return [Variant.of(row) for row in rows[VARIANT].itertuples(index=False)]


def by_variant(
    cells: pd.DataFrame,
) -> Iterator[tuple[tuple[str, float, str], Variant, pd.DataFrame]]:
    """Yield the cells of each place, (pair, share of D, model), and variant."""
    name: Any
    for name, rows in cells.groupby([*GROUP, *VARIANT], sort=False, dropna=False):
        yield (str(name[0]), float(name[1]), str(name[2])), Variant.of(name[3:]), rows


def mean_by_variant(cells: pd.DataFrame, column: str) -> dict[Variant, float]:
    """Return the mean of a column by variant, in the order of the rows."""
    means = cells.groupby(VARIANT, sort=False, dropna=False)[column].mean()
    names = map(Variant.of, means.index.tolist())
    return {name: float(mean) for name, mean in zip(names, means, strict=True)}


def chosen_by(cells: pd.DataFrame, column: str) -> dict[Variant, float]:
    """Return the mean of what chooses by variant, so rounded that its last bit decides nothing."""
    return {name: round(mean, 12) for name, mean in mean_by_variant(cells, column).items()}


_PART = re.compile(r"(words|subsampling|noise)\((.*)\)")


def policy_words(policy: str) -> str:
    """Return a vocabulary policy as tables and plots name it.

    Examples
    --------
    >>> policy_words("natural"), policy_words("noise(presented)"), policy_words("noise(G + 4D)")
    ('natural vocabulary', 'presented counts for noise', 'counts of G + 4D for noise')
    """
    part = _PART.fullmatch(policy)
    if part is None:
        return f"{policy} vocabulary"
    counts = "presented counts" if part[2] == "presented" else f"counts of {part[2]}"
    return f"{counts} for {part[1]}"


def variant_title(variant: Variant) -> str:
    """Return the name of a variant, as tables and plots show it.

    The schedule is left out where it is `linear` and the strategy has one phase.

    Examples
    --------
    >>> variant_title(Variant("sequential", 4, None, "follow-up", 0.005))
    'sequential(4), follow-up(0.005)'
    >>> variant_title(Variant("combined"))
    'combined'
    >>> variant_title(Variant("replay", 4, 0.1, "cosine", None, "own"))
    'replay(4, 0.1), cosine, own vocabulary'
    >>> variant_title(Variant("combined", setting="E = 20"))
    'combined; E = 20'
    """
    title, schedule = variant.strategy_text, variant.schedule_text
    if schedule != "-" and not (variant.strategy in _ONE_PHASE and schedule == "linear"):
        title += f", {schedule}"
    if variant.policy:
        title += f", {policy_words(variant.policy)}"
    return f"{title}; {variant.setting}" if variant.setting else title
