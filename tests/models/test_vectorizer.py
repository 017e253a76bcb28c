"""Doc2VecVectorizer: scikit-learn's own checks, and what they cannot know."""

from __future__ import annotations

import pickle
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from gensim.utils import simple_preprocess
from models_support import ENGINES, texts, trained
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.utils.validation import check_is_fitted

from d2vbench import Doc2VecVectorizer
from d2vbench.corpora.store.memory import numbered

SMALL: dict[str, Any] = {
    "vector_size": 8, "window": 2, "sample": 0.01, "min_count": 2, "epochs": 3,
    "infer_epochs": 5, "infer_alpha": 0.03, "infer_min_alpha": 0.0002,
}  # fmt: skip
GENERIC, DOMAIN, LABELS = texts()


def small(**changes: object) -> Doc2VecVectorizer:
    return Doc2VecVectorizer(**(SMALL | changes))


class NumbersAsTexts(Doc2VecVectorizer):
    """Takes a matrix, and turns each row into a text: so scikit-learn's checks can feed it."""

    def fit(self, X: Any, y: Any = None, generic: Any = None) -> Any:
        from sklearn.utils.validation import validate_data

        return super().fit(_rows(validate_data(self, X)), y, generic)

    def transform(self, X: Any) -> Any:
        from sklearn.utils.validation import validate_data

        check_is_fitted(self)
        return super().transform(_rows(validate_data(self, X, reset=False)))

    def fit_transform(self, X: Any, y: Any = None, generic: Any = None) -> Any:
        return self.fit(X, y, generic).transform(X)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = True
        tags.input_tags.one_d_array = tags.input_tags.string = False
        tags.no_validation = False
        return tags


def _rows(matrix: Any) -> list[str]:
    return [
        " ".join("abcdefghij"[int(v * 3) % 10] + "xyzuvw"[j % 6] for j, v in enumerate(row))
        for row in np.asarray(matrix, dtype=float)
    ]


def test_scikit_learns_checks() -> None:
    """All of them, by way of numbers turned into texts; of texts they have none.

    Not done: array API, which needs SCIPY_ARRAY_API in the environment and says nothing of texts.
    """
    checks = pytest.importorskip("sklearn.utils.estimator_checks")
    if not hasattr(checks, "estimator_checks_generator"):
        pytest.skip("scikit-learn before 1.6 checks no estimator on such terms")
    tiny = NumbersAsTexts(vector_size=4, min_count=1, sample=0, epochs=1, infer_epochs=1)
    done = checks.check_estimator(tiny, on_fail=None, on_skip=None)
    other = {d["check_name"]: repr(d["exception"]) for d in done if d["status"] != "passed"}
    assert set(other) <= {"check_array_api_input"}
    assert len(done) > 40


def test_scikit_learns_checks_that_take_no_data() -> None:
    """On the class itself: those that its tags do not make scikit-learn leave out by hand."""
    checks = pytest.importorskip("sklearn.utils.estimator_checks")
    for name in (
        "check_estimator_cloneable", "check_estimator_tags_renamed", "check_valid_tag_types",
        "check_estimator_repr", "check_no_attributes_set_in_init", "check_mixin_order",
        "check_do_not_raise_errors_in_init_or_set_params", "check_get_params_invariance",
        "check_set_params", "check_parameters_default_constructible",
    ):  # fmt: skip
        if hasattr(checks, name):
            getattr(checks, name)("Doc2VecVectorizer", Doc2VecVectorizer())
    with warnings.catch_warnings():
        # That input is text, and not a matrix.
        warnings.simplefilter("ignore")
        checks.check_estimator(Doc2VecVectorizer())


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("strategy", ["oversampled(2)", "ensemble(2)", "domain-only"])
def test_vectors_are_those_of_train_and_infer(strategy: str, engine: str) -> None:
    vectorizer = small(strategy=strategy, engine=engine).fit(DOMAIN, generic=GENERIC)
    expected = trained(strategy, engine=engine).text_model.infer(numbered(DOMAIN), engine)
    assert np.array_equal(vectorizer.transform(DOMAIN), expected.vectors)
    assert np.array_equal(vectorizer.transform(DOMAIN[5:3:-1]), expected.vectors[5:3:-1])


def test_where_the_generic_texts_may_come_from(tmp_path: Path) -> None:
    (tmp_path / "g.txt").write_text("\n".join(GENERIC) + "\n")
    one = small().fit(DOMAIN, generic=GENERIC).transform(DOMAIN)
    for vectorizer in (
        small(generic=GENERIC).fit(DOMAIN),
        small(generic=tmp_path / "g.txt").fit(iter(DOMAIN)),
        small(generic=str(tmp_path / "g.txt")).fit(np.asarray(DOMAIN, dtype=object)),
        small(generic=["other"]).fit(pd.Series(DOMAIN), generic=GENERIC),
        small(strategy="combined", generic=np.asarray(GENERIC)).fit(np.asarray(DOMAIN)),
    ):
        assert vectorizer.recipe_.strategy == "combined"
        assert np.array_equal(vectorizer.transform(DOMAIN), one)
    assert not list(tmp_path.glob("*/"))


def test_without_generic_texts_the_domain_alone() -> None:
    vectorizer = small().fit(DOMAIN)
    assert vectorizer.recipe_.strategy == "domain-only"
    assert vectorizer.degenerate_ == [{"empty": 0, "all_out_of_vocabulary": 0, "cut": 0}]
    assert vectorizer.text_model_.models[0].corpus_count == len(DOMAIN)
    assert len(vectorizer.text_model_.models[0].dv) == 0
    assert np.array_equal(
        small(strategy="domain-only(1)").fit_transform(iter(DOMAIN)), vectorizer.transform(DOMAIN)
    )


@pytest.mark.parametrize("strategy", ["combined", "sequential(2)", "selected(0.5)", "ensemble"])
def test_a_strategy_that_needs_generic_texts_says_so(strategy: str) -> None:
    vectorizer = small(strategy=strategy)
    for generic in (None, [], ["", "12 34"]):
        with pytest.raises(ValueError) as caught:
            vectorizer.fit(DOMAIN, generic=generic)
        assert str(caught.value) == (
            f"strategy {strategy if '(' in strategy else strategy.replace('ble', 'ble(1)')} "
            "presents the generic corpus, and there are no generic texts with words in them: give "
            "some, or take domain-only"
        )


@pytest.mark.parametrize(
    ("changes", "X", "message"),
    [
        ({}, "one text", "X: expected a list of texts, got one string"),
        ({}, 5, "X: expected a list of texts, got int"),
        ({}, ["a", None], "X: expected texts, got NoneType at position 1: None"),
        ({}, [b"a"], "X: expected texts, got bytes at position 0: b'a'"),
        ({}, [], "X holds no document: Doc2Vec is trained on one or more"),
        ({}, pd.DataFrame({"t": DOMAIN}),
         "X: expected one-dimensional texts, got DataFrame of shape (30, 1): choose the column of "
         "the texts"),
        ({}, ["", "1 2"],
         "strategy domain-only(1) presents the domain corpus, and there are no domain texts with "
         "words in them"),
        ({"min_count": 10_000}, DOMAIN, "no word occurs min_count = 10000 times"),
        ({"epochs": 2.5}, DOMAIN, "epochs: expected a whole number"),
        ({"alpha": "high"}, DOMAIN, "alpha: expected a number, got 'high'"),
        ({"infer_epochs": 0}, DOMAIN, "epochs of inference must be a whole number"),
        ({"random_state": "x"}, DOMAIN,
         "random_state: expected a whole number, a RandomState, a Generator or None, got 'x'"),
        ({"generic": "no.txt"}, DOMAIN, "generic no.txt: no such file or folder"),
        ({"generic": [5]}, DOMAIN, "generic: expected texts, got int at position 0: 5"),
        ({"strategy": "frozen(2)"}, DOMAIN,
         "strategy frozen(2) cannot be told from generic-only in model dbow"),
        ({"min_length": 9, "max_length": 3}, DOMAIN,
         "tokeniser: expected 1 <= min_length <= max_length, got 9 and 3"),
    ],
)  # fmt: skip
def test_wrong_parameters_and_inputs(changes: dict, X: Any, message: str) -> None:
    for method in ("fit", "fit_transform"):
        with pytest.raises(ValueError) as caught:
            getattr(small(**changes), method)(X)
        assert message in str(caught.value)


def test_not_fitted() -> None:
    with pytest.raises(NotFittedError):
        small().transform(DOMAIN)
    with pytest.raises(NotFittedError):
        clone(small().fit(DOMAIN)).transform(DOMAIN)


def test_random_state_alone_decides() -> None:
    np.random.seed(3)  # noqa: NPY002
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    one = small(random_state=1).fit_transform(DOMAIN)
    assert np.array_equal(one, small(random_state=np.int64(1)).fit_transform(DOMAIN))
    assert not np.allclose(one, small(random_state=2).fit_transform(DOMAIN), atol=0.01)
    for make in (np.random.RandomState, np.random.default_rng):
        same = [small(random_state=make(5)).fit_transform(DOMAIN) for _ in range(2)]
        assert np.array_equal(*same)
    fresh = [small(random_state=None).fit_transform(DOMAIN) for _ in range(2)]
    assert not np.allclose(*fresh, atol=0.01)
    assert np.array_equal(np.random.get_state()[1], before)  # noqa: NPY002


def test_a_pickle_gives_the_same_vectors() -> None:
    vectorizer = small(strategy="ensemble(2)", generic=GENERIC).fit(DOMAIN)
    again = pickle.loads(pickle.dumps(vectorizer))
    assert np.array_equal(again.transform(DOMAIN), vectorizer.transform(DOMAIN))
    assert np.array_equal(again.fit(DOMAIN).transform(DOMAIN), vectorizer.transform(DOMAIN))


def test_a_grid_search_over_strategies() -> None:
    pipeline = make_pipeline(small(generic=GENERIC), LogisticRegression())
    grid = {
        "doc2vecvectorizer__strategy": ["domain-only", "sequential(2)"],
        "doc2vecvectorizer__epochs": np.asarray([2, 6]),
        "doc2vecvectorizer__generic": [GENERIC],
    }
    search = GridSearchCV(pipeline, grid, cv=2).fit(DOMAIN, LABELS)
    assert len(search.cv_results_["params"]) == 4
    assert search.score(DOMAIN, LABELS) > 0.7
    assert search.best_estimator_[0].text_model_.models[0].dm_concat == 0


def test_generic_texts_through_a_pipelines_fit() -> None:
    pipeline = make_pipeline(small(), LogisticRegression())
    pipeline.fit(DOMAIN, LABELS, doc2vecvectorizer__generic=GENERIC)
    assert pipeline[0].recipe_.strategy == "combined"


def test_generic_texts_by_metadata_routing() -> None:
    from sklearn import config_context

    with config_context(enable_metadata_routing=True):
        vectorizer = small().set_fit_request(generic=True)
        pipeline = make_pipeline(vectorizer, LogisticRegression())
        pipeline.fit(DOMAIN, LABELS, generic=GENERIC)
    assert pipeline[0].recipe_.strategy == "combined"


def test_output_as_a_table() -> None:
    vectorizer = small().set_output(transform="pandas")
    series = pd.Series(DOMAIN, index=range(100, 130))
    table = vectorizer.fit_transform(series)
    names = [f"doc2vecvectorizer{i}" for i in range(8)]
    assert list(table.columns) == names == vectorizer.get_feature_names_out().tolist()
    assert len(vectorizer.transform(DOMAIN[:3])) == 3
    assert (table.dtypes == np.float32).all()


def test_tokenizers() -> None:
    upper = [text.upper() for text in DOMAIN]
    lowered = small().fit(DOMAIN)
    assert np.array_equal(
        small().fit(upper).text_model_.models[0].syn1neg, lowered.text_model_.models[0].syn1neg
    )
    kept = small(lowercase=False, min_length=3, max_length=3).fit(upper)
    assert set(kept.text_model_.models[0].wv.index_to_key) <= {w for t in upper for w in t.split()}
    own = small(tokenizer="whitespace").fit(["a-b c"] * 3)
    assert sorted(own.text_model_.models[0].wv.index_to_key) == ["a-b", "c"]


def test_token_lists_and_functions_are_tokenizers() -> None:
    tokens = [text.split() for text in DOMAIN]
    generic = [text.split() for text in GENERIC]
    taken = small(tokenizer=None, generic=generic).fit(tokens)
    vectors = taken.transform(tokens)
    assert set(taken.text_model_.models[0].wv.index_to_key) <= {w for t in tokens for w in t} | {
        w for t in generic for w in t
    }
    applied = small(tokenizer=lambda text: text.split(), generic=GENERIC).fit(DOMAIN)
    assert np.array_equal(applied.transform(DOMAIN), vectors)
    # Words with spaces stay words.
    spaced = small(tokenizer=None, min_count=1).fit([["New York", "is"], ["far"]] * 3)
    assert set(spaced.text_model_.models[0].wv.index_to_key) == {"New York", "is", "far"}
    for function, name in (
        (str.split, "whitespace"), (simple_preprocess, "gensim.utils:simple_preprocess"),
    ):  # fmt: skip
        assert small(tokenizer=function).fit(DOMAIN).text_model_.tokeniser.function == name
    with pytest.raises(TypeError, match="expected it to return a list of str"):
        small(tokenizer=lambda text: 5).fit(DOMAIN)


def test_old_names_warn_and_work() -> None:
    with pytest.warns(FutureWarning, match="lower is now lowercase"):
        old = small(lower=False).fit(DOMAIN)
    assert np.array_equal(old.transform(DOMAIN), small(lowercase=False).fit_transform(DOMAIN))
    with pytest.warns(FutureWarning, match="tokeniser is now tokenizer"):
        old = small(tokeniser="whitespace").fit(DOMAIN)
    assert np.array_equal(
        old.transform(DOMAIN), small(tokenizer="whitespace").fit_transform(DOMAIN)
    )
    with pytest.warns(FutureWarning, match="tokeniser is now tokenizer"):
        assert small(tokeniser=None).fit(DOMAIN).text_model_.tokeniser.function == ""
    with pytest.warns(FutureWarning, match="odd_ is now degenerate_"):
        assert old.odd_ == old.degenerate_


def test_threads_and_lines(capsys: pytest.CaptureFixture[str]) -> None:
    vectors = small().fit_transform(DOMAIN)
    assert capsys.readouterr() == ("", "")
    for n_jobs in (2, -1):
        told = small(n_jobs=n_jobs, verbose=1).fit_transform(DOMAIN)
        assert np.array_equal(told, vectors)
        said = capsys.readouterr()
        assert said.out == ""
        assert "[Doc2VecVectorizer] training domain-only(1)" in said.err
        assert "[Doc2VecVectorizer] inferring 30 vectors" in said.err
    for n_jobs in (0, "all"):
        with pytest.raises(ValueError, match="n_jobs: expected a whole number"):
            small(n_jobs=n_jobs).fit(DOMAIN)


def test_a_large_generic_corpus_is_not_copied_or_shown() -> None:
    generic = [f"text number {i} of many" for i in range(100_000)]
    vectorizer = small(generic=generic).set_output(transform="pandas")
    assert clone(vectorizer).generic is generic
    assert clone(vectorizer).get_params() == vectorizer.get_params()
    assert "generic=<100,000 documents: list>" in repr(vectorizer)
    assert len(repr(vectorizer)) < 300
    assert vectorizer.generic is generic
    # What else a clone keeps.
    assert isinstance(clone(vectorizer).fit_transform(DOMAIN[:3] * 9), pd.DataFrame)


def test_importing_d2vbench_imports_no_scikit_learn() -> None:
    code = (
        "import sys, d2vbench; assert not {'sklearn', 'gensim', 'numpy'} & set(sys.modules); "
        "import importlib; "
        "\ntry: d2vbench.Nothing"
        "\nexcept AttributeError as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "No d2vbench attribute Nothing\n"
