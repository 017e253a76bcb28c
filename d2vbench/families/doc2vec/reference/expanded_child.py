"""The child process of `expanded`: may crash, and is then read by its files.

Does what a person would who follows gensim's documentation of `build_vocab(update=True)`: build the
vocabulary of G, train, update with D, train on.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from d2vbench.families.doc2vec.models import MODELS, Doc2VecSettings
from d2vbench.keys import derive_seed
from d2vbench.strategies import Phase, Plan, Sizes, alpha_slices, epoch_order

if TYPE_CHECKING:
    from gensim.models.doc2vec import Doc2Vec


class _Tagged:
    """Tagged documents in an order; can be iterated again, as gensim asks for."""

    def __init__(self, words: list[list[str]], order: list[int], first_tag: int) -> None:
        self.words = words
        self.order = order
        self.first_tag = first_tag

    def __iter__(self) -> Iterator[Any]:
        from gensim.models.doc2vec import TaggedDocument

        for d in self.order:
            yield TaggedDocument(self.words[d], [d + self.first_tag])


def _exit_with(parent: int) -> None:
    """End this process when its parent has ended: nobody waits for it any more."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _no_core_dump() -> None:
    try:
        import resource
    except ImportError:  # not on Windows
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main(folder: Path) -> None:
    """Carry out the job in a folder.

    Parameters
    ----------
    folder : pathlib.Path
        With ``job.json`` and ``documents.npz``. ``report.json`` is written after the update and
        again at the end, ``words.json`` and ``model.npz`` at the end.
    """
    from gensim.models.doc2vec import Doc2Vec

    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    _no_core_dump()
    _exit_with(job["parent"])
    with np.load(folder / "documents.npz", allow_pickle=False) as file:
        tokens, offsets = file["tokens"], file["offsets"]
    lexicon = np.asarray(job["words"], dtype=object)
    documents = [lexicon[tokens[a:b]].tolist() for a, b in itertools.pairwise(offsets.tolist())]
    n = job["generic_documents"]
    sizes = Sizes(n, len(documents) - n, int(offsets[n]), int(offsets[-1] - offsets[n]))
    first_tag = -n if job["settings"]["vocabulary"] == "expanded-restarted-tags" else 0
    settings = Doc2VecSettings(**job["settings"])
    generic_phase, domain_phase = Plan.from_json(job["plan"]).phases

    model = Doc2Vec(
        vector_size=settings.vector_size, window=settings.window, negative=settings.negative,
        sample=settings.sample, min_count=settings.min_count, hs=0, workers=1, sorted_vocab=0,
        seed=derive_seed(job["seed"], "initial weights"), **MODELS[settings.model],
    )  # fmt: skip
    model.build_vocab(_Tagged(documents, list(range(n)), 0))
    model.random.seed(derive_seed(job["seed"], "training stream"))
    _train(model, documents, generic_phase, sizes, job["seed"], 0)
    before = model.dv.vectors.copy()
    report = {"vocabulary_before": len(model.wv)}

    model.build_vocab(_Tagged(documents, list(range(n, len(documents))), first_tag), update=True)
    if settings.vocabulary == "expanded-repaired":
        model.dv.resize_vectors(seed=model.seed)
    report |= {
        "vocabulary_after": len(model.wv),
        "rows": len(model.dv.vectors),
        "tags": max(n, len(documents) + first_tag),
    }
    _write(folder, report)
    _train(model, documents, domain_phase, sizes, job["seed"], first_tag)

    words = {"counts": "count", "sample_int": "sample_int"}
    np.savez(
        folder / "model.npz",
        word_vectors=model.wv.vectors,
        documents=model.dv.vectors,
        outputs=model.syn1neg,
        cum_table=model.cum_table,
        **{name: model.wv.expandos[attribute] for name, attribute in words.items()},
    )
    (folder / "words.json").write_text(json.dumps(model.wv.index_to_key), encoding="utf-8")
    overwritten = (model.dv.vectors[: len(before)] != before).any(axis=1)
    _write(folder, report | {"overwritten_rows": int(overwritten.sum())})


def _train(
    model: Doc2Vec,
    documents: list[list[str]],
    phase: Phase,
    sizes: Sizes,
    seed: int,
    first_tag: int,
) -> None:
    for epoch in range(phase.epochs):
        order = epoch_order(phase, epoch, sizes, seed)
        for part, start, end in alpha_slices(phase, epoch, order):
            model.train(
                _Tagged(documents, part.tolist(), first_tag),
                total_words=sum(len(documents[d]) for d in part.tolist()),
                epochs=1,
                start_alpha=start,
                end_alpha=end,
            )


def _write(folder: Path, report: dict[str, int]) -> None:
    # Renamed into place: a crash leaves the last whole report.
    part = folder / "report.part"
    part.write_text(json.dumps(report), encoding="utf-8")
    part.replace(folder / "report.json")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
