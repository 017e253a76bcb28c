"""``d2vbench infer``: vectors of new documents from a model that ``train`` saved."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from d2vbench.cli.verbs.models import encoder_verbs
from d2vbench.cli.verbs.models.encoder_verbs import add_encoder, refuse_alone
from d2vbench.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from d2vbench.models import Inferred

_MOST_NAMED = 5


def add_parser(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser(
        "infer",
        help="write vectors of new documents, from a model of 'd2vbench train'",
        description="Infer a vector for each document, with the tokeniser and the settings that "
        "were recorded in training. The vector of a text is the same in any process, in any order "
        "and beside any other documents. No pickle is opened.",
        epilog="Example: d2vbench infer --model my.model new.csv --output vectors.csv",
    )
    parser.add_argument(
        "input", metavar="INPUT",
        help="documents: .txt (one a line), .csv, .tsv, .jsonl or .parquet, plain or .gz, or a "
        "folder of text files",
    )  # fmt: skip
    parser.add_argument("--model", type=Path, metavar="MODEL", help="the model")
    parser.add_argument(
        "--output", type=Path, required=True, metavar="FILE",
        help="a .npy file (the array alone), or .parquet or .csv (name, then d0, d1, ...)",
    )  # fmt: skip
    parser.add_argument("--text", metavar="COL", help="column of the texts")
    parser.add_argument("--encoding", metavar="ENC", help="of the files (utf-8)")
    parser.add_argument(
        "--tokeniser", metavar="MODULE:FUNCTION",
        help="the function that the model was trained with, if it was one of yours",
    )  # fmt: skip
    parser.add_argument("--engine", help="auto, native or gensim, as for 'd2vbench run'")
    parser.add_argument(
        "--threads", type=int, metavar="N",
        help="of the native engine; the vectors do not depend on it (all cores)",
    )  # fmt: skip
    add_encoder(parser, trains=False)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Infer and write."""
    if (options.model is None) == (options.encoder is None):
        raise UsageError("which model? Give --model, or --encoder with a checkpoint")
    if options.encoder is not None:
        return encoder_verbs.infer(options)
    refuse_alone(options)
    from joblib import cpu_count

    from d2vbench.corpora.pairs.own import Layout, own_texts
    from d2vbench.families.doc2vec import choose_engine
    from d2vbench.models import read_text_model
    from d2vbench.models.inputs import own_tokenizer
    from d2vbench.models.model_files import safe_path
    from d2vbench.models.vector_files import check_vector_path, write_vectors

    threads = cpu_count() if options.threads is None else options.threads
    if threads < 1:
        raise UsageError(f"--threads must be 1 or more, got {threads}")
    check_vector_path(options.output, "--output")
    engine = choose_engine(options.engine, _warn)
    path = safe_path(options.model)
    model, about = read_text_model(path, options.tokeniser or "")
    if options.tokeniser:
        source = own_tokenizer(options.tokeniser, "--tokeniser").fingerprint()["source"]
        if source != about["tokeniser_source"]:
            _warn(
                f"WARNING: {options.tokeniser} is in another file, or a changed one, than when the "
                "model was trained: if it finds other words, the vectors differ."
            )
    layout = Layout(text=options.text, encoding=options.encoding or "utf-8")
    documents = own_texts(options.input, "INPUT", layout)
    inferred = model.infer(documents, engine, threads)
    write_vectors(inferred, options.output)
    for line in _degenerate_lines(inferred):
        print(line)
    print(
        f"{options.output}: {len(inferred.names):,} vectors of {inferred.vectors.shape[1]} "
        f"components (engine: {engine})"
    )
    return 0


def _degenerate_lines(inferred: Inferred) -> list[str]:
    degenerate = inferred.degenerate
    start = "the vector is where inference starts from and says nothing of the text"
    kinds = (
        (degenerate.empty, f"without words: {start}"),
        (degenerate.unknown, f"without a word of the vocabulary: {start}"),
        (degenerate.cut, "of more than 10,000 known words: gensim takes the first 10,000"),
    )
    return [
        f"{len(found):,} of {len(inferred.names):,} documents {text} ({_named(inferred, found)})"
        for found, text in kinds
        if len(found)
    ]


def _named(inferred: Inferred, found: npt.NDArray[np.int64]) -> str:
    from d2vbench.corpora.store.documents import shown

    names = [shown(inferred.names[i]) for i in found[:_MOST_NAMED].tolist()]
    return ", ".join(names) + (", …" if len(found) > _MOST_NAMED else "")


def _warn(text: str) -> None:
    print(text, file=sys.stderr)
