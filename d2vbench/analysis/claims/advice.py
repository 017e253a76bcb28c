"""The claims: common advice on two corpora, as data."""

from __future__ import annotations

from dataclasses import replace
from typing import TypedDict

from d2vbench.analysis.claims.differences import ContrastTest, MeasureTest, PartsTest
from d2vbench.analysis.claims.evidence import RESTART, Estimand
from d2vbench.analysis.claims.exposure import EqualTest, ResidualTest
from d2vbench.analysis.claims.judging import Claim
from d2vbench.analysis.claims.outcomes import ExpansionTest, SpreadTest, TransferTest
from d2vbench.analysis.contrasts.contrasts import Cells, Contrast
from d2vbench.analysis.contrasts.scores import GENERIC, GENERIC_BEFORE
from d2vbench.analysis.studies.exposure import AREA, WORDS


class _Says(TypedDict):
    supports: tuple[str, ...]
    contradicts: tuple[str, ...]


_WORSE: _Says = {"supports": ("worse",), "contradicts": ("better", "equivalent")}
_BETTER: _Says = {"supports": ("better",), "contradicts": ("worse", "equivalent")}
# With natural counts, which are those of combined under either policy.
_NATURAL = Cells(("oversampled",), schedule=("linear",), policy=("natural",))
_PLAIN = Cells(("combined",), schedule=("linear",))
_SHUFFLED = Cells(("combined", "oversampled"), schedule=("linear",))
_RESTART = Cells(("sequential",), schedule=("restart",))
_ANY_SETTING: tuple[str, ...] = ()
# A strategy at its own best has no k: it is part of what was chosen.
_CHOSEN = Estimand(k=None)


def _own_best(first: str, second: str) -> Contrast:
    return Contrast(
        f"{first} minus {second}, each at its own best",
        Cells((first,), setting=_ANY_SETTING),
        Cells((second,), setting=_ANY_SETTING),
        match=(),
        own_best=True,
    )


# Left behind: more than a twentieth of what is kept within the groups of words is lost across.
_LEFT_BEHIND = 0.05
_FOLLOW_UPS = Cells(("sequential",))
_REPAIRED = "expanded-repaired"
_TABLES = {"outputs": "output vectors", "words": "word vectors"}


def _equal_area(first: str, schedule: str, second: str, says: _Says) -> EqualTest:
    return EqualTest(
        f"{first} minus {second}, at equal area of D",
        Cells((first,), k=(4,), schedule=(schedule,)),
        Cells((first,), setting=_ANY_SETTING),
        Cells((second,), setting=_ANY_SETTING),
        AREA,
        ("epochs", "alpha", "min_alpha"),
        **says,
    )


def _views(*tests: str) -> tuple[tuple[str, str], ...]:
    said = ("at equal words", "at equal area of D", "each at its own best")
    return tuple(zip(said, tests, strict=True))


_SAME_DOCUMENTS = "sequential minus shuffled, the same documents equally often"
_OVERSAMPLED = Cells(("oversampled",), k=(4,), schedule=("linear",))


def _left_behind(kind: str, measure: str, context: bool = False) -> tuple[MeasureTest, ...]:
    return tuple(
        MeasureTest(
            _FOLLOW_UPS, f"{measure}, {title}", "lost", f"drift_{kind}_{table}_lost",
            shown=(
                ("kept across", f"drift_{kind}_{table}_across"),
                ("within absent words", f"drift_{kind}_{table}_absent"),
                ("within words in D", f"drift_{kind}_{table}_domain"),
            ),
            margin=_LEFT_BEHIND, context=context,
        )
        for table, title in _TABLES.items()
    )  # fmt: skip


def _by_absent_words(kind: str, measure: str, unit: str) -> MeasureTest:
    most, fewest = f"drift_most_{kind}", f"drift_fewest_{kind}"
    return MeasureTest(
        _FOLLOW_UPS, f"{measure}, generic documents with most absent words minus with fewest", unit,
        most, fewest, (("with fewest", fewest), ("with most", most)), context=True,
    )  # fmt: skip


_ADVICE = "advice given again and again on the gensim mailing list and its issue tracker"

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "C1",
        "Training in sequence, generic corpus first, is worse than shuffling all together.",
        _ADVICE + ": never train on one corpus after the other",
        (
            ContrastTest(
                Contrast(_SAME_DOCUMENTS, _RESTART, _SHUFFLED),
                **_WORSE,
            ),
            _equal_area("sequential", "restart", "combined", _WORSE),
            ContrastTest(_own_best("sequential", "combined"), estimand=_CHOSEN, **_WORSE),
        ),
        (
            ("strategies", "sequential(k) with restart, and combined (k = 1) or oversampled(k)"),
            ("tuned", "sequential and combined"),
        ),
        "At equal words: the same documents, equally often, sequential(4) with a restart against "
        "oversampled(4), which have the same area of D too. At equal area of D: curves through the "
        "variants of either strategy, read at the area of sequential(4) with a restart; combined "
        "reaches it with a higher alpha or more epochs. What other schedules do is C5.",
        _views(
            _SAME_DOCUMENTS,
            "sequential minus combined, at equal area of D",
            "sequential minus combined, each at its own best",
        ),
    ),
    Claim(
        "C2",
        "Oversampling the domain beats combining both corpora as they are, on the domain.",
        _ADVICE + ": repeat the domain's documents if they need weight",
        (
            EqualTest(
                "oversampled minus combined, at equal words",
                _OVERSAMPLED,
                _OVERSAMPLED,
                Cells(("combined",), schedule=("linear",), setting=_ANY_SETTING),
                WORDS,
                ("epochs",),
                **_BETTER,
            ),
            _equal_area("oversampled", "linear", "combined", _BETTER),
            ContrastTest(_own_best("oversampled", "combined"), estimand=_CHOSEN, **_BETTER),
        ),
        (("strategies", "oversampled(4)"), ("tuned", "oversampled and combined")),
        "As they come, oversampled(4) trains on more words than combined and has four times its "
        "area of D, so that a plain difference says nothing. At equal words: combined with more "
        "epochs, between whose cells a curve is read. At equal area of D: curves through the "
        "variants of either strategy, read at the area of oversampled(4).",
        _views(
            "oversampled minus combined, at equal words",
            "oversampled minus combined, at equal area of D",
            "oversampled minus combined, each at its own best",
        ),
    ),
    Claim(
        "C3",
        "With enough domain data, the generic corpus does not help, and dilutes.",
        "Lai et al. 2015 (arXiv 1507.05523): the domain of a corpus counts for more than its size; "
        "also " + _ADVICE,
        (
            *(
                ContrastTest(
                    Contrast(
                        f"{name} minus the domain alone at its own best passes",
                        Cells((name,), schedule=("linear",)),
                        Cells(("domain-only",), schedule=("linear",), best=True),
                        match=(),
                    ),
                    supports=("worse", "equivalent"),
                    contradicts=("better",),
                    estimand=Estimand(k=k),
                )
                for name, k in (("oversampled", 4), ("combined", 1))
            ),
        ),
        (("domain-size", "combined or oversampled(k), and domain-only(k) of several k"),),
        "The passes of domain-only are chosen by cross-validation on training documents, among "
        "those that the run has; the other side has no choice. "
        "Judged with all of D. Whether that is enough is not known: a contradiction may say that "
        "the domain corpus is small. 'worse' is dilution, 'equivalent' is no help. Smaller shares "
        "stand beside, with the labels of the share and with those of all of D.",
    ),
    Claim(
        "C4",
        "Words that the follow-up corpus lacks are left behind, out of alignment with those that "
        "it trains.",
        _ADVICE + ": words seen in the later corpus move, and the others are left behind",
        (
            *_left_behind("products", "cosines lost across groups"),
            *_left_behind("turn", "fit of a rotation lost across groups", context=True),
            *_left_behind("neighbours", "nearest neighbours lost across groups", context=True),
            _by_absent_words("accuracy", "change of accuracy on the generic task", "accuracy"),
            _by_absent_words("neighbours", "neighbours kept", "cosine"),
        ),
        (("drift", "sequential(4) with restart, of records that hold what is kept across groups"),),
        "Two groups of words of G, equally frequent there: those that D has and those that it "
        "lacks. Where each word moves on its own, what is kept across the groups is the geometric "
        "mean of what is kept within each; lost is what is missing from that, and more than 5 % "
        "votes for the claim. So it is no vote that one group moves and the other does not: it is "
        "one that words in D move together, away from absent words. Rotations (orthogonal "
        "Procrustes, fitted on one group and applied to the other) show only movements that are "
        "rotations, and neighbours fall below the geometric mean by mere noise: both stand beside. "
        "So do documents, whose halves differ in topic too.",
    ),
    Claim(
        "C5",
        "The alpha and the epochs of the follow-up decide the outcome.",
        "advice on the gensim mailing list: a benefit may be a lucky mix of data and arbitrary "
        "parameters; re-warming: Gupta et al. 2023; Ibrahim et al. 2024 (arXiv 2403.08763)",
        (
            SpreadTest(
                "spread over schedules of the follow-up, over that over strategies",
                Cells(("sequential",), k=(4,)),
            ),
        ),
        (
            ("schedules", "sequential(4) with follow-up(a), three or more of a"),
            ("strategies", "three or more strategies at k = 4 in their usual schedule"),
        ),
        "A ratio of standard deviations of mean accuracy. It depends on which schedules and "
        "strategies the grid has: an absurd alpha widens the one, a poor strategy the other. The "
        "schedules are of k = 4; what k does beside them is in the tables of study schedules.",
    ),
    Claim(
        "C6",
        "A schedule chosen on one pair does not carry over to another.",
        "advice on the gensim mailing list: what worked for one pair of corpora may be luck",
        (TransferTest("accuracy lost by the schedule that is best on the other pairs"),),
        (("transfer", "the same schedules of sequential(4) on two or more pairs"),),
        "Chosen by cross-validation on training documents. Of two pairs, the others are one.",
    ),
    Claim(
        "C7",
        "Expanding a trained Doc2Vec's vocabulary, build_vocab(update=True), is unsupported.",
        "gensim issues 1019, 3162 and 3262: it crashes",
        (
            ExpansionTest("without the repair, new tags after the old", "expanded"),
            ExpansionTest("without the repair, tags from 0 again", "expanded-restarted-tags"),
            ExpansionTest("with the repair, dv.resize_vectors()", _REPAIRED, context=True),
            ContrastTest(
                Contrast(
                    "with the repair minus the usual vocabulary",
                    replace(_FOLLOW_UPS, policy=(_REPAIRED,)),
                    _FOLLOW_UPS,
                    match=("strategy", "k", "share", "schedule", "schedule_value"),
                ),
                estimand=RESTART,
                context=True,
            ),
        ),
        (("vocabulary", "sequential(4) with the vocabulary policies expanded and its variants"),),
        "Of the gensim that the run used. A crash is a crash of a child process; 'overwrite' means "
        "that new documents were trained onto the vectors of old ones. The claim is about what "
        "gensim does by itself. The repair is a result of its own and has no vote: one line, "
        "model.dv.resize_vectors() after build_vocab(update=True); how often it worked; and its "
        "accuracy less that of the same follow-up with the run's usual vocabulary, which knows the "
        "words of both corpora from the start. Its words and counts differ from those: after "
        "the update min_count and subsampling come from D alone, and counts add up.",
    ),
    Claim(
        "C8",
        "After a follow-up, inference has forgotten the generic domain.",
        "catastrophic forgetting, as described for continued training by Gururangan et al. 2020 "
        "(arXiv 2004.10964) and Ibrahim et al. 2024 (arXiv 2403.08763); " + _ADVICE,
        (
            ContrastTest(
                Contrast(
                    "generic task after the follow-up minus before",
                    Cells(("sequential",), budget=GENERIC),
                    Cells(("sequential",), budget=GENERIC_BEFORE),
                    match=("strategy", "k", "share", "schedule", "schedule_value"),
                ),
                supports=("worse",),
                contradicts=("better", "equivalent"),
                estimand=RESTART,
            ),
        ),
        (("drift", "sequential(k) on a pair whose generic corpus has labels and test documents"),),
        "The same classification of held-out generic documents with the same inference, before and "
        "after the domain phase. The classifier is trained anew: what is lost is what the vectors "
        "hold, not where they lie.",
    ),
    Claim(
        "C9",
        "Word counts, more than the mix of documents, make oversampled differ from combined.",
        "a hypothesis of this study: repeated documents also count for negative samples, "
        "subsampling and the list of words",
        (
            PartsTest(
                "what counts add minus what presentations add, from combined to oversampled",
                _PLAIN,
                _NATURAL,
                Cells(("oversampled",), schedule=("linear",)),
                supports=("better",),
                contradicts=("worse", "equivalent"),
            ),
            ContrastTest(
                Contrast(
                    "what counts add: oversampled, counts as presented minus natural counts",
                    Cells(("oversampled",), schedule=("linear",)),
                    _NATURAL,
                ),
                context=True,
            ),
            ContrastTest(
                Contrast(
                    "what presentations add: oversampled with natural counts minus combined",
                    _NATURAL,
                    _PLAIN,
                    match=(),
                ),
                context=True,
            ),
        ),
        (("counts", "combined and oversampled(k), counts as presented and natural"),),
        "oversampled(k) shows D k times as often as combined, and D's words count k times as much. "
        "From combined the first step is to show D more often with natural counts, the second to "
        "count it so. Supported where the second step gains more. For combined the two policies "
        "are one.",
    ),
    Claim(
        "C10",
        "Exposure of the domain explains the difference between strategies.",
        "d2vbench's own reading of its first study, where a curve over the area of D went through "
        "most of what strategies differed by",
        (ResidualTest("off the curve of the other strategies over the area of D"),),
        (("tuned", "three or more variants of two or more strategies, of all of D"),),
        "The area of D is the learning rate that a document of D collects over its passes. The "
        "curve is a cubic of its logarithm through the mean accuracy of all variants but those of "
        "the strategy in question, read at their areas and never beyond its ends. Fixed in "
        "advance: supported where every strategy lies within one point of it, contradicted where "
        "one lies beyond that with its whole interval. The interval is about seeds and test "
        "documents; the variants are taken as given. Strategies of fewer than three variants have "
        "no vote.",
        universal=True,
    ),
)
