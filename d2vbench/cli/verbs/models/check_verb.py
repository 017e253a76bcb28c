"""``d2vbench check``: proof on this machine that the native engine does what gensim does."""

from __future__ import annotations

import argparse
from typing import Any

from d2vbench.errors import UsageError


def add_parser(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser(
        "check",
        help="compare vectors and speed of the native engine and gensim on this machine",
        description="Train one epoch of real text with both engines in every model, from the same "
        "start. Exit status 1 if any vector differs by more than rounding.",
        epilog="Example: d2vbench check --documents 500",
    )
    parser.add_argument(
        "--documents", type=int, default=1500, metavar="N", help="documents to train on (1500)"
    )
    parser.add_argument(
        "--repeats", type=int, default=3, metavar="N", help="timed epochs of each engine (3)"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print a row for each model; status 1 unless all pass."""
    from d2vbench.cli.display import make_console, make_table
    from d2vbench.corpora import load_cards, open_corpus
    from d2vbench.families.doc2vec.native import kernel as native
    from d2vbench.families.doc2vec.parity import LEAST_COSINE, check_parity

    for name in ("documents", "repeats"):
        if getattr(options, name) < 1:
            raise UsageError(f"--{name} must be 1 or more, got {getattr(options, name)}")
    console = make_console()
    native.variant()  # Says at once if the extension is missing.
    corpus = open_corpus(load_cards().corpus("docstrings"), report=console.print)
    words, lexicon = corpus.tokens, corpus.lexicon
    count = min(options.documents, len(corpus.offsets) - 1)
    # Every n-th document: all packages take part.
    step = max((len(corpus.offsets) - 1) // count, 1)
    documents = [
        [lexicon[t] for t in words[corpus.offsets[d] : corpus.offsets[d + 1]].tolist()]
        for d in range(0, step * count, step)
    ]
    total = sum(map(len, documents))
    console.print(
        f"{len(documents):,} docstrings, {total:,} words, one epoch, one thread, 100 dimensions; "
        f"native variant {native.variant()}"
    )
    rows = check_parity(documents, repeats=options.repeats)
    table = make_table(
        None, "model", "documents: cosine", "difference", "outputs: cosine", "difference", "speed",
        "",
    )  # fmt: skip
    for row in rows:
        table.add_row(
            row.model,
            f"{row.document_cosine:.7f}",
            f"{row.document_difference:.1e}",
            f"{row.output_cosine:.7f}",
            f"{row.output_difference:.1e}",
            f"{row.speed_ratio:.1f} x",
            "same" if row.passed else "DIFFERENT",
        )
    console.print(table)
    console.print(
        "Smallest cosine and largest difference of a vector in one engine from its twin in the "
        f"other. same: every document's cosine is at least {LEAST_COSINE}, and both engines drew "
        "the same random numbers and counted the same words. Hierarchical softmax: gensim only."
    )
    return 0 if all(row.passed for row in rows) else 1
