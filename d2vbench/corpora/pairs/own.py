"""A pair of a person's own corpora, described by options in place of cards."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from d2vbench.corpora.cards import NEAR_DUPLICATES, Cards, CorpusCard, PairCard, SideCard
from d2vbench.corpora.pairs.own_files import (
    Source,
    absolute,
    check_distinct,
    locate,
    plain_stem,
    side_name,
)
from d2vbench.corpora.pairs.scripts import unsplittable
from d2vbench.corpora.readers.formats import files, folders
from d2vbench.corpora.readers.formats.opening import check_encoding
from d2vbench.corpora.readers.formats.rows import (
    SEVERAL_LABELS,
    SPLITS,
    VALIDATION,
    VALIDATION_CHOICES,
    Columns,
    choose_columns,
    validation_unsaid,
)
from d2vbench.corpora.readers.wikiextractor import is_output
from d2vbench.corpora.store.documents import Document
from d2vbench.corpora.store.tokenise import Tokeniser
from d2vbench.errors import UsageError, UserError, check_name, option

# Of a smaller class, the split leaves less than three documents to learn from.
MIN_CLASS = 5

_DELIMITED = ("csv", "tsv")
# What the Hugging Face hub adds to the names of files that are parts of a split.
_PART = re.compile(r"-\d+-of-\d+(-[0-9a-f]{16})?$")
# Documents, and characters of each, that are looked at before anything is encoded.
_LOOKED_AT = 20
_CHARACTERS = 2000


@dataclass(frozen=True)
class Layout:
    """How a person's own data is laid out, where it differs from what is usual.

    Attributes
    ----------
    text, label, split : str or None
        Columns of tables. None: what `own_pair` says. ``split=""``: none, although there may be a
        column of that name.
    encoding : str
        Python's name of it. A byte order mark in a file overrides it.
    tokeniser : Tokeniser
        For both corpora.
    generic_encoding, domain_encoding : str
        Of one side, where it differs from ``encoding``; or empty.
    header : bool
        Of CSV and TSV: false where no first row names the columns. They are then called 1, 2, ...
    validation : str
        What becomes of documents of a split that is called validation, dev or the like: one of
        `VALIDATION_CHOICES`. Empty: they are refused.
    several_labels : str
        Of a list of labels ``"first"`` takes the first; ``"each"`` has the document count once
        under every label in training, and be right in the test if any of them is met. Of a generic
        corpus, whose labels tell what is forgotten, the first counts. Empty: lists are refused.
    label_separator : str
        What stands between several labels in one cell, such as ``"|"``; empty: nothing does.
    near_duplicates : str
        One of `NEAR_DUPLICATES`.
    normalise_labels : bool
        Whether labels that differ by blanks and case only are one class.
    """

    text: str | None = None
    label: str | None = None
    split: str | None = None
    encoding: str = "utf-8"
    tokeniser: Tokeniser = field(default_factory=Tokeniser)
    generic_encoding: str = ""
    domain_encoding: str = ""
    header: bool = True
    validation: str = ""
    several_labels: str = ""
    label_separator: str = ""
    near_duplicates: str = NEAR_DUPLICATES[0]
    normalise_labels: bool = False

    def encoding_of(self, role: str) -> str:
        """Return the encoding of a side, ``"generic"`` or ``"domain"``."""
        own = self.generic_encoding if role == "generic" else self.domain_encoding
        return own or self.encoding

    def check(self) -> None:
        """Refuse an encoding or a choice that there is not."""
        for name in (self.encoding, self.generic_encoding, self.domain_encoding):
            if name or name is self.encoding:
                check_encoding(name)
        for role, value, valid in (
            ("validation", self.validation, VALIDATION_CHOICES),
            ("several_labels", self.several_labels, SEVERAL_LABELS),
            ("near_duplicates", self.near_duplicates, NEAR_DUPLICATES),
        ):
            if value:
                check_name(f"value of {option(role)}", value, valid)
        if self.label_separator and not self.several_labels:
            one, other = (option("several_labels", choice) for choice in SEVERAL_LABELS)
            raise UsageError(
                f"{option('label_separator')} parts a label into several: say with {one} or "
                f"{other} which of them count"
            )


def own_pair(
    generic: Source | None,
    domain: Source,
    shipped: Cards,
    layout: Layout | None = None,
    labelled: bool = True,
) -> tuple[PairCard, Cards]:
    """Describe a pair of which at least one side is a person's own data.

    Parameters
    ----------
    generic, domain : str or sequence of str
        As of `own_files.locate`: a file or folder, a pattern or several files, or the name of a
        corpus that has a card, where there is no such file. ``generic=None`` is for a saved model
        in its place. Of several tables of D that are called
        train, test and perhaps validation (in any case, and with ``-00000-of-00002`` behind), the
        names are their splits; one of another name beside them needs a split column.
    shipped : Cards
        The cards there are.
    layout : Layout, optional
        Columns, encoding, tokeniser. By default labels of D are in the column ``label``, its split
        is in the column ``split`` if there is one, and texts are in the only other column or else
        in ``text``. Of a generic table the text is used, and where it has both a label and a split
        column, these too: its labelled test documents are held out. Where it has no column of the
        name given for the texts, the default applies to it.

    Returns
    -------
    card : PairCard
        Named after the files. Different contents under the same name do not meet: what is kept is
        kept by content.
    cards : Cards
        ``shipped``, with the pair and its corpora.

    Raises
    ------
    UserError
        For whatever is seen to be wrong without reading all of it.
    """
    layout = layout or Layout()
    layout.check()
    sides = {"domain": locate(domain, "domain", shipped)}
    if generic is not None:
        sides = {"generic": locate(generic, "generic", shipped), **sides}
        check_distinct(generic, domain, sides)
    _check_options_apply(sides, layout)
    corpora: dict[str, CorpusCard] = {}
    names = {}
    for role, side in sides.items():
        if isinstance(side, CorpusCard):
            card = side
            names[role] = side.name
        else:
            names[role] = side_name(side)
            # Two files may have the same name in different folders, and so may a card.
            name = f"own-{role}-{names[role]}"
            if _is_wiki(side):
                card = _wiki_card(name, side[0], role, labelled)
            else:
                card = _corpus_card(name, side, _parts(side, role, layout, labelled))
        corpora[role] = card
    own = corpora["domain"]
    of_generic = corpora.get("generic", own)
    pair = PairCard(
        name="+".join(names[role] for role in sides),
        version="1",
        title=" and ".join(corpora[role].title for role in sides),
        description=" ".join(f"{role.capitalize()}: {corpora[role].description}" for role in sides),
        generic=SideCard(of_generic.name),
        domain=SideCard(
            corpora["domain"].name,
            min_class=MIN_CLASS,
            normalise_labels=layout.normalise_labels,
        ),
        near_duplicates=layout.near_duplicates,
        tokeniser=layout.tokeniser,
        domain_alone=generic is None,
    )
    cards = replace(
        shipped,
        corpora={**shipped.corpora, **{card.name: card for card in corpora.values()}},
        pairs={**shipped.pairs, pair.name: pair},
    )
    return pair, cards


def _check_options_apply(sides: dict[str, list[Path] | CorpusCard], layout: Layout) -> None:
    """Refuse options about tables where there is no table that they could be about."""
    formats = {
        role: set() if isinstance(side, CorpusCard) else {files.format_of(path) for path in side}
        for role, side in sides.items()
    }
    tables = {role: bool(found & files.TABLES) for role, found in formats.items()}
    if layout.text is not None and not any(tables.values()):
        raise UsageError(f"{option('text')} names a column, but neither corpus is a table")
    for name, column in (("label", layout.label), ("split", layout.split)):
        if column and not tables["domain"]:
            raise UsageError(
                f"{option(name)} names a column of the domain corpus, but {option('domain')} is no "
                "table"
            )
    if layout.label_separator and not tables["domain"]:
        raise UsageError(
            f"{option('label_separator')} is for labels in a column, but {option('domain')} is no "
            "table"
        )
    if not layout.header and not any(found & set(_DELIMITED) for found in formats.values()):
        raise UsageError(
            f"{option('no_header')} is for CSV and TSV, but neither corpus is of such files"
        )


def is_own(card: PairCard, cards: Cards) -> bool:
    """Tell whether a side of a pair is a person's own data, not a corpus with a card."""
    return any(
        side.corpus.startswith("own-")
        and cards.corpus(side.corpus).reader in ("files", "wikiextractor")
        for side in (card.generic, card.domain)
    )


def own_texts(argument: str, name: str, layout: Layout | None = None) -> Iterator[Document]:
    """Read the texts of a file or folder of a person's own, one at a time; labels do not matter.

    Parameters
    ----------
    argument : str
        A file or folder.
    name : str
        What to call it in a message, such as ``"INPUT"``.
    layout : Layout, optional
        The column of the texts, and the encoding. By default the text is in the only column
        beside those named ``label`` and ``split``, or else in ``text``.

    Returns
    -------
    iterator of Document
        In the order of the file; of a folder, sorted. Named as the reader names them.

    Raises
    ------
    UserError
        Here for whatever is seen to be wrong without reading all of it; while reading for the
        rest.
    """
    layout = layout or Layout()
    check_encoding(layout.encoding)
    path = absolute(argument)
    if not argument or not path.exists():
        raise UsageError(f"{name} {argument}: no such file or folder")
    files.check_readable(path)
    parameters = _parameters(path, "domain", layout, labelled=False)
    if layout.text is not None and parameters["format"] not in files.TABLES:
        raise UsageError(f"{option('text')} names a column, but {path} is no table")
    # Only the texts are wanted: no label and no split may be in the way.
    return files.read({**parameters, "label": "", "split": "", "splits": False}, {})


def _parts(
    paths: Sequence[Path], role: str, layout: Layout, labelled: bool
) -> list[dict[str, Any]]:
    """Return what the reader takes for each file of a side, after a look at its first document."""
    splits = _splits_by_name(paths, layout) if role == "domain" and labelled else {}
    parts = []
    for path in paths:
        if splits.get(path) == "drop":
            continue
        parameters = _parameters(path, role, layout, labelled)
        if splits and not parameters["split"]:
            if path not in splits:
                raise UserError(
                    f"{path} is given beside {next(iter(splits)).name}, and neither its name nor a "
                    "column says its split: leave it out, give every file a column 'split', or "
                    f"give {option('split', '')} to have all documents split by d2vbench"
                )
            if not splits[path]:
                named = [name for name in SPLITS if name in splits.values()]
                unsaid = validation_unsaid(f"{option('domain')}: there is", path.name, named)
                raise UserError(
                    f"{unsaid}, or give {option('split', '')} to have all documents split by "
                    "d2vbench"
                )
            parameters["only_split"] = splits[path]
        # The first documents show at once much of what may be wrong.
        first = list(itertools.islice(files.read(parameters, {}), _LOOKED_AT))
        if not first:
            raise UserError(f"{path} holds no document")
        if not layout.tokeniser.function:
            why = unsplittable(document.text[:_CHARACTERS] for document in first)
            if why:
                raise UserError(f"{path}: {why}")
        parts.append(parameters)
    return parts


def _splits_by_name(paths: Sequence[Path], layout: Layout) -> dict[Path, str]:
    """Return the splits of the files that are called so, such as train.csv and test.csv.

    Empty for one that is called validation or the like where nothing says what becomes of it.
    Nothing where none is called train or test, or beside dev and others test alone: a department
    may be called dev, and another test.
    """
    stems = {path: _PART.sub("", plain_stem(path).lower()) for path in paths}
    found = [split for split in SPLITS if split in stems.values()]
    if len(paths) < 2 or layout.split is not None or not found:
        return {}
    third = [path for path, stem in stems.items() if stem in VALIDATION]
    others = set(stems.values()) - {*SPLITS, *VALIDATION}
    if third and others and found == ["test"] and not layout.validation:
        return {}
    called = {path: stem for path, stem in stems.items() if stem in SPLITS}
    return {**called, **dict.fromkeys(third, layout.validation)}


def _parameters(path: Path, role: str, layout: Layout, labelled: bool) -> dict[str, Any]:
    format_, encoding = files.format_of(path), layout.encoding_of(role)
    if role == "domain" and labelled:
        _check_labels_possible(path, format_, layout)
    columns = Columns("")
    if format_ in files.TABLES:
        header = layout.header or format_ not in _DELIMITED
        split = layout.split or "split"
        needed = [layout.label or "label" * labelled, layout.split or ""]
        needed = [name for name in needed if name and role == "domain"]
        names = files.columns(path, encoding, format_, header, split, needed)
        columns = own_columns(path, role, names, layout, labelled)
    parameters: dict[str, Any] = {
        "path": str(path),
        "format": format_,
        "encoding": encoding,
        "text": columns.text,
        "label": columns.label,
        "split": columns.split,
    }
    if not layout.header and format_ in _DELIMITED:
        parameters["header"] = False
    for name in ("validation", "several_labels", "label_separator"):
        if value := getattr(layout, name):
            parameters[name] = value
    if layout.several_labels and role == "generic":
        parameters["several_labels"] = SEVERAL_LABELS[0]
    return parameters


def _check_labels_possible(path: Path, format_: str, layout: Layout) -> None:
    if format_ == "lines":
        raise UserError(
            f"{path} holds one document a line and no labels, which the domain corpus needs: give "
            "a table (.csv, .tsv, .jsonl, .parquet) with a label column, or a folder of class "
            "folders"
        )
    if format_ not in files.FOLDERS:
        return
    if format_ == "archive":
        names = list(folders.archive_names(path).values())
        folders.check_both_splits(path, names, layout.validation)
        splits = folders.archive_splits(path, names, layout.validation)
    else:
        names = [relative for relative, _ in folders.walk(path)]
        folders.check_both_splits(path, names, layout.validation)
        splits = folders.has_splits(path, layout.validation)
    if not any(folders.place_of(name, splits)[0] for name in names):
        raise UserError(
            f"{path} has no class folders, and the domain corpus needs labels: put the files "
            "of each class into a folder of its own"
        )


def own_columns(path: Path, role: str, names: list[str], layout: Layout, labelled: bool) -> Columns:
    """Return the columns to take of a table of a person's own; ``path`` is for messages."""
    if role == "generic":
        text = layout.text or ""
        if text not in names and ("text" in names or len(names) == 1):
            text = "text" if "text" in names else ""
        columns = Columns(text, layout.label or "label", _split(names, layout))
        # Labelled test documents of G are held out; one without the other is of no use.
        useful = columns.label in names and columns.split in names
        return choose_columns(path, names, columns if useful else Columns(text))
    label = layout.label or "label"
    if not labelled and layout.label is None and label not in names:
        label = ""
    return choose_columns(path, names, Columns(layout.text or "", label, _split(names, layout)))


def _split(names: list[str], layout: Layout) -> str:
    if layout.split is not None:
        return layout.split
    return "split" if "split" in names else ""


def _is_wiki(paths: Sequence[Path]) -> bool:
    """Tell whether a side is what WikiExtractor wrote, of one file, folder or archive."""
    texts = {*files.FOLDERS, "lines"}
    return len(paths) == 1 and files.format_of(paths[0]) in texts and is_output(paths[0])


def _wiki_card(name: str, path: Path, role: str, labelled: bool) -> CorpusCard:
    if role == "domain" and labelled:
        raise UserError(
            f"{path} holds pages of a wiki as WikiExtractor writes them, without labels, which the "
            f"domain corpus needs: give it as {option('generic')}"
        )
    title = _shown(path)
    return CorpusCard(
        name=name,
        version="1",
        title=title,
        description=f"{title}, pages of a wiki as WikiExtractor writes them.",
        reader="wikiextractor",
        licence="not stated",
        parameters={"path": str(path)},
    )


def _shown(path: Path) -> str:
    return "".join(c if c.isprintable() else "?" for c in path.name)


def _corpus_card(name: str, paths: Sequence[Path], parts: Sequence[dict[str, Any]]) -> CorpusCard:
    shown = _shown(paths[0])
    if len(paths) > 1:
        shown += f" and {len(paths) - 1} more"
    columns = ", ".join(
        f"{role} in column {parts[0][role]!r}"
        for role in ("text", "label", "split")
        if parts[0][role]
    )
    return CorpusCard(
        name=name,
        version="1",
        title=shown,
        description=f"{shown}, {files.FORMATS[parts[0]['format']]}"
        + (f" ({columns})" if columns else "")
        + ".",
        reader="files",
        licence="not stated",
        parameters=parts[0] if len(paths) == 1 else {"parts": list(parts)},
    )
