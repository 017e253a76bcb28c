"""Options that several verbs have: one's own corpora, the learning rate, a figure's file."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from d2vbench.api.pairs import OWN_OPTIONS, choose_pairs
from d2vbench.defaults import ALPHA, MIN_ALPHA
from d2vbench.errors import UsageError

if TYPE_CHECKING:
    from d2vbench.corpora import Cards

ENGINE = (
    "auto (native where it was built, else gensim), native or gensim; "
    "default: the environment variable D2VBENCH_ENGINE, else auto"
)


def add_values(
    group: Any, kind: type, options: dict[str, tuple[str | None, str]], **common: Any
) -> None:
    """Add options that take a value.

    Parameters
    ----------
    group : argparse.ArgumentParser or group
        Where to.
    kind : type
        Of the values.
    options : dict of str to (str or None, str)
        By the option: what stands for the value in the help, and the help.
    **common
        For `argparse.ArgumentParser.add_argument`.
    """
    for option, (metavar, text) in options.items():
        group.add_argument(option, type=kind, metavar=metavar, help=text, **common)


def add_flags(group: Any, options: dict[str, str]) -> None:
    """Add options without a value, by what the help says of each."""
    for option, text in options.items():
        group.add_argument(option, action="store_true", help=text)


def add_rates(parser: argparse.ArgumentParser) -> None:
    """Add ``--alpha`` and ``--min-alpha`` with their defaults."""
    for option, default, text in (
        ("--alpha", ALPHA, "first learning rate"),
        ("--min-alpha", MIN_ALPHA, "last learning rate, above 0"),
    ):
        parser.add_argument(option, type=float, default=default, help=f"{text} ({default:g})")


def add_plot(parser: argparse.ArgumentParser) -> None:
    """Add ``--plot``."""
    add_values(parser, Path, {"--plot": ("FILE", "draw it to a .png, .svg or .pdf file")})


def add_pair(parser: argparse.ArgumentParser) -> None:
    """Add a pair's name and the options for a person's own data to a verb on one pair."""
    parser.add_argument(
        "pair", metavar="PAIR", nargs="?", help="a pair (see: d2vbench list), unless it is your own"
    )
    add_own_corpora(parser)


def add_own_corpora(parser: argparse.ArgumentParser) -> None:
    """Add the options for a person's own data to a verb."""
    own = parser.add_argument_group(
        "your own corpora",
        "Texts as .txt (one document a line), .csv, .tsv, .jsonl, .json or .parquet, plain, .gz, "
        ".bz2, .xz, .zst or in a .zip; or as a folder or archive of text files. What WikiExtractor "
        "wrote (AA/wiki_00, ...) is recognised and read page by page. The domain corpus needs "
        "labels: a column, or a folder for each class.",
    )
    either = "; one or several files, a 'pattern*', a folder, hf:NAME, or a corpus in the list"
    add_values(
        own,
        str,
        {
            "--generic": ("PATH", f"the generic corpus{either}"),
            "--domain": ("PATH", "the domain corpus; likewise"),
        },
        nargs="+",
        action="extend",
    )
    add_values(
        own,
        str,
        {
            "--text": ("COL", "column of the texts (the only one, or else: text); as data.text"),
            "--label": ("COL", "column of the domain's labels (label)"),
            "--split": (
                "COL",
                "column of the domain that says train or test (split, where there is one); "
                "'' ignores it: then d2vbench splits, 60 %% for training",
            ),
            "--validation": (
                "WHAT",
                "use a validation or dev split as train or test, or drop it",
            ),
            "--encoding": ("ENC", "encoding of the files (utf-8); a byte order mark overrides it"),
            "--generic-encoding": ("ENC", "the same for the generic corpus alone"),
            "--domain-encoding": ("ENC", "the same for the domain corpus alone"),
            "--several-labels": (
                "WHICH",
                "of a list of labels take the first; or each: the document counts once under every "
                "label in training, and in the test it is right if any of them is met",
            ),
            "--label-separator": (
                "SEP",
                "what stands between several labels in one cell, such as '|' (goes with "
                "--several-labels)",
            ),
            "--near-duplicates": (
                "WHAT",
                "drop them (the default), train: keep those that no test document is near, or keep",
            ),
            "--tokeniser": (
                "MODULE:FUNCTION",
                "a Python function from a text to a list of words; or whitespace, letters (any "
                "script), characters-N (pieces of N = 1 to 4)",
            ),
        },
    )
    add_values(own, int, {"--min-length": ("N", "drop words of fewer letters (2)")})
    for flag, dest, text in (
        ("--keep-case", "keep_case", "do not lower-case the words"),
        ("--no-header", "no_header", "CSV and TSV begin with a document; columns are 1, 2, ..."),
        ("--normalise-labels", "normalize_labels", "ignore blanks and case in labels"),
    ):
        own.add_argument(flag, dest=dest, action="store_true", default=None, help=text)


def keywords(options: argparse.Namespace) -> dict[str, Any]:
    """Return the options that were given, under the keywords of `d2vbench.run`."""
    renamed = {
        "pair": "pairs", "model": "models", "strategy": "strategies", "schedule": "schedules",
        "classifier": "classifiers", "tokeniser": "tokenizer", "arm": "arms",
    }  # fmt: skip
    given = {renamed.get(k, k): value for k, value in vars(options).items() if value is not None}
    for side in ("generic", "domain"):
        if side in given:
            given[side] = _source(given[side])
    return given | ({"lowercase": False} if given.get("keep_case") else {})


def _source(paths: list[str]) -> str | list[Path]:
    """Return one path as it was typed, several as `d2vbench.run` takes them."""
    return paths[0] if len(paths) == 1 else [Path(path) for path in paths]


def chosen_pairs(
    options: argparse.Namespace, labelled: bool = True
) -> tuple[Cards, tuple[str, ...] | None]:
    """Return the cards and the names of the pairs that the options ask for.

    Parameters
    ----------
    options : argparse.Namespace
        Of a parser with `add_own_corpora`, and perhaps the names of pairs.
    labelled : bool
        Whether the domain corpus must have labels.

    Returns
    -------
    cards, names
        As of `choose_pairs`.

    Raises
    ------
    UsageError
        For options that do not fit together, and for a pair, file or function that is not there.
    """
    named = (options.pair,) if isinstance(options.pair, str) else tuple(options.pair or ())
    asked = keywords(options)
    given = {name: value for name, value in asked.items() if name in OWN_OPTIONS}
    both = asked.get("generic"), asked.get("domain")
    alone = any(asked.get(name) is not None for name in ("generic_model", "word_vectors"))
    return choose_pairs(named, *both, given, labelled, alone)


def chosen_pair(options: argparse.Namespace) -> tuple[Cards, str]:
    """Return the cards and the name of the one pair that the options ask for, as `chosen_pairs`.

    Raises
    ------
    UsageError
        As of `chosen_pairs`, and where there is no pair at all, or a crossing of several.
    """
    cards, names = chosen_pairs(options)
    if names is None:
        raise UsageError(
            "which pair? Give its name (see: d2vbench list), or --generic and --domain"
        )
    return cards, only_pair(names, options.pair)


def only_pair(names: tuple[str, ...], asked: str | None) -> str:
    """Return the one name there is; a crossing of several is a UsageError."""
    if len(names) > 1:
        raise UsageError(
            f"{asked} is a crossing of {len(names)} pairs: name one of them, such as {names[0]}"
        )
    return names[0]
