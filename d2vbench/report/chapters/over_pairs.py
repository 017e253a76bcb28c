"""How an estimate over pairs that share corpora is printed, wherever it is."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import pandas as pd

from d2vbench.analysis import Judged, OverPairs
from d2vbench.report.document import cells
from d2vbench.report.document.blocks import Columns, table
from d2vbench.report.document.phrases import p_text
from d2vbench.report.document.structure import Block, Paragraph

OVER_PAIRS = (
    "The mean is over corpora like these: generic corpora, domain corpora and pairs are random "
    "effects (REML; Student's t, degrees of freedom by Satterthwaite), so that pairs that share a "
    "corpus are not taken for independent. The interval on a new pair is where the true difference "
    "on one more pair, of a new generic and a new domain corpus, is expected."
)


def over_pairs_numbers(found: OverPairs) -> dict[str, float]:
    """Return all numbers of an estimate over pairs that are known, by the name of their column."""
    low, high = found.new_pair
    return {
        "estimate": found.interval.estimate, "low": found.interval.low,
        "high": found.interval.high, "p": found.interval.p, "freedom": found.freedom,
        "new_low": low, "new_high": high, "p_worse": found.worse,
        "p_equivalent": found.equivalent, "p_better": found.better,
        **{f"sd_{name}": value for name, value in found.deviations.items()},
        "pairs": found.pairs, "generic_corpora": found.generic, "domain_corpora": found.domain,
        **({} if math.isnan(found.of_seeds) else {"of_seeds": found.of_seeds}),
    }  # fmt: skip


_OF_EVIDENCE = ("test", "model", "labels", "fraction", "first", "second", "unit", "p_holm",
                "seeds", "finding", "vote")  # fmt: skip


def over_pairs_table(judged: Iterable[Judged]) -> pd.DataFrame:
    """Return what the votes of claims say of new corpora as rows, with all numbers."""
    rows = [
        {
            "claim": one.claim.id,
            **{name: getattr(beyond.piece, name) for name in _OF_EVIDENCE},
            **over_pairs_numbers(beyond.found),
            "limits": beyond.found.limits,
        }
        for one in judged
        for beyond in one.beyond
    ]
    return pd.DataFrame(rows)


def claim_blocks(judged: Judged, labels: cells.Show) -> Iterator[Block]:
    """Yield what the votes of a claim say of new corpora: a table, and what they cannot say.

    Parameters
    ----------
    judged : Judged
        With something in its ``beyond``.
    labels : callable
        Shows the label budget of a row.
    """
    columns: Columns = {
        "comparison": "test", "model": cells.model, "labels": labels,
        "mean [95 %]": lambda row: cells.intervals("estimate", unit=row["unit"])(row),
        "on a new pair [95 %]": lambda row: cells.intervals("estimate", "new_", row["unit"])(row),
        "p (Holm)": cells.numbers("p_holm", p_text), "pairs": _pairs, "finding": "finding",
        "says": "vote",
    }  # fmt: skip
    data = over_pairs_table([judged])
    yield table(
        f"claim-{judged.claim.id.lower()}-over-pairs",
        f"{judged.claim.id}: over new generic and new domain corpora",
        data,
        columns,
        caption=f"Claim: {judged.claim.statement} {OVER_PAIRS}",
    )
    limited = data[data["limits"] != ""][["test", "limits"]].drop_duplicates()
    for test, limits in limited.itertuples(index=False):
        yield Paragraph(f"{test}: {limits}")


def _pairs(row: cells.Row) -> str:
    corpora = f"{row['generic_corpora']} generic, {row['domain_corpora']} domain"
    return f"{row['pairs']} ({corpora})"
