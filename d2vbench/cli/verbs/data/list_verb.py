"""``d2vbench list``: what there is to run."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from d2vbench.plugins import Catalogue, PluginError

if TYPE_CHECKING:
    from d2vbench.corpora import Cards, CorpusCard, PairCard

T = TypeVar("T")


def add_parser(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser(
        "list",
        help="pairs, strategies, schedules, models and studies that there are",
        epilog="Example: d2vbench list",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the catalogues."""
    from rich.table import Table

    from d2vbench.bench.spec.studies import ALL, PROFILES, STUDIES
    from d2vbench.cli.display import make_console
    from d2vbench.corpora import load_cards
    from d2vbench.evaluation import BASELINES, CLASSIFIERS
    from d2vbench.families import FAMILIES
    from d2vbench.families.doc2vec import MODEL_TITLES, VOCABULARIES
    from d2vbench.strategies import SCHEDULES, STRATEGIES

    del options
    cards = load_cards()

    def carded(kind: str, found: Mapping[str, CorpusCard | PairCard]) -> list[tuple[str, str]]:
        return [
            (card.name, _with_origin(card.description, cards.origins.get(f"{card.name}{kind}", "")))
            for card in found.values()
        ]

    sections: list[tuple[str, list[tuple[str, str]]]] = [
        (
            "Studies",
            [*_rows(STUDIES, lambda name, s: (name, s.question)), (ALL, "All of d2vbench's own.")],
        ),
        ("Pairs", carded(".pair.toml", _with_cards(cards))),
        ("Crossings", _crossings(cards)),
        ("Corpora", carded(".toml", cards.corpora)),
        ("Strategies", _rows(STRATEGIES, lambda name, d: (d.form(name), d.summary))),
        ("Schedules", _rows(SCHEDULES, lambda name, d: (d.form(name), d.summary))),
        ("Families", _rows(FAMILIES, lambda name, f: (name, f.title))),
        ("Models of doc2vec", list(MODEL_TITLES.items())),
        ("Vocabulary policies", list(VOCABULARIES.items())),
        ("Classifiers", _rows(CLASSIFIERS, lambda name, c: (name, c.title))),
        ("Baselines", _rows(BASELINES, lambda name, b: (name, b.title))),
        ("Profiles", [(name, _PROFILES[name]) for name in PROFILES]),
    ]
    console = make_console()
    for title, rows in sections:
        table = Table(
            title=title, title_justify="left", box=None, show_header=False, pad_edge=False
        )
        table.add_column(no_wrap=True, min_width=14)
        table.add_column()
        for name, text in rows:
            table.add_row(name, text)
        console.print(table)
        console.print()
    return 0


def _with_cards(cards: Cards) -> dict[str, PairCard]:
    """Return the pairs that are described one by one: those a crossing makes are in its line."""
    made: dict[str, PairCard] = {}
    for crossing in cards.crossings.values():
        made |= crossing.pairs()
    return {name: pair for name, pair in cards.pairs.items() if pair != made.get(name)}


def _crossings(cards: Cards) -> list[tuple[str, str]]:
    """Return each crossing with its pairs, a domain a line."""
    rows = []
    for crossing in cards.crossings.values():
        origin = cards.origins.get(f"{crossing.name}.crossing.toml", "")
        rows.append((crossing.name, _with_origin(crossing.description, origin)))
        for domain in crossing.domain:
            pairs = [name for name, place in crossing.places().items() if place[1] == domain]
            if pairs:
                rows.append(("", f"{domain}: {', '.join(pairs)}"))
    return rows


def _rows(
    catalogue: Catalogue[T], row: Callable[[str, T], tuple[str, str]]
) -> list[tuple[str, str]]:
    """Describe the definitions of a catalogue; a broken one has its error for a description."""
    rows = []
    for name in catalogue:
        try:
            form, text = row(name, catalogue[name])
            rows.append((form, _with_origin(text, catalogue.origin(name))))
        except PluginError as error:
            rows.append((name, f"cannot be used: {error}"))
    return rows


def _with_origin(text: str, origin: str) -> str:
    return f"{text} (from {origin})" if origin else text


_PROFILES = {
    "quick": "A first look: four strategies in PV-DBOW, two seeds, no verdicts.",
    "default": "All strategies in PV-DBOW, the main ones in PV-DM, three seeds.",
    "full": "More values of k, every model and share of the domain, five seeds.",
}
