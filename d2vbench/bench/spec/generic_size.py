"""The study `generic-size`: D as it is, and parts of G."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from d2vbench.bench.spec.cell import Cell
from d2vbench.bench.spec.laying import EMBEDDED, Variant, cells_of
from d2vbench.bench.spec.request import Request
from d2vbench.families.counts import NATURAL, PRESENTED

_GENERIC_SHARES = (1.0, 1 / 2, 1 / 4, 1 / 8)
_MORE_GENERIC_SHARES = (*_GENERIC_SHARES, 1 / 16, 1 / 32, 1 / 64)


def generic_size(request: Request) -> Sequence[Cell]:
    """Lay out the share of G that there is, with k fixed and with k that grows with the ratio.

    Shares halve from all of G, so that ratios of any pair are reached without knowing its sizes.
    D alone sees G in its vocabulary at most: as presented it is one cell for all shares.
    """
    full = request.profile == "full"
    names = ("oversampled", "sequential") if full else ("oversampled",)
    usual = (PRESENTED, NATURAL) if request.has_vocabulary() else (PRESENTED,)
    cells: list[Cell] = []
    for policy in request.vocabulary or usual:
        asked = replace(request, vocabulary=(policy,)) if request.has_vocabulary() else request
        for share in _MORE_GENERIC_SHARES if full else _GENERIC_SHARES:
            variants: list[Variant] = [
                (f"{name}({k})", "restart" if name == "sequential" else "linear")
                for name in names
                for k in ("4", "balanced")
            ]
            if share == 1 or policy != PRESENTED:
                variants.append(("domain-only(4)", "linear"))
            pairs = request.pairs or (EMBEDDED if full else EMBEDDED[:1])
            cells += cells_of(asked, pairs, variants, generic_fraction=share)
    return cells
