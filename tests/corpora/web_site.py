"""A web server on this machine that misbehaves as it is told."""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Site:
    """Files by path, and what to do at the next requests for each.

    ``plan[path]`` is a list of steps, one a request: ``"cut:N"`` (close after N bytes),
    ``"status:503"``, ``"redirect:URL"``, ``"stall"`` (answer nothing until the test ends),
    ``"drip:N"`` (N bytes, then a byte a twentieth of a second for 20 seconds), ``"drip-head"``
    (the same from the first byte of the headers), ``"plain"`` (as if ranges were unknown),
    ``"wrong-range"``, ``"raw:TEXT"`` (TEXT in latin-1 is all that is sent, head and body). After
    them: serve.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.plan: dict[str, list[str]] = {}
        self.etags: dict[str, str] = {}
        self.requests: list[tuple[str, str | None]] = []
        self.over = threading.Event()
        self.url = ""


def _handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            pass

        def do_GET(self) -> None:
            asked = self.headers.get("Range")
            site.requests.append((self.path, asked))
            steps = site.plan.get(self.path, [])
            kind, _, value = (steps.pop(0) if steps else "").partition(":")
            if kind == "stall":
                site.over.wait(20)
                return
            if kind == "drip-head":
                self._drip(b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 50)
                return
            if kind == "raw":
                self.wfile.write(value.encode("latin-1"))
                return
            if kind == "redirect":
                self._head(302, {"Location": value, "Content-Length": "0"})
                return
            if kind == "status" or self.path not in site.files:
                self._head(int(value or 404), {"Content-Length": "0"})
                return
            self._serve(site.files[self.path], asked, kind, value)

        def _serve(self, content: bytes, asked: str | None, kind: str, value: str) -> None:
            etag = site.etags.get(self.path, '"1"')
            headers = {"ETag": etag} if etag else {}
            start = 0
            match = re.fullmatch(r"bytes=(\d+)-", asked or "")
            if match and kind != "plain" and self.headers.get("If-Range") == etag:
                start = int(match[1])
                if start >= len(content):
                    self._head(416, {"Content-Length": "0"})
                    return
                shown = start + (kind == "wrong-range")
                headers["Content-Range"] = f"bytes {shown}-{len(content) - 1}/{len(content)}"
            body = content[start:]
            headers["Content-Length"] = str(len(body))
            self._head(206 if "Content-Range" in headers else 200, headers)
            if kind == "drip":
                self.wfile.write(body[: int(value)])
                self._drip(body[int(value) :])
                return
            self.wfile.write(body[: int(value)] if kind == "cut" else body)

        def _drip(self, content: bytes) -> None:
            with contextlib.suppress(OSError):
                for i in range(400):
                    self.wfile.write(content[i : i + 1])
                    if site.over.wait(0.05):
                        return

        def _head(self, status: int, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()

    return Handler


@contextmanager
def serving() -> Iterator[Site]:
    """Serve a site on a free port of this machine."""
    site = Site()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(site))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    site.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield site
    finally:
        site.over.set()
        server.shutdown()
        server.server_close()
        thread.join()
