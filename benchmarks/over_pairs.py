"""Coverage of the interval over pairs that share corpora, by simulation; takes some minutes.

Differences on pairs of generic and domain corpora, with normal effects of known size of either
corpus, of the pair, of seeds and of test documents: see `d2vbench.analysis.over_pairs`.

    python benchmarks/over_pairs.py
    python benchmarks/over_pairs.py --trials 200 --layout "3 x 5"
"""

import argparse
import math

import numpy as np
from common import table
from scipy import stats

from d2vbench.analysis import over_pairs

# Which corpora the pairs of a study have. Those of d2vbench: 20 Newsgroups, Reuters, reviews and
# docstrings as generic; comp.*, sci.*, reviews, Ohsumed and SciPy as domain.
LAYOUTS = {
    "3 x 5": [(g, d) for g in range(3) for d in range(5)],
    "5 x 7": [(g, d) for g in range(5) for d in range(7)],
    "3 x 5, a third missing": [(g, d) for g in range(3) for d in range(5) if (g + d) % 3],
    "eight of d2vbench": [(0, 0), (0, 1), (0, 2), (0, 3), (1, 0), (1, 3), (2, 3), (3, 4)],
    "1 x 5": [(0, d) for d in range(5)],
}
# Standard deviations of generic corpora, domain corpora, pairs and (of one training) seeds, where
# that of the test documents is 0.5.
SETTINGS = [
    (1, 1, 1, 0),
    (0, 1, 1, 0),
    (1, 0, 1, 0),
    (0, 0, 1, 0),
    (1, 1, 0, 0),
    (1, 0, 0, 0),
    (0, 1, 0, 0),
    (0, 0, 0, 0),
    (2, 0.5, 0.5, 0),
    (0.5, 2, 0.5, 0),
    (0.5, 0.5, 1, 0),
    (0.3, 0.3, 0.3, 0),
    (1, 1, 0.5, 1),
]
DOCUMENTS = 0.5


def simulate(pairs, setting, n_seeds, trials, rng):
    """Return in how many trials the interval, the prediction and plain t hold the truth."""
    generic, domain = (np.array(side) for side in zip(*pairs, strict=True))
    of_generic, of_domain, of_pair, of_seed = setting
    n, one = len(pairs), generic.max() == 0
    held, lengths = np.zeros(3), []
    t = float(stats.t.ppf(0.975, n - 1))
    for _ in range(trials):
        g = of_generic * rng.standard_normal(generic.max() + 1)
        d = of_domain * rng.standard_normal(domain.max() + 1)
        means = g[generic] + d[domain] + of_pair * rng.standard_normal(n)
        means += DOCUMENTS * rng.standard_normal(n)
        runs = means[:, None] + of_seed * rng.standard_normal((n, n_seeds))
        y, known = runs.mean(axis=1), np.full(n, DOCUMENTS**2)
        if n_seeds > 1:
            # The variance of seeds is estimated, as in a study.
            known += runs.var(axis=1, ddof=1) / n_seeds
        found = over_pairs(y, known, generic.tolist(), domain.tolist())
        # With one generic corpus, the truth is about that one.
        truth = g[0] if one else 0.0
        other = truth if one else of_generic * rng.standard_normal()
        new = other + math.hypot(of_domain, of_pair) * rng.standard_normal()
        # One seed alone: what it adds is part of the pair.
        new += of_seed * rng.standard_normal() * (n_seeds == 1)
        held[0] += found.interval.low <= truth <= found.interval.high
        held[1] += found.new_pair[0] <= new <= found.new_pair[1]
        held[2] += abs(y.mean() - truth) <= t * y.std(ddof=1) / math.sqrt(n)
        lengths.append(found.interval.high - found.interval.low)
    return 100 * held / trials, float(np.median(lengths))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--layout", nargs="*", default=list(LAYOUTS))
    arguments = parser.parse_args()
    rows = []
    for name in arguments.layout:
        for setting in SETTINGS:
            for n_seeds in (5, 3, 1) if setting[-1] else (5,):
                # In any order, the same numbers.
                rng = np.random.default_rng(
                    [list(LAYOUTS).index(name), *(int(10 * x) for x in setting), n_seeds]
                )
                held, length = simulate(LAYOUTS[name], setting, n_seeds, arguments.trials, rng)
                shown = [f"{x:g}" for x in setting[:3]] + [f"{setting[3]:g} ({n_seeds})"]
                rows.append((name, *shown, *(f"{x:.1f}" for x in held), f"{length:.2f}"))
                print(*rows[-1], sep=" | ", flush=True)
    header = ("layout", "generic", "domain", "pair", "seed (seeds)", "mean: coverage %",
              "new pair: coverage %", "plain t: coverage %", "median length")  # fmt: skip
    print(table(header, rows))
    error = 1.96 * (0.95 * 0.05 / arguments.trials) ** 0.5
    print(f"\n{arguments.trials} trials: a coverage is known to +-{100 * error:.1f} points.")


if __name__ == "__main__":
    main()
