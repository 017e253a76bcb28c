"""Each number of an answer is one estimand, recomputed here from the published records.

The answers are docs/choosing.md and the first page of the README, which docs/index.md shows too.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable
from dataclasses import dataclass

import encoder_records
import four_pairs
import later_studies
import numpy as np
import other_models
import own_best
import own_best_checks
import pytest
import tuned_pairs
from published_records import (
    ADAPTED,
    ALONE,
    COMBINED,
    OVERSAMPLED,
    RESTART,
    ROOT,
    Strategy,
    accuracy,
    baseline,
    points,
    records,
    trained,
)

# The new study of counts: three pairs, three seeds, E = 5.
COUNTED = ("imdb-ohsumed", "20newsgroups-ohsumed", "newsgroups-sci")
NOISE = "noise(presented)"


def counted(pair: str, strategy: Strategy, labels: str, policy: str) -> float:
    return accuracy(pair, strategy, labels, "dbow", policy, folder="counts", seeds=3)


def count_rows() -> list[str]:
    """The rows of the table of counts, each number one estimand."""
    columns = (
        (COMBINED, "presented"), (OVERSAMPLED, "natural"), (OVERSAMPLED, NOISE),
        (OVERSAMPLED, "presented"), (ALONE, "natural"), (ALONE, "presented"),
    )  # fmt: skip
    made = []
    for pair in COUNTED:
        sizes = {
            record["counts"]["generic_words"] / record["counts"]["domain_words"]
            for record in records("counts")
            if record["cell"]["pair"] == pair
        }
        (ratio,) = sizes
        for labels in ("all", "10"):
            numbers = (f"{counted(pair, one, labels, policy):.1f}" for one, policy in columns)
            made.append(f"| {pair} | {ratio:.1f} | {labels} | {' | '.join(numbers)} |")
    return made


# The strategies that people ask for: two pairs, three seeds, E = 5, counts as presented.
ASKED = ("20newsgroups-ohsumed", "newsgroups-sci")


def asked(
    first: tuple[str, int, str],
    second: tuple[str, int, str],
    model: str = "dbow",
    value: float | None = None,
    share: float | None = None,
) -> str:
    """Return the difference of two strategies on each pair, all labels and 10 a class."""
    of = {"model": model, "policy": "presented", "folder": "strategies", "seeds": 3}
    return ", ".join(
        points(
            accuracy(pair, first, labels, value=value, share=share, **of)
            - accuracy(pair, second, labels, **of)
        )
        for pair in ASKED
        for labels in ("all", "10")
    )


def tf_idf() -> str:
    reached = [f"{baseline(pair, labels):.1f}" for pair in ASKED for labels in ("all", "10")]
    return ", ".join(reached)


COUNT_ROWS = [(pair, labels) for pair in COUNTED for labels in ("all", "10")]


def steps() -> list[tuple[float, float]]:
    """What presentations and what counts add from combined to oversampled(4), row by row."""
    return [
        (
            counted(pair, OVERSAMPLED, labels, "natural")
            - counted(pair, COMBINED, labels, "presented"),
            counted(pair, OVERSAMPLED, labels, "presented")
            - counted(pair, OVERSAMPLED, labels, "natural"),
        )
        for pair, labels in COUNT_ROWS
    ]


def step_by_step() -> str:
    return ", ".join(f"{points(passes)} and {points(counts)}" for passes, counts in steps())


def helped() -> str:
    """What generic text adds to the domain alone, both as presented, row by row."""
    return ", ".join(
        points(
            counted(pair, OVERSAMPLED, labels, "presented")
            - counted(pair, ALONE, labels, "presented")
        )
        for pair, labels in COUNT_ROWS
    )


def lost(labels: str) -> str:
    """What the domain alone loses to natural counts beside the largest generic corpus."""
    pair = COUNTED[0]
    loss = counted(pair, ALONE, labels, "presented") - counted(pair, ALONE, labels, "natural")
    return f"{loss:.1f}"


def count_sentence() -> str:
    """What the default counts gain `oversampled(4)` with all labels, the largest G first."""
    gains = [points(counts) for (_, counts), (_, x) in zip(steps(), COUNT_ROWS, strict=True)
             if x == "all"]  # fmt: skip
    return f"`oversampled(4)` gains {gains[0]}, {gains[1]} and {gains[2]} points"


def by_noise() -> str:
    """What the table of negative samples adds of what all counts add, where that is over 3."""
    return ", ".join(
        f"{points(noise)} of {points(counts)}"
        for noise, (_, counts) in zip(noise_steps(), steps(), strict=True)
        if counts > 3
    )


def noise_steps() -> list[float]:
    return [
        counted(pair, OVERSAMPLED, labels, NOISE) - counted(pair, OVERSAMPLED, labels, "natural")
        for pair, labels in COUNT_ROWS
    ]


@functools.cache
def sentences() -> tuple[str, ...]:
    adapted, anchored, calls = (
        (name, k, "restart") for name, k in (("adapted", 4), ("anchored", 4), ("loop", 4))
    )
    words, frozen = (
        (name, 4, "restart") for name in ("pretrained-words", "pretrained-words-frozen")
    )
    lowered = ("loop", 4, "lowered")
    return (
        f"`oversampled(4)` is {helped()} points from `domain-only(4)`, in the order of the rows",
        f"Presentations and counts add, in that order: {step_by_step()} points",
        f"`domain-only(4)` loses {lost('all')} points (10 labels: {lost('10')}) to a vocabulary",
        f"nearly all of it is the table of negative samples ({by_noise()})",
        own_best.fixed_sentence(),
        own_best.safe_sentence(),
        own_best.most_sentence(),
        own_best_checks.one_domain_sentence(),
        own_best_checks.few_sentence(),
        *other_models.sentences(),
        other_models.which_few_sentence(),
        *later_studies.sentences(),
        *tuned_pairs.sentences(),
        f"`adapted(4)` is {asked(adapted, RESTART)} points from `sequential(4)`",
        f"`anchored(4, 10)` {asked(anchored, RESTART, share=10.0)}",
        f"`anchored(4, 100)` {asked(anchored, RESTART, share=100.0)}",
        f"is {asked(calls, OVERSAMPLED)} points from `oversampled(4)`",
        f"lowered by `0.002` a call it is {asked(lowered, OVERSAMPLED, value=0.002)}, by `0.008`, "
        f"so that the last call is below zero, {asked(lowered, OVERSAMPLED, value=0.008)}",
        f"`pretrained-words(4)` is {asked(words, ALONE, 'dm-mean')} points from `domain-only(4)`, "
        f"with the word vectors fixed {asked(frozen, ALONE, 'dm-mean')}, and `sequential(4)` "
        f"{asked(RESTART, ALONE, 'dm-mean')}",
        f"TF-IDF of D with the same classifier reaches {tf_idf()}",
        errors("native"),
        f"gensim's own core gives {errors('gensim', beside=False)}",
        passes_sentence(),
    )


def errors(engine: str, beside: bool = True) -> str:
    published = {"dbow": 0.1052, "dm-mean": 0.1709, "dm-concat": 0.3092}
    titles = {"dbow": "PV-DBOW", "dm-mean": "PV-DM/mean", "dm-concat": "PV-DM/concat"}
    found = {}
    for record in records("replication"):
        cell = record["cell"]
        settings = cell.get("settings", {})
        wanted = (cell["pair"], cell.get("vectors"), settings.get("engine"))
        if wanted == ("imdb-published", "trained", engine):
            assert settings["model"] not in found
            found[settings["model"]] = 1 - record["metrics"]["all"]["logistic"]["accuracy"]
    return ", ".join(
        f"{titles[model]} {found[model]:.3f}" + f" (published {error:.3f})" * beside
        for model, error in published.items()
        if model in found
    )


def of_passes(model: str) -> list[str]:
    """Return the accuracy on Ohsumed after five passes over it alone, by seed, in %."""
    found = {
        record["cell"]["seed"]: 100 * record["metrics"]["all"]["logistic"]["accuracy"]
        for record in records("passes")
        if record["cell"].get("settings", {}).get("model") == model
        and record["cell"]["epochs"] == 5
    }
    assert sorted(found) == [0, 1]
    return [f"{found[seed]:.1f}" for seed in sorted(found)]


def passes_sentence() -> str:
    """Yao et al. 2019, table 2, beside few passes over the same documents."""
    dbow, dm = (" and ".join(of_passes(model)) for model in ("dbow", "dm-mean"))
    return (
        f"PV-DBOW on Ohsumed (46.7) is about what five passes give ({dbow}, two seeds), while "
        f"PV-DM (29.5) stays unexplained ({dm})"
    )


# What the front page says in other words.
def front_sentences() -> tuple[str, ...]:
    # A restart is a follow-up from 0.025.
    low = four_pairs.against_restart("follow-up", 0.001)
    return (
        other_models.order_sentence(),
        other_models.generic_sentence(),
        "encoders read the first 64 word pieces of a document",
        encoder_records.times_beside_sentence(),
        own_best.fixed_sentence(),
        own_best.generic_sentence(),
        own_best_checks.one_domain_sentence(),
        own_best_checks.few_sentence(),
        f"is ahead on {own_best.rival_ahead()} of {len(own_best.pairs())} pairs with all labels",
        count_sentence(),
        f"starts at the learning rate `0.001` in place of `0.025` loses {-max(low):.1f} to "
        f"{-min(low):.1f} points",
    )


def front_rows() -> list[str]:
    """Each domain, the mean over its generic corpora: at equal passes, then each at its best."""
    there: dict[str, list[str]] = {}
    for pair in own_best.pairs():
        there.setdefault(pair.partition("-")[2], []).append(pair)
    made = []
    for domain, title in DOMAINS.items():
        numbers = [np.mean([number(pair) for pair in there[domain]]) for number in FRONT_COLUMNS]
        made.append(f"| {title} | {' | '.join(f'{number:.1f}' for number in numbers)} |")
    assert there.keys() == DOMAINS.keys()
    return made


def _at_equal_passes(strategy: Strategy) -> Callable[[str], float]:
    return lambda pair: accuracy(pair, strategy, folder="crossed", seeds=3)


def _at_its_best(name: str) -> Callable[[str], float]:
    def number(pair: str) -> float:
        one = own_best.chosen(pair, name, "all")
        assert one is not None
        return 100 * one.accuracy

    return number


# Domains of the second study, short documents last.
DOMAINS = {
    "ohsumed": "Ohsumed, medical abstracts", "comp": "five groups on computers",
    "sci": "four groups on science", "imdb": "IMDB, reviews", "bbc": "BBC, news",
    "ag-news": "AG's News, short", "scicite": "SciCite, sentences",
}  # fmt: skip
FRONT_COLUMNS = (
    *map(_at_equal_passes, (COMBINED, OVERSAMPLED, ADAPTED, ALONE)),
    *map(_at_its_best, (own_best.PLAIN, own_best.WITH_GENERIC)),
    lambda pair: 100 * own_best.rivals("all")[pair],
)


@dataclass(frozen=True)
class Answer:
    """A page that says what was measured."""

    text: str
    rows: list[str]
    sentences: tuple[str, ...]


def choosing() -> Answer:
    text = (ROOT / "docs" / "choosing.md").read_text(encoding="utf-8")
    return Answer(
        text,
        [
            *own_best.decision_rows(),
            *other_models.choosing_rows(),
            *later_studies.rows(),
            *count_rows(),
            *tuned_pairs.rows(),
        ],
        sentences(),
    )


def front_page() -> Answer:
    """What the README begins with, up to where it says how to run it."""
    text = (ROOT / "README.md").read_text(encoding="utf-8").split("\n## Run it\n")[0]
    return Answer(text, front_rows(), front_sentences())


PAGES = pytest.mark.parametrize("page", [choosing, front_page])


@PAGES
def test_the_tables_are_those_of_the_records(page: Callable[[], Answer]) -> None:
    lines = page().text.splitlines()
    assert [row for row in page().rows if row not in lines] == []


@PAGES
def test_the_page_says_what_was_measured(page: Callable[[], Answer]) -> None:
    said = " ".join(page().text.split())
    assert [sentence for sentence in page().sentences if sentence not in said] == []


def test_the_words_between_the_numbers_are_true() -> None:
    larger = [passes > counts for passes, counts in steps()]
    assert larger.count(False) == 1
    over = [
        noise / counts
        for noise, (_, counts) in zip(noise_steps(), steps(), strict=True)
        if counts > 3
    ]
    assert len(over) >= 2 and min(over) > 0.85
    # The pair whose corpora resemble each other is the only one that generic text helps.
    signs = {
        pair: {
            counted(pair, OVERSAMPLED, labels, "presented")
            > counted(pair, ALONE, labels, "presented")
            for labels in ("all", "10")
        }
        for pair in COUNTED
    }
    assert [pair for pair in COUNTED if signs[pair] == {True}] == ["newsgroups-sci"]
    assert all(len(found) == 1 for found in signs.values())


def test_where_tf_idf_is_ahead() -> None:
    """Of all that was trained, or of how much of it in PV-DBOW."""

    def shares(pair: str, labels: str, model: str | None = None) -> float:
        reached = [
            100 * np.mean([r["metrics"][labels]["logistic"]["accuracy"] for r in of.values()])
            for (key, budget), of in trained("strategies").items()
            if budget == labels
            and json.loads(key)["pair"] == pair
            and model in (None, json.loads(key)["settings"]["model"])
        ]
        assert len(reached) >= 8
        return float(np.mean(baseline(pair, labels) > np.asarray(reached)))

    ohsumed, sci = ASKED
    assert shares(ohsumed, "all") == shares(ohsumed, "10") == 1
    assert 0 < shares(sci, "all", "dbow") < 1
    assert shares(sci, "10", "dbow") == 0


@PAGES
def test_no_other_number_is_on_the_page(page: Callable[[], Answer]) -> None:
    rest = page().text
    for row in page().rows:
        rest = rest.replace(row, "")
    rest = " ".join(rest.split())
    for sentence in page().sentences:
        rest = rest.replace(sentence, "")
    rest = re.sub(r"\]\([^)]*\)|`[^`]*`|\bC\d+\b|10 labels a class|20newsgroups-ohsumed", "", rest)
    rest = re.sub(
        r"domain-only\(4\)|oversampled\(4\)|sequential\(4\)|adapted\(4\)|d2vbench|Doc2Vec", "", rest
    )
    assert re.findall(r"\d[\d.,]*", rest) == []


def test_the_words_about_other_models_are_true() -> None:
    other_models.words_are_true()
    # An eighth of G against all of it, with all labels.
    (least, *_), pairs = later_studies.shares_of_generic(), later_studies.PAIRS
    assert least == 0.125
    for pair in pairs:
        part, whole = (
            later_studies.reached(pair, OVERSAMPLED, "all", **more)
            for more in ({"generic_fraction": least}, {})
        )
        assert abs(part - whole) < 1
    # Going on from a saved model, D's words added, against the domain alone.
    for labels in ("all", "10"):
        gained = later_studies.warm_gains("model-added", ALONE, labels)
        ahead = [pair for pair, gain in zip(pairs, gained, strict=True) if gain > 0.5]
        assert ahead == ["imdb-scicite"]
    tuned = own_best.chosen("imdb-scicite", own_best.PLAIN, "all")
    assert tuned and 100 * tuned.accuracy > later_studies.warm("imdb-scicite", "model-added", "all")
    # The setting that is proposed loses least against gensim's own rate, by domain and budget.
    least = {
        setting: min(
            min(own_best.against_usual(setting, labels).values()) for labels in ("all", "50", "10")
        )
        for setting in own_best.fixed("all")
        if setting != own_best.USUAL
    }
    assert max(least, key=lambda one: least[one]) == own_best.SAFE
    most = [
        max(of, key=lambda d: of[d])
        for of in (own_best.against_usual(own_best.SAFE, labels) for labels in ("all", "50", "10"))
    ]
    assert set(most) == {"ag-news", "scicite"}
    # TF-IDF and the best of what is trained, by domain.
    ahead_of = own_best.by_domain(
        [own_best.differences(own_best.ANY, own_best.RIVAL, "all")[p] for p in own_best.pairs()]
    )
    assert [domain for domain, gain in ahead_of.items() if gain > 0] == ["sci"]
    few = own_best.compared()["10", own_best.UNLIMITED, own_best.WITH_GENERIC, own_best.PLAIN]
    assert few.found.interval.high < 0
    fifty = own_best.compared()["50", own_best.UNLIMITED, own_best.WITH_GENERIC, own_best.PLAIN]
    assert -0.01 < fifty.found.interval.low < fifty.found.interval.high < 0.01
    # Where both sides are tuned.
    assert min(tuned_pairs.gaps("oversampled", "domain-only", "all")) > -0.05
    here = own_best.differences("oversampled", own_best.PLAIN, "all")
    assert here["20newsgroups-ohsumed"] < 0
    chosen = tuned_pairs.reached()
    below = [
        pair
        for pair in tuned_pairs.PAIRS
        if chosen[pair, "domain-only", "10"] < later_studies.reached(pair, ALONE, "10")
        or chosen[pair, "sequential", "10"] < later_studies.reached(pair, RESTART, "10")
    ]
    assert len(below) > 1
    # What the table of what to train says.
    assert all(f"| `{own_best.PLAIN}` |" in row for row in own_best.decision_rows())
