"""Estimates of memory: what they are made of, and that a cell stays below its own."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import numpy as np
import pytest
from cells import changed, trained_cell
from small_run import grid

from d2vbench.bench.compute.environment import source_digest
from d2vbench.bench.compute.task import PairReference, Task
from d2vbench.bench.execution.children import Children
from d2vbench.bench.execution.events import CellDone
from d2vbench.bench.plan.memory import Costs, available_memory
from d2vbench.bench.spec.cell import BaselineCell, Cell, TrainedCell
from d2vbench.bench.store.checkpoints import Checkpoints
from d2vbench.corpora import Cards, Pair, load_cards
from d2vbench.evaluation.given_vectors import GIVEN
from d2vbench.families import FAMILIES, Sides
from d2vbench.families.counts import same_counts
from d2vbench.families.doc2vec import Doc2VecSettings
from d2vbench.families.doc2vec.family import weight_bytes
from d2vbench.families.doc2vec.models import build_model
from d2vbench.families.doc2vec.native import kernel
from d2vbench.families.doc2vec.saved import keep_vectors


@pytest.mark.parametrize("model", ["dbow", "dm-mean", "dm-concat"])
def test_the_size_of_a_model_is_that_of_gensims_arrays(model: str, small_pair: Pair) -> None:
    settings = Doc2VecSettings(model, vector_size=20, window=3, min_count=2)
    sides = Sides(small_pair.generic, small_pair.train)
    made = build_model(same_counts(sides.word_counts), 40, settings, 1)
    words = sum(count >= 2 for count in sides.word_counts.values())
    # A concatenation has one more, which stands where a window has no word.
    assert len(made.wv) == words + (model == "dm-concat")
    words = len(made.wv)
    arrays = (made.wv.vectors, made.dv.vectors, made.syn1neg)
    assert weight_bytes(settings, words, 40) == sum(array.nbytes for array in arrays)


def test_more_takes_more(small_pair: Pair) -> None:
    one = grid()[1]
    assert isinstance(one, TrainedCell)
    wide = changed(one, settings=dataclasses.replace(one.settings, vector_size=400))
    expanded = changed(one, strategy="sequential(2)", vocabulary="expanded")
    costs = Costs()
    sizes = [costs.memory(cell, small_pair) for cell in (grid()[0], one, wide, expanded)]
    assert sizes[0] < sizes[1] < sizes[2]
    # A process of its own.
    assert sizes[3] - sizes[1] >= 320 << 20


@pytest.mark.processes
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_cell_stays_below_its_estimate(small_pair: Pair, small_cards: Cards) -> None:
    cell = grid()[1]
    peak = peak_of(cell, small_pair, small_cards)
    assert peak < Costs().memory(cell, small_pair) < 3 * peak


@pytest.mark.processes
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("baseline", GIVEN)
def test_averages_of_given_vectors_stay_below_their_estimate(
    baseline: str, small_pair: Pair, small_cards: Cards
) -> None:
    """The table is most of it: its words, in single precision as kept and in double as summed."""
    words = [f"nobodys{number}" for number in range(60_000)]
    known = sorted(small_pair.train.corpus.lexicon)[:500]
    words[: len(known)] = known
    vectors = np.random.default_rng(0).random((len(words), 300), dtype=np.float32)
    name = keep_vectors(words, vectors)
    cell = BaselineCell("small", 1.0, baseline, 0, ("all",), word_vectors=name)
    plain = BaselineCell("small", 1.0, "tf-idf", 0, ("all",))
    peak = peak_of(cell, small_pair, small_cards)
    costs = Costs()
    assert peak < costs.memory(cell, small_pair) < 3 * peak
    assert costs.memory(cell, small_pair) > costs.memory(plain, small_pair) + vectors.nbytes


@pytest.mark.processes
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.skipif(not kernel.available(), reason="the kernel was not built")
def test_a_cell_with_diagnostics_stays_below_its_estimate(synthetic_pair: Pair) -> None:
    """Of wide vectors: the tables before the follow-up, and what is compared, count."""
    cell = trained_cell(
        diagnosed=True, pair="synthetic", fraction=1.0, seed=0, epochs=1, engine="native",
        settings=Doc2VecSettings("dm-mean", vector_size=1500, min_count=1),
        strategy="sequential(2)", schedule="restart", budgets=("5",),
    )  # fmt: skip
    peak = peak_of(cell, synthetic_pair, load_cards())
    assert peak < Costs().memory(cell, synthetic_pair) < 2 * peak
    plain = changed(cell, diagnosed=False)
    state = Costs().of(cell, synthetic_pair).state_bytes
    more = Costs().memory(cell, synthetic_pair) - Costs().memory(plain, synthetic_pair)
    assert more > state


def test_rows_that_the_kernel_copies_are_counted(small_pair: Pair) -> None:
    sides = Sides(small_pair.generic, small_pair.train)
    settings = Doc2VecSettings("dbow", vector_size=100_000, min_count=1)
    sizes = {
        engine: FAMILIES["doc2vec"].cost(dataclasses.replace(settings, engine=engine), sides).bytes
        for engine in ("native", "gensim")
    }
    assert sizes["native"] - sizes["gensim"] == 2 * kernel._HOT_BYTES == 32 << 20


def peak_of(cell: Cell, pair: Pair, cards: Cards) -> int:
    """Return the most memory of a process that computes a cell, in bytes."""
    reference = PairReference.of(pair, cards)
    checkpoints = Checkpoints(Path("nowhere"))
    task = Task({0: cell}, cell, reference, None, checkpoints, source_digest(), 0)
    with Children() as children:
        (done,) = (e for e in children.supervise(task) if isinstance(e, CellDone))
        (child,) = children._all
        lines = Path(f"/proc/{child._process.pid}/status").read_text().splitlines()
    assert done.error == ""
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) << 10


@pytest.mark.processes
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_what_is_available_is_no_more_than_there_is() -> None:
    lines = Path("/proc/meminfo").read_text().splitlines()
    total = int(next(line for line in lines if line.startswith("MemTotal")).split()[1]) << 10
    assert 0 < available_memory() < total
