"""gensim's vocabulary expansion, `build_vocab(update=True)`, tried in a process of its own.

In gensim 4.4 the update lets the tags grow but not the array of document vectors: training then
writes outside it and crashes (issue 1019, open since 2016), or, where tags begin at 0 again, trains
new documents onto the rows of old ones. So the update runs in a child process with a time limit,
and what becomes of it is a result like any other.

Two more things differ from a vocabulary built at once: ``min_count`` and the subsampling
thresholds of the words seen come from the new corpus alone, while counts, and so the table for
negative sampling, add up.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from d2vbench.errors import check_name
from d2vbench.families.base import Sides
from d2vbench.families.counts import same_counts
from d2vbench.families.doc2vec.learner import Doc2VecLearner
from d2vbench.families.doc2vec.models import Doc2VecSettings, build_model
from d2vbench.families.doc2vec.vocabulary import EXPANDED
from d2vbench.families.words import map_documents
from d2vbench.keys import derive_seed
from d2vbench.strategies import Plan

# A start and a slow machine; gensim's slowest model trains ten times as fast.
_SECONDS = 120.0
_WORDS_A_SECOND = 5_000.0

# Ended from outside, for want of memory or by a person: no result of gensim's.
_FROM_OUTSIDE = ("SIGKILL", "SIGTERM", "SIGINT", "SIGHUP")
# Where there are no signals, on Windows, the status of a process that crashed is the exception.
_EXCEPTION = 0xC0000000


def train_expanded(
    sides: Sides,
    settings: Doc2VecSettings,
    seed: int,
    plan: Plan,
    *,
    seconds: float | None = None,
) -> tuple[dict[str, Any], Doc2VecLearner | None]:
    """Train a sequential plan with gensim, the vocabulary expanded between its phases.

    Parameters
    ----------
    sides : Sides
        G and the part of D-train that is trained on.
    settings : Doc2VecSettings
        The model, with one of the policies `EXPANDED`.
    seed : int
        Base seed of the pair.
    plan : Plan
        Of `sequential`: a phase of G, then one of D.
    seconds : float, optional
        Time limit; by default ample for the words of the plan.

    Returns
    -------
    outcome : dict
        JSON values. ``outcome``: ``"crash"``, ``"timeout"``, ``"error"``, ``"out of bounds"`` (it
        ended, but had written outside its arrays), ``"overwrite"`` (it ended, with old documents'
        vectors overwritten) or ``"success"``; ``signal`` or ``message`` where there is one;
        ``gensim``, its version; ``rows`` and ``tags`` of the document vectors after the update;
        ``vocabulary_before`` and ``vocabulary_after`` it; ``overwritten_rows``. A crash is a
        result, and no error.
    learner : Doc2VecLearner or None
        The trained model, where its weights can be trusted.

    Raises
    ------
    UsageError
        For another policy.
    RuntimeError
        If the child failed for a reason that is not the expansion's.
    """
    import gensim

    check_name("vocabulary policy", settings.vocabulary, EXPANDED)
    if seconds is None:
        seconds = _SECONDS + plan.words(sides.sizes) / _WORDS_A_SECOND
    with tempfile.TemporaryDirectory(prefix="d2vbench-") as name:
        folder = Path(name)
        _hand_over(folder, sides, settings, seed, plan)
        ended = _run_child(folder, seconds)
        report = folder / "report.json"
        reached = json.loads(report.read_text(encoding="utf-8")) if report.exists() else {}
        outcome = {**_outcome(ended, reached), "gensim": gensim.__version__, **reached}
        if outcome["outcome"] not in ("success", "overwrite"):
            return outcome, None
        return outcome, _restore(folder, sides, settings, seed)


@dataclass(frozen=True)
class _Ended:
    """How the child ended: its exit status, None where time ran out, and its last words."""

    status: int | None
    message: str


def _hand_over(
    folder: Path, sides: Sides, settings: Doc2VecSettings, seed: int, plan: Plan
) -> None:
    words = list(sides.word_counts)
    rows = {word: i for i, word in enumerate(words)}
    documents = map_documents([sides.generic, sides.domain], rows)
    np.savez(folder / "documents.npz", tokens=documents.tokens, offsets=documents.offsets)
    job = {
        "words": words,
        "generic_documents": len(sides.generic),
        "settings": settings.to_json(),
        "seed": seed,
        "plan": plan.to_json(),
        "parent": os.getpid(),
    }
    (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")


def _run_child(folder: Path, seconds: float) -> _Ended:
    root = str(Path(__file__).resolve().parents[4])
    path = os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])])
    threads = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}
    try:
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "d2vbench.families.doc2vec.reference.expanded_child",
                str(folder),
            ],
            env={**os.environ, **threads, "PYTHONPATH": path},
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds,
            # Ctrl-C is for the parent to answer, and must not look like a crash.
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
    except subprocess.TimeoutExpired:
        return _Ended(None, f"no end after {seconds:.0f} seconds")
    lines = done.stderr.strip().splitlines()
    return _Ended(done.returncode, lines[-1] if lines else "")


def _outcome(ended: _Ended, reached: dict[str, Any]) -> dict[str, Any]:
    if ended.status is None:
        return {"outcome": "timeout", "message": ended.message}
    if ended.status < 0:
        name = signal.Signals(-ended.status).name
        if name in _FROM_OUTSIDE or not reached:
            raise RuntimeError(f"the child process was ended by {name}: {ended.message}")
        return {"outcome": "crash", "signal": name}
    if ended.status >= _EXCEPTION and reached:
        return {"outcome": "crash", "signal": f"0x{ended.status:08X}"}
    if ended.status:
        if not reached:
            raise RuntimeError(f"the child process failed before the update: {ended.message}")
        return {"outcome": "error", "message": ended.message}
    if reached["tags"] > reached["rows"]:
        return {"outcome": "out of bounds"}
    return {"outcome": "overwrite" if reached["overwritten_rows"] else "success"}


def _restore(folder: Path, sides: Sides, settings: Doc2VecSettings, seed: int) -> Doc2VecLearner:
    """Return the child's model, rebuilt from arrays: what is read back is no pickle."""
    words = json.loads((folder / "words.json").read_text(encoding="utf-8"))
    with np.load(folder / "model.npz", allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    counts = same_counts(dict(zip(words, arrays["counts"].tolist(), strict=True)))
    documents = len(arrays["documents"])
    model = build_model(counts, documents, settings, derive_seed(seed, "initial weights"))
    # In place of the vocabulary that the counts alone would make: other thresholds, and in
    # PV-DM/concat gensim's update adds the padding word a second time.
    model.wv.index_to_key = words
    model.wv.key_to_index = {word: row for row, word in enumerate(words)}
    model.wv.expandos = {"count": arrays["counts"], "sample_int": arrays["sample_int"]}
    model.wv.vectors = arrays["word_vectors"]
    model.dv.vectors = arrays["documents"]
    model.syn1neg = arrays["outputs"]
    model.cum_table = arrays["cum_table"]
    return Doc2VecLearner(sides, model, settings.engine)
