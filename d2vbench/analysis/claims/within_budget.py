"""For one pair and a budget of words or seconds: the best strategy whose training fits."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from d2vbench.analysis.contrasts.contrasts import Place, Scorebook
from d2vbench.analysis.contrasts.frame import BASELINE, RunData, usual_but_for
from d2vbench.analysis.contrasts.pair_corpora import OWN
from d2vbench.analysis.contrasts.pair_means import main_fraction
from d2vbench.analysis.contrasts.rivals import NO_RIVALS, Rivals, rivals
from d2vbench.analysis.contrasts.scores import evaluated, paired_difference
from d2vbench.analysis.contrasts.variants import variants_of
from d2vbench.analysis.statistics.bootstrap import Interval
from d2vbench.analysis.studies.frontier import (
    PLAIN,
    SECONDS,
    WORDS,
    Candidate,
    best_within,
    candidates,
)
from d2vbench.errors import UsageError

_TIMES = {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9}
_WRITTEN = re.compile(r"([0-9]+(?:\.[0-9]+)?)(k|M|G|s)?")


@dataclass(frozen=True)
class Budget:
    """What may be spent on a training.

    Attributes
    ----------
    amount : float
        Positive.
    unit : str
        `WORDS`: words trained; `SECONDS`: seconds of one core, evaluation included.
    """

    amount: float
    unit: str = WORDS

    def __str__(self) -> str:
        """Return it as people read it: ``20 M words``, ``600 s``."""
        return amount_text(self.amount, self.unit)


def amount_text(amount: float, unit: str) -> str:
    """Return words or seconds as people read them.

    Examples
    --------
    >>> amount_text(2.05e7, WORDS), amount_text(45_123, WORDS), amount_text(12.3, SECONDS)
    ('20.5 M words', '45,123 words', '12.3 s')
    """
    if unit == SECONDS:
        return f"{amount:,.1f}".removesuffix(".0") + " s"
    if amount < 1e5:
        return f"{amount:,.0f} words"
    return f"{amount / 1e6:,.2f}".rstrip("0").rstrip(".") + " M words"


def parse_budget(text: str) -> Budget:
    """Read a budget: ``20M`` words, ``600s`` seconds.

    Parameters
    ----------
    text : str
        A number, with ``k``, ``M`` or ``G`` behind it for words, or ``s`` for seconds.

    Raises
    ------
    UsageError
        For another text, or for nothing.

    Examples
    --------
    >>> parse_budget("20M"), parse_budget("600s")
    (Budget(amount=20000000.0, unit='words_trained'), Budget(amount=600.0, unit='seconds_core'))
    """
    read = _WRITTEN.fullmatch(text)
    amount = float(read[1]) if read else 0.0
    if read is None or not 0 < amount < math.inf:
        raise UsageError(
            "--budget must be words, such as 20M or 500k, or seconds of one core, such as 600s, "
            f"got {text[:40]!r}"
        )
    if read[2] == "s":
        return Budget(amount, SECONDS)
    return Budget(amount * _TIMES[read[2] or ""])


@dataclass(frozen=True)
class Affordable:
    """What to train within a budget.

    Attributes
    ----------
    place : tuple
        Pair, share of D, model, label budget.
    budget : Budget
        What may be spent.
    best : Candidate
        Of those that the budget pays for, the one that cross-validation on D-train puts first.
    alpha, epochs : float
        Its start alpha and its passes over G.
    schedule, policy : str
        Of the learning rate, and of the vocabulary; the policy is empty where a family has none.
    fitting, known : int
        How many variants the budget pays for, and how many the run has.
    plain : Candidate or None
        The same of `domain-only` alone.
    gain : Interval or None
        Test accuracy of the best minus that of ``plain``; None where they are one.
    beyond : Candidate or None
        The cheapest that cross-validation prefers and that the budget does not pay for.
    own : bool
        Whether the pair is a person's own two corpora, and not one that every d2vbench has.
    rivals : Rivals
        Of those that the budget pays for: the next best on the test documents, and the cheapest
        that lies within noise of the best.
    """

    place: Place
    budget: Budget
    best: Candidate
    alpha: float
    epochs: int
    schedule: str
    policy: str
    fitting: int
    known: int
    plain: Candidate | None
    gain: Interval | None
    beyond: Candidate | None
    own: bool = False
    rivals: Rivals = NO_RIVALS


def recommend_within(
    data: RunData, pair: str, model: str, labels: str, budget: Budget
) -> Affordable:
    """Say what to train on a pair for a budget.

    Parameters
    ----------
    data : RunData
        Any run. Variants of all its studies are compared, with the run's usual settings but for
        passes and learning rates.
    pair, model, labels : str
        Where; of D the share at which most variants were run.
    budget : Budget
        What may be spent.

    Returns
    -------
    Affordable
        Chosen by cross-validation on the training documents; test documents have no say.

    Raises
    ------
    UsageError
        If the budget is less than one pass over D, or less than the cheapest variant takes; or if
        the run does not say what its variants cost or reach in cross-validation.
    """
    mine = (data.cells["pair"] == pair) & (data.cells["model"] == model)
    usual = usual_but_for(data.cells, ("epochs", "alpha", "min_alpha"))
    rows = evaluated(data, data.cells[mine & usual & (data.cells["model"] != BASELINE)], labels)
    found: list[Candidate] = []
    if len(rows):
        place = (pair, main_fraction(rows), model, labels)
        rows = rows[rows["fraction"] == place[1]]
        book = Scorebook(data.only(data.cells["key"].isin(rows["key"])))
        found = candidates(book, place, budget.unit)
    if not found:
        raise UsageError(
            f"--budget {budget}: no variant of {model} on {pair} has a cost and a cross-validated "
            f"accuracy with the label budget {labels} in this run: run study frontier there"
        )
    one_pass = float(rows["domain_words"].mean()) if "domain_words" in rows else 0.0
    if budget.unit == WORDS and budget.amount < one_pass * (1 - 1e-9):
        raise UsageError(
            f"--budget {budget}: one pass over the domain corpus of {pair} is "
            f"{amount_text(one_pass, WORDS)}: give at least that"
        )
    best = best_within(found, budget.amount)
    if best is None:
        raise UsageError(
            f"--budget {budget}: the cheapest variant of {model} on {pair} in this run takes "
            f"{amount_text(found[0].cost, budget.unit)}: give at least that, or run study frontier"
        )
    plain = best_within([c for c in found if c.variant.strategy == PLAIN], budget.amount)
    both = None
    if plain is not None and plain.variant != best.variant:
        both = paired_difference(best.stack, plain.stack)
    variants = variants_of(book.data.cells)
    row = book.data.cells.iloc[variants.index(best.variant)]
    sources = data.manifest.get("pairs", {}).get(pair, {}).get("sources", {})
    fitting = [one for one in found if one.cost <= budget.amount]
    return Affordable(
        place=place,
        budget=budget,
        best=best,
        alpha=float(row["alpha"]),
        epochs=int(row["epochs"]),
        schedule=best.variant.schedule_text,
        policy=str(row.get("vocabulary_policy") or ""),
        fitting=len(fitting),
        known=len(found),
        plain=plain,
        gain=both[0] if both else None,
        beyond=next((one for one in found if one not in fitting and one.cv > best.cv), None),
        own=any(name.startswith(OWN) for name in sources),
        rivals=rivals(best.contender, [one.contender for one in fitting]),
    )
