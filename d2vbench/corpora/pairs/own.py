"""A pair of a person's own corpora, described by options in place of cards."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from d2vbench.corpora.cards import Cards, CorpusCard, PairCard, SideCard
from d2vbench.corpora.readers.formats import files, folders
from d2vbench.corpora.readers.formats.opening import check_encoding
from d2vbench.corpora.readers.formats.rows import Columns, choose_columns
from d2vbench.corpora.store.documents import Document
from d2vbench.corpora.store.tokenise import Tokeniser
from d2vbench.errors import UsageError, UserError, option, unknown_name

# Of a smaller class, the split leaves less than three documents to learn from.
MIN_CLASS = 5

_UNSAFE = re.compile(r"[^A-Za-z0-9._]+")
_LONGEST_NAME = 40


@dataclass(frozen=True)
class Layout:
    """How a person's own data is laid out, where it differs from what is usual.

    Attributes
    ----------
    text, label, split : str or None
        Columns of tables. None: what `own_pair` says. ``split=""``: none, although there may be a
        column of that name.
    encoding : str
        Python's name of it.
    tokeniser : Tokeniser
        For both corpora.
    """

    text: str | None = None
    label: str | None = None
    split: str | None = None
    encoding: str = "utf-8"
    tokeniser: Tokeniser = field(default_factory=Tokeniser)


def own_pair(
    generic: str,
    domain: str,
    shipped: Cards,
    layout: Layout | None = None,
    labelled: bool = True,
) -> tuple[PairCard, Cards]:
    """Describe a pair of which at least one side is a person's own data.

    Parameters
    ----------
    generic, domain : str
        A file or folder; or the name of a corpus that has a card, where there is no such file.
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
    check_encoding(layout.encoding)
    sides = {
        "generic": _path_or_card(generic, "generic", shipped),
        "domain": _path_or_card(domain, "domain", shipped),
    }
    _check_distinct(generic, domain, sides)
    _check_columns_apply(sides, layout)
    corpora: dict[str, CorpusCard] = {}
    names = {}
    for role, side in sides.items():
        if isinstance(side, Path):
            parameters = _parameters(side, role, layout, labelled)
            # Two files may have the same name in different folders, and so may a card.
            card = _corpus_card(f"own-{role}-{safe_name(side)}", side, parameters)
            names[role] = safe_name(side)
        else:
            card = side
            names[role] = side.name
        corpora[role] = card
    pair = PairCard(
        name=f"{names['generic']}+{names['domain']}",
        version="1",
        title=f"{corpora['generic'].title} and {corpora['domain'].title}",
        description=f"Generic: {corpora['generic'].description} "
        f"Domain: {corpora['domain'].description}",
        generic=SideCard(corpora["generic"].name),
        domain=SideCard(corpora["domain"].name, min_class=MIN_CLASS),
        tokeniser=layout.tokeniser,
    )
    cards = replace(
        shipped,
        corpora={**shipped.corpora, **{card.name: card for card in corpora.values()}},
        pairs={**shipped.pairs, pair.name: pair},
    )
    return pair, cards


def safe_name(path: Path) -> str:
    """Return a name for a corpus that is safe in a table, a plot and a file name.

    Examples
    --------
    >>> safe_name(Path("data/Größe & Maß.csv.gz")), safe_name(Path("..")), safe_name(Path("日本"))
    ('Groe-Ma', 'corpus', 'corpus')
    """
    stem = path.name
    if not path.is_dir():
        for _ in range(2):
            if Path(stem).suffix.lower() in files.SUFFIXES or Path(stem).suffix.lower() == ".gz":
                stem = Path(stem).stem
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode()
    return _UNSAFE.sub("-", plain)[:_LONGEST_NAME].strip("-._") or "corpus"


def _absolute(argument: str) -> Path:
    # Not Path.expanduser, which raises for a home that cannot be told. Links stay: a cache may link
    # reviews.csv to a file whose name is a hash and says nothing of its format.
    return Path(os.path.abspath(os.path.expanduser(argument)))  # noqa: PTH100, PTH111


def _path_or_card(argument: str, role: str, shipped: Cards) -> Path | CorpusCard:
    path = _absolute(argument)
    if not os.path.lexists(path) and argument in shipped.corpora:
        return shipped.corpora[argument]
    if not argument or not path.exists():
        if os.sep in argument or path.suffix or not argument:
            raise UsageError(f"{option(role)} {argument}: no such file or folder")
        unknown = str(unknown_name("corpus", argument, shipped.corpora))
        raise UsageError(f"{option(role)} {argument}: no such file or folder, and {unknown}")
    files.check_readable(path)
    return path


def _check_distinct(generic: str, domain: str, sides: dict[str, Path | CorpusCard]) -> None:
    one, other = sides["generic"], sides["domain"]
    if isinstance(one, CorpusCard) and isinstance(other, CorpusCard):
        raise UsageError(
            f"{option('generic')} {generic} and {option('domain')} {domain}: one of the two must "
            "be a file or folder of yours; pairs of the corpora that come with d2vbench are chosen "
            f"with {option('pairs')}"
        )
    if isinstance(one, CorpusCard) or isinstance(other, CorpusCard):
        return
    if one.samefile(other):
        raise UsageError(
            f"{option('generic')} {generic} and {option('domain')} {domain} are the same "
            f"{'folder' if one.is_dir() else 'file'}: give two different corpora"
        )
    one, other = one.resolve(), other.resolve()
    if one in other.parents or other in one.parents:
        outer, inner = (generic, domain) if one in other.parents else (domain, generic)
        raise UsageError(
            f"{inner} lies inside {outer}: its documents would be in both corpora; move it out"
        )


def _check_columns_apply(sides: dict[str, Path | CorpusCard], layout: Layout) -> None:
    """Refuse the name of a column where there is no table that could have it."""
    tables = {
        role: isinstance(side, Path) and files.format_of(side) in files.TABLES
        for role, side in sides.items()
    }
    if layout.text is not None and not any(tables.values()):
        raise UsageError(f"{option('text')} names a column, but neither corpus is a table")
    for name, column in (("label", layout.label), ("split", layout.split)):
        if column and not tables["domain"]:
            raise UsageError(
                f"{option(name)} names a column of the domain corpus, but {option('domain')} is no "
                "table"
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
    path = _absolute(argument)
    if not argument or not path.exists():
        raise UsageError(f"{name} {argument}: no such file or folder")
    files.check_readable(path)
    format_ = files.format_of(path)
    columns = Columns("")
    if format_ in files.TABLES:
        names = files.columns(path, layout.encoding, format_)
        columns = Columns(own_columns(path, "domain", names, layout, labelled=False).text)
    elif layout.text is not None:
        raise UsageError(f"{option('text')} names a column, but {path} is no table")
    return files.read(_as_parameters(path, format_, layout.encoding, columns), {})


def _parameters(path: Path, role: str, layout: Layout, labelled: bool) -> dict[str, Any]:
    format_ = files.format_of(path)
    if role == "domain" and labelled:
        _check_labels_possible(path, format_)
    columns = Columns("")
    if format_ in files.TABLES:
        names = files.columns(path, layout.encoding, format_)
        columns = own_columns(path, role, names, layout, labelled)
    parameters = _as_parameters(path, format_, layout.encoding, columns)
    # The first document shows at once much of what may be wrong.
    if next(iter(files.read(parameters, {})), None) is None:
        raise UserError(f"{path} holds no document")
    return parameters


def _as_parameters(path: Path, format_: str, encoding: str, columns: Columns) -> dict[str, Any]:
    return {
        "path": str(path),
        "format": format_,
        "encoding": encoding,
        "text": columns.text,
        "label": columns.label,
        "split": columns.split,
    }


def _check_labels_possible(path: Path, format_: str) -> None:
    if format_ == "lines":
        raise UserError(
            f"{path} holds one document a line and no labels, which the domain corpus needs: give "
            "a table (.csv, .tsv, .jsonl, .parquet) with a label column, or a folder of class "
            "folders"
        )
    if format_ == "folder":
        splits = folders.has_splits(path)
        found = (folders.place_of(relative, splits)[0] for relative, _ in folders.walk(path))
        if not any(found):
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


def _corpus_card(name: str, path: Path, parameters: dict[str, Any]) -> CorpusCard:
    shown = "".join(c if c.isprintable() else "?" for c in path.name)
    columns = ", ".join(
        f"{role} in column {parameters[role]!r}"
        for role in ("text", "label", "split")
        if parameters[role]
    )
    return CorpusCard(
        name=name,
        version="1",
        title=shown,
        description=f"{shown}, {files.FORMATS[parameters['format']]}"
        + (f" ({columns})" if columns else "")
        + ".",
        reader="files",
        licence="not stated",
        parameters=parameters,
    )
