"""Where corpora are kept on this machine."""

from __future__ import annotations

import os
from pathlib import Path

from d2vbench.errors import UserError
from d2vbench.files import is_full


def cache_folder() -> Path:
    """Return the folder for archives and encoded corpora.

    Returns
    -------
    pathlib.Path
        ``D2VBENCH_DATA`` where it is set, else the platform's cache folder for d2vbench. It holds
        ``archives/CORPUS/FILE`` (what ``d2vbench fetch`` got), ``encoded/`` and ``pairs/``.
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
