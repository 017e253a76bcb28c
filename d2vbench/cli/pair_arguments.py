"""Which pair of corpora: one that comes with d2vbench, or a person's own two."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from d2vbench.api.pairs import OWN_OPTIONS, choose_pairs
from d2vbench.errors import UsageError

if TYPE_CHECKING:
    from d2vbench.corpora import Cards


def add_pair_arguments(parser: argparse.ArgumentParser) -> None:
    """Add ``--pair`` and the options for a person's own data to a verb on any number of pairs."""
    parser.add_argument(
        "--pair", action="append", metavar="PAIR", help="compute only this pair; may be given again"
    )
    add_own_arguments(parser)


def add_pair_argument(parser: argparse.ArgumentParser) -> None:
    """Add a pair's name and the options for a person's own data to a verb on one pair."""
    parser.add_argument(
        "pair", metavar="PAIR", nargs="?", help="a pair (see: d2vbench list), unless it is your own"
    )
    add_own_arguments(parser)


def add_own_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options for a person's own data to a verb."""
    own = parser.add_argument_group(
        "your own corpora",
        "Texts as .txt (one document a line), .csv, .tsv, .jsonl or .parquet, plain or .gz, or as "
        "a folder of text files. The domain corpus needs labels: a column, or a folder for each "
        "class.",
    )
    own.add_argument(
        "--generic", metavar="PATH", help="the generic corpus; or the name of a corpus in the list"
    )
    own.add_argument(
        "--domain", metavar="PATH", help="the domain corpus; or the name of a corpus in the list"
    )
    own.add_argument(
        "--text", metavar="COL", help="column of the texts (the only one, or else: text)"
    )
    own.add_argument("--label", metavar="COL", help="column of the domain's labels (label)")
    own.add_argument(
        "--split",
        metavar="COL",
        help="column of the domain that says train or test (split, where there is one); "
        "'' ignores it: then d2vbench splits, 60 %% for training",
    )
    own.add_argument("--encoding", metavar="ENC", help="encoding of the files (utf-8)")
    own.add_argument(
        "--tokeniser",
        metavar="MODULE:FUNCTION",
        help="a Python function from a text to a list of words; or whitespace",
    )
    own.add_argument("--min-length", type=int, metavar="N", help="drop words of fewer letters (2)")
    own.add_argument(
        "--keep-case", action="store_true", default=None, help="do not lower-case the words"
    )


def chosen_pairs(
    options: argparse.Namespace, labelled: bool = True
) -> tuple[Cards, tuple[str, ...] | None]:
    """Return the cards and the names of the pairs that the options ask for.

    Parameters
    ----------
    options : argparse.Namespace
        Of a parser with `add_pair_arguments` or `add_pair_argument`.
    labelled : bool
        Whether the domain corpus must have labels.

    Returns
    -------
    cards : Cards
        Those of d2vbench, and those of the person's own corpora.
    names : tuple of str or None
        None: no pair was named.

    Raises
    ------
    UsageError
        For options that do not fit together, and for a pair, file or function that is not there.
    """
    named = (options.pair,) if isinstance(options.pair, str) else tuple(options.pair or ())
    given = {name: getattr(options, name, None) for name in OWN_OPTIONS}
    given |= {"tokenizer": options.tokeniser, "lowercase": False if options.keep_case else None}
    given = {name: value for name, value in given.items() if value is not None}
    return choose_pairs(named, options.generic, options.domain, given, labelled)


def chosen_pair(options: argparse.Namespace) -> tuple[Cards, str]:
    """Return the cards and the name of the one pair that the options ask for.

    Parameters
    ----------
    options : argparse.Namespace
        Of a parser with `add_pair_argument`.

    Returns
    -------
    cards : Cards
        As of `chosen_pairs`.
    name : str
        Of the pair.

    Raises
    ------
    UsageError
        As of `chosen_pairs`, and where there is no pair at all.
    """
    cards, names = chosen_pairs(options)
    if names is None:
        raise UsageError(
            "which pair? Give its name (see: d2vbench list), or --generic and --domain"
        )
    return cards, names[0]
