"""What is computed here in place of scikit-learn, whose import takes a second: the same numbers.

To the last digit, with the scikit-learn that is installed: a difference here is one between two of
its versions, or a slip of ours, and records of the two do not compare.
"""

import warnings

import numpy as np
import pytest

from d2vbench.evaluation.classifiers.folds import FOLDS, standardised, stratified_folds
from d2vbench.evaluation.classifiers.outcome import rare_scores, scores


def drawn(seed, documents=400, classes=9):
    random = np.random.default_rng(seed)
    likely = random.dirichlet(np.full(classes, 0.7))
    return random, random.choice(classes, documents, p=likely).astype(np.int32)


@pytest.mark.parametrize("seed", range(12))
def test_folds_are_those_of_stratified_k_fold(seed):
    from sklearn.model_selection import StratifiedKFold

    _, labels = drawn(seed, int(np.random.default_rng(seed).integers(20, 400)))
    several = np.flatnonzero(np.bincount(labels)[labels] > 1)
    folds = min(FOLDS, np.bincount(labels).max())
    splitter = StratifiedKFold(folds, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        expected = [several[rows] for _, rows in splitter.split(several, labels[several])]
    found = [unseen for _, unseen in stratified_folds(labels, seed)]
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        assert np.array_equal(one, other)


def test_folds_of_small_classes_are_those_of_stratified_k_fold():
    from sklearn.model_selection import StratifiedKFold

    labels = np.array([2, 0, 0, 1, 2, 0, 3, 1], dtype=np.int32)
    several = np.array([0, 1, 2, 3, 4, 5, 7])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        splitter = StratifiedKFold(3, shuffle=True, random_state=5)
        expected = [several[rows] for _, rows in splitter.split(several, labels[several])]
    for (_, found), one in zip(stratified_folds(labels, 5), expected, strict=True):
        assert np.array_equal(found, one)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
@pytest.mark.parametrize("seed", range(6))
def test_vectors_are_those_of_standard_scaler(seed, dtype):
    import sklearn
    from sklearn.preprocessing import StandardScaler

    if dtype == np.float32 and tuple(map(int, sklearn.__version__.split(".")[:2])) < (1, 8):
        pytest.skip("scikit-learn before 1.8 moves float32 by a mean in float64")
    random = np.random.default_rng(seed)
    spread, centre = 10.0 ** random.integers(-6, 4, 30), 10.0 ** random.integers(-3, 5, 30)
    train = (random.normal(size=(257, 30)) * spread + centre).astype(dtype)
    train[:, 3] = 0.1  # constant, and not a sum of powers of two
    train[:, 4] = 0.0
    test = (random.normal(size=(100, 30)) * spread + centre).astype(dtype)
    scaler = StandardScaler().fit(train)
    for found, expected in zip(
        standardised(train, test), (scaler.transform(train), scaler.transform(test)), strict=True
    ):
        assert found.dtype == expected.dtype
        assert np.array_equal(found, expected)


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_a_number_that_is_not_finite_is_an_error(wrong):
    vectors = np.ones((3, 2), np.float32)
    bad = vectors.copy()
    bad[1, 1] = wrong
    for train, test in ((vectors, bad), (bad, vectors)):
        with pytest.raises(ValueError, match="not finite"):
            standardised(train, test)


@pytest.mark.parametrize("seed", range(8))
def test_scores_are_those_of_scikit_learn(seed):
    from sklearn.metrics import accuracy_score, f1_score, recall_score

    random, truth = drawn(seed)
    predicted = np.where(random.random(len(truth)) < 0.6, truth, random.permutation(truth))
    predicted[:5] = 11  # a class that no test document has
    how = {"average": "macro", "zero_division": 0}
    assert scores(truth, predicted) == {
        "accuracy": accuracy_score(truth, predicted),
        "macro_f1": f1_score(truth, predicted, labels=np.unique(truth), **how),
    }
    rare = np.array([0, 4, 7, 12], dtype=np.int32)
    there = np.intersect1d(rare, truth)
    assert rare_scores(truth, predicted, rare) == {
        "rare_recall": recall_score(truth, predicted, labels=there, **how),
        "rare_f1": f1_score(truth, predicted, labels=there, **how),
    }


def test_scores_of_several_labels_are_those_of_the_label_that_is_met():
    from sklearn.metrics import f1_score, recall_score

    rows = np.array([[0, 1], [2, -1], [1, 2], [0, -1], [3, 0]], dtype=np.int32)
    predicted = np.array([1, 2, 0, 0, 0], dtype=np.int32)
    counted = np.array([1, 2, 1, 0, 0])  # of the third none is met: its first
    how = {"average": "macro", "zero_division": 0}
    assert scores(rows, predicted) == {
        "accuracy": 0.8,
        "macro_f1": f1_score(counted, predicted, labels=[0, 1, 2, 3], **how),
    }
    rare = np.array([1, 3], dtype=np.int32)
    assert rare_scores(rows, predicted, rare) == {
        "rare_recall": recall_score(counted, predicted, labels=rare, **how),
        "rare_f1": f1_score(counted, predicted, labels=rare, **how),
    }
