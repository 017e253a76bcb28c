"""Zero-shot by inference: against one pair at a time, and by a model whose answer is known.

No model for inference is at hand that was trained for it: these have random weights, or a few that
are set by hand.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from encoder_support import needs_extra, save_checkpoint, save_tokenizer
from models_support import selection

from d2vbench.errors import UserError
from d2vbench.evaluation import outcome_problem
from d2vbench.evaluation.pretrained import find_baseline
from d2vbench.families.encoder.checkpoints import find_checkpoint
from d2vbench.families.encoder.extra import quiet_and_alone
from d2vbench.families.encoder.nli import HYPOTHESIS, entailment, entailment_column
from d2vbench.families.encoder.settings import EncoderSettings

pytestmark = needs_extra
LABELS = {0: "contradiction", 1: "Entailment", 2: "neutral"}
TITLES = ["orbit", "chip"]


def save_nli(folder: Path, labels: dict[int, str] = LABELS, by_hand: bool = False) -> Path:
    """Write a tiny model for inference; by hand, one that looks for a word in both texts."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    folder.mkdir(parents=True, exist_ok=True)
    words = save_tokenizer(folder)
    with quiet_and_alone(3):
        config = BertConfig(
            vocab_size=words, hidden_size=8, num_hidden_layers=1, num_attention_heads=1,
            intermediate_size=8, max_position_embeddings=64, num_labels=len(labels),
            id2label=labels, label2id={label: i for i, label in labels.items()},
        )  # fmt: skip
        model = BertForSequenceClassification(config)
        if by_hand:
            with torch.no_grad():
                _set_weights(model, folder)
        model.save_pretrained(folder)
    return folder


def _set_weights(model: Any, folder: Path) -> None:
    """Let entailment be likelier where one of two words makes up all that is known of a pair.

    Attention is even, so that [CLS] sees the mean of both texts: of one word alone, or of both.
    """
    import torch

    vocabulary = json.loads((folder / "tokenizer.json").read_text())["model"]["vocab"]
    for name, parameter in model.named_parameters():
        if "LayerNorm.weight" not in name:
            parameter.zero_()
    layer = model.bert.encoder.layer[0]
    one = torch.eye(8)
    for place, word in enumerate(TITLES):
        model.bert.embeddings.word_embeddings.weight[vocabulary[word], place] = 1.0
    layer.attention.self.value.weight.copy_(one)
    layer.attention.output.dense.weight.copy_(one)
    # The last normalisation leaves 2.6 of one word alone, and 1.7 of each of two.
    model.bert.pooler.dense.weight.copy_(5 * one)
    model.bert.pooler.dense.bias.fill_(-5 * 2.2)
    model.classifier.weight[1, :2] = 1.0


@pytest.fixture(scope="module")
def random_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_nli(tmp_path_factory.mktemp("nli") / "mine")


def settings(folder: Path, **own: Any) -> EncoderSettings:
    return EncoderSettings(str(folder), **{"max_tokens": 48, **own})


def test_the_column_is_found_by_its_name(tmp_path: Path) -> None:
    for labels, column in ((LABELS, 1), ({0: "ENTAILMENT", 1: "not_entailment"}, 0)):
        found = find_checkpoint(str(save_nli(tmp_path / str(column), labels)))
        assert entailment_column(found) == column


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ({0: "no", 1: "yes"}, "and has no, yes"),
        ({0: "entailment", 1: "Entailment "}, "and has Entailment , entailment"),
    ],
)
def test_a_model_without_an_entailment_label(
    labels: dict[int, str], said: str, tmp_path: Path
) -> None:
    folder = save_nli(tmp_path / "mine", labels)
    with pytest.raises(UserError) as caught:
        entailment(settings(folder), selection(["a chip"]), TITLES)
    assert str(caught.value) == (
        f"NLI model {folder}: id2label in its config.json must call one output entailment, {said}: "
        "give a model that was trained for natural-language inference"
    )


def test_each_pair_is_as_the_model_says_it_alone(random_model: Path) -> None:
    import torch
    from transformers import AutoTokenizer, BertForSequenceClassification

    texts = ["The orbit of a probe", "chips", "", "card over write " * 3]
    found = entailment(settings(random_model), selection(texts), ["a probe", "Cards, chips"])
    tokenizer = AutoTokenizer.from_pretrained(random_model)
    model = BertForSequenceClassification.from_pretrained(random_model).eval()
    for row, text in zip(found, texts, strict=True):
        for score, title in zip(row, ["a probe", "Cards, chips"], strict=True):
            with torch.inference_mode():
                given = tokenizer(text, HYPOTHESIS.format(title), return_tensors="pt")
                alone = torch.softmax(model(**given).logits[0], dim=0)[1]
            assert np.exp(score) == pytest.approx(float(alone), abs=1e-5)


def test_positions_that_begin_behind_the_padding_are_fewer() -> None:
    import torch
    import transformers

    from d2vbench.families.encoder.network import readable_tokens

    small = {
        "vocab_size": 20, "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1,
        "intermediate_size": 8, "max_position_embeddings": 34,
    }  # fmt: skip
    roberta = transformers.RobertaModel(transformers.RobertaConfig(**small, pad_token_id=1))
    bert = transformers.BertModel(transformers.BertConfig(**small))
    assert (readable_tokens(roberta), readable_tokens(bert)) == (32, 34)
    roberta(torch.full((1, 32), 5))
    with pytest.raises((IndexError, RuntimeError)):
        roberta(torch.full((1, 33), 5))


def test_a_long_document_is_cut_at_max_tokens(random_model: Path) -> None:
    long = "orbit " * 5000
    some = selection([long + "chip", long + "probe", "orbit " * 60])
    found = entailment(settings(random_model), some, TITLES)
    assert (found == found[0]).all()
    with pytest.raises(UserError, match=r"max_tokens must be more than \d+, which the longest"):
        entailment(settings(random_model, max_tokens=12), some, TITLES)
    with pytest.raises(UserError, match="reads 64 tokens at most: max_tokens must not be more"):
        entailment(settings(random_model, max_tokens=65), some, TITLES)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_the_right_class_wins_where_the_answer_is_known(precision: str, tmp_path: Path) -> None:
    folder = save_nli(tmp_path / "by-hand", by_hand=True)
    texts = ["the orbit of a probe", "over a chip", "a chip", "orbit"]
    some = selection(texts)
    nothing = some.take(np.arange(0))
    baseline = find_baseline(
        "zero-shot-nli", settings(folder, precision=precision), ["a", "b"], TITLES
    )
    first, second = baseline.predict(nothing, nothing, some, [None, None], 0)  # type: ignore[list-item]
    assert first.predicted.tolist() == second.predicted.tolist() == [0, 1, 1, 0]
    assert outcome_problem(first, 4) == ""
    # Titles the other way round: the answers turn with them.
    turned = find_baseline("zero-shot-nli", settings(folder), ["a", "b"], TITLES[::-1])
    (outcome,) = turned.predict(nothing, nothing, some, [None], 0)  # type: ignore[list-item]
    assert outcome.predicted.tolist() == [1, 0, 0, 1]


def test_documents_in_any_order_have_the_same_bits(random_model: Path) -> None:
    texts = [f"orbit {'probe ' * (i % 7)}chip {i}" for i in range(50)]
    order = np.random.default_rng(1).permutation(50)
    here = entailment(settings(random_model), selection(texts), TITLES)
    there = entailment(settings(random_model), selection([texts[i] for i in order]), TITLES)
    assert np.array_equal(here[order], there)


def test_a_model_without_its_last_layer_is_refused(tmp_path: Path) -> None:
    folder = save_checkpoint(tmp_path / "mlm")
    config = json.loads((folder / "config.json").read_text())
    config["id2label"] = {str(i): label for i, label in LABELS.items()}
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(UserError) as caught:
        entailment(settings(folder), selection(["a chip"]), TITLES)
    assert str(caught.value) == (
        f"NLI model {folder} lacks trained weights (bert.pooler.dense.bias): it is no model for "
        "natural-language inference"
    )


def test_what_it_says_is_a_number_or_an_error(tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    folder = save_nli(tmp_path / "nan")
    weights = load_file(folder / "model.safetensors")
    weights["classifier.bias"][:] = np.nan
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(UserError, match="what it says of the class 'orbit' is no number"):
        entailment(settings(folder), selection(["a chip"]), TITLES)


def test_weights_in_a_pickle_and_code_of_its_own_are_refused(
    random_model: Path, tmp_path: Path
) -> None:
    for kind, said in (("pickle", "has its weights in a pickle"), ("code", "code of its own")):
        folder = Path(shutil.copytree(random_model, tmp_path / kind))
        if kind == "pickle":
            (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
        else:
            config = json.loads((folder / "config.json").read_text())
            config["auto_map"] = {"AutoModel": "x.Y"}
            (folder / "config.json").write_text(json.dumps(config))
        with pytest.raises(UserError, match=said):
            settings(folder)
