"""``d2vbench describe PAIR``: what a pair is made of, or how the pairs of a crossing differ."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from d2vbench.cli.arguments import add_pair, add_plot, chosen_pair, chosen_pairs
from d2vbench.files import check_figure_path

if TYPE_CHECKING:
    from rich.table import Table

    from d2vbench.corpora.pairs.describe import PairDescription

_SIDES = {
    "generic": "G",
    "train": "D-train",
    "test": "D-test",
    "generic_test": "G, held out",
}
_MOST_CLASSES = 25


def add_parser(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser(
        "describe",
        help="documents, words, classes and divergence of a pair of corpora",
        description="Print what a pair is made of: documents, words, lengths, classes, "
        "out-of-vocabulary share, near-duplicates and divergence between the two word "
        "distributions. Of a crossing: a row for each pair.",
        epilog="Example: d2vbench describe docstrings-scipy --plot pair.png",
    )
    add_plot(parser)
    add_pair(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Describe a pair."""
    from d2vbench.cli.display import make_console
    from d2vbench.corpora import open_pair
    from d2vbench.corpora.pairs.describe import describe_pair
    from d2vbench.corpora.pairs.warning import pair_warnings

    # Before anything is read, which may take minutes.
    check_figure_path(options.plot, "--plot")
    console = make_console()
    if options.pair is not None and options.generic is None and options.domain is None:
        from d2vbench.cli.verbs.data.describe_crossing import describe_crossing
        from d2vbench.corpora import load_cards

        if options.pair in (shipped := load_cards()).crossings:
            chosen_pairs(options)
            return describe_crossing(shipped.crossings[options.pair], shipped, options.plot)
    cards, name = chosen_pair(options)
    pair = open_pair(cards.pair(name), cards, report=console.print)
    description = describe_pair(pair)
    for table in _tables(description):
        console.print(table)
    for line in [*_lines(description), *pair_warnings(pair, cards.pair(name))]:
        console.print(line, soft_wrap=not console.is_terminal)
    if options.plot is not None:
        from d2vbench.report.drawing.style import write_figure
        from d2vbench.report.figures.pair import pair_figure

        write_figure(pair_figure(description)[0], options.plot)
        console.print(f"Drawn: {options.plot}", soft_wrap=True)
    return 0


def _tables(description: PairDescription) -> list[Table]:
    from d2vbench.cli.display import make_table
    from d2vbench.corpora.store.documents import shown

    sides = make_table(
        f"{description.name}", "side", "documents", "words", "distinct", "empty",
        "over 10,000", "length: 5 %", "median", "95 %",
    )  # fmt: skip
    for name, side in description.sides.items():
        if not side.documents:
            continue
        low, _, median, _, high = side.quantiles()
        numbers = (
            side.documents, side.words, side.distinct_words, side.empty, side.cut, low, median, high
        )  # fmt: skip
        sides.add_row(_SIDES[name], *(f"{n:,}" for n in numbers))
    classes = make_table("Classes of D", "class", "train", "test", "share of train")
    total = sum(train for _, train, _ in description.classes)
    for name, train, test in description.classes[:_MOST_CLASSES]:
        classes.add_row(shown(name), f"{train:,}", f"{test:,}", f"{train / total:.1%}")
    rest = description.classes[_MOST_CLASSES:]
    if rest:
        train, test = sum(c[1] for c in rest), sum(c[2] for c in rest)
        classes.add_row(f"{len(rest)} more", f"{train:,}", f"{test:,}", f"{train / total:.1%}")
    return [sides, classes]


def _lines(description: PairDescription) -> list[str]:
    from d2vbench.corpora.pairs.choice import left_out_text
    from d2vbench.corpora.store.documents import shown

    domain = [shown(t.word) for t in description.typical if t.domain_share > t.generic_share]
    generic = [shown(t.word) for t in description.typical if t.domain_share < t.generic_share]
    return [
        f"Vocabulary: {description.vocabulary:,} words occur {description.min_count} times or more "
        f"in G and D-train; {description.generic_vocabulary:,} do in G alone.",
        f"Out of vocabulary: {description.out_of_vocabulary:.2%} of the words of D-train are not "
        "in G's vocabulary.",
        f"Jensen-Shannon divergence of the word distributions: {description.divergence:.3f} bits "
        "(0: the same, 1: no common word).",
        f"Typical of D: {', '.join(domain)}.",
        f"Typical of G: {', '.join(generic)}.",
        f"Near-duplicates: {description.found_in_generic:,} documents of D-test "
        f"({description.found_share:.1%}) have half or more of their five-word sequences in one "
        "document of G.",
        f"Left out: {left_out_text(description.left_out)}.",
    ]
