"""Reading cards: TOML files, validated when read.

``NAME.toml`` describes a corpus, ``NAME.pair.toml`` a pair, ``NAME.crossing.toml`` many pairs.
"""

from __future__ import annotations

import dataclasses
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_origin, get_type_hints

from d2vbench.corpora.card_folders import CardFolder, card_folders
from d2vbench.corpora.cards import (
    NEAR_DUPLICATES,
    ArchiveCard,
    Cards,
    CorpusCard,
    CrossedSide,
    CrossingCard,
    PairCard,
    SideCard,
)
from d2vbench.corpora.store.tokenise import Tokeniser
from d2vbench.errors import UserError, unknown_name
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


def read_card(path: Path) -> CorpusCard | PairCard | CrossingCard:
    """Read and validate one card.

    Parameters
    ----------
    path : pathlib.Path
        ``NAME.toml`` is the card of a corpus, ``NAME.pair.toml`` that of a pair,
        ``NAME.crossing.toml`` that of a crossing.

    Returns
    -------
    CorpusCard, PairCard or CrossingCard
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
    kind = next((k for k in ("pair", "crossing") if path.name.endswith(f".{k}.toml")), "")
    stem = path.name.removesuffix(".toml").removesuffix(f".{kind}" if kind else "")
    # The name becomes that of a folder in the cache: ``...toml`` would be its parent's.
    folder_name(stem, f"{path.name}: name")
    if values.get("name") != stem:
        raise UserError(f"{path.name}: name must be {stem!r}, got {_shown(values.get('name'))}")
    if not kind:
        return _corpus_card(values, path)
    if isinstance(values.get("tokeniser"), dict):
        values["tokeniser"] = _build(Tokeniser, values["tokeniser"], path, " [tokeniser]")
    return _pair_card(values, path) if kind == "pair" else _crossing_card(values, path)


def _corpus_card(values: dict[str, Any], path: Path) -> CorpusCard:
    archives = values.get("archives", [])
    if isinstance(archives, list):
        values["archives"] = [
            _build(ArchiveCard, a, path, " [[archives]]") if isinstance(a, dict) else a
            for a in archives
        ]
    card: CorpusCard = _build(CorpusCard, values, path, "")
    _check_corpus(card, path)
    return card


def _pair_card(values: dict[str, Any], path: Path) -> PairCard:
    for side in ("generic", "domain"):
        if isinstance(values.get(side), dict):
            values[side] = _side(values[side], path, f" [{side}]")
    pair: PairCard = _build(PairCard, values, path, "")
    _check_similarity(pair, path)
    return pair


def _side(values: dict[str, Any], path: Path, where: str) -> SideCard:
    side: SideCard = _build(SideCard, values, path, where)
    if not 0 < side.train_share < 1:
        raise UserError(
            f"{path.name}{where}: train_share must lie in (0, 1), got {side.train_share}"
        )
    for key in ("min_class", "max_class", "max_documents"):
        if getattr(side, key) < 0:
            raise UserError(
                f"{path.name}{where}: {key} must not be below 0, got {getattr(side, key)}"
            )
    return side


def _check_similarity(card: PairCard | CrossingCard, path: Path) -> None:
    if not 0 < card.near_duplicate <= 1:
        raise UserError(
            f"{path.name}: near_duplicate must lie in (0, 1], got {card.near_duplicate}"
        )
    if isinstance(card, PairCard) and card.near_duplicates not in NEAR_DUPLICATES:
        known = unknown_name("value of near_duplicates", card.near_duplicates, NEAR_DUPLICATES)
        raise UserError(f"{path.name}: {known}")


def _crossing_card(values: dict[str, Any], path: Path) -> CrossingCard:
    for role in ("generic", "domain"):
        if isinstance(values.get(role), dict):
            values[role] = {
                name: _crossed_side(value, path, f" [{role}.{name}]")
                for name, value in values[role].items()
            }
    card: CrossingCard = _build(CrossingCard, values, path, "")
    _check_similarity(card, path)
    without: list[tuple[str, str]] = []
    for place in card.without:
        if not (
            isinstance(place, list)
            and len(place) == 2
            and place[0] in card.generic
            and place[1] in card.domain
        ):
            raise UserError(
                f"{path.name}: without must be a list of [generic, domain] by the names of sides "
                f"on the card, got {_shown(place)}"
            )
        without.append((place[0], place[1]))
    card = dataclasses.replace(card, without=without)
    for name in card.places():
        folder_name(name, f"{path.name}: name of a pair")
    if not card.places():
        raise UserError(f"{path.name}: it makes no pair: no side, or all in without")
    return card


def _crossed_side(values: Any, path: Path, where: str) -> CrossedSide:
    if not isinstance(values, dict):
        raise UserError(f"{path.name}{where}: expected a table, got {_shown(values)}")
    description = values.pop("description", None)
    if not isinstance(description, str):
        raise UserError(
            f"{path.name}{where}: description must be a phrase, got {_shown(description)}"
        )
    return CrossedSide(_side(values, path, where), description)


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
    for label, title in card.titles.items():
        if not isinstance(title, str) or not any(map(str.isalpha, title)):
            raise UserError(
                f"{path.name} [titles]: {_shown(label)} must be words, got {_shown(title)}"
            )
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
    crossings: dict[str, CrossingCard] = {}
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
            elif isinstance(card, PairCard):
                pairs[card.name] = card
            else:
                crossings[card.name] = card
    files = {name: f"{name}.pair.toml" for name in pairs}
    for crossing in crossings.values():
        file = f"{crossing.name}.crossing.toml"
        try:
            generated = _generated(crossing, pairs, crossings)
        except UserError as error:
            raise UserError(f"{places[file].where}{file}: {error}") from None
        pairs |= generated
        files |= dict.fromkeys(generated, file)
    for pair in pairs.values():
        file = files[pair.name]
        for side in (pair.generic, pair.domain):
            if side.corpus not in corpora:
                raise UserError(
                    f"{places[file].where}{file}: {unknown_name('corpus', side.corpus, corpora)}"
                )
    origins = {name: place.origin for name, place in places.items() if place.origin}
    return Cards(corpora, pairs, origins, crossings)


def _generated(
    crossing: CrossingCard, pairs: Mapping[str, PairCard], crossings: Mapping[str, CrossingCard]
) -> dict[str, PairCard]:
    """Return the pairs of a crossing that have no card yet; one that has must be the same pair."""
    if crossing.name in pairs:
        raise UserError("a pair has that name already; give this crossing another")
    found = {}
    for name, pair in crossing.pairs().items():
        if name in crossings:
            raise UserError(f"it makes a pair {name}, which is the name of a crossing")
        if name not in pairs:
            found[name] = pair
            continue
        for key in ("generic", "domain", "near_duplicate", "tokeniser"):
            own, made = getattr(pairs[name], key), getattr(pair, key)
            if own != made:
                raise UserError(
                    f"the pair {name} has a card, or another crossing, that chooses other "
                    f"documents ({key}: {_shown(own)}, here {_shown(made)}); make them equal, or "
                    "give one another name"
                )
    return found
