"""The answer in three sentences is as sure as the numbers, and no surer."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import numpy as np
import pytest
from made_sections import run_of
from moderated_run import moderated_run

from d2vbench.analysis import Interval, OverPairs, RunData, over_pairs
from d2vbench.analysis.claims.answer import Answer, Choice, Help, ScheduleCost
from d2vbench.report.chapters.answer import answer_sentences, new_corpora_sentence
from d2vbench.report.document.contents import make_document

NAN = float("nan")


def choice(**more: Any) -> Choice:
    gain = Interval(0.031, 0.01, 0.05, 0.01)
    usual: dict[str, Any] = {
        "labels": "all", "pairs": ("p", "q"), "models": ("dbow",), "fraction": 1.0, "places": 2,
        "seeds": 3, "tried": 5, "best": "oversampled(4)", "accuracy": 0.8, "runner_up": "combined",
        "reference": "combined", "gains": (gain, Interval(0.011, 0.0, 0.02, 0.1)),
        "verdicts": Counter({"better": 1, "inconclusive": 1}),
    }  # fmt: skip
    return Choice(**(usual | more))


def first(**more: Any) -> str:
    return answer_sentences(Answer(choice(**more)))[0]


def test_better_in_half_and_worse_in_none_is_a_recommendation() -> None:
    assert first() == (
        "Take oversampled(4) if one is to serve all pairs: +2.1 points against combined in the "
        "mean of 2 pairs, all of the domain, PV-DBOW, all labels (from +1.1 to +3.1; better "
        "beyond noise in 1, undecided in 1), not corrected for being the best of 5 variants; 2 "
        "pairs do not say what holds for another."
    )


@pytest.mark.parametrize(
    ("verdicts", "begins"),
    [
        ({"better": 1, "worse": 1}, "No strategy is best everywhere; the highest mean is that of "),
        ({"inconclusive": 2}, "Nothing is shown to be better than combined, the simplest; "),
        (
            {"equivalent": 2},
            "Take combined, the simplest: the best, oversampled(4), is practically",
        ),
        ({"too few seeds": 2}, "Nothing is shown to be better than combined"),
    ],
)
def test_what_is_not_shown_is_not_said(verdicts: dict[str, int], begins: str) -> None:
    assert first(verdicts=Counter(verdicts)).startswith(begins)


def test_a_few_better_among_many_undecided_is_no_recommendation() -> None:
    gains = (Interval(0.01, -0.01, 0.03, 0.2),) * 5
    verdicts = Counter({"better": 1, "inconclusive": 4})
    said = first(places=5, gains=gains, verdicts=verdicts)
    assert said.startswith(
        "Most comparisons are undecided; the highest mean is that of oversampled(4)"
    )


def test_the_simplest_may_be_the_best() -> None:
    said = first(best="combined", runner_up="x", gains=(Interval(-0.01, -0.02, 0.0, 0.2),) * 2,
                 verdicts=Counter({"inconclusive": 2}))  # fmt: skip
    assert said == (
        "Take combined, the simplest: none of the 4 others has a higher mean accuracy; the "
        "nearest, x, is -1.0 points against combined in the mean of 2 pairs, all of the domain, "
        "PV-DBOW, all labels (-1.0; undecided in 2); 2 pairs do not say what holds for another."
    )


def test_one_pair_and_few_seeds_are_said() -> None:
    one = {"pairs": ("p",), "places": 1, "gains": (Interval(0.03, 0.01, 0.05, 0.01),),
           "verdicts": Counter({"too few seeds": 1})}  # fmt: skip
    assert first(**one, seeds=2).endswith(
        "+3.0 [+1.0, +5.0] points against combined (p, all of the domain, PV-DBOW, all labels), "
        "may be noise, not corrected for being the best of 5 variants; two seeds are too few for a "
        "verdict and one pair is one case."
    )
    one |= {"gains": (Interval(0.03, NAN, NAN, NAN),), "verdicts": Counter({"no interval": 1})}
    said = "+3.0 points against combined (p, all of the domain, PV-DBOW, all labels), may be noise"
    assert said in first(**one, seeds=1)
    assert first(**one, seeds=1).endswith("one seed gives no interval and one pair is one case.")


def test_nothing_to_compare_with() -> None:
    nothing = {"pairs": ("p",), "places": 1, "gains": (), "verdicts": Counter()}
    assert first(**nothing, tried=1, best="combined") == (
        "Only combined has results (p, all of the domain, PV-DBOW, all labels): there is nothing "
        "to choose between."
    )
    unknown = first(**nothing, reference="")
    assert "neither combined nor domain-only is among them, so its gain over" in unknown


def test_what_a_wrong_schedule_costs() -> None:
    place = ("p", 0.25, "dbow", "all")
    cost = ScheduleCost(place, "sequential(4)", "restart", "constant", 9,
                        Interval(0.138, 0.06, 0.22, 0.001), 3)  # fmt: skip
    less = ScheduleCost(("q", 1.0, "dbow", "all"), "sequential(4)", "a", "b", 2,
                        Interval(0.003, NAN, NAN, NAN), 1)  # fmt: skip
    assert answer_sentences(Answer(choice(), [cost, less], [0.011, 0.032]))[1] == (
        "Between the best and the worst of 9 schedules of sequential(4) (restart and constant, "
        "picked afterwards as best and worst, so that the gap is overstated) lie 13.8 [+6.0, "
        "+22.0] points on p (25 % of the domain), "
        "PV-DBOW, all labels; over 2 comparisons with two schedules or more it is from 0.3 to 13.8 "
        "points; the schedule chosen on the other pairs costs 2.1 points in the mean of 2 cases "
        "(from +1.1 to +3.2)."
    )
    gain = answer_sentences(Answer(choice(), [cost], [-0.014, 0.019]))[1]
    assert gain.endswith("costs 0.2 points in the mean of 2 cases (from -1.4 to +1.9; below zero "
                         "is a gain).")  # fmt: skip
    assert answer_sentences(Answer(choice(), [less]))[1].endswith(
        "lie 0.3 points on q, PV-DBOW, all labels; whether a good schedule suits another "
        "pair is not known (study transfer); one seed gives no interval."
    )
    assert (
        "is not known: the run has no follow-up under two schedules"
        in (answer_sentences(Answer(choice()))[1])
    )


def helped(gain: float, verdict: str, share: float = 1.0, pair: str = "p", seeds: int = 3) -> Help:
    interval = Interval(gain, gain - 0.01, gain + 0.01, 0.01)
    return Help(
        (pair, share, "dbow", "all"), "oversampled(4)", "domain-only(8)", interval, seeds, verdict
    )


@pytest.mark.parametrize(
    ("helps", "begins"),
    [
        ([helped(0.1, "better"), helped(-0.1, "worse", pair="q")],
         "Generic text helps on 1 and harms on 1 of 2 pairs by"),
        ([helped(0.1, "better")], "Generic text helps on 1 of 1 pair and is shown to harm on none"),
        ([helped(-0.1, "worse")], "Generic text harms on 1 of 1 pair and is shown to help on none"),
        ([helped(0.0, "equivalent")], "Generic text makes no practical difference on 1 pair"),
        ([helped(0.1, "inconclusive")], "Whether generic text helps is not known: nothing is"),
        ([], "Whether generic text helps at all is not known: the run has no domain-only"),
    ],
)  # fmt: skip
def test_when_generic_text_helps(helps: list[Help], begins: str) -> None:
    assert answer_sentences(Answer(choice(), helps=helps))[2].startswith(begins)


def test_generic_text_by_the_share_of_the_domain() -> None:
    helps = [helped(0.116, "better", 0.05), helped(-0.003, "inconclusive", 1.0),
             helped(0.5, "inconclusive", 1.0, "q")]  # fmt: skip
    assert answer_sentences(Answer(choice(), helps=helps))[2] == (
        "Whether generic text helps is not known: nothing is beyond noise on 2 pairs, by "
        "oversampled(4) against domain-only at its own best passes (PV-DBOW, all labels), from "
        "-0.3 to +50.0 points; by the share of the domain that there is, p: +11.6 with 5 %, -0.3 "
        "with 100 %; 2 pairs do not say what holds for another."
    )


def answer(data: RunData) -> tuple[str, ...]:
    return make_document(data).answer


def test_the_answer_of_runs_with_known_accuracies() -> None:
    which, schedule, generic = answer(run_of())
    assert which.startswith("Take oversampled(4): +25.")
    assert which.endswith("not corrected for being the best of 4 variants; one pair is one case.")
    assert schedule.startswith("What a wrong schedule costs is not known")
    assert generic.startswith("Generic text makes no practical difference on 1 pair")
    which, _, _ = answer(run_of(seeds=2))
    assert which.startswith(
        "Nothing is shown to be better than combined, the simplest; the highest"
    )
    which, _, generic = answer(run_of(seeds=1))
    assert "one seed gives no interval" in which
    assert generic.startswith(
        "Whether generic text helps is not known: nothing is beyond noise on 1 pair"
    )
    which, _, generic = answer(run_of(names=("combined",)))
    assert which.startswith("Only combined has results")
    assert generic.startswith("Whether generic text helps at all is not known")
    which, _, _ = answer(run_of(names=("sequential", "domain-only")))
    assert which.startswith("Take domain-only(4), the simplest: none of the 1 others")
    which, _, _ = answer(run_of(("p", "q")))
    assert "in the mean of 2 pairs, all of the domain, PV-DBOW, all labels" in which


def test_many_pairs_speak_of_new_corpora() -> None:
    def over(pairs: int, mean: float) -> OverPairs:
        values = mean + 0.01 * np.sin(np.arange(pairs))
        return over_pairs(values, [1e-5] * pairs, [i % 3 for i in range(pairs)], range(pairs))

    said = new_corpora_sentence(
        choice(), {"combined": over(9, 0.08), "domain-only(4)": over(9, 0.0)}
    )
    assert said.startswith(
        "Over new corpora like these (9 pairs of 3 generic and 9 domain corpora), oversampled(4) "
        "is +8."
    )
    assert re.search(r"points from combined and [+-]0\.\d \[", said)
    assert said.endswith("from domain-only(4): means with 95 % intervals, not corrected for being "
                         "the best of 5.")  # fmt: skip
    assert new_corpora_sentence(choice(), {"combined": over(5, 0.08)}) == ""
    assert new_corpora_sentence(choice(), {}) == ""


def test_the_first_sentence_is_about_new_corpora_where_it_can() -> None:
    """24 pairs of 4 generic corpora with 6 domains, where the worth of G depends on the pair."""
    text = make_document(moderated_run()).answer
    assert len(text) == 4
    assert text[0].startswith("Over new corpora like these (24 pairs of 4 generic and 6 domain")
    assert "oversampled(4) is +" in text[0]
    assert "points from domain-only(4):" in text[0]
    undecided = choice(verdicts=Counter({"inconclusive": 2}))
    said = answer_sentences(Answer(undecided), "Over new corpora ...")
    assert said[0] == "Over new corpora ..."
    assert said[1].startswith("On single pairs nothing is shown to be better than combined")
    assert answer_sentences(Answer(undecided))[0].startswith("Nothing is shown")


def test_that_each_is_at_its_own_best_is_said_once() -> None:
    tuned = {
        name: f"{title}; at its own best"
        for name, title in (("best", "adapted"), ("runner_up", "oversampled"),
                            ("reference", "combined"))
    }  # fmt: skip
    undecided = choice(verdicts=Counter({"no interval": 2}), **tuned)
    values = 0.01 * np.sin(np.arange(9))
    one = over_pairs(values, [1e-5] * 9, [i % 3 for i in range(9)], range(9))
    over = new_corpora_sentence(
        undecided, {f"{name}; at its own best": one for name in ("combined", "domain-only")}
    )
    assert over.startswith(
        "Over new corpora like these (9 pairs of 3 generic and 9 domain corpora), each strategy at "
        "its own best, adapted is "
    )
    assert "from combined and " in over and "from domain-only: means" in over
    said = answer_sentences(Answer(undecided), over)
    assert said[1].startswith("On single pairs nothing is shown to be better than combined, the ")
    assert " of 2 pairs, all of the domain, PV-DBOW, all labels, each at its own best " in said[1]
    assert "; at its own best" not in " ".join(said)
    # What holds over new corpora has said whether generic text helps.
    assert len(said) == 3
    assert answer_sentences(Answer(undecided), "")[-1].startswith("Whether generic text helps")
