"""The family: transformer encoders, from random weights or from a checkpoint."""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any

import numpy as np

from d2vbench.errors import UserError
from d2vbench.families.base import Cost, Family, Sides
from d2vbench.families.encoder import pieces
from d2vbench.families.encoder.checkpoints import kept_checkpoint, short_name
from d2vbench.families.encoder.extra import check_installed, quiet_and_alone
from d2vbench.families.encoder.settings import PRESENTED, EncoderSettings
from d2vbench.families.settings import settings_of
from d2vbench.keys import derive_seed
from d2vbench.strategies import Plan, Strategy

if TYPE_CHECKING:
    from d2vbench.families.encoder.learner import EncoderLearner

# Of a core, for a piece, and for a weight of the layers and a piece; bfloat16 takes half.
_SECONDS_PER_PIECE, _SECONDS_PER_WEIGHT, _PIECES_PER_WORD = 6e-5, 6.5e-11, 1.3
# torch and transformers themselves, and what a batch takes for each hidden component it computes.
_BYTES_OF_LIBRARIES, _BYTES_PER_COMPONENT = 500 << 20, 60


class EncoderFamily(Family):
    """Transformer encoders; a document is the mean of its last hidden states.

    Attributes
    ----------
    libraries : tuple of str
        Whose versions decide the last digits of what comes out.
    tolerance : float
        By how much an accuracy may differ between machines, or versions of these: sums in another
        order lead training apart, as another seed would.
    """

    name = "encoder"
    title = "Transformer encoder"
    version = 1
    libraries = ("torch", "transformers", "tokenizers")
    tolerance = 0.02
    tunes = True

    def settings(self, **options: Any) -> EncoderSettings:
        """Return the settings that options describe."""
        made: EncoderSettings = settings_of(EncoderSettings, options)
        return made

    def label(self, settings: EncoderSettings) -> str:
        """Return the encoder, its objective and what is not usual, as ``scratch-2x128-crops``."""
        name = settings.encoder.replace("scratch:", "scratch-")
        name = name if settings.scratch else short_name(name)
        usual = PRESENTED if settings.scratch else "checkpoint"
        parts = [name, settings.objective]
        parts += [settings.vocabulary] if settings.vocabulary != usual else []
        parts += [settings.optimiser] if settings.optimiser != "carried" else []
        return "-".join(parts)

    def refuses(self, settings: EncoderSettings, strategy: Strategy) -> str:
        """Return why a strategy cannot be trained: frozen weights of Doc2Vec, no text to read."""
        if strategy.freezes:
            return f"strategy {strategy} freezes weights of Doc2Vec, which an encoder has not"
        if strategy.idle and settings.vocabulary == PRESENTED:
            return (
                f"strategy {strategy} presents no text to learn word pieces from: take vocabulary "
                "natural"
            )
        return ""

    def components(self, settings: EncoderSettings) -> dict[str, int]:
        """Return the versions of the vocabulary of word pieces, and of words added to it."""
        more = {"added words": pieces.ADDED_VERSION} if settings.added else {}
        return {"word pieces": pieces.VERSION, **more}

    def part_of_plan(self, settings: EncoderSettings, plan: Plan) -> Any:
        """Return how often the plan makes each side count, where pieces are learned from it."""
        if settings.vocabulary != PRESENTED:
            return None
        generic, domain = pieces.weights_of(settings, plan)
        return [{str(share): times for share, times in generic.items()}, domain]

    def trains_to_encode(self, settings: EncoderSettings) -> bool:
        """Return False: a mean of hidden states is no training."""
        return False

    def cost(self, settings: EncoderSettings, sides: Sides) -> Cost:
        """Return what training takes, roughly."""
        layers, width, words = _shape(settings)
        inner = layers * (12 * width**2 + 13 * width)
        seconds = _SECONDS_PER_PIECE + _SECONDS_PER_WEIGHT * inner
        seconds *= _pieces_read(sides, settings.max_tokens)
        if settings.precision == "bfloat16":
            seconds /= 2
        head = width**2 + 3 * width + words if settings.objective == "mlm" else 0
        # Weights and two moments of each.
        state = 3 * 4 * (inner + head + (words + settings.max_tokens + 3) * width)
        tokens = settings.batch * settings.max_tokens
        batch = _BYTES_PER_COMPONENT * layers * tokens * width
        if settings.objective == "mlm":
            batch += 8 * tokens // 6 * words
        read = 4 * settings.max_tokens * (len(sides.generic) + len(sides.domain))
        return Cost(seconds, state, 2 * state + batch + read + _BYTES_OF_LIBRARIES)

    def prepare(
        self, sides: Sides, settings: EncoderSettings, seed: int, plan: Plan
    ) -> EncoderLearner:
        """Build the vocabulary by the policy, and the initial weights."""
        check_installed()
        from d2vbench.families.encoder.learner import EncoderLearner
        from d2vbench.families.encoder.network import Network, checkpoint_model, scratch_model

        own = derive_seed(seed, "initial weights", self.name)
        with quiet_and_alone(own):
            if settings.scratch is not None:
                tokenizer = pieces.learned_pieces(sides, settings, plan)
                model = scratch_model(settings.scratch, tokenizer, settings)
            else:
                found = kept_checkpoint(settings.encoder, settings.revision, settings.weights)
                tokenizer, new = pieces.checkpoint_pieces(found, settings, sides)
                model = checkpoint_model(found, settings, new, len(tokenizer))
            network = Network(model, tokenizer, settings.precision)
        return EncoderLearner(sides, network, settings, seed)


def _pieces_read(sides: Sides, most: int) -> float:
    """Return the pieces that are read for each word: of a long document its beginning alone."""
    lengths = np.concatenate([np.diff(side.offsets()) for side in (sides.generic, sides.domain)])
    read = np.minimum(_PIECES_PER_WORD * lengths, most)
    return float(read.sum() / max(lengths.sum(), 1))


def layers_of(settings: EncoderSettings) -> int:
    """Return how many layers an encoder has."""
    return _shape(settings)[0]


def _shape(settings: EncoderSettings) -> tuple[int, int, int]:
    """Return layers, width and words of a model, from its configuration where it has one."""
    if settings.scratch is not None:
        return settings.scratch.layers, settings.scratch.width, settings.pieces
    return _shape_of(settings.encoder, settings.revision, settings.weights)


@functools.lru_cache(maxsize=32)
def _shape_of(encoder: str, revision: str, weights: str) -> tuple[int, int, int]:
    folder = kept_checkpoint(encoder, revision, weights).folder
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    found = []
    for names in (
        ("num_hidden_layers", "n_layers", "num_layers"),
        ("hidden_size", "dim", "d_model"),
        ("vocab_size",),
    ):
        value = next((config[name] for name in names if isinstance(config.get(name), int)), None)
        if value is None:
            raise UserError(f"encoder {encoder}: config.json does not say its {names[0]}")
        found.append(value)
    return found[0], found[1], found[2]


FAMILY = EncoderFamily()
