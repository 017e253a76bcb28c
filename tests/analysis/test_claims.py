"""A claim's verdict follows its evidence, whichever way it points."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from run_support import made_run, right, variant

from d2vbench.analysis import CLAIMS, Claim, Evidence, Interval, Judged, RunData, judge, verdict_of
from d2vbench.analysis.claims.differences import ContrastTest
from d2vbench.analysis.claims.evidence import RESTART, SHARE, UNDECIDED, ClaimTest, Estimand
from d2vbench.analysis.claims.exposure import ResidualTest
from d2vbench.analysis.claims.outcomes import ExpansionTest, SpreadTest, TransferTest
from d2vbench.analysis.contrasts.contrasts import Cells, Contrast
from d2vbench.analysis.contrasts.variants import Variant
from d2vbench.bench.spec.studies import STUDIES

# A claim of one plain comparison.
PLAIN = Claim(
    "C0",
    "Oversampled is better than combined.",
    "nobody",
    (
        ContrastTest(
            Contrast(
                "oversampled minus combined",
                Cells(("oversampled",), schedule=("linear",)),
                Cells(("combined",), schedule=("linear",)),
                match=(),
            ),
            supports=("better",),
            contradicts=("worse", "equivalent"),
        ),
    ),
    (),
    "",
)
BY_ID = {claim.id: claim for claim in (*CLAIMS, PLAIN)}
SEEDS = 5


def cells(
    strategy: str, k: int | str, schedule: str, share: float, **more: Any
) -> list[dict[str, Any]]:
    return [
        variant(strategy, k, schedule)
        | {"seed": s, "correct": right(share, n=400, seed=s, noise=0.02)}
        | {name: value(s) if callable(value) else value for name, value in more.items()}
        for s in range(SEEDS)
    ]


def said(id: str, *groups: list[dict[str, Any]], study: str = "strategies") -> Judged:
    everything = [cell for group in groups for cell in group]
    data: RunData = made_run(everything, studies={study: list(range(len(everything)))})
    return judge([BY_ID[id]], data)[0]


def piece(vote: str, role: str = "vote") -> Evidence:
    interval = Interval(0.0, 0.0, 0.0, 1.0)
    return Evidence(
        "t", "p", 1.0, "m", "all", "a", "b", "accuracy", interval, 3, role=role, vote=vote
    )


def test_claims_say_what_they_need() -> None:
    assert [claim.id for claim in CLAIMS] == [f"C{i}" for i in range(1, 11)]
    for claim in CLAIMS:
        assert claim.statement.endswith(".")
        assert claim.source
        assert claim.tests
        assert {study for study, _ in claim.needs} <= set(STUDIES.built_in)
        assert claim.reading


@pytest.mark.parametrize(
    ("votes", "outcome"),
    [
        ("", "not tested"), ("s", "supported"), ("c", "contradicted"), ("u", "inconclusive"),
        ("sc", "mixed"), ("su", "supported"), ("suu", "inconclusive"),
        ("ccu", "contradicted"), ("uuuuusc", "mixed"),
    ],
)  # fmt: skip
def test_the_rule(votes: str, outcome: str) -> None:
    words = {"s": "supports", "c": "contradicts", "u": "undecided"}
    evidence = [piece(words[v]) for v in votes]
    # What stands beside does not vote.
    evidence += [piece("contradicts", "beside"), piece("supports", "other family")]
    assert str(verdict_of(evidence)) == outcome


@pytest.mark.parametrize(
    ("id", "first", "second", "up"),
    [
        ("C0", ("oversampled", 4, "linear"), ("combined", "", "linear"), "supported"),
        ("C3", ("oversampled", 4, "linear"), ("domain-only", 4, "linear"), "contradicted"),
    ],
)
def test_a_verdict_turns_with_the_difference(
    id: str, first: tuple[str, str, str], second: tuple[str, str, str], up: str
) -> None:
    down = {"supported": "contradicted", "contradicted": "supported"}[up]

    def of(one: float, two: float) -> Judged:
        return said(id, *(cells(*name, share, cv_accuracy_all=share) for name, share in
                          ((first, one), (second, two))))  # fmt: skip

    better = of(0.7, 0.6)
    assert str(better.outcome) == up
    worse = of(0.6, 0.7)
    assert str(worse.outcome) == down
    assert {str(o) for o in worse.by_place.values()} == {down}
    # Practically equal: of no help, which is what C3 says.
    equal = of(0.6, 0.6)
    assert str(equal.outcome) == ("supported" if id == "C3" else "contradicted")


@pytest.mark.parametrize(
    ("votes", "outcome"),
    [
        ("", "not tested"), ("s", "supported"), ("su", "inconclusive"), ("sssc", "contradicted"),
        ("u", "inconclusive"), ("ss", "supported"),
    ],
)  # fmt: skip
def test_the_rule_of_a_claim_about_every_vote(votes: str, outcome: str) -> None:
    words = {"s": "supports", "c": "contradicts", "u": "undecided"}
    claim = replace(PLAIN, universal=True)
    evidence = [*(piece(words[v]) for v in votes), piece("contradicts", "beside")]
    assert str(claim.outcome(evidence)) == outcome


@pytest.mark.parametrize(
    ("votes", "outcome"),
    [
        ({}, "not tested"), ({"a": "s", "b": "s"}, "supported"), ({"a": "s"}, "inconclusive"),
        ({"a": "s", "b": "u"}, "inconclusive"), ({"a": "s", "b": "c"}, "mixed"),
        ({"a": "c", "b": "c"}, "contradicted"), ({"a": "sc", "b": "s"}, "mixed"),
        ({"other": "s"}, "not tested"),
    ],
)  # fmt: skip
def test_the_rule_of_a_claim_of_several_views(votes: dict[str, str], outcome: str) -> None:
    words = {"s": "supports", "c": "contradicts", "u": "undecided"}
    claim = replace(PLAIN, views=(("one", "a"), ("two", "b")))
    evidence = [
        replace(piece(words[v]), test=test, pair=str(i))
        for test, said in votes.items()
        for i, v in enumerate(said)
    ]
    assert str(claim.outcome(evidence)) == outcome
    assert list(claim.by_view(evidence)) == ["one", "two"]


def test_the_verdict_about_new_corpora_is_that_of_all_labels() -> None:
    """Four pairs of eight corpora agree, and with few labels say the opposite."""

    def of(name: str, k: int | str, share: float, few: float, pair: str) -> list[dict[str, Any]]:
        made = cells(name, k, "linear", share, pair=pair)
        for cell in made:
            correct = {"all": cell["correct"], "10": right(few, n=400, seed=cell["seed"])}
            cell |= {"correct": correct, "accuracy_10": few}
        return made

    found = said(
        "C0",
        *(of("oversampled", 4, 0.7 + i / 100, 0.3, f"p{i}") for i in range(4)),
        *(of("combined", "", 0.4, 0.6, f"p{i}") for i in range(4)),
    )
    assert (str(found.outcome), str(found.outcome_few)) == ("supported", "contradicted")
    assert str(found.outcome_new) == "supported"
    by_labels = {one.piece.labels: one for one in found.beyond}
    assert by_labels.keys() == {"all", "10"}
    assert by_labels["all"].found.pairs == 4
    assert by_labels["all"].piece.interval.estimate == pytest.approx(0.315, abs=0.01)
    assert by_labels["10"].piece.interval.estimate == pytest.approx(-0.3, abs=0.02)
    assert (by_labels["all"].piece.pair, by_labels["all"].piece.seeds) == ("", 4 * SEEDS)


def test_a_claim_that_holds_on_one_pair_only_is_mixed() -> None:
    groups = []
    for pair, share in (("p", 0.7), ("q", 0.5)):
        groups += [
            cells("oversampled", 4, "linear", share, pair=pair),
            cells("combined", "", "linear", 0.6, pair=pair),
        ]
    found = said("C0", *groups)
    assert str(found.outcome) == "mixed"
    assert {place: str(o) for place, o in found.by_place.items()} == {
        ("p", "dbow"): "supported",
        ("q", "dbow"): "contradicted",
    }


def test_a_vote_is_one_estimand() -> None:
    """Other k and shares of D stand beside, whatever they say; 10 labels have their own verdict."""
    low, middle, high = (right(share, 400) for share in (0.4, 0.6, 0.8))
    many, few = {"all": high, "10": low}, {"all": middle, "10": middle}
    found = said(
        "C0",
        cells("oversampled", 4, "linear", 0.8, correct=lambda s: many),
        cells("oversampled", 8, "linear", 0.4),
        cells("oversampled", 4, "linear", 0.4, fraction=0.5),
        cells("combined", "", "linear", 0.6, correct=lambda s: few),
        cells("combined", "", "linear", 0.6, fraction=0.5),
    )
    assert [(e.role, e.fraction, e.labels, e.first, e.vote) for e in found.evidence] == [
        ("vote", 1.0, "all", "oversampled(4)", "supports"),
        ("beside", 1.0, "all", "oversampled(8)", "contradicts"),
        ("vote", 1.0, "10", "oversampled(4)", "contradicts"),
        ("beside", 0.5, "all", "oversampled(4)", "contradicts"),
    ]
    assert (str(found.outcome), str(found.outcome_few)) == ("supported", "contradicted")
    assert [e.labels for e in found.votes] == ["all"]


def test_a_pair_without_all_of_d_votes_at_the_share_with_most_variants() -> None:
    found = said(
        "C0",
        cells("oversampled", 4, "linear", 0.4, fraction=0.5),
        cells("combined", "", "linear", 0.6, fraction=0.5),
        cells("domain-only", 1, "linear", 0.6, fraction=0.5),
        cells("oversampled", 4, "linear", 0.8, fraction=0.25),
        cells("combined", "", "linear", 0.6, fraction=0.25),
    )
    assert [(e.role, e.fraction, e.vote) for e in found.evidence] == [
        ("vote", 0.5, "contradicts"), ("beside", 0.25, "supports"),
    ]  # fmt: skip
    assert str(found.outcome) == "contradicted"
    # What a smaller share says of new corpora is another estimand.
    assert str(found.outcome_new) == "not tested"


def test_two_votes_in_one_place_are_refused() -> None:
    """Without a schedule, two follow-ups of one k would both be the one that votes."""
    test = BY_ID["C8"].tests[0]
    assert isinstance(test, ContrastTest)
    loose = replace(BY_ID["C8"], tests=(replace(test, estimand=Estimand()),))
    made = [
        c | {"correct": dict.fromkeys(("all", "generic", "generic_before"), c["correct"])}
        for schedule in ("linear", "restart")
        for c in cells("sequential", 4, schedule, 0.6)
    ]
    with pytest.raises(ValueError) as caught:
        judge([loose], made_run(made))
    assert str(caught.value) == (
        "a vote is one estimand, but C8 has 2 on generic task after the follow-up minus before / "
        "p / dbow / generic: name the k and the schedule that vote in the test's Estimand"
    )


def test_averaged_word_vectors_have_no_vote_on_doc2vec() -> None:
    groups = [
        cells(name, k, "linear", share + gain, model=model, family=family)
        for model, family, gain in (("dbow", "doc2vec", 0.1), ("word2vec-mean",) * 2 + (-0.1,))
        for name, k, share in (("oversampled", 4, 0.6 + gain), ("combined", "", 0.6))
    ]
    found = said("C0", *groups)
    assert [(e.model, e.role, e.vote) for e in found.evidence] == [
        ("dbow", "vote", "supports"),
        ("word2vec-mean", "other family", "contradicts"),
    ]
    assert str(found.outcome) == "supported"
    assert list(found.by_place) == [("p", "dbow")]


def test_noise_is_inconclusive() -> None:
    rng = np.random.default_rng(0)
    noisy = [
        [c | {"correct": rng.random(60) < 0.6} for c in cells(*names, 0.6)]
        for names in (("oversampled", 4, "linear"), ("combined", "", "linear"))
    ]
    assert str(said("C0", *noisy).outcome) == "inconclusive"


def drifting(lost: float, table: str = "outputs") -> list[dict[str, Any]]:
    rng = np.random.default_rng(1)
    measures: dict[str, Any] = {}
    for kind in ("turn", "products", "neighbours"):
        kept = {"lost": lost, "across": 0.6 * (1 - lost), "absent": 0.9, "domain": 0.4}
        for what, mean in kept.items():
            noisy = lambda s, mean=mean: mean + rng.normal(0, 0.005)  # noqa: E731
            measures[f"drift_{kind}_{table}_{what}"] = noisy
    halves = {"fewest_accuracy": -0.02, "most_accuracy": -0.1, "fewest_neighbours": 0.6,
              "most_neighbours": 0.4}  # fmt: skip
    measures |= {f"drift_{name}": value for name, value in halves.items()}
    return cells("sequential", 4, "restart", 0.6, **measures)


@pytest.mark.parametrize("table", ["outputs", "words"])
@pytest.mark.parametrize(
    ("lost", "outcome"),
    [(0.3, "supported"), (0.07, "supported"), (0.02, "contradicted"), (0.0, "contradicted"),
     (-0.3, "contradicted"), (0.05, "inconclusive")],
)  # fmt: skip
def test_c4_turns_with_what_is_lost_across(lost: float, outcome: str, table: str) -> None:
    found = said("C4", drifting(lost, table), study="drift")
    assert str(found.outcome) == outcome
    # One vote: rotations, neighbours and documents stand beside, whatever they say.
    (vote,) = found.votes
    assert (vote.unit, vote.seeds) == ("lost", 5)
    assert vote.interval.low < lost < vote.interval.high
    assert vote.first.startswith("sequential(4), restart: kept across 0.")
    assert vote.second.startswith("within absent words 0.9")
    beside = {e.test: e for e in found.evidence if e.role == "context"}
    assert len(beside) == 4
    assert {e.vote for e in beside.values()} == {"undecided"}
    generic = beside["change of accuracy on the generic task, generic documents with most absent "
                     "words minus with fewest"]  # fmt: skip
    assert generic.interval.estimate == pytest.approx(-0.08)
    assert (generic.unit, generic.second) == ("accuracy", "with most -0.100")
    # The other table was not measured: the model does not train it.
    assert {s.place for s in found.skipped} == {None}


def test_c4_is_not_tested_by_records_that_lack_what_it_reads() -> None:
    old = cells("sequential", 4, "restart", 0.6, drift_outputs_absent_aligned=0.9)
    found = said("C4", old, study="drift")
    assert str(found.outcome) == "not tested"
    assert "drift_products_outputs_lost; records of an older release" in found.skipped[0].reason
    unmeasured = drifting(0.3)
    for cell in unmeasured:
        cell["drift_products_outputs_lost"] = math.nan
    found = said("C4", unmeasured, study="drift")
    assert str(found.outcome) == "not tested"
    assert "not measured" in found.skipped[0].reason


def spread_cells(schedules: float, strategies: float) -> list[list[dict[str, Any]]]:
    steps = (-1, 0, 1)
    follow = [
        cells("sequential", 4, f"follow-up({a})", 0.6 + schedules * step)
        for a, step in zip((0.005, 0.025, 0.05), steps, strict=True)
    ]
    names = (
        ("combined", "", "linear"),
        ("oversampled", 4, "linear"),
        ("reverse", 4, "restart"),
    )
    return follow + [
        cells(*name, 0.6 + strategies * step) for name, step in zip(names, steps, strict=True)
    ]


def test_c5_turns_with_what_spreads_more() -> None:
    more = said("C5", *spread_cells(0.15, 0.03), study="schedules")
    assert str(more.outcome) == "supported"
    assert more.evidence[0].interval.estimate == pytest.approx(5, rel=0.2)
    assert more.evidence[0].first == "3 schedules of sequential with k = 4"
    assert str(said("C5", *spread_cells(0.03, 0.15), study="schedules").outcome) == "contradicted"
    assert str(said("C5", *spread_cells(0.06, 0.06), study="schedules").outcome) == "inconclusive"
    found = said("C5", *spread_cells(0.1, 0.1)[:4])
    assert str(found.outcome) == "not tested"
    assert found.skipped[0].reason == "1 strategies to compare 3 schedules with"


def transferred(best: dict[str, str]) -> list[list[dict[str, Any]]]:
    return [
        cells("sequential", 4, a, share, pair=pair, cv_accuracy_all=share)
        for pair, own in best.items()
        for a in ("follow-up(0.005)", "follow-up(0.05)")
        for share in [0.7 if a == own else 0.6]
    ]


def test_c6_turns_with_whether_pairs_agree() -> None:
    low, high = "follow-up(0.005)", "follow-up(0.05)"
    apart = said("C6", *transferred({"p": low, "q": high}), study="transfer")
    assert str(apart.outcome) == "supported"
    assert apart.evidence[0].interval.estimate == pytest.approx(0.1, abs=0.02)
    alike = said("C6", *transferred({"p": low, "q": low}), study="transfer")
    assert str(alike.outcome) == "contradicted"
    assert str(said("C6", *transferred({"p": low}), study="transfer").outcome) == "not tested"


def expanded(policy: str, outcome: str) -> list[dict[str, Any]]:
    return [
        c | {"policy": policy, "vocabulary_policy": policy, "expansion_outcome": outcome}
        | ({"correct": None} if outcome == "crash" else {})
        for c in cells("sequential", 4, "restart", 0.6)
    ]  # fmt: skip


def test_c7_turns_with_what_became_of_the_expansion() -> None:
    bad = said(
        "C7", expanded("expanded", "crash"), expanded("expanded-restarted-tags", "overwrite")
    )
    assert str(bad.outcome) == "supported"
    assert bad.evidence[0].second == "5 of 5 crash"
    fine = said(
        "C7", expanded("expanded", "success"), expanded("expanded-restarted-tags", "success")
    )
    assert str(fine.outcome) == "contradicted"
    # A way around does not vote, and is shown with what it costs.
    repaired = [c | {"correct": right(0.5, n=400, seed=s, noise=0.02)}
                for s, c in enumerate(expanded("expanded-repaired", "success"))]  # fmt: skip
    usual = cells("sequential", 4, "restart", 0.6)
    assert str(said("C7", repaired, usual).outcome) == "not tested"
    both = said("C7", expanded("expanded", "crash"), repaired, usual)
    assert str(both.outcome) == "supported"
    assert [(e.test, e.role, e.second) for e in both.evidence] == [
        ("without the repair, new tags after the old", "vote", "5 of 5 crash"),
        ("with the repair, dv.resize_vectors()", "context", "5 of 5 success"),
        ("with the repair minus the usual vocabulary", "context", "sequential(4), restart"),
    ]
    cost = both.evidence[-1]
    assert (cost.unit, cost.finding, cost.vote) == ("accuracy", "worse", "undecided")
    assert cost.interval.low < -0.1 < cost.interval.high
    assert str(said("C7", cells("combined", "", "linear", 0.6)).outcome) == "not tested"


def test_c8_turns_with_what_is_left_of_the_generic_task() -> None:
    def run(after: float) -> Judged:
        made = cells("sequential", 4, "restart", 0.6)
        for s, cell in enumerate(made):
            cell["correct"] = {
                "all": cell["correct"],
                "generic": right(after, n=300, seed=s, noise=0.02),
                "generic_before": right(0.8, n=300, seed=s, noise=0.02),
            }
        return said("C8", made, study="drift")

    assert str(run(0.6).outcome) == "supported"
    assert str(run(0.8).outcome) == "contradicted"


def test_nothing_is_said_of_an_empty_run() -> None:
    data = made_run(cells("reverse", 4, "restart", 0.5))
    for found in judge(CLAIMS, data):
        assert str(found.outcome) == "not tested"
        assert found.skipped
        assert found.by_place == {}


def test_two_seeds_are_too_few() -> None:
    two = [cells(*n, share)[:2] for n, share in
           ((("oversampled", 4, "linear"), 0.9), (("combined", "", "linear"), 0.3))]  # fmt: skip
    found = said("C0", *two)
    assert found.evidence[0].finding == "too few seeds"
    assert str(found.outcome) == "inconclusive"


def test_p_values_are_adjusted_over_all_votes() -> None:
    groups = []
    for pair in "pqr":
        groups += [
            cells("oversampled", 4, "linear", 0.63, pair=pair),
            cells("combined", "", "linear", 0.6, pair=pair),
        ]
    evidence = said("C0", *groups).evidence
    raw = sorted(e.interval.p for e in evidence)
    assert min(e.p_holm for e in evidence) == pytest.approx(min(1, 3 * raw[0]))


def found_to_be(low: float, high: float, p: float = 0.01, seeds: int = 3, **more: Any) -> Evidence:
    interval = Interval((low + high) / 2, low, high, p)
    named = Evidence("t", "p", 1.0, "dbow", "all", "a", "b", "accuracy", interval, seeds)
    return replace(named, p_holm=p, **more)


RATIO = SpreadTest("t", Cells(("sequential",)))
REGRET = TransferTest("t")
RESIDUAL = ResidualTest("t")


@pytest.mark.parametrize(
    ("test", "found", "finding", "vote"),
    [
        (RATIO, found_to_be(1.1, 2.0), "larger", "supports"),
        (RATIO, found_to_be(0.5, 0.9), "smaller", "contradicts"),
        (RATIO, found_to_be(1.1, 2.0, p=0.05), "inconclusive", UNDECIDED),
        (RATIO, found_to_be(1.1, 2.0, seeds=2), "too few seeds", UNDECIDED),
        (RATIO, found_to_be(1.1, 2.0, role="context"), "larger", UNDECIDED),
        (REGRET, found_to_be(0.02, 0.05), "better", "supports"),
        (REGRET, found_to_be(-0.005, 0.005, p=0.9), "equivalent", "contradicts"),
        (REGRET, found_to_be(-0.05, -0.02), "worse", "contradicts"),
        (REGRET, found_to_be(-0.05, 0.02, p=0.5), "inconclusive", UNDECIDED),
        (RESIDUAL, found_to_be(-0.01, 0.01, p=0.9), "equivalent", "supports"),
        (RESIDUAL, found_to_be(0.011, 0.05), "beyond the curve", "contradicts"),
        (RESIDUAL, found_to_be(-0.05, -0.011), "short of the curve", "contradicts"),
        # It lies off the curve, but perhaps by no more than makes no difference.
        (RESIDUAL, found_to_be(0.01, 0.05), "inconclusive", UNDECIDED),
        (RESIDUAL, found_to_be(-0.05, -0.01), "inconclusive", UNDECIDED),
        (RESIDUAL, found_to_be(0.011, 0.05, p=0.05), "inconclusive", UNDECIDED),
        (RESIDUAL, found_to_be(-0.05, -0.011, p=0.05), "inconclusive", UNDECIDED),
        (RESIDUAL, found_to_be(-0.01, 0.01, seeds=2), "too few seeds", UNDECIDED),
        (RESIDUAL, found_to_be(-0.011, 0.01, p=0.9), "inconclusive", UNDECIDED),
    ],
)
def test_what_an_interval_says_of_a_claim(
    test: ClaimTest, found: Evidence, finding: str, vote: str
) -> None:
    said = test.judged(found)
    assert (said.finding, said.vote) == (finding, vote)
    assert replace(said, finding="", vote=found.vote) == found


@pytest.mark.parametrize(
    ("share", "finding", "vote"),
    [(1.0, "never worked", "supports"), (0.0, "worked", "contradicts"),
     (0.5, "worked at times", UNDECIDED)],
)  # fmt: skip
def test_an_expansion_supports_only_where_every_trial_failed(
    share: float, finding: str, vote: str
) -> None:
    said = ExpansionTest("t", "expanded").judged(found_to_be(share, share))
    assert (said.finding, said.vote) == (finding, vote)


@pytest.mark.parametrize(
    ("fraction", "labels", "first", "role"),
    [
        (1.0, "all", None, "vote"), (1.0, "10", None, "vote"), (1.0, "", None, "vote"),
        (1.0, "generic", None, "vote"), (1.0, "50", None, "beside"),
        (1.0, "whole10", None, "beside"), (0.5, "all", None, SHARE),
        (0.5, "50", None, "beside"), (1.0, "all", Variant("sequential", 4), "beside"),
        (1.0, "all", Variant("sequential", 4, None, "restart"), "vote"),
        (1.0, "all", Variant("sequential", 2, None, "restart"), "beside"),
        (0.25, "all", Variant("sequential", 4, None, "restart"), SHARE),
    ],
)  # fmt: skip
def test_which_comparison_votes(
    fraction: float, labels: str, first: Variant | None, role: str
) -> None:
    assert RESTART.role(fraction, labels, first) == role
    any_k = replace(RESTART, k=None)
    assert any_k.role(fraction, labels, first and first._replace(k=9)) == (
        "vote" if first and first.k == 2 else role
    )
