"""Any bit of a checkpoint may flip: the state that was kept comes back, or none."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from d2vbench import mapped
from d2vbench.bench.store.checkpoints import TOKEN, Checkpoints
from d2vbench.locks import lock_file


class MadeLearner:
    """Some arrays that go by the rules of a learner's state."""

    def __init__(self, seed: int) -> None:
        rng = np.random.RandomState(seed)
        self.arrays = {
            "words": rng.rand(3, 4).astype(np.float32),
            "outputs": rng.rand(3, 4).astype(np.float32),
            "random": rng.get_state()[1],
        }

    def state(self) -> dict[str, Any]:
        return self.arrays

    def restore(self, arrays: Mapping[str, Any]) -> None:
        for name, own in self.arrays.items():
            if (arrays[name].shape, arrays[name].dtype) != (own.shape, own.dtype):
                raise ValueError(name)
        self.arrays = {name: np.array(arrays[name]) for name in self.arrays}

    def bytes(self) -> list[bytes]:
        return [array.tobytes() for array in self.arrays.values()]


@pytest.mark.parametrize("least", [0, mapped.LEAST], ids=["mapped", "read"])
def test_any_bit_that_flips(tmp_path: Path, least: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mapped, "LEAST", least)
    checkpoints = Checkpoints(tmp_path)
    kept, other = MadeLearner(1), MadeLearner(2)
    assert checkpoints.save("k", kept, 1.5)
    before = other.bytes()
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
            assert other.bytes() == before, bit
        else:
            assert seconds == 1.5, bit
            assert other.bytes() == kept.bytes(), bit
            other = MadeLearner(2)
    assert refused > 80
    path.write_bytes(whole)
    assert checkpoints.load("k", other) == 1.5
    assert checkpoints.load("missing", other) is None


def test_findings_lie_beside_their_checkpoint_and_go_with_it(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)
    found = checkpoints.findings("k")
    found.keep("a", {"x": np.arange(3)})
    assert found.recall("a") is None  # There is no checkpoint to keep it beside.
    assert checkpoints.save("k", MadeLearner(1), 0.0)
    found.keep("a", {"x": np.arange(3)})
    kept = checkpoints.findings("k").recall("a")
    assert kept is not None
    assert kept["x"].tolist() == [0, 1, 2]
    checkpoints.remove("k")
    assert list(tmp_path.glob("*.npz")) == []
    checkpoints.clear()
    assert not tmp_path.exists()


def test_findings_that_are_damaged_are_found_again(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)
    assert checkpoints.save("k", MadeLearner(1), 0.0)
    checkpoints.findings("k").keep("a", {"x": np.arange(3)})
    (path,) = tmp_path.glob("k.a.npz")
    path.write_bytes(path.read_bytes()[:40])
    assert checkpoints.findings("k").recall("a") is None


SAVING = """
import sys
from pathlib import Path
import numpy as np
from d2vbench import files
from d2vbench.bench.store import checkpoints as module
number, folder = sys.argv[1:]
kept = module.Checkpoints(Path(folder), limit=1_500_000)
class Learner:
    def state(self):
        return {"a": np.zeros(1_000_000, np.uint8)}
write = module.write_atomic
def both_are_here(path, how):
    Path(folder, f"here-{number}").touch()
    import time
    for _ in range(20):
        if len(list(Path(folder).glob("here-*"))) == 2: break
        time.sleep(0.1)
    write(path, how)
module.write_atomic = both_are_here
print(kept.save(number, Learner(), 0.0))
"""


@pytest.mark.processes
def test_the_limit_holds_for_processes_that_write_at_once(tmp_path: Path) -> None:
    """Each writes only once the other is about to, or after two seconds."""
    both = [
        subprocess.Popen(
            [sys.executable, "-c", SAVING, number, str(tmp_path)],
            stdout=subprocess.PIPE, text=True,
        )
        for number in "12"
    ]  # fmt: skip
    told = sorted(process.communicate(timeout=60)[0].strip() for process in both)
    assert told == ["False", "True"]
    assert Checkpoints(tmp_path).size() < 1_500_000


def test_a_limit_counts_what_the_file_takes(tmp_path: Path) -> None:
    size = sum(array.nbytes for array in MadeLearner(1).state().values())
    assert not Checkpoints(tmp_path, limit=size).save("k", MadeLearner(1), 0.0)
    whole = Checkpoints(tmp_path, limit=size + 8192)
    assert whole.save("k", MadeLearner(1), 0.0)
    assert whole.size() <= whole.limit


def test_one_writes_at_a_time(tmp_path: Path) -> None:
    """Who writes waits for another who holds the lock, and gives it back."""
    checkpoints = Checkpoints(tmp_path / "kept")
    assert checkpoints.save("first", MadeLearner(1), 0.0)
    (lock_path,) = (p for p in checkpoints.folder.iterdir() if p.suffix != ".npz")
    held = lock_file(lock_path, timeout=0)
    assert held is not None
    later = threading.Thread(target=checkpoints.save, args=("k", MadeLearner(1), 0.0), daemon=True)
    later.start()
    later.join(0.2)
    assert later.is_alive() and not checkpoints.present("k")
    held.release()
    later.join(30)
    assert checkpoints.present("k")


def test_nothing_is_kept_in_a_folder_of_another_run(tmp_path: Path) -> None:
    """A process elsewhere may see a folder of that name which is not the run's."""
    mine = Checkpoints(tmp_path / "kept", token="mine\u00e9")
    assert not mine.here()
    assert not mine.save("k", MadeLearner(1), 0.0)
    assert not mine.folder.exists()
    (tmp_path / TOKEN).write_text("mine\u00e9", encoding="utf-8")
    assert mine.here() and mine.save("k", MadeLearner(1), 2.5)
    mine.findings("k").keep("a", {"x": np.arange(3)})
    theirs = Checkpoints(tmp_path / "kept", token="theirs")
    assert not theirs.here()
    assert theirs.load("k", MadeLearner(2)) is None
    assert theirs.findings("k").recall("a") is None
    assert not theirs.save("other", MadeLearner(2), 0.0)
    anyone = Checkpoints(tmp_path / "kept")
    assert anyone.here()
    assert anyone.load("k", MadeLearner(2)) == 2.5
    assert [p.name for p in sorted(mine.folder.glob("*.npz"))] == ["k.a.npz", "k.npz"]


def test_removing_one_leaves_the_others(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path / "kept")
    checkpoints.remove("k")
    checkpoints.clear()  # Before there is a folder.
    assert checkpoints.size() == 0
    for key in ("k", "other"):
        assert checkpoints.save(key, MadeLearner(1), 0.0)
    both = checkpoints.size()
    assert both == sum(checkpoints.path(key).stat().st_size for key in ("k", "other"))
    checkpoints.remove("k")
    assert not checkpoints.present("k") and checkpoints.present("other")
    assert checkpoints.size() == both // 2
    checkpoints.clear()
    assert not checkpoints.folder.exists()
