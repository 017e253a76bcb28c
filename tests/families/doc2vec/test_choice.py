"""Which engine trains, and that the two agree on whole plans."""

from __future__ import annotations

import numpy as np
import pytest
from learners import doc2vec, encode, plan_of

from d2vbench.corpora import Pair
from d2vbench.errors import UsageError, UserError
from d2vbench.families import train
from d2vbench.families.doc2vec import MODEL_TITLES, MODELS, choose_engine
from d2vbench.families.doc2vec.native import kernel as native
from d2vbench.report.document import titles

needs_extension = pytest.mark.skipif(not native.available(), reason="the extension is not built")


def refuse(text: str) -> None:
    pytest.fail(f"warned: {text}")


@needs_extension
def test_auto_is_native_where_it_was_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("D2VBENCH_ENGINE", raising=False)
    assert choose_engine(None, refuse) == "native"
    assert choose_engine("gensim", refuse) == "gensim"
    monkeypatch.setenv("D2VBENCH_ENGINE", "gensim")
    assert choose_engine(None, refuse) == "gensim"
    assert choose_engine("native", refuse) == "native"


def test_a_missing_extension_is_said_aloud(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("D2VBENCH_ENGINE", raising=False)
    monkeypatch.setattr(native, "_kernel", None)
    said: list[str] = []
    assert choose_engine("auto", said.append) == "gensim"
    assert said == [
        "WARNING: the native engine was not built (no C compiler at installation?): training "
        "with gensim's own core, several times slower. Records of the two engines are kept apart."
    ]
    with pytest.raises(UserError) as caught:
        choose_engine("native", refuse)
    assert str(caught.value) == (
        "the native engine was not built; install again with a C compiler present, "
        "or take the engine gensim"
    )


def test_an_unknown_engine_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("D2VBENCH_ENGINE", "nativ")
    with pytest.raises(UsageError) as caught:
        choose_engine(None, refuse)
    assert str(caught.value) == (
        "unknown engine 'nativ': did you mean 'native'? (valid: auto, gensim, native)"
    )


@needs_extension
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    ("strategy", "schedule"), [("sequential(2)", "restart"), ("oversampled(2)", "linear")]
)
def test_both_engines_carry_out_a_plan_alike(
    small_pair: Pair, model: str, strategy: str, schedule: str
) -> None:
    """Training and inference, several epochs and phases: equal up to accumulated rounding."""
    found = []
    for engine in ("gensim", "native"):
        learner = doc2vec(small_pair, model, seed=3, vector_size=20, window=3, engine=engine)
        train(learner, plan_of(small_pair, strategy, schedule), 3)
        vectors = encode(learner, small_pair.test, seed=3)
        found.append((learner.model.dv.vectors, learner.model.syn1neg, vectors))
    for reference, ours in zip(*found, strict=True):
        np.testing.assert_allclose(ours, reference, rtol=0, atol=1e-4)
        size = np.linalg.norm(reference, axis=1)
        assert np.isfinite(ours).all()
        cosine = (reference * ours).sum(axis=1)[size > 0] / (size * np.linalg.norm(ours, axis=1))[
            size > 0
        ]
        assert cosine.min() > 0.999


def test_the_titles_of_the_report_are_those_of_the_engines() -> None:
    assert {k: v for k, v in titles.MODEL_TITLES.items() if k != "baseline"} == MODEL_TITLES
