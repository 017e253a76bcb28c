"""Time and memory from an archive to the encoded store, and of opening it again.

python benchmarks/encoding.py [--corpora 20newsgroups imdb] [--times 1 10]

The corpora must have been fetched. ``--times N`` encodes every document N times under N names, to
show how memory grows with the text.
"""

import argparse
import dataclasses
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import machine, table

from d2vbench.corpora import load_cards, open_corpus
from d2vbench.corpora.acquire.local import local_files
from d2vbench.corpora.readers import find_reader
from d2vbench.corpora.store.encode import encode
from d2vbench.corpora.store.encoded import _jobs, _open
from d2vbench.corpora.store.tokenise import Tokeniser


def repeated(documents, times):
    for document in documents:
        for i in range(times):
            yield dataclasses.replace(document, name=f"{document.name}#{i}") if i else document


def peak(who):
    """Peak resident memory in MB: this process, or the largest of its workers."""
    return resource.getrusage(who).ru_maxrss / 1024


def encode_once(name, times):
    """Encode in this process; the peak of a fresh one is what counts."""
    card = load_cards().corpus(name)
    files = local_files(card)
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        documents = find_reader(card.reader).read(card.parameters, files)
        counts = encode(repeated(documents, times), Path(folder), Tokeniser(), jobs=_jobs())
    seconds = time.perf_counter() - start
    return {
        "documents": counts["documents"], "words": counts["words"], "seconds": seconds,
        "peak": peak(resource.RUSAGE_SELF), "worker": peak(resource.RUSAGE_CHILDREN),
    }  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpora", nargs="+", default=["20newsgroups", "imdb"])
    parser.add_argument("--times", nargs="+", type=int, default=[1, 10])
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        print(json.dumps(encode_once(args.child[0], int(args.child[1]))))
        return
    rows = []
    for name in args.corpora:
        for times in args.times:
            command = [sys.executable, __file__, "--child", name, str(times)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            found = json.loads(done.stdout)
            again = ""
            if times == 1:
                open_corpus(load_cards().corpus(name))
                _open.cache_clear()
                start = time.perf_counter()
                open_corpus(load_cards().corpus(name))
                again = f"{time.perf_counter() - start:.3f}"
            rows.append([
                name, times, found["documents"], found["words"], f"{found['seconds']:.1f}",
                f"{found['peak']:.0f}", f"{found['worker']:.0f}", again,
            ])  # fmt: skip
            print(rows[-1], flush=True)
    print(machine())
    print(table(
        ["corpus", "times", "documents", "words", "seconds", "peak MB", "peak MB of a worker",
         "seconds to open again"], rows,
    ))  # fmt: skip


if __name__ == "__main__":
    main()
