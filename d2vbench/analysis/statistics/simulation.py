"""Scores of two made-up strategies whose true difference is known."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class CrossedEffects:
    """A crossed random-effects model of correctness, for two strategies in pairs.

    A document is classified rightly where a latent normal score exceeds zero: the strategy's mean
    plus effects of the document and of the seed, each partly common to both strategies (an easy
    document, a lucky subset of labels) and partly its own, plus noise of its own.

    Attributes
    ----------
    means : tuple of float
        Latent means of the two strategies, in units of the noise.
    common_documents, common_seeds : float
        Standard deviations of the effects that both strategies share: they correlate the pairs.
    documents, seeds : float
        Standard deviations of the effects that each has of its own.
    """

    means: tuple[float, float] = (0.6, 0.5)
    common_documents: float = 1.0
    common_seeds: float = 0.0
    documents: float = 0.3
    seeds: float = 0.0

    @property
    def truth(self) -> float:
        """The difference of the probabilities of being right, over all seeds and documents."""
        spread = math.sqrt(
            1 + self.common_documents**2 + self.common_seeds**2 + self.documents**2 + self.seeds**2
        )
        first, second = (NormalDist().cdf(mean / spread) for mean in self.means)
        return first - second

    def draw(
        self, n_seeds: int, n_documents: int, rng: np.random.Generator
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Draw the correctness of both strategies.

        Parameters
        ----------
        n_seeds, n_documents : int
            Shape.
        rng : numpy.random.Generator
            Source of the draws.

        Returns
        -------
        tuple of (n_seeds, n_documents) float64
            1 for right, 0 for wrong.
        """
        documents = self.common_documents * rng.standard_normal((1, n_documents))
        seeds = self.common_seeds * rng.standard_normal((n_seeds, 1))
        scores = []
        for mean in self.means:
            latent = mean + documents + seeds + rng.standard_normal((n_seeds, n_documents))
            latent += self.documents * rng.standard_normal((1, n_documents))
            latent += self.seeds * rng.standard_normal((n_seeds, 1))
            scores.append((latent > 0).astype(np.float64))
        return scores[0], scores[1]
