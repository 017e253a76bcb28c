"""Small texts of two topics, and models trained on them."""

from __future__ import annotations

import functools

import numpy as np

from d2vbench.corpora.store.memory import encode_in_memory, numbered, whole
from d2vbench.corpora.store.selections import Selection
from d2vbench.corpora.store.tokenise import Tokeniser
from d2vbench.families import InferenceSettings
from d2vbench.families.doc2vec import Doc2VecSettings, choose_engine
from d2vbench.families.doc2vec.native import kernel as native
from d2vbench.models import Recipe, Trained, train_recipe

WORDS = [[c + v + w for v in "aeiou" for w in "nrst"] for c in "bdfg"]
ENGINES = ("native", "gensim") if native.available() else ("gensim",)
# What the command line takes where it is not told.
ENGINE = choose_engine(None, lambda text: None)


def text(topics: list[int], rng: np.random.Generator, length: int = 25) -> str:
    pool = [word for topic in topics for word in WORDS[topic]]
    return " ".join(rng.choice(pool, length))


@functools.lru_cache(maxsize=1)
def texts() -> tuple[list[str], list[str], list[str]]:
    """Return texts of G and of D, and the classes of those of D."""
    rng = np.random.default_rng(3)
    generic = [text([0, 1, 2, 3], rng) for _ in range(40)]
    domain = [text([i % 2, 2], rng) for i in range(30)]
    return generic, domain, ["ab"[i % 2] for i in range(30)]


def selection(some: list[str]) -> Selection:
    return whole(encode_in_memory(numbered(some), Tokeniser(), "some"))


def recipe(
    strategy: str = "oversampled(2)", model: str = "dbow", engine: str = ENGINE, seed: int = 0
) -> Recipe:
    settings = Doc2VecSettings(
        model=model, vector_size=8, window=2, sample=0.01, min_count=2, engine=engine
    )
    inference = InferenceSettings(5, 0.03, 0.0002)
    return Recipe(strategy, settings=settings, epochs=3, inference=inference, seed=seed)


@functools.lru_cache(maxsize=32)
def trained(
    strategy: str = "oversampled(2)",
    model: str = "dbow",
    engine: str = ENGINE,
    seed: int = 0,
    keep_document_vectors: bool = False,
) -> Trained:
    generic, domain, _ = texts()
    of = recipe(strategy, model, engine, seed)
    return train_recipe(
        selection(generic), selection(domain), of, Tokeniser(), None, keep_document_vectors
    )
