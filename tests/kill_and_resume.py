"""Kill a run again and again, resume it each time, and compare its table with an undisturbed one.

python tests/kill_and_resume.py [--kills 20] [--seed 0] [--study order] [-- MORE OPTIONS OF RUN]

Each time the coordinator gets SIGKILL at a random moment between its start and the time that the
undisturbed run took; its worker processes must be gone by themselves. What remains is resumed by
the same command. In the end ``cells.csv`` must be the same to the byte, but for the columns of
timings, and no checkpoint, half-written or damaged record may be left. Exit status 1 if not.
"""

from __future__ import annotations

import argparse
import csv
import io
import os
import random
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from light_run import LIGHT_RUN

MOST_RUNS = 10


def command(out: Path, options: list[str]) -> list[str]:
    return [*LIGHT_RUN, "run", *options, "--out", str(out)]


def table(out: Path) -> str:
    """Return cells.csv without the columns that differ from run to run."""
    rows = list(csv.DictReader(io.StringIO((out / "cells.csv").read_text(encoding="utf-8"))))
    kept = [name for name in rows[0] if not name.startswith("seconds_")]
    text = io.StringIO()
    writer = csv.DictWriter(text, kept, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def processes_of(out: Path) -> list[int]:
    """Return the processes that were started for a run, by their environment; Linux alone."""
    mark = f"D2VBENCH_TEST_RUN={out}".encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (process / "environ").read_bytes().split(b"\0"):
                found.append(int(process.name))
        except OSError:
            continue
    return found


def kill_once(out: Path, options: list[str], after: float) -> bool:
    """Run, kill after some seconds; return whether it was killed before it ended."""
    run = subprocess.Popen(
        command(out, options),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, "D2VBENCH_TEST_RUN": str(out)},
    )
    try:
        _, errors = run.communicate(timeout=after)
    except subprocess.TimeoutExpired:
        run.send_signal(signal.SIGKILL)
        run.communicate()
        killed = True
    else:
        assert run.returncode == 0, errors.decode()
        killed = False
    end = time.monotonic() + 10
    while processes_of(out):
        assert time.monotonic() < end, f"processes {processes_of(out)} go on after their run"
        time.sleep(0.05)
    return killed


def check(kills: int, seed: int, options: list[str], folder: Path) -> str:
    """Do all of it; return what to say."""
    undisturbed, killed = folder / "undisturbed", folder / "killed"
    started = time.monotonic()
    subprocess.run(command(undisturbed, options), check=True, stdout=subprocess.DEVNULL)
    whole = time.monotonic() - started
    rng = random.Random(seed)
    done = ended = 0
    while done < kills:
        if kill_once(killed, options, rng.uniform(0.5, whole)):
            done += 1
        else:
            # It was through: what is left to kill is a new one.
            ended += 1
            assert table(killed) == table(undisturbed)
            killed = folder / f"killed-{ended}"
    subprocess.run(command(killed, options), check=True, stdout=subprocess.DEVNULL)
    assert table(killed) == table(undisturbed), "the tables differ"
    # What a killed report was drawing stays for a while: another process may be at work on it.
    kept = ("records", "failed")
    left = [p for p in killed.rglob("*.tmp") if p.parent.name in kept]
    left += list(killed.glob("checkpoints/*"))
    left += list(killed.glob("records/rejected/*"))
    assert not left, f"left over: {left}"
    n = len(table(undisturbed).splitlines()) - 1
    return (
        f"{n} cells, {whole:.0f} s undisturbed; {done} kills, {ended + 1} runs completed: "
        "cells.csv the same to the byte"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--study", default="order")
    parser.add_argument("more", nargs="*", help="options of run, after --")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(check(args.kills, args.seed, [args.study, *args.more], Path(folder)))


if __name__ == "__main__":
    main()
