"""Why pairs differ: the regression of a run's differences on what its manifest says of pairs."""

from __future__ import annotations

import math

import numpy as np
import pytest
from moderated_run import DOMAINS, GENERICS, moderated_run

from d2vbench.analysis.studies.moderators import PROPERTIES, Moderators, moderators


def test_the_property_that_decides_is_found() -> None:
    one = moderators(moderated_run(), "dbow", "all")
    assert isinstance(one, Moderators)
    assert (one.first, one.second) == ("oversampled(4)", "domain-only(4)")
    assert len(one.points) == len(GENERICS) * len(DOMAINS)
    by_name = {c.name: c.interval for c in one.found.coefficients}
    assert list(by_name) == [p.name for p in PROPERTIES]
    # Made so: 0.4 less for each bit of divergence, and nothing for the rest.
    slope = by_name["divergence"].estimate / one.found.coefficients[0].deviation
    assert slope == pytest.approx(-0.4, abs=0.05)
    assert by_name["divergence"].p < 0.001
    assert all(abs(by_name[name].estimate) < 0.02 for name in ("ratio", "length", "classes"))
    assert one.found.explained > 0.8
    misses = [point.left_out - point.difference for point in one.points]
    assert np.sqrt(np.nanmean(np.square(misses))) < 0.02


def test_a_pair_is_predicted_by_its_entry() -> None:
    data = moderated_run()
    one = moderators(data, "dbow", "all")
    assert isinstance(one, Moderators)
    entry = dict(data.manifest["pairs"]["g0-d0"])
    near, far = (one.predict({**entry, "divergence": d}) for d in (0.2, 0.5))
    assert near.estimate - far.estimate == pytest.approx(0.12, abs=0.02)
    assert near.low < near.estimate < near.high


def test_pairs_of_which_a_property_is_not_known_take_no_part() -> None:
    data = moderated_run()
    for name in list(data.manifest["pairs"])[:3]:
        del data.manifest["pairs"][name]["out_of_vocabulary"]
    one = moderators(data, "dbow", "all")
    assert isinstance(one, Moderators)
    assert len(one.points) == len(GENERICS) * len(DOMAINS) - 3
    for entry in data.manifest["pairs"].values():
        entry.pop("out_of_vocabulary", None)
    assert moderators(data, "dbow", "all") == (
        "Not regressed: a mean over pairs takes two pairs, got 0."
    )
    assert moderators(data, "dm-mean", "all") == ""


def test_sizes_enter_as_logarithms() -> None:
    entry = moderated_run().manifest["pairs"]["g1-d2"]
    by_name = {p.name: p.of(entry) for p in PROPERTIES}
    assert math.exp(by_name["ratio"]) == pytest.approx(
        entry["generic_words"] / entry["train_words"]
    )
    assert math.exp(by_name["length"]) == pytest.approx(
        entry["train_words"] / entry["train_documents"]
    )
    assert math.exp(by_name["classes"]) == pytest.approx(len(entry["classes"]))
