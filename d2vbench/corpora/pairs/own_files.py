"""Where a person's own corpora lie: files, folders, patterns, fetched data sets, or cards."""

from __future__ import annotations

import glob
import os
import re
import unicodedata
from collections.abc import Sequence
from os import PathLike
from pathlib import Path

from d2vbench.corpora.acquire.local import HUB, hub_folder
from d2vbench.corpora.cards import Cards, CorpusCard
from d2vbench.corpora.readers.formats import files
from d2vbench.corpora.readers.formats.opening import PACKED
from d2vbench.errors import UsageError, option, unknown_name

#: What `own_pair` takes for a side: a path, a pattern, a name; or several paths and patterns.
Source = str | PathLike[str] | Sequence[str | PathLike[str]]

_UNSAFE = re.compile(r"[^A-Za-z0-9._]+")
_LONGEST_NAME = 40
_PATTERN = re.compile(r"[*?[]")


def plain_stem(path: Path) -> str:
    """Return the name of a file without what says its format; of a folder all of it.

    Examples
    --------
    >>> plain_stem(Path("notes.v2.CSV.zst"))
    'notes.v2'
    """
    stem = path.name
    if not path.is_dir():
        for _ in range(2):
            suffix = Path(stem).suffix.lower()
            if suffix and (suffix in files.SUFFIXES or suffix in PACKED or suffix in files.TARS):
                stem = Path(stem).stem
    return stem


def safe_name(path: Path) -> str:
    """Return a name for a corpus that is safe in a table, a plot and a file name.

    Examples
    --------
    >>> safe_name(Path("data/Größe & Maß.csv.gz")), safe_name(Path("..")), safe_name(Path("日本"))
    ('Groe-Ma', 'corpus', 'corpus')
    """
    plain = unicodedata.normalize("NFKD", plain_stem(path)).encode("ascii", "ignore").decode()
    return _UNSAFE.sub("-", plain)[:_LONGEST_NAME].strip("-._") or "corpus"


def side_name(paths: Sequence[Path]) -> str:
    """Return a name for a corpus of one or several files."""
    more = f"-and-{len(paths) - 1}-more" if len(paths) > 1 else ""
    return safe_name(paths[0]) + more


def absolute(argument: str) -> Path:
    """Return a path with the home folder filled in; links stay as they are."""
    # Not Path.expanduser, which raises for a home that cannot be told. Links stay: a cache may link
    # reviews.csv to a file whose name is a hash and says nothing of its format.
    return Path(os.path.abspath(os.path.expanduser(argument)))  # noqa: PTH100, PTH111


def _listed(source: Source) -> list[str]:
    return [os.fspath(source)] if isinstance(source, (str, PathLike)) else list(map(str, source))


def locate(source: Source, role: str, shipped: Cards) -> list[Path] | CorpusCard:
    """Find a side of a pair.

    Parameters
    ----------
    source : str or sequence of str
        A file, a folder, a pattern such as ``part-*.csv``, ``hf:NAME`` of a data set that was
        fetched, the name of a corpus that has a card; or several files and patterns.
    role : str
        ``"generic"`` or ``"domain"``, for messages.
    shipped : Cards
        The cards there are.

    Returns
    -------
    list of pathlib.Path or CorpusCard
        Paths that can be read, in the order given; of a pattern, sorted.

    Raises
    ------
    UserError
        If one is not there or cannot be read, or two are the same.
    """
    given = _listed(source)
    paths: list[Path] = []
    for argument in given:
        if len(given) == 1 and _is_card(argument, shipped):
            return shipped.corpora[argument]
        paths += _found(argument, role, shipped)
    seen: set[tuple[int, int]] = set()
    for path in paths:
        files.check_readable(path)
        if (identity := _identity(path)) in seen:
            raise UsageError(f"{option(role)}: {path} is given twice")
        seen.add(identity)
        if len(paths) > 1 and path.is_dir():
            raise UsageError(
                f"{option(role)}: {path} is a folder, given beside other paths: give files alone, "
                "or one folder that holds all"
            )
    return paths


def _is_card(argument: str, shipped: Cards) -> bool:
    return argument in shipped.corpora and not os.path.lexists(absolute(argument))


def _found(argument: str, role: str, shipped: Cards) -> list[Path]:
    if argument.startswith(HUB):
        folder = hub_folder(argument)
        if not folder.exists():
            raise UsageError(
                f"{option(role)} {argument}: this data set is not on this machine: run "
                f"`d2vbench fetch {argument}`"
            )
        return [folder]
    path = absolute(argument)
    if argument and path.exists():
        return [path]
    if _PATTERN.search(argument):
        found = [match for match in _matches(argument) if match.is_file()]
        if not found:
            raise UsageError(f"{option(role)} {argument}: no file fits this pattern")
        return found
    if os.sep in argument or path.suffix or not argument:
        raise UsageError(f"{option(role)} {argument}: no such file or folder")
    unknown = str(unknown_name("corpus", argument, shipped.corpora))
    raise UsageError(f"{option(role)} {argument}: no such file or folder, and {unknown}")


def _matches(pattern: str) -> list[Path]:
    """Return the paths that fit a pattern, sorted."""
    # The names of the home folder and of the current folder are no part of the pattern.
    home, *rest = Path(pattern).parts
    filled_in = os.path.expanduser(home)  # noqa: PTH111 - as in `absolute`
    if filled_in != home:
        pattern = str(Path(glob.escape(filled_in), *rest))
    matches = glob.glob(os.path.normpath(pattern), recursive=True)  # noqa: PTH207 - may be absolute
    return [Path(match) for match in sorted(map(os.path.abspath, matches))]


def _identity(path: Path) -> tuple[int, int]:
    """Return what is the same for all names of a file."""
    found = path.stat()
    return found.st_dev, found.st_ino


def check_distinct(
    generic: Source, domain: Source, sides: dict[str, list[Path] | CorpusCard]
) -> None:
    """Refuse two cards, a file on both sides, and a side that lies inside the other.

    Parameters
    ----------
    generic, domain : str or sequence of str
        As they were given, for messages.
    sides : dict
        From `locate`.
    """
    one, other = sides["generic"], sides["domain"]
    left, right = (" ".join(_listed(source)) for source in (generic, domain))
    both = f"{option('generic')} {left} and {option('domain')} {right}"
    if isinstance(one, CorpusCard) and isinstance(other, CorpusCard):
        raise UsageError(
            f"{both}: one of the two must "
            "be a file or folder of yours; pairs of the corpora that come with d2vbench are chosen "
            f"with {option('pairs')}"
        )
    if isinstance(one, CorpusCard) or isinstance(other, CorpusCard):
        return
    there = set(map(_identity, other))
    for path in one:
        if _identity(path) in there:
            if len(one) + len(other) > 2:
                raise UsageError(f"{both} share {path.name}: give two different corpora")
            raise UsageError(
                f"{both} are the same {'folder' if path.is_dir() else 'file'}: give two "
                "different corpora"
            )
    for outer, inside in ((one, other), (other, one)):
        for folder in filter(Path.is_dir, outer):
            real = folder.resolve()
            for path in inside:
                if real in path.resolve().parents:
                    raise UsageError(
                        f"{path} lies inside {folder}: its documents would be in both corpora; "
                        "move it out"
                    )
