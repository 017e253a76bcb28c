"""A pair in numbers: against values worked out by hand, and by SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon

from d2vbench.corpora import Pair
from d2vbench.corpora.pairs.describe import describe_pair, nearness


def words_of(selection) -> list[str]:
    tokens, _ = selection.gather()
    return [selection.corpus.lexicon[t] for t in tokens.tolist()]


def test_a_description_counts_what_is_there(small_pair: Pair) -> None:
    description = describe_pair(small_pair, min_count=5)
    generic, train = words_of(small_pair.generic), words_of(small_pair.train)
    side = description.sides["generic"]
    assert (side.documents, side.words) == (len(small_pair.generic), len(generic))
    assert side.distinct_words == len(set(generic))
    assert (side.empty, side.cut) == (0, 0)
    assert side.quantiles()[2] == int(
        np.median(small_pair.generic.corpus.lengths()[small_pair.generic.documents])
    )
    counts = {w: generic.count(w) for w in set(generic + train)}
    known = {w for w, n in counts.items() if n >= 5}
    assert description.generic_vocabulary == len(known)
    assert description.vocabulary == sum(n + train.count(w) >= 5 for w, n in counts.items())
    unknown = sum(w not in known for w in train)
    assert description.out_of_vocabulary == pytest.approx(unknown / len(train))
    assert sum(c[1] for c in description.classes) == len(small_pair.train)
    assert sum(c[2] for c in description.classes) == len(small_pair.test)
    assert description.sides["generic_test"].documents == 0
    assert description.sides["generic_test"].quantiles() == (0, 0, 0, 0, 0)


def test_the_divergence_is_scipys(small_pair: Pair) -> None:
    description = describe_pair(small_pair)
    generic, train = words_of(small_pair.generic), words_of(small_pair.train)
    words = sorted({*generic, *train})
    p, q = ([side.count(w) for w in words] for side in (generic, train))
    assert description.divergence == pytest.approx(jensenshannon(p, q, base=2) ** 2)
    assert 0 < description.divergence < 1
    assert nearness(small_pair) == {
        "divergence": description.divergence,
        "out_of_vocabulary": description.out_of_vocabulary,
    }


def test_typical_words_lead_from_their_own_side(small_pair: Pair) -> None:
    typical = describe_pair(small_pair, typical=4).typical
    assert len(typical) == 8
    assert all(t.domain_share > t.generic_share for t in typical[:4])
    assert all(t.domain_share < t.generic_share for t in typical[4:])
    parts = [t.divergence for t in typical[:4]]
    assert parts == sorted(parts, reverse=True)
