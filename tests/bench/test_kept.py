"""Any bit of a checkpoint may flip: the weights that were kept come back, or none."""

from __future__ import annotations

import random
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from d2vbench.bench.store.kept import CarefulCheckpoints


def trainee(seed: int) -> Any:
    rng = np.random.RandomState(seed)
    model = SimpleNamespace(
        wv=SimpleNamespace(vectors=rng.rand(3, 4).astype(np.float32)),
        dv=SimpleNamespace(vectors=rng.rand(5, 4).astype(np.float32)),
        syn1neg=rng.rand(3, 4).astype(np.float32),
        random=rng,
    )
    return SimpleNamespace(engine=SimpleNamespace(model=model))


def state(of: Any) -> list[bytes]:
    model = of.engine.model
    _, numbers, place, has_gauss, gauss = model.random.get_state()
    arrays = (model.wv.vectors, model.dv.vectors, model.syn1neg, numbers)
    return [*(array.tobytes() for array in arrays), repr((place, has_gauss, gauss)).encode()]


def test_any_bit_that_flips(tmp_path: Path) -> None:
    checkpoints = CarefulCheckpoints(tmp_path)
    kept, other = trainee(1), trainee(2)
    assert checkpoints.save("k", kept, 1.5)
    before = state(other)
    path = checkpoints.path("k")
    whole = path.read_bytes()
    rng = random.Random(0)
    # The directory at the end of the file is what says how the rest is to be read.
    end = 8 * whole.index(b"PK\x01\x02")
    bits = [*rng.sample(range(end), 60), *range(end, 8 * len(whole), 9)]
    refused = 0
    for bit in bits:
        spoilt = bytearray(whole)
        spoilt[bit // 8] ^= 1 << bit % 8
        path.write_bytes(spoilt)
        seconds = checkpoints.load("k", other)
        if seconds is None:
            refused += 1
            assert state(other) == before, bit
        else:
            assert seconds == 1.5, bit
            assert state(other) == state(kept), bit
            other = trainee(2)
    assert refused > 80
    path.write_bytes(whole)
    assert checkpoints.load("k", other) == 1.5
    assert checkpoints.load("missing", other) is None
