"""Word pieces: learned from the documents of a plan, or a checkpoint's, with words of D added."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from d2vbench.corpora import Selection
from d2vbench.corpora.store.texts import iter_texts
from d2vbench.errors import UserError
from d2vbench.families.base import Sides
from d2vbench.families.counts import parse_policy, presented_weights
from d2vbench.families.encoder.checkpoints import Checkpoint
from d2vbench.families.encoder.settings import EncoderSettings
from d2vbench.strategies import Plan

#: Raised when other pieces are learned or added.
VERSION = 1
#: Raised when other words are added to those of a checkpoint.
ADDED_VERSION = 1
_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
_CONTINUING = "##"
# A side that is presented more often than that counts so often: the pieces hardly change, and each
# time takes its time.
_MOST_TIMES = 16
_TEXTS_AT_ONCE = 1000
# How splitters of bytes, and those of sentences, mark a blank before a word.
_BLANKS = "\u0120\u2581"


def readable_text(text: str) -> str:
    """Return a text without what UTF-8 cannot say, such as half of a pair of surrogates."""
    return text.encode("utf-8", "replace").decode("utf-8")


def weights_of(settings: EncoderSettings, plan: Plan) -> tuple[dict[Fraction, int], int]:
    """Return how often shares of G, those nearest to D, and how often D count for the pieces.

    Returns
    -------
    generic : dict of Fraction to int
        By the share of G.
    domain : int
        0 where D takes no part.
    """
    generic, domain = presented_weights(parse_policy(settings.vocabulary), plan)

    def times(weight: Fraction) -> int:
        return min(max(round(weight), 1), _MOST_TIMES) if weight else 0

    return {share: times(weight) for share, weight in generic.items()}, times(domain)


def learned_pieces(sides: Sides, settings: EncoderSettings, plan: Plan) -> Any:
    """Learn a tokenizer of word pieces (WordPiece; Schuster and Nakajima 2012).

    Parameters
    ----------
    sides : Sides
        G and the part of D-train that is trained on; never a test document.
    settings : EncoderSettings
        With the policy and the number of pieces.
    plan : Plan
        What will be trained; it counts where the policy is ``presented``.

    Returns
    -------
    transformers.PreTrainedTokenizerFast
        Lower-cased, with BERT's special tokens. The same in every process.

    Raises
    ------
    UserError
        If there is no text to learn from.

    Notes
    -----
    The trainer of tokenizers numbers the characters that continue a word in the order of a hash
    table, which differs between processes, and breaks ties by those numbers
    (github.com/huggingface/tokenizers/issues/1794). They are given to it in order, before all else.
    """
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    parts = list(_weighted(sides, *weights_of(settings, plan)))
    normalizer, splitter = normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer()
    counts: Counter[str] = Counter()
    for text in itertools.chain.from_iterable(_texts(part) for part, _ in parts):
        counts.update(normalizer.normalize_str(text))
    letters = [char for char in counts if not char.isspace()]
    if not letters:
        raise UserError("there is no text to learn word pieces from")
    # Rare characters are unknown: else they fill the vocabulary where there are many scripts.
    common = sorted(letters, key=lambda char: (-counts[char], char))[: settings.pieces // 4]
    alphabet = sorted(common)
    first = [*_SPECIAL, *alphabet, *(_CONTINUING + char for char in alphabet)]

    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer, tokenizer.pre_tokenizer = normalizer, splitter
    trainer = trainers.WordPieceTrainer(
        vocab_size=max(settings.pieces, len(first)),
        special_tokens=first,
        initial_alphabet=alphabet,
        limit_alphabet=len(alphabet),
        show_progress=False,
        continuing_subword_prefix=_CONTINUING,
    )
    repeated = (_texts(part) for part, times in parts for _ in range(times))
    tokenizer.train_from_iterator(itertools.chain.from_iterable(repeated), trainer)
    # Made anew from the list alone, in which characters are no special tokens.
    vocabulary = tokenizer.get_vocab()
    made = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]", max_input_chars_per_word=100))
    made.normalizer, made.pre_tokenizer = normalizer, splitter
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        special_tokens=[(name, vocabulary[name]) for name in ("[CLS]", "[SEP]")],
    )
    names = ("pad_token", "unk_token", "cls_token", "sep_token", "mask_token")
    return PreTrainedTokenizerFast(tokenizer_object=made, **dict(zip(names, _SPECIAL, strict=True)))


def checkpoint_pieces(
    checkpoint: Checkpoint, settings: EncoderSettings, sides: Sides
) -> tuple[Any, dict[int, list[int]]]:
    """Return the tokenizer of a checkpoint, with the words of D that were asked for.

    Parameters
    ----------
    checkpoint : Checkpoint
        With a tokenizer in its folder.
    settings : EncoderSettings
        With the policy.
    sides : Sides
        Whose words of D are added.

    Returns
    -------
    tokenizer : transformers.PreTrainedTokenizerBase
        Of the checkpoint.
    new : dict of int to list of int
        By the number of an added word, the pieces that it was before: the row of its vector begins
        as their mean.

    Raises
    ------
    UserError
        If the tokenizer cannot be read, or is none that knows where a word begins.
    """
    from tokenizers import AddedToken

    tokenizer = read_tokenizer(checkpoint)
    if not settings.added:
        return tokenizer, {}
    before: dict[str, list[int]] = {}
    counts = _words(tokenizer, sides.domain)
    # Where pieces hold the blank before a word, a word without one is split otherwise, and a blank
    # that is left before a new word would be a piece of its own.
    blank = marks_blanks(tokenizer)
    for word in sorted(counts, key=lambda word: (-counts[word], word)):
        pieces = tokenizer(" " * blank + word, add_special_tokens=False)["input_ids"]
        if len(pieces) > 1 and tokenizer.unk_token_id not in pieces:
            before[word] = pieces
            if len(before) == settings.added:
                break
    # Without single_word a part of a longer word would be taken for the word.
    tokenizer.add_tokens(
        [AddedToken(w, single_word=True, normalized=True, lstrip=blank) for w in before]
    )
    return tokenizer, {int(tokenizer.convert_tokens_to_ids(w)): p for w, p in before.items()}


def read_tokenizer(checkpoint: Checkpoint) -> Any:
    """Return the tokenizer of a checkpoint as it is; raises as `checkpoint_pieces` does."""
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(
            str(checkpoint.folder), local_files_only=True, trust_remote_code=False
        )
    except Exception as error:
        text = " ".join(str(error).split())
        raise UserError(
            f"encoder {checkpoint.name}: its tokenizer cannot be read ({text:.200})"
        ) from None
    if getattr(tokenizer, "backend_tokenizer", None) is None or not len(tokenizer):
        raise UserError(
            f"encoder {checkpoint.name} has no tokenizer that the package tokenizers can read: "
            "save it as tokenizer.json"
        )
    if tokenizer.pad_token is None:
        raise UserError(f"encoder {checkpoint.name}: its tokenizer has no token for padding")
    return tokenizer


def _words(tokenizer: Any, documents: Selection) -> Counter[str]:
    """Count the words of documents as a tokenizer splits them, those of letters and digits."""
    backend = tokenizer.backend_tokenizer
    normalizer, splitter = backend.normalizer, backend.pre_tokenizer
    counts: Counter[str] = Counter()
    for text in _texts(documents):
        normal = normalizer.normalize_str(text) if normalizer else text
        found = splitter.pre_tokenize_str(normal) if splitter else [(w, 0) for w in normal.split()]
        # A byte-level splitter leaves its mark of a blank before a word.
        words = (word.lstrip(_BLANKS) for word, _ in found)
        counts.update(word for word in words if len(word) > 1 and word.isalnum())
    return counts


def marks_blanks(tokenizer: Any) -> bool:
    """Return whether the pieces of a word hold the blank before it."""
    splitter = tokenizer.backend_tokenizer.pre_tokenizer
    found = splitter.pre_tokenize_str(" a") if splitter else []
    return bool(found) and found[0][0][0] in _BLANKS


def _weighted(
    sides: Sides, generic: dict[Fraction, int], domain: int
) -> Iterator[tuple[Selection, int]]:
    for share, times in sorted(generic.items()):
        counted = sides.generic
        if share != 1 and len(counted):
            documents = max(round(share * len(counted)), 1)
            counted = counted.take(np.sort(sides.nearest[:documents]))
        if times and len(counted):
            yield counted, times
    if domain and len(sides.domain):
        yield sides.domain, domain


def _texts(documents: Selection) -> Iterator[str]:
    return map(readable_text, iter_texts(documents))


def chunks(texts: Iterable[str]) -> Iterator[list[str]]:
    """Return texts some at a time, as lists."""
    given = iter(texts)
    while chunk := list(itertools.islice(given, _TEXTS_AT_ONCE)):
        yield chunk
