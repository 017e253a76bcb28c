"""A person's saved generic model: read, checked and kept for runs and trainings that go on from it.

What `d2vbench train` and gensim write is a pickle. It is read here without running anything that
is in it (see `d2vbench.families.doc2vec.saved`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from d2vbench.corpora import Cards
from d2vbench.corpora.store.encoded import open_corpus
from d2vbench.corpora.store.tokenise import Tokeniser
from d2vbench.errors import UsageError, UserError, option
from d2vbench.families.doc2vec import MODEL_TITLES
from d2vbench.families.doc2vec.saved import (
    doc2vec_settings,
    keep_model,
    keep_vectors,
    read_gensim,
)
from d2vbench.families.word_vector_files import contents_sha256, read_word_vectors
from d2vbench.models.model_files import safe_path
from d2vbench.models.safe_file import SUFFIX, recorded_training


def keep_generic_model(
    path: Path, tokenisers: Iterable[Tokeniser], tested: bool
) -> tuple[str, str]:
    """Read a saved Doc2Vec, and keep in the cache what training needs to go on from it.

    Parameters
    ----------
    path : pathlib.Path
        Of `d2vbench train`, or of gensim's ``save()``; of any gensim from 0.12 on.
    tokenisers : iterable of Tokeniser
        Of the pairs that it is to go on with.
    tested : bool
        Whether what comes of it is judged by test documents, which it must not have seen.

    Returns
    -------
    name : str
        In the cache.
    sentence : str
        What was read.

    Raises
    ------
    UserError
        If there is no such file, it is no Doc2Vec that the benchmark could train on, or it was
        trained with another tokeniser or, where it is tested, on a domain corpus, as far as is
        known.
    """
    if path.name.endswith(SUFFIX):
        raise UsageError(
            f"{option('generic_model')} {path}: this file serves inference alone; give the model "
            f"itself, {path.name.removesuffix(SUFFIX)}"
        )
    if not path.is_file():
        raise UsageError(f"{option('generic_model')} {path}: there is no such file")
    saved = read_gensim(path)
    settings = doc2vec_settings(saved)
    beside = safe_path(path)
    known = beside.is_file()
    if known:
        recorded, strategy, tables = recorded_training(beside)
        if tested and strategy not in ("", "generic-only"):
            raise UserError(
                f"{path} was trained by {strategy}, on all documents of a domain corpus, test "
                "documents too: for a comparison give a model of the strategy generic-only"
            )
        for tokeniser in tokenisers:
            if tokeniser != recorded:
                raise UserError(
                    f"{path} was trained with the tokeniser {recorded}, and the domain corpus is "
                    f"read with {tokeniser}: give the same options for both"
                )
        # gensim makes them anew from the counts of the list, and they may be of others.
        if tables and len(tables["noise"]) == len(saved.words):
            own = len(tables["subsampling"])
            thresholds = np.concatenate([tables["subsampling"], saved.subsampling[own:]])
            saved = dataclasses.replace(saved, noise=tables["noise"], subsampling=thresholds)
    name = keep_model(saved)
    words = len(saved.words)
    said = (
        f"generic model: {MODEL_TITLES[settings.model]}, {settings.vector_size} components, "
        f"{words:,} words, {saved.documents:,} documents"
    )
    unknown = "; how it split words, and whether it has seen test documents, is not known"
    return name, said + ("" if known else unknown)


def keep_word_vectors(
    path: Path, cards: Cards, pairs: Iterable[str], vector_size: int | None
) -> tuple[dict[str, str], int, str]:
    """Read a file of word vectors, and keep for each pair those of words that its domain has.

    What is kept for a pair does not depend on which others there are.

    Parameters
    ----------
    path : pathlib.Path
        As of `d2vbench.families.word_vector_files.read_word_vectors`.
    cards : Cards
        Of the pairs.
    pairs : iterable of str
        Whose domains.
    vector_size : int or None
        That they must have.

    Returns
    -------
    names : dict of str to str
        In the cache, by pair; of a pair whose domain has none of the words there is no name.
    vector_size : int
        Components of a vector.
    sentence : str
        What was read.

    Raises
    ------
    UserError
        If there is no such file, it is damaged, of another size, or has none of the words.
    """
    by_pair: dict[str, set[str]] = {}
    for pair in pairs:
        card = cards.pair(pair)
        corpus = open_corpus(cards.corpus(card.domain.corpus), card.tokeniser)
        by_pair[pair] = set(corpus.lexicon)
    wanted = set().union(*by_pair.values())
    found = read_word_vectors(path, only=wanted, vector_size=vector_size)
    file, names = contents_sha256(path), {}
    for pair, words in by_pair.items():
        rows = [row for row, word in enumerate(found.words) if word in words]
        if rows:
            own = [found.words[row] for row in rows]
            names[pair] = keep_vectors(own, found.vectors[rows], file)
    twice = f"; {found.duplicates:,} came twice, and the first counts" if found.duplicates else ""
    said = (
        f"word vectors: {found.in_file:,} of {found.vectors.shape[1]} components, "
        f"{len(found.words):,} of them words of the domain corpus{twice}"
    )
    if without := [pair for pair in by_pair if pair not in names]:
        said += f"; none of the domain of {', '.join(without)}"
    return names, found.vectors.shape[1], said
