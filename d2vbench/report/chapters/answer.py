"""The answer in three sentences and who is ahead, by rules from the numbers, with their limits."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from d2vbench.analysis import Finding
from d2vbench.analysis.claims.answer import Answer, Choice, Help, ScheduleCost
from d2vbench.analysis.statistics.verdicts import MIN_SEEDS
from d2vbench.report.document.phrases import counted, interval_text, percent, points
from d2vbench.report.document.titles import group_title, labels_title, model_title, pair_title


def answer_sentences(answer: Answer) -> tuple[str, str, str]:
    """Return the answer in three sentences.

    Parameters
    ----------
    answer : Answer
        The numbers.

    Returns
    -------
    tuple of str
        Which strategy to take, what a wrong schedule costs, and whether generic text helps; each
        says over how much it holds, or that it is not known and what is missing.
    """
    return (
        _which(answer.choice),
        _schedule(answer.costs, answer.regrets),
        _generic(answer.helps),
    )


def _which(choice: Choice) -> str:
    where = _where(choice)
    if choice.tried == 1:
        return f"Only {choice.best} has results ({where}): there is nothing to choose between."
    if not choice.reference:
        return (
            f"Of {choice.tried} variants compared ({where}), {choice.best} has the highest mean "
            f"accuracy, {percent(choice.accuracy)} %; combined is not among them, so its "
            f"gain over the simplest training is not known{_limits(choice.pairs, choice.seeds)}."
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
        return f"Take {choice.best}: {rest}."
    if better and worse:
        return f"No strategy is best everywhere; the highest mean is that of {choice.best}, {rest}."
    if better or worse:
        return f"Most comparisons are undecided; the highest mean is that of {choice.best}, {rest}."
    if choice.verdicts.get("equivalent", 0) == choice.places:
        return (
            f"Take combined, the simplest: the best, {choice.best}, is practically equal, {rest}."
        )
    return (
        f"Nothing is shown to be better than combined, the simplest; the highest mean is that of "
        f"{choice.best}, {rest}."
    )


def _where(choice: Choice) -> str:
    labels = labels_title(choice.labels)
    models = ", ".join(map(model_title, choice.models))
    where = choice.pairs[0] if choice.places == 1 else counted(choice.places, "pair")
    return f"{where}, {models}, {labels}"


def _gains(choice: Choice) -> str:
    """Return a gain: one with its interval, several as their mean, range and verdicts."""
    if choice.places == 1:
        (gain,), (word,) = choice.gains, choice.verdicts
        said = _WORDS.get(word, "may be noise")
        return f"{interval_text(gain)} points against combined ({_where(choice)}), {said}"
    estimates = [gain.estimate for gain in choice.gains]
    return (
        f"{points(sum(estimates) / len(estimates))} points against combined in the mean of "
        f"{_where(choice)} ({_range(estimates)}; {_tally(choice.verdicts)})"
    )


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
    if len(set(pairs)) == 1:
        limits.append("one pair is one case")
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
        f"({first.best} and {first.worst}, both chosen by this result) lie "
        f"{interval_text(first.cost).lstrip('+')} points on {group_title(pair, fraction, model)}, "
        f"{labels_title(labels)}"
    )
    if len(costs) > 1:
        lost = [one.cost.estimate for one in costs]
        text += (
            f"; over {counted(len(costs), 'comparison')} with two schedules or more it is from "
            f"{100 * min(lost):.1f} to {100 * max(lost):.1f} points"
        )
    if regrets:
        text += (
            f"; the schedule chosen on the other pairs loses "
            f"{points(sum(regrets) / len(regrets)).lstrip('+')} points in the mean of "
            f"{counted(len(regrets), 'case')} ({_range(regrets)})"
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
            "combined or oversampled of the same k."
        )
    counts = Counter(one.verdict for one in helps)
    better, worse = counts["better"], counts["worse"]
    n = counted(len(helps), "comparison")
    what = "combined or oversampled(k) with domain-only(k)"
    if better and worse:
        text = f"Generic text helps in {better} and harms in {worse} of {n} of {what}"
    elif better:
        text = f"Generic text helps in {better} of {n} of {what} and is shown to harm in none"
    elif worse:
        text = f"Generic text harms in {worse} of {n} of {what} and is shown to help in none"
    elif counts["equivalent"] == len(helps):
        text = f"Generic text makes no practical difference in {n} of {what}"
    else:
        text = f"Whether generic text helps is not known: in {n} of {what} nothing is beyond noise"
    gains = [one.gain.estimate for one in helps]
    if len(gains) == 1:
        text += f", {interval_text(helps[0].gain)} points"
    else:
        text += f", {_range(gains)} points"
    if line := _by_share(helps):
        text += f"; {line}"
    pairs = [one.place[0] for one in helps]
    return f"{text}{_limits(pairs, min(one.seeds for one in helps))}."


def _by_share(helps: Sequence[Help]) -> str:
    """Return how the gain changes with the share of D, on pairs that were run at several."""
    shares: dict[str, set[float]] = {}
    for one in helps:
        shares.setdefault(one.place[0], set()).add(one.place[1])
    pairs = [pair for pair, found in shares.items() if len(found) > 1]
    if not pairs:
        return ""
    by_share: dict[float, list[float]] = {}
    for one in helps:
        if one.place[0] in pairs:
            by_share.setdefault(one.place[1], []).append(one.gain.estimate)
    told = ", ".join(
        f"{points(math.fsum(found) / len(found))} with {100 * share:g} %"
        for share, found in sorted(by_share.items())
    )
    named = pair_title(pairs[0], 1.0) if len(pairs) == 1 else counted(len(pairs), "pair")
    return f"by the share of the domain that there is ({named}): {told}"


_VERDICT = {
    "better": "more than noise",
    "equivalent": "practically nothing",
    "inconclusive": "may be noise",
    "worse": "may be noise",
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
            text += f": {_VERDICT[f.verdict]}"
        text += "."
        if f.tied:
            text += f" Within noise of it: {'; '.join(f.tied)}."
        lines.append(text)
    return lines
