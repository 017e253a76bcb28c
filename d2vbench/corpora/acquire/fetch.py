"""Getting a corpus onto this machine: download or copy, verify, and only then move into place.

Nothing else in d2vbench uses the network.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from d2vbench.corpora.acquire.archives import file_digest, pack
from d2vbench.corpora.acquire.cache import cache_folder, cannot_write
from d2vbench.corpora.acquire.download import Resuming
from d2vbench.corpora.acquire.local import HUB, expected_files, hub_folder
from d2vbench.corpora.acquire.verify import Contents, check_contents, decode_all
from d2vbench.corpora.cards import ArchiveCard, Cards, CorpusCard
from d2vbench.corpora.readers import COPY, downloader, find_reader, huggingface
from d2vbench.errors import UserError
from d2vbench.files import is_full

_STAGE = ".fetching-"


class Listener(Protocol):
    """Receives the progress."""

    def note(self, text: str) -> None:
        """Take a line about what is done now."""
        ...  # pragma: no cover

    def progress(self, done: int, total: int | None) -> None:
        """Take the bytes downloaded so far, and in all where that is known."""
        ...  # pragma: no cover


class Silent:
    """A listener that does nothing."""

    def note(self, text: str) -> None:
        """Do nothing."""

    def progress(self, done: int, total: int | None) -> None:
        """Do nothing."""


@dataclass(frozen=True)
class Fetched:
    """What `fetch` did.

    Attributes
    ----------
    files : dict of str to pathlib.Path
        Where the archives are now; empty for a corpus that needs none.
    contents : Contents or None
        What they hold; None if they were there already.
    """

    files: dict[str, Path]
    contents: Contents | None


def fetchable(cards: Cards) -> list[str]:
    """Return the names of the corpora that a pair uses and that need fetching."""
    used = {side.corpus for pair in cards.pairs.values() for side in (pair.generic, pair.domain)}
    return [name for name in sorted(used) if expected_files(cards.corpora[name])]


def fetch(
    card: CorpusCard,
    cache: Path | None = None,
    source: Path | None = None,
    force: bool = False,
    listener: Listener | None = None,
    timeout: float = 30.0,
) -> Fetched:
    """Put the archives of a corpus into the cache, verified.

    Parameters
    ----------
    card : CorpusCard
        Which corpus.
    cache : pathlib.Path, optional
        Default: `d2vbench.corpora.acquire.cache.cache_folder`.
    source : pathlib.Path, optional
        Take them from this folder, where they lie as archives or unpacked, or from this archive;
        the network is not used. Default: download.
    force : bool
        Do it though they are there.
    listener : Listener, optional
        Receives the progress.
    timeout : float
        Seconds to wait for a server.

    Returns
    -------
    Fetched
        Where they are and what they hold.

    Raises
    ------
    UserError
        If they cannot be obtained, or are not what the card describes. The cache is then as it was,
        but for the part that an interrupted download got.
    """
    listener = listener or Silent()
    targets = expected_files(card, cache)
    if not targets or (all(path.exists() for path in targets.values()) and not force):
        return Fetched(targets, None)
    folder = (cache or cache_folder()) / "archives" / card.name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".lock").touch()
    except OSError as error:
        raise cannot_write(folder, error) from None
    try:
        with _only_one(folder, card.name), _stage(folder) as stage:
            return _fetch(card, targets, stage, source, listener, timeout)
    except OSError as error:
        # The system names the file that was copied, which is not the one that there is no room for.
        if not is_full(error):
            raise
        raise cannot_write(folder, error) from None


def fetch_from_hub(name: str, cache: Path | None = None, force: bool = False) -> Path:
    """Put a data set of the Hugging Face hub into the cache, as a corpus of one's own.

    Parameters
    ----------
    name : str
        ``hf:OWNER/NAME``, or ``hf:OWNER/NAME:CONFIGURATION``.
    cache : pathlib.Path, optional
        Default: `d2vbench.corpora.acquire.cache.cache_folder`.
    force : bool
        Do it though it is there.

    Returns
    -------
    pathlib.Path
        The folder, which the library ``datasets`` has saved.

    Raises
    ------
    UserError
        If the library is missing or cannot load it. The cache is then as it was.
    """
    target = hub_folder(name, cache)
    if target.exists() and not force:
        return target
    path, _, configuration = name.removeprefix(HUB).partition(":")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _only_one(target.parent, name), _stage(target.parent) as stage:
            huggingface.download({"path": path, "name": configuration}, stage / COPY)
            if target.is_dir():
                shutil.rmtree(target)
            (stage / COPY).replace(target)
    except OSError as error:
        raise cannot_write(target.parent, error) from None
    return target


def _fetch(
    card: CorpusCard,
    targets: dict[str, Path],
    stage: Path,
    source: Path | None,
    listener: Listener,
    timeout: float,
) -> Fetched:
    staged: dict[str, Path] = {}
    origins: dict[str, str] = {}
    if not card.archives:
        staged[COPY] = stage / COPY
        origins[COPY] = _copy_of_data_set(card, staged[COPY], source, listener)
    for archive in card.archives:
        path = stage / archive.name
        origin = (
            _download(card, archive, path, listener, timeout)
            if source is None
            else _take(card, archive, path, source, listener)
        )
        staged[archive.name], origins[archive.name] = path, origin
    listener.note(f"reading the documents of {card.name} to verify them")
    try:
        contents = decode_all(card, staged)
    except UserError as error:
        text = str(error)
        # The copy that was read is gone by the time that anybody reads this.
        for name, path in staged.items():
            text = text.replace(str(path), origins[name])
        raise UserError(text) from None
    check_contents(card, contents, ", ".join(origins.values()))
    for name, path in staged.items():
        if targets[name].is_dir():
            shutil.rmtree(targets[name])
        path.replace(targets[name])
    return Fetched(targets, contents)


def _download(
    card: CorpusCard, archive: ArchiveCard, path: Path, listener: Listener, timeout: float
) -> str:
    """Download an archive from the first address that has it; return that address."""
    import pooch

    # pooch's own lines about hashes would be told twice, and in other words.
    pooch.get_logger().setLevel("WARNING")
    part = path.parent.parent / f"{archive.name}.part"
    resuming = Resuming(part, listener.progress, timeout)
    reasons: list[str] = []
    for url in archive.urls:
        listener.note(f"downloading {url}")
        try:
            pooch.retrieve(url, None, fname=path.name, path=path.parent, downloader=resuming)
            _check_sum(card, archive, path, url)
            return url
        except UserError as error:
            reasons.append(str(error))
            path.unlink(missing_ok=True)
    names = " or ".join([archive.name, *archive.local_names])
    raise UserError(
        f"corpus {card.name} could not be downloaded.\n  "
        + "\n  ".join(reasons or ["its card names no address"])
        + f"\nIf you can get it in another way, put {names} into a folder DIR and run "
        f"`d2vbench fetch {card.name} --from DIR`."
    )


def _check_sum(card: CorpusCard, archive: ArchiveCard, path: Path, origin: str) -> None:
    for algorithm, expected in (("sha256", archive.sha256), ("md5", archive.md5)):
        if expected and (got := file_digest(path, algorithm)) != expected:
            raise UserError(
                f"{origin} is not the file that the card of {card.name} names: expected {algorithm}"
                f" {expected}, got {got} ({path.stat().st_size:,} bytes). It was damaged on its "
                "way, or replaced by its publisher. Nothing was kept"
            )


def _take(
    card: CorpusCard, archive: ArchiveCard, path: Path, source: Path, listener: Listener
) -> str:
    """Copy an archive from a folder of the user's, or pack what was unpacked there."""
    origin = _find(card, archive, source)
    listener.note(f"taking {origin}")
    if origin.is_dir():
        pack(origin, path)
    else:
        shutil.copyfile(origin, path)
    # An archive may be packed otherwise and yet hold the same documents; but where the card
    # cannot tell by the documents, only the very file will do.
    if not card.content_sha256 and (archive.sha256 or archive.md5):
        _check_sum(card, archive, path, str(origin))
    return str(origin)


def _find(card: CorpusCard, archive: ArchiveCard, source: Path) -> Path:
    """Return an archive, or its unpacked folder, in or at a place that the user named."""
    if not source.exists():
        raise UserError(f"--from {source}: there is no such folder")
    if source.is_file():
        if len(card.archives) > 1:
            raise UserError(
                f"--from {source}: corpus {card.name} has {len(card.archives)} archives; name the "
                "folder that they are in"
            )
        return source
    names = [archive.name, *archive.local_names]
    for folder in (source, source / card.name):
        for name in names:
            if (folder / name).exists():
                return folder / name
    if len(card.archives) == 1 and _has_documents(card, archive, source):
        return source
    raise UserError(
        f"--from {source}: corpus {card.name} is not there: expected {' or '.join(names)}, or the "
        "unpacked files themselves"
    )


def _has_documents(card: CorpusCard, archive: ArchiveCard, folder: Path) -> bool:
    try:
        documents = find_reader(card.reader).read(card.parameters, {archive.name: folder})
        return next(iter(documents), None) is not None
    except (UserError, PermissionError):
        return False


def _copy_of_data_set(
    card: CorpusCard, target: Path, source: Path | None, listener: Listener
) -> str:
    """Let the reader download what no archive holds, or copy it from another machine's cache."""
    if source is None:
        download = downloader(find_reader(card.reader))
        assert download is not None
        listener.note(f"loading {card.parameters.get('path', card.name)}")
        download(card.parameters, target)
        return f"data set {card.parameters.get('path', card.name)}"
    for folder in (source / COPY, source / card.name / COPY):
        if folder.is_dir():
            shutil.copytree(folder, target)
            return str(folder)
    raise UserError(
        f"--from {source}: corpus {card.name} is not there: expected a folder {COPY} as "
        f"`d2vbench fetch` keeps it in archives/{card.name}"
    )


@contextmanager
def _stage(folder: Path) -> Iterator[Path]:
    """Make a folder for what is not verified yet; it is always removed at the end."""
    for left_over in folder.glob(f"{_STAGE}*"):
        # Of a process that was killed: the lock is ours.
        shutil.rmtree(left_over, ignore_errors=True)
    stage = Path(tempfile.mkdtemp(prefix=_STAGE, dir=folder))
    try:
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)


@contextmanager
def _only_one(folder: Path, name: str) -> Iterator[None]:
    """Keep a second process from writing into the same partial file."""
    from filelock import FileLock, Timeout

    try:
        held = FileLock(folder / ".lock", timeout=0).acquire()
    except Timeout:
        raise UserError(
            f"corpus {name} is being fetched by another process: wait until it is done"
        ) from None
    with held:
        yield
