"""Why pairs differ: a difference regressed on properties of pairs that share corpora."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from d2vbench.analysis.statistics.bootstrap import LEVEL, Interval
from d2vbench.analysis.statistics.crossed import over_pairs
from d2vbench.analysis.statistics.reml import Effects, Floats, Reml, checked

#: Fewer pairs than so many for each coefficient, the constant one included, are not regressed.
LEAST_PAIRS = 2.0


@dataclass(frozen=True)
class Coefficient:
    """What a property goes along with, the others held as they are.

    Attributes
    ----------
    name : str
        Of the property.
    interval : Interval
        The change of the difference for one standard deviation of the property, 95 %, with its
        two-sided p-value.
    freedom : float
        Degrees of freedom of the interval.
    mean, deviation : float
        Of the property over the pairs.
    """

    name: str
    interval: Interval
    freedom: float
    mean: float
    deviation: float


@dataclass(frozen=True)
class MetaRegression:
    """A difference as a sum of properties, and what is left of it.

    Attributes
    ----------
    coefficients : tuple of Coefficient
        In the order of the properties.
    explained : float
        Share of the variance between pairs that the properties explain; 0 or more, NaN where there
        is none (Raudenbush 2009, "Analyzing effect sizes: random-effects models").
    deviation : float
        Standard deviation of the true difference on new pairs that the properties leave.
    left_out : (n_pairs,) float64
        Each pair as predicted from those that share no corpus with it; NaN where these are too few.
    """

    coefficients: tuple[Coefficient, ...]
    explained: float
    deviation: float
    left_out: Floats
    _fit: Reml = field(repr=False, compare=False)
    _effects: Effects = field(repr=False, compare=False)
    _scale: float = field(repr=False, compare=False)

    def predict(
        self, properties: Mapping[str, float], generic: Hashable = None, domain: Hashable = None
    ) -> Interval:
        """Predict the true difference on one more pair.

        Parameters
        ----------
        properties : mapping of str to float
            Its value of each property.
        generic, domain : hashable
            Its corpora: what pairs that have one of them differ by beside the properties counts.

        Returns
        -------
        Interval
            The prediction with its 95 % interval; ``p`` is that of a difference of zero.
        """
        from scipy.special import stdtr, stdtrit

        row = np.array(
            [1.0, *((properties[c.name] - c.mean) / c.deviation for c in self.coefficients)]
        )
        shared = self._effects.with_new(generic, domain)
        value, spread, freedom = self._fit.predicted(row, shared)
        half = float(stdtrit(freedom, (1 + LEVEL) / 2)) * spread
        p = float(2 * stdtr(freedom, -abs(value) / spread)) if spread > 0 else float(value == 0)
        low, high = ((value + side * half) * self._scale for side in (-1, 1))
        return Interval(float(value * self._scale), float(low), float(high), p)


def meta_regression(
    estimates: npt.ArrayLike,
    variances: npt.ArrayLike,
    generic: Sequence[Hashable],
    domain: Sequence[Hashable],
    properties: Mapping[str, npt.ArrayLike],
) -> MetaRegression:
    """Regress a difference on properties of the pairs, all entered at once.

    Parameters
    ----------
    estimates, variances : (n_pairs,) array_like
        The difference on each pair and its sampling variance; see `over_pairs`.
    generic, domain : sequence of hashable
        The corpora of each pair.
    properties : mapping of str to (n_pairs,) array_like
        By name, one or more.

    Returns
    -------
    MetaRegression
        Of the model ``y = b0 + sum of b x + G + D + GD + e``, which is that of `over_pairs` with
        properties x, each scaled to a mean of zero and a variance of one.

    Raises
    ------
    ValueError
        As `over_pairs`; or where a property does not vary, is a sum of others, or there are fewer
        than `LEAST_PAIRS` pairs for each coefficient.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.arange(12.0)
    >>> found = meta_regression(2 * x, [0.01] * 12, "aabbccddeeff", "xyxyxyxyxyxy", {"x": x})
    >>> round(float(found.coefficients[0].interval.estimate / x.std()), 3)
    2.0
    """
    y, v = checked(estimates, variances, generic, domain)
    columns = {name: np.asarray(x, dtype=np.float64) for name, x in properties.items()}
    design = _design(columns, len(y))
    scale = float(np.sqrt(y.var() + v.mean()))
    if scale < 1e-12:
        raise ValueError("all pairs have the same difference: there is nothing to explain")
    effects = Effects(generic, domain)
    fit = Reml(y / scale, v / scale**2, effects.kernels, design)
    before = over_pairs(y, v, generic, domain).deviations.values()
    between = sum(d**2 for d in before if not math.isnan(d))
    left = float(fit.variances.sum()) * scale**2
    return MetaRegression(
        tuple(_coefficients(fit, columns, scale)),
        max(0.0, 1 - left / between) if between > 0 else math.nan,
        math.sqrt(left),
        _left_out(y, v, generic, domain, columns),
        fit,
        effects,
        scale,
    )


def _design(columns: Mapping[str, Floats], pairs: int) -> Floats:
    if pairs < LEAST_PAIRS * (len(columns) + 1):
        raise ValueError(
            f"{len(columns)} properties take {math.ceil(LEAST_PAIRS * (len(columns) + 1))} pairs, "
            f"got {pairs}"
        )
    for name, x in columns.items():
        if x.shape != (pairs,) or not np.isfinite(x).all():
            raise ValueError(f"property {name}: expected a number for each of {pairs} pairs")
        if not x.std() > 1e-12 * max(1.0, float(np.abs(x).max())):
            raise ValueError(f"property {name} is the same on all pairs")
    scaled = [(x - x.mean()) / x.std() for x in columns.values()]
    design = np.column_stack([np.ones(pairs), *scaled])
    if np.linalg.matrix_rank(design, tol=1e-8 * pairs) < design.shape[1]:
        raise ValueError(f"properties {', '.join(columns)}: one is a sum of the others")
    return design


def _coefficients(fit: Reml, columns: Mapping[str, Floats], scale: float) -> Any:
    from scipy.special import stdtr, stdtrit

    none = np.zeros(len(fit.variances))
    for i, (name, x) in enumerate(columns.items(), start=1):
        which = np.zeros(len(fit.coefficients))
        which[i] = 1
        error, freedom = fit.spread(which, none)
        value = float(fit.coefficients[i])
        half = float(stdtrit(freedom, (1 + LEVEL) / 2)) * error
        p = float(2 * stdtr(freedom, -abs(value) / error))
        found = Interval(value * scale, (value - half) * scale, (value + half) * scale, p)
        yield Coefficient(name, found, freedom, float(x.mean()), float(x.std()))


def _left_out(
    y: Floats,
    v: Floats,
    generic: Sequence[Hashable],
    domain: Sequence[Hashable],
    columns: Mapping[str, Floats],
) -> Floats:
    """Predict each pair from those with which it shares no corpus."""
    said = np.full(len(y), math.nan)
    for i in range(len(y)):
        rest = [j for j in range(len(y)) if generic[j] != generic[i] and domain[j] != domain[i]]
        some = {name: x[rest] for name, x in columns.items()}
        try:
            design = _design(some, len(rest))
        except ValueError:
            continue
        scale = float(np.sqrt(y[rest].var() + v[rest].mean())) or 1.0
        kernels = Effects([generic[j] for j in rest], [domain[j] for j in rest]).kernels
        fit = Reml(y[rest] / scale, v[rest] / scale**2, kernels, design)
        row = [(columns[name][i] - x.mean()) / x.std() for name, x in some.items()]
        said[i] = float(fit.coefficients @ [1.0, *row]) * scale
    return said
