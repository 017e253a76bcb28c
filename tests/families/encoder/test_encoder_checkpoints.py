"""Checkpoints: found, checked, told apart; and what is refused, in one sentence each."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from encoder_support import MINILM, needs_extra, needs_minilm, save_checkpoint
from learners import encode, untrained
from models_support import selection

from d2vbench.corpora import Pair
from d2vbench.errors import UsageError, UserError
from d2vbench.families import FAMILIES, Sides
from d2vbench.families.encoder.checkpoints import (
    fetch_checkpoint,
    find_checkpoint,
    is_at_hand,
    kept_checkpoint,
    short_name,
)
from d2vbench.families.encoder.frozen import frozen_vectors
from d2vbench.families.encoder.settings import EncoderSettings

pytestmark = needs_extra


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_checkpoint(tmp_path_factory.mktemp("checkpoints") / "mine")


@pytest.fixture
def folder(saved: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(saved, tmp_path / "mine"))


def refused(folder: Path, **own: Any) -> str:
    with pytest.raises(UserError) as caught:
        made = EncoderSettings(str(folder), max_tokens=32, **own)
        some = selection(["the orbit", "a card"])
        FAMILIES["encoder"].prepare(Sides(some, some), made, 1, None)  # type: ignore[arg-type]
    said = str(caught.value)
    assert "\n" not in said
    return said


def test_its_files_say_which_one_it_is(folder: Path, tmp_path: Path) -> None:
    # Weights of its own: tests in other processes note where they found the usual ones.
    save_checkpoint(folder, seed=11)
    first = find_checkpoint(str(folder))
    other = Path(shutil.copytree(folder, tmp_path / "other"))
    assert find_checkpoint(str(other)).sha256 == first.sha256
    save_checkpoint(other, seed=1)
    assert find_checkpoint(str(other)).sha256 != first.sha256
    # Found again by what is in it, under a name that says nothing here.
    assert kept_checkpoint("elsewhere", "", first.sha256).folder == folder.resolve()
    save_checkpoint(folder, seed=2)
    with pytest.raises(UserError, match=r"the files in .*mine are not those that were asked for"):
        kept_checkpoint(str(folder), "", first.sha256)
    assert short_name("a/b\\c/") == "c"


def test_a_pickle_is_never_read(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    assert refused(folder) == (
        f"encoder {folder}: {folder} has its weights in a pickle (pytorch_model.bin), which may "
        "run any code when it is read: save it as safetensors"
    )
    (folder / "pytorch_model.bin").unlink()
    assert refused(folder).endswith("mine has no weights (model.safetensors)")


def test_a_model_without_a_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()
    assert refused(folder) == (
        f"encoder {folder}: {folder} has no tokenizer (tokenizer.json): save the one that the "
        "model was trained with beside it"
    )


def test_a_tokenizer_without_a_mask(tmp_path: Path) -> None:
    folder = save_checkpoint(tmp_path / "maskless", mask=False)
    assert refused(folder, objective="mlm") == (
        f"encoder {folder}: its tokenizer has no mask, which the objective mlm needs: take crops"
    )
    made = EncoderSettings(str(folder), max_tokens=32)
    assert frozen_vectors(made, selection(["the orbit"]))[0].any()


def test_code_of_its_own_is_never_run(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    config["auto_map"] = {"AutoModel": "evil.Model"}
    (folder / "config.json").write_text(json.dumps(config))
    assert "brings code of its own (auto_map), which is never run" in refused(folder)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "config.json cannot be read"),
        ("[1]", "does not say which model_type it is"),
        ('{"model_type": "no-such-model"}', "cannot be read"),
    ],
)
def test_a_damaged_configuration(folder: Path, text: str, said: str) -> None:
    (folder / "config.json").write_text(text)
    assert said in refused(folder)


def test_damaged_weights_and_a_damaged_tokenizer(folder: Path) -> None:
    content = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(content[: len(content) // 2])
    assert "cannot be read" in refused(folder)
    (folder / "tokenizer.json").write_text("{}")
    assert "tokenizer cannot be read" in refused(folder)


def test_more_tokens_than_it_reads(folder: Path) -> None:
    with pytest.raises(UserError, match="reads 64 tokens at most: max_tokens must not be more"):
        frozen_vectors(EncoderSettings(str(folder)), selection(["the orbit"]))


def test_a_name_that_is_not_here_says_how_to_fetch_it() -> None:
    assert not is_at_hand("nobody/nothing")
    with pytest.raises(UserError) as caught:
        EncoderSettings("nobody/nothing", revision="v1")
    assert str(caught.value) == (
        "encoder 'nobody/nothing' is neither a folder nor a model that has been fetched: give a "
        "folder, or fetch it with: d2vbench fetch --encoder nobody/nothing --revision v1"
    )
    with pytest.raises(UserError, match="is neither a folder nor a model"):
        EncoderSettings("../no such folder")


def test_fetching_takes_safetensors_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    asked: list[dict[str, Any]] = []

    def download(name: str, **options: Any) -> str:
        asked.append({"name": name, **options})
        return str(folder)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    found = fetch_checkpoint("somebody/model", "v2")
    assert found.folder == folder
    assert [one.get("local_files_only", False) for one in asked] == [False, True]
    assert {one["revision"] for one in asked} == {"v2"}
    assert not any(p.endswith((".bin", ".py", ".pt", "*")) for p in asked[0]["allow_patterns"])

    def unreachable(name: str, **options: Any) -> str:
        raise OSError("no way\nto the hub")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", unreachable)
    with pytest.raises(UserError) as caught:
        fetch_checkpoint("somebody/model")
    assert str(caught.value) == (
        "encoder somebody/model cannot be fetched from the Hugging Face hub: no way"
    )


def test_added_words_begin_as_the_mean_of_their_pieces(folder: Path, small_pair: Pair) -> None:
    domain = selection(
        ["overwrite the Orbiter", "overwrite orbiter, orbiter; overwrites", "a verb"]
    )
    made = EncoderSettings(str(folder), vocabulary="checkpoint+2", max_tokens=32)
    plain = EncoderSettings(str(folder), max_tokens=32)
    nothing = domain.take(np.arange(0))
    learner = FAMILIES["encoder"].prepare(Sides(nothing, domain), made, 1, None)
    before = FAMILIES["encoder"].prepare(Sides(nothing, domain), plain, 1, None)
    tokenizer, old = learner.network.tokenizer, before.network.tokenizer
    assert len(tokenizer) == len(old) + 2
    # The most frequent that are split; a whole word alone is one, in any case.
    added = tokenizer.convert_ids_to_tokens([len(old), len(old) + 1])
    assert added == ["orbiter", "overwrite"]
    assert tokenizer.tokenize("Orbiter overwrites") == ["orbiter", *old.tokenize("overwrites")]
    table = learner.network.model.get_input_embeddings().weight.detach().numpy()
    rows = before.network.model.get_input_embeddings().weight.detach().numpy()
    for place, word in enumerate(added):
        pieces = old(word, add_special_tokens=False)["input_ids"]
        np.testing.assert_allclose(table[len(old) + place], rows[pieces].mean(axis=0), atol=1e-6)
    assert FAMILIES["encoder"].label(made) == "mine-crops-checkpoint+2"
    with pytest.raises(UsageError, match="unknown vocabulary of a checkpoint 'presented'"):
        EncoderSettings(str(folder), vocabulary="presented")


def test_a_body_without_all_its_weights_is_refused(folder: Path) -> None:
    from safetensors.numpy import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    name = "bert.encoder.layer.1.attention.self.query.weight"
    del weights[name]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    inner = name.removeprefix("bert.")
    for objective, lacking in (("crops", inner), ("mlm", name)):
        assert refused(folder, objective=objective) == (
            f"encoder {folder} lacks trained weights ({lacking}): its safetensors do not fit its "
            "config.json"
        )


def test_weights_that_are_no_numbers_are_no_vectors(folder: Path) -> None:
    from safetensors.numpy import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    weights["bert.embeddings.LayerNorm.bias"][:] = np.nan
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(UserError, match="after 0 updates a document's vector is no number: its w"):
        frozen_vectors(EncoderSettings(str(folder), max_tokens=32), selection(["the orbit"]))


def test_words_whose_pieces_hold_a_blank_are_added_with_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of RoBERTa: a word that is one piece behind a blank is none that is split."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    from d2vbench.families.encoder import pieces

    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=len(alphabet) + 8, initial_alphabet=alphabet, show_progress=False,
        special_tokens=["<pad>", "<unk>"],
    )  # fmt: skip
    made.train_from_iterator(["a probe"] * 50, trainer)
    fast = PreTrainedTokenizerFast(tokenizer_object=made, pad_token="<pad>", unk_token="<unk>")
    assert fast.tokenize("a probe") == ["a", "\u0120probe"] and len(fast.tokenize("probe")) > 1
    monkeypatch.setattr(pieces, "read_tokenizer", lambda checkpoint: fast)
    domain = selection(["a probe", "the probe", "a zyx probe", "no zyx"])
    settings = EncoderSettings(str(folder), vocabulary="checkpoint+1", max_tokens=32)
    sides = Sides(domain.take(np.arange(0)), domain)
    split = fast(" zyx", add_special_tokens=False)["input_ids"]
    tokenizer, new = pieces.checkpoint_pieces(find_checkpoint(str(folder)), settings, sides)
    (row,) = new
    assert tokenizer.convert_ids_to_tokens([row]) == ["zyx"] and new[row] == split
    # Behind a blank it is one piece, and no blank stands alone.
    around = [tokenizer.convert_tokens_to_ids(piece) for piece in ("a", "\u0120probe")]
    ids = tokenizer("a zyx probe", add_special_tokens=False)["input_ids"]
    assert ids == [around[0], row, around[1]]


def test_frozen_vectors_are_means_of_hidden_states(folder: Path) -> None:
    import torch
    from transformers import AutoModel, AutoTokenizer

    from d2vbench.families.encoder.extra import quiet_and_alone

    texts = ["The orbit of a probe.", "chips", "a card over a card, again"]
    (mine,) = frozen_vectors(EncoderSettings(str(folder), max_tokens=32), selection(texts))
    with quiet_and_alone(), torch.inference_mode():
        tokenizer = AutoTokenizer.from_pretrained(folder)
        model = AutoModel.from_pretrained(folder).eval()
        theirs = [
            model(**tokenizer(text, return_tensors="pt")).last_hidden_state[0].mean(dim=0)
            for text in texts
        ]
    np.testing.assert_allclose(mine, torch.stack(theirs).numpy(), atol=1e-5)
    with pytest.raises(UsageError, match="has random weights: give a checkpoint"):
        frozen_vectors(EncoderSettings(), selection(texts))


def test_minilm_tells_sentences_apart() -> None:
    needs_minilm()
    made = EncoderSettings(MINILM)
    assert len(made.weights) == 64
    texts = ["The rocket reached its orbit.", "A satellite was launched into space.",
             "My graphics card has no driver."]  # fmt: skip
    (vectors,) = frozen_vectors(made, selection(texts))
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    near, far = float(unit[0] @ unit[1]), float(unit[0] @ unit[2])
    assert near > 0.4 > 0.2 > far


def test_encoding_does_not_depend_on_what_stands_beside(folder: Path, small_pair: Pair) -> None:
    learner = untrained(small_pair, "encoder", EncoderSettings(str(folder), max_tokens=32))
    whole = encode(learner, small_pair.test)
    part = encode(learner, small_pair.test.take(np.array([3, 17, 40])))
    np.testing.assert_allclose(part, whole[[3, 17, 40]], atol=1e-5)
