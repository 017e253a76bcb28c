"""A crossing in numbers: a row for each pair, and a figure."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.table import Table

    from d2vbench.corpora import Cards
    from d2vbench.corpora.cards import CrossingCard

_NOTES = (
    "G/D: words of G for one of D-train. Divergence: Jensen-Shannon, bits. Unknown: words of "
    "D-train that are not in G's vocabulary. Left out: documents of G that resemble one of D. "
    "Found: documents of D-test of which one document of G has half of the five-word sequences. "
    "TF-IDF: accuracy with all labels. Length: median words of a document of D-train."
)


def describe_crossing(crossing: CrossingCard, cards: Cards, plot: Path | None) -> int:
    """Print a table of the pairs of a crossing, and draw it where ``plot`` names a file."""
    import pandas as pd

    from d2vbench.cli.display import make_console

    console = make_console()
    rows = []
    places = crossing.places()
    for done, name in enumerate(places, 1):
        console.print(f"{done} of {len(places)}: {name}", soft_wrap=True)
        rows.append(_row(name, places[name], cards, console.print))
    console.print(_table(crossing, rows))
    console.print(_NOTES)
    if plot is not None:
        from d2vbench.report.drawing.description import describe_figure
        from d2vbench.report.drawing.style import write_figure
        from d2vbench.report.figures.crossing import crossing_figure

        figure, drawn = crossing_figure(pd.DataFrame(rows))
        write_figure(figure, plot, f"{crossing.name}: {crossing.title}", describe_figure(drawn))
        console.print(f"Drawn: {plot}", soft_wrap=True)
    return 0


def _row(name: str, place: tuple[str, str], cards: Cards, report: Any) -> dict[str, Any]:
    from d2vbench.corpora import open_pair
    from d2vbench.corpora.pairs.describe import describe_pair
    from d2vbench.evaluation.ceiling import tf_idf_accuracy

    pair = open_pair(cards.pair(name), cards, report=report)
    found = describe_pair(pair)
    return {
        "pair": name,
        "generic": place[0],
        "domain": place[1],
        "generic_words": found.sides["generic"].words,
        "train": found.sides["train"].documents,
        "test": found.sides["test"].documents,
        "classes": len(found.classes),
        "ratio": found.ratio,
        "divergence": found.divergence,
        "out_of_vocabulary": found.out_of_vocabulary,
        "left_out": found.left_out.get("generic_near_duplicates", 0),
        "found_in_generic": found.found_in_generic,
        "found": found.found_share,
        "ceiling": tf_idf_accuracy(pair),
        "median_length": found.median_length,
    }


def _table(crossing: CrossingCard, rows: list[dict[str, Any]]) -> Table:
    from d2vbench.cli.display import make_table

    table = make_table(
        f"{crossing.name}: {crossing.title}", "pair", "G words", "D-train", "D-test", "classes",
        "G/D", "divergence", "unknown", "left out", "found", "TF-IDF", "length",
    )  # fmt: skip
    for row in rows:
        table.add_row(
            row["pair"], f"{row['generic_words']:,}", f"{row['train']:,}", f"{row['test']:,}",
            f"{row['classes']:,}", f"{row['ratio']:.1f}", f"{row['divergence']:.3f}",
            f"{row['out_of_vocabulary']:.1%}", f"{row['left_out']:,}",
            f"{row['found_in_generic']:,}", f"{row['ceiling']:.1%}", f"{row['median_length']:,}",
        )  # fmt: skip
    return table
