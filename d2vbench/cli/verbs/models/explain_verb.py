"""``d2vbench explain STRATEGY``: what is presented when, and with which learning rate."""

from __future__ import annotations

import argparse
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from d2vbench.cli.arguments import add_own_corpora, add_plot, add_rates, chosen_pairs, only_pair
from d2vbench.errors import UsageError
from d2vbench.files import check_figure_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from d2vbench.families import Sides
    from d2vbench.families.counts import CountsPolicy
    from d2vbench.strategies import Phase, Plan, Sizes

_DEFAULT_PAIR = "docstrings-scipy"


def add_parser(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser(
        "explain",
        help="the plan of a strategy: phases, presentations, words, learning rates",
        description="Print what a strategy presents of a pair of corpora, in which phases, with "
        "which learning rates, the area under alpha, and how the negative samples fall. Nothing is "
        "trained.",
        epilog="Example: d2vbench explain 'sequential(4)' --schedule rewarmed",
    )
    parser.add_argument("strategy", metavar="STRATEGY", help="as in 'sequential(4)'")
    parser.add_argument("--schedule", default="linear", help="as in 'follow-up(0.005)' (linear)")
    parser.add_argument(
        "--pair", metavar="PAIR", help=f"explain it for this pair ({_DEFAULT_PAIR})"
    )
    parser.add_argument(
        "--fraction", type=float, default=1.0, metavar="X", help="share of D-train, up to 1 (1)"
    )
    parser.add_argument(
        "--model", metavar="MODEL", help="say whether this model can train the strategy"
    )
    parser.add_argument(
        "--epochs", type=int, default=10, metavar="E", help="passes over the generic corpus (10)"
    )
    add_rates(parser)
    parser.add_argument(
        "--vocabulary", default="presented", metavar="POLICY",
        help="whose words and counts; see: d2vbench list (presented)",
    )  # fmt: skip
    parser.add_argument(
        "--min-count", type=int, default=5, metavar="N", help="least count of a word (5)"
    )
    add_plot(parser)
    add_own_corpora(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Explain a strategy."""
    from d2vbench.bench.spec.bounds import check_amounts, check_names
    from d2vbench.cli.display import make_console
    from d2vbench.errors import unknown_name
    from d2vbench.families import FAMILIES, refusal
    from d2vbench.families.counts import parse_policy
    from d2vbench.families.doc2vec import MODELS
    from d2vbench.strategies import (
        SCHEDULES,
        STRATEGIES,
        make_plans,
        parse_schedule,
        parse_strategy,
    )

    check_figure_path(options.plot, "--plot")
    if options.model is not None and options.model not in MODELS:
        raise unknown_name("model", options.model, MODELS)
    if not 0 < options.fraction <= 1:
        raise UsageError(f"--fraction must lie in (0, 1], got {options.fraction}")
    check_names([options.strategy], [options.schedule])
    strategy, schedule = parse_strategy(options.strategy), parse_schedule(options.schedule)
    if options.model is not None:
        family = FAMILIES["doc2vec"]
        if reason := refusal(family, family.settings(model=options.model), strategy):
            raise UsageError(reason)
    schedule.check(options.alpha, options.min_alpha)
    check_amounts([options.strategy], options.epochs, options.alpha)
    policy = parse_policy(options.vocabulary)
    if options.min_count < 1:
        raise UsageError(f"--min-count must be 1 or more, got {options.min_count}")
    console = make_console()
    name, sides = _sides(options, console)
    sizes = sides.sizes
    plans = make_plans(
        strategy, schedule, sizes,
        epochs=options.epochs, alpha=options.alpha, min_alpha=options.min_alpha,
    )  # fmt: skip
    for what, chosen, catalogue in (
        ("strategy", strategy, STRATEGIES),
        ("schedule", schedule, SCHEDULES),
    ):
        origin = catalogue.origin(chosen.name)
        line = chosen.definition.summary + (f" (from {origin})" if origin else "")
        console.print(f"{what} {chosen}: {line}", soft_wrap=True)
    for i, plan in enumerate(plans):
        which = f", model {i + 1} of {len(plans)}" if len(plans) > 1 else ""
        console.print()
        console.print(_table(f"Plan on {name}{which}, E = {options.epochs}", plan, sizes))
    for line in [*_lines(plans, sizes), *_noise(policy, sides, plans, options.min_count)]:
        console.print(line, soft_wrap=not console.is_terminal)
    title = f"{strategy}, {schedule} on {name}, E = {options.epochs}"
    if options.plot is not None:
        from d2vbench.report.drawing.style import write_figure
        from d2vbench.report.figures.plan import plan_figure

        write_figure(plan_figure(title, plans, sizes)[0], options.plot)
        console.print(f"Drawn: {options.plot}", soft_wrap=True)
    return 0


def _sides(options: argparse.Namespace, console: Any) -> tuple[str, Sides]:
    """Return the name and the sides of the pair; of a share of D-train, those of seed 0."""
    from d2vbench.corpora import open_pair
    from d2vbench.corpora.pairs.labels import strata
    from d2vbench.corpora.pairs.subsets import stratified_fraction
    from d2vbench.families import Sides
    from d2vbench.keys import derive_seed

    cards, names = chosen_pairs(options)
    card = cards.pair(only_pair(names, options.pair) if names else _DEFAULT_PAIR)
    pair = open_pair(card, cards, report=console.print)
    seed = derive_seed(derive_seed(0, pair.name), "share of the domain")
    present = stratified_fraction(strata(pair.train_rows), options.fraction, seed)
    share = "" if options.fraction == 1 else f" ({options.fraction * 100:g} % of the domain)"
    return f"{pair.name}{share}", Sides(pair.generic, pair.train.take(present))


def _table(title: str, plan: Plan, sizes: Sizes) -> Table:
    from d2vbench.cli.display import make_table
    from d2vbench.strategies import area, order_text, outline, presented, rates_text

    table = make_table(
        title, "phase", "epochs", "order", "G presented", "D presented", "words of G",
        "words of D", "alpha", "alpha x words: G", "D", left=(0, 2),
    )  # fmt: skip
    laid_out = outline(plan, sizes)
    for phase in plan.phases:
        mine = [stretch for stretch in laid_out if stretch.phase == phase.name]
        table.add_row(
            phase.name,
            str(phase.epochs),
            order_text(phase),
            *(f"{n:,}" for n in presented(phase, sizes)),
            *(f"{round(n):,}" for n in _words(phase, sizes)),
            rates_text(phase),
            *(f"{x:,.0f}" for x in area(mine)),
        )
    if len(plan.phases) > 1:
        documents = zip(*(presented(phase, sizes) for phase in plan.phases), strict=True)
        words = zip(*(_words(phase, sizes) for phase in plan.phases), strict=True)
        table.add_row(
            "all", str(sum(phase.epochs for phase in plan.phases)), "",
            *(f"{sum(n):,}" for n in documents), *(f"{round(sum(n)):,}" for n in words), "",
            *(f"{x:,.0f}" for x in area(laid_out)),
        )  # fmt: skip
    return table


def _words(phase: Phase, sizes: Sizes) -> tuple[Fraction, Fraction]:
    domain = Fraction(phase.domain.count * sizes.domain_words)
    return phase.words(sizes) - domain, domain


def _lines(plans: Sequence[Plan], sizes: Sizes) -> list[str]:
    from d2vbench.strategies import area, outline

    generic = sum(plan.presentations()[0] for plan in plans)
    domain = sum(plan.presentations()[1] for plan in plans)
    areas = [area(outline(plan, sizes)) for plan in plans]
    sides = [sum(side) for side in zip(*areas, strict=True)]
    whole = sum(sides)
    part = any(phase.nearest != 1 for plan in plans for phase in plan.phases)
    chosen = "every chosen document" if part else "every document"
    return [
        f"Times presented: {chosen} of G {generic}, every document of D {domain}.",
        f"Area under alpha (alpha x words): {whole:,.0f}, of which {sides[1] / whole:.1%} on D.",
    ]


def _noise(policy: CountsPolicy, sides: Sides, plans: Sequence[Plan], min_count: int) -> list[str]:
    """Say how much of the noise is words that D never uses, for each model."""
    from d2vbench.families.counts import count, noise_shares

    lines = []
    for i, plan in enumerate(plans):
        found = noise_shares(count(policy, sides, plan), sides, min_count)
        which = f" of model {i + 1}" if len(plans) > 1 else ""
        lines.append(
            f"Vocabulary{which} ({policy}): {found.words:,} words; "
            f"{found.without_domain:.1%} of the negative samples are words that D never uses."
        )
    return lines
