"""Which corpora the pairs of a run are made of: pairs that share one are not independent."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from d2vbench.analysis.contrasts.frame import RunData
from d2vbench.analysis.statistics.bootstrap import Resampled
from d2vbench.analysis.statistics.crossed import OverPairs, over_pairs
from d2vbench.corpora import load_cards
from d2vbench.errors import UserError

#: How names of a person's own corpora begin: the generic one, and the domain.
OWN = ("own-generic-", "own-domain-")


@dataclass(frozen=True)
class PairCorpora:
    """The two corpora of a pair.

    Attributes
    ----------
    generic : str
        Name of the corpus that the generic documents are of. Parts of one corpus count as one.
    domain : str
        Name of the corpus of the domain documents, and its classes: other classes of one corpus
        are another domain.
    known : bool
        False where the run does not say; the pair then counts as having corpora of its own.
    """

    generic: str
    domain: str
    known: bool = True


class PairDifference(NamedTuple):
    """What two variants differ by on one pair.

    Attributes
    ----------
    value : float
        Accuracy of the first less that of the second, the mean over seeds.
    variance : float
        Of the value, by seeds and test documents; NaN where it is not known.
    by_seeds : float
        The part of the variance that seeds make; NaN where it is not known, as with one seed.
    """

    value: float
    variance: float
    by_seeds: float = math.nan

    @classmethod
    def of(cls, scores: Resampled) -> PairDifference:
        """Return it from the differences of each seed and test document."""
        return cls(float(scores.scores.mean()), scores.variance, scores.variance_by_seeds)


def pair_corpora(data: RunData) -> dict[str, PairCorpora]:
    """Return the corpora of each pair of a run.

    Parameters
    ----------
    data : RunData
        The run. Manifests of older versions name both corpora without saying which is which: the
        pair's card says it, or the names of a person's own corpora do.

    Returns
    -------
    dict of str to PairCorpora
        By pair.
    """
    described: Mapping[str, Any] = data.manifest.get("pairs", {})
    cards: dict[str, tuple[str, str]] | None = None
    found = {}
    for name in dict.fromkeys(map(str, data.cells["pair"])):
        pair = described.get(name, {})
        sides = _named(pair)
        if not sides and len(pair.get("sources", ())) == 2:
            cards = _of_cards() if cards is None else cards
            sides = cards.get(name, ("", ""))
            sides = sides if set(sides) == set(pair["sources"]) else None
        if sides:
            classes = ", ".join(pair.get("classes", ()))
            found[name] = PairCorpora(sides[0], f"{sides[1]}: {classes}")
        else:
            found[name] = PairCorpora(name, name, known=False)
    return found


def over_corpora(differences: Mapping[str, PairDifference], data: RunData) -> OverPairs:
    """Return what the pairs of a run say of new corpora; see `over_pairs`.

    Parameters
    ----------
    differences : mapping of str to PairDifference
        By pair.
    data : RunData
        The run.

    Returns
    -------
    OverPairs
        Over the corpora that `pair_corpora` finds.
    """
    corpora = pair_corpora(data)
    sides = [corpora[pair] for pair in differences]
    values, variances, by_seeds = zip(*differences.values(), strict=True)
    return over_pairs(
        values,
        variances,
        [side.generic for side in sides],
        [side.domain for side in sides],
        by_seeds=by_seeds,
    )


def corpora_text(pairs: Iterable[str], corpora: Mapping[str, PairCorpora]) -> str:
    """Return in sentences which corpora several pairs share, and of which it is not known."""
    names = list(pairs)
    text = []
    for side in ("generic", "domain"):
        counts = Counter(getattr(corpora[pair], side) for pair in names)
        shared = [f"{name.split(':')[0]} ({n})" for name, n in counts.items() if n > 1]
        if shared:
            text.append(f"{side} corpora of several pairs: {', '.join(shared)}")
    unknown = [pair for pair in names if not corpora[pair].known]
    sentence = f"Shared: {'; '.join(text)}." if text else ""
    if unknown:
        sentence += (
            f" The run does not say which corpora {', '.join(unknown)} are made of: each counts as "
            "having its own."
        )
    return sentence.strip()


def _named(pair: Mapping[str, Any]) -> tuple[str, str] | None:
    if pair.get("generic") and pair.get("domain"):
        return pair["generic"], pair["domain"]
    sources = list(pair.get("sources", ()))
    if len(sources) == 1:
        return sources[0], sources[0]
    for i, mark in enumerate(OWN):
        own = [name for name in sources if name.startswith(mark)]
        if len(sources) == 2 and len(own) == 1:
            other = sources[1 - sources.index(own[0])]
            return (own[0], other) if i == 0 else (other, own[0])
    return None


def _of_cards() -> dict[str, tuple[str, str]]:
    try:
        pairs = load_cards().pairs
    except UserError:
        # Cards of other people may be wrong; a report can do without any.
        return {}
    return {name: (card.generic.corpus, card.domain.corpus) for name, card in pairs.items()}
