"""The settings of an encoder: which one, what it learns by, and how."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from typing import Any

from d2vbench.errors import UsageError, check_name
from d2vbench.families.encoder.checkpoints import find_checkpoint

#: What an encoder can learn by.
OBJECTIVES: dict[str, str] = {
    "crops": "Two crops of a document are to be nearer to each other than to those of others.",
    "mlm": "Word pieces that are masked are to be told from those around them.",
}
#: What becomes of the moments of AdamW where a phase begins.
OPTIMISERS: dict[str, str] = {
    "carried": "They are carried from phase to phase.",
    "reset": "They begin anew with each phase, and the warm-up with them.",
}
PRECISIONS = ("float32", "bfloat16")

PRESENTED, NATURAL, GENERIC, CHECKPOINT = "presented", "natural", "generic", "checkpoint"
#: Whose word pieces an encoder reads. The first three are learned, the others the checkpoint's.
VOCABULARIES: dict[str, str] = {
    PRESENTED: "Learned from the documents that the strategy presents, as often as it does.",
    NATURAL: "Learned from G and D-train, each document once.",
    GENERIC: "Learned from G alone.",
    CHECKPOINT: "Those of the checkpoint.",
    "checkpoint+N": "Those, and the N most frequent words of D that they split.",
}

# How wide a head is, and so how many heads there are.
_HEAD = 64
_SCRATCH = re.compile(r"scratch:(\d{1,3})x(\d{1,5})")
_ADDED = re.compile(r"checkpoint\+(\d{1,6})")
#: Learning rate at the usual alpha. From random weights, and from those of a checkpoint.
PEAKS = {"scratch": 1e-3, "checkpoint": 5e-5}
_LARGEST = 10_000


@dataclass(frozen=True)
class Architecture:
    """The shape of an encoder that begins with random weights.

    Attributes
    ----------
    layers, width : int
        Transformer layers, and components of a hidden state.
    """

    layers: int
    width: int

    @property
    def heads(self) -> int:
        """Attention heads: about 64 components each."""
        return max(h for h in range(1, max(self.width // _HEAD, 1) + 1) if self.width % h == 0)


@dataclass(frozen=True)
class EncoderSettings:
    """What does not change between the strategies of a comparison.

    Attributes
    ----------
    encoder : str
        ``scratch:2x128`` (layers x width, random weights), a folder with a checkpoint, or the name
        of one on the Hugging Face hub that has been fetched.
    revision : str
        Of a name on the hub; empty for the one that was fetched as the main one.
    weights : str
        sha256 of the checkpoint's files; found where it is empty.
    objective : str
        A key of `OBJECTIVES`.
    vocabulary : str
        A key of `VOCABULARIES`; empty for ``presented`` from scratch, else ``checkpoint``.
    pieces : int
        Most word pieces of a vocabulary that is learned.
    max_tokens : int
        A document is cut at so many word pieces, its two ends included.
    batch : int
        Presentations of an update.
    peak_rate : float
        Learning rate of AdamW at alpha 0.025; another alpha gives as much more or less. 0 for the
        usual one, see `PEAKS`.
    warmup : int
        Updates over which the learning rate rises to what the schedule says.
    optimiser : str
        A key of `OPTIMISERS`.
    precision : str
        ``float32``, or ``bfloat16`` for the products of matrices; weights are float32 always.
    """

    encoder: str = "scratch:2x128"
    revision: str = ""
    weights: str = ""
    objective: str = "crops"
    vocabulary: str = ""
    pieces: int = 8000
    max_tokens: int = 128
    batch: int = 32
    peak_rate: float = 0.0
    warmup: int = 50
    optimiser: str = "carried"
    precision: str = "float32"

    def __post_init__(self) -> None:
        """Refuse impossible values; look a checkpoint up."""
        check_name("objective", self.objective, OBJECTIVES)
        check_name("optimiser", self.optimiser, OPTIMISERS)
        check_name("precision", self.precision, PRECISIONS)
        for name, least in (("pieces", 200), ("max_tokens", 8), ("batch", 2), ("warmup", 0)):
            if getattr(self, name) < least:
                raise UsageError(f"{name} must be {least} or more, got {getattr(self, name)}")
        if not 0 <= self.peak_rate < 1:
            raise UsageError(f"peak_rate must lie in [0, 1), got {self.peak_rate}")
        usual = PEAKS["scratch" if self.scratch else "checkpoint"]
        self._set(peak_rate=float(self.peak_rate) or usual)
        if self.scratch is not None:
            self._check_scratch(self.scratch)
            self._set(vocabulary=self.vocabulary or PRESENTED)
            return
        self._set(vocabulary=self.vocabulary or CHECKPOINT)
        if self.vocabulary != CHECKPOINT and not self.added:
            check_name("vocabulary of a checkpoint", self.vocabulary, (CHECKPOINT, "checkpoint+N"))
        if not self.weights:
            self._set(weights=find_checkpoint(self.encoder, self.revision).sha256)

    def _set(self, **values: Any) -> None:
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def _check_scratch(self, shape: Architecture) -> None:
        if not (1 <= shape.layers <= 48 and 8 <= shape.width <= _LARGEST):
            raise UsageError(
                f"encoder {self.encoder}: expected 1 to 48 layers of 8 to {_LARGEST:,} components"
            )
        if self.vocabulary:
            learned = (PRESENTED, NATURAL, GENERIC)
            check_name("vocabulary of an encoder from scratch", self.vocabulary, learned)
        if self.revision or self.weights:
            raise UsageError(f"encoder {self.encoder} has no revision: leave it out")

    @property
    def scratch(self) -> Architecture | None:
        """The shape of an encoder that begins with random weights; None for a checkpoint."""
        if not self.encoder.startswith("scratch:"):
            return None
        read = _SCRATCH.fullmatch(self.encoder)
        if read is None:
            raise UsageError(
                f"encoder {self.encoder!r:.60}: expected scratch:LAYERSxWIDTH, as in scratch:2x128"
            )
        return Architecture(int(read[1]), int(read[2]))

    @property
    def added(self) -> int:
        """How many words of D the vocabulary of the checkpoint is given; 0 for none."""
        read = _ADDED.fullmatch(self.vocabulary)
        return int(read[1]) if read else 0

    def to_json(self) -> dict[str, Any]:
        """Return the settings as JSON values."""
        return dataclasses.asdict(self)


def is_from_scratch(encoder: str) -> bool:
    """Return whether an encoder, as it is named in settings, begins with random weights."""
    return encoder.startswith("scratch:")
