"""Natural-language inference (NLI): how surely a document entails that it is about a class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from d2vbench.corpora import Selection
from d2vbench.corpora.store.texts import iter_texts
from d2vbench.errors import UserError
from d2vbench.families.encoder.checkpoints import (
    Checkpoint,
    checkpoint_config,
    kept_checkpoint,
)
from d2vbench.families.encoder.extra import quiet_and_alone
from d2vbench.families.encoder.network import cast_to, readable_tokens
from d2vbench.families.encoder.pieces import chunks, read_tokenizer, readable_text
from d2vbench.families.encoder.settings import EncoderSettings
from d2vbench.remembered import Remembered

#: What a document is to entail of a class.
HYPOTHESIS = "This text is about {}."
_ENTAILMENT = "entailment"
# Premises that are read at once.
_AT_ONCE = 32

# Of documents and classes that were read last in this process: seeds share their test documents.
_LAST = Remembered[npt.NDArray[np.float32]]()


def entailment_column(checkpoint: Checkpoint) -> int:
    """Return which output of a model of inference says entailment, by its configuration.

    Raises
    ------
    UserError
        If no output, or more than one, is called so.
    """
    labels = checkpoint_config(checkpoint).get("id2label")
    named = labels if isinstance(labels, dict) else {}
    found = [key for key, label in named.items() if str(label).strip().lower() == _ENTAILMENT]
    if len(found) != 1 or not str(found[0]).isdecimal():
        said = ", ".join(sorted(map(str, named.values()))) or "none"
        raise UserError(
            f"NLI model {checkpoint.name}: id2label in its config.json must call one output "
            f"{_ENTAILMENT}, and has {said:.100}: give a model that was trained for "
            "natural-language inference"
        )
    return int(found[0])


def entailment(
    settings: EncoderSettings, documents: Selection, titles: Sequence[str]
) -> npt.NDArray[np.float32]:
    """Return how surely each document entails that it is about each class.

    Parameters
    ----------
    settings : EncoderSettings
        Of the model: its checkpoint, ``max_tokens`` and precision.
    documents : Selection
        Premises, as raw texts. One is cut so that it and the hypothesis have ``max_tokens``.
    titles : sequence of str
        Of the classes, which `HYPOTHESIS` is filled with.

    Returns
    -------
    (n_documents, n_classes) float32
        Logarithms of probabilities, by the softmax over the model's outputs for one pair.

    Raises
    ------
    UserError
        If the model cannot be read, has no output for entailment, or lacks trained weights.
    """
    key = (documents.key, settings, tuple(titles))
    return _LAST.get(key, lambda: _entailment(settings, documents, titles))


def _entailment(
    settings: EncoderSettings, documents: Selection, titles: Sequence[str]
) -> npt.NDArray[np.float32]:
    import torch

    checkpoint = kept_checkpoint(settings.encoder, settings.revision, settings.weights)
    column = entailment_column(checkpoint)
    scores = np.zeros((len(documents), len(titles)), dtype=np.float32)
    with quiet_and_alone(0), torch.inference_mode():
        tokenizer = read_tokenizer(checkpoint)
        model = _model(checkpoint, settings)
        hypotheses = [HYPOTHESIS.format(title) for title in titles]
        _check_room(tokenizer, hypotheses, settings.max_tokens)
        premises, lengths = _cut(tokenizer, documents, settings.max_tokens)
        # Documents of about one length take little padding. In any order they make the same
        # batches, and so the same bits.
        rows = np.lexsort((documents.text_hash(), lengths))
        for begin in range(0, len(rows), _AT_ONCE):
            some = rows[begin : begin + _AT_ONCE]
            for place, hypothesis in enumerate(hypotheses):
                given = tokenizer(
                    [premises[row] for row in some.tolist()],
                    [hypothesis] * len(some),
                    truncation="only_first",
                    max_length=settings.max_tokens,
                    padding=True,
                    return_tensors="pt",
                )
                with cast_to(settings.precision):
                    logits = model(**given).logits
                said = torch.log_softmax(logits.float(), dim=1)
                if not bool(torch.isfinite(said).all()):
                    raise UserError(
                        f"NLI model {checkpoint.name}: what it says of the class "
                        f"{titles[place]!r:.60} is no number"
                    )
                scores[some, place] = said[:, column].numpy()
    return scores


def _model(checkpoint: Checkpoint, settings: EncoderSettings) -> Any:
    import torch
    from transformers import AutoModelForSequenceClassification

    try:
        model, about = AutoModelForSequenceClassification.from_pretrained(
            str(checkpoint.folder),
            local_files_only=True,
            use_safetensors=True,
            trust_remote_code=False,
            dtype=torch.float32,
            output_loading_info=True,
        )
    except Exception as error:
        text = " ".join(str(error).split())
        raise UserError(f"NLI model {checkpoint.name} cannot be read ({text:.200})") from None
    if lacking := sorted(about["missing_keys"]):
        raise UserError(
            f"NLI model {checkpoint.name} lacks trained weights ({lacking[0]}): it is no model for "
            "natural-language inference"
        )
    most = readable_tokens(model)
    if most is not None and most < settings.max_tokens:
        raise UserError(
            f"NLI model {checkpoint.name} reads {most} tokens at most: max_tokens must not be "
            f"more, got {settings.max_tokens}"
        )
    return model.eval()


def _check_room(tokenizer: Any, hypotheses: Sequence[str], most: int) -> None:
    """Refuse a cut that leaves nothing of a document beside what it is to entail."""
    needed = max(len(tokenizer("", hypothesis)["input_ids"]) for hypothesis in hypotheses)
    if needed >= most:
        raise UserError(
            f"max_tokens must be more than {needed}, which the longest title of a class takes, got "
            f"{most}"
        )


def _cut(
    tokenizer: Any, documents: Selection, most: int
) -> tuple[list[str], npt.NDArray[np.int64]]:
    """Return texts cut to their first tokens, and how many those are.

    Some have over 11,000, which would be split once for each class.
    """
    texts: list[str] = []
    lengths: list[int] = []
    for some in chunks(map(readable_text, iter_texts(documents))):
        found = tokenizer(
            some,
            add_special_tokens=False,
            truncation=True,
            max_length=most,
            return_offsets_mapping=True,
        )
        for text, offsets in zip(some, found["offset_mapping"], strict=True):
            texts.append(text[: offsets[-1][1]] if offsets else "")
            lengths.append(len(offsets))
    return texts, np.asarray(lengths, dtype=np.int64)
