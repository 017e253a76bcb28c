"""``d2vbench explain`` prints the plan of a strategy and draws it."""

from __future__ import annotations

from pathlib import Path

import pytest

from d2vbench.cli.main import main


def explain(*arguments: str) -> int:
    return main(["explain", *arguments])


def words(text: str) -> list[str]:
    return text.split()


def test_a_plan_is_printed_and_drawn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    options = ["--schedule", "restart", "--pair", "synthetic", "--epochs", "5"]
    assert explain("sequential(4)", *options) == 0
    assert list(tmp_path.iterdir()) == []
    capsys.readouterr()
    assert explain("sequential(4)", *options, "--plot", "plan.png") == 0
    out = capsys.readouterr().out
    assert "strategy sequential(4): G for E epochs, then D for k x E: what the question" in out
    assert "schedule restart: Each phase decays from alpha to min_alpha" in out
    assert "Plan on synthetic, E = 5" in out
    rows = {line.split()[0]: words(line) for line in out.splitlines() if line.strip()}
    # 4,000 generic and 800 domain documents of about 40 words.
    generic, domain = rows["generic"], rows["domain"]
    assert generic[1:7] == ["5", "shuffled", "each", "epoch", "20,000", "0"]
    assert domain[1:7] == ["20", "shuffled", "each", "epoch", "0", "16,000"]
    assert generic[-5:-2] == ["0.025", "to", "0.0001"]
    g, d = (int(row[i].replace(",", "")) for row, i in ((generic, 7), (domain, 8)))
    areas = [int(row[i].replace(",", "")) for row, i in ((generic, -2), (domain, -1))]
    assert areas == pytest.approx([g * 0.0251 / 2, d * 0.0251 / 2], abs=0.5)
    assert rows["all"][1:4] == ["25", "20,000", "16,000"]
    assert "Times presented: every document of G 5, every document of D 20." in out
    assert f"of which {areas[1] / sum(areas):.1%} on D." in out
    assert (tmp_path / "plan.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("strategy", "options", "texts"),
    [
        ("ensemble(4)", [], ["model 1 of 2", "model 2 of 2"]),
        ("frozen(4)", ["--model", "dm-mean"], ["output weights fixed"]),
        ("annealed(2)", ["--schedule", "cosine"], ["share of D rising"]),
        ("concatenated(2)", ["--fraction", "0.5"], ["G, then D", "(50 % of the domain)"]),
        ("shuffled-once(2)", [], ["shuffled once"]),
        ("selected(0.25)", [], ["1,000", "every chosen document of G 1,"]),
        ("sequential(4)", ["--schedule", "rewarmed"], ["0.001656 to 0.025 to 0.0001"]),
        ("replay(4, 0.5)", ["--schedule", "follow-up(0.01)"], ["0.01 to 0.0001"]),
    ],
)
def test_what_sets_a_plan_apart_is_said(
    strategy: str,
    options: list[str],
    texts: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "plan.svg"
    common = ["--pair", "synthetic", "--epochs", "1", "--plot", str(path)]
    assert explain(strategy, *common, *options) == 0
    out = capsys.readouterr().out
    for text in texts:
        assert text in out
    assert path.read_text(encoding="utf-8").startswith("<?xml")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["sequentail"], "unknown strategy 'sequentail': did you mean 'sequential'? (valid: "),
        (["combined", "--schedule", "lineer"], "unknown schedule 'lineer': did you mean 'linear'"),
        (["combined", "--model", "dbo"], "unknown model 'dbo': did you mean 'dbow'? (valid: "),
        (["frozen(4)", "--model", "dbow"], "strategy frozen(4) cannot be told from generic-only"),
        (["combined", "--plot", "x.gif"], "--plot x.gif: expected a name that ends in .png, .svg"),
        (["combined", "--fraction", "0"], "--fraction must lie in (0, 1], got 0.0"),
        (["combined", "--epochs", "0"], "epochs must be a whole number from 1 up, got 0"),
        (["combined", "--pair", "synthetc"], "unknown pair 'synthetc': did you mean 'synthetic'?"),
        (
            ["sequential", "--schedule", "follow-up(0.0001)"],
            "schedule follow-up(0.0001): the start alpha must be greater than min_alpha 0.0001",
        ),
        (["combined", "--min-alpha", "0"], "min_alpha must be greater than 0 and less than alpha"),
    ],
)
def test_wrong_usage_is_status_2(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert explain("--pair", "synthetic", *arguments) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith(f"d2vbench: error: {message}")


def test_how_the_negative_samples_fall(capsys: pytest.CaptureFixture[str]) -> None:
    def share(*options: str) -> float:
        assert explain("oversampled(4)", "--pair", "synthetic", "--epochs", "1", *options) == 0
        (line,) = (x for x in capsys.readouterr().out.splitlines() if "negative samples" in x)
        assert line.startswith("Vocabulary (")
        return float(line.split("words; ")[1].split("%")[0])

    natural, presented = share("--vocabulary", "natural"), share()
    assert 0 < presented < natural
    assert share("--vocabulary", "noise(D)") == 0
    assert share("--vocabulary", "noise(G+4D)") == pytest.approx(presented, abs=2)
    assert explain("combined", "--vocabulary", "nose(D)") == 2
    assert "unknown vocabulary policy" in capsys.readouterr().err
    assert explain("combined", "--min-count", "0") == 2
    assert "--min-count must be 1 or more" in capsys.readouterr().err
