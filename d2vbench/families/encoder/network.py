"""The network: a body of transformers', a mean over its hidden states, and two losses."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from d2vbench.errors import UserError
from d2vbench.families.encoder.checkpoints import Checkpoint
from d2vbench.families.encoder.presentations import Pieces
from d2vbench.families.encoder.settings import Architecture, EncoderSettings

# Of the softmax over a batch (Izacard et al. 2022, arXiv 2112.09118).
_TEMPERATURE = 0.05
# Parts that neither vectors nor a loss read.
UNREAD = "pooler."


def scratch_model(shape: Architecture, tokenizer: Any, settings: EncoderSettings) -> Any:
    """Return a BERT of a shape with random weights, by torch's random stream."""
    from transformers import BertConfig, BertForMaskedLM, BertModel

    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=shape.width,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        intermediate_size=4 * shape.width,
        max_position_embeddings=settings.max_tokens,
        type_vocab_size=1,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        pad_token_id=tokenizer.pad_token_id,
    )
    if settings.objective == "mlm":
        return BertForMaskedLM(config)
    return BertModel(config, add_pooling_layer=False)


def checkpoint_model(
    checkpoint: Checkpoint, settings: EncoderSettings, new: dict[int, list[int]], words: int
) -> Any:
    """Return the model of a checkpoint.

    Parameters
    ----------
    checkpoint : Checkpoint
        With safetensors.
    settings : EncoderSettings
        With the objective: ``mlm`` takes the checkpoint's own output layer, where it has one.
    new : dict of int to list of int
        Of `checkpoint_pieces`.
    words : int
        Of the tokenizer.

    Raises
    ------
    UserError
        If it cannot be read, lacks weights of its body, or reads fewer tokens than ``max_tokens``.
    """
    import torch
    from transformers import AutoModel, AutoModelForMaskedLM

    kind = AutoModelForMaskedLM if settings.objective == "mlm" else AutoModel
    try:
        model, about = kind.from_pretrained(
            str(checkpoint.folder),
            local_files_only=True,
            use_safetensors=True,
            trust_remote_code=False,
            dtype=torch.float32,
            output_loading_info=True,
        )
    except Exception as error:
        text = " ".join(str(error).split())
        raise UserError(f"encoder {checkpoint.name} cannot be read ({text:.200})") from None
    # transformers draws what is not there at random; an output layer for mlm may be.
    body = {id(parameter) for parameter in model.base_model.parameters()}
    lacking = [
        name
        for name, parameter in model.named_parameters()
        if id(parameter) in body and name in about["missing_keys"] and UNREAD not in name
    ]
    if lacking:
        raise UserError(
            f"encoder {checkpoint.name} lacks trained weights ({lacking[0]}): its safetensors do "
            "not fit its config.json"
        )
    most = readable_tokens(model)
    if most is not None and most < settings.max_tokens:
        raise UserError(
            f"encoder {checkpoint.name} reads {most} tokens at most: max_tokens must not be more, "
            f"got {settings.max_tokens}"
        )
    table = model.get_input_embeddings()
    if words > table.num_embeddings:
        model.resize_token_embeddings(words, mean_resizing=False)
        table = model.get_input_embeddings()
    with torch.no_grad():
        for row, pieces in new.items():
            table.weight[row] = table.weight[pieces].mean(dim=0)
    return model


class Network:
    """A model with its tokenizer: from pieces to vectors, and to a loss.

    Parameters
    ----------
    model : transformers.PreTrainedModel
        A body, or a body with an output layer for ``mlm``.
    tokenizer : transformers.PreTrainedTokenizerBase
        Its own.
    precision : str
        Of the products of matrices.
    """

    def __init__(self, model: Any, tokenizer: Any, precision: str) -> None:
        self.model, self.tokenizer, self._precision = model, tokenizer, precision
        self.body = model.base_model
        # No dropout: what differs between two presentations are their crops or masks.
        model.eval()
        for name, parameter in model.named_parameters():
            if UNREAD in name:
                parameter.requires_grad_(False)
        self._ends = _ends(tokenizer)

    @property
    def room(self) -> int:
        """How many tokens a document has beside its pieces."""
        before, after = self._ends
        return len(before) + len(after)

    def parameters(self) -> dict[str, Any]:
        """Return what training changes, by name; a table that two layers share once."""
        return {name: p for name, p in self.model.named_parameters() if p.requires_grad}

    def vectors(self, documents: Sequence[Pieces]) -> Any:
        """Return the mean hidden state of each document, (n_documents, width) float32 tensor."""
        hidden, attention = self._hidden(documents)
        weights = attention.unsqueeze(-1).to(hidden.dtype)
        return (hidden * weights).sum(dim=1) / weights.sum(dim=1)

    def contrastive_loss(
        self,
        first: Sequence[Pieces],
        second: Sequence[Pieces],
        documents: npt.NDArray[np.int64],
    ) -> Any:
        """Return how badly two crops of each document find each other among the others' (InfoNCE).

        Parameters
        ----------
        first, second : sequence of pieces
            A crop of each document.
        documents : (n,) int64
            Which document: another presentation of the same is none to be told from.
        """
        import torch
        from torch.nn import functional

        both = functional.normalize(self.vectors([*first, *second]), dim=1)
        logits = both[: len(first)] @ both[len(first) :].T / _TEMPERATURE
        same = torch.from_numpy(documents[:, None] == documents[None, :])
        same.fill_diagonal_(False)
        logits = logits.masked_fill(same, float("-inf"))
        target = torch.arange(len(first))
        there = functional.cross_entropy(logits, target)
        back = functional.cross_entropy(logits.T, target)
        return (there + back) / 2

    def masked_loss(
        self,
        shown: Sequence[Pieces],
        told: Sequence[npt.NDArray[np.int64]],
        truth: Sequence[Pieces],
    ) -> Any:
        """Return how badly masked pieces are told: the mean cross-entropy over all of them.

        Parameters
        ----------
        shown : sequence of pieces
            What the model reads of each document.
        told : sequence of (k,) int64
            Places in it.
        truth : sequence of (k,) int32
            What stood there.
        """
        import torch
        from torch.nn import functional

        before = len(self._ends[0])
        hidden, _ = self._hidden(shown)
        rows = np.repeat(np.arange(len(told)), [len(places) for places in told])
        places = torch.from_numpy(np.concatenate(told) + before)
        # The output layer is as wide as the vocabulary: it reads masked places alone.
        logits = self._told(hidden[torch.from_numpy(rows), places])
        target = torch.from_numpy(np.concatenate(truth).astype(np.int64))
        return functional.cross_entropy(logits, target)

    def hidden_at(
        self, documents: Sequence[Pieces], places: Sequence[npt.NDArray[np.int64]]
    ) -> Any:
        """Return the hidden states of some pieces, (n_places of all, width) float32 tensor.

        Parameters
        ----------
        documents : sequence of pieces
            What the body reads.
        places : sequence of (k,) int64
            Which pieces of each document.
        """
        import torch

        hidden, _ = self._hidden(documents)
        rows = np.repeat(np.arange(len(places)), [len(some) for some in places])
        at = np.concatenate(places) + len(self._ends[0])
        return hidden[torch.from_numpy(rows), torch.from_numpy(at)]

    def _told(self, hidden: Any) -> Any:
        model = self.model
        with self._cast():
            for name in ("cls", "lm_head"):
                if (head := getattr(model, name, None)) is not None:
                    return head(hidden).float()
            if hasattr(model, "vocab_transform"):
                inner = model.activation(model.vocab_transform(hidden))
                return model.vocab_projector(model.vocab_layer_norm(inner)).float()
            if hasattr(model, "head") and hasattr(model, "decoder"):
                return model.decoder(model.head(hidden)).float()
        raise UserError(
            f"a model of type {model.config.model_type} cannot be trained by mlm here: take the "
            "objective crops"
        )

    def _hidden(self, documents: Sequence[Pieces]) -> tuple[Any, Any]:
        import torch

        before, after = self._ends
        longest = max(map(len, documents)) + self.room
        tokens = np.full((len(documents), longest), self.tokenizer.pad_token_id, dtype=np.int64)
        attention = np.zeros((len(documents), longest), dtype=np.int64)
        for row, pieces in enumerate(documents):
            whole = [*before, *pieces.tolist(), *after]
            tokens[row, : len(whole)] = whole
            attention[row, : len(whole)] = 1
        mask = torch.from_numpy(attention)
        with self._cast():
            found = self.body(input_ids=torch.from_numpy(tokens), attention_mask=mask)
        return found.last_hidden_state.float(), mask

    def _cast(self) -> Any:
        return cast_to(self._precision)


def readable_tokens(model: Any) -> int | None:
    """Return how many tokens a model reads at most; None where it does not say.

    Some count positions from behind the number of their padding, as RoBERTa does.
    """
    most = getattr(model.config, "max_position_embeddings", None)
    if not isinstance(most, int) or most <= 0:
        return None
    for name, module in model.named_modules():
        if (
            name.endswith("position_embeddings")
            and getattr(module, "padding_idx", None) is not None
        ):
            return most - int(module.padding_idx) - 1
    return most


def cast_to(precision: str) -> Any:
    """Return the context in which products of matrices have a precision."""
    import torch

    if precision == "float32":
        return contextlib.nullcontext()
    return torch.autocast("cpu", dtype=torch.bfloat16)


def _ends(tokenizer: Any) -> tuple[list[int], list[int]]:
    """Return the tokens that a tokenizer puts before and after a text."""
    backend = tokenizer.backend_tokenizer
    # Some are saved with a padding to a fixed length.
    backend.no_padding()
    backend.no_truncation()
    found = backend.encode("a")
    inner = [place for place, added in enumerate(found.special_tokens_mask) if not added]
    return found.ids[: inner[0]], found.ids[inner[-1] + 1 :]
