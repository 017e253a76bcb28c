"""Encoders to take home: trained on all documents, saved as transformers reads them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from d2vbench import __version__
from d2vbench.corpora.store.documents import Document
from d2vbench.corpora.store.memory import encode_in_memory, whole
from d2vbench.corpora.store.selections import Selection
from d2vbench.corpora.store.tokenise import Tokeniser
from d2vbench.errors import UsageError, UserError
from d2vbench.families import (
    FAMILIES,
    InferenceSettings,
    Sides,
    one_thread,
    refusal,
    train,
)
from d2vbench.families.encoder.settings import EncoderSettings
from d2vbench.files import make_writable_folder, write_text
from d2vbench.keys import derive_seed
from d2vbench.models.text_model import Degenerate, Inferred
from d2vbench.strategies import make_plans, parse_schedule, parse_strategy

#: Passes over G where none are asked for: a pass of an encoder costs many of Doc2Vec's.
EPOCHS = 1


def check_encoder_folder(folder: Path, option: str = "--output") -> None:
    """Refuse a place where no encoder can be written, before the training that leads to it.

    Raises
    ------
    UserError
        If the folder is there and not empty, or cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{option} {folder} is there already: give the name of a new folder")
    make_writable_folder(folder.parent, option)


def train_encoder(
    generic: Selection,
    domain: Selection,
    settings: EncoderSettings,
    strategy: str,
    schedule: str,
    seed: int = 0,
    **rates: Any,
) -> Any:
    """Train an encoder on all documents of two corpora.

    Parameters
    ----------
    generic, domain : Selection
        All of G and all of D; labels are not read.
    settings : EncoderSettings
        Which encoder, and how it learns.
    strategy, schedule : str
        As in a cell of the benchmark.
    seed : int
        All random choices derive from it.
    **rates
        ``epochs``, ``alpha`` and ``min_alpha`` of `make_plans`.

    Returns
    -------
    EncoderLearner
        Trained.

    Raises
    ------
    UsageError
        If the strategy cannot be trained, or presents a corpus without words.
    """
    family, parsed = FAMILIES["encoder"], parse_strategy(strategy)
    if reason := refusal(family, settings, parsed):
        raise UsageError(reason)
    sides = Sides(generic, domain)
    (plan,) = make_plans(parsed, parse_schedule(schedule), sides.sizes, **rates)
    for side, words in (
        ("generic", sides.sizes.generic_words), ("domain", sides.sizes.domain_words)
    ):  # fmt: skip
        if not words and any(getattr(phase, side).count for phase in plan.phases):
            raise UsageError(f"strategy {strategy} presents the {side} corpus, which has no words")
    base = derive_seed(seed, "model")
    with one_thread():
        learner = family.prepare(sides, settings, base, plan)
        train(learner, plan, base)
    return learner


def save_encoder(learner: Any, folder: Path, about: str) -> None:
    """Write an encoder and its tokenizer as transformers reads them, with a card.

    Parameters
    ----------
    learner : EncoderLearner
        Trained.
    folder : pathlib.Path
        New; it is there with all its files, or not at all.
    about : str
        What was trained, in sentences, for the card.
    """
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        learner.save(temporary)
        write_text(temporary / "README.md", about)
        temporary.chmod(0o755)
        if folder.exists():
            folder.rmdir()
        temporary.rename(folder)
    except OSError as error:
        raise UserError(f"--output {folder}: it cannot be written ({error})") from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def encoder_card(settings: EncoderSettings, told: dict[str, Any]) -> str:
    """Return the card of an encoder: what it was made from and how its vectors are read."""
    rows = {**told, **settings.to_json(), "d2vbench": __version__}
    table = "\n".join(f"| {name} | {value} |" for name, value in rows.items() if value != "")
    return (
        "# Sentence encoder\n\n"
        "A document's vector is the mean of the last hidden states over all its tokens, of which "
        f"{settings.max_tokens} are read at most.\n\n"
        "    d2vbench infer new.csv --encoder THIS_FOLDER --output vectors.npy\n\n"
        f"| | |\n| --- | --- |\n{table}\n"
    )


def encode_texts(settings: EncoderSettings, documents: Iterable[Document]) -> Inferred:
    """Return the vectors of documents by a checkpoint, as `TextModel.infer` returns them."""
    from d2vbench.families.encoder.frozen import frozen_learner

    given = list(documents)
    some = whole(encode_in_memory(given, Tokeniser(), "INPUT"))
    with one_thread():
        learner = frozen_learner(settings, some)
        seeds = np.zeros(len(some), dtype=np.uint32)
        vectors = learner.encode(some, seeds, InferenceSettings())
    read = learner.looked_up(some)
    kinds = (read.empty, read.unknown, read.cut)
    degenerate = Degenerate(*(np.flatnonzero(kind).astype(np.int64) for kind in kinds))
    return Inferred([document.name for document in given], vectors, degenerate)
