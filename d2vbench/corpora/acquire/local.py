"""Which files of a corpus are on this machine."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from d2vbench.corpora.acquire.cache import archive_path, cache_folder
from d2vbench.corpora.cards import CorpusCard
from d2vbench.corpora.readers import COPY, downloader, find_reader
from d2vbench.errors import UserError

#: Before the name of a data set of the Hugging Face hub: ``hf:OWNER/NAME`` or
#: ``hf:OWNER/NAME:CONFIGURATION``.
HUB = "hf:"
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def hub_folder(name: str, cache: Path | None = None) -> Path:
    """Return where the copy of a data set ``hf:...`` is, or would be once it is fetched."""
    safe = _UNSAFE.sub("-", name.removeprefix(HUB)).strip("-.") or "dataset"
    # Different names may become one, and no name may reach another corpus' folder.
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return (cache or cache_folder()) / "archives" / f"hf-{digest}" / safe


def expected_files(card: CorpusCard, cache: Path | None = None) -> dict[str, Path]:
    """Return where the files of a corpus are, or would be once it is fetched.

    Parameters
    ----------
    card : CorpusCard
        Which corpus.
    cache : pathlib.Path, optional
        Default: `d2vbench.corpora.acquire.cache.cache_folder`.

    Returns
    -------
    dict of str to pathlib.Path
        By the archives' names; empty for a corpus that needs no download.
    """
    names = [archive.name for archive in card.archives]
    if not names and downloader(find_reader(card.reader)):
        names = [COPY]
    return {name: archive_path(card.name, name, cache) for name in names}


def local_files(card: CorpusCard, cache: Path | None = None) -> dict[str, Path]:
    """Return the files of a corpus, which a reader takes; never uses the network.

    Parameters
    ----------
    card : CorpusCard
        Which corpus.
    cache : pathlib.Path, optional
        Default: `d2vbench.corpora.acquire.cache.cache_folder`.

    Returns
    -------
    dict of str to pathlib.Path
        By the archives' names; empty for a corpus that needs no download.

    Raises
    ------
    UserError
        If one is not there: run ``d2vbench fetch``.
    """
    files = expected_files(card, cache)
    missing = [name for name, path in files.items() if not path.exists()]
    if missing:
        by_hand = (
            f" (or `d2vbench fetch {card.name} --from DIR` with {', '.join(missing)} in DIR)"
            if card.archives
            else ""
        )
        raise UserError(
            f"corpus {card.name} is not on this machine: run `d2vbench fetch {card.name}`{by_hand}"
        )
    return files
