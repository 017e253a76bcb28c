"""What the first screen names: strategies and schedules in a sentence each, sizes of corpora."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import pandas as pd

from d2vbench.report.document import cells
from d2vbench.report.document.blocks import table
from d2vbench.report.document.phrases import times_text
from d2vbench.report.document.structure import Bullets, Chapter
from d2vbench.strategies import SCHEDULES, STRATEGIES
from d2vbench.strategies.definition import BALANCED, BUDGET

_NAME = re.compile(r"[a-z]+(?:-[a-z]+)*")
# A sentence that begins with another name needs that one's too.
_AS = re.compile(r"^As `*([a-z-]+)")
_COUNTS = (
    "E: epochs, the passes over G; k: passes over D for each of them, so that D has k x E passes; "
    "alpha: the learning rate."
)
_WORDS = {
    BUDGET: "budget, for k: so often that D has as many words as combined trains.",
    BALANCED: "balanced, for k: so often that D has as many words as G.",
}
_SIZES = ("generic_documents", "generic_words", "domain_documents", "domain_words")


def named_chapter(titles: Iterable[str]) -> Chapter:
    """Return a sentence for each strategy and schedule that titles of variants name.

    Parameters
    ----------
    titles : iterable of str
        Such as ``"sequential(4), restart"``. Names of third parties are left out: a report must do
        without their packages.

    Returns
    -------
    Chapter
        Folded; strategies first, each in the order of the catalogue.
    """
    titles = list(titles)
    there = {name for title in titles for name in _NAME.findall(title)}
    items = [*_sentences(_strategies(), there), *_sentences(_schedules(), there)]
    items += [said for word, said in _WORDS.items() if any(f"({word}" in t for t in titles)]
    return Chapter(
        "named", "What the names mean", (Bullets((*items, _COUNTS)),), folded=True,
        line=f"{len(items)} strategies and schedules, a sentence each",
    )  # fmt: skip


def _strategies() -> dict[str, tuple[str, str]]:
    """Return by name how each of d2vbench's own is written, and what it is."""
    return {name: (one.form(name), one.summary) for name, one in STRATEGIES.built_in.items()}


def _schedules() -> dict[str, tuple[str, str]]:
    return {name: (one.form(name), one.summary) for name, one in SCHEDULES.built_in.items()}


def _sentences(known: dict[str, tuple[str, str]], there: set[str]) -> Iterator[str]:
    wanted = there & set(known)
    for name in list(wanted):
        # What is said by reference to another needs that one's sentence too.
        while (found := _AS.match(known[name][1])) and found[1] in known:
            name = found[1]
            wanted.add(name)
    for name, (form, summary) in known.items():
        if name in wanted:
            yield f"{form}: {summary.replace('`', '')}"


def sizes_chapter(runs: pd.DataFrame, rows: pd.DataFrame) -> Chapter | None:
    """Return how large G and D are on the pairs of the first table.

    Parameters
    ----------
    runs : pandas.DataFrame
        Cells of a run.
    rows : pandas.DataFrame
        Of the first table: ``pair`` and ``fraction``.

    Returns
    -------
    Chapter or None
        A table with a row a pair, folded; its line says how many times larger G is. None where
        records do not say it.
    """
    if not all(name in runs for name in _SIZES):
        return None
    known = runs.dropna(subset=list(_SIZES))
    known = known.merge(rows[["pair", "fraction"]].drop_duplicates())
    if known.empty:
        return None
    counts = [*_SIZES, *(name for name in ("test_documents", "classes") if name in known)]
    data = known.groupby(["pair", "fraction"], sort=False)[counts].mean().reset_index()
    # In the order of the first table.
    data = rows[["pair", "fraction"]].drop_duplicates().merge(data)
    data["ratio"] = data["generic_words"] / data["domain_words"]
    whole = "{:,.0f}".format
    titles = {
        "generic_documents": "documents of G", "domain_documents": "of D, to train",
        "test_documents": "of D, to test", "classes": "classes",
        "generic_words": "words of G", "domain_words": "words of D",
    }  # fmt: skip
    low, high = (times_text(float(end)) for end in (data["ratio"].min(), data["ratio"].max()))
    times = low if low == high else f"{low} to {high}"
    return Chapter(
        "sizes", "Sizes of G and D",
        (table(
            "sizes", "Sizes of G and D", data,
            {
                "pair": cells.pair,
                **{title: cells.numbers(name, whole) for name, title in titles.items()
                   if name in data},
                "G to D, in words": cells.numbers("ratio", "{:.1f}".format),
            },
            caption="Mean over seeds. Near-duplicates and test documents are left out of G and of "
            "what trains.",
        ),),
        folded=True, line=f"in words, G is {times} times as large as D",
    )  # fmt: skip
