"""Put on the path of a process and of all that it starts: the network is noted and refused."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

_EVENTS = {
    "socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr",
    "socket.getnameinfo", "socket.sendto", "socket.sendmsg", "urllib.Request",
    "http.client.connect", "ftplib.connect", "smtplib.connect",
}  # fmt: skip


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in _EVENTS:
        return
    # Processes of one machine may talk to each other by name of a file.
    if event != "urllib.Request" and arguments and getattr(arguments[0], "family", 0) == 1:
        return
    with Path(os.environ["D2VBENCH_TEST_NETWORK"]).open("a") as log:
        log.write(f"{sys.argv} {event}\n")
    raise OSError(101, "Network is unreachable: refused by a test")


if "D2VBENCH_TEST_NETWORK" in os.environ:
    sys.addaudithook(_hook)
