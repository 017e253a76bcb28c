"""A run as an object: its tables, verdicts and figures, for scripts and notebooks."""

from __future__ import annotations

import functools
import html
import io
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from d2vbench.errors import ArgumentError, UserError, unknown_name

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from d2vbench.analysis import RunData
    from d2vbench.report.document.structure import FigureBlock
    from d2vbench.report.studies.studies import StudyPart

_VERDICT_COLUMNS = (
    "study", "pair", "fraction", "model", "variant", "labels", "seeds", "difference",
    "difference_low", "difference_high", "verdict",
)  # fmt: skip
# Findings that a notebook shows.
_MOST_FINDINGS = 8


class Run:
    """The results of a run; files are read on first use.

    Parameters
    ----------
    folder : pathlib.Path
        With ``manifest.json`` and ``records/``.
    failures : tuple of str
        Why cells failed in this call of `run`; the next call tries them again.
    """

    def __init__(self, folder: Path, failures: tuple[str, ...] = ()) -> None:
        self.folder = folder
        self.failures = failures

    @functools.cached_property
    def data(self) -> RunData:
        """All that was read, for `d2vbench.analysis`."""
        from d2vbench.analysis import load_run

        data = load_run(self.folder)
        if data.cells.empty:
            raise UserError(f"{self.folder} has no finished cell yet: nothing to show")
        return data

    @property
    def frame(self) -> pd.DataFrame:
        """One row a cell: settings, accuracies in [0, 1], counts, seconds."""
        return self.data.cells

    @functools.cached_property
    def summary(self) -> pd.DataFrame:
        """One row a study, pair, share of D, model, variant and label budget, with intervals."""
        import pandas as pd

        parts = [part.summary.assign(study=part.name) for part in self._parts]
        return pd.concat(parts, ignore_index=True)

    @functools.cached_property
    def verdicts(self) -> pd.DataFrame:
        """The differences from `combined`, in [-1, 1], with 95 % intervals and their verdicts."""
        from d2vbench.analysis.contrasts.variants import variant_title, variants_of

        compared = self.summary[self.summary["difference"].notna()]
        titles = [variant_title(variant) for variant in variants_of(compared)]
        table = compared.assign(variant=titles, verdict=compared["verdict"].map(str))
        return table[list(_VERDICT_COLUMNS)].reset_index(drop=True)

    @functools.cached_property
    def claims(self) -> pd.DataFrame:
        """Each piece of common advice: ``claim``, ``statement``, ``verdict``, ``rests_on``."""
        import pandas as pd

        from d2vbench.analysis import CLAIMS, judge
        from d2vbench.report.chapters.claims import rests_on

        rows = [
            (one.claim.id, one.claim.statement, str(one.outcome), rests_on(one))
            for one in judge(CLAIMS, self.data)
        ]
        return pd.DataFrame(rows, columns=["claim", "statement", "verdict", "rests_on"])

    @property
    def warnings(self) -> dict[str, list[str]]:
        """What is unusual about your own corpora, by pair; empty where nothing is."""
        pairs = self.data.manifest.get("pairs", {})
        return {name: pair["warnings"] for name, pair in pairs.items() if pair.get("warnings")}

    @property
    def figures(self) -> list[str]:
        """Names that `plot` takes, in the order of the report."""
        return list(self._figures)

    def plot(self, name: str | None = None) -> Figure:
        """Draw a figure of the report.

        Parameters
        ----------
        name : str, optional
            One of `figures`; default: the first, the accuracy of every strategy.

        Returns
        -------
        matplotlib.figure.Figure
            A notebook shows it.

        Raises
        ------
        UsageError
            For a name that is no figure of this run.
        UserError
            If the run has none.
        """
        if not self._figures:
            raise UserError(f"{self.folder} has no figure: too little is finished")
        if name is not None and name not in self._figures:
            raise unknown_name("figure", name, self._figures)
        figure, _ = self._figures[name or next(iter(self._figures))].draw()

        def shown() -> bytes:
            file = io.BytesIO()
            figure.savefig(file, format="png", dpi=100)
            return file.getvalue()

        # Made without pyplot, so that no window opens and none has to be closed; pyplot's own hook
        # for notebooks then does not know how to show it.
        vars(figure)["_repr_png_"] = shown
        return figure

    def report(self) -> Path:
        """Write the report, unless it is up to date.

        Returns
        -------
        pathlib.Path
            ``report.html`` in the run's folder; ``report.md``, tables and figures are beside it.
        """
        from d2vbench.report import is_up_to_date

        page = self.folder / "report.html"
        if not (page.exists() and is_up_to_date(self.folder)):
            from d2vbench.report import build_report

            build_report(self.folder)
        return page

    def __repr__(self) -> str:
        """Return the folder."""
        return f"<d2vbench run in {self.folder}>"

    def _repr_html_(self) -> str:
        """Return the main findings as HTML, for a notebook."""
        from d2vbench.report.chapters.answer import finding_lines

        lines = finding_lines(self._parts[0].found) if self._parts else ["Nothing is finished."]
        if len(lines) > _MOST_FINDINGS:
            lines = [*lines[:_MOST_FINDINGS], f"and {len(lines) - _MOST_FINDINGS} more"]
        items = "".join(f"<li>{html.escape(line)}</li>" for line in lines)
        counts = f"{len(self.frame)} cells"
        for number, what in (
            (self.data.missing, "without a record"),
            (len(self.failures), "failed"),
        ):
            counts += f", {number} {what}" if number else ""
        study = html.escape(str(self.data.manifest["study"]))
        return (
            f"<div><p><strong>d2vbench: {study}</strong> ({counts})</p><ul>{items}</ul>"
            f"<p><code>{html.escape(str(self.folder))}</code></p></div>"
        )

    @functools.cached_property
    def _parts(self) -> list[StudyPart]:
        from d2vbench.report.studies.studies import study_parts

        return study_parts(self.data)

    @functools.cached_property
    def _figures(self) -> dict[str, FigureBlock]:
        from d2vbench.report.document.contents import make_document

        figures = make_document(self.data, self._parts).figures()
        # The document opens with claims; a reader of a notebook, with the comparison.
        figures.sort(key=lambda figure: figure.slug != "strategies")
        return {figure.slug: figure for figure in figures}


def load(folder: str | PathLike[str]) -> Run:
    """Return an existing run.

    Parameters
    ----------
    folder : str or path
        A run's folder, as ``d2vbench run`` and `d2vbench.run` write it.

    Returns
    -------
    Run
        Nothing is computed or written until asked for.

    Raises
    ------
    ValueError
        If the folder holds no run; for anything but a path, a `TypeError` too.
    """
    from d2vbench.arguments import path as checked_path

    path = checked_path("folder", folder)
    if not (path / "manifest.json").exists():
        raise ArgumentError(f"{path} holds no run: {path / 'manifest.json'} is missing")
    return Run(path)
