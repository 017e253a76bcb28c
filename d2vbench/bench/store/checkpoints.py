"""Checkpoints: the weights at a branch of the plan tree, on disk while branches need them."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from d2vbench.families.doc2vec import Trainee
from d2vbench.files import is_full, write_atomic

#: Bytes that all checkpoints of a run may take; beyond it a branch is trained from its beginning.
LIMIT = 4 << 30

#: Name of the file by which a process knows the run's folder again.
TOKEN = ".run"


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

    def save(self, key: str, trainee: Trainee, seconds: float) -> bool:
        """Keep what training has changed: weights, and the state of ``model.random``.

        Parameters
        ----------
        key : str
            Of the stretch that ends here.
        trainee : Trainee
            Its model is not changed.
        seconds : float
            Spent on training so far, from the untrained model on.

        Returns
        -------
        bool
            False if it would go beyond the limit, the disk is full, or the run's folder is not
            here, and nothing was written: what goes on from here will train it again.
        """
        model = trainee.engine.model
        kind, numbers, place, has_gauss, gauss = model.random.get_state()
        assert kind == "MT19937"
        arrays: dict[str, Any] = {
            "words": model.wv.vectors,
            "documents": model.dv.vectors,
            "outputs": model.syn1neg,
            "random": numbers,
            "place": np.asarray([place, has_gauss]),
            "gauss": np.asarray(gauss),
            "seconds": np.asarray(seconds),
        }
        size = sum(array.nbytes for array in arrays.values())
        if not self.here() or self.size() + size > self.limit:
            return False
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            write_atomic(self.path(key), lambda file: np.savez(file, **arrays))
        except OSError as error:
            if not is_full(error):
                raise
            return False
        return True

    def load(self, key: str, trainee: Trainee) -> float | None:
        """Put a model back to where a checkpoint was made.

        Parameters
        ----------
        key : str
            Of the checkpoint.
        trainee : Trainee
            Just prepared; its model is changed only if all is well.

        Returns
        -------
        float or None
            The seconds of training that it stands for; None if it is missing or damaged.
        """
        model = trainee.engine.model
        if not self.here():
            return None
        try:
            with self.path(key).open("rb") as raw, np.load(raw, allow_pickle=False) as file:
                found = {name: file[name] for name in file.files}
            targets = {
                "words": model.wv.vectors,
                "documents": model.dv.vectors,
                "outputs": model.syn1neg,
            }
            for name, target in targets.items():
                if found[name].shape != target.shape or found[name].dtype != target.dtype:
                    return None
            place, has_gauss = found["place"].tolist()
            state = ("MT19937", found["random"], place, has_gauss, float(found["gauss"]))
            np.random.RandomState().set_state(state)
            seconds = float(found["seconds"])
        except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
            return None
        for name, target in targets.items():
            target[:] = found[name]
        model.random.set_state(state)
        return seconds

    def present(self, key: str) -> bool:
        """Return whether there is a checkpoint; whether it is whole shows when it is loaded."""
        return self.path(key).exists()

    def remove(self, key: str) -> None:
        """Remove a checkpoint, if it is there."""
        self.path(key).unlink(missing_ok=True)

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
