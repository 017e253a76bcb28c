"""Contrasts of the published study by plain gensim and scikit-learn, without d2vbench.

Nothing of d2vbench is imported: corpora are read from their archives by a few lines of their own,
models are trained by ``Doc2Vec.train()``, vectors inferred by ``infer_vector`` in a loop, and
classified by ``LogisticRegressionCV``. Near-duplicates stay, splits without a standard are drawn by
scikit-learn, and shuffling is Python's. What agrees in spite of all that is no artefact of this
project's code.

    PYTHONHASHSEED=0 python benchmarks/independent.py --data FOLDER [--seeds 2] [--out FILE]

FOLDER holds the archives of 20 Newsgroups, Ohsumed, Reuters-21578 and AG's News. About an hour of a
core. The table compares with the records of ``results/published/crossed``, read as JSON.
"""

import argparse
import csv
import gzip
import io
import json
import os
import random
import re
import tarfile
from html import unescape
from pathlib import Path

import numpy as np
from gensim.models.doc2vec import Doc2Vec, TaggedDocument
from gensim.utils import simple_preprocess
from sklearn.datasets import _twenty_newsgroups as newsgroups
from sklearn.linear_model import LogisticRegressionCV
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

PUBLISHED = Path(__file__).resolve().parents[1] / "results" / "published"
EPOCHS, COPIES, RATES = 5, 4, (0.025, 0.0001)
CONTRASTS = (
    ("sequential", "oversampled"),
    ("oversampled", "combined"),
    ("oversampled", "domain-only"),
)
STRATEGIES = ("domain-only", "combined", "oversampled", "sequential")
# In the other models order alone, on one pair.
MODELS = {"dbow": {"dm": 0}, "dbow-words": {"dm": 0, "dbow_words": 1}, "dm-mean": {"dm": 1}}
ASKED = {
    "dbow": (("20newsgroups-ohsumed", "reuters-ag-news"), STRATEGIES, CONTRASTS),
    **dict.fromkeys(
        ("dbow-words", "dm-mean"),
        (("reuters-ag-news",), ("oversampled", "sequential"), CONTRASTS[:1]),
    ),
}


def members(path):
    with tarfile.open(path) as archive:
        for member in archive:
            if member.isfile():
                yield member.name, archive.extractfile(member).read()


def newsgroup_training(folder):
    texts = []
    for name, data in members(folder / "20news-bydate.tar.gz"):
        if "bydate-train" in name:
            text = newsgroups.strip_newsgroup_header(data.decode("latin-1"))
            texts.append(
                newsgroups.strip_newsgroup_quoting(newsgroups.strip_newsgroup_footer(text))
            )
    return texts


def reuters_but_its_test(folder):
    texts = []
    for name, data in members(folder / "reuters21578.tar.gz"):
        if name.endswith(".sgm"):
            for head, item in re.findall(
                r"<REUTERS([^>]*)>(.*?)</REUTERS>", data.decode("latin-1"), re.S
            ):
                parts = re.findall(r"<(TITLE|BODY)>(.*?)</\1>", item, re.S)
                if 'LEWISSPLIT="TEST"' not in head and parts:
                    texts.append(unescape(" ".join(text for _, text in parts)))
    return texts


def ohsumed(folder, seed):
    split = {"train": ([], []), "test": ([], [])}
    for name, data in members(folder / "ohsumed-single-23.tar.gz"):
        part, label = name.split("/")[-3:-1]
        texts, labels = split["train" if part.startswith("train") else "test"]
        texts.append(data.decode("latin-1"))
        labels.append(label)
    return split["train"], split["test"]


def ag_news(folder, seed):
    texts, labels = [], []
    for name, data in members(folder / "agnews.tar.gz"):
        if name.endswith("test.csv"):
            for label, title, text in csv.reader(io.StringIO(data.decode("utf-8"))):
                texts.append(f"{title} {text}")
                labels.append(label)
    x, unseen, y, truth = train_test_split(
        texts, labels, train_size=0.6, stratify=labels, random_state=seed
    )
    return (x, y), (unseen, truth)


PAIRS = {
    "20newsgroups-ohsumed": (newsgroup_training, ohsumed),
    "reuters-ag-news": (reuters_but_its_test, ag_news),
}


class Reshuffled:
    def __init__(self, documents, seed):
        self.documents, self.random = list(documents), random.Random(seed)

    def __iter__(self):
        self.random.shuffle(self.documents)
        return iter(self.documents)


def trained(model_name, strategy, generic, domain, seed):
    model = Doc2Vec(
        vector_size=100,
        negative=5,
        sample=1e-4,
        min_count=5,
        workers=1,
        seed=seed + 1,
        **MODELS[model_name],
    )
    copies = {"domain-only": 1, "combined": 1}.get(strategy, COPIES)
    presented = [*([] if strategy == "domain-only" else generic), *(copies * domain)]
    model.build_vocab(presented)

    def train(documents, epochs):
        model.train(
            Reshuffled(documents, seed),
            total_examples=len(documents),
            epochs=epochs,
            start_alpha=RATES[0],
            end_alpha=RATES[1],
        )

    if strategy == "sequential":
        train(generic, EPOCHS)
        train(domain, COPIES * EPOCHS)
    else:
        train(presented, COPIES * EPOCHS if strategy == "domain-only" else EPOCHS)
    return model


def accuracy(model, train, labels, test, truth):
    def vectors(texts):
        return np.array(
            [
                model.infer_vector(words, alpha=RATES[0], min_alpha=RATES[1], epochs=20)
                for words in texts
            ]
        )

    classify = make_pipeline(
        StandardScaler(),
        LogisticRegressionCV(Cs=np.logspace(-4, 1, 6), cv=5, max_iter=500, scoring="accuracy"),
    )
    classify.fit(vectors(train), labels)
    return float(np.mean(classify.predict(vectors(test)) == np.asarray(truth)))


def published(model, pair, strategy, seeds):
    """Return accuracies of the published records with all labels, by seed."""
    k = None if strategy == "combined" else COPIES
    found = {}
    folder = PUBLISHED / ("crossed" if model == "dbow" else "other-models")
    with gzip.open(folder / "records.jsonl.gz", "rt") as lines:
        for line in lines:
            record = json.loads(line)
            cell = record["cell"]
            if (
                cell["pair"] == pair and "strategy" in cell and cell["epochs"] == EPOCHS
                and (cell["strategy"]["name"], cell["strategy"]["k"]) == (strategy, k)
                and cell["settings"]["model"] == model and cell["alpha"] == RATES[0]
            ):  # fmt: skip
                found[cell["seed"]] = record["metrics"]["all"]["logistic"]["accuracy"]
    return [found[seed] for seed in sorted(found)[:seeds]]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument(
        "--out", type=Path, help="accuracies, a JSON line each; goes on with those that are there"
    )
    options = parser.parse_args()
    if not os.environ.get("PYTHONHASHSEED"):
        parser.error("set PYTHONHASHSEED: infer_vector starts from a hash of the text")
    found = {}
    if options.out and options.out.exists():
        for line in options.out.read_text().splitlines():
            one = json.loads(line)
            name = one.get("model", "dbow")
            found[name, one["pair"], one["strategy"], one["seed"]] = one["accuracy"]
    for pair, (read_generic, read_domain) in PAIRS.items():
        texts = [simple_preprocess(text) for text in read_generic(options.data)]
        for seed in range(options.seeds):
            (train, labels), (test, truth) = read_domain(options.data, seed)
            train, test = ([simple_preprocess(text) for text in side] for side in (train, test))
            documents = [TaggedDocument(words, [i]) for i, words in enumerate(texts + train)]
            missing = [
                (name, strategy)
                for name, (pairs, strategies, _) in ASKED.items()
                for strategy in strategies
                if pair in pairs and (name, pair, strategy, seed) not in found
            ]
            for name, strategy in missing:
                generic, domain = documents[: len(texts)], documents[len(texts) :]
                model = trained(name, strategy, generic, domain, seed)
                value = accuracy(model, train, labels, test, truth)
                found[name, pair, strategy, seed] = value
                line = json.dumps(
                    {
                        "model": name, "pair": pair, "strategy": strategy, "seed": seed,
                        "accuracy": round(value, 6),
                    }
                )  # fmt: skip
                print(line, flush=True)
                if options.out:
                    with options.out.open("a") as file:
                        file.write(line + "\n")
    print("| model | pair | contrast | here | published | apart | within 2 points, same sign |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name, pair, (first, second) in (
        (name, pair, contrast)
        for name, (pairs, _, contrasts) in ASKED.items()
        for pair in pairs
        for contrast in contrasts
    ):
        here = gap([[found[name, pair, of, s] for s in range(options.seeds)]
                    for of in (first, second)])  # fmt: skip
        there = gap([published(name, pair, of, options.seeds) for of in (first, second)])
        # Within a point of zero a sign says nothing.
        same = here * there > 0 or max(abs(here), abs(there)) < 1
        good = "yes" if abs(here - there) <= 2 and same else "no"
        print(
            f"| {name} | {pair} | {first} less {second} | {here:+.1f} | {there:+.1f} | "
            f"{here - there:+.1f} | {good} |"
        )


def gap(sides):
    """Return the difference of the means of two sides in points."""
    first, second = sides
    return 100 * float(np.mean(first) - np.mean(second))


if __name__ == "__main__":
    main()
