"""A finished run as an object: tables, verdicts, figures, what a notebook shows."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from light_run import save_svg
from matplotlib.figure import Figure

import d2vbench
from d2vbench.analysis import CLAIMS
from d2vbench.api import Run
from d2vbench.bench.execution.runner import RunResult
from d2vbench.errors import UserError


@pytest.fixture(scope="module")
def run(finished_run: RunResult, tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("view") / "a run <b>"
    shutil.copytree(finished_run.out, folder)
    return d2vbench.load(folder)


def test_tables(run: Run) -> None:
    assert len(run.frame) == 8
    assert {"pair", "model", "strategy", "seed", "accuracy_all", "key"} <= set(run.frame)
    assert set(run.summary["study"]) == {"strategies"}
    mean = run.frame[run.frame["strategy"] == "sequential"]["accuracy_all"].mean()
    row = run.summary[(run.summary["strategy"] == "sequential") & (run.summary["labels"] == "all")]
    assert row["accuracy"].tolist() == pytest.approx([mean])
    verdicts = run.verdicts
    assert verdicts["variant"].tolist() == ["sequential(2), restart"] * 2
    assert set(verdicts["verdict"]) == {"too few seeds"}
    combined = run.frame[(run.frame["strategy"] == "combined") & (run.frame["model"] == "dbow")]
    gap = mean - combined["accuracy_all"].mean()
    assert verdicts["difference"].iloc[0] == pytest.approx(gap)
    assert run.claims["claim"].tolist() == [claim.id for claim in CLAIMS]
    assert run.claims["verdict"].map(type).eq(str).all()


def test_figures(run: Run) -> None:
    assert run.figures[0] == "strategies"
    figure = run.plot()
    assert isinstance(figure, Figure)
    assert figure._repr_png_().startswith(b"\x89PNG")  # type: ignore[attr-defined]
    other = run.plot(run.figures[-1])
    assert isinstance(other, Figure)
    with pytest.raises(UserError) as caught:
        run.plot("strategy")
    assert str(caught.value) == (
        "unknown figure 'strategy': did you mean 'strategies'? "
        f"(valid: {', '.join(sorted(run.figures))})"
    )


def test_a_report_is_written_when_it_is_asked_for(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("d2vbench.report.document.pictures.save_figure", save_svg)
    assert not (run.folder / "report.html").exists()
    page = run.report()
    assert page == run.folder / "report.html"
    text = page.read_text(encoding="utf-8")
    assert text.startswith("<!DOCTYPE html>")
    assert "Content-Security-Policy" in text
    assert (run.folder / "report.md").exists()
    before = page.stat().st_mtime_ns
    assert run.report().stat().st_mtime_ns == before
    page.unlink()
    assert run.report().exists()


def test_what_a_notebook_shows(run: Run) -> None:
    shown = run._repr_html_()
    assert "<strong>d2vbench: strategies</strong> (8 cells)" in shown
    assert "small, PV-DBOW, all labels: " in shown
    assert "a run &lt;b&gt;" in shown
    assert "<b>" not in shown
    assert repr(run) == f"<d2vbench run in {run.folder}>"


def test_a_folder_without_a_run(tmp_path: Path, run: Run) -> None:
    with pytest.raises(UserError) as caught:
        d2vbench.load(tmp_path)
    manifest = tmp_path / "manifest.json"
    assert str(caught.value) == f"{tmp_path} holds no run: {manifest} is missing"
    manifest.write_text(json.dumps(run.data.manifest))
    with pytest.raises(UserError) as caught:
        assert isinstance(d2vbench.load(tmp_path).frame, pd.DataFrame)
    assert str(caught.value) == f"{tmp_path} has no finished cell yet: nothing to show"
