"""Opening a pair though what the cache holds of it is damaged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from d2vbench.corpora.acquire.cache import cache_folder, cannot_write
from d2vbench.corpora.cards import Cards, PairCard
from d2vbench.corpora.pairs import pair as pairs
from d2vbench.corpora.pairs.pair import Pair
from d2vbench.damaged import DAMAGED_ARCHIVE
from d2vbench.errors import UserError


def open_pair(
    card: PairCard,
    cards: Cards,
    cache: Path | None = None,
    report: Callable[[str], None] | None = None,
) -> Pair:
    """Open a pair as `d2vbench.corpora.pairs.pair.open_pair` does, whatever became of its choice.

    Parameters
    ----------
    card, cards, cache, report
        See there.

    Returns
    -------
    Pair
        The kept choice of documents is a compressed file. One that cannot be read, in whatever way
        its bytes are spoilt, is removed and made anew.

    Raises
    ------
    UserError
        See there; or if a damaged choice cannot be removed.
    """
    try:
        return pairs.open_pair(card, cards, cache, report)
    except UserError:
        raise
    except DAMAGED_ARCHIVE:
        folder = (cache or cache_folder()) / "pairs"
        removed = [path for path in folder.glob("*.npz") if _removed(path, report)]
        if not removed:
            raise
    return pairs.open_pair(card, cards, cache, report)


def _removed(path: Path, report: Callable[[str], None] | None) -> bool:
    """Remove a choice that cannot be read; return whether it was one, and is gone."""
    import numpy as np

    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            for name in file.files:
                file[name]
    except DAMAGED_ARCHIVE as error:
        if isinstance(error, OSError) and error.errno is not None:
            return False  # It could not be opened, which is no damage.
        try:
            path.unlink(missing_ok=True)
        except OSError as refused:
            raise cannot_write(path, refused) from None
        if report:
            report(f"{path} is damaged ({error}) and is made anew")
        return True
    return False
