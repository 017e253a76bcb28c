"""Labels that are spelt in several ways: found, and joined where that is asked for."""

from __future__ import annotations

import dataclasses

import numpy as np

from d2vbench.corpora.store.encoded import EncodedCorpus


def spellings(corpus: EncodedCorpus) -> list[list[str]]:
    """Return the labels of a corpus, those together that differ by blanks and case only.

    Parameters
    ----------
    corpus : EncodedCorpus
        With labels.

    Returns
    -------
    list of list of str
        In each list the most frequent spelling first.
    """
    sizes = np.bincount(corpus.labels[corpus.labels >= 0], minlength=len(corpus.label_names))
    groups: dict[str, list[int]] = {}
    for i in np.argsort(-sizes, kind="stable").tolist():
        plain = "".join(corpus.label_names[i].split()).casefold()
        groups.setdefault(plain, []).append(i)
    return [[corpus.label_names[i] for i in group] for group in groups.values()]


def joined_labels(corpus: EncodedCorpus) -> EncodedCorpus:
    """Return a view of a corpus in which labels of one spelling group are one, the most frequent.

    Parameters
    ----------
    corpus : EncodedCorpus
        With labels.

    Returns
    -------
    EncodedCorpus
        The same documents; it must not be pickled, which would bring the old labels back.
    """
    groups = spellings(corpus)
    names = sorted(group[0] for group in groups)
    place = {name: names.index(group[0]) for group in groups for name in group}
    # The last is for -1, no label.
    rows = np.asarray([*(place[name] for name in corpus.label_names), -1], dtype=np.int32)
    return dataclasses.replace(corpus, labels=rows[corpus.labels], label_names=tuple(names))
