"""Cards: what a corpus, a pair and a crossing of pairs are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from d2vbench.corpora.store.tokenise import Tokeniser
from d2vbench.errors import check_name


@dataclass(frozen=True)
class ArchiveCard:
    """A file that upstream offers.

    Attributes
    ----------
    name : str
        Its name in the cache.
    urls : list of str
        Where it is offered, the best address first.
    sha256 : str
        Of upstream's file, where it is known; 64 hexadecimal digits. A local archive may be packed
        otherwise: the corpus is identified by ``content_sha256``.
    md5 : str
        The same, where upstream publishes nothing better; 32 hexadecimal digits.
    local_names : list of str
        Other names by which ``d2vbench fetch --from`` looks for it: of repacked archives, or of
        the folder that it unpacks to.
    """

    name: str
    urls: list[str]
    sha256: str = ""
    md5: str = ""
    local_names: list[str] = field(default_factory=list)


#: What may become of near-duplicates, the usual first.
NEAR_DUPLICATES = ("drop", "train", "keep")


@dataclass(frozen=True)
class CorpusCard:
    """What a corpus is and how to read it.

    Attributes
    ----------
    name, version, title, description : str
        A change to the documents is a new version.
    reader : str
        Name of the reader in ``d2vbench.corpora.readers``.
    licence : str
        What the upstream allows.
    citation : str
        BibTeX, or empty where there is nothing to cite.
    notes : str
        What was decided about the text, and why.
    parameters : dict
        Handed to the reader.
    homepage : str
        Where upstream describes it.
    archives : list of ArchiveCard
        What ``d2vbench fetch`` downloads; nothing for a corpus that needs no download.
    content_sha256 : str
        Of the decoded documents (`d2vbench.corpora.store.documents.content_sha256`); empty where
        they depend on what is installed.
    documents : dict of str to dict of str to int
        How many there are, by split and class; ``"unsplit"`` and ``"unlabelled"`` for none.
    titles : dict of str to str
        What a class is called in plain words, by its label: what zero-shot classification reads.
        Without any, the labels themselves.
    """

    name: str
    version: str
    title: str
    description: str
    reader: str
    licence: str
    citation: str = ""
    notes: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    homepage: str = ""
    archives: list[ArchiveCard] = field(default_factory=list)
    content_sha256: str = ""
    documents: dict[str, dict[str, int]] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SideCard:
    """One side of a pair: which documents of which corpus.

    Attributes
    ----------
    corpus : str
        Name of a corpus card.
    include, exclude : list of str
        Shell patterns over labels. Nothing included means everything.
    min_class, max_class : int
        Classes with fewer documents are left out; of larger ones, the first ``max_class`` by
        hash of the text are kept. 0 is no limit. For the domain side only.
    max_documents : int
        Of more documents, the first by hash of the text are kept. 0 is no limit. For the generic
        side only.
    train_share : float
        Share of each class that goes to D-train where the corpus has no split of its own.
    normalise_labels : bool
        Whether labels that differ by blanks and case only are one class. For the domain side only.
    """

    corpus: str
    include: list[str] = field(default_factory=list)
    exclude: list[str] = field(default_factory=list)
    min_class: int = 0
    max_class: int = 0
    max_documents: int = 0
    train_share: float = 0.6
    normalise_labels: bool = False


@dataclass(frozen=True)
class PairCard:
    """A generic corpus G beside a labelled domain corpus D.

    Attributes
    ----------
    name, version, title, description, notes : str
        As on a corpus card.
    generic, domain : SideCard
        The two sides.
    near_duplicate : float
        Documents of D whose shingles overlap by this Jaccard similarity or more are one document,
        and documents of G that resemble one of D as much are left out. 1.0 finds exact ones only.
    near_duplicates : str
        What becomes of them: ``"drop"``; ``"train"``, they are kept where no test document is near;
        ``"keep"``, all are kept, and test documents may have twins in training.
    tokeniser : Tokeniser
        The same for both sides.
    domain_alone : bool
        Whether there is no generic corpus, since a saved model stands for it; ``generic`` then
        names the corpus of D, of which it has nothing.
    """

    name: str
    version: str
    title: str
    description: str
    generic: SideCard
    domain: SideCard
    notes: str = ""
    near_duplicate: float = 0.8
    near_duplicates: str = "drop"
    tokeniser: Tokeniser = field(default_factory=Tokeniser)
    domain_alone: bool = False


@dataclass(frozen=True)
class CrossedSide:
    """One generic or one domain corpus of a crossing.

    Attributes
    ----------
    side : SideCard
        Which documents.
    description : str
        A phrase, for the descriptions of pairs.
    """

    side: SideCard
    description: str


@dataclass(frozen=True)
class CrossingCard:
    """Every generic side with every domain side: many pairs on one card.

    Attributes
    ----------
    name, version, title, description, notes : str
        As on a corpus card.
    generic, domain : dict of str to CrossedSide
        The sides, by the name that each gives to its part of a pair's name.
    without : list of (str, str)
        Generic and domain name of pairs that are left out, since their documents overlap.
    near_duplicate, tokeniser
        As on a pair card, for all pairs.
    """

    name: str
    version: str
    title: str
    description: str
    generic: dict[str, CrossedSide]
    domain: dict[str, CrossedSide]
    without: list[tuple[str, str]] = field(default_factory=list)
    notes: str = ""
    near_duplicate: float = 0.8
    tokeniser: Tokeniser = field(default_factory=Tokeniser)

    def places(self) -> dict[str, tuple[str, str]]:
        """Return generic and domain name of each pair, by the pair's name."""
        return {
            f"{generic}-{domain}": (generic, domain)
            for domain in self.domain
            for generic in self.generic
            if (generic, domain) not in self.without
        }

    def pairs(self) -> dict[str, PairCard]:
        """Return the pairs by name, those of one domain together."""
        return {name: self._pair(name, *place) for name, place in self.places().items()}

    def _pair(self, name: str, generic: str, domain: str) -> PairCard:
        g, d = self.generic[generic], self.domain[domain]
        return PairCard(
            name=name,
            version=self.version,
            title=f"{generic} against {domain}",
            description=f"Generic: {g.description}. Domain: {d.description}.",
            generic=g.side,
            domain=d.side,
            notes=f"A pair of the crossing {self.name}.",
            near_duplicate=self.near_duplicate,
            tokeniser=self.tokeniser,
        )


@dataclass(frozen=True)
class Cards:
    """All cards there are.

    Attributes
    ----------
    corpora : dict of str to CorpusCard
        By name.
    pairs : dict of str to PairCard
        By name; those of crossings too.
    origins : dict of str to str
        Whose a card is, by the name of its file, for those that are not d2vbench's own.
    crossings : dict of str to CrossingCard
        By name.
    """

    corpora: dict[str, CorpusCard]
    pairs: dict[str, PairCard]
    origins: dict[str, str] = field(default_factory=dict)
    crossings: dict[str, CrossingCard] = field(default_factory=dict)

    def corpus(self, name: str) -> CorpusCard:
        """Return a corpus card by name; an unknown one is a UsageError with the nearest match."""
        check_name("corpus", name, self.corpora)
        return self.corpora[name]

    def pair(self, name: str) -> PairCard:
        """Return a pair card by name; an unknown one is a UsageError with the nearest match."""
        check_name("pair", name, self.pairs)
        return self.pairs[name]

    def expanded(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return names of pairs, each once, where some are names of crossings.

        Parameters
        ----------
        names : iterable of str
            Of pairs and crossings.

        Returns
        -------
        tuple of str
            In the order given; in place of a crossing, its pairs.

        Raises
        ------
        UsageError
            For a name that is neither, with the nearest match.
        """
        found: dict[str, None] = {}
        for name in names:
            if name in self.crossings:
                found |= dict.fromkeys(self.crossings[name].places())
            else:
                check_name("pair", name, [*self.pairs, *self.crossings])
                found[name] = None
        return tuple(found)
