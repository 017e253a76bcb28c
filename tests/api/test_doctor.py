"""What `doctor` says goes into public reports: no path of a person's own folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from d2vbench.api.doctor import _private


@pytest.mark.parametrize(
    ("home", "text", "shown"),
    [
        ("/home/al", "/home/al/.cache/d2vbench", "~/.cache/d2vbench"),
        ("/home/al", "a:/home/al:/home/al/b", "a:~:~/b"),
        ("/home/al", "/home/alice/x", "/home/alice/x"),
        ("/", "/usr/lib/x", "/usr/lib/x"),
    ],
)
def test_a_home_is_a_tilde(
    home: str, text: str, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "home", lambda: Path(home))
    assert _private(text) == shown
