"""Geometry between two groups of words: what a follow-up has kept within each, and across."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from d2vbench.evaluation.diagnostics.drift import NEIGHBOURS, mean_cosine, rotated, rotation
from d2vbench.evaluation.diagnostics.neighbours import nearest, unit_rows

#: Words of each group that are compared, at most.
MOST_PAIRED = 1000

#: Less kept within a group than this is next to nothing: no share of it can be missed across.
LEAST_KEPT = 0.1

# Words whose counts share a bin differ by at most 2 ** (1 / 4), 19 %.
_BINS_PER_OCTAVE = 4

Rows = npt.NDArray[np.floating]
Words = npt.NDArray[np.int64]


def paired_words(
    absent: Words, domain: Words, counts: npt.NDArray[np.int64], seed: int
) -> tuple[Words, Words]:
    """Draw as many words of each group, of like frequency.

    Words that D lacks are rarer in G than those that it has, and vectors of rare words move and
    are estimated otherwise than those of frequent ones.

    Parameters
    ----------
    absent, domain : (n,), (m,) int64
        Rows of the two groups.
    counts : (n_words,) int64
        How often each word occurs in G.
    seed : int
        Decides which.

    Returns
    -------
    absent, domain : (n_pairs,), (n_pairs,) int64
        In random order, at most `MOST_PAIRED` each; the i-th of both occur about equally often.
    """
    rng = np.random.default_rng(seed)
    bins = np.floor(_BINS_PER_OCTAVE * np.log2(np.maximum(counts, 1))).astype(np.int64)
    chosen: list[Words] = []
    for one in np.intersect1d(bins[absent], bins[domain]):
        mine = [rng.permutation(rows[bins[rows] == one]) for rows in (absent, domain)]
        size = min(map(len, mine))
        chosen.append(np.stack([rows[:size] for rows in mine]))
    both = np.concatenate([*chosen, np.empty((2, 0), np.int64)], axis=1)
    both = both[:, rng.permutation(both.shape[1])[:MOST_PAIRED]]
    return both[0], both[1]


def kept_between(
    before: Rows, after: Rows, absent: Words, domain: Words, slices: int = 1
) -> dict[str, float]:
    """Compare what a follow-up has kept across two groups of words with what it has kept within.

    Parameters
    ----------
    before, after : (n_words, dim) float
        All vectors at two times.
    absent, domain : (n_pairs,), (n_pairs,) int64
        Words that D lacks and words that it has, from `paired_words`. Their first halves are held
        against their second halves, so that no word is compared with itself.
    slices : int
        As in `rotation`.

    Returns
    -------
    dict of str to float
        Of the vectors less the mean of all words drawn at that time, scaled to length 1, for three
        measures, each also averaged over both ways to take the halves:

        ``turn_...``: the mean cosine of a word's vector after with its vector before, turned by
        the `rotation` fitted on the other half of its own group (``_absent``, ``_domain``) or on
        that half of the other group (``_across``). The relative squared residual of such a fit
        is 2 - 2 times this cosine.
        ``products_...``: the slope, over pairs of words, of their cosine after on their cosine
        before, by least squares: pairs within a group, and pairs across.
        ``neighbours_...``: the share kept of a word's ten nearest in the other half of its own
        group, and in that of the other group, less what chance would keep.

        ``_across`` is the geometric mean of both directions, and 0 where one is negative.
        ``..._lost`` is 1 - across / sqrt(absent * domain): the share that is missing across of what
        is kept within; negative where more is kept across. It is left out where a group has kept
        less than `LEAST_KEPT`. No measure where half a group has fewer words than a
        slice has dimensions, or no more than ten: a rotation would fit anything.

    Notes
    -----
    What a group's words would do alone, or all words together, must not count as one group's being
    left behind:

    - A turn or a mirroring of the whole model, and a change of length, change no measure; nor does
      what all words gain in common.
    - Frequency: `paired_words` draws both groups with the same counts in G.
    - Movement of each word on its own, of one group more than of the other. It spoils a relation
      once for each end that moves: within a still group not at all, across once, within a
      moving group twice. So across is to be expected at the geometric mean of both groups:
      a fit on moving words errs across as it errs within, and a slope is a product of two factors,
      one of each end (a correlation is not, and falls less across than within). The overlap of
      neighbours falls with the root of a small movement and does not multiply so: it is below
      that mean though nothing has been left behind, and is shown only.

    What remains is what words of one group have done together and the other's have not: they have
    gone somewhere, and the others were left behind.
    """
    half = len(absent) // 2
    if half < max(before.shape[1] // slices, NEIGHBOURS + 1):
        return {}
    drawn = np.concatenate([absent[: 2 * half], domain[: 2 * half]])
    old, new = (unit_rows(table[drawn] - table[drawn].mean(axis=0)) for table in (before, after))
    rows = np.arange(4 * half).reshape(2, 2, half)
    turns = [[rotation(old[own], new[own], slices) for own in group] for group in rows]
    found: dict[str, dict[str, list[float]]] = {
        name: {"absent": [], "domain": [], "across": []}
        for name in ("turn", "products", "neighbours")
    }
    for mine, other, test in np.ndindex(2, 2, 2):
        where = "across" if mine != other else ("absent", "domain")[mine]
        asked, held = rows[mine, test], rows[other, 1 - test]
        turned = rotated(old[asked], turns[other][1 - test])
        found["turn"][where].append(mean_cosine(turned, new[asked]) or 0.0)
        cosines = [(side[asked] @ side[held].T).ravel() for side in (old, new)]
        found["products"][where].append(_slope(*cosines))
        near = [nearest(side[asked], side[held], NEIGHBOURS)[0] for side in (old, new)]
        share = float((near[0][:, :, None] == near[1][:, None, :]).sum() / near[0].size)
        chance = NEIGHBOURS / half
        found["neighbours"][where].append((share - chance) / (1 - chance))
    return {
        f"{name}_{what}": value
        for name, kept in found.items()
        for what, value in _summed_up(kept).items()
    }


def _slope(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> float:
    x = x - x.mean()
    squares = float(x @ x)
    return float(x @ y) / squares if squares > 0 else 0.0


def _summed_up(kept: Mapping[str, list[float]]) -> dict[str, float]:
    absent, domain = (float(np.mean(kept[group])) for group in ("absent", "domain"))
    # The directions in turn: from the absent words' side, and from the domain's.
    one, other = (float(np.mean(kept["across"][i : i + 2])) for i in (0, 2))
    across = math.sqrt(max(one, 0.0) * max(other, 0.0))
    found = {"absent": absent, "domain": domain, "across": across}
    if min(absent, domain) < LEAST_KEPT:
        return found
    return found | {"lost": 1 - across / math.sqrt(absent * domain)}
