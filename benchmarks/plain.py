"""What a competent user writes without d2vbench: each cell trained and evaluated by itself.

A fresh gensim model for every cell, ``infer_vector`` in a loop, scikit-learn's logistic regression
with C from five folds, each going on from the last C's weights. Run by
``end_to_end.py``; only the strategies that fit into such a script are in it.
"""

import random

import numpy as np

from d2vbench.bench.spec.cell import TrainedCell
from d2vbench.evaluation import scores
from d2vbench.evaluation.classifiers.folds import standardised, stratified_folds
from d2vbench.evaluation.classifiers.logistic import DENSE_C, MARGIN

NAMES = ("domain-only", "generic-only", "combined", "oversampled", "sequential")
SCHEDULES = ("linear", "restart", "follow-up")


def can_do(cell):
    return (
        isinstance(cell, TrainedCell)
        and cell.settings.vocabulary == "presented"
        and cell.strategy.name in NAMES
        and isinstance(cell.strategy.k, int)
        and cell.schedule.name in SCHEDULES
    )


def texts(selection):
    corpus = selection.corpus
    lexicon = corpus.lexicon
    return [
        [lexicon[t] for t in corpus.tokens[corpus.offsets[d] : corpus.offsets[d + 1]].tolist()]
        for d in selection.documents.tolist()
    ]


class Shuffled:
    """A corpus that comes in another order at each pass, as `train()` asks for it."""

    def __init__(self, documents, seed):
        self.documents = documents
        self.random = random.Random(seed)

    def __iter__(self):
        order = list(self.documents)
        self.random.shuffle(order)
        return iter(order)


def run(cell, generic, train, labels, test, truth, workers=1):
    from gensim.models.doc2vec import Doc2Vec, TaggedDocument

    g = [TaggedDocument(words, [i]) for i, words in enumerate(generic)]
    d = [TaggedDocument(words, [len(g) + i]) for i, words in enumerate(train)]
    strategy, schedule = cell.strategy, cell.schedule
    kind = {"dbow": {"dm": 0}, "dm-mean": {"dm": 1}}[cell.settings.model]
    model = Doc2Vec(
        vector_size=100, window=5, negative=5, sample=1e-4, min_count=5, workers=workers,
        seed=cell.seed, **kind,
    )  # fmt: skip
    k, e = strategy.k, cell.epochs
    counted = {"domain-only": d, "generic-only": g, "combined": g + d}
    model.build_vocab(counted.get(strategy.name, g + d * k))
    phases = {
        "domain-only": [(d, k * e)],
        "generic-only": [(g, e)],
        "combined": [(g + d, e)],
        "oversampled": [(g + d * k, e)],
        "sequential": [(g, e), (d, k * e)],
    }[strategy.name]
    words = [epochs * sum(len(x.words) for x in corpus) for corpus, epochs in phases]
    done = 0
    for i, (corpus, epochs) in enumerate(phases):
        start, end = cell.alpha, cell.min_alpha
        if schedule.name == "linear":
            fall = (cell.alpha - cell.min_alpha) / sum(words)
            start, end = cell.alpha - fall * done, cell.alpha - fall * (done + words[i])
        elif schedule.name == "follow-up" and i:
            start = schedule.value
        done += words[i]
        model.train(
            Shuffled(corpus, cell.seed), total_examples=len(corpus), epochs=epochs,
            start_alpha=start, end_alpha=max(end, cell.min_alpha),
        )  # fmt: skip
    rates = {"epochs": 20, "alpha": 0.025, "min_alpha": 0.0001}
    x, y = ([model.infer_vector(words, **rates) for words in part] for part in (train, test))
    results = []
    for budget in cell.budgets:
        chosen = np.arange(len(labels))
        if budget != "all":
            rng = np.random.default_rng(cell.seed)
            chosen = np.concatenate([
                rng.permutation(np.flatnonzero(labels == c))[: int(budget)]
                for c in np.unique(labels)
            ])  # fmt: skip
        predicted = classify(np.array(x)[chosen], labels[chosen], np.array(y), cell.seed)
        results.append(scores(truth, predicted)["accuracy"])
    return results


def classify(train, labels, test, seed):
    from sklearn.linear_model import LogisticRegression

    values = DENSE_C[MARGIN:-MARGIN]
    right = []
    for seen, unseen in stratified_folds(labels, seed):
        x, held_out = standardised(train[seen], train[unseen])
        model = LogisticRegression(max_iter=500, tol=1e-3, warm_start=True)
        right.append([
            model.set_params(C=c).fit(x, labels[seen]).score(held_out, labels[unseen])
            for c in values
        ])  # fmt: skip
    best = values[int(np.mean(right, axis=0).argmax())]
    x, held_out = standardised(train, test)
    return LogisticRegression(max_iter=500, tol=1e-3, C=best).fit(x, labels).predict(held_out)
