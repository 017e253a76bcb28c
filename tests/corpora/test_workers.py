"""Worker processes and Ctrl-C."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading

import pytest

from d2vbench.corpora.store.encode import ignoring_interrupt

ASK = "import signal; print(signal.getsignal(signal.SIGINT) == signal.SIG_IGN)"


def child_ignores() -> str:
    asked = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=True)
    return asked.stdout.strip()


@pytest.mark.skipif(sys.platform == "win32", reason="handlers do not pass on there")
def test_a_child_ignores_ctrl_c_from_its_start() -> None:
    before = signal.getsignal(signal.SIGINT)
    with ignoring_interrupt():
        assert child_ignores() == "True"
    assert signal.getsignal(signal.SIGINT) == before
    assert child_ignores() == "False"


def test_in_another_thread_nothing_is_changed() -> None:
    seen = []

    def look() -> None:
        with ignoring_interrupt():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [signal.getsignal(signal.SIGINT)]
