"""Small cells whose numbers are known: each component of a result is in one of them or more.

    python tests/exact/exact_cells.py

writes ``exact_cells.json`` anew, where what moved is what a raised version says.
"""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.metadata
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

TESTS = Path(__file__).resolve().parents[1]
if __name__ == "__main__":
    sys.path.insert(0, str(TESTS))

from cells import trained_cell  # noqa: E402
from encoder_support import TINY  # noqa: E402
from labelled_generic import with_generic_test  # noqa: E402

from d2vbench.bench.compute.environment import environment  # noqa: E402
from d2vbench.bench.compute.work import run_cell  # noqa: E402
from d2vbench.bench.spec.cell import BaselineCell, Cell, TrainedCell  # noqa: E402
from d2vbench.corpora import Pair, load_cards, open_pair  # noqa: E402
from d2vbench.corpora.pairs.own import own_pair  # noqa: E402
from d2vbench.evaluation import BASELINES, CLASSIFIERS, MAIN_CLASSIFIER  # noqa: E402
from d2vbench.evaluation.given_vectors import GIVEN  # noqa: E402
from d2vbench.families import FAMILIES, InferenceSettings  # noqa: E402
from d2vbench.families.doc2vec import (  # noqa: E402
    MODELS,
    OF_A_MODEL,
    VOCABULARIES,
    Doc2VecSettings,
)
from d2vbench.families.doc2vec.saved import (  # noqa: E402
    SavedModel,
    keep_model,
    keep_vectors,
    warm_settings,
)
from d2vbench.families.encoder.extra import missing  # noqa: E402
from d2vbench.strategies import STRATEGIES, parse_schedule, parse_strategy  # noqa: E402

FILE = Path(__file__).with_suffix(".json")
# The cells that need an extra.
ENCODER, TUNED, TOKENS = "family encoder", "fine-tuning", "tokens"
OF_EXTRA = (ENCODER, TUNED, TOKENS)
# In a cell of its own, with labels that differ between classes.
WEIGHTED = "logistic-balanced"
CLASSES = ("red", "green", "blue")
# What may move a last digit of a sum or of a classifier.
_PACKAGES = ("gensim", "numpy", "scipy", "scikit-learn")


# All that is said of a cell that gensim computes by undefined behaviour; no version moves it.
UNSOUND = {"sound": False}


def texts() -> tuple[list[str], list[tuple[str, str]]]:
    """Return generic texts and labelled domain texts, some of them almost the same."""
    rng = np.random.RandomState(0)
    words = [a + b + c for a in "bdfgk" for b in "aeiou" for c in ("n", "rt", "ss", "mp")]

    def text(own: int) -> str:
        ranks = np.minimum(rng.geometric(0.05, 40), 60)
        chosen = [words[(r + 13 * own) % len(words)] for r in ranks.tolist()]
        return " ".join(chosen) + (" End." if rng.rand() < 0.5 else " THE end")

    generic = [text(i % 5) for i in range(90)]
    domain = [(text(i % 3), CLASSES[i % 3]) for i in range(120)]
    twins = [(f"{text} {words[i]}", label) for i, (text, label) in enumerate(domain[:12])]
    return [*generic, *(text for text, _ in domain[-3:])], [*domain, *twins]


def make_pair(folder: Path) -> Pair:
    """Return the pair of the texts, with labels and held-out documents of G."""
    generic, domain = texts()
    (folder / "generic.txt").write_text("\n".join(generic) + "\n", encoding="utf-8")
    rows = [json.dumps({"text": text, "label": label}) for text, label in domain]
    (folder / "domain.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    card, cards = own_pair(folder / "generic.txt", folder / "domain.jsonl", load_cards())
    pair = open_pair(card, cards, folder)
    labels = (np.arange(len(pair.generic.corpus.labels)) % 5 // 3).astype(np.int32)
    corpus = dataclasses.replace(pair.generic.corpus, labels=labels)
    labelled = dataclasses.replace(pair, generic=dataclasses.replace(pair.generic, corpus=corpus))
    return dataclasses.replace(with_generic_test(labelled), key=pair.key)


def kept() -> tuple[str, str]:
    """Keep a saved model and word vectors that no processor rounds; return their names."""
    rng = np.random.RandomState(3)
    words = sorted({word for text in texts()[0] for word in text.lower().split()})[:40]

    def numbers(rows: int) -> np.ndarray:
        return (rng.randint(-512, 512, (rows, 8)) / 4096).astype(np.float32)

    saved = SavedModel(
        gensim="4", dm=1, dm_mean=1, dm_concat=0, dbow_words=0, dm_tag_count=1, hs=0,
        vector_size=8, window=3, negative=5, min_count=2, epochs=5, seed=7, sample=1e-4,
        ns_exponent=0.75, alpha=0.025, min_alpha=0.0001, shrink_windows=True, corpus_count=90,
        corpus_words=3600, words=words, counts=np.arange(len(words), 0, -1) * 20,
        subsampling=np.full(len(words), 2**32 - 1, np.uint32), noise=None,
        word_vectors=numbers(len(words)), doc_vectors=np.empty((0, 8), np.float32),
        tags=range(0), outputs=numbers(len(words)), random=None, locked=False,
    )  # fmt: skip
    return keep_model(saved), keep_vectors(words, numbers(len(words)))


def cells() -> dict[str, Cell]:
    """Return the cells by what they are there for."""
    saved_model, vectors = kept()
    small = {"vector_size": 8, "min_count": 2, "window": 3}

    def one(strategy: str = "combined", schedule: str = "linear", **more: Any) -> TrainedCell:
        settings = more.pop("settings", None)
        settings = settings or Doc2VecSettings(more.pop("model", "dbow"), **small)
        usual = {
            "epochs": 2, "budgets": ("all", "5"), "alpha": 0.05, "classifiers": ("logistic",),
            "diagnosed": more.get("vectors") != "trained",
        }  # fmt: skip
        return trained_cell(
            pair="exact", settings=settings, strategy=strategy, schedule=schedule,
            **{**usual, **more},
        )  # fmt: skip

    found: dict[str, Cell] = {}
    for engine in ("native", "gensim"):
        for model in MODELS:
            found[f"{model}, {engine}"] = one(
                "sequential(2)", "restart", model=model, engine=engine
            )
    for policy in OF_A_MODEL:
        for engine in ("native", "gensim"):
            saved = warm_settings(saved_model, policy, engine)
            found[f"vocabulary {policy}, {engine}"] = one("warm(2)", "restart", settings=saved)
    found["a saved model as it is"] = one(
        "generic-only", settings=warm_settings(saved_model, "model")
    )
    starting = Doc2VecSettings("dm-mean", **small, word_vectors=vectors)
    found["word vectors of a file"] = one("pretrained-words(2)", "restart", settings=starting)
    for name in [name for name in STRATEGIES.built_in if name not in ("warm", "untrained")]:
        model = "dm-mean" if "frozen" in name or "words" in name else "dbow"
        arguments = "(2)" if STRATEGIES[name].k else ""
        found[f"strategy {name}"] = one(name + arguments, fraction=0.5, model=model)
        if STRATEGIES[name].k and parse_strategy(name).asks:
            found[f"strategy {name}, gensim"] = one(name + arguments, model=model, engine="gensim")
    found["schedule lowered(0.03)"] = one("loop(2)", "lowered(0.03)")
    for schedule in ("linear", "follow-up(0.01)", "rewarmed", "constant", "cosine"):
        found[f"schedule {schedule}"] = one("sequential(2)", schedule)
    for policy in VOCABULARIES:
        # With half of D its counts are seen to count.
        found[f"vocabulary {policy}"] = one(
            "sequential(2)", "restart", vocabulary=policy.replace("(X)", "(presented)"),
            engine="gensim", model="dbow-words",
        )  # fmt: skip
    for source in ("D", "G + 3D"):
        for engine in ("native", "gensim"):
            found[f"noise({source}), {engine}"] = one(vocabulary=f"noise({source})", engine=engine)
    found["classifiers"] = one(classifiers=tuple(c for c in CLASSIFIERS.built_in if c != WEIGHTED))
    found["long tail"] = one(classifiers=(MAIN_CLASSIFIER, WEIGHTED), budgets=("tail-2",))
    found["vectors of training"] = one("shuffled-once(1)", vectors="trained")
    found["another seed"] = one(seed=1)
    found["without diagnostics"] = one("sequential(2)", "restart", diagnosed=False)
    found["share of the generic corpus"] = one("oversampled(balanced)", generic_fraction=0.5)
    grid = tuple(InferenceSettings(passes, rate) for passes in (20, 100) for rate in (0.025, 0.1))
    for engine in ("native", "gensim"):
        found[f"choice of inference, {engine}"] = one(
            "domain-only(2)", fraction=0.5, engine=engine, inference_grid=grid
        )
    for name in BASELINES.built_in:
        found[f"baseline {name}"] = BaselineCell("exact", 1.0, name, 0, ("all", "1"))
    for name in GIVEN:
        found[f"baseline {name}"] = BaselineCell(
            "exact", 1.0, name, 0, ("all", "1"), word_vectors=vectors
        )
    family = FAMILIES["word2vec-mean"]
    found["family word2vec-mean"] = dataclasses.replace(
        one(), family=family.name, settings=family.settings(**small),
        strategy=parse_strategy("sequential(2)"), schedule=parse_schedule("restart"),
    )  # fmt: skip
    if not missing():
        encoder = FAMILIES["encoder"]
        found[ENCODER] = dataclasses.replace(
            one(), family=encoder.name, settings=encoder.settings(**TINY),
            strategy=parse_strategy("sequential(2)"), schedule=parse_schedule("restart"),
        )  # fmt: skip
        found[TUNED] = dataclasses.replace(
            one(diagnosed=False), family=encoder.name, fine_tuned="top(1), focal",
            settings=encoder.settings(**{**TINY, "vocabulary": "natural"}),
            strategy=parse_strategy("untrained"),
        )  # fmt: skip
        found[TOKENS] = dataclasses.replace(
            found[TUNED], fine_tuned="head, weighted", tokens="planted", budgets=("30",)
        )
    return found


def numbers(cell: Cell, pair: Pair) -> dict[str, Any]:
    """Return what came out of a cell, without its seconds."""
    record, predictions = run_cell(cell, pair)
    if record.get("expansion", {}).get("outcome") in ("crash", "out of bounds", "error"):
        # Undefined behaviour of gensim's own: how it ends is no number.
        return UNSOUND
    kept = ("metrics", "counts", "generic", "drift", "inference", "tokens")
    said = {name: array.tolist() for name, array in sorted(predictions.items())}
    return {
        "pair": pair.key,
        "predictions": hashlib.sha256(json.dumps(said).encode()).hexdigest(),
        **{name: record[name] for name in kept if name in record},
    }


def entries() -> Iterator[tuple[str, dict[str, Any]]]:
    """Compute every cell."""
    with tempfile.TemporaryDirectory() as name:
        pair = make_pair(Path(name))
        for title, cell in cells().items():
            yield title, entry(cell, pair)


def entry(cell: Cell, pair: Pair) -> dict[str, Any]:
    """Return what the file holds of a cell."""
    found = {
        "cell": cell.to_json(), "versions": cell.versions(), "numbers": numbers(cell, pair),
    }  # fmt: skip
    made: dict[str, Any] = json.loads(json.dumps(found))
    return made


def here() -> dict[str, Any]:
    """Return what may move a last digit: the processor, and versions of libraries."""
    now = environment()
    return {"cpu": now["cpu"], **{name: now["packages"][name] for name in _PACKAGES}}


def here_with_torch() -> dict[str, Any]:
    """Return that, and the versions of what encoders train with."""
    names = [] if missing() else FAMILIES["encoder"].libraries
    return {**here(), **{name: importlib.metadata.version(name) for name in names}}


def same_here(title: str, stored: dict[str, Any]) -> bool:
    """Return whether what may move a last digit of a cell is as it was for a stored file."""
    if title in OF_EXTRA:
        return bool(stored.get("here_with_torch") == here_with_torch())
    return bool(stored["here"] == here())


def problem(stored: dict[str, Any], now: dict[str, Any], exact: bool) -> str:
    """Return what is wrong with an entry; empty if nothing.

    Parameters
    ----------
    stored, now : dict
        ``cell``, ``versions`` and ``numbers``.
    exact : bool
        Whether both come from the same processor and libraries; if not, numbers may differ a bit.
    """
    if stored.get("cell") != now["cell"]:
        return "it is another cell: write the file anew (python tests/exact/exact_cells.py)"
    same = alike(stored["numbers"], now["numbers"], exact)
    versions = stored["versions"] == now["versions"]
    if same and versions:
        return ""
    if versions:
        return "a number moved and no version: raise the version of what computes something else"
    if same and now["numbers"] != UNSOUND:
        return "a version moved and no number: no result that used it need be computed again"
    return "numbers and versions moved: write the file anew (python tests/exact/exact_cells.py)"


def alike(one: Any, two: Any, exact: bool) -> bool:
    """Return whether two results are the same; elsewhere, all but for a last digit."""
    if isinstance(one, list) and not exact:
        return len(one) == len(two) and all(map(alike, one, two, [exact] * len(one)))
    if exact or not isinstance(one, dict | float):
        return bool(one == two)
    if isinstance(one, float):
        return abs(one - two) < 0.05
    names = one.keys() - {"predictions"}
    return one.keys() == two.keys() and all(alike(one[n], two[n], exact) for n in names)


def main() -> int:
    """Write the file anew; refuse where a number moved without its version, or the reverse."""
    old = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {"cells": {}}
    made = dict(entries())
    for title, found in made.items():
        stored = old["cells"].get(title)
        if stored is None:
            continue
        wrong = problem(stored, found, same_here(title, old))
        if wrong and "write the file anew" not in wrong:
            print(f"{title}: {wrong}", file=sys.stderr)
            return 1
    if missing():
        print("without torch the cell of encoders cannot be written anew", file=sys.stderr)
        return 1
    both = {"here": here(), "here_with_torch": here_with_torch()}
    text = json.dumps({**both, "cells": made}, indent=1, sort_keys=True)
    FILE.write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
