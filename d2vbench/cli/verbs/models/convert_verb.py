"""``d2vbench convert``: a Doc2Vec of an older gensim as a file of gensim 4."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from d2vbench.errors import UsageError


def add_parser(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser(
        "convert",
        help="a Doc2Vec of gensim 3 (0.12 to 4) as a file of gensim 4, nothing in it being run",
        description="Read a Doc2Vec that an older gensim saved, which gensim 4 cannot load, and "
        "save it for gensim 4, with a card and what 'd2vbench infer' reads. Arrays, vocabulary and "
        "settings are read; a file that names anything else is refused, and nothing in it is run.",
        epilog="Example: d2vbench convert enwiki.bin enwiki.model",
    )
    parser.add_argument(
        "old", metavar="OLD", type=Path, help="the file; its .npy files lie beside it"
    )
    parser.add_argument("new", metavar="NEW", type=Path, help="the new model's file")
    parser.add_argument("--force", action="store_true", help="overwrite a model that is there")
    parser.add_argument(
        "--tokeniser", metavar="MODULE:FUNCTION",
        help="what the model was trained with: a Python function from a text to a list of words; "
        "or whitespace (lower-cased runs of letters)",
    )  # fmt: skip
    parser.add_argument(
        "--keep-document-vectors", action="store_true",
        help="keep the vectors of the documents of training, which inference does not need",
    )  # fmt: skip
    for flag, kind, text in (
        ("--infer-epochs", int, "passes over a document when its vector is inferred"),
        ("--infer-alpha", float, "first learning rate of inference"),
        ("--infer-min-alpha", float, "last learning rate of inference"),
    ):
        shown = "N" if kind is int else "X"
        parser.add_argument(flag, type=kind, metavar=shown, help=f"{text} (the model's own)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Convert."""
    from d2vbench.corpora.store.tokenise import Tokeniser
    from d2vbench.families.doc2vec.saved import read_gensim
    from d2vbench.models.converted import convert, write_converted
    from d2vbench.models.inputs import own_tokenizer
    from d2vbench.models.model_files import check_model_path

    if options.new.resolve() == options.old.resolve():
        raise UsageError(f"NEW {options.new} is OLD: give another name")
    given = options.tokeniser
    tokeniser = own_tokenizer(given, "--tokeniser") if given else Tokeniser()
    saved = read_gensim(options.old)
    if not options.keep_document_vectors:
        there, saved = len(saved.tags), saved.without_documents()
    inference = (options.infer_epochs, options.infer_alpha, options.infer_min_alpha)
    converted = convert(saved, options.old, tokeniser, *inference)
    paths = check_model_path(options.new, 1, options.force, "NEW")
    write_converted(converted, paths)
    print(
        f"{paths.gensim[0]}: {len(saved.words):,} words, {len(saved.tags):,} document vectors of "
        f"{saved.vector_size} components, from gensim {saved.gensim}"
    )
    if not options.keep_document_vectors and there:
        print(
            f"Left out: the vectors of {there:,} documents of training, which inference does not "
            "need; --keep-document-vectors keeps them"
        )
    if saved.locked:
        print("Some of its vectors were locked (lockf); in the new file none is")
    if converted.refused:
        print(f"'d2vbench infer' cannot take it: {converted.refused}")
    elif not given:
        print(
            "The file does not say which tokeniser it was trained with; assumed: lower-cased runs "
            "of letters. Another: --tokeniser"
        )
    print(f"Card: {paths.card}")
    return 0
