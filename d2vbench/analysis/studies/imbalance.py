"""What a loss does to classes of few labels, against the plain one: documents, and words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import pandas as pd

from d2vbench.analysis.claims.evidence import CONTRADICTS, SUPPORTS
from d2vbench.analysis.claims.judging import Outcome, outcome_of
from d2vbench.analysis.contrasts.frame import BASELINE, RunData
from d2vbench.analysis.contrasts.scores import holm
from d2vbench.analysis.contrasts.variants import VARIANT, Variant, variant_title
from d2vbench.analysis.statistics.bootstrap import Interval
from d2vbench.analysis.statistics.seeds import seed_interval
from d2vbench.analysis.statistics.verdicts import Verdict, verdict

STUDY = "imbalance"
#: What is claimed.
CLAIM = "A loss that weighs each class alike raises macro-F1 where classes are rare."
PLAIN, WEIGHTED = "plain", "weighted"
#: Names that training has, and such that it has not.
SEEN, UNSEEN = "seen", "unseen"
_LOGISTIC, _BALANCED = "logistic regression", "logistic-balanced"
_VOTES = {
    Verdict.BETTER: SUPPORTS,
    Verdict.WORSE: CONTRADICTS,
    Verdict.EQUIVALENT: CONTRADICTS,
}
# What sets bodies apart beside `VARIANT`, whose setting names the arm as well.
_OF_BODY = (
    "max_tokens", "precision", "batch", "peak_rate", "optimiser", "epochs", "generic_fraction",
)  # fmt: skip
_TAIL = re.compile(r"macro_f1_(tail-\d+)")
_TOKENS = re.compile(rf"tokens_({SEEN}|{UNSEEN})_macro_f1_(\w+)")
_F1 = re.compile(r"f1_(.+)")


@dataclass(frozen=True)
class LossScore:
    """What one loss reaches in one place, and what that is against the plain loss.

    Attributes
    ----------
    pair : str
        Name of the pair.
    fraction : float
        Share of D.
    model : str
        Of the body.
    training : str
        The strategy that trained it.
    task : str
        A task of tokens; empty for documents.
    learner : str
        The arm of fine-tuning, or logistic regression on frozen vectors.
    labels : str
        Label budget; of tokens so many documents.
    names : str
        Of tokens, `SEEN` or `UNSEEN`; else empty.
    loss : str
        A name of a loss.
    seeds : int
        That the means rest on.
    macro_f1, accuracy : float
        Means; of tokens macro-F1 is without the words outside of names.
    rare_recall : float or None
        Mean recall of the rare half of the classes; None of tokens.
    outside : float or None
        Share of words outside of names: what telling nothing reaches; None of documents.
    f1 : dict of str to float
        Of tokens, by class.
    gain, cost, rare_gain : Interval or None
        Paired differences from the plain loss of macro-F1, accuracy and ``rare_recall``; None of
        the plain loss itself, and where it is not there.
    verdict : Verdict
        On ``gain``, p adjusted by Holm's method over all that a run has.
    """

    pair: str
    fraction: float
    model: str
    training: str
    task: str
    learner: str
    labels: str
    names: str
    loss: str
    seeds: int
    macro_f1: float
    accuracy: float
    rare_recall: float | None = None
    outside: float | None = None
    f1: Mapping[str, float] = field(default_factory=dict)
    gain: Interval | None = None
    cost: Interval | None = None
    rare_gain: Interval | None = None
    verdict: Verdict = Verdict.INCONCLUSIVE

    @property
    def vote(self) -> str:
        """What it says of `CLAIM`; empty where it has no vote."""
        if self.gain is None or self.loss != WEIGHTED or self.names == UNSEEN:
            return ""
        return _VOTES.get(self.verdict, "undecided")


def loss_scores(data: RunData) -> list[LossScore]:
    """Return what each loss reaches wherever a run has labels of a long tail, or tokens.

    Parameters
    ----------
    data : RunData
        The study's cells.
    """
    found = []
    for place, by_loss in _places(data.cells):
        plain = by_loss.get(PLAIN, {})
        for loss, by_seed in by_loss.items():
            found.append(_score(place, loss, by_seed, plain if loss != PLAIN else {}))
    compared = [i for i, one in enumerate(found) if one.gain is not None]
    adjusted = holm([found[i].gain.p for i in compared])  # type: ignore[union-attr]
    for i, p in zip(compared, adjusted, strict=True):
        one = found[i]
        assert one.gain is not None
        found[i] = replace(one, verdict=verdict(one.gain, p, one.seeds))
    return found


def claim_outcome(found: list[LossScore]) -> Outcome:
    """Return what scores say of `CLAIM`, by the rule of the other claims."""
    return outcome_of([one.vote for one in found if one.vote])


class _Place(NamedTuple):
    """The fields of a `LossScore` before the loss."""

    pair: str
    fraction: float
    model: str
    training: str
    task: str
    learner: str
    labels: str
    names: str


# What is known of a cell in one place, by seed.
Scores = dict[int, dict[str, float]]


def _score(place: _Place, loss: str, by_seed: Scores, plain: Scores) -> LossScore:
    common = [seed for seed in by_seed if seed in plain]
    seeds = common or list(by_seed)

    def mean(name: str) -> float | None:
        values = [by_seed[seed][name] for seed in seeds if name in by_seed[seed]]
        return sum(values) / len(values) if values else None

    def difference(name: str) -> Interval | None:
        pairs = [(by_seed[s].get(name), plain[s].get(name)) for s in common]
        values = [a - b for a, b in pairs if a is not None and b is not None]
        return seed_interval(values) if values else None

    classes = dict.fromkeys(name for seed in seeds for name in by_seed[seed] if _F1.match(name))
    return LossScore(
        **place._asdict(), loss=loss, seeds=len(seeds),
        macro_f1=mean("macro_f1") or 0.0, accuracy=mean("accuracy") or 0.0,
        rare_recall=mean("rare_recall"), outside=mean("outside"),
        f1={name.removeprefix("f1_"): mean(name) or 0.0 for name in classes},
        gain=difference("macro_f1"), cost=difference("accuracy"),
        rare_gain=difference("rare_recall"),
    )  # fmt: skip


def _places(cells: pd.DataFrame) -> list[tuple[_Place, dict[str, Scores]]]:
    """Return the places that cells are of, each with its scores by loss and seed."""
    found: dict[tuple[Any, ...], tuple[_Place, dict[str, Scores]]] = {}
    for _, row in cells[cells["model"] != BASELINE].iterrows():
        there = {str(name): value for name, value in row.items() if not pd.isna(value)}
        # What the setting says is the arm, or `_OF_BODY`.
        body = Variant.of(row[name] for name in VARIANT)._replace(setting="")
        apart = tuple(there.get(name) for name in _OF_BODY)
        for learner, labels, names, loss, said in _told(there):
            place = _Place(
                there["pair"], float(there["fraction"]), there["model"], variant_title(body),
                there.get("tokens", ""), learner, labels, names,
            )  # fmt: skip
            _, by_loss = found.setdefault((*place, *apart), (place, {}))
            by_loss.setdefault(loss, {})[int(there["seed"])] = said
    return list(found.values())


def _told(there: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str, dict[str, float]]]:
    """Yield learner, label budget, names, loss and scores of a cell."""
    arm, _, loss = there.get("fine_tuned", "").partition(", ")
    for name in there:
        if there.get("tokens"):
            if read := _TOKENS.fullmatch(name):
                said = _between(there, f"tokens_{read[1]}_", f"_{read[2]}")
                yield arm, read[2], read[1], loss or PLAIN, said
        elif read := _TAIL.fullmatch(name):
            said = _between(there, "", f"_{read[1]}")
            yield arm or _LOGISTIC, read[1], "", loss or PLAIN, said
            weighted = _between(there, f"{_BALANCED}_", f"_{read[1]}")
            if weighted and not arm:
                yield _LOGISTIC, read[1], "", WEIGHTED, weighted


_KEPT = ("macro_f1", "accuracy", "rare_recall", "outside")


def _between(there: Mapping[str, Any], start: str, end: str) -> dict[str, float]:
    """Return the scores whose columns begin and end so, by what stands between."""
    names = {
        name: name[len(start) : -len(end)]
        for name in there
        if name.startswith(start) and name.endswith(end)
    }
    return {
        inner: float(there[name])
        for name, inner in names.items()
        if inner in _KEPT or (start.startswith("tokens_") and _F1.fullmatch(inner))
    }
