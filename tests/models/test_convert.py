"""``d2vbench convert``: models of old gensims, as people type it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from gensim.models.doc2vec import Doc2Vec
from saved_models_support import MODELS, VARIANTS, Call, copied, expected, model_path

from d2vbench.cli.main import main
from d2vbench.corpora.store.memory import numbered
from d2vbench.families.doc2vec.saved import keep_model, read_gensim, to_gensim
from d2vbench.models import read_text_model

TEXTS = ["ban dan fan ban", "b\xe9r f\xe9n unheard", ""]
UNSAID = (
    "The file does not say which tokeniser it was trained with; assumed: lower-cased runs of "
    "letters. Another: --tokeniser\n"
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def convert(name: str, *arguments: str) -> int:
    return main(["convert", str(model_path(name)), "new", *arguments])


@pytest.mark.parametrize("name", MODELS)
def test_an_ordinary_file_of_gensim_4(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert convert(name, "--keep-document-vectors") == 0
    model, old = Doc2Vec.load("new"), expected(name)
    assert np.array_equal(model.wv.vectors, old["word_vectors"])
    assert np.array_equal(model.dv.vectors, old["doc_vectors"])
    assert np.array_equal(model.syn1neg, old["outputs"])
    assert model.syn1neg.flags.writeable
    size = len(model.wv)
    saved = read_gensim(model_path(name))
    assert capsys.readouterr().out == (
        f"new: {size} words, {len(model.dv)} document vectors of 6 components, from gensim "
        f"{saved.gensim}\n{UNSAID}Card: new.md\n"
    )
    first = saved.tags[0]
    assert np.array_equal(model.dv[first], old["doc_vectors"][0])


@pytest.mark.parametrize("name", VARIANTS)
def test_infer_takes_what_was_converted(name: str, folder: Path) -> None:
    (folder / "texts.txt").write_text("\n".join(TEXTS[:2]) + "\n", encoding="utf-8")
    assert convert(f"3.8.3/{name}", "--infer-epochs", "7", "--infer-alpha", "0.05") == 0
    text_model, about = read_text_model(Path("new.d2vbench.npz"))
    assert (text_model.inference.epochs, text_model.inference.alpha) == (7, 0.05)
    assert text_model.inference.min_alpha == 0.0001
    assert about["converted"] == f"{name}.model"
    assert about["gensim"] == "3.3 to 3.8"
    assert main(["infer", "texts.txt", "--model", "new", "--output", "v.npy"]) == 0
    vectors = np.load("v.npy")
    # Those that gensim itself infers with the weights and tables that were read.
    model = to_gensim(read_gensim(model_path(f"3.8.3/{name}")))
    model.wv.vectors_lockf = np.ones(1, np.float32)
    text_model = type(text_model)(
        (model,), text_model.settings, text_model.tokeniser, text_model.inference, 0
    )
    reference = text_model.infer(numbered(TEXTS[:2]), "gensim").vectors
    np.testing.assert_allclose(vectors, reference, atol=1e-6)


def test_the_card_works_and_says_what_is_not_known(folder: Path) -> None:
    assert convert("3.8.3/dm-concat", "--tokeniser", "whitespace") == 0
    card = (folder / "new.md").read_text(encoding="utf-8")
    assert "| variant | PV-DM (concatenation) |" in card
    assert "| tokeniser | whitespace |" in card
    assert "d2vbench infer --model 'new' NEW.csv" in card
    found = re.search(r"```python\n(.*?)```", card, re.DOTALL)
    assert found
    code = found[1] + "\nprint(len(vector))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "6\n"
    assert read_text_model(Path("new.d2vbench.npz"))[0].tokeniser.function == "whitespace"


def test_a_model_that_infer_cannot_take(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = to_gensim(read_gensim(model_path("3.8.3/dbow")))
    model.wv.index_to_key[0] = "a\nb"
    model.dv.vectors_lockf = np.zeros(len(model.dv), np.float32)
    model.save("old")
    (folder / "new.d2vbench.npz").write_text("another")
    assert main(["convert", "old", "new", "--force"]) == 0
    why = "a word of its vocabulary has a line break in it"
    printed = capsys.readouterr().out
    assert f"\n'd2vbench infer' cannot take it: {why}\n" in printed
    assert "\nSome of its vectors were locked (lockf); in the new file none is\n" in printed
    assert f"`d2vbench infer` cannot take this model: {why}." in (folder / "new.md").read_text()
    assert not (folder / "new.d2vbench.npz").exists()
    assert Doc2Vec.load("new").wv.index_to_key[0] == "a\nb"


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["convert", *arguments]) in (1, 2)
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err.removeprefix("d2vbench: error: ").rstrip("\n")


def test_what_is_refused_before_anything_is_written(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = copied("3.8.3/split", folder)
    (folder / "there.md").write_text("mine")
    (folder / "broken").mkdir()
    broken = copied("3.8.3/split", folder / "broken")
    (folder / "broken/split.model.trainables.syn1neg.npy").unlink()
    odd = to_gensim(read_gensim(old))
    odd.comment = Call(os.mkdir, str(folder / "sprung"))
    odd.save("odd")
    odd.comment, odd.min_alpha = None, 0.5
    odd.save("flat")
    (folder / "text").write_text("no model")
    before = sorted(folder.rglob("*"))
    for arguments, message in (
        ([str(old), "there"],
         "NEW there: there.md is there already; give another name, or --force to overwrite it"),
        ([str(old), str(old), "--force"], f"NEW {old} is OLD: give another name"),
        ([str(broken), "new"],
         "split.model.trainables.syn1neg.npy is missing beside it; gensim wrote the large arrays"),
        (["odd", "new"], "odd names posix.mkdir, which is no array, vocabulary or setting"),
        (["text", "new"], "text is no file that the save() of gensim's Doc2Vec wrote"),
        (["none", "new"], "there is no model file none"),
        (["flat", "new"],
         "flat: alpha of inference must fall to an end above 0, got 0.025 to 0.5; give "
         "--infer-epochs, --infer-alpha, --infer-min-alpha"),
        ([str(old), "new", "--infer-epochs", "0"], "epochs of inference must be a whole number"),
        ([str(old), "new", "--tokeniser", "no.such:f"], "--tokeniser"),
        ([str(model_path("3.8.3/softmax")), "new"], "was trained with hs=1, negative=0"),
        ([str(model_path("3.8.3/word2vec")), "new"], "holds a Word2Vec: expected a Doc2Vec"),
    ):  # fmt: skip
        if os.name != "posix":
            message = message.replace("posix.mkdir", f"{os.mkdir.__module__}.mkdir")
        assert message in refusal(capsys, *arguments)
    assert sorted(folder.rglob("*")) == before


def test_vectors_of_documents_are_left_out_unless_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert convert("3.8.3/dbow") == 0
    saved = read_gensim(model_path("3.8.3/dbow"))
    n = len(saved.tags)
    assert n
    assert (
        f"Left out: the vectors of {n} documents of training, which inference does not need; "
        "--keep-document-vectors keeps them\n"
    ) in capsys.readouterr().out
    new = Doc2Vec.load("new")
    assert (len(new.dv), new.dv.vectors.shape, new.corpus_count) == (0, (0, 6), n)
    # A warm start goes on from either as from the old file.
    assert keep_model(read_gensim(Path("new"))) == keep_model(saved)
    assert re.search(r"documents with a vector \| 0 ", Path("new.md").read_text())
