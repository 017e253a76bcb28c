"""An encoder in training: updates in the plan's order, vectors, and a state to put back."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from d2vbench.corpora import Selection
from d2vbench.defaults import ALPHA
from d2vbench.errors import UsageError, UserError
from d2vbench.families.base import InferenceSettings, Learner, Sides, Vectors
from d2vbench.families.encoder.extra import quiet_and_alone
from d2vbench.families.encoder.network import Network
from d2vbench.families.encoder.presentations import (
    PieceDocuments,
    crop,
    mask,
    pieces_of,
    stream_of,
)
from d2vbench.families.encoder.settings import EncoderSettings
from d2vbench.strategies import Phase

# Of AdamW (Loshchilov and Hutter 2019, arXiv 1711.05101), as for BERT; of all but biases and norms.
_BETAS, _DECAY = (0.9, 0.999), 0.01
_LONGEST_GRADIENT = 1.0
# Documents that are encoded at once.
_AT_ONCE = 64
_MOMENTS = ("exp_avg", "exp_avg_sq")


class EncoderLearner(Learner):
    """A transformer encoder with its documents, in training on one thread.

    Parameters
    ----------
    sides : Sides
        What it is trained on.
    network : Network
        With its initial weights.
    settings : EncoderSettings
        Its own.
    base : int
        Base seed of the pair.
    """

    def __init__(
        self, sides: Sides, network: Network, settings: EncoderSettings, base: int
    ) -> None:
        self.sides, self.network, self.settings, self._base = sides, network, settings, base
        self._longest = settings.max_tokens - network.room
        if self._longest < 1:
            raise UsageError(
                f"max_tokens must leave room for a piece, got {settings.max_tokens} and "
                f"{network.room} tokens around a text"
            )
        self.documents = self._pieces([sides.generic, sides.domain])
        self._hashes = np.concatenate([sides.generic.text_hash(), sides.domain.text_hash()])
        self._words = np.concatenate([np.diff(s.offsets()) for s in (sides.generic, sides.domain)])
        self._presented = np.zeros(len(self.documents), dtype=np.int64)
        # Since the moments began, and in all.
        self._updates, self._updates_in_all = 0, 0
        self._optimiser = self._new_optimiser()
        self._last: tuple[Selection, PieceDocuments] | None = None
        tokenizer = network.tokenizer
        special = set(tokenizer.all_special_ids)
        rows = [row for row in range(len(tokenizer)) if row not in special]
        self._ordinary = np.asarray(rows, dtype=np.int32)
        if settings.objective == "mlm" and tokenizer.mask_token_id is None:
            raise UserError(
                f"encoder {settings.encoder}: its tokenizer has no mask, which the objective mlm "
                "needs: take crops"
            )

    def begin(self, phase: Phase) -> None:
        """Begin with new moments where the settings say so."""
        if self.settings.optimiser == "reset" and self._updates:
            self._optimiser, self._updates = self._new_optimiser(), 0

    def present(
        self,
        order: npt.NDArray[np.int64],
        start_rate: float,
        end_rate: float,
        frozen: Collection[str] = (),
    ) -> None:
        """Train on documents in an order, a batch at a time; nothing can be frozen.

        Raises
        ------
        UserError
            If the loss is no number any more.
        """
        if set(frozen) - {"documents"}:
            raise UsageError(f"encoder can freeze nothing, got {', '.join(sorted(frozen))}")
        words = self._words[order].astype(np.float64)
        before = np.concatenate([[0.0], np.cumsum(words)]) / max(words.sum(), 1.0)
        size = self.settings.batch
        with quiet_and_alone():
            for begin in range(0, len(order), size):
                rate = start_rate - (start_rate - end_rate) * float(before[begin])
                self._update(order[begin : begin + size], max(rate, 0.0))

    def _update(self, documents: npt.NDArray[np.int64], rate: float) -> None:
        import torch

        read = documents[~self.documents.empty[documents]]
        streams = []
        for document in documents.tolist():
            times = int(self._presented[document])
            self._presented[document] += 1
            if not self.documents.empty[document]:
                streams.append(stream_of(self._base, int(self._hashes[document]), times))
        # A document alone has no other to be told from.
        if len(read) < (2 if self.settings.objective == "crops" else 1):
            return
        loss = self._loss(read, streams)
        value = float(loss.detach())
        if not math.isfinite(value):
            raise UserError(
                f"encoder {self.settings.encoder}: after {self._updates_in_all:,} updates the loss "
                f"is {value}: lower alpha or peak_rate ({self.settings.peak_rate:g})"
            )
        rising = min((self._updates + 1) / max(self.settings.warmup, 1), 1.0)
        for group in self._optimiser.param_groups:
            group["lr"] = self.settings.peak_rate * rate / ALPHA * rising
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()
        parameters = list(self.network.parameters().values())
        torch.nn.utils.clip_grad_norm_(parameters, _LONGEST_GRADIENT)
        self._optimiser.step()
        self._updates += 1
        self._updates_in_all += 1

    def _loss(self, documents: npt.NDArray[np.int64], streams: list[np.random.Generator]) -> Any:
        drawn = [
            (self.documents[document], stream)
            for document, stream in zip(documents.tolist(), streams, strict=True)
        ]
        if self.settings.objective == "crops":
            pairs = [(crop(pieces, stream), crop(pieces, stream)) for pieces, stream in drawn]
            first, second = zip(*pairs, strict=True)
            return self.network.contrastive_loss(first, second, self._hashes[documents])
        mask_id = self.network.tokenizer.mask_token_id
        masked = [mask(pieces, stream, mask_id, self._ordinary) for pieces, stream in drawn]
        shown, told = zip(*masked, strict=True)
        truth = [pieces[places] for (pieces, _), places in zip(drawn, told, strict=True)]
        return self.network.masked_loss(shown, told, truth)

    def _new_optimiser(self) -> Any:
        import torch

        parameters = self.network.parameters().values()
        decayed = [p for p in parameters if p.ndim > 1]
        plain = [p for p in parameters if p.ndim < 2]
        groups = [
            {"params": decayed, "weight_decay": _DECAY},
            {"params": plain, "weight_decay": 0.0},
        ]
        return torch.optim.AdamW(groups, lr=0.0, betas=_BETAS, foreach=False)

    def encode(
        self, documents: Selection, seeds: npt.NDArray[np.uint32], inference: InferenceSettings
    ) -> Vectors:
        """Return the mean hidden states, (n_documents, width) float32; draws nothing.

        A document of which nothing can be read has zeros.

        Raises
        ------
        UserError
            If a vector is no number: some that read it would take it for the first class.
        """
        import torch

        looked_up = self.looked_up(documents)
        vectors = np.zeros((len(documents), self.width), dtype=np.float32)
        lengths = np.diff(looked_up.offsets)
        # Documents of one length take no padding. In any order they make the same batches, and so
        # the same bits.
        rows = np.lexsort((documents.text_hash(), lengths))
        rows = rows[looked_up.readable()[rows]]
        with quiet_and_alone(), torch.inference_mode():
            for begin in range(0, len(rows), _AT_ONCE):
                some = rows[begin : begin + _AT_ONCE]
                found = self.network.vectors([looked_up[row] for row in some.tolist()])
                vectors[some] = found.numpy()
        if not np.isfinite(vectors).all():
            raise UserError(
                f"encoder {self.settings.encoder}: after {self._updates_in_all:,} updates a "
                "document's vector is no number: its weights are damaged, or alpha or peak_rate "
                f"({self.settings.peak_rate:g}) is too high"
            )
        return vectors

    @property
    def width(self) -> int:
        """Components of a vector."""
        return int(self.network.model.config.hidden_size)

    def looked_up(self, documents: Selection) -> PieceDocuments:
        """Return documents as word pieces."""
        if self._last is None or self._last[0] is not documents:
            self._last = documents, self.pieces(documents)
        return self._last[1]

    def pieces(self, documents: Selection) -> PieceDocuments:
        """Return documents as word pieces; whoever keeps them need not ask again."""
        return self._pieces([documents])

    def _pieces(self, selections: list[Selection]) -> PieceDocuments:
        with quiet_and_alone():
            return pieces_of(selections, self.network.tokenizer, self._longest)

    def degenerate(self, documents: Selection | None = None) -> dict[str, int]:
        """Count documents of no piece, of unknown pieces alone, and those that are cut."""
        return (self.documents if documents is None else self.looked_up(documents)).degenerate()

    def readable(self, documents: Selection) -> npt.NDArray[np.bool_]:
        """Return which documents have a known piece, (n_documents,) bool."""
        return self.looked_up(documents).readable()

    def vocabulary_size(self) -> int:
        """Return the word pieces of the tokenizer."""
        return len(self.network.tokenizer)

    def save(self, folder: Path) -> None:
        """Write the model and its tokenizer as transformers reads them, in safetensors."""
        with quiet_and_alone():
            self.network.model.save_pretrained(folder)
            self.network.tokenizer.save_pretrained(folder)

    def state(self) -> dict[str, npt.NDArray[Any]]:
        """Return weights, moments, and how often each document was presented.

        Crops and masks are drawn from these counts: there is no other random state.
        """
        arrays: dict[str, npt.NDArray[Any]] = {
            "presented": self._presented,
            "updates": np.asarray([self._updates, self._updates_in_all]),
        }
        for name, parameter in self.network.parameters().items():
            arrays[f"weights {name}"] = parameter.detach().numpy()
            kept = self._optimiser.state.get(parameter, {})
            for moment in _MOMENTS:
                found = kept.get(moment)
                shape = tuple(parameter.shape)
                values = np.zeros(shape, np.float32) if found is None else found.numpy()
                arrays[f"{moment} {name}"] = values
        return arrays

    def restore(self, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """Put a state back.

        Raises
        ------
        ValueError
            If it is no state of an encoder of this shape; then nothing has changed.
        """
        import torch

        for name, own in self.state().items():
            found = arrays.get(name)
            if found is None or (found.shape, found.dtype) != (own.shape, own.dtype):
                got = "nothing" if found is None else f"{found.dtype} of shape {found.shape}"
                raise ValueError(f"{name}: expected {own.dtype} of shape {own.shape}, got {got}")
        self._presented[:] = arrays["presented"]
        self._updates, self._updates_in_all = arrays["updates"].tolist()
        self._optimiser = self._new_optimiser()
        with torch.no_grad():
            for name, parameter in self.network.parameters().items():
                parameter.copy_(torch.from_numpy(np.array(arrays[f"weights {name}"])))
                if self._updates:
                    self._optimiser.state[parameter] = {
                        "step": torch.tensor(float(self._updates)),
                        **{
                            moment: torch.from_numpy(np.array(arrays[f"{moment} {name}"]))
                            for moment in _MOMENTS
                        },
                    }
