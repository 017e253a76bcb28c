"""The folders that cards are in: d2vbench's own, those of third parties, and a person's own."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from d2vbench.errors import UserError
from d2vbench.plugins import Offer, offers

GROUP = "d2vbench.cards"
VARIABLE = "D2VBENCH_CARDS"


@dataclass(frozen=True)
class CardFolder:
    """A folder with cards.

    Attributes
    ----------
    path : pathlib.Path
        With the ``*.toml`` files.
    origin : str
        Whose it is, for lists; empty for d2vbench's own.
    where : str
        What messages about its cards begin with.
    """

    path: Path
    origin: str = ""
    where: str = ""


def cards_folder() -> Path:
    """Return the folder of the cards that come with d2vbench.

    A wheel carries them inside the package; in a source tree they stand at the top level.
    """
    package = Path(__file__).resolve().parent.parent
    inside = package / "_cards"
    return inside if inside.is_dir() else package.parent / "corpora"


def card_folders() -> list[CardFolder]:
    """Return all folders with cards.

    Returns
    -------
    list of CardFolder
        d2vbench's own; those of third parties by their names; those that the environment variable
        `D2VBENCH_CARDS` names, in its order.

    Raises
    ------
    UserError
        If a folder is not there, or an entry point leads to anything but a package.
    """
    folders = [CardFolder(cards_folder())]
    for offer in offers(GROUP):
        folders += _of_package(offer)
    for name in filter(None, os.environ.get(VARIABLE, "").split(os.pathsep)):
        path = Path(name).expanduser()
        if not path.is_dir():
            raise UserError(f"{VARIABLE}: there is no folder {name}")
        folders.append(CardFolder(path, VARIABLE, f"{VARIABLE}: "))
    return folders


def _of_package(offer: Offer) -> list[CardFolder]:
    package = offer.load("cards")
    paths = [Path(path) for path in getattr(package, "__path__", ())]
    if not any(path.is_dir() and any(path.glob("*.toml")) for path in paths):
        raise offer.error("cards", f"must be a package with *.toml files, got {package!r:.80}")
    return [CardFolder(path, offer.origin, f"cards {offer.where}: ") for path in paths]
