"""What ``train`` and ``infer`` do with encoders in place of Doc2Vec."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from d2vbench.cli.arguments import chosen_pairs, only_pair
from d2vbench.errors import UsageError, option

if TYPE_CHECKING:
    from d2vbench.families.encoder.settings import EncoderSettings

# Options of the two verbs that are for Doc2Vec.
_OF_DOC2VEC = (
    "model", "vector_size", "window", "negative", "sample", "min_count", "infer_epochs",
    "infer_alpha", "infer_min_alpha", "engine", "generic_model", "word_vectors", "from_run",
    "evidence", "keep_document_vectors", "force", "tokeniser", "threads",
)  # fmt: skip
_MAX_TOKENS = 128


def add_encoder(parser: argparse.ArgumentParser, trains: bool) -> None:
    """Add the options of encoders to a verb."""
    group = parser.add_argument_group("an encoder in place of Doc2Vec (d2vbench[transformers])")
    names = "a folder with a checkpoint, or the name of one that 'd2vbench fetch --encoder' fetched"
    group.add_argument(
        "--encoder", metavar="NAME", help=f"scratch:LAYERSxWIDTH, {names}" if trains else names
    )
    group.add_argument("--revision", metavar="REV", help="of a name on the Hugging Face hub")
    group.add_argument(
        "--max-tokens", type=int, metavar="N", help="word pieces at which a document is cut (128)"
    )
    group.add_argument("--precision", metavar="NAME", help="float32 (default) or bfloat16")
    if trains:
        group.add_argument("--objective", metavar="NAME", help="crops (default) or mlm")


def settings_of(options: argparse.Namespace) -> EncoderSettings:
    """Return the settings that options of a verb ask for."""
    from d2vbench.families.encoder.checkpoints import find_checkpoint, most_tokens
    from d2vbench.families.encoder.extra import check_installed
    from d2vbench.families.encoder.settings import EncoderSettings, is_from_scratch

    check_installed()
    names = ("encoder", "revision", "precision", "objective", "max_tokens", "vocabulary")
    asked: dict[str, Any] = {
        name: getattr(options, name) for name in names if getattr(options, name, None) is not None
    }
    if "max_tokens" not in asked and not is_from_scratch(options.encoder):
        most = most_tokens(find_checkpoint(options.encoder, options.revision or ""))
        asked["max_tokens"] = min(most or _MAX_TOKENS, _MAX_TOKENS)
    return EncoderSettings(**asked)


def refuse_others(options: argparse.Namespace, names: Iterable[str] = _OF_DOC2VEC) -> None:
    """Refuse options of Doc2Vec beside an encoder."""
    for name in names:
        if getattr(options, name, None) not in (None, False):
            raise UsageError(f"{option(name)} is for Doc2Vec, and goes with no --encoder")


def refuse_alone(options: argparse.Namespace) -> None:
    """Refuse options of encoders where none is asked for."""
    for name in ("revision", "max_tokens", "precision", "objective"):
        if getattr(options, name, None) is not None:
            raise UsageError(f"{option(name)} is for an encoder: give --encoder too")


def train(options: argparse.Namespace) -> int:
    """Train an encoder on all documents and save it as transformers reads it."""
    from d2vbench.api.progress import time_left
    from d2vbench.corpora.pairs.whole import open_whole
    from d2vbench.models.encoder_files import (
        EPOCHS,
        check_encoder_folder,
        encoder_card,
        save_encoder,
        train_encoder,
    )
    from d2vbench.strategies import ALPHA, MIN_ALPHA

    started = time.monotonic()
    refuse_others(options)
    if options.strategy is None:
        raise UsageError("which strategy? Give --strategy, as in 'oversampled(4)'")
    settings = settings_of(options)
    check_encoder_folder(options.output)
    cards, names = chosen_pairs(options, labelled=False)
    if names is None:
        raise UsageError("which pair? Give --pair, or --generic and --domain")
    name = only_pair(names, options.pair)
    whole = open_whole(cards.pair(name), cards, report=print)
    asked = {"epochs": options.epochs, "alpha": options.alpha, "min_alpha": options.min_alpha}
    usual = {"epochs": EPOCHS, "alpha": ALPHA, "min_alpha": MIN_ALPHA}
    rates = {key: usual[key] if value is None else value for key, value in asked.items()}
    schedule = options.schedule or "linear"
    print(f"{len(whole.generic):,} generic and {len(whole.domain):,} domain documents")
    learner = train_encoder(
        whole.generic, whole.domain, settings, options.strategy, schedule, options.seed, **rates
    )
    told = {
        "pair": name, "strategy": options.strategy, "schedule": schedule, **rates,
        "seed": options.seed, "generic documents": len(whole.generic),
        "domain documents": len(whole.domain),
    }  # fmt: skip
    save_encoder(learner, options.output, encoder_card(settings, told))
    print(
        f"{options.output}: trained in {time_left(time.monotonic() - started)}; card: "
        f"{options.output / 'README.md'}"
    )
    return 0


def infer(options: argparse.Namespace) -> int:
    """Write the vectors of new documents by a checkpoint as it is."""
    from d2vbench.corpora.pairs.own import Layout, own_texts
    from d2vbench.models.encoder_files import encode_texts
    from d2vbench.models.vector_files import check_vector_path, write_vectors

    refuse_others(options)
    check_vector_path(options.output, "--output")
    settings = settings_of(options)
    layout = Layout(text=options.text, encoding=options.encoding or "utf-8")
    inferred = encode_texts(settings, own_texts(options.input, "INPUT", layout))
    write_vectors(inferred, options.output)
    found = inferred.degenerate
    for some, text in (
        (found.empty, "without a word piece: the vector is zero"),
        (found.unknown, "without a known word piece: the vector is zero"),
        (found.cut, f"of more than {settings.max_tokens} tokens: the rest is not read"),
    ):
        if len(some):
            print(f"{len(some):,} of {len(inferred.names):,} documents {text}")
    print(
        f"{options.output}: {len(inferred.names):,} vectors of {inferred.vectors.shape[1]} "
        "components"
    )
    return 0
