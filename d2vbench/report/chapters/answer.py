"""The answer in three sentences and who is ahead, by rules from the numbers, with their limits."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from d2vbench.analysis import Finding, Interval, OverPairs
from d2vbench.analysis.claims.answer import Answer, Choice, Help, ScheduleCost
from d2vbench.analysis.statistics.verdicts import MIN_SEEDS
from d2vbench.report.document.phrases import counted, interval_text, percent, points
from d2vbench.report.document.titles import (
    count_pairs,
    group_title,
    labels_title,
    model_title,
    pair_title,
    pairs_text,
)

# Fewer pairs cannot reach p < 0.05 in a signed-rank test, so they settle nothing for others.
_MANY_PAIRS = 6
_ALONE = "domain-only"
_NOTHING = "Nothing is shown to be better than"
# Variants within noise of the best that a sentence names.
_NAMED = 3
# What the titles of all variants end with where each strategy has settings of its own.
_AT_BEST = "; at its own best"


def answer_sentences(answer: Answer, over: str = "") -> tuple[str, ...]:
    """Return the answer in three sentences, or four.

    Parameters
    ----------
    answer : Answer
        The numbers.
    over : str
        From `new_corpora_sentence`.

    Returns
    -------
    tuple of str
        What holds over new corpora, where that is known; which strategy to take, what a wrong
        schedule costs, and, unless the first says it, whether generic text helps; each says over
        how much it holds, or that it is not known and what is missing.
    """
    which = _which(_in_short(answer.choice))
    if over and which.startswith(_NOTHING):
        which = f"On single pairs {which[0].lower()}{which[1:]}"
    said = [over, which, _schedule(answer.costs, answer.regrets)]
    # Without oversampled(4), what holds over new corpora may say it, of each at its own best.
    if answer.helps or _AT_BEST not in answer.choice.best or f"from {_ALONE}" not in over:
        said.append(_generic(answer.helps))
    return tuple(filter(None, said))


def _in_short(choice: Choice) -> Choice:
    """Leave out what all titles end with; `_where` says it of all."""
    if not choice.best.endswith(_AT_BEST):
        return choice
    titles = (choice.best, choice.runner_up, choice.reference)
    best, runner_up, reference = (title.removesuffix(_AT_BEST) for title in titles)
    return replace(
        choice, best=best, runner_up=runner_up, reference=reference, each_at_its_best=True
    )


def new_corpora_sentence(choice: Choice, over: Mapping[str, OverPairs]) -> str:
    """Return what many pairs say of corpora that are not among them; empty for few.

    Parameters
    ----------
    choice : Choice
        What has the highest mean.
    over : mapping of str to OverPairs
        The best less another, by the other's title.
    """
    found = [(title, one) for title, one in over.items() if one.pairs >= _MANY_PAIRS]
    if not found:
        return ""
    first = found[0][1]
    short = _in_short(choice)
    said = " and ".join(
        f"{interval_text(one.interval)} points from {title.removesuffix(_AT_BEST)}"
        for title, one in found
    )
    each = ", each strategy at its own best" if short.each_at_its_best else ""
    return (
        f"Over new corpora like these ({first.pairs} pairs of {first.generic} generic and "
        f"{first.domain} domain corpora){each}, {short.best} is {said}: "
        f"means with 95 % intervals, not corrected for being the best of {choice.tried}."
    )


def _which(choice: Choice) -> str:
    where = _where(choice)
    if choice.tried == 1:
        return f"Only {choice.best} has results ({where}): there is nothing to choose between."
    if not choice.reference:
        return (
            f"Of {choice.tried} variants compared ({where}), {choice.best} has the highest mean "
            f"accuracy, {percent(choice.accuracy)} %; neither combined nor domain-only is among "
            "them, so its gain over the simplest is not known"
            f"{_limits(choice.pairs, choice.seeds)}."
        )
    if choice.best == choice.reference:
        return (
            f"Take {choice.best}, the simplest: none of the {choice.tried - 1} others has a higher "
            f"mean accuracy; the nearest, {choice.runner_up}, is "
            f"{_gains(choice)}{_limits(choice.pairs, choice.seeds)}."
        )
    rest = (
        f"{_gains(choice)}, not corrected for being the best of {choice.tried} "
        f"variants{_limits(choice.pairs, choice.seeds)}"
    )
    better, worse = choice.verdicts.get("better", 0), choice.verdicts.get("worse", 0)
    if better and not worse and 2 * better >= choice.places:
        return f"Take {choice.best}{_if_one(choice)}: {rest}."
    if better and worse:
        return f"No strategy is best everywhere; the highest mean is that of {choice.best}, {rest}."
    if better or worse:
        return f"Most comparisons are undecided; the highest mean is that of {choice.best}, {rest}."
    if choice.verdicts.get("equivalent", 0) == choice.places:
        return (
            f"Take {choice.reference}, the simplest: the best, {choice.best}, is practically "
            f"equal, {rest}."
        )
    return (
        f"{_NOTHING} {choice.reference}, the simplest; the highest mean is "
        f"that of {choice.best}, {rest}."
    )


def _if_one(choice: Choice) -> str:
    """Say that a choice over several pairs is one for all of them: each has a best of its own."""
    return " if one is to serve all pairs" if count_pairs(choice.pairs) > 1 else ""


def _where(choice: Choice) -> str:
    labels = labels_title(choice.labels)
    models = ", ".join(map(model_title, choice.models))
    where = choice.pairs[0] if choice.places == 1 else pairs_text(choice.pairs)
    part = "all" if choice.fraction == 1 else f"{100 * choice.fraction:g} %"
    each = ", each at its own best" if choice.each_at_its_best else ""
    return f"{where}, {part} of the domain, {models}, {labels}{each}"


def _gains(choice: Choice) -> str:
    """Return a gain: one with its interval, several as their mean, range and verdicts."""
    if choice.places == 1:
        (gain,), (word,) = choice.gains, choice.verdicts
        said = _WORDS.get(word) or _noise(gain, word)
        return f"{interval_text(gain)} points against {choice.reference} ({_where(choice)}), {said}"
    estimates = [gain.estimate for gain in choice.gains]
    return (
        f"{points(sum(estimates) / len(estimates))} points against {choice.reference} in the mean "
        f"of {_where(choice)} ({_range(estimates)}; {_tally(choice.verdicts)})"
    )


def _noise(gain: Interval, word: str) -> str:
    """Say what is not shown: an interval without zero is too little among many comparisons."""
    if word == "inconclusive" and (gain.low > 0 or gain.high < 0):
        return "not beyond noise among all that were compared (Holm)"
    return "may be noise"


_WORDS = {
    "better": "more than noise",
    "worse": "more than noise",
    "equivalent": "practically nothing",
}


def _range(values: Sequence[float]) -> str:
    """Return the least and the most of differences, in points."""
    low, high = points(min(values)), points(max(values))
    return low if low == high else f"from {low} to {high}"


def _tally(verdicts: Mapping[str, int]) -> str:
    """Return how many comparisons say what."""
    words = {
        "better": "better beyond noise in {}", "worse": "worse in {}",
        "equivalent": "practically equal in {}",
    }  # fmt: skip
    parts = [form.format(verdicts[name]) for name, form in words.items() if verdicts.get(name)]
    undecided = sum(n for name, n in verdicts.items() if name not in words)
    return ", ".join([*parts, f"undecided in {undecided}"] if undecided else parts)


def _limits(pairs: Iterable[str], seeds: int) -> str:
    """Return the limits of a sentence, such as a single seed; empty where there is none."""
    limits = []
    if seeds == 1:
        limits.append("one seed gives no interval")
    elif seeds < MIN_SEEDS:
        limits.append("two seeds are too few for a verdict")
    if (n := count_pairs(pairs)) == 1:
        limits.append("one pair is one case")
    elif n < _MANY_PAIRS:
        limits.append(f"{n} pairs do not say what holds for another")
    return f"; {' and '.join(limits)}" if limits else ""


def _schedule(costs: Sequence[ScheduleCost], regrets: Sequence[float]) -> str:
    if not costs:
        return (
            "What a wrong schedule costs is not known: the run has no follow-up under two "
            "schedules (study schedules)."
        )
    first = costs[0]
    pair, fraction, model, labels = first.place
    text = (
        f"Between the best and the worst of {first.schedules} schedules of {first.strategy} "
        f"({first.best} and {first.worst}, picked afterwards as best and worst, so that the gap is "
        f"overstated) lie {interval_text(first.cost).lstrip('+')} points on "
        f"{group_title(pair, fraction, model)}, {labels_title(labels)}"
    )
    if len(costs) > 1:
        lost = [one.cost.estimate for one in costs]
        text += (
            f"; over {counted(len(costs), 'comparison')} with two schedules or more it is from "
            f"{100 * min(lost):.1f} to {100 * max(lost):.1f} points"
        )
    if regrets:
        text += (
            f"; the schedule chosen on the other pairs costs "
            f"{points(sum(regrets) / len(regrets)).lstrip('+')} points in the mean of "
            f"{counted(len(regrets), 'case')} ({_range(regrets)}"
            f"{'; below zero is a gain' if min(regrets) < 0 else ''})"
        )
    else:
        text += "; whether a good schedule suits another pair is not known (study transfer)"
    if first.seeds == 1:
        text += "; one seed gives no interval"
    return f"{text}."


def _generic(helps: Sequence[Help]) -> str:
    if not helps:
        return (
            "Whether generic text helps at all is not known: the run has no domain-only beside "
            "oversampled(4)."
        )
    # Of each pair the largest share; the others stand in a line of their own.
    most = {one.place[0]: one.place[1] for one in sorted(helps, key=lambda one: one.place[1])}
    shown = [one for one in helps if one.place[1] == most[one.place[0]]]
    counts = Counter(one.verdict for one in shown)
    better, worse = counts["better"], counts["worse"]
    n = pairs_text(one.place[0] for one in shown)
    what = f"by oversampled(4) against domain-only at its own best passes ({_of_place(shown)})"
    if better and worse:
        text = f"Generic text helps on {better} and harms on {worse} of {n} {what}"
    elif better:
        text = f"Generic text helps on {better} of {n} and is shown to harm on none, {what}"
    elif worse:
        text = f"Generic text harms on {worse} of {n} and is shown to help on none, {what}"
    elif counts["equivalent"] == len(shown):
        text = f"Generic text makes no practical difference on {n}, {what}"
    else:
        text = f"Whether generic text helps is not known: nothing is beyond noise on {n}, {what}"
    gains = [one.gain.estimate for one in shown]
    if len(gains) == 1:
        text += f", {interval_text(shown[0].gain)} points"
    else:
        text += f", {_range(gains)} points"
    if line := _by_share(helps):
        text += f"; {line}"
    pairs = [one.place[0] for one in helps]
    return f"{text}{_limits(pairs, min(one.seeds for one in helps))}."


def _by_share(helps: Sequence[Help]) -> str:
    """Return how the gain changes with the share of D, on each pair that was run at several."""
    by_pair: dict[str, list[Help]] = {}
    for one in sorted(helps, key=lambda one: one.place[1]):
        by_pair.setdefault(one.place[0], []).append(one)
    told = [
        f"{pair_title(pair, 1.0)}: "
        + ", ".join(f"{points(one.gain.estimate)} with {100 * one.place[1]:g} %" for one in mine)
        for pair, mine in by_pair.items()
        if len(mine) > 1
    ]
    return f"by the share of the domain that there is, {'; '.join(told)}" if told else ""


def _of_place(helps: Sequence[Help]) -> str:
    """Return model and labels, which all have in common."""
    _, _, model, labels = helps[0].place
    return f"{model_title(model)}, {labels_title(labels)}"


_VERDICT = {
    "better": "more than noise",
    "equivalent": "practically nothing",
    "too few seeds": "two seeds, too few to tell whether it is noise",
    "no interval": "one seed, too few to tell whether it is noise",
}


def finding_lines(findings: Iterable[Finding]) -> list[str]:
    """Return a sentence or two for each comparison.

    Parameters
    ----------
    findings : iterable of Finding
        From `d2vbench.analysis.findings`.

    Returns
    -------
    list of str
        The best variant, by how much it is ahead of `combined`, whether that is more than noise,
        and which other variants may be as good.
    """
    lines = []
    for f in findings:
        place = f"{group_title(f.pair, f.fraction, f.model)}, {labels_title(f.labels)}"
        if f.ahead is None and not f.tied:
            # There is nothing that it could lead.
            lines.append(f"{place}: {f.best} has {percent(f.accuracy)} %; nothing was compared.")
            continue
        text = f"{place}: {f.best} is ahead with {percent(f.accuracy)} %"
        if f.ahead is not None:
            text += f", {points(f.ahead.estimate)} points against {f.against}"
            if not math.isnan(f.ahead.low):
                text += f" [{points(f.ahead.low)}, {points(f.ahead.high)}]"
            text += f": {_VERDICT.get(f.verdict) or _noise(f.ahead, f.verdict)}"
        text += "."
        if f.tied:
            more = len(f.tied) - _NAMED
            named = "; ".join(f.tied[:_NAMED]) + (f"; and {more} more" if more > 0 else "")
            text += f" Within noise of it: {named}."
        lines.append(text)
    return lines
