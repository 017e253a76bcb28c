"""Downloading one file over HTTP, resumed where it was cut. Handed to pooch as a downloader."""

from __future__ import annotations

import json
import queue
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from d2vbench.errors import UserError
from d2vbench.files import write_json

if TYPE_CHECKING:
    from requests import Response

_BLOCK = 1 << 16
_REDIRECTS = 10
_CUT = "the server cut the connection"
# More digits are no file's size, and more than 4,300 no number to Python.
_RANGE = re.compile(r"bytes ([0-9]{1,18})-[0-9]{1,18}/([0-9]{1,18}|\*)")
_LENGTH = re.compile(r"[0-9]{1,18}")

# Called with the bytes so far, and the bytes in all where the server says.
Progress = Callable[[int, "int | None"], None]


class CutShort(Exception):
    """The connection ended before the file did; what came is kept."""


class TooSlow(Exception):
    """The server sends, but so little that nobody would wait for the end; what came is kept."""


class Resuming:
    """A downloader for pooch that continues from a partial file.

    Parameters
    ----------
    part : pathlib.Path
        The partial file; beside it, ``NAME.json`` says which version of the file it is a part of.
    progress : callable, optional
        Called with the bytes so far and in all.
    timeout : float
        Seconds to wait for a connection, and for the next bytes.
    tries : int
        How often to continue after a cut.
    pace : float
        Seconds in which the headers, and each 64 KiB, must have come: a byte now and then keeps
        any ``timeout`` from running out.
    """

    def __init__(
        self,
        part: Path,
        progress: Progress | None = None,
        timeout: float = 30.0,
        tries: int = 4,
        pace: float = 120.0,
    ) -> None:
        self.part = part
        self.progress = progress or (lambda done, total: None)
        self.timeout = timeout
        self.tries = tries
        self.pace = pace

    @property
    def _version_file(self) -> Path:
        return self.part.with_name(f"{self.part.name}.json")

    def discard(self) -> None:
        """Remove the partial file."""
        self.part.unlink(missing_ok=True)
        self._version_file.unlink(missing_ok=True)

    def __call__(self, url: str, output_file: str, pooch: Any, check_only: bool = False) -> None:
        """Download a file.

        Parameters
        ----------
        url : str
            Where from.
        output_file : str
            Where to; written as the last act.
        pooch : object
            Not used; part of pooch's protocol.
        check_only : bool
            Not supported.

        Raises
        ------
        UserError
            With address and reason. After a cut, the partial file stays for the next time.
        """
        import requests

        reason = ""
        for _ in range(self.tries):
            try:
                self._get(url)
            except CutShort as error:
                reason = str(error)
            except TooSlow as error:
                reason = str(error)
                break
            except requests.exceptions.RequestException as error:
                reason = _reason(error)
                if not isinstance(
                    error,
                    requests.exceptions.ChunkedEncodingError
                    | requests.exceptions.ConnectionError
                    | requests.exceptions.Timeout,
                ):
                    break
            except ValueError as error:
                # Such as an address that is none, which requests lets pass as Python has it.
                reason = f"the server's answer cannot be understood ({error})"
                break
            else:
                self.part.replace(output_file)
                self.discard()
                return
        kept = self.part.stat().st_size if self.part.exists() else 0
        raise UserError(
            f"{url} could not be downloaded: {reason}."
            + f" {kept:,} bytes are kept; the same command continues from there." * bool(kept)
        )

    def _get(self, url: str) -> None:
        """Bring the partial file to its end, or raise what stopped it."""
        have = self.part.stat().st_size if self.part.exists() else 0
        version = self._version(url) if have else ""
        # Without a validator nobody could tell whether both halves are of one file.
        if have and not version:
            self.discard()
            have = 0
        # Compressed transfer would hide where in the file a cut was.
        headers = {"Accept-Encoding": "identity"}
        if have:
            headers |= {"Range": f"bytes={have}-", "If-Range": version}
        incoming = _Incoming(url, headers, self.timeout)
        try:
            response = incoming.start(self.pace)
            if response.status_code == 416:
                self.discard()
                raise CutShort("the server would not continue the partial file")
            if response.status_code not in (200, 206):
                _raise_status(response)
            have = _start(response, have)
            total = _length(response, have)
            write_json(
                self._version_file, {"url": url, "version": _validator(response), "total": total}
            )
            done = have
            self.progress(done, total)
            with self.part.open("r+b" if have else "wb") as file:
                file.seek(have)
                file.truncate()
                for block in incoming.blocks(self.pace):
                    file.write(block)
                    done += len(block)
                    self.progress(done, total)
        finally:
            incoming.close()
        if total is not None and done < total:
            # Old versions of urllib3 do not say so themselves.
            raise CutShort(_CUT)

    def _version(self, url: str) -> str:
        """Return the validator of the partial file; empty where it is of another address."""
        try:
            known = json.loads(self._version_file.read_text(encoding="utf-8"))
            version = str(known["version"]) if known["url"] == url else ""
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return ""
        # What no server has sent is of a damaged file, and would be refused in a request.
        return version if version.isascii() and version.isprintable() else ""


class _Incoming:
    """An answer, read by a thread of its own, so that whoever waits for it can give up.

    A read of 64 KiB returns when all of it has come, and the headers when their last line has; a
    server that sends a byte within each timeout holds both for as long as it likes.
    """

    def __init__(self, url: str, headers: dict[str, str], timeout: float) -> None:
        self._parts: queue.Queue[Any] = queue.Queue(maxsize=16)
        self._closed = threading.Event()
        self._ask = (url, headers, (timeout, timeout))
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        import requests

        url, headers, timeout = self._ask
        try:
            with requests.Session() as session:
                session.max_redirects = _REDIRECTS
                session.hooks["response"] = _refuse_lesser_scheme
                with session.get(url, headers=headers, stream=True, timeout=timeout) as response:
                    if not self._tell(response):
                        return
                    for block in response.iter_content(_BLOCK):
                        if not self._tell(block):
                            return
        except Exception as error:
            self._tell(error)
        else:
            self._tell(None)

    def _tell(self, part: Any) -> bool:
        """Hand over a part; return whether somebody still waits for more."""
        while not self._closed.is_set():
            try:
                self._parts.put(part, timeout=0.5)
            except queue.Full:
                continue
            return True
        return False

    def _next(self, pace: float) -> Any:
        try:
            part = self._parts.get(timeout=pace)
        except queue.Empty:
            raise TooSlow(
                f"the server is too slow: fewer than {_BLOCK:,} bytes in {pace:g} seconds"
            ) from None
        if isinstance(part, Exception):
            try:
                raise part
            finally:
                # Else the error holds this frame, and the frame the error with its connection.
                del part
        return part

    def start(self, pace: float) -> Response:
        """Return the answer with its headers."""
        response: Response = self._next(pace)
        return response

    def blocks(self, pace: float) -> Iterator[bytes]:
        """Yield what comes."""
        while (part := self._next(pace)) is not None:
            yield part

    def close(self) -> None:
        """Give up what has not come: the thread ends at its next part."""
        self._closed.set()


def _refuse_lesser_scheme(response: Response, **_: Any) -> None:
    """Refuse a redirect from https to http, or to another scheme."""
    if not response.is_redirect:
        return
    target = urljoin(response.url, response.headers["location"])
    old, new = urlsplit(response.url).scheme, urlsplit(target).scheme
    if new not in ("http", "https") or (old == "https" and new == "http"):
        from requests.exceptions import InvalidSchema

        raise InvalidSchema(
            f"it redirects from {old} to {new} ({target}), which is refused: the file could be "
            "changed on its way"
        )


def _start(response: Response, asked: int) -> int:
    """Return the offset at which the server's answer begins."""
    if response.status_code == 200:
        return 0
    match = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
    if match is None or int(match[1]) != asked:
        from requests.exceptions import InvalidHeader

        raise InvalidHeader(
            f"asked to continue from byte {asked:,}, the server answered "
            f"{response.headers.get('Content-Range')!r}"
        )
    return asked


def _length(response: Response, start: int) -> int | None:
    length = response.headers.get("Content-Length", "")
    return start + int(length) if _LENGTH.fullmatch(length) else None


def _validator(response: Response) -> str:
    """Return what If-Range takes: a strong ETag, or the date of the last change."""
    etag = response.headers.get("ETag", "")
    if etag and not etag.startswith("W/"):
        return etag
    return response.headers.get("Last-Modified", "")


def _raise_status(response: Response) -> None:
    from requests.exceptions import HTTPError

    raise HTTPError(f"the server answered {response.status_code} {response.reason}")


def _reason(error: Exception) -> str:
    import requests

    if isinstance(error, requests.exceptions.Timeout):
        return "the server did not answer in time"
    if isinstance(error, requests.exceptions.ConnectionError):
        return (
            "the server did not answer in time"
            if "timed out" in str(error)
            else "the server could not be reached, or cut the connection"
        )
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return _CUT
    return str(error).rstrip(".")
