"""Makes the models in this folder, with an old gensim; it does not need d2vbench.

Each gensim needs an environment of its own:

    python3.7 -m venv g383 && g383/bin/pip install gensim==3.8.3
    PYTHONHASHSEED=0 g383/bin/python make.py .

The committed ones were made with gensim 3.8.3 (NumPy 1.21.6), 3.4.0 (1.19.5; in
Python 2.7: 1.16.6), 2.3.0 (1.19.5) and 4.0.0 (1.24.4). Beside each model, `expected.npz` holds its arrays, the vectors that the old gensim
infers after it has loaded the file, the vectors that inference started from, and the document
vectors and output weights after one more epoch of training (2.3.0) or two.
"""

import os
import platform
import sys

import gensim
import numpy as np
from gensim.models import Word2Vec
from gensim.models.doc2vec import Doc2Vec, TaggedDocument

VERSION = gensim.__version__
OLD = VERSION.startswith("2.")
NEW = VERSION.startswith("4.")
# Before 3.8 the learning rate of inference fell along another curve, before 3.0 that of training
# too: of one pass they are the same.
INFER_EPOCHS = 1 if VERSION < "3.8" else 5
TRAIN_EPOCHS = 1 if OLD else 2
ALPHA, MIN_ALPHA = 0.05, 0.001

VARIANTS = {
    "dbow": {"dm": 0},
    "dbow-words": {"dm": 0, "dbow_words": 1},
    "dm-mean": {"dm": 1, "dm_mean": 1},
    "dm-sum": {"dm": 1, "dm_mean": 0},
    "dm-concat": {"dm": 1, "dm_concat": 1},
}
# How documents are named in each: whole numbers, text, or both.
TAGS = {
    "dbow": lambda i: [i],
    "dbow-words": lambda i: ["document {}".format(i)],
    "dm-mean": lambda i: [i, "group {}".format(i % 3)],
    "dm-sum": lambda i: [u"d\xf6c {}".format(i)],
    "dm-concat": lambda i: [i],
}


def texts():
    """Return 20 documents of 20 words."""
    words = [c + v + w for c in "bdf" for v in "aei" for w in u"nr\xe9"]
    rng = np.random.RandomState(1)
    chances = 1.0 / np.arange(3, 3 + len(words))
    return [
        [words[i] for i in rng.choice(len(words), 20, p=chances / chances.sum())] for _ in range(20)
    ]


def documents(variant):
    return [TaggedDocument(words, TAGS[variant](i)) for i, words in enumerate(texts())]


def sizes(**more):
    settings = {"window": 2, "negative": 5, "sample": 0.01, "min_count": 2, "workers": 1, "seed": 3}
    settings.update({"size": 6, "iter": 3} if OLD else {"vector_size": 6, "epochs": 3})
    settings.update(more)
    if VERSION.startswith("3.4") or OLD:
        settings.pop("ns_exponent", None)
    return settings


def arrays(model):
    """Return what the file should hold."""
    docs = model.dv if NEW else model.docvecs
    weights = model if NEW or OLD else model.trainables
    words = model.wv.index_to_key if NEW else model.wv.index2word
    return {
        # An array of text would lose the padding word of PV-DM/concat, a zero character.
        "words": np.frombuffer(u"\n".join(words).encode("utf-8"), np.uint8),
        "counts": np.array([count(model, word) for word in words]),
        "word_vectors": model.wv.syn0 if OLD else model.wv.vectors,
        "doc_vectors": docs.vectors if NEW else docs.doctag_syn0 if OLD else docs.vectors_docs,
        "outputs": weights.syn1neg,
    }


def count(model, word):
    return model.wv.get_vecattr(word, "count") if NEW else model.wv.vocab[word].count


def start(model, words):
    """Return what inference starts from: it depends on Python's hash of the text."""
    text = " ".join(words)
    if NEW:
        from gensim.models.keyedvectors import pseudorandom_weak_vector

        return pseudorandom_weak_vector(6, seed_string=text)
    return model.seeded_vector(text) if OLD else model.trainables.seeded_vector(text, 6)


def make(folder, name, variant, sep_limit=None, **more):
    given = dict(VARIANTS[variant], **more)
    model = Doc2Vec(documents(variant), **sizes(**given))
    if variant == "dm-sum":
        model.cbow_mean = 0
    path = os.path.join(folder, name + ".model")
    model.save(path, **({"sep_limit": sep_limit} if sep_limit else {}))
    if given.get("hs"):
        return
    model = Doc2Vec.load(path)
    expected = {key: np.array(value) for key, value in arrays(model).items()}
    some = texts()[:4] + [["ban", "unheard"]]
    expected["starts"] = np.array([start(model, words) for words in some], np.float32)
    how = {"steps" if OLD or VERSION.startswith("3.4") else "epochs": INFER_EPOCHS}
    expected["inferred"] = np.array(
        [model.infer_vector(words, alpha=ALPHA, min_alpha=MIN_ALPHA, **how) for words in some]
    )
    model = Doc2Vec.load(path)
    rates = {"start_alpha": 0.02, "end_alpha": 0.001}
    model.train(documents(variant), total_examples=20, epochs=TRAIN_EPOCHS, **rates)
    after = arrays(model)
    expected["trained_documents"] = after["doc_vectors"]
    expected["trained_outputs"] = after["outputs"]
    expected["epochs"] = np.array([INFER_EPOCHS, TRAIN_EPOCHS])
    np.savez_compressed(os.path.join(folder, name + ".expected.npz"), **expected)


if __name__ == "__main__":
    platform.platform = lambda: "any"  # gensim 4 writes it into its files.
    place = os.path.join(sys.argv[1], VERSION + ("-python2" if sys.version_info[0] == 2 else ""))
    os.makedirs(place)
    if VERSION == "3.8.3":
        for one in sorted(VARIANTS):
            make(place, one, one)
        make(place, "split", "dm-mean", sep_limit=100)
        make(place, "exponent", "dbow", ns_exponent=0.5)
        make(place, "softmax", "dbow", hs=1, negative=0)
        Word2Vec(texts(), size=6, min_count=2, workers=1).save(
            os.path.join(place, "word2vec.model")
        )
    else:
        make(place, "dbow", "dbow")
        make(place, "split", "dm-mean", sep_limit=100)
