"""Disturb a run at random for a long time, and compare its table with an undisturbed one.

python tests/soak.py [--minutes 10] [--kills 100] [--seed 0] [--study order] [-- OPTIONS OF RUN]

The run's folder is on a file system of its own (a tmpfs, where an administrator may mount one). At
random: the coordinator gets SIGKILL; workers do, while the run goes on; the disk is full
but for some KiB; the clock jumps by up to ten years, there and back, several times a second
(libfaketime, where it is installed); two runs begin at one moment. After each, the same command is
given again. Whenever a run comes through, and at the end, ``cells.csv`` must be the same to the
byte as that of an undisturbed run, but for the columns of timings, no record may be damaged, and
nothing half-written may be left. Goes on until both the time is over and there were so many kills.

Without options of ``run``, the pair is one of 200 and 120 documents: a run is then mostly the start
of its processes and its report. Beside other work on two cores there were about two kills a minute.
What was done so far is said on stderr.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from kill_and_resume import command, processes_of, table
from tiny_cards import lay_tiny_cards

from d2vbench.bench.execution.status import run_status
from d2vbench.bench.store.records import State
from d2vbench.errors import UserError

FAULTS = {"kill": 50, "kill workers": 25, "full disk": 12, "clock jumps": 15, "two at once": 8}
DISK = "48m"
FAKETIME = "/usr/lib/*/faketime/libfaketime.so.1"
YEARS = 10 * 365 * 24 * 3600
SMALL = ["--pair", "tiny", "--seeds", "1", "--epochs", "1", "--jobs", "2"]


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """Make a folder a file system of its own; return whether that worked."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(folder)]
    mounted = (
        bool(shutil.which("mount")) and not subprocess.run(mount, capture_output=True).returncode
    )
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", str(folder)], check=True)


class Soak:
    """A run that is disturbed."""

    def __init__(self, folder: Path, disk: Path, options: list[str], seed: int) -> None:
        self.folder, self.disk, self.options = folder, disk, options
        self.rng = random.Random(seed)
        self.counts: Counter[str] = Counter()
        self.clock = folder / "clock"
        self.number = 0
        self.whole, self.expected = self._undisturbed()

    @property
    def out(self) -> Path:
        return self.disk / f"run-{self.number}"

    def _undisturbed(self) -> tuple[float, str]:
        # The first fills the cache; a moment to kill at is one of the time without.
        for out in (self.folder / "first", self.folder / "undisturbed"):
            begun = time.monotonic()
            subprocess.run(command(out, self.options), check=True, stdout=subprocess.DEVNULL)
        return time.monotonic() - begun, table(out)

    def start(self, **more: str) -> subprocess.Popen[str]:
        """Give the command."""
        environment = {**os.environ, **more, "D2VBENCH_TEST_RUN": str(self.out)}
        return subprocess.Popen(
            command(self.out, self.options), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            text=True, env=environment,
        )  # fmt: skip

    def end(self, run: subprocess.Popen[str], after: float) -> None:
        """Kill a run after some seconds; check what it said if it ended before."""
        try:
            _, errors = run.communicate(timeout=after)
        except subprocess.TimeoutExpired:
            run.send_signal(signal.SIGKILL)
            run.communicate()
            self.counts["kills"] += 1
        else:
            assert "Traceback (most recent call last)" not in errors, errors
            if run.returncode == 0:
                self.through()
            else:
                self.counts["ended with a sentence"] += 1
        end = time.monotonic() + 20
        while left := processes_of(self.out):
            assert time.monotonic() < end, f"processes {left} go on after their run"
            time.sleep(0.05)

    def said(self) -> str:
        """Return what was done so far."""
        return ", ".join(f"{name}: {count}" for name, count in sorted(self.counts.items()))

    def moment(self) -> float:
        return self.rng.uniform(0.5, self.whole)

    def through(self) -> None:
        """Check a run that came through, and begin another."""
        self.counts["runs that came through"] += 1
        self.check()
        shutil.rmtree(self.out)
        self.number += 1

    def check(self) -> None:
        """Compare with the undisturbed run."""
        assert table(self.out) == self.expected, "the tables differ"
        assert set(run_status(self.out).states.values()) == {State.GOOD}
        left = list(self.out.glob("checkpoints/*")) + list(self.out.glob("records/rejected/*"))
        left += [p for p in self.out.rglob("*.tmp") if p.parent.name in ("records", "failed")]
        assert not left, f"left over: {left}"

    def states(self) -> None:
        """Check that a run that was stopped anywhere has whole records or none."""
        with contextlib.suppress(UserError):  # Not so far as to have a manifest.
            assert set(run_status(self.out).states.values()) <= {State.GOOD, State.MISSING}

    def disturb(self, fault: str) -> None:
        self.counts[fault] += 1
        getattr(self, "do_" + fault.replace(" ", "_"))()
        if self.out.exists():
            self.states()

    def do_kill(self) -> None:
        self.end(self.start(), self.moment())

    def do_kill_workers(self) -> None:
        run, after = self.start(), self.moment()
        time.sleep(after)
        for _ in range(self.rng.randint(1, 6)):
            workers = [p for p in processes_of(self.out) if p != run.pid]
            if workers and run.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self.rng.choice(workers), signal.SIGKILL)
                    self.counts["kills"] += 1
            time.sleep(self.rng.uniform(0.2, 2.0))
        self.end(run, self.rng.choice((0.5 * self.whole, 3 * self.whole + 30)))

    def do_full_disk(self) -> None:
        room = self.rng.choice((0, 8, 16, 32, 64, 128)) << 10
        ballast = self.disk / "ballast"
        disk = os.statvfs(self.disk)
        with ballast.open("wb") as file, contextlib.suppress(OSError):
            file.write(b"x" * max(0, disk.f_bavail * disk.f_frsize - room))
        self.end(self.start(), self.rng.choice((self.moment(), 3 * self.whole + 30)))
        ballast.unlink()

    def do_clock_jumps(self) -> None:
        (library,) = Path("/").glob(FAKETIME.lstrip("/"))
        stop = threading.Event()

        def jump() -> None:
            rng = random.Random(self.rng.random())
            while not stop.wait(rng.uniform(0.05, 0.5)):
                self.clock.write_text(f"{rng.uniform(-YEARS, YEARS):+.3f}\n")

        self.clock.write_text("+0\n")
        jumping = threading.Thread(target=jump)
        jumping.start()
        run = self.start(
            LD_PRELOAD=str(library), FAKETIME_TIMESTAMP_FILE=str(self.clock), FAKETIME_NO_CACHE="1",
            FAKETIME_DONT_FAKE_MONOTONIC="1", NO_FAKE_STAT="1",
        )  # fmt: skip
        try:
            self.end(run, self.rng.choice((self.moment(), 3 * self.whole + 30)))
        finally:
            stop.set()
            jumping.join()

    def do_two_at_once(self) -> None:
        first, second = self.start(), self.start()
        # One of them is refused; it may be either.
        end = time.monotonic() + 300
        while first.poll() is None and second.poll() is None:
            assert time.monotonic() < end, "two runs are at work in one folder"
            time.sleep(0.05)
        ended, at_work = (first, second) if first.poll() is not None else (second, first)
        errors = ended.communicate()[1]
        # Or it was through before the other had begun, where little was left to do.
        if ended.returncode:
            assert "another run is using" in errors, errors
            self.counts["refused"] += 1
        self.end(at_work, self.moment())


def soak(minutes: float, kills: int, seed: int, options: list[str], folder: Path) -> str:
    """Do all of it; return what to say."""
    begun = time.monotonic()
    with small_disk(folder / "disk") as mounted:
        whole = Soak(folder, folder / "disk", options, seed)
        faults = dict(FAULTS)
        if not mounted:
            del faults["full disk"]
        if not list(Path("/").glob(FAKETIME.lstrip("/"))):
            del faults["clock jumps"]
        while time.monotonic() - begun < 60 * minutes or whole.counts["kills"] < kills:
            (fault,) = whole.rng.choices(list(faults), list(faults.values()))
            whole.disturb(fault)
            print(f"{(time.monotonic() - begun) / 60:.1f} minutes: {whole.said()}", file=sys.stderr)
        subprocess.run(command(whole.out, options), check=True, stdout=subprocess.DEVNULL)
        whole.check()
        n = len(whole.expected.splitlines()) - 1
    return (
        f"{n} cells, {whole.whole:.0f} s undisturbed; {(time.monotonic() - begun) / 60:.0f} "
        f"minutes, seed {seed}; {whole.said()}; cells.csv the same to the byte each time"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--study", default="order")
    parser.add_argument("more", nargs="*", help="options of run, after --")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if not args.more:
            cards = Path(folder, "cards")
            cards.mkdir()
            # Also for the runs, which inherit it.
            os.environ["D2VBENCH_CARDS"] = str(lay_tiny_cards(cards))
            os.environ["D2VBENCH_DATA"] = str(Path(folder, "data"))
        options = [args.study, *(args.more or SMALL)]
        print(soak(args.minutes, args.kills, args.seed, options, Path(folder)))


if __name__ == "__main__":
    main()
