"""Starting worker processes."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def deaf_to_interrupt() -> Iterator[None]:
    """Let processes that are started here ignore Ctrl-C, from their first moment on.

    A terminal sends it to all its processes; only the one that started the others answers it. A
    process that learnt to ignore it later, by code of its own, would until then, while it imports
    what it needs, answer with a traceback.
    """
    if threading.current_thread() is not threading.main_thread():
        # Python sets handlers in the main thread alone.
        yield
        return
    # Ignored signals, unlike handlers, pass on to a new program.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
