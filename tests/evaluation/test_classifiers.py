"""The three classifiers: against other implementations, and by their laws."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.model_selection import StratifiedKFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler

from d2vbench.evaluation import CLASSIFIERS
from d2vbench.evaluation.classifiers.centroid import centroid
from d2vbench.evaluation.classifiers.knn import K, knn
from d2vbench.evaluation.diagnostics.neighbours import SCALE, nearest

Task = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def task(n: int, seed: int, noise: float = 1.0, classes: int = 3, dim: int = 8) -> Task:
    """Return training vectors, their classes, test vectors, their classes."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(classes, dim))
    labels = rng.permutation(np.arange(2 * n) % classes).astype(np.int32)
    x = (centres[labels] + noise * rng.normal(size=(2 * n, dim))) * rng.uniform(0.1, 9, dim) + 5
    x = x.astype(np.float32)
    return x[:n], labels[:n], x[n:], labels[n:]


def scaled(train: np.ndarray, test: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    scaler = StandardScaler().fit(train)
    return scaler.transform(train), scaler.transform(test)


def slow_vote(train: np.ndarray, labels: np.ndarray, test: np.ndarray, k: int) -> list[int]:
    """Vote one document at a time."""
    said = []
    for cosines in 1 - cdist(*reversed(scaled(train, test)), "cosine"):
        rows = sorted(range(len(train)), key=lambda i: (-round(cosines[i], 9), i))[:k]
        votes = Counter(labels[rows].tolist())
        sums: dict[int, float] = defaultdict(float)
        for i in rows:
            sums[int(labels[i])] += round(cosines[i], 9)
        said.append(min(votes, key=lambda c: (-votes[c], -round(sums[c], 8), c)))
    return said


@pytest.mark.parametrize("seed", range(4))
def test_k_is_the_best_of_a_slow_cross_validation(seed: int) -> None:
    train, labels, test, _ = task(70, seed, noise=2.0)
    outcome = knn(train, labels, test, seed=seed)
    folds = list(StratifiedKFold(5, shuffle=True, random_state=seed).split(train, labels))
    accuracies = {
        k: np.mean(
            [np.mean(slow_vote(train[a], labels[a], train[b], k) == labels[b]) for a, b in folds]
        )
        for k in K
    }
    best = max(accuracies, key=lambda k: (round(accuracies[k], 12), -k))
    assert outcome.details["k"] == best
    assert outcome.details["cv_accuracy"] == pytest.approx(accuracies[best])
    assert outcome.predicted.tolist() == slow_vote(train, labels, test, best)


def test_the_slow_votes_differ_from_k_to_k() -> None:
    # Otherwise the test above would say nothing about the choice.
    train, labels, test, _ = task(70, 0, noise=2.0)
    assert len({tuple(slow_vote(train, labels, test, k)) for k in K}) == len(K)


def test_neighbours_are_those_of_scikit_learn() -> None:
    train, labels, test, _ = task(300, 5)
    distances, rows = (
        KNeighborsClassifier(20, metric="cosine", algorithm="brute")
        .fit(train, labels)
        .kneighbors(test)
    )
    found, similarity = nearest(test, train, 20)
    assert np.array_equal(found, rows)
    assert similarity / SCALE == pytest.approx(1 - distances, abs=1e-6)


def test_a_majority_of_one_neighbour_is_scikit_learns() -> None:
    train, labels, test, _ = task(60, 1, noise=3.0)
    one = KNeighborsClassifier(1, metric="cosine").fit(scaled(train, test)[0], labels)
    assert slow_vote(train, labels, test, 1) == one.predict(scaled(train, test)[1]).tolist()


def test_equally_near_rows_come_in_their_order() -> None:
    rows = np.array([[0, 1], [1, 0], [2, 0], [0, 0], [3, 0]], dtype=np.float32)
    found, similarity = nearest(rows[1:2], rows, 5)
    # A zero row is as near as one at a right angle.
    assert found.tolist() == [[1, 2, 4, 0, 3]]
    assert (similarity[0] / SCALE).tolist() == [1, 1, 1, 0, 0]
    found, _ = nearest(rows[1:3], rows, 2, without=np.array([1, 2]))
    assert found.tolist() == [[2, 4], [1, 4]]
    with pytest.raises(ValueError, match="k must lie between 1 and the number of candidates"):
        nearest(rows, rows, 5, without=np.arange(5))


def test_a_block_more_or_less_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    train, _, test, _ = task(40, 2)
    whole = nearest(test, train, 7)
    monkeypatch.setattr("d2vbench.evaluation.diagnostics.neighbours._BLOCK", 130)
    in_blocks = nearest(test, train, 7)
    assert all(np.array_equal(a, b) for a, b in zip(whole, in_blocks, strict=True))


def test_a_tie_goes_to_the_nearer_voters() -> None:
    # Two of each class vote; those of class 1 are nearer in sum, and class 0 has the nearest one.
    angles = np.radians([0, 60, 10, 12, 180, 180])
    train = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    labels = np.array([0, 0, 1, 1, 0, 1], dtype=np.int32)
    from d2vbench.evaluation.classifiers import knn as module

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "standardised", lambda a, b: (a, b))
        voted = module._voted(train, labels, np.array([[1.0, 0.0]]), [1, 3, 4])
    assert voted[:, 0].tolist() == [0, 1, 1]


@pytest.mark.parametrize("seed", range(4))
def test_centroids_are_mean_directions(seed: int) -> None:
    train, labels, test, _ = task(60, seed, noise=2.0, classes=5)
    x, y = scaled(train, test)
    x = x / np.linalg.norm(x, axis=1, keepdims=True)
    centres = np.stack([x[labels == label].mean(axis=0) for label in range(5)])
    expected = cdist(y, centres, "cosine").argmin(axis=1)
    assert centroid(train, labels, test, seed=0).predicted.tolist() == expected.tolist()


@pytest.mark.parametrize("name", CLASSIFIERS)
class TestEvery:
    def test_an_easy_task_is_solved_whatever_the_scale(self, name: str) -> None:
        train, labels, test, truth = task(120, 3, noise=0.3)
        outcome = CLASSIFIERS[name].predict(train, labels, test, seed=0)
        assert (outcome.predicted == truth).mean() > 0.97
        assert outcome.predicted.dtype == np.int32

    def test_the_result_depends_on_its_arguments_alone(self, name: str) -> None:
        train, labels, test, _ = task(60, 4, noise=2.0)
        first = CLASSIFIERS[name].predict(train, labels, test, seed=1)
        np.random.seed(3)  # noqa: NPY002
        second = CLASSIFIERS[name].predict(train, labels, test, seed=1)
        assert first.details == second.details
        assert np.array_equal(first.predicted, second.predicted)

    def test_test_documents_do_not_influence_each_other(self, name: str) -> None:
        train, labels, test, _ = task(60, 4, noise=2.0)
        whole = CLASSIFIERS[name].predict(train, labels, test, seed=1)
        for i in range(0, 60, 17):
            alone = CLASSIFIERS[name].predict(train, labels, test[i : i + 1], seed=1)
            assert alone.predicted.tolist() == whole.predicted[i : i + 1].tolist()

    def test_classes_may_have_gaps_and_single_documents(self, name: str) -> None:
        train, labels, test, _ = task(60, 6, noise=0.3)
        labels = labels * 2 + 1
        keep = [*np.flatnonzero(labels != 5).tolist(), int(np.flatnonzero(labels == 5)[0])]
        outcome = CLASSIFIERS[name].predict(train[keep], labels[keep], test, seed=0)
        assert set(outcome.predicted.tolist()) in ({1, 3}, {1, 3, 5})
        assert outcome.details.get("cv_accuracy", 1) > 0.9

    def test_one_document_a_class_is_enough(self, name: str) -> None:
        train, labels, test, truth = task(60, 3, noise=0.1)
        first = [int(np.flatnonzero(labels == label)[0]) for label in range(3)]
        outcome = CLASSIFIERS[name].predict(train[first], labels[first], test, seed=0)
        assert (outcome.predicted == truth).mean() > 0.9
        assert outcome.details.get("cv_accuracy") is None
        assert outcome.details.get("k", 1) == 1

    def test_a_constant_dimension_and_a_zero_vector_do_no_harm(self, name: str) -> None:
        train, labels, test, _ = task(60, 7)
        train[:, 0] = test[:, 0] = 1
        test[0] = 0
        assert (CLASSIFIERS[name].predict(train, labels, test, seed=0).predicted >= 0).all()


def test_k_stays_within_the_training_documents_of_a_fold() -> None:
    train, labels, test, _ = task(9, 8, noise=0.1)
    outcome = knn(train, labels, test, seed=0)
    # Three folds of three: six are seen in each.
    assert outcome.details["k"] in (1, 3, 5)
