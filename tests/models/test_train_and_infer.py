"""``d2vbench train`` and ``d2vbench infer`` as people type them."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from models_support import ENGINE, texts

from d2vbench.bench.execution.runner import RunResult
from d2vbench.cli.main import main
from d2vbench.corpora import load_cards
from d2vbench.models import read_text_model

GENERIC, DOMAIN, LABELS = texts()
OWN = ["--generic", "wiki.txt", "--domain", "mine.txt"]
SMALL = [
    "--vector-size", "8", "--window", "2", "--sample", "0.01", "--min-count", "2", "--epochs", "3",
    "--infer-epochs", "5", "--infer-alpha", "0.03", "--infer-min-alpha", "0.0002",
]  # fmt: skip
NOTHING = (
    "Nothing was measured: this model was trained on all documents, and no run was given that "
    "says what the same recipe reached on held-out ones."
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wiki.txt").write_text("\n".join(GENERIC) + "\n")
    (tmp_path / "mine.txt").write_text("\n".join(DOMAIN) + "\n")
    pd.DataFrame({"body": DOMAIN, "kind": LABELS}).to_csv("mine.csv", index=False)
    return tmp_path


def train(*arguments: str) -> int:
    return main(["train", "--strategy", "oversampled(2)", *SMALL, *arguments])


def code_of(card: str) -> str:
    found = re.search(r"```python\n(.*?)```", card, re.DOTALL)
    assert found
    return found[1]


def test_a_model_that_gensim_loads_alone(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert train(*OWN, "--output", "out/my.model", "--keep-document-vectors") == 0
    printed = capsys.readouterr().out
    assert (
        "out/my.model: 70 documents, 80 words; 0 empty, 0 without a known word, 0 cut at 10,000 "
        "words\n"
    ) in printed
    assert NOTHING in printed
    assert sorted(p.name for p in (folder / "out").iterdir()) == [
        "my.model", "my.model.d2vbench.npz", "my.model.md", "my.model.tags.csv",
    ]  # fmt: skip
    card = (folder / "out/my.model.md").read_text()
    # d2vbench can be imported neither by us nor by the pickle.
    code = (
        "import sys\nsys.modules['d2vbench'] = None\n"
        + code_of(card)
        + (
            "import json\n"
            "print(json.dumps([len(vector), len(model.dv), float(abs(model.dv[69]).sum()) > 0,"
            " model.epochs, model.alpha, model.min_alpha, sorted(model.wv.index_to_key)[:1],"
            " len(model.dv.most_similar(3)), model.lifecycle_events]))\n"
        )
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=folder / "out", capture_output=True,
        text=True, timeout=60, env={**os.environ, "PYTHONHASHSEED": "0"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [8, 70, True, 5, 0.03, 0.0002, ["ban"], 10, None]
    with (folder / "out/my.model.tags.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["tag"]) for row in rows] == list(range(70))
    assert rows[40] == {
        "tag": "40", "side": "domain", "corpus": "own-domain-mine", "document": "0000000001",
        "label": "",
    }  # fmt: skip


@pytest.mark.parametrize("model", ["dbow", "dm-mean"])
def test_vectors_of_training_are_left_out(folder: Path, model: str) -> None:
    """And nothing that a model is used for needs them: inference, gensim's save, more training."""
    from gensim.models.doc2vec import Doc2Vec, TaggedDocument

    from d2vbench.corpora.store.tokenise import Tokeniser
    from d2vbench.models.saved_generic import keep_generic_model

    asked = [*OWN, "--model", model, "--output", "m"]
    found = []
    for more in (["--keep-document-vectors"], ["--force"]):
        assert train(*asked, *more) == 0
        assert main(["infer", "mine.txt", "--model", "m", "--output", f"{len(more[0])}.npy"]) == 0
        found.append(keep_generic_model(Path("m"), [Tokeniser()], False))
    assert found[0] == found[1]
    assert np.array_equal(np.load("23.npy"), np.load("7.npy"))
    assert not Path("m.tags.csv").exists()  # The first one's.
    card = Path("m.md").read_text()
    assert "holds no vectors of the documents of training" in card
    assert "table of tags" not in card

    Doc2Vec.load("m").save("again")
    loaded = Doc2Vec.load("again")
    words = DOMAIN[0].split()
    assert loaded.corpus_count == 70
    assert (len(loaded.dv), loaded.dv.vectors.shape) == (0, (0, 8))
    assert loaded.dv.most_similar([loaded.infer_vector(words)]) == []
    new = [TaggedDocument([*words, "fresh"] * 3, [i]) for i in range(20)]
    loaded.build_vocab(new, update=True)
    loaded.dv.resize_vectors()  # As the card says.
    loaded.train(new, total_examples=20, epochs=2)
    assert "fresh" in loaded.wv
    assert len(loaded.dv.most_similar([loaded.infer_vector(words)], topn=20)) == 20


def test_a_model_does_not_grow_with_its_documents(folder: Path) -> None:
    sizes: dict[bool, list[int]] = {}
    for kept in (True, False):
        for times in (1, 8):
            (folder / "wiki.txt").write_text("\n".join(GENERIC * times) + "\n")
            more = ["--keep-document-vectors"] if kept else []
            assert train(*OWN, "--output", "m", "--force", *more) == 0
            sizes.setdefault(kept, []).append(Path("m").stat().st_size)
    assert sizes[True][1] - sizes[True][0] > 280 * 8 * 4
    # Numbers of another length in the pickle.
    assert abs(sizes[False][1] - sizes[False][0]) < 64


@pytest.mark.parametrize("ending", ["npy", "parquet", "csv"])
def test_vectors_in_files(folder: Path, ending: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert train(*OWN, "--output", "m") == 0
    (folder / "new.txt").write_text("\n".join([*DOMAIN[:3], "", "unheard"]) + "\n")
    capsys.readouterr()
    assert main(["infer", "--model", "m", "new.txt", "--output", f"v.{ending}"]) == 0
    out = capsys.readouterr().out.splitlines()
    says = "the vector is where inference starts from and says nothing of the text"
    assert out[:2] == [
        f"1 of 5 documents without words: {says} (0000000004)",
        f"1 of 5 documents without a word of the vocabulary: {says} (0000000005)",
    ]
    assert out[2].startswith(f"v.{ending}: 5 vectors of 8 components (engine: ")
    model, about = read_text_model(folder / "m.d2vbench.npz")
    assert about["pair"] == "wiki+mine"
    from d2vbench.corpora.store.memory import numbered

    expected = model.infer(numbered([*DOMAIN[:3], "", "unheard"]), ENGINE).vectors
    if ending == "npy":
        found = np.load(f"v.{ending}", allow_pickle=False)
    else:
        read = pd.read_csv if ending == "csv" else pd.read_parquet
        kind = {"dtype": {"name": str}} if ending == "csv" else {}
        table = read(f"v.{ending}", **kind)
        assert list(table.columns) == ["name", *(f"d{i}" for i in range(8))]
        assert table["name"].tolist() == [f"{i:010}" for i in range(1, 6)]
        found = table.drop(columns="name").to_numpy().astype(np.float32)
    assert np.array_equal(found, expected)


def test_labels_are_not_needed_and_change_nothing_but_the_table(folder: Path) -> None:
    assert train(*OWN, "--output", "a") == 0
    layout = ["--domain", "mine.csv", "--text", "body"]
    assert train("--generic", "wiki.txt", *layout, "--output", "b") == 0
    assert (
        train(
            "--generic",
            "wiki.txt",
            *layout,
            "--label",
            "kind",
            "--output",
            "c",
            "--keep-document-vectors",
        )
        == 0
    )
    for source in ("mine.txt", "mine.csv"):
        for model in "abc":
            output = f"{source}-{model}.npy"
            text = ["--text", "body"] if source == "mine.csv" else []
            assert main(["infer", source, "--model", model, "--output", output, *text]) == 0
    vectors = [np.load(f"{s}-{m}.npy") for s in ("mine.txt", "mine.csv") for m in "abc"]
    assert all(np.array_equal(vectors[0], other) for other in vectors[1:])
    assert pd.read_csv("c.tags.csv")["label"].tolist()[40:] == LABELS


def test_all_documents_of_a_pair_are_trained_on(folder: Path) -> None:
    """Also those of test and those without a label."""
    table = pd.DataFrame({"text": DOMAIN, "label": [*LABELS[:20], *[None] * 10]})
    table["split"] = ["train", "test"] * 15
    table.to_csv("mine.csv", index=False)
    arguments = ["--generic", "wiki.txt", "--domain", "mine.csv"]
    # An unlabelled document may lack a split.
    assert train(*arguments, "--output", "m", "--keep-document-vectors") == 0
    assert len(pd.read_csv("m.tags.csv")) == 70


def test_an_ensemble_is_two_models_side_by_side(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = "--keep-document-vectors"
    assert train(*OWN, "--strategy", "ensemble(2)", "--output", "m", keep) == 0
    assert "The strategy trains 2 models: a document's vector is" in capsys.readouterr().out
    assert sorted(p.name for p in folder.glob("m*") if "mine" not in p.name) == [
        "m.1", "m.1.tags.csv", "m.2", "m.2.tags.csv", "m.d2vbench.npz", "m.md",
    ]  # fmt: skip
    assert main(["infer", "mine.txt", "--model", "m", "--output", "v.npy"]) == 0
    assert np.load("v.npy").shape == (30, 8)
    place: dict[str, object] = {}
    exec(code_of((folder / "m.md").read_text()), place)
    assert np.shape(place["vector"]) == (8,)
    assert pd.read_csv("m.2.tags.csv")["side"].unique().tolist() == ["domain"]


def test_a_tokeniser_of_ones_own(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])
    (folder / "my_words.py").write_text("def split(text):\n    return text.split()\n")
    own = ["--tokeniser", "my_words:split"]
    assert train(*OWN, *own, "--output", "m") == 0
    place: dict[str, object] = {}
    exec(code_of((folder / "m.md").read_text()), place)
    assert np.shape(place["vector"]) == (8,)
    capsys.readouterr()
    infer = ["infer", "mine.txt", "--model", "m", "--output", "v.npy"]
    assert main(infer) == 2
    assert capsys.readouterr().err == (
        "d2vbench: error: m.d2vbench.npz: the model was trained with the tokeniser "
        "'my_words:split', a function that is called for every text. If you trust it, give "
        "--tokeniser my_words:split\n"
    )
    assert main([*infer, *own]) == 0
    assert capsys.readouterr().err == ""
    (folder / "my_words.py").write_text("def split(text):\n    return text.split(' ')\n")
    assert main([*infer, *own]) == 0
    assert capsys.readouterr().err == (
        "WARNING: my_words:split is in another file, or a changed one, than when the model was "
        "trained: if it finds other words, the vectors differ.\n"
    )


@pytest.mark.parametrize("keep_case", [False, True])
def test_the_cards_code_finds_the_words_of_training(folder: Path, keep_case: bool) -> None:
    options = ["--min-length", "3", *(["--keep-case"] if keep_case else [])]
    assert train(*OWN, *options, "--output", "m") == 0
    code = code_of((folder / "m.md").read_text())
    code = code.replace("A text to infer a vector for.", "Ab ABC x_yz _no école 12a\u0300b")
    place: dict[str, object] = {}
    exec(code, place)
    model, _ = read_text_model(folder / "m.d2vbench.npz")
    assert place["words"] == model.tokeniser("Ab ABC x_yz _no école 12a\u0300b")


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    capsys.readouterr()
    assert main(list(arguments)) in (1, 2)
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err.removeprefix("d2vbench: error: ").rstrip("\n")


def test_what_is_refused_before_anything_is_read(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "there.md").write_text("mine")
    (folder / "dir").mkdir()
    strategy = ["--strategy", "combined"]
    for arguments, message in (
        ([*strategy, *OWN, "--output", "there"],
         "--output there: there.md is there already; give another name, or --force to "
         "overwrite it"),
        ([*strategy, *OWN, "--output", "dir"],
         "--output dir: dir is a folder; give another name"),
        ([*strategy, *OWN, "--output", "m.d2vbench.npz"],
         "--output 'm.d2vbench.npz': expected the name of a file that can be printed and does "
         "not end in .d2vbench.npz, such as reviews.model"),
        ([*OWN, "--output", "m"],
         "which strategy? Give --strategy, or --from-run with a run's folder"),
        ([*strategy, "--output", "m"],
         "which pair? Give --pair (see: d2vbench list), or --generic and --domain"),
        ([*strategy, "--pair", "synthetic", *OWN, "--output", "m"],
         "pair synthetic has its own corpora"),
        ([*strategy, *OWN, "--text", "x", "--output", "m"],
         "--text names a column"),
        ([*strategy, *OWN, "--min-alpha", "0", "--output", "m"],
         "min_alpha must be greater than 0"),
        (["--strategy", "ensemble", "--vector-size", "9", *OWN, "--output", "m"],
         "2 models divide vector_size between them"),
        (["--from-run", "none", *OWN, "--output", "m"],
         f"none holds no run: {Path('none/manifest.json')} is missing"),
    ):  # fmt: skip
        assert message in refusal(capsys, "train", *arguments)
    assert sorted(p.name for p in folder.iterdir()) == [
        "dir", "mine.csv", "mine.txt", "there.md", "wiki.txt",
    ]  # fmt: skip


def test_what_infer_refuses(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert train(*OWN, "--output", "m") == 0
    infer = ["infer", "--model", "m"]
    for arguments, message in (
        (["mine.txt", "--output", "v.xlsx"],
         "--output v.xlsx: expected a name that ends in .npy or .parquet or .csv"),
        (["mine.txt", "--output", "no/v.npy"], "--output no/v.npy: there is no folder no"),
        (["none.txt", "--output", "v.npy"], "INPUT none.txt: no such file or folder"),
        (["mine.txt", "--text", "x", "--output", "v.npy"],
         f"--text names a column, but {folder / 'mine.txt'} is no table"),
        (["mine.csv", "--output", "v.npy"],
         f"{folder / 'mine.csv'} has no column 'text'"),
        (["mine.txt", "--threads", "0", "--output", "v.npy"],
         "--threads must be 1 or more, got 0"),
        (["mine.txt", "--model", "n", "--output", "v.npy"],
         "there is no model file n.d2vbench.npz"),
    ):  # fmt: skip
        assert message in refusal(capsys, *infer, *arguments)
    (folder / "m.d2vbench.npz").write_bytes(b"PK")
    assert "m.d2vbench.npz is damaged" in refusal(capsys, *infer, "mine.txt", "--output", "v.npy")
    assert not list(folder.glob("v.*"))


def test_force_overwrites(folder: Path) -> None:
    assert train(*OWN, "--output", "m") == 0
    before = (folder / "m").read_bytes()
    assert train(*OWN, "--output", "m", "--force") == 0
    assert (folder / "m").read_bytes() == before
    assert train(*OWN, "--output", "m", "--force", "--seed", "1") == 0
    assert (folder / "m").read_bytes() != before


@pytest.fixture
def small_card_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cards of the pair of the finished run, as files."""
    parameters = load_cards().corpora["synthetic"].parameters | {
        "classes": 4, "generic_documents": 200, "domain_documents": 120,
    }  # fmt: skip
    lines = [f"{name} = {json.dumps(value)}" for name, value in parameters.items()]
    cards = tmp_path / "cards"
    cards.mkdir()
    (cards / "small.toml").write_text(
        'name = "small"\nversion = "1"\ntitle = "t"\ndescription = "d"\nreader = "synthetic"\n'
        'licence = "CC0-1.0"\n[parameters]\n' + "\n".join(lines)
    )
    (cards / "small.pair.toml").write_text(
        'name = "small"\nversion = "1"\ntitle = "t"\ndescription = "d"\nnear_duplicate = 1.0\n'
        '[generic]\ncorpus = "small"\ninclude = ["generic.*"]\n'
        '[domain]\ncorpus = "small"\ninclude = ["domain.*"]\ntrain_share = 0.5\n'
    )
    monkeypatch.setenv("D2VBENCH_CARDS", str(cards))


@pytest.mark.usefixtures("small_card_folder")
def test_from_a_run_to_the_model_it_speaks_for(
    folder: Path, finished_run: RunResult, capsys: pytest.CaptureFixture[str]
) -> None:
    run = str(finished_run.out)
    assert main(["train", "--from-run", run, "--output", "m"]) == 0
    printed = capsys.readouterr().out
    assert "small, PV-DBOW, all labels: 2 variants compared over 2 seeds." in printed
    expected = re.search(r"Expected accuracy: ([0-9.]+) % \[", printed)
    assert expected
    card = (folder / "m.md").read_text()
    assert f"{expected[1]} % [" in card
    assert "mean of 2 seeds" in card
    assert "other documents" not in card
    assert "- Best: " in card
    model, about = read_text_model(folder / "m.d2vbench.npz")
    assert (model.settings.vector_size, model.settings.min_count) == (16, 2)
    assert f"Best: {about['strategy'].replace('(1)', '')}" in printed
    assert "Presented: 320 documents" in card

    # The same by name, with the run as evidence.
    chosen = ["--strategy", about["strategy"], "--schedule", about["schedule"], "--pair", "small"]
    settings = ["--vector-size", "16", "--min-count", "2", "--epochs", "12"]
    assert main(["train", *chosen, *settings, "--run", run, "--output", "n"]) == 0
    assert f"Expected accuracy: {expected[1]} % [" in capsys.readouterr().out
    assert (folder / "n").read_bytes() == (folder / "m").read_bytes()

    assert main(["train", *chosen, "--run", run, "--output", "o"]) == 0
    assert (
        "Nothing was measured: the run that was given has no finished cell of this pair, "
        "strategy, schedule and settings.\n"
    ) in capsys.readouterr().out

    for arguments, message in (
        (["--epochs", "3"],
         "--epochs does not go with --from-run, which takes strategy, schedule and settings from "
         "the run: give --strategy and --run in its place"),
        (["--generic-model", "nowhere"],
         "--generic-model does not go with --from-run, which takes strategy, schedule and settings "
         "from the run: give --strategy and --run in its place"),
        (["--word-vectors", "nowhere"],
         "--word-vectors does not go with --from-run, which takes strategy, schedule and settings "
         "from the run: give --strategy and --run in its place"),
        (["--pair", "synthetic"], "unknown pair 'synthetic': (valid: small)"),
        (["--model", "dbow-words"],
         "unknown model 'dbow-words': did you mean 'dbow'? (valid: dbow, dm-mean)"),
        (["--model", "dm-mean"],
         "the run says too little of small to recommend anything: it takes two strategies with "
         "results of the same two seeds; run the study to its end, or name the strategy with "
         "--strategy"),
    ):  # fmt: skip
        assert refusal(capsys, "train", "--from-run", run, "--output", "p", *arguments) == message


def test_a_run_of_ones_own_files_does_not_say_where_they_are(
    folder: Path, finished_run: RunResult, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without its cards, the pair of the run is as one of a person's own files."""
    run = str(finished_run.out)
    assert refusal(capsys, "train", "--from-run", run, "--output", "m") == (
        "pair small of the run is of your own files, whose place no result tells: give --generic "
        "and --domain as for that run"
    )
    assert refusal(capsys, "train", "--from-run", run, *OWN, "--output", "m") == (
        "unknown pair 'wiki+mine': (valid: small)"
    )
