"""Settings of encoders: what they mean, and what is refused, without torch."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from models_support import selection

from d2vbench.errors import UsageError, UserError
from d2vbench.families import FAMILIES, Sides
from d2vbench.families.encoder import extra
from d2vbench.families.encoder.settings import Architecture, EncoderSettings

FAMILY = FAMILIES["encoder"]


def test_usual_settings() -> None:
    made = FAMILY.settings()
    assert made.scratch == Architecture(2, 128)
    assert (made.objective, made.vocabulary, made.peak_rate) == ("crops", "presented", 1e-3)
    assert FAMILY.label(made) == "scratch-2x128-crops"
    again = FAMILY.settings(**json.loads(json.dumps(made.to_json())))
    assert again == made and hash(again) == hash(made)


@pytest.mark.parametrize(
    ("shape", "heads"), [((2, 32), 1), ((2, 128), 2), ((6, 384), 6), ((1, 200), 2), ((1, 97), 1)]
)
def test_heads_divide_the_width(shape: tuple[int, int], heads: int) -> None:
    assert Architecture(*shape).heads == heads


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ({"encoder": "scratch:2-128"}, "encoder 'scratch:2-128': expected scratch:LAYERSxWIDTH"),
        ({"encoder": "scratch:0x128"}, "expected 1 to 48 layers of 8 to 10,000 components"),
        ({"encoder": "scratch:2x4"}, "expected 1 to 48 layers of 8 to 10,000 components"),
        ({"objective": "crop"}, "unknown objective 'crop': did you mean 'crops'?"),
        ({"optimiser": "kept"}, "unknown optimiser 'kept'"),
        ({"precision": "float16"}, "unknown precision 'float16': did you mean 'bfloat16'?"),
        ({"vocabulary": "checkpoint"}, "unknown vocabulary of an encoder from scratch"),
        ({"vocabulary": "noise(D)"}, "unknown vocabulary of an encoder from scratch"),
        ({"revision": "main"}, "encoder scratch:2x128 has no revision: leave it out"),
        ({"max_tokens": 4}, "max_tokens must be 8 or more, got 4"),
        ({"batch": 1}, "batch must be 2 or more, got 1"),
        ({"pieces": 10}, "pieces must be 200 or more, got 10"),
        ({"peak_rate": 1.5}, r"peak_rate must lie in \[0, 1\), got 1.5"),
        ({"peak_rate": float("nan")}, r"peak_rate must lie in \[0, 1\), got nan"),
        ({"window": 5}, "no such setting: window; there are encoder,"),
    ],
)
def test_impossible_settings_are_refused(own: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        FAMILY.settings(**own)


def test_without_the_extra_it_is_said_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    from d2vbench.bench.spec.request import Request
    from d2vbench.bench.spec.studies import study_cells

    monkeypatch.setattr(extra, "_NEEDED", ("no_torch_here", "no_transformers_here"))
    with pytest.raises(UserError) as caught:
        Request(family="encoder")
    assert str(caught.value) == (
        "encoders need no_torch_here, no_transformers_here, which are not installed: "
        "pip install 'd2vbench[transformers]'"
    )
    every = study_cells("all", Request())
    extras = {"encoders", "fine-tuning", "zero-shot", "new-words", "imbalance"}
    assert not extras & every.by_study.keys()
    lack = "it needs no_torch_here, no_transformers_here: pip install 'd2vbench[transformers]'"
    assert every.left_out == dict.fromkeys(extras, lack)
    with pytest.raises(UserError, match="study encoders cannot be run here: it needs no_torch_"):
        study_cells("encoders", Request())
    # A record can be read where none can be made.
    record = {**EncoderSettings().to_json(), "encoder": "mine", "weights": "0" * 64}
    assert FAMILY.settings(**{**record, "vocabulary": ""}).vocabulary == "checkpoint"


def test_pieces_of_a_plan_decide_the_untrained_model() -> None:
    from d2vbench.strategies import Sizes, make_plans, parse_schedule, parse_strategy

    def part(strategy: str, **own: Any) -> Any:
        (plan,) = make_plans(
            parse_strategy(strategy), parse_schedule("linear"), Sizes(100, 50, 1000, 500),
            epochs=2, alpha=0.025, min_alpha=0.0001,
        )  # fmt: skip
        return FAMILY.part_of_plan(FAMILY.settings(**own), plan)

    assert part("sequential(4)") == part("oversampled(4)") == [{"1": 1}, 4]
    assert part("domain-only(4)") == [{}, 1]
    assert part("generic-only") == [{"1": 1}, 0]
    # More than sixteen times is as good as sixteen.
    assert part("oversampled(40)") == [{"1": 1}, 16]
    assert part("sequential(4)", vocabulary="generic") is None


def test_a_long_document_costs_what_is_read_of_it() -> None:
    short, long = (selection(["a probe " * n] * 3) for n in (4, 400))
    nothing = short.take(np.arange(0))

    def seconds(documents: Any, most: int) -> float:
        settings = EncoderSettings(max_tokens=most)
        rate = FAMILY.cost(settings, Sides(nothing, documents)).seconds_per_word
        return float(rate * documents.words())

    assert seconds(long, 64) == pytest.approx(seconds(long, 128) / 2)
    assert seconds(short, 64) == pytest.approx(seconds(short, 128))
    assert FAMILY.cost(EncoderSettings(), Sides(nothing, nothing)).seconds_per_word == 0
