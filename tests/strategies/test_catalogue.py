"""Strategies present what the protocol says, in the order that they are named for."""

from __future__ import annotations

import ast
import inspect
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_support import (
    FEW,
    FORMS,
    SCHEDULES,
    SIZES,
    orders,
    plan,
    presented,
    shares_strategy,
    sizes_strategy,
)

from d2vbench.errors import UsageError
from d2vbench.families import FAMILIES
from d2vbench.strategies import (
    STRATEGIES,
    Sizes,
    epoch_order,
    make_plans,
    parse_schedule,
    parse_strategy,
    schedule_forms,
    strategy_forms,
)
from d2vbench.strategies import catalogue as catalogue_module

SAME = (
    "oversampled({k})", "sequential({k})", "reverse({k})", "concatenated({k})",
    "shuffled-once({k})", "replay({k}, {p})", "annealed({k})", "mixed-finish({k})", "frozen({k})",
)  # fmt: skip


def expected(sizes: Sizes, epochs: int, k: int) -> Counter[int]:
    """Every G document E times, every D document k x E times."""
    return Counter(
        dict.fromkeys(range(sizes.generic_documents), epochs)
        | {sizes.generic_documents + d: k * epochs for d in range(sizes.domain_documents)}
    )


@pytest.mark.parametrize("form", SAME)
@FEW
@given(sizes_strategy, st.integers(1, 4), st.integers(1, 5), shares_strategy, st.integers(0, 3))
def test_strategies_of_one_k_present_the_same(
    form: str, sizes: Sizes, k: int, epochs: int, p: float, seed: int
) -> None:
    for schedule in SCHEDULES:
        made = plan(form.format(k=k, p=p), schedule, sizes, epochs)
        assert made.presentations() == (epochs, k * epochs)
        words = epochs * sizes.generic_words + k * epochs * sizes.domain_words
        assert made.words(sizes) == words
    assert presented(made, sizes, seed) == expected(sizes, epochs, k)


@given(sizes_strategy, st.integers(1, 4), st.integers(1, 4))
def test_an_ensemble_presents_the_same_over_its_two_models(
    sizes: Sizes, k: int, epochs: int
) -> None:
    strategy = parse_strategy(f"ensemble({k})")
    assert (strategy.models, strategy.phases) == (2, 1)
    generic, domain = make_plans(
        strategy, parse_schedule("linear"), sizes, epochs=epochs, alpha=0.025, min_alpha=0.0001
    )
    assert generic == plan("generic-only", sizes=sizes, epochs=epochs)
    assert domain == plan(f"domain-only({k})", sizes=sizes, epochs=epochs)
    assert presented(generic, sizes) + presented(domain, sizes) == expected(sizes, epochs, k)
    with pytest.raises(UsageError, match="has a plan for each of its 2 models"):
        plan(f"ensemble({k})")


@given(sizes_strategy, st.integers(1, 5))
def test_what_is_the_same_by_another_name(sizes: Sizes, epochs: int) -> None:
    def same(one: str, other: str) -> bool:
        return plan(one, "restart", sizes, epochs) == plan(other, "restart", sizes, epochs)

    assert same("combined", "oversampled(1)")
    assert same("replay(3, 0)", "sequential(3)")
    k = max(round(sizes.generic_words / sizes.domain_words), 1)
    assert same("oversampled(balanced)", f"oversampled({k})")
    assert same("sequential(balanced)", f"sequential({k})")
    mixed, one = (plan(s, sizes=sizes, epochs=1) for s in ("oversampled(3)", "annealed(3)"))
    assert orders(mixed, sizes) == orders(one, sizes)


@given(sizes_strategy, st.integers(1, 4))
def test_the_single_corpus_controls(sizes: Sizes, epochs: int) -> None:
    generic = presented(plan("generic-only", sizes=sizes, epochs=epochs), sizes)
    assert generic == Counter(dict.fromkeys(range(sizes.generic_documents), epochs))
    domain = presented(plan("domain-only(2)", sizes=sizes, epochs=epochs), sizes)
    assert set(domain.values()) == {2 * epochs}
    assert min(domain) == sizes.generic_documents
    budget = plan("domain-only(budget)", sizes=sizes, epochs=epochs)
    combined = plan("combined", sizes=sizes, epochs=epochs).words(sizes)
    # The nearest whole number of passes an epoch.
    assert abs(budget.words(sizes) - combined) <= epochs * sizes.domain_words / 2 + 1


@given(sizes_strategy, st.integers(1, 100), st.integers(1, 3))
def test_selected_presents_the_nearest_documents_alone(
    sizes: Sizes, hundredths: int, epochs: int
) -> None:
    n = sizes.generic_documents
    count = max(round(n * hundredths / 100 + 1e-12), 1)
    made = plan(f"selected({hundredths / 100})", sizes=sizes, epochs=epochs)
    got = presented(made, sizes)
    generic = [d for d in got if d < n]
    # `orders` ranks the highest numbers nearest.
    assert sorted(generic) == list(range(n - len(generic), n))
    assert abs(len(generic) - count) <= 1
    assert len(got) == len(generic) + sizes.domain_documents
    assert set(got.values()) == {epochs}


def test_of_few_documents_one_is_selected() -> None:
    (phase,) = plan("selected(0.01)").phases
    assert phase.generic_documents(SIZES) == 1
    assert phase.generic_documents(Sizes(350, 3, 1000, 100)) == 4


def test_selected_needs_the_documents_by_nearness() -> None:
    phase = plan("selected(0.5)").phases[0]
    with pytest.raises(ValueError, match="needs the documents of G by nearness"):
        epoch_order(phase, 0, SIZES, 0)


def corpora(p, sizes: Sizes) -> list[list[str]]:  # type: ignore[no-untyped-def]
    """Corpus of each presentation, by phase."""
    return [
        ["GD"[d >= sizes.generic_documents] for epoch in phase for d in epoch]
        for phase in orders(p, sizes)
    ]


def test_which_corpus_comes_when() -> None:
    sizes = Sizes(40, 20, 4000, 2000)
    assert [set(c) for c in corpora(plan("sequential(2)", sizes=sizes), sizes)] == [{"G"}, {"D"}]
    assert [set(c) for c in corpora(plan("reverse(2)", sizes=sizes), sizes)] == [{"D"}, {"G"}]
    first, second = corpora(plan("replay(2, 0.25)", sizes=sizes, epochs=4), sizes)
    assert (set(first), len(first)) == ({"G"}, 3 * 40)
    assert (second.count("G"), second.count("D")) == (40, 2 * 4 * 20)
    first, second = corpora(plan("mixed-finish(2)", sizes=sizes, epochs=5), sizes)
    assert (set(first), len(first)) == ({"G"}, 2 * 40)
    assert (second.count("G"), second.count("D")) == (3 * 40, 2 * 5 * 20)
    # The replayed documents are spread over the phase, not left to its end.
    made = plan("replay(2, 0.25)", sizes=sizes, epochs=4)
    counts = [sum(d < 40 for d in epoch) for epoch in orders(made, sizes)[1]]
    assert (len(counts), sum(counts), min(counts), max(counts)) == (8, 40, 5, 5)


def test_concatenated_is_in_the_order_of_the_corpora() -> None:
    (epochs,) = orders(plan("concatenated(2)"), SIZES)
    assert epochs == [[*range(7), 7, 8, 9, 7, 8, 9]] * 3


def test_shuffled_once_keeps_its_order() -> None:
    sizes = Sizes(40, 20, 1000, 100)
    made = plan("shuffled-once(2)", sizes=sizes)
    (epochs,) = orders(made, sizes)
    assert epochs[0] == epochs[1] == epochs[2]
    assert epochs[0] != sorted(epochs[0])
    assert orders(made, sizes, seed=1)[0][0] != epochs[0]


def test_the_share_of_the_domain_rises_in_annealed() -> None:
    sizes = Sizes(100, 100, 1000, 1000)
    (epochs,) = orders(plan("annealed(2)", sizes=sizes, epochs=4), sizes)
    counts = [(sum(d < 100 for d in e), sum(d >= 100 for d in e)) for e in epochs]
    # G: 4 (2x - x^2), D: 8 x^2 at x = 1/4, 2/4, 3/4, 1.
    assert counts == [(175, 50), (125, 150), (75, 250), (25, 350)]


def test_frozen_holds_the_output_weights_in_its_second_phase() -> None:
    generic, domain = plan("frozen(2)").phases
    assert generic == plan("sequential(2)").phases[0]
    assert domain.learns == ("documents", "words")


@pytest.mark.parametrize(
    ("strategy", "phase"),
    [("sequential(4)", 0), ("frozen(4)", 0), ("reverse(4)", 1)],
)
def test_phases_that_strategies_share_are_equal(strategy: str, phase: int) -> None:
    assert plan(strategy, "restart").phases[phase] == plan("generic-only").phases[0]
    assert plan("reverse(4)", "restart").phases[0] == plan("domain-only(4)").phases[0]


def test_orders_are_shuffled_anew_and_paired() -> None:
    sizes = Sizes(50, 20, 1000, 100)
    phase = plan("oversampled(2)", sizes=sizes).phases[0]
    orders = [epoch_order(phase, e, sizes, 0).tolist() for e in range(3)]
    assert len({tuple(order) for order in orders}) == 3
    assert all(sorted(order) == sorted(orders[0]) for order in orders)
    assert orders[0] != sorted(orders[0])
    assert epoch_order(phase, 0, sizes, 0).tolist() == orders[0]
    assert epoch_order(phase, 0, sizes, 1).tolist() != orders[0]
    # An epoch of generic documents alone is the same in all strategies that have it.
    alone = plan("generic-only", sizes=sizes, epochs=10).phases[0]
    for other in ("sequential(2)", "replay(2, 0.1)", "mixed-finish(2)"):
        first = plan(other, "restart", sizes, 10).phases[0]
        assert np.array_equal(epoch_order(alone, 1, sizes, 5), epoch_order(first, 1, sizes, 5))


@pytest.mark.parametrize("form", FORMS)
def test_an_order_does_not_read_the_global_generator(form: str) -> None:
    made = plan(form)
    np.random.seed(0)  # noqa: NPY002
    first = orders(made, SIZES)
    np.random.seed(1)  # noqa: NPY002
    assert orders(made, SIZES) == first


@pytest.mark.parametrize("form", [*FORMS, "ensemble(2)", "selected(1)", "replay(4, 0)"])
def test_strategy_names_round_trip(form: str) -> None:
    assert str(parse_strategy(form)) == form


def test_arguments_left_out() -> None:
    texts = ("sequential", "replay", "replay(4)", "selected", "ensemble")
    assert [str(parse_strategy(text)) for text in texts] == [
        "sequential(1)", "replay(1, 0.1)", "replay(4, 0.1)", "selected(0.5)", "ensemble(1)",
    ]  # fmt: skip


def test_the_tests_know_every_strategy() -> None:
    names = {parse_strategy(form).name for form in FORMS}
    assert names == set(STRATEGIES.built_in) - {"ensemble", "warm", "untrained"}
    assert len(strategy_forms()) == len(STRATEGIES.built_in)
    assert all(text.endswith(".") for text in strategy_forms().values())


def test_the_concepts_have_a_row_for_each() -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "concepts.md"
    rows = [line for line in page.read_text(encoding="utf-8").splitlines() if line[:2] == "| "]
    for form in [*strategy_forms(), *schedule_forms()]:
        assert sum(row.startswith(f"| `{form}`") for row in rows) == 1, form


def test_each_strategy_is_one_short_function() -> None:
    for definition in STRATEGIES.built_in.values():
        layout = definition.layout
        (function,) = ast.parse(inspect.getsource(layout)).body
        assert isinstance(function, ast.FunctionDef)
        assert len(function.body) - 1 <= 5
        assert inspect.getmodule(layout) is catalogue_module


VALID = (
    "adapted, anchored, annealed, combined, concatenated, domain-only, ensemble, frozen, "
    "generic-only, loop, mixed-finish, oversampled, pretrained-words, pretrained-words-frozen, "
    "replay, reverse, selected, sequential, shuffled-once, untrained, warm"
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        *(
            (
                f"{name}({k})",
                f"strategy {name}: k must be a whole number from 1 up, or 'balanced'; got '{k}'",
            )
            for name in ("sequential", "reverse", "annealed", "mixed-finish", "ensemble", "frozen")
            for k in ("0", "-1")
        ),
        (
            "oversampled(1.5)",
            "strategy oversampled: k must be a whole number from 1 up, or 'balanced'; got '1.5'",
        ),
        (
            "domain-only(x)",
            "strategy domain-only: k must be a whole number from 1 up, or 'budget'; got 'x'",
        ),
        (
            "replay(0, 0.1)",
            "strategy replay: k must be a whole number from 1 up, or 'balanced'; got '0'",
        ),
        ("replay(4, -0.1)", "strategy replay: p must be a share from 0 to 1, got '-0.1'"),
        ("replay(4, 1.1)", "strategy replay: p must be a share from 0 to 1, got '1.1'"),
        ("replay(4, nan)", "strategy replay: p must be a share from 0 to 1, got 'nan'"),
        ("replay(4, ten)", "strategy replay: p must be a share from 0 to 1, got 'ten'"),
        ("replay(4, 1, 2)", "strategy replay is written replay(k, p), got '4, 1, 2'"),
        ("selected(2)", "strategy selected: q must be a share from 0 to 1, got '2'"),
        ("selected(0)", "strategy selected: a q of 0 leaves nothing of G; use domain-only"),
        ("sequential(4, 5)", "strategy sequential is written sequential(k), got '4, 5'"),
        ("combined(2)", "strategy combined takes no value, got '2'"),
        ("sequential(4", "a strategy is written NAME or NAME(VALUE), got 'sequential(4'"),
        ("", "a strategy is written NAME or NAME(VALUE), got ''"),
        ("combind", f"unknown strategy 'combind': did you mean 'combined'? (valid: {VALID})"),
    ],
)
def test_wrong_strategies(text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_strategy(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        ("dbow", "nothing but the output weights decides an inferred vector"),
        (
            "dbow-words",
            "inference leaves the word vectors out, so nothing but the output weights decides an "
            "inferred vector",
        ),
    ],
)
def test_frozen_is_refused_where_it_is_generic_only(model: str, reason: str) -> None:
    family = FAMILIES["doc2vec"]
    frozen = parse_strategy("frozen(4)")
    assert family.refuses(family.settings(model=model), frozen) == (
        f"strategy frozen(4) cannot be told from generic-only in model {model}: {reason}; "
        "use a PV-DM model, such as dm-mean"
    )
    for other in ("dm-mean", "dm-sum", "dm-concat"):
        assert family.refuses(family.settings(model=other), frozen) == ""
