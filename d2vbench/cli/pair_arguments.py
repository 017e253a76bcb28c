"""Which pair of corpora: one that comes with d2vbench, or a person's own two."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from d2vbench.errors import UsageError, UserError

if TYPE_CHECKING:
    from d2vbench.corpora import Cards
    from d2vbench.corpora.store.tokenise import Tokeniser

# Options that say something about one's own data, by the attribute that argparse gives them.
_OWN = {
    "text": "--text",
    "label": "--label",
    "split": "--split",
    "encoding": "--encoding",
    "tokeniser": "--tokeniser",
    "min_length": "--min-length",
    "keep_case": "--keep-case",
}


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
    from d2vbench.corpora import load_cards
    from d2vbench.corpora.pairs.own import Layout, own_pair

    cards = load_cards()
    named = (options.pair,) if isinstance(options.pair, str) else tuple(options.pair or ())
    if options.generic is None and options.domain is None:
        for name, option in _OWN.items():
            if getattr(options, name) is not None:
                raise UsageError(f"{option} is for your own corpora: give --generic and --domain")
        for pair in named:
            cards.pair(pair)
        return cards, named or None
    for given, missing in (("generic", "domain"), ("domain", "generic")):
        if getattr(options, missing) is None:
            raise UsageError(f"--{given} needs --{missing}: a pair has two corpora")
    if named:
        raise UsageError(
            f"pair {named[0]} has its own corpora: give either its name or --generic and --domain"
        )
    layout = Layout(
        text=options.text,
        label=options.label,
        split=options.split,
        encoding=options.encoding or "utf-8",
        tokeniser=_tokeniser(options),
    )
    card, cards = own_pair(options.generic, options.domain, cards, layout, labelled)
    return cards, (card.name,)


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


def _tokeniser(options: argparse.Namespace) -> Tokeniser:
    from d2vbench.corpora.store.tokenise import Tokeniser

    if options.tokeniser is None:
        most = Tokeniser.max_length
        least = Tokeniser.min_length if options.min_length is None else options.min_length
        if not 1 <= least <= most:
            raise UsageError(f"--min-length must be 1 to {most}, got {least}")
        return Tokeniser(lower=not options.keep_case, min_length=least)
    for name in ("min_length", "keep_case"):
        if getattr(options, name) is not None:
            raise UsageError(f"{_OWN[name]} does not go with --tokeniser, which decides alone")
    return own_tokeniser(options.tokeniser)


def own_tokeniser(name: str) -> Tokeniser:
    """Return the tokeniser that a function of a person's own makes, tried on a short text.

    Raises
    ------
    UsageError
        If it cannot be found, or fails.
    """
    from d2vbench.corpora.store.tokenise import Tokeniser

    # As for `python -m`: a module in the folder that one stands in can be named.
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.append(here)
    tokeniser = Tokeniser(function=name)
    try:
        tokeniser("A text to try it on.")
    except UserError as error:
        raise UsageError(f"--tokeniser: {error}") from None
    except (Exception, SystemExit) as error:
        raise UsageError(
            f"--tokeniser {name} failed on a short text: {type(error).__name__}: {error}"
        ) from error
    return tokeniser
