"""A saved Doc2Vec of any gensim as a model to take home: gensim's file, what infers, the card."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path

from d2vbench.bench.spec.bounds import check_inference
from d2vbench.corpora.store.tokenise import Tokeniser
from d2vbench.errors import UsageError, option
from d2vbench.families import InferenceSettings
from d2vbench.families.doc2vec import MODEL_TITLES, Doc2VecSettings
from d2vbench.families.doc2vec.saved import SavedModel, doc2vec_settings, to_gensim
from d2vbench.files import write_text
from d2vbench.models.model_card import infer_command, rendered, snippet, tokeniser_text
from d2vbench.models.model_files import ModelPaths, save_gensim
from d2vbench.models.safe_file import write_text_model
from d2vbench.models.text_model import TextModel


@dataclass(frozen=True)
class Converted:
    """How a saved model is written anew.

    Attributes
    ----------
    saved : SavedModel
        What was read.
    source : str
        Name of its file.
    settings : Doc2VecSettings or None
        Those of the benchmark; None where it has no such model.
    refused : str
        Why ``d2vbench infer`` cannot take it; empty if it can.
    tokeniser : Tokeniser
        From text to the words of the model. No file of gensim's says it.
    inference : InferenceSettings
        Epochs and learning rate of inference.
    """

    saved: SavedModel
    source: str
    settings: Doc2VecSettings | None
    refused: str
    tokeniser: Tokeniser
    inference: InferenceSettings


def convert(
    saved: SavedModel,
    source: Path,
    tokeniser: Tokeniser,
    epochs: int | None = None,
    alpha: float | None = None,
    min_alpha: float | None = None,
) -> Converted:
    """Decide how a saved model is written.

    Parameters
    ----------
    saved : SavedModel
        From `d2vbench.families.doc2vec.saved.read_gensim`.
    source : pathlib.Path
        Its file.
    tokeniser : Tokeniser
        That it was trained with.
    epochs, alpha, min_alpha
        Of inference; by default the model's own, which gensim's ``infer_vector`` falls back on.

    Raises
    ------
    UsageError
        If no engine can infer so.
    """
    inference = InferenceSettings(
        saved.epochs if epochs is None else epochs,
        saved.alpha if alpha is None else alpha,
        saved.min_alpha if min_alpha is None else min_alpha,
    )
    try:
        check_inference(inference)
    except UsageError as error:
        named = ", ".join(option(f"infer_{name}") for name in dataclasses.asdict(inference))
        raise UsageError(f"{source}: {error}; give {named}") from None
    try:
        _check_words(saved)
        settings, refused = doc2vec_settings(saved), ""
    except UsageError as error:
        settings, refused = None, str(error)
    return Converted(saved, source.name, settings, refused, tokeniser, inference)


def _check_words(saved: SavedModel) -> None:
    """Refuse what the file of `write_text_model` cannot hold."""
    if any("\n" in word for word in saved.words):
        raise UsageError("a word of its vocabulary has a line break in it")
    if (saved.counts < 1).any():
        raise UsageError("a word of its vocabulary has no count")


def write_converted(converted: Converted, paths: ModelPaths) -> None:
    """Write gensim's file, the card and, last, what ``d2vbench infer`` reads.

    Parameters
    ----------
    converted : Converted
        From `convert`.
    paths : ModelPaths
        From `d2vbench.models.model_files.check_model_path`. What a model of that name had beside
        it, and this one has not, is removed.
    """
    model = to_gensim(converted.saved)
    inference = converted.inference
    model.epochs = inference.epochs
    model.alpha, model.min_alpha = inference.alpha, inference.min_alpha
    save_gensim(model, paths.gensim[0])
    write_text(paths.card, _card(converted, paths))
    for path in paths.tags:
        path.unlink(missing_ok=True)
    if converted.settings is None:
        paths.safe.unlink(missing_ok=True)
        return
    text_model = TextModel((model,), converted.settings, converted.tokeniser, inference, 0)
    about = {"converted": converted.source, "gensim": converted.saved.gensim}
    write_text_model(text_model, paths.safe, about)


def _card(converted: Converted, paths: ModelPaths) -> str:
    saved, name = converted.saved, paths.gensim[0].name
    model = converted.settings.model if converted.settings else ""
    rows = {
        "variant": MODEL_TITLES.get(model, "PV-DM" if saved.dm else "PV-DBOW"),
        "documents with a vector": f"{len(saved.tags):,}",
        "words": f"{len(saved.words):,}",
        **{
            setting: getattr(saved, setting)
            for setting in (
                "vector_size", "window", "negative", "sample", "ns_exponent", "min_count",
                "epochs", "alpha", "min_alpha", "seed",
            )
        },
        "tokeniser": tokeniser_text(converted.tokeniser),
        **{
            f"inference: {setting}": value
            for setting, value in dataclasses.asdict(converted.inference).items()
        },
    }  # fmt: skip
    return rendered(
        "converted_card.md.jinja",
        name=name,
        source=converted.source,
        gensim=saved.gensim,
        settings=[(setting, str(value)) for setting, value in rows.items()],
        snippet=snippet(converted.tokeniser, converted.inference, [name]),
        command=infer_command(converted.tokeniser, name),
        refused=converted.refused,
    )
