"""Completion in the shell: which names may follow what was typed, for argcomplete."""

from __future__ import annotations

import argparse
import importlib
import re
from collections.abc import Iterable
from typing import Any


def complete(parser: argparse.ArgumentParser) -> None:
    """Answer the shell and exit, if it is argcomplete that asks; return otherwise.

    Parameters
    ----------
    parser : argparse.ArgumentParser
        Of the whole command line.
    """
    import argcomplete

    (verbs,) = (a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    for verb in verbs.choices.values():
        for action in verb._actions:
            # A model of `infer` is a file, which the shell completes.
            if action.dest in (*_CATALOGUES, *_CARDS) and action.type in (None, str):
                action.completer = _Names(action.dest)
    argcomplete.autocomplete(parser)


class _Names:
    def __init__(self, kind: str) -> None:
        self.kind = kind

    def __call__(self, **_: Any) -> list[str]:
        return list(names(self.kind))


# Catalogues by the argument that names one of their entries.
_CATALOGUES = {
    "study": "d2vbench.bench.spec.studies.STUDIES",
    "profile": "d2vbench.bench.spec.studies.PROFILES",
    "strategy": "d2vbench.strategies.strategy_forms",
    "schedule": "d2vbench.strategies.schedule_forms",
    "model": "d2vbench.families.doc2vec.MODEL_TITLES",
    "engine": "d2vbench.families.doc2vec.choice.ENGINES",
    "family": "d2vbench.families.FAMILIES",
    "classifier": "d2vbench.evaluation.CLASSIFIERS",
    "backend": "d2vbench.api.resources.BACKENDS",
}
# Of the cards.
_CARDS = {"pair": ("pairs", "crossings"), "corpus": ("corpora",)}
# Beside the entries.
_MORE = {"study": ["all"], "engine": ["auto"]}
_USUAL = {"k": "4", "q": "0.5", "a": "0.005", "s": "0.002"}


def names(kind: str) -> Iterable[str]:
    """Return what an argument may name.

    Parameters
    ----------
    kind : str
        The argument, as the parser calls it.

    Examples
    --------
    >>> list(names("profile"))
    ['quick', 'default', 'full']
    >>> [name for name in names("strategy") if name.startswith("re")]
    ['reverse(4)', 'replay(4)']
    """
    if kind in _CARDS:
        from d2vbench.corpora import load_cards

        cards = load_cards()
        return [name for part in _CARDS[kind] for name in getattr(cards, part)]
    module, _, attribute = _CATALOGUES[kind].rpartition(".")
    found = getattr(importlib.import_module(module), attribute)
    entries = found() if callable(found) else found
    # A usual value for the first argument of a form; the others have a default.
    values = (re.sub(r"\((\w+)[^)]*\)", lambda m: f"({_USUAL[m[1]]})", name) for name in entries)
    return [*_MORE.get(kind, ()), *values]
