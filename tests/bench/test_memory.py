"""Estimates of memory: what they are made of, and that a cell stays below its own."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import pytest
from cells import changed
from small_run import grid

from d2vbench.bench.compute.environment import source_digest
from d2vbench.bench.compute.task import PairReference, Task
from d2vbench.bench.execution.children import Children
from d2vbench.bench.execution.events import CellDone
from d2vbench.bench.plan.memory import MemoryEstimate, available_memory, model_bytes
from d2vbench.bench.store.checkpoints import Checkpoints
from d2vbench.corpora import Cards, Pair
from d2vbench.families.doc2vec import Doc2VecSettings
from d2vbench.families.doc2vec.models import build_model, count_words


@pytest.mark.parametrize("model", ["dbow", "dm-mean", "dm-concat"])
def test_the_size_of_a_model_is_that_of_gensims_arrays(model: str, small_pair: Pair) -> None:
    settings = Doc2VecSettings(model, vector_size=20, window=3, min_count=2)
    made = build_model(count_words([small_pair.generic, small_pair.train]), 40, settings, 1)
    words = MemoryEstimate().vocabulary(small_pair, 2)
    # A concatenation has one more, which stands where a window has no word.
    assert len(made.wv) == words + (model == "dm-concat")
    words = len(made.wv)
    arrays = (made.wv.vectors, made.dv.vectors, made.syn1neg)
    assert model_bytes(words, 40, 20, 3, model) == sum(array.nbytes for array in arrays)


def test_more_takes_more(small_pair: Pair) -> None:
    one = grid()[1]
    assert one.settings is not None
    wide = changed(one, settings=dataclasses.replace(one.settings, vector_size=400))
    expanded = changed(one, strategy="sequential(2)", vocabulary="expanded")
    estimate = MemoryEstimate()
    sizes = [estimate.of(cell, small_pair) for cell in (grid()[0], one, wide, expanded)]
    assert sizes[0] < sizes[1] < sizes[2]
    assert sizes[3] > 1.9 * sizes[1]


@pytest.mark.processes
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_cell_stays_below_its_estimate(small_pair: Pair, small_cards: Cards) -> None:
    cell = grid()[1]
    reference = PairReference.of(small_pair, small_cards)
    checkpoints = Checkpoints(Path("nowhere"))
    task = Task({0: cell}, cell, reference, None, checkpoints, source_digest(), 0)
    with Children() as children:
        (done,) = (e for e in children.supervise(task) if isinstance(e, CellDone))
        (child,) = children._all
        lines = Path(f"/proc/{child._process.pid}/status").read_text().splitlines()
    assert done.error == ""
    peak = int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) << 10
    assert peak < MemoryEstimate().of(cell, small_pair) < 3 * peak


@pytest.mark.processes
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_what_is_available_is_no_more_than_there_is() -> None:
    lines = Path("/proc/meminfo").read_text().splitlines()
    total = int(next(line for line in lines if line.startswith("MemTotal")).split()[1]) << 10
    assert 0 < available_memory() < total
