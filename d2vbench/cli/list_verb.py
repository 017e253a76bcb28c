"""``d2vbench list``: what there is to run."""

from __future__ import annotations

import argparse
from typing import Any


def add_parser(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser(
        "list", help="pairs, strategies, schedules, models and studies that there are"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the catalogues."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from d2vbench.bench.studies import ALL, PROFILES, STUDIES
    from d2vbench.corpora.cards import load_cards
    from d2vbench.engines import MODEL_TITLES, VOCABULARIES
    from d2vbench.strategies import schedule_forms, strategy_forms

    del options
    cards = load_cards()
    sections: list[tuple[str, list[tuple[str, str]]]] = [
        ("Studies", [(s.name, s.question) for s in STUDIES.values()] + [(ALL, "All of them.")]),
        ("Pairs", [(p.name, p.description) for p in cards.pairs.values()]),
        ("Corpora", [(c.name, c.description) for c in cards.corpora.values()]),
        ("Strategies", list(strategy_forms().items())),
        ("Schedules", list(schedule_forms().items())),
        ("Models", list(MODEL_TITLES.items())),
        ("Vocabulary policies", list(VOCABULARIES.items())),
        ("Profiles", [(name, _PROFILES[name]) for name in PROFILES]),
    ]
    console = Console(highlight=False)
    for title, rows in sections:
        table = Table(
            title=title, title_justify="left", box=None, show_header=False, pad_edge=False
        )
        table.add_column(no_wrap=True, min_width=14)
        table.add_column()
        for name, text in rows:
            # Cards are written by people, and brackets in them are no markup.
            table.add_row(Text(name), Text(text))
        console.print(table)
        console.print()
    return 0


_PROFILES = {
    "quick": "A first look: four strategies in PV-DBOW, two seeds, no verdicts.",
    "default": "All strategies in PV-DBOW, the main ones in PV-DM, three seeds.",
    "full": "More values of k, every model and share of the domain, five seeds.",
}
