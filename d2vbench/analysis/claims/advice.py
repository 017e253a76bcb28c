"""The claims: common advice on two corpora, as data."""

from __future__ import annotations

from d2vbench.analysis.claims.differences import ContrastTest, MeasureTest
from d2vbench.analysis.claims.evidence import RESTART, Estimand
from d2vbench.analysis.claims.judging import Claim
from d2vbench.analysis.claims.outcomes import ExpansionTest, SpreadTest, TransferTest
from d2vbench.analysis.contrasts.contrasts import Cells, Contrast
from d2vbench.analysis.contrasts.scores import GENERIC, GENERIC_BEFORE

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
_TABLES = {"outputs": "output vectors", "words": "word vectors"}


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
                Contrast(
                    "sequential minus shuffled, the same documents equally often",
                    _RESTART,
                    _SHUFFLED,
                ),
                supports=("worse",),
                contradicts=("better", "equivalent"),
            ),
            ContrastTest(
                _own_best("sequential", "combined"),
                supports=("worse",),
                contradicts=("better", "equivalent"),
                estimand=_CHOSEN,
            ),
        ),
        (
            ("strategies", "sequential(k) with restart, and combined (k = 1) or oversampled(k)"),
            ("tuned", "sequential and combined"),
        ),
        "Same documents, equally often: order and learning rate alone differ. The schedule is "
        "fixed, a restart; what others do is C5.",
    ),
    Claim(
        "C2",
        "Oversampling the domain beats combining both corpora as they are, on the domain.",
        _ADVICE + ": repeat the domain's documents if they need weight",
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
            ContrastTest(
                _own_best("oversampled", "combined"),
                supports=("better",),
                contradicts=("worse", "equivalent"),
                estimand=_CHOSEN,
            ),
        ),
        (("strategies", "oversampled(k) and combined"), ("tuned", "oversampled and combined")),
        "oversampled(k) also trains on more words than combined. Where it gains at fixed settings "
        "and not at its own best, it was the epochs.",
    ),
    Claim(
        "C3",
        "With enough domain data, the generic corpus does not help, and dilutes.",
        "Lai et al. 2015 (arXiv 1507.05523): the domain of a corpus counts for more than its size; "
        "also " + _ADVICE,
        (
            ContrastTest(
                Contrast(
                    "with the generic corpus minus without, the domain as often, all of D",
                    _SHUFFLED,
                    Cells(("domain-only",), schedule=("linear",)),
                    fractions=(1.0,),
                ),
                supports=("worse", "equivalent"),
                contradicts=("better",),
            ),
            ContrastTest(
                Contrast(
                    "combined minus the domain alone, as many words, all of D",
                    Cells(("combined",), schedule=("linear",)),
                    Cells(("domain-only",), k=("budget",), schedule=("linear",)),
                    match=(),
                    fractions=(1.0,),
                ),
                supports=("worse", "equivalent"),
                contradicts=("better",),
                estimand=Estimand(k=1),
            ),
        ),
        (
            ("domain-size", "combined or oversampled(k), and domain-only(k), with all of D"),
            ("strategies", "combined and domain-only(budget), with all of D"),
        ),
        "Judged where all of a pair's domain documents are used. Whether that is enough is not "
        "known: a contradiction may say that the domain corpus is small. 'worse' is dilution, "
        "'equivalent' is no help.",
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
            ExpansionTest("new tags after the old", "expanded"),
            ExpansionTest("tags from 0 again", "expanded-restarted-tags"),
            ExpansionTest("vectors resized by hand", "expanded-repaired", context=True),
        ),
        (("vocabulary", "sequential(4) with the vocabulary policies expanded and its variants"),),
        "Of the gensim that the run used. A crash is a crash of a child process; 'overwrite' means "
        "that new documents were trained onto the vectors of old ones. The repaired way shows what "
        "a caller can do, and has no vote.",
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
)
