"""Checkpoints: the weights at a branch of the plan tree, on disk while branches need them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from d2vbench.bench.compute.findings import Findings
from d2vbench.damaged import DAMAGED_ARCHIVE
from d2vbench.families import Learner
from d2vbench.files import is_full, write_atomic
from d2vbench.locks import lock_file
from d2vbench.mapped import read_mapped

#: Bytes that all checkpoints of a run may take; beyond it a branch is trained from its beginning.
LIMIT = 4 << 30

#: Name of the file by which a process knows the run's folder again.
TOKEN = ".run"

_LOCK = ".lock"
# Bytes at most of an array's name, shape and place in the file.
_HEADER = 1024
_SECONDS = "seconds"
# Before the names of a learner's arrays: whatever a family calls them, they clash with nothing.
_STATE = "state/"


class Checkpoints:
    """The checkpoints of a run, in a folder of their own.

    Parameters
    ----------
    folder : pathlib.Path
        Made when the first checkpoint is written.
    limit : int
        Bytes that all of them may take.
    token : str
        What the file `TOKEN` beside the folder must hold for anything to be kept; empty asks for
        none. A process of another machine, which may see a folder of the same name and not the
        same folder, then neither writes nor reads there.
    """

    def __init__(self, folder: Path, limit: int = LIMIT, token: str = "") -> None:
        self.folder = folder
        self.limit = limit
        self.token = token

    def here(self) -> bool:
        """Return whether this process sees the run's own folder."""
        if not self.token:
            return True
        try:
            return (self.folder.parent / TOKEN).read_text(encoding="utf-8") == self.token
        except OSError:
            return False

    def path(self, key: str) -> Path:
        """Return where a checkpoint is."""
        return self.folder / f"{key}.npz"

    def save(self, key: str, learner: Learner, seconds: float) -> bool:
        """Keep what training has changed.

        Parameters
        ----------
        key : str
            Of the stretch that ends here.
        learner : Learner
            Is not changed.
        seconds : float
            Spent on training so far, from the untrained model on.

        Returns
        -------
        bool
            False if it would go beyond the limit, the disk is full, or the run's folder is not
            here, and nothing was written: what continues from here will train it again.
        """
        state = {_STATE + name: array for name, array in learner.state().items()}
        return self._write(self.path(key), {**state, _SECONDS: np.asarray(seconds)})

    def load(self, key: str, learner: Learner) -> float | None:
        """Put a model back to where a checkpoint was made.

        Parameters
        ----------
        key : str
            Of the checkpoint.
        learner : Learner
            Just prepared; it is changed only if all is well.

        Returns
        -------
        float or None
            The seconds of training that it stands for; None if it is missing or unreadable: a
            flipped bit may also say that a part is encrypted or compressed.
        """
        found = self._read(self.path(key))
        try:
            if found is None:
                return None
            seconds = float(found.pop(_SECONDS))
            learner.restore({name.removeprefix(_STATE): found[name] for name in found})
        except (ValueError, KeyError, TypeError):
            return None
        return seconds

    def findings(self, key: str) -> Findings:
        """Return what was found about a checkpoint's model; branches of it share that."""
        return _Kept(self, key)

    def _write(self, path: Path, arrays: Mapping[str, npt.NDArray[Any]]) -> bool:
        size = sum(array.nbytes + _HEADER for array in arrays.values())
        if not self.here() or self.size() + size > self.limit:
            return False
        parts: dict[str, Any] = dict(arrays)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with self._alone():
                # Again, with those that others have written since.
                if self.size() + size > self.limit:
                    return False
                write_atomic(path, lambda file: np.savez(file, **parts))
        except OSError as error:
            if not is_full(error):
                raise
            return False
        return True

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Let one process at a time write; without, the limit would hold for each of them alone."""
        # Where the file system has no locks, what is written at once may go beyond the limit.
        lock = lock_file(self.folder / _LOCK)
        try:
            yield
        finally:
            if lock is not None:
                lock.release()

    def _read(self, path: Path) -> dict[str, npt.NDArray[Any]] | None:
        if not self.here():
            return None
        try:
            return read_mapped(path)
        except DAMAGED_ARCHIVE:
            return None

    def present(self, key: str) -> bool:
        """Return whether there is a checkpoint; whether it is whole shows when it is loaded."""
        return self.path(key).exists()

    def remove(self, key: str) -> None:
        """Remove a checkpoint and what was found about it, if they are there."""
        for path in self.folder.glob(f"{key}*.npz"):
            path.unlink(missing_ok=True)

    def size(self) -> int:
        """Return the bytes that all checkpoints take."""
        total = 0
        for path in self.folder.glob("*.npz"):
            try:
                total += path.stat().st_size
            except FileNotFoundError:
                continue  # Another process has just removed it.
        return total

    def clear(self) -> None:
        """Remove all checkpoints and the folder."""
        for path in self.folder.glob("*"):
            path.unlink(missing_ok=True)
        if self.folder.is_dir():
            self.folder.rmdir()


class _Kept(Findings):
    """Findings beside a checkpoint: whichever branch comes first finds them for the others."""

    def __init__(self, checkpoints: Checkpoints, key: str) -> None:
        self.checkpoints, self.key = checkpoints, key

    def recall(self, name: str) -> dict[str, npt.NDArray[Any]] | None:
        return self.checkpoints._read(self._path(name))

    def keep(self, name: str, arrays: dict[str, npt.NDArray[Any]]) -> None:
        # A checkpoint that is gone has no more branches; what is kept now would stay.
        if self.checkpoints.present(self.key):
            self.checkpoints._write(self._path(name), arrays)

    def _path(self, name: str) -> Path:
        return self.checkpoints.folder / f"{self.key}.{name}.npz"
