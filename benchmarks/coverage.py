"""Coverage of the 95 % intervals, by simulation; takes some minutes.

Paired 0/1 correctness from a crossed random-effects model whose true difference is known
(`d2vbench.analysis.CrossedEffects`): documents and seeds have effects that both strategies share
and effects of their own, from none to all that there is.

    python benchmarks/coverage.py
    python benchmarks/coverage.py --trials 500 --seeds 5
"""

import argparse

import numpy as np
from common import table

from d2vbench.analysis import CrossedEffects, Resamples
from d2vbench.analysis.statistics.bootstrap import mean_squares

DOCUMENTS = (0.0, 0.3, 1.0)
SEEDS = (0.0, 0.03, 0.06, 0.1, 0.3, 1.0)


def simulate(effects, n_seeds, n_documents, trials, rng, draws):
    covered, rejected, short, length, squares = 0, 0, 0, [], []
    for start in range(0, trials, 50):
        pairs = [effects.draw(n_seeds, n_documents, rng) for _ in range(min(50, trials - start))]
        for found in draws.draw([a - b for a, b in pairs]):
            interval = found.interval()
            covered += interval.low <= effects.truth <= interval.high
            rejected += interval.p < 0.05
            short += (interval.p < 0.05) != (interval.low > 0 or interval.high < 0)
            length.append(interval.high - interval.low)
            squares.append(mean_squares(found.scores))
    seeds, documents, rest = np.mean(squares, axis=0)
    return {
        "seeds / rest": f"{seeds / rest:.1f}",
        "documents / rest": f"{documents / rest:.1f}",
        "coverage %": f"{100 * covered / trials:.1f}",
        "excludes 0 %": f"{100 * rejected / trials:.1f}",
        "p disagrees": short,
        "length, points": f"{100 * np.mean(length):.1f}",
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=4000)
    parser.add_argument("--documents", type=int, default=600)
    parser.add_argument("--resamples", type=int, default=2000)
    parser.add_argument("--seeds", type=int, nargs="*", default=[2, 3, 5, 10])
    arguments = parser.parse_args()
    rows = []
    for n_seeds in arguments.seeds:
        rng = np.random.default_rng(n_seeds)
        draws = Resamples(n_seeds, arguments.documents, rng, arguments.resamples)
        for documents in DOCUMENTS:
            for seeds in SEEDS:
                effects = CrossedEffects((0.6, 0.5), 1.0, 0.1, documents, seeds)
                found = simulate(
                    effects, n_seeds, arguments.documents, arguments.trials, rng, draws
                )
                rows.append((n_seeds, documents, seeds, *found.values()))
                header = ("seeds", "sd of documents", "sd of seeds", *found)
    error = 1.96 * (0.95 * 0.05 / arguments.trials) ** 0.5
    print(table(header, rows))
    print(f"\n{arguments.trials} trials of {arguments.documents} documents: a coverage is known to")
    print(f"+-{100 * error:.1f} points. Mean squares are ratios to that of the interaction.")


if __name__ == "__main__":
    main()
