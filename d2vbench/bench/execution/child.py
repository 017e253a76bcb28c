"""A process that does tasks, one after the other, for the process that started it.

Tasks come on its standard input and events go out on its standard output, both as pickles behind
their lengths. When the input ends, because whoever wrote to it is done or dead, the process ends at
once, whatever it is doing, and what it started ends with it.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import pickle
import queue
import signal
import struct
import sys
import threading
import traceback
from pathlib import Path
from typing import Any, BinaryIO

_LENGTH = struct.Struct(">Q")

# Seconds without a task after which a process ends: a worker of a cluster lives on when the run
# that it worked for was killed, and so would the processes that it keeps for it.
_PATIENCE = 600.0


def write_frame(file: BinaryIO, value: bytes) -> None:
    """Write bytes behind their length."""
    file.write(_LENGTH.pack(len(value)))
    file.write(value)
    file.flush()


def read_frame(file: BinaryIO) -> bytes | None:
    """Read what `write_frame` wrote; None where the writer has gone."""
    head = file.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    value = file.read(length)
    return value if len(value) == length else None


def _end_group() -> None:
    """End this process and all that it started; they are a group of their own."""
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


def _listen(tasks: queue.Queue[bytes]) -> None:
    while (packed := read_frame(sys.stdin.buffer)) is not None:
        tasks.put(packed)
    _end_group()


def _prefer_oom_kill() -> None:
    """Ask the system, where memory runs out, to end this process before the one that started it."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")


def main() -> None:
    """Do tasks until the input ends."""
    # Whatever else prints must not get between the events.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    if hasattr(os, "register_at_fork"):
        # Held open by a copy of this process, it would never end for whoever reads it.
        os.register_at_fork(after_in_child=lambda: os.close(out.fileno()))
    faulthandler.enable()
    _prefer_oom_kill()
    tasks: queue.Queue[bytes] = queue.Queue()
    threading.Thread(target=_listen, args=(tasks,), daemon=True).start()
    from d2vbench.errors import UserError

    def tell(event: Any) -> None:
        write_frame(out, pickle.dumps(event))

    while True:
        try:
            packed = tasks.get(timeout=_PATIENCE)
        except queue.Empty:
            _end_group()
        try:
            for event in pickle.loads(packed).events():
                tell(event)
        except BrokenPipeError:
            _end_group()
        except UserError as error:
            tell(str(error))
        except Exception:
            # Nothing of the cells themselves: what they do ends in an event, errors too.
            tell(traceback.format_exc())
        else:
            tell(None)
