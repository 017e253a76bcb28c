"""The model's file that is no pickle: it gives back the same vectors, or one sentence."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from models_support import ENGINE, ENGINES, texts, trained

from d2vbench.corpora.store.memory import numbered
from d2vbench.corpora.store.tokenise import Tokeniser
from d2vbench.errors import UserError
from d2vbench.families.doc2vec.models import MODELS
from d2vbench.models import TextModel, read_text_model, write_text_model
from d2vbench.models.safe_file import SCHEMA, _bytes, _checksum

WHITESPACE = "whitespace"


def vectors(model: TextModel, engine: str = ENGINE) -> np.ndarray:
    return model.infer(numbered([*texts()[1][:6], "", "unheard"]), engine).vectors


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("strategy", ["oversampled(2)", "ensemble(2)"])
def test_what_is_read_infers_the_same_bytes(
    model: str, strategy: str, engine: str, tmp_path: Path
) -> None:
    written = trained(strategy, model).text_model
    write_text_model(written, tmp_path / "m.npz", {"pair": "p"})
    read, about = read_text_model(tmp_path / "m.npz")
    assert np.array_equal(vectors(written, engine), vectors(read, engine))
    assert about == {"tokeniser_source": "", "pair": "p"}
    assert (read.tokeniser, read.inference, read.base_seed, read.settings) == (
        written.tokeniser, written.inference, written.base_seed, written.settings,
    )  # fmt: skip


def test_the_same_model_is_the_same_file(tmp_path: Path) -> None:
    for name in "ab":
        write_text_model(trained().text_model, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def refused(path: Path) -> str:
    with pytest.raises(UserError) as caught:
        read_text_model(path)
    return str(caught.value).replace(str(path), "FILE")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "m.d2vbench.npz"
    write_text_model(trained().text_model, path)
    return path


AGAIN = "copy it again from where it was whole, or train the model again"


def test_no_file(tmp_path: Path) -> None:
    assert refused(tmp_path / "x") == "there is no model file FILE"


@pytest.mark.parametrize("kept", [0, 1, 10, 0.3, 0.9, 0.999])
def test_a_file_cut_short_is_one_sentence(file: Path, kept: float) -> None:
    whole = file.read_bytes()
    file.write_bytes(whole[: kept if isinstance(kept, int) else round(kept * len(whole))])
    assert refused(file) == (f"FILE is damaged (it is no archive of arrays, or not whole): {AGAIN}")


def test_any_byte_that_flips_is_noticed_or_does_not_matter(file: Path) -> None:
    whole = file.read_bytes()
    expected = vectors(trained().text_model)
    noticed = 0
    for place in np.linspace(0, len(whole) - 1, 60).astype(int).tolist():
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        try:
            model, _ = read_text_model(file)
        except UserError as error:
            assert "is damaged (" in str(error)
            noticed += 1
        else:
            # Time stamps and the like in the archive's own directory.
            assert np.array_equal(vectors(model), expected)
    assert noticed > 40


def test_pickles_are_not_opened(file: Path, tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, ...]:
            return Path.touch, (tmp_path / "ran",)

    file.write_bytes(pickle.dumps(Evil()))
    assert "is damaged (it is no archive of arrays" in refused(file)
    np.savez(file, about=np.asarray([Evil()], dtype=object))
    assert "is damaged (it is no archive of arrays" in refused(file)
    np.save(tmp_path / "x.npy", np.zeros(3))
    file.write_bytes((tmp_path / "x.npy").read_bytes())
    assert refused(file) == f"FILE is damaged (it is no archive of arrays, or not whole): {AGAIN}"
    assert not (tmp_path / "ran").exists()


def rewrite(path: Path, checksum: bool = True, **changes: object) -> None:
    """Change arrays, or values of ``about``, and put the checksum right again."""
    with np.load(path) as read:
        arrays = {name: read[name] for name in read.files}
    about = json.loads(arrays["about"].tobytes())
    for name, value in changes.items():
        if isinstance(value, np.ndarray):
            arrays[name] = value
        else:
            about[name] = value
    arrays["about"] = _bytes(json.dumps(about))
    if checksum:
        arrays["sha256"] = _bytes(_checksum(arrays))
    np.savez(path, **arrays)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"base_seed": -1}, "-1 is no seed"),
        ({"models": 0}, "0 is no number of models"),
        ({"models": "2"}, "'2' is no number of models"),
        ({"models": 2}, "1.words is missing"),
        ({"more": []}, "it does not say what it holds"),
        ({"settings": {"model": "x"}}, "UsageError: unknown model 'x'"),
        ({"settings": {"modell": "dbow"}}, "TypeError: "),
        ({"inference": {"epochs": 0}}, "UsageError: epochs of inference must be"),
        ({"inference": {"alpha": -1.0}}, "UsageError: alpha of inference must fall"),
        ({"0.counts": np.ones(3, np.int64)}, "words and counts do not go together"),
        ({"0.outputs": np.zeros((2, 8), np.float32)}, "0.outputs has float32 (2, 8) in place of "),
        ({"0.words": np.zeros(2, np.float32)}, "0.words is no text"),
    ],
)
def test_impossible_contents_are_one_sentence(file: Path, change: dict, why: str) -> None:
    rewrite(file, **change)
    message = refused(file)
    assert message.startswith(f"FILE is damaged ({why}")
    assert message.endswith(f"): {AGAIN}")


def test_values_that_are_no_numbers(file: Path) -> None:
    with np.load(file) as read:
        outputs, counts = read["0.outputs"].copy(), read["0.counts"].copy()
    outputs[0, 0] = np.nan
    rewrite(file, **{"0.outputs": outputs})
    assert "(0.outputs holds values that are no numbers)" in refused(file)
    counts[0] = 0
    rewrite(file, **{"0.counts": counts})
    assert "(words or counts are impossible)" in refused(file)
    rewrite(file, checksum=False, base_seed=5)
    assert refused(file) == f"FILE is damaged (its checksum does not fit): {AGAIN}"


def test_a_newer_version_is_said_to_be_one(file: Path) -> None:
    rewrite(file, schema=SCHEMA + 1)
    assert refused(file) == (
        f"FILE has schema {SCHEMA + 1}, this d2vbench knows {SCHEMA}: a newer version wrote it; "
        "use that one, or train the model again"
    )


def test_a_file_does_not_decide_what_is_called(file: Path) -> None:
    tokeniser = {"lower": True, "min_length": 2, "max_length": 15, "function": "os:system"}
    rewrite(file, tokeniser=tokeniser)
    assert refused(file) == (
        "FILE: the model was trained with the tokeniser 'os:system', a function that is called "
        "for every text. If you trust it, give tokeniser='os:system'"
    )
    with pytest.raises(UserError) as caught:
        read_text_model(file, "my:words")
    assert str(caught.value).endswith("give tokeniser='os:system' (got 'my:words')")
    rewrite(file, tokeniser=tokeniser | {"function": ""})
    with pytest.raises(UserError) as caught:
        read_text_model(file, "my:words")
    assert str(caught.value) == (
        f"{file}: the model was trained with d2vbench's own tokeniser, not with 'my:words': "
        "leave tokeniser out"
    )
    rewrite(file, tokeniser=tokeniser | {"function": WHITESPACE})
    assert read_text_model(file)[0].tokeniser == Tokeniser(function=WHITESPACE)


def test_a_bomb_is_refused(file: Path) -> None:
    np.savez_compressed(file, about=np.zeros(20 << 20, np.uint8))
    assert refused(file) == f"FILE is damaged (it is no archive of arrays, or not whole): {AGAIN}"
