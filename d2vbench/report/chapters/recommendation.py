"""A recommendation in sentences, and those of a run as a section."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from d2vbench.analysis import ChosenInference, Option, Recommendation
from d2vbench.analysis.claims.within_budget import Affordable, amount_text
from d2vbench.analysis.contrasts.rivals import Rival
from d2vbench.analysis.contrasts.variants import variant_columns, variant_title
from d2vbench.report.document import cells
from d2vbench.report.document.blocks import table
from d2vbench.report.document.phrases import (
    accuracy_text,
    counted,
    interval_text,
    percent,
    share_text,
)
from d2vbench.report.document.structure import Block, Chapter, Number, Paragraph
from d2vbench.report.document.titles import (
    MODEL_TITLES,
    group_title,
    labels_title,
    model_title,
    pair_title,
)

# Variants that a sentence names before it counts the others.
_NAMED = 4
_READING = (
    "The best mean of those tried with the usual settings and vocabulary policy. The gain over "
    "the simplest (combined, or domain-only where that was not run) is corrected for the best "
    "having been selected; the differences of the main comparison are not, and show more. The "
    "cheapest is the one of least words trained that lies within 1 point of the best in 95 % of "
    "the bootstrap resamples. 'Best in' and 'within 1 point in' are shares of resamples: how often "
    "the same would come out with other seeds and test documents like these."
)


def recommendation_lines(found: Recommendation) -> list[str]:
    """Return what to train, in plain sentences.

    Parameters
    ----------
    found : Recommendation
        From `recommend`.

    Returns
    -------
    list of str
        Where, the best, what it gains over the simplest, the cheapest that is as good, how sure.
    """
    gain, cheapest, *more = recommendation_notes(found)
    return [
        recommendation_title(found),
        f"Best: {found.best.title}, {accuracy_text(found.best.accuracy)} of the test documents "
        "classified correctly.",
        gain,
        cheapest,
        _how_sure(found),
        *more,
    ]


def recommendation_title(found: Recommendation) -> str:
    """Return where something is recommended, and from how much."""
    place = group_title(found.pair, found.fraction, found.model)
    return (
        f"{place}, {labels_title(found.labels)}: {counted(len(found.options), 'variant')} compared "
        f"over {counted(found.seeds, 'seed')}."
    )


def recommendation_notes(found: Recommendation) -> list[str]:
    """Return what a table of the options leaves unsaid: the gain, the cheapest, and limits."""
    best, simplest = found.best, found.simplest
    lines = []
    if simplest is None or found.gain is None:
        lines.append(
            "What that gains over the simplest is not known: neither combined nor domain-only was "
            "run."
        )
    elif simplest is best:
        lines.append(
            f"It is the simplest itself: no variant compared has a higher mean{_next(found)}."
        )
    else:
        lines.append(
            f"It gains {interval_text(found.gain)} points over the simplest, {simplest.title} "
            f"({accuracy_text(simplest.accuracy)}), corrected for having been selected"
            + ("; the interval includes zero." if found.gain.low <= 0 else ".")
        )
    lines.append(_cheapest(found))
    if found.rivals.cheaper is not None:
        lines.append(_cheaper(found.rivals.cheaper, best))
    if found.inference is not None:
        lines.append(_inference(found.inference))
    if found.seeds < 3:
        lines.append("Two seeds say little about how much seeds differ: take three or more.")
    if found.left_out:
        more = len(found.left_out) - _NAMED
        named = ", ".join(found.left_out[:_NAMED]) + (f", and {more} more" if more > 0 else "")
        lines.append(f"Left out, because a seed is missing: {named}.")
    return lines


def budget_lines(found: Affordable) -> list[str]:
    """Return what to train within a budget, in plain sentences.

    Parameters
    ----------
    found : Affordable
        From `recommend_within`.

    Returns
    -------
    list of str
        Where, what and for how much, what it gains over the domain alone, what more would bring,
        and the command that trains it.
    """
    best, plain, unit = found.best, found.plain, found.budget.unit
    pair, fraction, model, labels = found.place
    accuracy = best.stack.accuracy
    seeds = counted(len(best.stack.seeds), "seed")
    lines = [
        f"{group_title(pair, fraction, model)}, {labels_title(labels)}: {found.fitting} of "
        f"{counted(found.known, 'variant')} fit into {found.budget}, over {seeds}.",
        f"Train: {variant_title(best.variant)}, for {amount_text(best.cost, unit)}; "
        f"{accuracy_text(accuracy)} of the test documents classified correctly. Chosen by "
        f"cross-validation on training documents ({percent(best.cv)} %).",
    ]
    if plain is best:
        lines.append("It is the domain alone: nothing that fits and shows G was put before it.")
    elif plain is None:
        lines.append("What G brings is not known: no domain-only fits.")
    elif found.gain is not None:
        lines.append(
            f"Against the domain alone at its best within the budget, "
            f"{variant_title(plain.variant)}: {interval_text(found.gain)} points"
            + ("; the interval includes zero." if found.gain.low <= 0 <= found.gain.high else ".")
        )
    if found.beyond is not None:
        more = found.beyond
        lines.append(
            f"For {amount_text(more.cost, unit)} cross-validation would put "
            f"{variant_title(more.variant)} before it ({percent(more.cv)} %)."
        )
    if len(best.stack.seeds) < 3:
        lines.append(f"{seeds} of each say little about how much seeds differ: take three or more.")
    if model in MODEL_TITLES:
        lines.append(f"  {budget_command(found)}")
    return lines


def budget_command(found: Affordable) -> str:
    """Return the line that trains what a budget pays for."""
    where = "--generic FILE --domain FILE" if found.own else f"--pair {found.place[0]}"
    policy = f' --vocabulary "{found.policy}"' if found.policy else ""
    return (
        f"d2vbench train {where} --model {found.place[2]} --strategy "
        f'"{found.best.variant.strategy_text}" --schedule "{found.schedule}" '
        f"--epochs {found.epochs} --alpha {found.alpha:g}{policy} --output FILE"
    )


def _inference(chosen: ChosenInference) -> str:
    pinned = ", the pinned setting" if chosen.pinned else ""
    return (
        f"Infer with {chosen.epochs} passes from alpha {chosen.alpha:g} to {chosen.min_alpha:g}"
        f"{pinned}, by cross-validation (chosen by {chosen.agreeing} of "
        f"{counted(chosen.seeds, 'seed')}); with what each seed chose: "
        f"{accuracy_text(chosen.accuracy)}."
    )


def _cheapest(found: Recommendation) -> str:
    cheap, best = found.cheapest, found.best
    if math.isnan(best.words_trained):
        return "What each costs is not known: the records are of an older version."
    if cheap is best and all(not o.words_trained < best.words_trained for o in found.options):
        return f"No variant compared is cheaper: it trains {_words(best)} words."
    if cheap is best:
        return (
            f"No cheaper variant is equivalent (95 %): it trains {_words(best)} words, and no "
            "variant of fewer lies within 1 point of the best in 95 % of the resamples."
        )
    share = cheap.words_trained / best.words_trained
    return (
        f"The cheapest that is practically as good: {cheap.title}, "
        f"{accuracy_text(cheap.accuracy)}, with {_words(cheap)} words trained in place of "
        f"{_words(best)} ({share_text(share)}); it lies within 1 point of the best in "
        f"{share_text(cheap.near_best)} of the resamples."
    )


def _next(found: Recommendation) -> str:
    nearest = found.rivals.nearest
    if nearest is None:
        return ""
    difference = interval_text(nearest.difference)
    return f"; the next, {variant_title(nearest.variant)}, differs by {difference} points"


def _cheaper(one: Rival, best: Option) -> str:
    less = share_text(1 - one.cost / best.words_trained)
    return (
        f"The cheapest within noise of it: {variant_title(one.variant)}, with {less} fewer words; "
        f"{interval_text(one.difference)} points."
    )


def _how_sure(found: Recommendation) -> str:
    best = found.best
    text = (
        f"How sure: {best.title} is the best of all in {share_text(best.best)} of the resamples "
        f"and within 1 point of the best in {share_text(best.near_best)}."
    )
    rivals = [o for o in found.options if o is not best and o.near_best >= 0.05]
    if rivals:
        rivals.sort(key=lambda option: -option.near_best)
        named = ", ".join(f"{o.title} ({share_text(o.near_best)})" for o in rivals[:4])
        text += f" Within 1 point as well in some of them: {named}"
        text += f", and {len(rivals) - 4} more." if len(rivals) > 4 else "."
    else:
        text += " No other comes within 1 point in more than 5 %."
    return text


def _words(option: Option) -> str:
    return f"{option.words_trained / 1e6:,.1f} M"


def recommendations_chapter(
    found: Sequence[Recommendation], nothing: Sequence[tuple[str, str, str]] = ()
) -> Chapter:
    """Lay recommendations out.

    Parameters
    ----------
    found : sequence of Recommendation
        One for each pair, model and label budget.
    nothing : sequence of (str, str, str)
        Pair, model and label budget where nothing can be recommended.

    Returns
    -------
    Chapter
        A table with a row a recommendation; its numbers have a row an option.
    """
    blocks: list[Block] = []
    if found:
        rows = list(map(_row, found))
        title = "What to train on each pair"
        data = options_table(found)
        blocks.append(
            table("recommendations", title, data, list(rows[0]), rows=rows, caption=_READING)
        )
    if nothing:
        by_kind: dict[tuple[str, str], list[str]] = {}
        for pair, model, labels in nothing:
            by_kind.setdefault((model, labels), []).append(pair)
        places = "; ".join(
            f"{model_title(model)}, {labels_title(labels)}: "
            + (", ".join(pairs) if len(pairs) < 3 else counted(len(pairs), "pair"))
            for (model, labels), pairs in by_kind.items()
        )
        blocks.append(Paragraph(
            "No recommendation without two variants that share two seeds (one seed gives no "
            f"interval): {places}."
        ))  # fmt: skip
    return Chapter("what-to-train", "What to train: all variants", tuple(blocks))


def _row(found: Recommendation) -> dict[str, str]:
    best, cheap = found.best, found.cheapest
    if found.simplest is best:
        gain = "it is the simplest"
    else:
        gain = "not known" if found.gain is None else cells.interval(found.gain)
    words = cells.number(lambda _: _words(cheap), cheap.words_trained)
    if isinstance(words, Number) and cheap is not best:
        words = Number(f"{words} in place of {_words(best)}", words.value)
    return {
        "pair": pair_title(found.pair, found.fraction),
        "model": model_title(found.model),
        "labels": labels_title(found.labels),
        "best": best.title,
        "accuracy % [95 %]": cells.interval(best.accuracy, "per cent"),
        "gain over the simplest": gain,
        "cheapest as good": "itself" if cheap is best else cheap.title,
        "its words": words,
        "best in": cells.number(share_text, best.best),
        "within 1 point in": cells.number(share_text, best.near_best),
        "seeds": cells.plain(found.seeds),
    }


def options_table(found: Sequence[Recommendation]) -> pd.DataFrame:
    """Return a row an option of each recommendation."""
    rows, variants = [], []
    for one in found:
        for o in one.options:
            named = (("best", one.best), ("simplest", one.simplest), ("cheapest", one.cheapest))
            gain = one.gain if o is one.best else None
            ends = (gain.estimate, gain.low, gain.high) if gain else (math.nan,) * 3
            variants.append(o.variant)
            rows.append({
                "pair": one.pair, "fraction": one.fraction, "model": one.model,
                "labels": one.labels, "accuracy": o.accuracy.estimate, "low": o.accuracy.low,
                "high": o.accuracy.high, "words_trained": o.words_trained, "best": o.best,
                "near_best": o.near_best,
                "role": " ".join(name for name, other in named if other is o),
                **dict(zip(("gain", "gain_low", "gain_high"), ends, strict=True)),
                "seeds": one.seeds,
            })  # fmt: skip
    return pd.concat([pd.DataFrame(rows), variant_columns(variants)], axis=1)
