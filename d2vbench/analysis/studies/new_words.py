"""What a checkpoint gains by new words of the domain, as it is and after further pre-training."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from d2vbench.analysis.claims.evidence import CONTRADICTS, SUPPORTS
from d2vbench.analysis.claims.judging import Outcome, outcome_of
from d2vbench.analysis.contrasts.frame import BASELINE, RunData
from d2vbench.analysis.contrasts.scores import budgets
from d2vbench.analysis.contrasts.variants import by_variant, variant_title
from d2vbench.analysis.statistics.verdicts import Verdict
from d2vbench.analysis.studies.paired_gains import PairedGain, judged, paired_gain

STUDY = "new-words"
#: What is claimed.
CLAIM = "New words in a checkpoint's vocabulary do not help without further pre-training."
#: What the checkpoint as it is stands under.
AS_IT_IS = "no further pre-training"
_ADDED = re.compile(r"[ -]checkpoint\+(\d+)(?=-|$)")
_VOTES = {
    Verdict.WORSE: SUPPORTS,
    Verdict.EQUIVALENT: SUPPORTS,
    Verdict.BETTER: CONTRADICTS,
}
# A vote has all labels; few stand beside.
_VOTING = "all"


@dataclass(frozen=True, kw_only=True)
class WordGain(PairedGain):
    """What new words add to a checkpoint, and to what it learns by where it goes on learning.

    Attributes
    ----------
    training : str
        `AS_IT_IS`, or the strategy of further pre-training.
    words : int
        How many were added at most.
    """

    training: str
    words: int

    @property
    def vote(self) -> str:
        """What it says of `CLAIM`; empty where it has no vote or is undecided."""
        if self.training != AS_IT_IS or self.labels != _VOTING:
            return ""
        return _VOTES.get(self.verdict, "undecided")


def word_gains(data: RunData) -> list[WordGain]:
    """Return what new words add wherever a run has a checkpoint with and without them.

    Parameters
    ----------
    data : RunData
        The study's cells.
    """
    sides: dict[tuple[str, float, str, str], dict[int, pd.DataFrame]] = {}
    for place, words, rows in _sides(data):
        sides.setdefault(place, {})[words] = rows
    found: list[WordGain] = []
    for (pair, fraction, model, training), by_words in sides.items():
        for words, rows in by_words.items():
            for budget in budgets(data) if words and 0 in by_words else ():
                if (measured := paired_gain(data, rows, by_words[0], budget)) is not None:
                    found.append(
                        WordGain(
                            pair=pair, fraction=fraction, model=model, training=training,
                            words=words, **measured,
                        )
                    )  # fmt: skip
    return judged(found)


def claim_outcome(found: list[WordGain]) -> Outcome:
    """Return what gains say of `CLAIM`, by the rule of the other claims."""
    return outcome_of([gain.vote for gain in found if gain.vote])


def _sides(
    data: RunData,
) -> Iterator[tuple[tuple[str, float, str, str], int, pd.DataFrame]]:
    """Yield the place of cells without their new words, how many those are, and the cells."""
    for (pair, fraction, model), variant, rows in by_variant(data.cells):
        name, training = model, variant_title(variant)
        if model == BASELINE:
            kind, _, name = variant.strategy.partition(" ")
            training = AS_IT_IS
            if kind != "frozen-encoder":
                continue
        added = _ADDED.search(name)
        place = pair, fraction, _ADDED.sub("", name), training
        yield place, int(added[1]) if added else 0, rows
