"""A vocabulary is made once for all seeds, and every model is as if made anew."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from d2vbench.families.counts import Counts, same_counts
from d2vbench.families.doc2vec.models import MODELS, Doc2VecSettings, build_model
from d2vbench.families.doc2vec.templates import Templates

WORDS = {f"w{i}": 60 - i for i in range(50)}
OTHER = Counts(WORDS, {**WORDS, "w3": 500}, {word: n + 7 for word, n in WORDS.items()})


def everything(model: Any) -> dict[str, Any]:
    """Return what training and gensim's other methods read."""
    found = {name: getattr(model, name) for name in ("syn1neg", "cum_table", "seed", "corpus_count",
             "corpus_total_words", "min_count", "effective_min_count", "sample")}  # fmt: skip
    found["random"] = model.random.randint(0, 1 << 30, 4)
    for name in ("wv", "dv"):
        side = getattr(model, name)
        found |= {f"{name}.{n}": getattr(side, n) for n in ("vectors", "index_to_key",
                  "key_to_index")}  # fmt: skip
        found |= {f"{name}.expandos.{n}": array for n, array in side.expandos.items()}
    return found


@pytest.mark.parametrize("counts", [same_counts(WORDS), OTHER], ids=["one", "three"])
@pytest.mark.parametrize("model", list(MODELS))
def test_every_model_is_as_if_made_anew(model: str, counts: Counts) -> None:
    settings, templates, made = Doc2VecSettings(model, vector_size=6, min_count=12), Templates(), []

    def make(seed: int) -> Any:
        made.append(seed)
        return build_model(counts, 9, settings, seed)

    for seed in (5, 8, 5):
        found, anew = (everything(m) for m in (templates.model("key", seed, make), make(seed)))
        assert found.keys() == anew.keys()
        for name, value in anew.items():
            assert np.array_equal(found[name], value), name
    # Beside those that it is compared with, one was made.
    assert made == [5, 5, 8, 5]


def test_what_is_done_to_one_model_is_done_to_no_other() -> None:
    settings, templates = Doc2VecSettings("dm-mean", vector_size=6, min_count=12), Templates()

    def make(seed: int) -> Any:
        return build_model(same_counts(WORDS), 9, settings, seed)

    for _ in range(2):
        model = templates.model("key", 3, make)
        model.wv.vectors += 1
        model.syn1neg += 1
        model.wv.add_vectors(["new"], np.ones((1, 6)))
        model.wv.expandos["count"][:] = 1
        model.dv.vectors[:] = 5
    found, anew = (everything(m) for m in (templates.model("key", 3, make), make(3)))
    for name, value in anew.items():
        assert np.array_equal(found[name], value), name


def test_a_few_are_kept() -> None:
    settings, templates, made = Doc2VecSettings(vector_size=6, min_count=12), Templates(), []

    def make(seed: int) -> Any:
        made.append(seed)
        return build_model(same_counts(WORDS), 9, settings, seed)

    for key in (0, 1, 2, 0, 3, 0, 1):
        templates.model(key, key, make)
    # The one that was not asked for longest, 1, had gone for 3.
    assert made == [0, 1, 2, 3, 1]
