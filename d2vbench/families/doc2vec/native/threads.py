"""Numbered jobs on threads that share nothing but the arrays."""

import threading
from collections.abc import Callable
from typing import Any


def run_jobs(
    worker: Callable[[], Any], job: Callable[[Any, int], Any], n_jobs: int, threads: int
) -> list[Any]:
    """Run ``job(state, j)`` for every j, each thread with a state of its own.

    Parameters
    ----------
    worker : callable
        Makes one thread's state.
    job : callable
        Does one job; it gains from threads as far as it releases the GIL.
    n_jobs : int
        How many jobs there are; a free thread takes the next.
    threads : int
        How many threads, this one included.

    Returns
    -------
    list
        What the jobs returned, by number.

    Raises
    ------
    BaseException
        Whatever a job raised first; the other threads stop after their current job.
    """
    results: list[Any] = [None] * n_jobs
    failures: list[BaseException] = []
    lock = threading.Lock()
    following = iter(range(n_jobs))

    def loop(state: Any) -> None:
        while not failures:
            with lock:
                j = next(following, None)
            if j is None:
                return
            results[j] = job(state, j)

    def guarded(state: Any) -> None:
        try:
            loop(state)
        except BaseException as failure:
            failures.append(failure)

    states = [worker() for _ in range(min(threads, max(n_jobs, 1)))]
    others = [threading.Thread(target=guarded, args=(s,), daemon=True) for s in states[1:]]
    for thread in others:
        thread.start()
    guarded(states[0])
    for thread in others:
        thread.join()
    if failures:
        raise failures[0]
    return results
