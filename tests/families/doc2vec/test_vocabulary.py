"""Vocabulary policies: whose words are counted, and what gensim's expansion comes to."""

from __future__ import annotations

import itertools
from pathlib import Path

import gensim
import numpy as np
import pytest
from gensim.models.doc2vec import Doc2Vec, TaggedDocument
from learners import doc2vec, encode, plan_of, sides_of, untrained

from d2vbench.corpora import Pair
from d2vbench.errors import UsageError
from d2vbench.families import inference_seeds
from d2vbench.families.doc2vec import EXPANDED, MODELS, VOCABULARIES, Doc2VecSettings
from d2vbench.families.doc2vec.reference import expanded, expanded_child
from d2vbench.families.doc2vec.reference.engine import words_by_row
from d2vbench.families.doc2vec.reference.expanded import train_expanded
from d2vbench.families.doc2vec.reference.inference import infer_with_gensim
from d2vbench.families.words import OOV, count_words, map_documents
from d2vbench.keys import derive_seed
from d2vbench.strategies import epoch_order

MIN_COUNT = 2


def vocabulary(pair: Pair, policy: str, strategy: str = "combined") -> dict[str, int]:
    settings = Doc2VecSettings(min_count=MIN_COUNT, vector_size=16, vocabulary=policy)
    model = untrained(pair, "doc2vec", settings, plan=plan_of(pair, strategy)).model
    # Rows for documents do not depend on the vocabulary.
    assert len(model.dv) == len(pair.generic) + len(pair.train)
    return {word: model.wv.get_vecattr(word, "count") for word in model.wv.index_to_key}


def kept(counts: dict[str, int]) -> dict[str, int]:
    return {word: n for word, n in counts.items() if n >= MIN_COUNT}


def test_whose_words_are_counted(small_pair: Pair) -> None:
    generic, domain = small_pair.generic, small_pair.train
    both = kept(count_words([generic, domain]))
    only = {"generic": kept(count_words([generic])), "domain": kept(count_words([domain]))}
    assert len({len(both), len(only["generic"]), len(only["domain"])}) == 3
    assert vocabulary(small_pair, "natural") == both
    assert vocabulary(small_pair, "natural", "domain-only(4)") == both
    assert vocabulary(small_pair, "generic") == only["generic"]
    assert vocabulary(small_pair, "own") == both
    assert vocabulary(small_pair, "own", "oversampled(4)") == both
    assert vocabulary(small_pair, "own", "sequential(4)") == both
    assert vocabulary(small_pair, "own", "generic-only") == only["generic"]
    assert vocabulary(small_pair, "own", "domain-only(4)") == only["domain"]
    selected = vocabulary(small_pair, "own", "selected(0.1)")
    assert only["domain"].keys() <= selected.keys()
    assert sum(only["domain"].values()) < sum(selected.values()) < sum(both.values())


def test_words_outside_the_vocabulary_are_counted_as_such(small_pair: Pair) -> None:
    generic, natural = (doc2vec(small_pair, vocabulary=name) for name in ("generic", "natural"))
    unknown = [(side.documents.tokens == OOV).sum() for side in (generic, natural)]
    assert unknown[0] > unknown[1]
    assert generic.vocabulary_size() < natural.vocabulary_size()


def test_an_unknown_policy_and_a_missing_plan_are_refused(small_pair: Pair) -> None:
    with pytest.raises(UsageError) as caught:
        Doc2VecSettings(vocabulary="naturel")
    assert str(caught.value) == (
        "unknown vocabulary policy 'naturel': did you mean 'natural'? (valid: expanded, "
        "expanded-repaired, expanded-restarted-tags, generic, natural, noise(presented | D | G + "
        "mD), own, presented, subsampling(presented | D | G + mD), words(presented | D | G + mD))"
    )
    with pytest.raises(UsageError, match="unknown vocabulary policy 'own'"):
        expand(small_pair, "own")


def expand(pair: Pair, policy: str, model: str = "dbow", **options: float):  # type: ignore[no-untyped-def]
    settings = Doc2VecSettings(
        model, vector_size=16, min_count=MIN_COUNT, vocabulary=policy, engine="gensim"
    )
    plan = plan_of(pair, "sequential(1)", "restart")
    return train_expanded(sides_of(pair), settings, 1, plan, **options)


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is known not to crash needs no process of its own."""

    def run(folder: Path, seconds: float) -> expanded._Ended:
        expanded_child.main(folder)
        return expanded._Ended(0, "")

    monkeypatch.setattr(expanded, "_run_child", run)
    for name in ("_no_core_dump", "_exit_with"):
        monkeypatch.setattr(expanded_child, name, lambda *_: None)


@pytest.mark.parametrize("model", ["dbow", "dm-mean"])
def test_gensims_expansion_writes_outside_its_arrays(small_pair: Pair, model: str) -> None:
    outcome, _ = expand(small_pair, "expanded", model)
    # Undefined behaviour: in most cases a crash, and never a sound model.
    assert outcome["outcome"] in ("crash", "out of bounds", "error")
    if outcome["outcome"] == "crash":
        assert outcome["signal"] in ("SIGSEGV", "SIGABRT", "SIGBUS")
    assert outcome["gensim"] == gensim.__version__
    n = len(small_pair.generic)
    assert (outcome["rows"], outcome["tags"]) == (n, n + len(small_pair.train))
    assert outcome["vocabulary_after"] > outcome["vocabulary_before"]


def test_tags_that_begin_again_overwrite_old_rows(small_pair: Pair, in_this_process: None) -> None:
    outcome, learner = expand(small_pair, "expanded-restarted-tags")
    assert outcome["outcome"] == "overwrite"
    assert outcome["overwritten_rows"] == len(small_pair.train)
    assert outcome["tags"] == outcome["rows"] == len(small_pair.generic)
    generic = kept(count_words([small_pair.generic]))
    assert outcome["vocabulary_before"] == len(generic)
    domain = kept(count_words([small_pair.train]))
    assert outcome["vocabulary_after"] == len({**generic, **domain})
    assert learner is not None


@pytest.mark.parametrize("model", MODELS)
def test_the_repaired_expansion_is_what_a_plain_script_does(
    small_pair: Pair, model: str, request: pytest.FixtureRequest
) -> None:
    if model != "dbow":
        request.getfixturevalue("in_this_process")
    outcome, learner = expand(small_pair, "expanded-repaired", model)
    assert outcome["outcome"] == "success"
    assert outcome["overwritten_rows"] == 0
    restored = learner.model

    generic, domain = small_pair.generic, small_pair.train
    n = len(generic)
    every_word = {word: i for i, word in enumerate(count_words([generic, domain]))}
    words = np.asarray(list(every_word), dtype=object)
    encoded = map_documents([generic, domain], every_word)
    ends = encoded.offsets
    texts = [words[encoded.tokens[a:b]].tolist() for a, b in itertools.pairwise(ends)]
    plain = Doc2Vec(
        vector_size=16, min_count=2, sample=1e-4, workers=1, sorted_vocab=0,
        seed=derive_seed(1, "initial weights"), **MODELS[model],
    )  # fmt: skip
    sides = [
        [TaggedDocument(texts[d], [d]) for d in part] for part in (range(n), range(n, len(texts)))
    ]
    plain.build_vocab(sides[0])
    plain.random.seed(derive_seed(1, "training stream"))
    sizes = sides_of(small_pair).sizes
    for i, phase in enumerate(plan_of(small_pair, "sequential(1)", "restart").phases):
        if i:
            plain.build_vocab(sides[1], update=True)
            plain.dv.resize_vectors(seed=plain.seed)
        for epoch in range(phase.epochs):
            order = [TaggedDocument(texts[d], [d]) for d in epoch_order(phase, epoch, sizes, 1)]
            start, end = phase.epoch_alpha(epoch)
            plain.train(
                order, total_words=sum(len(d.words) for d in order), epochs=1,
                start_alpha=start, end_alpha=end,
            )  # fmt: skip
    assert restored.wv.index_to_key == plain.wv.index_to_key
    np.testing.assert_array_equal(restored.cum_table, plain.cum_table)
    np.testing.assert_allclose(restored.dv.vectors, plain.dv.vectors, rtol=0, atol=1e-6)
    np.testing.assert_allclose(restored.syn1neg, plain.syn1neg, rtol=0, atol=1e-6)
    # Inferred like any other, with the vocabulary of both.
    test = small_pair.test.take(np.arange(10))
    mapped = map_documents([test], restored.wv.key_to_index)
    theirs = infer_with_gensim(
        plain, words_by_row(plain, mapped), inference_seeds(test.text_hash().tolist(), 1),
        epochs=5, alpha=0.025, min_alpha=0.0001,
    )  # fmt: skip
    np.testing.assert_allclose(encode(learner, test), theirs, rtol=0, atol=1e-6)


def test_an_update_takes_thresholds_from_the_new_corpus_and_adds_counts(small_pair: Pair) -> None:
    """What the module says of ``min_count``, subsampling and counts."""
    _, learner = expand(small_pair, "expanded-repaired")
    wv = learner.model.wv
    generic, domain = (count_words([side]) for side in (small_pair.generic, small_pair.train))
    both = count_words([small_pair.generic, small_pair.train])
    # A word once in each corpus is frequent enough for the two, but for neither alone.
    split = [w for w in both if generic.get(w, 0) == domain.get(w, 0) == 1]
    assert split
    assert not set(split) & set(wv.index_to_key)
    for word in wv.index_to_key:
        new = domain.get(word, 0)
        # A word dropped from one side does not bring its count.
        known = [n for n in (generic.get(word, 0),) if n >= 2]
        assert wv.get_vecattr(word, "count") == sum(known) + new
    total = sum(n for n in domain.values() if n >= 2)
    threshold = 1e-4 * total
    for word, n in list(domain.items())[:50]:
        share = min((np.sqrt(n / threshold) + 1) * (threshold / n), 1.0)
        assert wv.get_vecattr(word, "sample_int") == np.uint32(share * (2**32 - 1))


def test_a_child_that_does_not_end_is_a_result(small_pair: Pair) -> None:
    outcome, learner = expand(small_pair, "expanded", seconds=0.01)
    assert learner is None
    assert outcome == {
        "outcome": "timeout",
        "message": "no end after 0 seconds",
        "gensim": gensim.__version__,
    }


REACHED = '{"rows": 1, "tags": 2, "vocabulary_before": 3, "vocabulary_after": 4}'


@pytest.mark.parametrize(
    ("status", "reached", "expected"),
    [
        (-11, REACHED, {"outcome": "crash", "signal": "SIGSEGV"}),
        (-6, REACHED, {"outcome": "crash", "signal": "SIGABRT"}),
        (1, REACHED, {"outcome": "error", "message": "last words"}),
        # On Windows an access violation.
        (0xC0000005, REACHED, {"outcome": "crash", "signal": "0xC0000005"}),
        (0, REACHED, {"outcome": "out of bounds"}),
        (-9, REACHED, "the child process was ended by SIGKILL: last words"),
        (-11, "", "the child process was ended by SIGSEGV: last words"),
        (1, "", "the child process failed before the update: last words"),
        (0xC0000005, "", "the child process failed before the update: last words"),
    ],
)
def test_how_a_child_may_end(
    small_pair: Pair,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    reached: str,
    expected: dict[str, str] | str,
) -> None:
    def ended(folder: Path, seconds: float) -> expanded._Ended:
        if reached:
            (folder / "report.json").write_text(reached, encoding="utf-8")
        return expanded._Ended(status, "last words")

    monkeypatch.setattr(expanded, "_run_child", ended)
    if isinstance(expected, str):
        with pytest.raises(RuntimeError) as caught:
            expand(small_pair, "expanded")
        assert str(caught.value) == expected
        return
    outcome, _ = expand(small_pair, "expanded")
    assert {key: outcome[key] for key in expected} == expected
    assert outcome["rows"] == 1


def test_policies_say_what_they_are() -> None:
    assert list(VOCABULARIES) == [
        "presented", "natural", "own", "generic", "noise(X)", "subsampling(X)", "words(X)",
        "expanded", "expanded-restarted-tags", "expanded-repaired",
    ]  # fmt: skip
    assert list(EXPANDED) == ["expanded", "expanded-restarted-tags", "expanded-repaired"]
