"""What the page of encoders says, from the published records: means of three seeds, in per cent."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import published_records
from published_records import Record, low_to_high, points, records

from d2vbench.analysis import judge, load_run
from d2vbench.analysis.claims.fine_tuning import ENCODER_CLAIMS
from d2vbench.analysis.contrasts.frame import ENCODER
from d2vbench.analysis.studies import imbalance, new_words

FOLDER = "encoders"
SEEDS = (0, 1, 2)
PAIRS = ("newsgroups-comp", "reuters-ag-news", "docstrings-scipy")
LONG, SHORT = (PAIRS[0], PAIRS[2]), (PAIRS[1],)
LABELS = ("all", "50", "10")
STRATEGIES = ("domain-only", "combined", "oversampled", "sequential")
ARMS = (None, "head", "top(1)", "all")
BODIES = ("untrained", "domain-only", "oversampled", "sequential")
# How often a checkpoint goes through D before labels come.
FIRST_K = {"untrained": None, "domain-only": 4}
TAIL = "tail-20"
# Where articles say what they name; classes of names, the most frequent first.
TAGGED = "reuters-comp"
NAMES = ("place", "person", "organisation", "exchange")
CHECKPOINT = "all-MiniLM-L6-v2"

Score = Callable[[Record], float]


def _of(cell: dict[str, Any], name: str) -> Any:
    if name in ("strategy", "k"):
        return cell.get("strategy", {}).get({"strategy": "name"}.get(name, name))
    if name in ("max_tokens", "vocabulary"):
        return (cell.get("encoder") or cell.get("settings", {})).get(name)
    if name == "encoder":
        return cell.get("settings", {}).get("encoder")
    return cell.get(name)


@functools.cache
def _by_seed(wanted: tuple[tuple[str, Any], ...], labels: str) -> dict[int, Record]:
    found: dict[int, Record] = {}
    for record in records(FOLDER):
        cell = record["cell"]
        there = {**record["metrics"], **record.get("tokens", {})}
        # With few labels the study `imbalance` has some of the same cells again.
        apart = labels in ("50", "10") and "all" not in there
        if (
            labels in there
            and not apart
            and all(_of(cell, name) == value for name, value in wanted)
        ):
            assert cell["seed"] not in found, wanted
            found[cell["seed"]] = record
    return found


def seeds_of(labels: str, **wanted: Any) -> dict[int, Record]:
    """Return the records of one estimand by seed: all three, or none."""
    found = _by_seed(tuple(sorted(wanted.items(), key=lambda item: item[0])), labels)
    assert not found or tuple(sorted(found)) == SEEDS, (wanted, labels, sorted(found))
    return found


def metric(labels: str, name: str = "accuracy", classifier: str = "logistic") -> Score:
    return lambda record: 100 * float(record["metrics"][labels][classifier][name])


def mean(score: Score, labels: str, **wanted: Any) -> float:
    """Return the mean of a score over the three seeds; NaN where there is no such cell."""
    found = seeds_of(labels, **wanted)
    return float(np.mean([score(record) for record in found.values()])) if found else np.nan


def accuracy(labels: str, name: str = "accuracy", classifier: str = "logistic", **of: Any) -> float:
    return mean(metric(labels, name, classifier), labels, **of)


def words(pair: str, strategy: str, epochs: int) -> dict[str, Any]:
    return {"pair": pair, "family": "doc2vec", "strategy": strategy, "epochs": epochs}


def pieces(pair: str, strategy: str) -> dict[str, Any]:
    return {"pair": pair, "family": "encoder", "strategy": strategy, "epochs": 2}


def fraction_of(pair: str) -> float:
    """Return the share of D that the study `encoders` takes."""
    found = seeds_of("all", **words(pair, "combined", 2)).values()
    (fraction,) = {r["cell"]["fraction"] for r in found}
    return float(fraction)


def taken(pair: str, baseline: str, max_tokens: int = 64) -> dict[str, Any]:
    """A checkpoint as it is, with its own pieces."""
    return {
        "pair": pair, "baseline": baseline, "max_tokens": max_tokens, "vocabulary": "checkpoint",
        "fraction": fraction_of(pair),
    }  # fmt: skip


def further(pair: str, policy: str = "checkpoint") -> dict[str, Any]:
    """MiniLM after one more pass over D, without labels."""
    return {
        "pair": pair, "family": "encoder", "strategy": "domain-only", "encoder": CHECKPOINT,
        "vocabulary": policy, "fine_tuned": None, "epochs": 1, "k": 1,
    }  # fmt: skip


def tf_idf(pair: str, labels: str) -> float:
    found = [
        metric(labels)(r)
        for r in records(FOLDER)
        if r["cell"].get("baseline") == "tf-idf"
        and (r["cell"]["pair"], r["cell"]["fraction"]) == (pair, fraction_of(pair))
        and labels in r["metrics"]
    ]
    return float(np.mean(found))


def _row(*fields: Any) -> str:
    said = (f if isinstance(f, str) else "-" if np.isnan(f) else f"{f:.1f}" for f in fields)
    return f"| {' | '.join(said)} |"


def labelled(pair: str, labels: str) -> int:
    """Return how many labelled documents there are with a label budget."""
    found = seeds_of(labels, **words(pair, "combined", 2)).values()
    (number,) = {r["counts"][f"labelled_{labels}"] for r in found}
    return int(number)


def main_rows() -> list[str]:
    """`oversampled(4)` of what is trained; a budget with the labels of another has no row."""
    return [
        _row(
            pair, labels,
            accuracy(labels, **words(pair, "oversampled", 2)),
            accuracy(labels, **words(pair, "oversampled", 20)),
            accuracy(labels, **pieces(pair, "oversampled")),
            accuracy(labels, **taken(pair, "frozen-encoder")),
            accuracy(labels, **taken(pair, "frozen-encoder", 128)),
            accuracy(labels, **taken(pair, "zero-shot")),
            tf_idf(pair, labels),
        )
        for pair in PAIRS
        for labels in LABELS
        if labels == "all" or labelled(pair, labels) < labelled(pair, "all")
    ]  # fmt: skip


def seconds(of: dict[str, Any]) -> float:
    """Return the median over seeds of what a cell takes, in seconds of a core."""
    return float(np.median([sum(r["seconds"].values()) for r in seeds_of("all", **of).values()]))


def seconds_rows() -> list[str]:
    """`oversampled(4)` of each kind, and a checkpoint that is trained by no plan."""
    kinds = (
        ("PV-DBOW, two passes over G", lambda p: words(p, "oversampled", 2)),
        ("PV-DBOW, twenty passes over G", lambda p: words(p, "oversampled", 20)),
        ("`scratch:2x128`, two passes over G", lambda p: pieces(p, "oversampled")),
        ("MiniLM as it is", lambda p: taken(p, "frozen-encoder")),
    )
    return [
        f"| {title} | {' | '.join(f'{seconds(of(pair)):.1f}' for pair in PAIRS)} |"
        for title, of in kinds
    ]


def cut(pair: str) -> float:
    """Return which share of D's training documents an encoder from scratch reads the start of."""
    found = seeds_of("all", **pieces(pair, "oversampled")).values()
    return float(np.mean([
        100 * r["counts"]["train_cut"] / r["counts"]["domain_documents"] for r in found
    ]))  # fmt: skip


def tuned(pair: str, body: str, arm: str | None, **more: Any) -> dict[str, Any]:
    """A cell of the studies `fine-tuning` and `imbalance`: one pass over G, from scratch."""
    return {
        "pair": pair, "family": "encoder", "strategy": body, "fine_tuned": arm, "tokens": None,
        "epochs": 1, "encoder": "scratch:2x128", **more,
    }  # fmt: skip


def fine_tuning_rows() -> list[str]:
    rows = []
    for pair in PAIRS:
        for labels in ("all", "10"):
            for body in BODIES:
                if not seeds_of("all", **tuned(pair, body, "all")):
                    continue
                found = [accuracy(labels, **tuned(pair, body, arm)) for arm in ARMS]
                rows.append(_row(pair, labels, f"`{body}`", *found))
    return rows


def minilm_tuned(pair: str, body: str, arm: str | None, labels: str) -> list[float]:
    """Return the accuracy of each seed of MiniLM with labels, in %; a pair may have one seed."""
    of = tuned(
        pair, body, arm, encoder=CHECKPOINT, vocabulary="checkpoint", k=FIRST_K[body], max_tokens=64
    )
    found = _by_seed(tuple(sorted(of.items(), key=lambda item: item[0])), labels)
    return [metric(labels)(found[seed]) for seed in sorted(found)]


TUNED = (
    ("untrained", None), ("untrained", "all"), ("domain-only", None), ("domain-only", "all"),
    ("untrained", "scratch"),
)  # fmt: skip


def checkpoint_rows() -> list[str]:
    """MiniLM fine-tuned whole beside its frozen vectors, and beside random weights of its shape."""
    rows = []
    for pair in PAIRS:
        seeds = len(minilm_tuned(pair, "untrained", "all", "all"))
        for labels in ("all", "10") if seeds else ():
            each = [minilm_tuned(pair, body, arm, labels) for body, arm in TUNED]
            assert {len(values) for values in each} <= {seeds, 0}
            shown = (float(np.mean(values)) if values else np.nan for values in each)
            rows.append(_row(pair, str(seeds), labels, *shown, tf_idf(pair, labels)))
    return rows


def _minilm_gaps(first: tuple[str, str | None], second: tuple[str, str | None]) -> str:
    """What one way with MiniLM gains over another, each pair and label budget, mean of seeds."""
    gaps = []
    for pair in PAIRS:
        for labels in ("all", "10"):
            one, other = (minilm_tuned(pair, *way, labels) for way in (first, second))
            if one and other:
                gaps.append(float(np.mean(one) - np.mean(other)))
    return low_to_high(gaps)


def checkpoint_sentences() -> tuple[str, ...]:
    whole, frozen, scratch = ("untrained", "all"), ("untrained", None), ("untrained", "scratch")
    return (
        f"{_minilm_gaps(whole, frozen)} points from logistic regression on its frozen vectors",
        f"{_minilm_gaps(whole, scratch)} points above random weights of its shape",
        f"changes {_minilm_gaps(('domain-only', 'all'), whole)} points",
    )


def learners(pair: str) -> list[tuple[str, list[float], list[float]]]:
    """Return what learns from a long tail: its scores under a plain loss and a weighted one."""
    names = ("macro_f1", "accuracy", "rare_recall")
    made = []
    bodies = (
        ("PV-DBOW, ten passes over G, logistic regression", words(pair, "oversampled", 10)),
        ("`scratch:2x128`, one pass, logistic regression", tuned(pair, "oversampled", None)),
    )
    for title, of in bodies:
        plain, weighted = (
            [accuracy(TAIL, name, classifier, **of) for name in names]
            for classifier in ("logistic", "logistic-balanced")
        )
        made.append((title, plain, weighted))
    for arm in ("head", "all"):
        plain, weighted = (
            [accuracy(TAIL, name, **tuned(pair, "oversampled", loss)) for name in names]
            for loss in (arm, f"{arm}, weighted")
        )
        made.append((f"`scratch:2x128`, one pass, fine-tuned, `{arm}`", plain, weighted))
    return made


def tail_rows() -> list[str]:
    return [
        _row(pair, title, *(n for both in zip(plain, weighted, strict=True) for n in both))
        for pair in PAIRS
        for title, plain, weighted in learners(pair)
        if not np.isnan(plain).all()
    ]


def token(split: str, name: str) -> Score:
    return lambda record: 100 * float(record["tokens"]["400"][split][name])


def token_rows() -> list[str]:
    rows = []
    for pair in PAIRS:
        for loss in ("all", "all, weighted", "all, focal"):
            of = tuned(pair, "oversampled", loss, tokens="planted")
            if seeds_of("400", **of):
                scores = (token("seen", "macro_f1"), token("unseen", "macro_f1"),
                          token("seen", "accuracy"), token("seen", "outside"))  # fmt: skip
                rows.append(_row(pair, f"`{loss}`", *(mean(s, "400", **of) for s in scores)))
    return rows


def tagged_rows() -> list[str]:
    """Names that articles of Reuters list, on the one pair of which the study was run."""
    rows = []
    for loss in ("all", "all, weighted"):
        of = tuned(TAGGED, "oversampled", loss, tokens="tagged")
        assert seeds_of("400", **of)
        scores = (
            *(token(split, "macro_f1") for split in ("seen", "unseen")),
            *(token("seen", f"f1_{name}") for name in NAMES),
            token("seen", "accuracy"), token("seen", "outside"),
        )  # fmt: skip
        rows.append(_row(f"`{loss}`", *(mean(s, "400", **of) for s in scores)))
    return rows


def tagged_gains() -> list[float]:
    """What a weighted loss adds to macro-F1 of names that are listed, seen in training, by seed."""
    score = token("seen", "macro_f1")
    plain, weighted = (
        seeds_of("400", **tuned(TAGGED, "oversampled", loss, tokens="tagged"))
        for loss in ("all", "all, weighted")
    )
    return [score(weighted[seed]) - score(plain[seed]) for seed in SEEDS]


def minilm(pair: str, trained: bool, policy: str) -> dict[str, Any]:
    if trained:
        return further(pair, policy)
    return {**taken(pair, "frozen-encoder"), "vocabulary": policy}


def with_new_words() -> list[str]:
    """Return the pairs that the study `new-words` was run on."""
    return [pair for pair in PAIRS if seeds_of("all", **further(pair, "checkpoint+500"))]


def new_word_rows() -> list[str]:
    rows = []
    for pair in with_new_words():
        for labels in ("all", "10"):
            for trained, title in ((False, "as it is"), (True, "one more pass over D")):
                own, more = (
                    accuracy(labels, **minilm(pair, trained, policy))
                    for policy in ("checkpoint", "checkpoint+500")
                )
                rows.append(_row(pair, labels, title, own, more))
    return rows


def _gaps(labels: str, pairs: Iterable[tuple[dict[str, Any], dict[str, Any]]]) -> list[float]:
    """Return what the first of each pair of cells gains over the second, where there are both."""
    found = [accuracy(labels, **one) - accuracy(labels, **other) for one, other in pairs]
    return [gap for gap in found if not np.isnan(gap)]


def against_words_sentence() -> str:
    """An encoder from scratch less PV-DBOW at the same presentations, by kind of pair."""

    def said(pairs: tuple[str, ...], labels: str) -> str:
        return low_to_high(
            accuracy(labels, **pieces(p, s)) - accuracy(labels, **words(p, s, 2))
            for p in pairs
            for s in STRATEGIES
        )

    return (
        f"{said(LONG, 'all')} points with all labels and {said(LONG, '10')} with 10 a class on the "
        f"two, {said(SHORT, 'all')} and {said(SHORT, '10')} on that one"
    )


def whole_against_frozen(labels: str) -> list[float]:
    both = ((tuned(p, b, "all"), tuned(p, b, None)) for p in PAIRS for b in BODIES)
    return _gaps(labels, both)


def first_against_nothing(body: str, labels: str) -> list[float]:
    """Further training before all weights are fine-tuned less none."""
    return _gaps(labels, ((tuned(p, body, "all"), tuned(p, "untrained", "all")) for p in PAIRS))


def order_before_labels(labels: str) -> list[float]:
    both = ((tuned(p, "sequential", "all"), tuned(p, "oversampled", "all")) for p in PAIRS)
    return _gaps(labels, both)


def first_seed_gain() -> float:
    """What further training seemed to bring before all weights learned, by the first seed alone."""
    pair = "docstrings-scipy"
    after, before = (
        metric("all")(seeds_of("all", **tuned(pair, body, "all"))[0])
        for body in ("oversampled", "untrained")
    )
    return after - before


def spread(labels: str, of: Iterable[dict[str, Any]]) -> float:
    """Return the widest range over the three seeds of any of these cells, in points."""
    ranges = []
    for wanted in of:
        scores = [metric(labels)(r) for r in seeds_of(labels, **wanted).values()]
        ranges += [max(scores) - min(scores)] if scores else []
    return max(ranges)


def spreads() -> tuple[float, float]:
    """Return how far seeds lie apart, fine-tuned whole and by PV-DBOW, all labels."""
    return (
        spread("all", (tuned(p, b, "all") for p in PAIRS for b in BODIES)),
        spread("all", (words(p, s, 2) for p in PAIRS for s in STRATEGIES)),
    )


def times_as_long(trained: bool, passes: int = 2) -> list[float]:
    """Return how many times as long an encoder takes, training or all of it.

    For the same plans, or as PV-DBOW with more passes.
    """
    found = []
    for pair in PAIRS:
        for strategy in STRATEGIES:
            both = pieces(pair, strategy), words(pair, strategy, passes)
            encoder, plain = (
                np.median([r["seconds"]["train"] for r in seeds_of("all", **of).values()])
                if trained
                else seconds(of)
                for of in both
            )
            found.append(float(encoder / plain))
    return found


def trained_first(labels: str) -> list[float]:
    """Further training before all weights are fine-tuned less none, each body."""
    return [gap for body in BODIES[1:] for gap in first_against_nothing(body, labels)]


def longest_chosen() -> tuple[int, int]:
    """Return in how many fits with all labels the most passes on offer were chosen, and of all."""
    chosen = [
        bool(r["metrics"]["all"]["logistic"]["longest"])
        for r in records(FOLDER)
        if r["cell"].get("fine_tuned") and "all" in r["metrics"]
    ]
    return sum(chosen), len(chosen)


def best_tuned(pair: str) -> float:
    return max(
        value
        for body in BODIES
        if not np.isnan(value := accuracy("all", **tuned(pair, body, "all")))
    )


def over(first: dict[str, str], second: dict[str, str]) -> str:
    """Return what one strategy gains over another by an encoder, all labels, on each pair."""
    gaps = (
        accuracy("all", **pieces(pair, first["s"])) - accuracy("all", **pieces(pair, second["s"]))
        for pair in PAIRS
    )
    return ", ".join(map(points, gaps))


def more_passes(labels: str) -> list[float]:
    """What ten times the passes gain PV-DBOW, each strategy."""
    both = ((words(p, s, 20), words(p, s, 2)) for p in PAIRS for s in STRATEGIES)
    return _gaps(labels, both)


def weighted_gains(which: int, linear: bool) -> list[float]:
    """What a weighted loss adds on a long tail, by pair and learner: macro-F1, accuracy, recall."""
    return [
        weighted[which] - plain[which]
        for pair in PAIRS
        for title, plain, weighted in learners(pair)
        if linear != title.endswith("`all`") and not np.isnan(plain).all()
    ]


def token_gains(split: str) -> list[float]:
    """What a weighted loss adds to macro-F1 of names."""
    score = token(split, "macro_f1")
    both = (
        [mean(score, "400", **tuned(pair, "oversampled", loss, tokens="planted"))
         for loss in ("all, weighted", "all")]
        for pair in PAIRS
    )  # fmt: skip
    return [weighted - plain for weighted, plain in both if not np.isnan(plain)]


def word_gains(trained: bool) -> list[float]:
    """What new words add to a checkpoint, with all labels and with 10."""
    return [
        accuracy(labels, **minilm(pair, trained, "checkpoint+500"))
        - accuracy(labels, **minilm(pair, trained, "checkpoint"))
        for pair in with_new_words()
        for labels in ("all", "10")
    ]


def further_gains(labels: str) -> list[float]:
    """What one more pass over D, without labels, adds to MiniLM."""
    return [
        accuracy(labels, **minilm(pair, True, "checkpoint"))
        - accuracy(labels, **minilm(pair, False, "checkpoint"))
        for pair in with_new_words()
    ]


def classes(pair: str) -> int:
    return int(seeds_of("all", **words(pair, "combined", 2))[0]["counts"]["classes"])


def claim_rows() -> list[str]:
    """The verdict on each claim, by the analysis that the report is made of."""
    data = load_run(published_records.PUBLISHED / FOLDER)
    tuning = data.study("fine-tuning")
    judged = judge(ENCODER_CLAIMS, tuning, of=ENCODER)
    said = {one.claim.id: (one.claim.statement, str(one.outcome)) for one in judged}
    said["E5"] = (new_words.CLAIM, str(new_words.claim_outcome(
        new_words.word_gains(data.study("new-words")))))  # fmt: skip
    said["E6"] = (imbalance.CLAIM, str(imbalance.claim_outcome(
        imbalance.loss_scores(data.study("imbalance")))))  # fmt: skip
    return [f"| {name} | {claim} | {verdict} |" for name, (claim, verdict) in sorted(said.items())]


def times_sentence() -> str:
    whole = times_as_long(False)
    return f"takes {min(whole):.0f} to {max(whole):.0f} times as long"


def times_beside_sentence() -> str:
    """The same beside PV-DBOW for the same presentations, and after twenty passes."""
    longer = times_as_long(False, 20)
    return (
        f"{times_sentence()} for the same presentations, {min(longer):.0f} to {max(longer):.0f} "
        "times as long as Doc2Vec takes for twenty passes"
    )


def sentences() -> tuple[str, ...]:
    newsgroups, news, docstrings = PAIRS
    train = times_as_long(True)
    wide, narrow = spreads()
    long, fits = longest_chosen()
    few = spread("10", (tuned(p, b, "all") for p in PAIRS for b in BODIES))
    shuffled, sequence = {"s": "oversampled"}, {"s": "sequential"}
    return (
        f"{cut(newsgroups):.0f} % of the training documents of newsgroups-comp, {cut(news):.0f} % "
        f"of those of reuters-ag-news and {cut(docstrings):.0f} % of those of docstrings-scipy",
        f"{100 * fraction_of(docstrings):.0f} % of its domain, {labelled(docstrings, 'all')} "
        f"training documents of {classes(docstrings)} classes",
        against_words_sentence(),
        f"{times_sentence()} from reading to labels, and "
        f"{min(train):.0f} to {max(train):.0f} times as long to train",
        f"{low_to_high(more_passes('all'))} points with all labels, and "
        f"{low_to_high(more_passes('10'))} with 10 a class",
        f"`oversampled(4)` is {over(shuffled, {'s': 'combined'})} points from `combined`, and "
        f"`sequential(4)` {over(sequence, shuffled)} from `oversampled(4)`",
        f"{low_to_high(whole_against_frozen('all'))} points with all labels, and "
        f"{low_to_high(whole_against_frozen('10'))} with 10 a class",
        f"reaches {best_tuned(newsgroups):.1f}, {best_tuned(news):.1f} and "
        f"{best_tuned(docstrings):.1f} at most",
        f"in {long} of {fits} fits",
        f"{low_to_high(trained_first('all'))} points with all labels, and "
        f"{low_to_high(trained_first('10'))} with 10",
        f"{points(*order_before_labels('all'))} points with all labels and "
        f"{points(*order_before_labels('10'))} with 10",
        f"up to {wide:.1f} points apart with all labels and up to {few:.1f} with 10; cells of "
        f"PV-DBOW up to {narrow:.1f}",
        f"of one seed had shown {points(first_seed_gain())} points",
        f"macro-F1 by {low_to_high(weighted_gains(0, True))} points, accuracy by "
        f"{low_to_high(weighted_gains(1, True))} and the recall of rare classes by "
        f"{low_to_high(weighted_gains(2, True))}",
        f"where all weights learn, {low_to_high(weighted_gains(0, False))}, "
        f"{low_to_high(weighted_gains(1, False))} and {low_to_high(weighted_gains(2, False))}",
        f"{low_to_high(token_gains('seen'))} points of macro-F1 on names seen in training and "
        f"{low_to_high(token_gains('unseen'))} on names unseen",
        f"{low_to_high(word_gains(False))} points as it is, and {low_to_high(word_gains(True))} "
        "after one more pass",
        f"{low_to_high(further_gains('all'))} points with all labels, and "
        f"{low_to_high(further_gains('10'))} with 10",
        *checkpoint_sentences(),
        f"gains macro-F1 with each seed, {low_to_high(tagged_gains())} points on names seen",
    )


def rows() -> list[str]:
    return [
        *main_rows(), *seconds_rows(), *fine_tuning_rows(), *checkpoint_rows(), *tail_rows(),
        *token_rows(), *tagged_rows(),
        *new_word_rows(), *claim_rows(),
    ]  # fmt: skip
