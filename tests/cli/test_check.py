"""``d2vbench check`` proves parity, and fails when there is none."""

from __future__ import annotations

import pytest

from d2vbench.cli.main import main
from d2vbench.families.doc2vec import MODELS
from d2vbench.families.doc2vec.native import kernel as native

pytestmark = pytest.mark.skipif(not native.available(), reason="the extension is not built")


def test_check_shows_every_model(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--documents", "150", "--repeats", "1"]) == 0
    out = capsys.readouterr().out
    assert "150 docstrings" in out
    rows = [line.split() for line in out.splitlines() if line.rstrip().endswith(" x   same")]
    assert [row[0] for row in rows] == list(MODELS)
    assert "DIFFERENT" not in out


def test_check_fails_when_the_engines_differ(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    right = native.train_epoch

    def wrong(model, documents, order, *, start_alpha, end_alpha):  # type: ignore[no-untyped-def]
        return right(model, documents, order, start_alpha=2 * start_alpha, end_alpha=end_alpha)

    monkeypatch.setattr(native, "train_epoch", wrong)
    assert main(["check", "--documents", "150", "--repeats", "1"]) == 1
    assert "DIFFERENT" in capsys.readouterr().out


def test_check_without_the_extension_says_so(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(native, "_kernel", None)
    assert main(["check"]) == 1
    assert capsys.readouterr().err == (
        "d2vbench: error: the native engine's extension is not built; reinstall with a C compiler "
        "present, or choose the gensim engine\n"
    )


def test_wrong_numbers_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--documents", "0"]) == 2
    assert "--documents must be 1 or more, got 0" in capsys.readouterr().err
