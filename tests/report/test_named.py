"""Every name of the first screen is explained there, and how large G and D are."""

from __future__ import annotations

import pandas as pd
import pytest

from d2vbench.report.chapters.named import named_chapter, sizes_chapter
from d2vbench.report.document.structure import Bullets, TableBlock
from d2vbench.strategies import SCHEDULES, STRATEGIES


def sentences(*titles: str) -> tuple[str, ...]:
    (block,) = named_chapter(titles).blocks
    assert isinstance(block, Bullets)
    return block.items


def test_each_name_has_the_sentence_of_the_catalogue() -> None:
    items = sentences("mixed-finish(4), restart", "combined; E = 20, alpha 0.05")
    assert [item.split(":")[0] for item in items] == ["combined", "mixed-finish(k)", "restart", "E"]
    summary = STRATEGIES.built_in["mixed-finish"].summary
    assert items[1] == f"mixed-finish(k): {summary}"


def test_a_sentence_that_begins_with_another_name_brings_that_one() -> None:
    items = sentences("frozen(4), follow-up(0.05)")
    assert [item.split(":")[0] for item in items] == [
        "sequential(k)", "frozen(k)", "restart", "follow-up(a)", "E",
    ]  # fmt: skip
    assert items[3].startswith("follow-up(a): As restart, but")


@pytest.mark.parametrize("name", [*STRATEGIES.built_in, *SCHEDULES.built_in])
def test_whatever_is_named_has_a_sentence(name: str) -> None:
    found = [item for item in sentences(f"{name}(4)") if item.startswith((f"{name}:", f"{name}("))]
    assert len(found) == 1
    assert "`" not in found[0]


def test_words_in_place_of_k_are_explained() -> None:
    assert not any("for k:" in item for item in sentences("oversampled(4)"))
    (budget,) = (item for item in sentences("domain-only(budget)") if "for k:" in item)
    assert budget == "budget, for k: so often that D has as many words as combined trains."
    (balanced,) = (item for item in sentences("oversampled(balanced)") if "for k:" in item)
    assert balanced.startswith("balanced, for k:")


def test_names_of_third_parties_and_words_are_left_out() -> None:
    assert [item.split(":")[0] for item in sentences("theirs(4), natural vocabulary")] == ["E"]


def runs() -> pd.DataFrame:
    rows = [
        ("q", 1.0, 400, 4000, 100, 1000), ("q", 1.0, 400, 4000, 102, 1100),
        ("p", 0.25, 900, 9000, 30, 300), ("p", 1.0, 900, 9000, 120, 1200),
    ]  # fmt: skip
    names = ("generic_documents", "generic_words", "domain_documents", "domain_words")
    return pd.DataFrame(rows, columns=["pair", "fraction", *names])


def test_sizes_stand_in_the_order_of_the_table_and_the_line_has_their_range() -> None:
    first = pd.DataFrame({"pair": ["p", "p", "q"], "fraction": [0.25, 0.25, 1.0]})
    chapter = sizes_chapter(runs(), first)
    assert chapter is not None and chapter.folded
    (block,) = chapter.blocks
    assert isinstance(block, TableBlock)
    assert block.rows == (
        ("p (25 % of the domain)", "900", "30", "9,000", "300", "30.0"),
        ("q", "400", "101", "4,000", "1,050", "3.8"),
    )
    assert chapter.line == "in words, G is 3.8 to 30 times as large as D"


def test_of_records_that_do_not_say_it_there_are_no_sizes() -> None:
    first = pd.DataFrame({"pair": ["p"], "fraction": [1.0]})
    assert sizes_chapter(runs().drop(columns="domain_words"), first) is None
    assert sizes_chapter(runs().assign(generic_words=float("nan")), first) is None
