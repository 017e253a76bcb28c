"""Where corpora are kept on this machine, how large that is, and how to remove it."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from d2vbench.errors import UserError
from d2vbench.files import is_full

#: What may be removed, with what that costs.
KINDS = {
    "archives": "what was downloaded; `d2vbench fetch` gets it again",
    "texts": "corpora that scripts held in memory; written again by the next run on them",
    "encoded": "corpora as word numbers; made again from the archives or files when needed",
    "pairs": "which documents a pair is made of; worked out again when needed",
    "ceilings": "what TF-IDF reaches on a pair; computed again when a crossing is described",
}

# How the names of entries begin that are being built, or were damaged and are being replaced.
_UNFINISHED = (".building-", ".damaged-")
# Seconds without a write after which the process that was writing is taken for killed.
_ABANDONED = 24 * 3600


def cache_folder() -> Path:
    """Return the folder for archives and encoded corpora.

    Returns
    -------
    pathlib.Path
        ``D2VBENCH_DATA`` where it is set, else the platform's cache folder for d2vbench. It holds
        ``archives/CORPUS/FILE`` (what ``d2vbench fetch`` got) and a folder for each other kind.
    """
    given = os.environ.get("D2VBENCH_DATA")
    if given:
        return Path(given).expanduser()
    import platformdirs

    return Path(platformdirs.user_cache_dir("d2vbench"))


def archive_path(corpus: str, file: str, cache: Path | None = None) -> Path:
    """Return where a corpus' archive is, or would be once it is fetched.

    Parameters
    ----------
    corpus : str
        Name of the corpus' card.
    file : str
        Name of the archive on that card.
    cache : pathlib.Path, optional
        Default: `cache_folder`.

    Returns
    -------
    pathlib.Path
        A file there is whole and verified: ``fetch`` moves it into place as its last act.
    """
    return (cache or cache_folder()) / "archives" / corpus / file


def cannot_write(folder: Path, error: OSError) -> UserError:
    """Return the error to raise where the cache, or a folder of it, cannot be written."""
    advice = (
        "Make room, or set D2VBENCH_DATA to a folder on another disk."
        if is_full(error)
        else "Set D2VBENCH_DATA to a folder that you may write to."
    )
    return UserError(f"the cache {folder} cannot be written: {error.strerror or error}. {advice}")


def building_folder(root: Path) -> Path:
    """Return a new folder, in which an entry of the cache is built before it is renamed.

    Parameters
    ----------
    root : pathlib.Path
        The folder of a kind. What killed processes left in it is removed.

    Raises
    ------
    UserError
        If it cannot be written to.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
        for path in root.iterdir():
            if path.name.startswith(_UNFINISHED) and _is_abandoned(path):
                shutil.rmtree(path, ignore_errors=True)
        return Path(tempfile.mkdtemp(prefix=_UNFINISHED[0], dir=root))
    except OSError as error:
        raise cannot_write(root, error) from None


def _is_abandoned(path: Path) -> bool:
    """Tell whether nobody has written to a file, or to a folder, for a day."""
    try:
        inner = path.iterdir() if path.is_dir() else ()
        written = max(one.lstat().st_mtime for one in (path, *inner))
    except OSError:
        return False  # It was finished and renamed in the meantime.
    return time.time() - written > _ABANDONED


@dataclass(frozen=True)
class Part:
    """Something in the cache.

    Attributes
    ----------
    kind : str
        A key of `KINDS`.
    name : str
        Of the corpus or pair.
    path : pathlib.Path
        File or folder.
    size : int
        Bytes on disk.
    """

    kind: str
    name: str
    path: Path
    size: int

    def remove(self) -> None:
        """Remove it from the disk."""
        if self.path.is_dir() and not self.path.is_symlink():
            shutil.rmtree(self.path)
        else:
            self.path.unlink(missing_ok=True)


def cache_parts(cache: Path | None = None) -> Iterator[Part]:
    """Look at what the cache holds.

    Parameters
    ----------
    cache : pathlib.Path, optional
        Default: `cache_folder`.

    Yields
    ------
    Part
        By kind and name. What a process may be writing now is left out.
    """
    root = cache or cache_folder()
    for kind in KINDS:
        folder = root / kind
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            if not path.name.startswith(".") or _is_abandoned(path):
                yield Part(kind, _name(path), path, folder_size(path))


def folder_size(path: Path) -> int:
    """Return the bytes of a file, or of all files in a folder; links are not followed."""
    if path.is_symlink() or not path.is_dir():
        return path.lstat().st_size
    return sum(folder_size(inner) for inner in path.iterdir())


def _name(path: Path) -> str:
    """Return whose an entry is: entries of the store are named by a hash."""
    try:
        return str(json.loads((path / "meta.json").read_text(encoding="utf-8"))["name"])
    except (OSError, ValueError, KeyError, TypeError):
        return path.name
