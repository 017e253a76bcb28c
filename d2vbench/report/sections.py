"""The sections of the report that judge a run as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from d2vbench.analysis import (
    CLAIMS,
    RunData,
    accuracy_variance,
    judge,
    recommend,
    transfer,
)
from d2vbench.analysis.frame import BASELINE
from d2vbench.analysis.scores import budgets
from d2vbench.analysis.transfer import STUDY as TRANSFER
from d2vbench.files import write_text
from d2vbench.report.across_section import across_section, ranked
from d2vbench.report.claims_section import claims_section
from d2vbench.report.drift_section import drift_columns, drift_means, drift_section
from d2vbench.report.recommendation import recommendations_section
from d2vbench.report.section import Section
from d2vbench.report.transfer_section import transfer_section
from d2vbench.report.variance_section import variance_section

DRIFT = "drift"

TABLES = (
    "claims.csv",
    "claims-skipped.csv",
    "recommend.csv",
    "transfer.csv",
    "across.csv",
    "variance.csv",
    "drift.csv",
)


def write_tables(run: Path, found: Iterable[Section]) -> None:
    """Write the tables of sections into a run's folder, and remove those of earlier commands.

    Parameters
    ----------
    run : pathlib.Path
        The run's folder.
    found : iterable of Section
        From `sections`.
    """
    for name in TABLES:
        (run / name).unlink(missing_ok=True)
    for section in found:
        for name, table in section.tables.items():
            text = table.to_csv(index=False, lineterminator="\n", float_format="%.6f")
            write_text(run / name, text)


def sections(data: RunData) -> list[Section]:
    """Return what a run shows beside the tables of its studies.

    Parameters
    ----------
    data : RunData
        The run.

    Returns
    -------
    list of Section
        Those for which the run has cells, in the order of the report. None without a cell of
        Doc2Vec.
    """
    if data.cells.empty or not (data.cells["model"] != BASELINE).any():
        return []
    return list(_sections(data))


def _sections(data: RunData) -> Iterator[Section]:
    yield claims_section(judge(CLAIMS, data))
    yield from _recommendations(data)
    if TRANSFER in data.studies():
        yield transfer_section(*transfer(data.study(TRANSFER)))
    comparisons = ranked(data)
    if comparisons:
        pairs = data.manifest.get("pairs", {})
        sources = {name: set(pair.get("sources", ())) for name, pair in pairs.items()}
        yield across_section(comparisons, sources)
    shares = {
        (model, labels): one
        for labels in budgets(data)
        for model, one in accuracy_variance(data, labels).items()
    }
    if shares:
        yield variance_section(shares)
    # Every follow-up is measured; what all studies have of them would be too much to look at.
    shown = data.study(DRIFT) if DRIFT in data.studies() else data
    if drift_columns(shown):
        yield drift_section(drift_means(shown))


def _recommendations(data: RunData) -> Iterator[Section]:
    found, nothing = [], []
    cells = data.cells[data.cells["model"] != BASELINE]
    places = cells[["pair", "model"]].drop_duplicates().itertuples(index=False)
    for pair, model in places:
        for labels in budgets(data):
            one = recommend(data, str(pair), str(model), labels)
            if one is None:
                nothing.append((str(pair), str(model), labels))
            else:
                found.append(one)
    if found or nothing:
        yield recommendations_section(found, nothing)
