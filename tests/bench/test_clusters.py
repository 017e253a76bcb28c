"""Dask and Ray for real: a scheduler and two worker processes on 127.0.0.1."""

from __future__ import annotations

import contextlib
import gc
import itertools
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dying_task import DyingTask
from small_run import Quiet, grid

from d2vbench.bench.compute.task import PairReference
from d2vbench.bench.execution import clusters
from d2vbench.bench.execution.clusters import Dask, Ray
from d2vbench.bench.execution.events import CellDone
from d2vbench.bench.execution.runner import RunResult, run_cells
from d2vbench.bench.store.merge import merge_runs
from d2vbench.bench.store.records import RecordStore
from d2vbench.corpora import Cards, Pair, Provision, open_corpus
from d2vbench.corpora.store.encoded import LOCAL_ENTRIES
from d2vbench.errors import UserError

pytestmark = [
    pytest.mark.clusters,
    pytest.mark.skipif(sys.platform == "win32", reason="kills processes as Unix does"),
]


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


class Cluster:
    """A Dask scheduler and its workers, each a process with one thread."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.address = f"tcp://127.0.0.1:{free_port()}"
        self.processes: list[subprocess.Popen[bytes]] = []
        port = self.address.rpartition(":")[2]
        quiet = ["--no-dashboard"]
        self._start("scheduler", "--host", "127.0.0.1", "--port", port, *quiet)

    def _start(self, kind: str, *arguments: str) -> subprocess.Popen[bytes]:
        log = (self.folder / f"{kind}-{len(self.processes)}.log").open("wb")
        process = subprocess.Popen(
            [sys.executable, "-m", "distributed.cli.dask_" + kind, *arguments],
            stdout=log,
            stderr=log,
            # What a worker builds goes into a store of its own.
            env={
                **os.environ,
                "D2VBENCH_DATA": str(self.folder / f"store-{len(self.processes)}"),
                "PYTHONPATH": os.pathsep.join(p for p in sys.path if p),
            },
            cwd=self.folder,
            start_new_session=True,
        )
        log.close()
        self.processes.append(process)
        return process

    def worker(self, threads: int = 1, *more: str) -> subprocess.Popen[bytes]:
        """Start a worker; without a nanny, so that what is killed stays dead."""
        options = ["--nthreads", f"{threads}", "--no-nanny", "--no-dashboard"]
        return self._start("worker", self.address, *options, "--host", "127.0.0.1", *more)

    def close(self) -> None:
        for process in self.processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    pytest.importorskip("distributed")
    folder = tmp_path / "cluster"
    folder.mkdir()
    made = Cluster(folder)
    yield made
    made.close()


def content(run: Path, keys: list[str]) -> list[Any]:
    """Return what records say, but for what differs from run to run."""
    store = RecordStore(run)
    incidental = ("seconds", "environment", "sha256")
    return [{k: v for k, v in store.read(key).items() if k not in incidental} for key in keys]


def connect(cluster: Cluster, workers: int, **options: Any) -> Dask:
    for _ in range(workers - len(cluster.processes) + 1):
        cluster.worker()
    end = time.monotonic() + 60
    while True:
        try:
            dask = Dask(cluster.address, **options)
        except UserError:
            assert time.monotonic() < end, "the scheduler does not answer"
            continue
        if len(dask._client.nthreads()) == workers:
            dask.jobs = options.get("jobs") or workers
            return dask
        dask.close()
        time.sleep(0.2)


def test_a_cluster_writes_the_records_of_a_local_run(
    cluster: Cluster, finished_run: RunResult, small_cards: Cards, cache: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    out.mkdir()
    dask = connect(cluster, 2)
    assert dask.jobs == 2
    result = run_cells(
        grid(1),
        small_cards,
        out,
        study="strategies",
        listener=Quiet(),
        backend=dask,
        cache=cache,
    )
    assert (result.computed, result.failures) == (4, [])
    assert content(out, result.keys) == content(finished_run.out, result.keys)
    merged = merge_runs([finished_run.out, out], tmp_path / "both")
    assert (merged.same, merged.conflicts) == (4, [])


def test_a_worker_that_is_killed_costs_time_alone(
    cluster: Cluster, finished_run: RunResult, small_cards: Cards, cache: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    out.mkdir()
    dask = connect(cluster, 2)
    victim = cluster.processes[1]
    killed = threading.Event()

    def kill_when_busy() -> None:
        while not killed.is_set():
            busy = dask._client.processing()
            # The one that is at work on something, whichever of the two.
            if all(busy.values()):
                os.kill(victim.pid, signal.SIGKILL)
                killed.set()
            time.sleep(0.01)

    watch = threading.Thread(target=kill_when_busy, daemon=True)
    watch.start()
    result = run_cells(
        grid(),
        small_cards,
        out,
        study="strategies",
        listener=Quiet(),
        backend=dask,
        cache=cache,
    )
    assert killed.is_set()
    assert victim.wait() == -signal.SIGKILL
    assert (result.computed, result.failures) == (8, [])
    assert content(out, result.keys) == content(finished_run.out, finished_run.keys)


def test_cells_that_die_on_a_cluster_cost_themselves(cluster: Cluster) -> None:
    dask = connect(cluster, 1, limit=5.0)
    tasks: Any = [DyingTask({0: "killed", 1: ""}), DyingTask({2: "hang", 3: "raise"})]
    ends = {e.index: e.status for e in dask.run(tasks) if isinstance(e, CellDone)}
    dask.close()
    assert ends == {0: "signal", 1: "done", 2: "time limit", 3: "exception"}


@pytest.mark.parametrize(("memory", "together"), [(700 << 20, False), (200 << 20, True)])
def test_memory_of_a_worker_is_shared_out(cluster: Cluster, memory: int, together: bool) -> None:
    """Two threads of one worker: what does not fit together is done one after the other."""
    cluster.worker(2, "--memory-limit", "1GiB")
    dask = connect(cluster, 1, jobs=2)
    dask.jobs = 2
    tasks: Any = [DyingTask({i: "nap"}, memory=memory) for i in range(4)]
    ends = [e for e in dask.run(tasks) if isinstance(e, CellDone)]
    dask.close()
    spans: Any = sorted(e.result[0]["span"] for e in ends if e.result)
    assert len(spans) == 4
    overlaps = [a[1] > b[0] for a, b in itertools.pairwise(spans)]
    assert any(overlaps) == together


def test_a_task_that_kills_its_workers_fails(cluster: Cluster) -> None:
    """Not its own process, which is seen to, but Dask's: the fourth death is the last."""
    dask = connect(cluster, 4, jobs=1)

    def deadly(run: str, task: Any, limit: float | None) -> None:
        import os
        import signal

        os.kill(os.getpid(), signal.SIGKILL)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clusters, "supervise_here", deadly)
        tasks: Any = [DyingTask({0: "", 1: ""})]
        ends = [e for e in dask.run(tasks) if isinstance(e, CellDone)]
    assert {(e.index, e.status) for e in ends} == {(0, "signal"), (1, "signal")}
    assert ends[0].error.startswith("its workers died (KilledWorker: ")
    dask.close()


def hanging(dask: Dask) -> tuple[threading.Thread, list[BaseException]]:
    """Have a task that never ends done, in a thread, and wait until it is at work."""
    errors: list[BaseException] = []
    tasks: Any = [DyingTask({0: "hang"})]

    def work() -> None:
        try:
            list(dask.run(tasks))
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    end = time.monotonic() + 60
    while not any(dask._client.processing().values()):
        assert time.monotonic() < end
        time.sleep(0.05)
    return thread, errors


def test_the_last_worker_goes(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "WITHOUT_WORKERS", 3.0)
    dask = connect(cluster, 1)
    thread, errors = hanging(dask)
    os.killpg(cluster.processes[1].pid, signal.SIGKILL)
    cluster.processes[1].wait()
    thread.join(60)
    dask.close()
    assert [str(error) for error in errors] == [
        "the last worker of the Dask cluster has gone, and none came within 3 seconds. Finished "
        "cells are kept; start workers, and the same command continues from there"
    ]


def test_the_scheduler_goes(cluster: Cluster) -> None:
    dask = connect(cluster, 1)
    thread, errors = hanging(dask)
    os.killpg(cluster.processes[0].pid, signal.SIGKILL)
    cluster.processes[0].wait()
    thread.join(60)
    dask.close()
    assert [str(error) for error in errors] == [
        "the Dask scheduler has gone. Finished cells are kept; the same command continues from "
        "there"
    ]


def test_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr(clusters, "PATIENCE", 1.0)
    address = f"tcp://127.0.0.1:{free_port()}"
    with pytest.raises(UserError) as caught:
        Dask(address)
    assert str(caught.value).startswith(f"no Dask scheduler answers at {address} (")
    assert str(caught.value).endswith(
        "Start one with `dask scheduler`, and workers with `dask worker ADDRESS`"
    )


@pytest.mark.parametrize("address", ["nonsense", "tcp://", "tcp://127.0.0.1:port"])
def test_what_is_no_address(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr(clusters, "PATIENCE", 1.0)
    with pytest.raises(UserError, match="no Dask scheduler answers at"):
        Dask(address)


def test_a_client_that_failed_is_gone_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    # Collected while another starts, it would wait for ever for a lock that the start holds.
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr(clusters, "PATIENCE", 1.0)
    gc.collect()
    gc.disable()
    try:
        with pytest.raises(UserError):
            Dask("tcp://")
        left = [one for one in gc.get_objects() if type(one) is distributed.Client]
        assert [one for one in left if one.status != "closed"] == []
    finally:
        gc.enable()


def test_a_scheduler_without_workers(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    dask = connect(cluster, 1)
    dask.close()
    os.kill(cluster.processes[1].pid, signal.SIGKILL)
    cluster.processes[1].wait()
    monkeypatch.setattr(clusters, "PATIENCE", 2.0)
    with pytest.raises(UserError) as caught:
        Dask(cluster.address)
    assert str(caught.value) == (
        f"the Dask scheduler at {cluster.address} has no worker. Start one with `dask worker "
        f"{cluster.address}`"
    )


@pytest.mark.parametrize("name", ["dask", "ray"])
def test_what_is_not_installed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(UserError) as caught:
        _ = Dask("tcp://127.0.0.1:1") if name == "dask" else Ray()
    assert str(caught.value) == (f"backend={name!r} needs {name}: pip install 'd2vbench[{name}]'")


def test_another_machine_finds_the_corpora_by_their_content(
    small_pair: Pair, small_cards: Cards, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same documents in a store of its own, under whatever name; else it builds them."""
    reference = PairReference.of(small_pair, small_cards)
    (provision,) = reference.provisions
    away = Path("/nowhere/encoded") / provision.folder.name
    gone = [
        Provision(p.card, p.tokeniser, away, p.content_sha256, p.fingerprint)
        for p in reference.provisions
    ]
    for kind in ("other name", "built"):
        store = tmp_path / kind
        monkeypatch.setenv("D2VBENCH_DATA", str(store))
        LOCAL_ENTRIES.clear()
        if kind == "other name":
            shutil.copytree(provision.folder, store / "encoded" / "whatever")
        gone[0].provide()
        assert LOCAL_ENTRIES[away].is_relative_to(store)
        found = np.load(LOCAL_ENTRIES[away] / "tokens.npy")
        assert np.array_equal(found, small_pair.generic.corpus.tokens)
    LOCAL_ENTRIES.clear()


def test_other_documents_are_refused(
    small_pair: Pair, small_cards: Cards, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (provision,) = PairReference.of(small_pair, small_cards).provisions
    away = Path("/nowhere/encoded/0")
    other = Provision(provision.card, provision.tokeniser, away, "0" * 64, provision.fingerprint)
    monkeypatch.setenv("D2VBENCH_DATA", str(tmp_path))
    with pytest.raises(UserError) as caught:
        other.provide()
    here = open_corpus(provision.card, provision.tokeniser).content_sha256
    assert str(caught.value) == (
        f"corpus small: this machine has documents of content sha256 {here}, the run has "
        f"{'0' * 64}, or splits them into other words. Share the folder /nowhere between the "
        "machines, or install the same versions on them"
    )


@pytest.fixture
def ray_of_two(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Ray on this machine, with two processors and 1 GiB; its workers know the tests' modules."""
    ray = pytest.importorskip("ray")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(p for p in sys.path if p))
    ray.init(
        num_cpus=2, _memory=1 << 30, include_dashboard=False, log_to_driver=False,
        configure_logging=False,
    )  # fmt: skip
    yield
    ray.shutdown()


@pytest.mark.usefixtures("ray_of_two")
def test_ray_writes_the_records_of_a_local_run(
    finished_run: RunResult, small_cards: Cards, cache: Path, tmp_path: Path
) -> None:
    result = run_cells(
        grid(1),
        small_cards,
        tmp_path,
        study="strategies",
        listener=Quiet(),
        backend=Ray(),
        cache=cache,
    )
    assert (result.computed, result.failures) == (4, [])
    assert content(tmp_path, result.keys) == content(finished_run.out, result.keys)


@pytest.mark.usefixtures("ray_of_two")
def test_a_worker_of_ray_that_is_killed_and_memory_of_ray(tmp_path: Path) -> None:
    """One start of Ray for both: it takes ten seconds."""
    ray, log = Ray(), tmp_path / "log"
    killed = threading.Event()

    def kill_when_busy() -> None:
        while not log.exists():
            time.sleep(0.05)
        child = int(log.read_text().split()[0])
        # The worker of Ray is whoever started the process that does the task.
        stat = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
        os.kill(int(stat[1]), signal.SIGKILL)
        killed.set()

    threading.Thread(target=kill_when_busy, daemon=True).start()
    large: Any = [DyingTask({i: "nap", i + 10: "nap"}, memory=700 << 20, log=log) for i in (0, 1)]
    ends = {e.index: e for e in ray.run(large) if isinstance(e, CellDone)}
    assert killed.is_set()
    assert {i: end.status for i, end in ends.items()} == dict.fromkeys((0, 1, 10, 11), "done")
    assert len(log.read_text().splitlines()) == 3
    spans: Any = sorted(end.result[0]["span"] for end in ends.values() if end.result)
    assert not any(a[1] > b[0] for a, b in itertools.pairwise(spans))
    # More than any machine has is done alone, not waited for without end.
    beyond: Any = [DyingTask({2: ""}, memory=64 << 30)]
    assert [e.status for e in ray.run(beyond) if isinstance(e, CellDone)] == ["done"]
    ray.close()
