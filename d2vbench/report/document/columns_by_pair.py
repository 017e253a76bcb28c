"""Long tables of several pairs, folded: a column a pair, so that a row is read across pairs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from d2vbench.report.document import cells

# More columns do not fit on a screen of 1,280 px.
_MOST = 6
# What stands under a pair's name in a folded row; no column of records is called that.
_UNDER = "under {}"


def by_pair(
    rows: Iterable[cells.Row],
    columns: Mapping[str, str | cells.Show],
    shown: cells.Show,
    *,
    pair: Callable[[cells.Row], str] = cells.pair,
) -> tuple[Mapping[str, str | cells.Show], list[cells.Row]] | None:
    """Fold rows that differ by pair alone into one, with a column for each pair.

    Parameters
    ----------
    rows : iterable of mapping
        Of several pairs.
    columns : mapping of str to str or callable
        What says which rows belong together. Those that say the same in all rows are left out.
    shown : callable
        What a pair's column shows of its row.
    pair : callable
        Returns the heading of a row's pair.

    Returns
    -------
    tuple of (mapping, list of mapping) or None
        Columns and rows for `table`. None where nothing is gained: one pair, more pairs than fit,
        or rows that have hardly a pair in common.

    Examples
    --------
    >>> rows = [{"pair": p, "fraction": 1.0, "k": k, "x": i} for i, (p, k) in
    ...         enumerate((("a", 2), ("b", 2), ("a", 4), ("b", 4)))]
    >>> columns, folded = by_pair(rows, {"k": "k"}, lambda row: str(row["x"]))
    >>> list(columns), [[columns["a"](row), columns["b"](row)] for row in folded]
    (['k', 'a', 'b'], [['0', '1'], ['2', '3']])
    """
    everything = list(rows)
    pairs = list(dict.fromkeys(map(pair, everything)))
    said = {name: [_said(one, row) for row in everything] for name, one in columns.items()}
    groups: dict[tuple[str, ...], dict[str, cells.Row]] = {}
    for i, row in enumerate(everything):
        place = tuple(values[i] for values in said.values())
        mine = groups.setdefault(place, {})
        if pair(row) in mine:
            return None
        mine[pair(row)] = row
    if not 1 < len(pairs) <= _MOST or 2 * len(groups) > len(everything):
        return None
    if set(pairs) & set(columns):
        return None  # A pair that is called as a column is.
    kept = {name: one for name, one in columns.items() if len(set(said[name])) > 1}
    folded: list[cells.Row] = [
        {**next(iter(mine.values())), **{_UNDER.format(name): row for name, row in mine.items()}}
        for mine in groups.values()
    ]
    beside = {name: cells.within(_UNDER.format(name), shown) for name in pairs}
    return {**kept, **beside}, folded


def _said(show: str | cells.Show, row: cells.Row) -> str:
    return str(row[show] if isinstance(show, str) else show(row))
