"""Whatever a worker process dies of costs the cell that it was at, and nothing else."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from dying_task import DyingTask

from d2vbench.bench.execution.backends import Inline, Local, MemoryBudget, SupervisedBackend
from d2vbench.bench.execution.children import Children
from d2vbench.bench.execution.events import CellDone, TaskDone, Words
from d2vbench.errors import UserError

pytestmark = pytest.mark.processes


def attend(children: Children, task: DyingTask, limit: float | None = None) -> dict[int, CellDone]:
    anything: Any = task
    events = list(children.supervise(anything, limit))
    ends = [event for event in events if isinstance(event, CellDone)]
    assert len({end.index for end in ends}) == len(ends), "a cell was told of twice"
    return {end.index: end for end in ends}


def statuses(ends: dict[int, CellDone]) -> dict[int, str]:
    return {index: end.status for index, end in sorted(ends.items())}


@pytest.mark.parametrize(
    ("what", "status", "text"),
    [
        ("killed", "signal", "ended by SIGKILL, as the system does where memory runs out"),
        ("segfault", "signal", "ended by SIGSEGV"),
        ("abort", "signal", "last words"),
        ("exit", "signal", "its process ended with status 3"),
        ("raise", "exception", "RuntimeError: no luck"),
    ],
)
def test_a_cell_that_dies_costs_itself(what: str, status: str, text: str) -> None:
    with Children() as children:
        ends = attend(children, DyingTask({0: "", 1: what, 2: "chatter", 3: ""}))
    assert statuses(ends) == {0: "done", 1: status, 2: "done", 3: "done"}
    assert text in ends[1].error
    assert ends[1].result is None


def test_a_cell_that_takes_too_long_is_ended_with_all_it_started() -> None:
    with Children() as children:
        # Longer than a process takes to start where the machine has much to do.
        ends = attend(children, DyingTask({0: "", 1: "hang with a child", 2: ""}), 8.0)
        assert statuses(ends) == {0: "done", 1: "time limit", 2: "done"}
        assert ends[1].error == "took longer than the time limit of 8 seconds"
    left = subprocess.run(["pgrep", "-f", "sleep 600.25"], capture_output=True, check=False)
    assert left.returncode == 1, "what the cell started goes on"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("what", ["fork and die", "fork and die, away", "fork"])
def test_a_copy_of_a_process_that_lives_on_holds_nobody_up(what: str) -> None:
    """It has the pipe open that its parent told of the cell by."""
    before = copies(what)
    with Children() as children:
        ends = attend(children, DyingTask({0: what, 1: ""}))
        assert statuses(ends) == {0: "signal" if "die" in what else "done", 1: "done"}
    # What has left its group cannot be found any more; the others end a moment after their signal.
    expected, until = int("away" in what), time.monotonic() + 20
    while len(left := copies(what) - before) > expected and time.monotonic() < until:
        time.sleep(0.05)
    for process in left:
        os.kill(process, signal.SIGKILL)
    assert len(left) == expected


def copies(what: str) -> set[int]:
    """Return the processes that look like workers, of this test: others run at the same time."""
    found = subprocess.run(
        ["pgrep", "-f", "d2vbench.bench.execution.child import main"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    mine = set()
    for process in map(int, found.stdout.split()):
        with contextlib.suppress(OSError):
            environment = Path(f"/proc/{process}/environ").read_bytes()
            if f"holds_nobody_up[{what}]".encode() in environment:
                mine.add(process)
    return mine


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_process_that_leaks_is_replaced() -> None:
    with Children() as children:
        first = attend(children, DyingTask({0: "leak 100", 1: "leak 100"}))
        second = attend(children, DyingTask({2: "leak 700", 3: ""}))
        # It held more than such a task takes: the next one gets a process without that.
        third = attend(children, DyingTask({4: ""}))
        large = attend(children, DyingTask({5: "leak 700"}, memory=2 << 30))
        fourth = attend(children, DyingTask({6: ""}, memory=2 << 30))
    by = [[end.result[0]["pid"] for end in ends.values() if end.result]
          for ends in (first, second, third, large, fourth)]  # fmt: skip
    assert by[0][0] == by[0][1] == by[1][0] == by[1][1] != by[2][0]
    assert by[2][0] == by[3][0] == by[4][0]


def test_training_that_dies_is_tried_for_each_cell_alone(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with Children() as children:
        ends = attend(children, DyingTask({0: "", 1: "killed", 2: ""}, training="killed", log=log))
    assert statuses(ends) == {0: "done", 1: "signal", 2: "done"}
    tried = [line.partition(" ")[2] for line in log.read_text().splitlines()]
    assert tried == ["[0, 1, 2] True", "[0] False", "[1] False", "[2] False"]


def test_training_that_takes_too_long_costs_its_cells_once(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with Children() as children:
        ends = attend(children, DyingTask({0: "", 1: ""}, training="hang", log=log), 5.0)
    assert statuses(ends) == {0: "time limit", 1: "time limit"}
    assert len(log.read_text().splitlines()) == 1


def test_a_trunk_without_cells_may_die() -> None:
    with Children() as children:
        assert attend(children, DyingTask({}, training="killed")) == {}
        assert statuses(attend(children, DyingTask({5: ""}))) == {5: "done"}


def process_of(end: Any) -> int:
    assert end.result is not None
    return int(end.result[0]["pid"])


def test_processes_are_used_again_and_replaced() -> None:
    with Children() as children:
        first, second = (process_of(attend(children, DyingTask({0: ""}))[0]) for _ in range(2))
        assert first == second
        assert children.count == 1
        attend(children, DyingTask({0: "killed"}))
        assert process_of(attend(children, DyingTask({0: ""}))[0]) != first
        assert children.count == 1
    assert children.count == 0


def test_a_process_that_died_while_idle_is_no_cells_fault() -> None:
    with Children() as children:
        first = attend(children, DyingTask({0: ""}))[0].result
        assert first is not None
        os.kill(first[0]["pid"], signal.SIGKILL)
        # Its other threads may take a moment longer to go.
        _wait(lambda: not children._idle[0].living())
        assert statuses(attend(children, DyingTask({1: ""}))) == {1: "done"}
        assert children.count == 1


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("refuse", "a worker could not do its task: the corpora are not here"),
        ("bug", r"(?s)a worker could not do its task: Traceback.*TypeError: not of a cell"),
    ],
)
def test_what_is_no_fault_of_a_cell_ends_the_run(what: str, message: str) -> None:
    with Children() as children, pytest.raises(UserError, match=message):
        attend(children, DyingTask({0: ""}, training=what))


def test_a_closed_pool_takes_no_task() -> None:
    children = Children()
    children.close()
    with pytest.raises(UserError, match="the run has ended"):
        attend(children, DyingTask({0: ""}))


def test_a_worker_ends_when_whoever_started_it_is_killed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    script = (
        "from pathlib import Path\n"
        "from dying_task import DyingTask\n"
        "from d2vbench.bench.execution.children import Children\n"
        f"list(Children().supervise(DyingTask({{0: 'hang'}}, log=Path({str(log)!r}))))\n"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    coordinator = subprocess.Popen([sys.executable, "-c", script], env=env)
    _wait(log.exists)
    _wait(lambda: " " in log.read_text())
    worker = int(log.read_text().split()[0])
    coordinator.kill()
    coordinator.wait()
    _wait(lambda: not Path(f"/proc/{worker}").exists() or _is_zombie(worker))


def _is_zombie(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def _wait(happened: Any, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def test_tasks_at_once_fit_into_memory() -> None:
    """Tasks of 6, 6 and 3 units in a room of 10: never two of 6."""
    room = MemoryBudget(10)
    together: list[int] = []
    most = []
    lock = threading.Lock()

    def work(size: int) -> None:
        with room.take(size):
            with lock:
                together.append(size)
                most.append(sum(together))
            time.sleep(0.02)
            with lock:
                together.remove(size)

    threads = [threading.Thread(target=work, args=(size,)) for size in (6, 6, 3, 6, 3, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(most) <= 10
    assert 9 in most


def test_who_stops_listening_leaves_the_other_tasks_alone() -> None:
    """And no thread keeps the process from ending, as a pool of threads might."""
    begun: list[Any] = []

    class Slow(SupervisedBackend):
        jobs = 2

        def supervise(self, task: Any) -> Iterator[Any]:
            begun.append(task)
            yield Words(1)
            time.sleep(0.05)

        def close(self) -> None:
            """Nothing to free."""

    tasks: list[Any] = [SimpleNamespace(stretch=None, place=i, chain=0.0) for i in range(10)]
    every = list(Slow().run(tasks))
    assert [type(e) for e in every].count(TaskDone) == 10 == len(begun)
    assert begun[:2] == tasks[:2]
    begun.clear()
    heard = Slow().run(tasks)
    assert next(heard) == Words(1)
    heard.close()  # type: ignore[attr-defined]
    time.sleep(0.3)
    assert len(begun) == 2
    assert list(Slow().run([])) == []


@pytest.mark.parametrize("jobs", [0, 1, 2])
def test_what_follows_a_task_waits_for_no_other_and_the_longest_chain_goes_first(jobs: int) -> None:
    begun: list[str] = []
    held = threading.Event()

    class Held(SupervisedBackend):
        def supervise(self, task: Any) -> Iterator[Any]:
            begun.append(task.stretch.key)
            if task.stretch.key == "long" and jobs > 1:
                assert held.wait(10)
            yield Words(1)

        def close(self) -> None:
            """Nothing to free."""

    def task(key: str, chain: float, parent: str | None = None) -> Any:
        stretch = SimpleNamespace(key=key, parent=parent)
        return SimpleNamespace(
            stretch=stretch, chain=chain, events=lambda: begun.append(key) or iter([Words(1)])
        )

    def follow(done: TaskDone) -> list[Any]:
        if done.stretch == "branch":
            held.set()
        return [task("branch", 2.0, "trunk"), task("leaf", 0.5, "trunk")] * (
            done.stretch == "trunk"
        )

    backend: Any = Inline()
    if jobs:
        backend = Held()
        backend.jobs = jobs
    first = [task("short", 1.0), task("trunk", 3.0), task("long", 9.0)]
    events = list(backend.run(first, follow))
    assert begun == ["long", "trunk", "branch", "short", "leaf"]
    ends = [event.stretch for event in events if isinstance(event, TaskDone)]
    assert sorted(ends) == ["branch", "leaf", "long", "short", "trunk"]
    assert (ends.index("long") > ends.index("branch")) == (jobs == 2)


def test_an_error_of_a_supervisor_ends_the_run() -> None:
    class Broken(SupervisedBackend):
        jobs = 2

        def supervise(self, task: Any) -> Iterator[Any]:
            yield Words(1)
            raise OSError(f"no process for {task.place}")

        def close(self) -> None:
            """Nothing to free."""

    tasks: list[Any] = [SimpleNamespace(stretch=None, place=i, chain=0.0) for i in range(3)]
    with pytest.raises(OSError, match="no process for"):
        list(Broken().run(tasks))


def test_what_fits_nowhere_is_done_alone() -> None:
    room = MemoryBudget(10)
    with room.take(25):
        waiting = threading.Thread(target=lambda: room.take(1).__enter__(), daemon=True)
        waiting.start()
        waiting.join(0.1)
        assert waiting.is_alive()
    waiting.join(5)
    assert not waiting.is_alive()


@pytest.mark.parametrize("kind", ["inline", "local"])
def test_every_task_ends(kind: str) -> None:
    backend = Inline() if kind == "inline" else Local(2, 1 << 30)
    tasks: Any = [DyingTask({i: "raise" if i == 1 else ""}) for i in range(4)]
    events = list(backend.run(tasks))
    backend.close()
    assert sum(isinstance(event, TaskDone) for event in events) == 4
    assert sum(event.count for event in events if isinstance(event, Words)) == 40
    ends = {event.index: event.status for event in events if isinstance(event, CellDone)}
    assert ends == {0: "done", 1: "exception", 2: "done", 3: "done"}


def test_a_run_that_is_given_up_leaves_no_process() -> None:
    backend = Local(2, 1 << 30)
    tasks: Any = [DyingTask({0: ""}), DyingTask({1: "hang"}), DyingTask({2: "hang"})]
    events = backend.run(tasks)
    for event in events:
        if isinstance(event, CellDone):
            break
    backend.close()
    assert backend._children.count == 0
    with pytest.raises(UserError, match="the run has ended"):
        list(backend.run(tasks))
