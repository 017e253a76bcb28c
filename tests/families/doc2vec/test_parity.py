"""The parity check that users run on their own machines."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from native_support import docstrings

from d2vbench.errors import UserError
from d2vbench.families.doc2vec import parity
from d2vbench.families.doc2vec.native import kernel as native

pytestmark = pytest.mark.skipif(not native.available(), reason="the extension is not built")
SMALL = {"vector_size": 24, "min_count": 2}


def test_all_models_pass():
    rows = parity.check_parity(docstrings(most=200), **SMALL)
    assert [row.model for row in rows] == list(parity.MODELS)
    for row in rows:
        assert row.passed and row.same_stream and row.same_counts
        assert row.document_cosine >= 0.9999 and row.document_difference < 1e-3
        assert row.speed_ratio == pytest.approx(row.gensim_seconds / row.native_seconds)


def test_a_wrong_engine_fails(monkeypatch):
    """The check would see an engine that is slightly off: here, by its learning rate."""
    real = native.train_epoch

    def off(*args, start_alpha, **kwargs):
        return real(*args, start_alpha=start_alpha * 1.5, **kwargs)

    monkeypatch.setattr(native, "train_epoch", off)
    (row,) = parity.check_parity(docstrings(most=200), models=["dbow"], alpha=0.2, **SMALL)
    assert not row.passed and row.same_stream


def test_diverged_vectors_fail():
    a = np.ones((2, 3), np.float32)
    b = a.copy()
    b[0, 0] = np.nan
    assert parity._difference(a, b) == (-1.0, float("inf"))


@pytest.mark.parametrize(
    "settings, expected",
    [
        (
            {"models": ["dbow", "skipgram"]},
            "models: expected some of dbow, dbow-words, dm-mean, dm-sum, dm-concat, got 'skipgram'",
        ),
        (
            {"min_count": 10**6},
            "documents: expected words that occur 1000000 times or more (min_count), got none",
        ),
    ],
)
def test_refusals(settings, expected):
    with pytest.raises(UserError) as caught:
        parity.check_parity(docstrings(most=20), **settings)
    assert str(caught.value) == expected
