"""Cards: one TOML file per corpus and per pair, validated when read.

``NAME.toml`` describes a corpus, ``NAME.pair.toml`` a pair.
"""

from __future__ import annotations

import dataclasses
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_origin, get_type_hints

from d2vbench.corpora.card_folders import CardFolder, card_folders
from d2vbench.corpora.store.tokenise import Tokeniser
from d2vbench.errors import UserError, check_name, unknown_name
from d2vbench.files import folder_name
from d2vbench.keys import canonical_json

if sys.version_info >= (3, 11):
    import tomllib
else:  # pragma: no cover - the same parser under its older name
    import tomli as tomllib


_HEXADECIMAL = re.compile(r"[0-9a-f]+")
# No separators, no leading dot: such a name cannot leave its folder.
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
# TOML's own integers have 64 bits; what reads it takes any.
_BEYOND = 1 << 63


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


@dataclass(frozen=True)
class Cards:
    """All cards there are.

    Attributes
    ----------
    corpora : dict of str to CorpusCard
        By name.
    pairs : dict of str to PairCard
        By name.
    origins : dict of str to str
        Whose a card is, by the name of its file, for those that are not d2vbench's own.
    """

    corpora: dict[str, CorpusCard]
    pairs: dict[str, PairCard]
    origins: dict[str, str] = field(default_factory=dict)

    def corpus(self, name: str) -> CorpusCard:
        """Return a corpus card by name; an unknown one is a UsageError with the nearest match."""
        check_name("corpus", name, self.corpora)
        return self.corpora[name]

    def pair(self, name: str) -> PairCard:
        """Return a pair card by name; an unknown one is a UsageError with the nearest match."""
        check_name("pair", name, self.pairs)
        return self.pairs[name]


def _shown(value: Any) -> str:
    """Return a value as Python writes it, cut where it is long."""
    try:
        return f"{value!r:.200}"
    except (ValueError, RecursionError):
        # A whole number of thousands of digits, which a hexadecimal one may have.
        return "a value too long to show"


def _build(kind: type, values: Mapping[str, Any], path: Path, where: str) -> Any:
    """Make a card of a mapping; unknown, missing and wrongly typed keys name the file."""
    fields = {f.name: f for f in dataclasses.fields(kind)}
    place = f"{path.name}{where}"
    for key in values:
        if key not in fields:
            raise UserError(f"{place}: {unknown_name('key', key, fields)}")
    missing = [
        name
        for name, f in fields.items()
        if name not in values
        and f.default is dataclasses.MISSING
        and f.default_factory is dataclasses.MISSING
    ]
    if missing:
        raise UserError(f"{place}: missing key{'s' * (len(missing) > 1)}: {', '.join(missing)}")
    hints = get_type_hints(kind)
    for key, value in values.items():
        wanted, type_ = str(fields[key].type), get_origin(hints[key]) or hints[key]
        number = type_ in (int, float)
        if not isinstance(value, (int, float) if type_ is float else type_) or (
            isinstance(value, bool) and number
        ):
            raise UserError(
                f"{place}: {key} must be {wanted}, got {type(value).__name__} ({_shown(value)})"
            )
        if isinstance(value, int) and abs(value) >= _BEYOND:
            raise UserError(f"{place}: {key} must be less than 2 to the 63rd, got {_shown(value)}")
    for key in [key for key in values if str(fields[key].type) == "list[str]"]:
        if not all(isinstance(item, str) for item in values[key]):
            raise UserError(f"{place}: {key} must be list[str], got {_shown(values[key])}")
    try:
        return kind(**values)
    except UserError as error:
        raise UserError(f"{place}: {error}") from None


def read_card(path: Path) -> CorpusCard | PairCard:
    """Read and validate one card.

    Parameters
    ----------
    path : pathlib.Path
        ``NAME.toml`` is the card of a corpus, ``NAME.pair.toml`` that of a pair.

    Returns
    -------
    CorpusCard or PairCard
        As the file's name says.

    Raises
    ------
    UserError
        If it is not TOML, or a key is unknown, missing or of the wrong type.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"{path.name} cannot be read: {error.strerror or error}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{path.name}: not a TOML file: {error}") from None
    except (ValueError, RecursionError):
        raise UserError(
            f"{path.name}: TOML beyond what can be read (a number too long, or lists too deep)"
        ) from None
    is_pair = path.name.endswith(".pair.toml")
    stem = path.name.removesuffix(".toml").removesuffix(".pair")
    # The name becomes that of a folder in the cache: ``...toml`` would be its parent's.
    folder_name(stem, f"{path.name}: name")
    if values.get("name") != stem:
        raise UserError(f"{path.name}: name must be {stem!r}, got {_shown(values.get('name'))}")
    if not is_pair:
        archives = values.get("archives", [])
        if isinstance(archives, list):
            values["archives"] = [
                _build(ArchiveCard, a, path, " [[archives]]") if isinstance(a, dict) else a
                for a in archives
            ]
        card: CorpusCard = _build(CorpusCard, values, path, "")
        _check_corpus(card, path)
        return card
    if isinstance(values.get("tokeniser"), dict):
        values["tokeniser"] = _build(Tokeniser, values["tokeniser"], path, " [tokeniser]")
    for side in ("generic", "domain"):
        if isinstance(values.get(side), dict):
            values[side] = _build(SideCard, values[side], path, f" [{side}]")
    pair: PairCard = _build(PairCard, values, path, "")
    share = pair.domain.train_share
    if not 0 < share < 1:
        raise UserError(f"{path.name} [domain]: train_share must lie in (0, 1), got {share}")
    if not 0 < pair.near_duplicate <= 1:
        raise UserError(
            f"{path.name}: near_duplicate must lie in (0, 1], got {pair.near_duplicate}"
        )
    if pair.near_duplicates not in NEAR_DUPLICATES:
        known = unknown_name("value of near_duplicates", pair.near_duplicates, NEAR_DUPLICATES)
        raise UserError(f"{path.name}: {known}")
    for where, documents in (("generic", pair.generic), ("domain", pair.domain)):
        for key in ("min_class", "max_class", "max_documents"):
            value = getattr(documents, key)
            if value < 0:
                raise UserError(f"{path.name} [{where}]: {key} must not be below 0, got {value}")
    return pair


def _check_corpus(card: CorpusCard, path: Path) -> None:
    # Readers take longer to import than cards take to read.
    from d2vbench.corpora.readers import READERS

    if card.reader not in READERS:
        raise UserError(f"{path.name}: {unknown_name('reader', card.reader, READERS)}")
    try:
        canonical_json(card.parameters)
    except (TypeError, ValueError, RecursionError) as error:
        raise UserError(
            f"{path.name} [parameters]: expected text, finite numbers, true, false, and lists and "
            f"tables of them, not too deep ({error!s:.100})"
        ) from None
    for archive in card.archives:
        if not isinstance(archive, ArchiveCard):
            raise UserError(
                f"{path.name}: archives must be tables, as [[archives]], got {_shown(archive)}"
            )
        for name in (archive.name, *archive.local_names):
            if not _FILE.fullmatch(name):
                raise UserError(f"{path.name} [[archives]]: {_shown(name)} is no plain file name")
        for url in archive.urls:
            if not url.startswith(("https://", "http://")):
                raise UserError(f"{path.name} [[archives]]: {_shown(url)} is no http address")
    digests = [("", "a sha256", 64, card.content_sha256)]
    for archive in card.archives:
        digests += [
            (" [[archives]]", "an md5", 32, archive.md5),
            (" [[archives]]", "a sha256", 64, archive.sha256),
        ]
    for where, kind, length, value in digests:
        if value and not (len(value) == length and _HEXADECIMAL.fullmatch(value)):
            raise UserError(
                f"{path.name}{where}: {kind} is {length} hexadecimal digits in lower case, got "
                f"{_shown(value)}"
            )
    for split, classes in card.documents.items():
        if split not in ("train", "test", "unsplit") or not isinstance(classes, dict):
            raise UserError(
                f"{path.name} [documents]: expected tables train, test, unsplit; got "
                f"{_shown(split)}"
            )
        for label, count in classes.items():
            if isinstance(count, bool) or not isinstance(count, int) or not 0 < count < _BEYOND:
                raise UserError(
                    f"{path.name} [documents.{split}]: {_shown(label)} must be a number of "
                    f"documents, got {_shown(count)}"
                )


def load_cards(folder: Path | None = None) -> Cards:
    """Read all cards there are, or those of one folder.

    Parameters
    ----------
    folder : pathlib.Path, optional
        Where the ``*.toml`` files are. Default: those that come with d2vbench, those of third
        parties, and those in the folders that `D2VBENCH_CARDS` names.

    Returns
    -------
    Cards
        Corpora and pairs, by name.

    Raises
    ------
    UserError
        If a card is wrong or stands twice, or a pair names a corpus that has no card.
    """
    corpora: dict[str, CorpusCard] = {}
    pairs: dict[str, PairCard] = {}
    places: dict[str, CardFolder] = {}
    for place in card_folders() if folder is None else [CardFolder(folder)]:
        for path in sorted(place.path.glob("*.toml")):
            try:
                card = read_card(path)
            except UserError as error:
                raise UserError(f"{place.where}{error}") from None
            if path.name in places:
                other = places[path.name].origin or "d2vbench"
                raise UserError(
                    f"{place.where}{path.name}: {other} has a card of that name already; "
                    "give this one another"
                )
            places[path.name] = place
            if isinstance(card, CorpusCard):
                corpora[card.name] = card
            else:
                pairs[card.name] = card
    for pair in pairs.values():
        file = f"{pair.name}.pair.toml"
        for side in (pair.generic, pair.domain):
            if side.corpus not in corpora:
                raise UserError(
                    f"{places[file].where}{file}: {unknown_name('corpus', side.corpus, corpora)}"
                )
    origins = {name: place.origin for name, place in places.items() if place.origin}
    return Cards(corpora, pairs, origins)
