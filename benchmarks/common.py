"""What the benchmarks share: the corpus, the models, the interleaved timing, the table."""

import ast
import os
import re
import statistics
import sysconfig
import tarfile
import time
from pathlib import Path

import numpy as np

from d2vbench.families.doc2vec.native import kernel as native
from d2vbench.families.doc2vec.parity import MODELS

SETTINGS = {"negative": 5, "sample": 1e-4, "min_count": 5, "window": 5, "seed": 1}
RATES = {"start_alpha": 0.025, "end_alpha": 0.0001}


def words_of(text):
    return re.findall(r"\w+", text.lower())


def corpus(most=None):
    """20 Newsgroups where the shared archives are, else docstrings of the standard library."""
    root = Path(__file__).resolve().parents[1]
    shared = Path(os.environ.get("D2VBENCH_SHARED", root.parent / "shared"))
    archive = shared / "data" / "20news-bydate.tar.gz"
    documents = []
    if archive.exists():
        with tarfile.open(archive) as files:
            for member in files:
                if member.isfile():
                    text = files.extractfile(member).read().decode("latin-1")
                    documents.append(words_of(text))
                    if len(documents) == most:
                        break
        return "20 Newsgroups", documents
    for path in sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py")):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                words = words_of(ast.get_docstring(node) or "")
                if len(words) >= 20:
                    documents.append(words)
    return "docstrings of the standard library", documents[:most]


def tagged(documents):
    from gensim.models.doc2vec import TaggedDocument

    return [TaggedDocument(words, [i]) for i, words in enumerate(documents)]


def build(documents, name, size):
    from gensim.models.doc2vec import Doc2Vec

    model = Doc2Vec(vector_size=size, workers=1, epochs=1, **MODELS[name], **SETTINGS)
    model.build_vocab(documents)
    return model


def encode(model, documents):
    rows = model.wv.key_to_index
    tokens = [rows.get(w, native.OOV) for d in documents for w in d]
    offsets = np.zeros(len(documents) + 1, dtype=np.int64)
    np.cumsum([len(d) for d in documents], out=offsets[1:])
    return native.Documents(np.array(tokens, dtype=np.uint32), offsets)


def interleave(contenders, repeats):
    """Seconds of each contender, one run of every one in each round.

    Rounds keep what disturbs the machine from falling on one contender alone; hence ratios are
    taken within a round.
    """
    seconds = {name: [] for name in contenders}
    for _ in range(repeats):
        for name, run in contenders.items():
            start = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - start)
    return seconds


def median_ratio(slow, fast):
    return statistics.median(s / f for s, f in zip(slow, fast, strict=True))


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + " --- |" * len(header)]
    return "\n".join(lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows])


def machine():
    """The processor's name, as far as the system tells."""
    try:
        info = Path("/proc/cpuinfo").read_text()
    except OSError:
        return "unknown processor"
    names = re.findall(r"model name\s*: (.*)", info)
    return f"{names[0] if names else 'unknown processor'}, {os.cpu_count()} cores"


class Quiet:
    """Hears how a run goes, and says nothing but what failed."""

    def note(self, text):
        pass

    def start(self, total, present, work):
        pass

    def trained(self, words):
        pass

    def finished(self, cell, work, accuracy, failure):
        if failure:
            print(failure.error)
