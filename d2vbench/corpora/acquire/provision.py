"""The encoded corpora of a run for another process, perhaps on another machine."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from d2vbench.corpora.acquire.cache import cache_folder
from d2vbench.corpora.cards import CorpusCard
from d2vbench.corpora.store.encoded import (
    LOCAL_ENTRIES,
    SOURCES,
    EncodedCorpus,
    damage,
    open_corpus,
)
from d2vbench.corpora.store.tokenise import Tokeniser
from d2vbench.errors import UserError


@dataclass(frozen=True)
class Provision:
    """What another process needs in order to open an encoded corpus that a `Pair` refers to.

    Attributes
    ----------
    card : CorpusCard
        From which it can be built.
    tokeniser : Tokeniser
        Likewise.
    folder : pathlib.Path
        The entry, where the process that asks has it.
    content_sha256 : str
        Identity of the documents.
    fingerprint : dict
        `Tokeniser.fingerprint` of the entry.
    """

    card: CorpusCard
    tokeniser: Tokeniser
    folder: Path
    content_sha256: str
    fingerprint: dict[str, Any]

    @classmethod
    def of(cls, corpus: EncodedCorpus, card: CorpusCard, tokeniser: Tokeniser) -> Provision:
        """Return what it takes to have a corpus elsewhere."""
        fingerprint = corpus.meta["tokeniser"]
        return cls(card, tokeniser, corpus.folder, corpus.content_sha256, fingerprint)

    def provide(self) -> None:
        """Locate, or build, the corpus that an unpickled `Pair` needs in this process.

        It is taken from the same folder, which machines may share; else from this machine's own
        store, by its content; else it is built there.

        Raises
        ------
        UserError
            If other documents or words are available here.
        """
        SOURCES.setdefault(LOCAL_ENTRIES.get(self.folder, self.folder), (self.card, None))
        if self.folder in LOCAL_ENTRIES or (self._fits(self.folder) and _whole(self.folder)):
            return
        root = cache_folder() / "encoded"
        entries = [root / self.folder.name, *sorted(root.glob("*"))]
        for entry in entries:
            if self._fits(entry) and _whole(entry):
                LOCAL_ENTRIES[self.folder] = entry
                SOURCES.setdefault(entry, (self.card, None))
                return
        built = open_corpus(self.card, self.tokeniser)
        if not self._fits(built.folder):
            raise UserError(
                f"corpus {self.card.name}: this machine has documents of content sha256 "
                f"{built.content_sha256}, the run has {self.content_sha256}, or splits them "
                f"into other words. Share the folder {self.folder.parent.parent} between the "
                "machines, or install the same versions on them"
            )
        LOCAL_ENTRIES[self.folder] = built.folder

    def _fits(self, entry: Path) -> bool:
        try:
            meta = json.loads((entry / "meta.json").read_text(encoding="utf-8"))
            found = (meta["name"], meta["content_sha256"], meta["tokeniser"])
        except (OSError, ValueError, KeyError, TypeError):
            return False
        return found == (self.card.name, self.content_sha256, self.fingerprint)


@functools.lru_cache(maxsize=32)
def _whole(folder: Path) -> bool:
    return damage(folder) is None
