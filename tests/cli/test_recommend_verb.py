"""``d2vbench recommend`` says in sentences what a run speaks for."""

from __future__ import annotations

import dataclasses
import json
import math
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from d2vbench.analysis import (
    ChosenInference,
    Interval,
    Option,
    Recommendation,
    load_run,
    recommend,
)
from d2vbench.analysis.contrasts.rivals import Rival, Rivals
from d2vbench.analysis.contrasts.variants import Variant
from d2vbench.bench.execution.runner import RunResult
from d2vbench.cli.main import main
from d2vbench.cli.verbs.runs.recommendations import Shown
from d2vbench.report.chapters.recommendation import recommendation_lines

BEST = Option("sequential(4), restart", Interval(0.82, 0.8, 0.84, 0.001), 8e6, 0.7, 0.9)
PLAIN = Option("combined", Interval(0.75, 0.73, 0.77, 0.001), 5e6, 0.0, 0.0)
CHEAP = Option("domain-only(4)", Interval(0.815, 0.8, 0.83, 0.001), 2e6, 0.3, 0.96)


def recommendation(**changes: object) -> Recommendation:
    values: dict[str, object] = {
        "pair": "mine", "fraction": 1.0, "model": "dbow", "labels": "all",
        "options": [BEST, CHEAP, PLAIN], "best": BEST, "simplest": PLAIN,
        "gain": Interval(0.065, 0.03, 0.09, 0.001), "cheapest": CHEAP, "seeds": 3, "left_out": (),
    }  # fmt: skip
    return Recommendation(**(values | changes))  # type: ignore[arg-type]


def test_the_sentences() -> None:
    assert recommendation_lines(recommendation()) == [
        "mine, PV-DBOW, all labels: 3 variants compared over 3 seeds.",
        "Best: sequential(4), restart, 82.0 % [80.0, 84.0] of the test documents classified "
        "correctly.",
        "It gains +6.5 [+3.0, +9.0] points over the simplest, combined (75.0 % [73.0, 77.0]), "
        "corrected for having been selected.",
        "The cheapest that is practically as good: domain-only(4), 81.5 % [80.0, 83.0], with 2.0 M "
        "words trained in place of 8.0 M (25 %); it lies within 1 point of the best in 96 % of the "
        "resamples.",
        "How sure: sequential(4), restart is the best of all in 70 % of the resamples and within 1 "
        "point of the best in 90 %. Within 1 point as well in some of them: domain-only(4) (96 %).",
    ]


def test_the_inference_to_use_with_the_model_is_named() -> None:
    interval = Interval(0.83, 0.81, 0.85, math.nan)
    chosen = ChosenInference(50, 0.05, 0.0001, 2, 3, interval, pinned=False)
    assert recommendation_lines(recommendation(inference=chosen))[-1] == (
        "Infer with 50 passes from alpha 0.05 to 0.0001, by cross-validation (chosen by 2 of 3 "
        "seeds); with what each seed chose: 83.0 % [81.0, 85.0]."
    )


def test_the_sentences_of_what_is_not_known() -> None:
    lines = recommendation_lines(
        recommendation(simplest=None, gain=None, cheapest=BEST, seeds=2, left_out=("x", "y"))
    )
    assert lines[2].endswith("is not known: neither combined nor domain-only was run.")
    assert lines[3].startswith("No cheaper variant is equivalent (95 %): it trains 8.0 M words")
    assert lines[-2:] == [
        "Two seeds say little about how much seeds differ: take three or more.",
        "Left out, because a seed is missing: x, y.",
    ]
    old = Option("a", BEST.accuracy, math.nan, 1.0, 1.0)
    lines = recommendation_lines(
        recommendation(options=[old], best=old, simplest=old, cheapest=old)
    )
    assert lines[2] == "It is the simplest itself: no variant compared has a higher mean."
    assert lines[3] == "What each costs is not known: the records are of an older version."
    assert lines[4].endswith("No other comes within 1 point in more than 5 %.")
    nearest = Rival(Variant("domain-only", 4), 2e6, Interval(-0.004, -0.02, 0.01, 0.4))
    beside = Rivals(nearest, nearest, 1)
    lines = recommendation_lines(recommendation(simplest=BEST, rivals=beside))
    assert lines[2] == (
        "It is the simplest itself: no variant compared has a higher mean; the next, "
        "domain-only(4), differs by -0.4 [-2.0, +1.0] points."
    )
    assert lines[5] == (
        "The cheapest within noise of it: domain-only(4), with 75 % fewer words; -0.4 "
        "[-2.0, +1.0] points."
    )
    alone = recommendation_lines(recommendation(options=[BEST], cheapest=BEST))
    assert alone[3] == "No variant compared is cheaper: it trains 8.0 M words."
    nothing = recommendation(gain=Interval(0.01, 0.0, 0.03, 0.2))
    assert recommendation_lines(nothing)[2].endswith("selected; the interval includes zero.")


def test_of_a_family_that_train_cannot_make_there_is_no_line_to_paste(
    finished_run: RunResult,
) -> None:
    shown = Shown(finished_run.out, load_run(finished_run.out), "all")
    found = recommend(shown.data, "small", "dbow", "all")
    assert found is not None
    assert shown._command(found)
    assert shown._command(dataclasses.replace(found, model="word2vec-mean")) == ""


def test_a_run_is_recommended_from(
    finished_run: RunResult, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(finished_run.out)
    assert main(["recommend", folder, "--pair", "small", "--model", "dbow", "--labels", "5"]) == 0
    out = capsys.readouterr().out
    lines = out.splitlines()
    where = "small, PV-DBOW, 5 labels a class"
    assert lines[0].rstrip() == f"{where}: 2 variants compared over 2 seeds."
    assert all(len(line) <= 100 for line in lines[:-1])
    assert "within 1 point in" in out
    train = "d2vbench train --pair small --model dbow"
    assert lines[-1].startswith(f"{train} --run {folder} --strategy")
    # As it was trained, the vocabulary and inference with it.
    assert lines[-1].endswith(
        " --epochs 12 --alpha 0.025 --min-alpha 0.0001 --vector-size 16 --window 5 --negative 5 "
        "--sample 0.0001 --min-count 2 --vocabulary presented --infer-epochs 20 "
        "--infer-alpha 0.025 --infer-min-alpha 0.0001 --output FILE"
    )
    # PV-DM was trained in one strategy alone.
    assert main(["recommend", folder]) == 0
    out = capsys.readouterr().out
    assert "small, PV-DBOW, all labels: 2 variants" in out
    assert f"{train} --from-run {folder} --output FILE" in out
    assert "small, PV-DM (mean), all labels: nothing to recommend.\nIt takes two strategies" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--pair", "smal"], "unknown pair 'smal': did you mean 'small'? (valid: small)"),
        (["--model", "dbo"], "unknown model 'dbo': did you mean 'dbow'? (valid: dbow, dm-mean)"),
        (["--labels", "6"], "unknown label budget '6': (valid: 5, all)"),
    ],
)
def test_unknown_names(
    finished_run: RunResult,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    said: str,
) -> None:
    assert main(["recommend", str(finished_run.out), *arguments]) == 2
    assert capsys.readouterr().err == f"d2vbench: error: {said}\n"


def test_no_run_and_no_finished_cell(
    finished_run: RunResult, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["recommend", str(tmp_path / "none")]) == 1
    assert "holds no run" in capsys.readouterr().err
    run = tmp_path / "run"
    run.mkdir()
    shutil.copy(finished_run.out / "manifest.json", run)
    assert main(["recommend", str(run)]) == 1
    assert capsys.readouterr().err == (
        f"d2vbench: error: {run} has no finished cell yet: nothing to recommend\n"
    )


def test_one_seed_is_said(
    finished_run: RunResult, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    shutil.copytree(finished_run.out, run)
    for path in (run / "records").glob("*.json"):
        if json.loads(path.read_text(encoding="utf-8"))["cell"]["seed"] == 1:
            path.unlink()
    assert main(["recommend", str(run), "--model", "dbow"]) == 0
    assert capsys.readouterr().out == (
        "small, PV-DBOW, all labels: nothing to recommend.\n"
        "One seed gives no interval: run the study with --seeds 3 or more.\n"
        "\n4 cells of the run have no record yet.\n"
    )


def test_a_budget_of_any_run(finished_run: RunResult, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(finished_run.out)
    assert main(["recommend", folder, "--budget", "1G"]) == 0
    out = capsys.readouterr().out
    assert "What to train: all labels, within 1,000 M words" in out
    assert "d2vbench train --pair small --model dbow --strategy" in out
    assert all(len(line) <= 100 for line in out.splitlines()[:-1])
    assert main(["recommend", folder, "--budget", "3600s", "--model", "dbow"]) == 0
    assert "2 of 2 variants fit into 3,600 s" in capsys.readouterr().out
    assert main(["recommend", folder, "--budget", "1G", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    # With one variant of PV-DM, that one is what fits.
    assert {one["model"] for one in told["recommendations"]} == {"dbow", "dm-mean"}
    assert main(["recommend", folder, "--budget", "10"]) == 2
    assert "one pass over the domain corpus of small is" in capsys.readouterr().err
    assert main(["recommend", folder, "--budget", "10 miles"]) == 2
    assert "--budget must be words, such as 20M" in capsys.readouterr().err


def test_json_has_every_option(finished_run: RunResult, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["recommend", str(finished_run.out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    (found,) = told["recommendations"]
    assert (found["pair"], found["model"], told["labels"]) == ("small", "dbow", "all")
    assert found["options"][0]["train"] == found["train"]
    shares = sum(one["best_in"] for one in found["options"])
    assert math.isclose(shares, 1.0)
    assert found["gain"]["low"] <= found["gain"]["estimate"] <= found["gain"]["high"]
    assert [one["model"] for one in told["nothing"]] == ["dm-mean"]


def test_places_are_rows_beyond_noise_first(capsys: pytest.CaptureFixture[str]) -> None:
    from d2vbench.cli.display import make_console
    from d2vbench.cli.verbs.runs.recommendations import Shown

    data = SimpleNamespace(manifest={}, missing=0)
    ends = Interval(-0.004, -0.02, 0.01, 0.4)
    cheaper = Rival(Variant("domain-only", 4), 2e6, ends)
    plain = recommendation(
        pair="plain", best=PLAIN, gain=None, options=[PLAIN, CHEAP], rivals=Rivals(cheaper)
    )
    unsure = recommendation(pair="unsure", gain=Interval(0.09, -0.01, 0.2, 0.2),
                            rivals=Rivals(cheaper, cheaper, 1))  # fmt: skip
    long = recommendation(pair="a-pair-of-a-name-that-is-longer-than-others-are")
    Shown(Path("runs/all"), data, "all", [plain, unsure, long]).print(make_console())  # type: ignore[arg-type]
    lines = capsys.readouterr().out.splitlines()
    assert all(len(line) <= 100 for line in lines[:-1]) and "What to train: PV-DBOW" in lines[0]
    text = "\n".join(lines)
    assert text.index("a-pair") < text.index("unsure") < text.index("plain")
    assert "Cheaper within noise (points, words), unsure: domain-only(4) (-0.4, -75 %)" in lines
    assert "Next best, plain: domain-only(4): -0.4 [-2.0, +1.0]" in lines
    assert "beyond noise" in text and "may be noise" in text and "it is the simplest" in text
