"""Who is ahead, in sentences."""

from __future__ import annotations

import math
from collections.abc import Iterable

from d2vbench.analysis import Finding
from d2vbench.report.document.phrases import percent, points
from d2vbench.report.document.titles import group_title, labels_title

_VERDICT = {
    "better": "more than noise",
    "equivalent": "practically nothing",
    "inconclusive": "may be noise",
    "worse": "may be noise",
    "too few seeds": "two seeds, too few to tell whether it is noise",
    "no interval": "one seed, too few to tell whether it is noise",
}


def finding_lines(findings: Iterable[Finding]) -> list[str]:
    """Return a sentence or two for each comparison.

    Parameters
    ----------
    findings : iterable of Finding
        From `d2vbench.analysis.findings`.

    Returns
    -------
    list of str
        The best variant, by how much it is ahead of `combined`, whether that is more than noise,
        and which other variants may be as good.
    """
    lines = []
    for f in findings:
        place = f"{group_title(f.pair, f.fraction, f.model)}, {labels_title(f.labels)}"
        if f.ahead is None and not f.tied:
            # There is nothing that it could lead.
            lines.append(f"{place}: {f.best} has {percent(f.accuracy)} %; nothing was compared.")
            continue
        text = f"{place}: {f.best} is ahead with {percent(f.accuracy)} %"
        if f.ahead is not None:
            text += f", {points(f.ahead.estimate)} points against {f.against}"
            if not math.isnan(f.ahead.low):
                text += f" [{points(f.ahead.low)}, {points(f.ahead.high)}]"
            text += f": {_VERDICT[f.verdict]}"
        text += "."
        if f.tied:
            text += f" Within noise of it: {'; '.join(f.tied)}."
        lines.append(text)
    return lines
