"""What the votes of a claim say of new corpora."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from d2vbench.analysis.claims.evidence import VOTE, Evidence
from d2vbench.analysis.contrasts.frame import RunData
from d2vbench.analysis.contrasts.pair_corpora import PairDifference, over_corpora
from d2vbench.analysis.statistics.crossed import OverPairs

# A ratio or a share has no mean that a region of practical equivalence is about.
_DIFFERENCES = ("accuracy", "cosine")


@dataclass(frozen=True)
class Beyond:
    """What the votes of one test with one model and label budget say of new corpora.

    Attributes
    ----------
    piece : Evidence
        Judged as a vote is, by the interval of the mean over corpora. Its ``pair`` is empty, and
        its ``seeds`` are those of all pairs.
    found : OverPairs
        That mean, the prediction for a new pair, and what the pairs cannot say.
    """

    piece: Evidence
    found: OverPairs


def over_new_corpora(pieces: Iterable[Evidence], data: RunData) -> list[tuple[Evidence, OverPairs]]:
    """Return the mean of a test's votes over corpora, for each name, model and label budget.

    Parameters
    ----------
    pieces : iterable of Evidence
        Of one test.
    data : RunData
        The run: it says which corpora pairs share.

    Returns
    -------
    list of (Evidence, OverPairs)
        Where there are votes of two pairs or more with all of D, and they are differences; not
        judged yet.
    """
    together: dict[tuple[str, str, str], list[Evidence]] = {}
    for piece in pieces:
        # A pair that votes at a smaller share of D is another estimand than the others.
        if piece.role == VOTE and piece.unit in _DIFFERENCES and piece.fraction == 1:
            together.setdefault((piece.test, piece.model, piece.labels), []).append(piece)
    found = []
    for votes in together.values():
        if len(votes) < 2:
            continue
        over = over_corpora(
            {v.pair: PairDifference(v.interval.estimate, v.variance) for v in votes}, data
        )
        sides = {(vote.first, vote.second) for vote in votes}
        # Sides that differ by pair, as what was chosen on each, have no common name.
        first, second = sides.pop() if len(sides) == 1 else ("", "")
        mean = replace(
            votes[0], pair="", first=first, second=second, interval=over.interval,
            seeds=sum(vote.seeds for vote in votes), variance=math.nan,
        )  # fmt: skip
        found.append((mean, over))
    return found
