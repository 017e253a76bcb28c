"""``--generic`` and ``--domain`` as people type them."""

from __future__ import annotations

import argparse
import gzip
import json
import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import d2vbench
from d2vbench.cli.arguments import add_own_corpora, chosen_pairs
from d2vbench.cli.main import main
from d2vbench.corpora.store.tokenise import Tokeniser

FAST = [
    "run", "strategies", "--profile", "quick", "--seeds", "1", "--strategy", "combined",
    "--epochs", "1", "--jobs", "1", "--out", "out",
]  # fmt: skip
OWN = ["--generic", "wiki.txt", "--domain", "reviews.csv"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a generic and a domain corpus of two classes that differ in their words."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(5)
    words = [[c + v + c + w for v in "aeiou" for w in "aeiou"] for c in "bdfg"]

    def text(topics: list[int]) -> str:
        pool = [word for t in topics for word in words[t]]
        return " ".join(rng.choice(pool, 30))

    rows = [{"body": text([i % 2, 2]), "kind": "ab"[i % 2], "n": i} for i in range(40)]
    (tmp_path / "wiki.txt").write_text("".join(text([0, 1, 2, 3]) + "\n" for _ in range(60)))
    pd.DataFrame(rows).to_csv("reviews.csv", index=False)
    return tmp_path


def parse(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pair", action="append")
    add_own_corpora(parser)
    return parser.parse_args(arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--generic", "wiki.txt"], "--generic needs --domain: a pair has two corpora"),
        (["--domain", "reviews.csv"], "--domain needs --generic: a pair has two corpora"),
        (["--text", "body"], "--text is for your own corpora: give --generic and --domain"),
        (["--split", ""], "--split is for your own corpora: give --generic and --domain"),
        (["--keep-case"], "--keep-case is for your own corpora: give --generic and --domain"),
        (
            [*OWN, "--pair", "synthetic"],
            "pair synthetic has its own corpora: give either its name or --generic and --domain",
        ),
        (
            ["--generic", "wiki.txt", "--domain", "review.csv"],
            "--domain review.csv: no such file or folder",
        ),
        ([*OWN, "--min-length", "0"], "--min-length must be 1 to 15, got 0"),
        (
            [*OWN, "--tokeniser", "whitespace", "--keep-case"],
            "--keep-case does not go with --tokeniser, which decides alone",
        ),
        (
            [*OWN, "--tokeniser", "no.such:thing"],
            "--tokeniser: tokeniser 'no.such:thing' was not found (No module named 'no'): "
            "expected whitespace, letters, characters-1, characters-2, characters-3, "
            "characters-4, lines, or package.module:function, importable from where d2vbench runs",
        ),
        (
            [*OWN, "--tokeniser", "builtins:len"],
            "--tokeniser: tokeniser 'builtins:len': expected a list of str, got 20",
        ),
        (
            [*OWN, "--tokeniser", "json:loads"],
            "--tokeniser: tokeniser 'json:loads' failed on the text 'A text to try it on.': "
            "JSONDecodeError: Expecting value: line 1 column 1 (char 0) (decoder.py, line ",
        ),
        (
            [*OWN, "--encoding", "utf-88"],
            "unknown encoding 'utf-88'",
        ),
    ],
)
def test_options_that_do_not_fit_together(
    folder: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(folder.rglob("*"))
    assert main([*FAST, *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"d2vbench: error: {message}")
    assert captured.err.count("\n") == 1
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", " is empty"),
        (
            b"body,sort\nx,a\n",
            " has no column 'kind'; it has 'body', 'sort': give the name of the label column as "
            "--label",
        ),
        (b"body,kind\n", " holds no document"),
        (
            b"body,kind\ncaf\xe9,a\n",
            ", line 2: byte 0xe9 at offset 13 is not utf-8: give the encoding it was written in, "
            "such as --encoding cp1252",
        ),
    ],
)
def test_bad_data_is_one_sentence_and_nothing_is_written(
    folder: Path, content: bytes, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "reviews.csv").write_bytes(content)
    before = sorted(folder.rglob("*"))
    assert main([*FAST, *OWN, "--label", "kind"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == f"d2vbench: error: {folder / 'reviews.csv'}{message}\n"
    assert sorted(folder.rglob("*")) == before


def test_an_error_in_the_middle_is_one_sentence_too(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (folder / "reviews.csv").open("a") as file:
        file.write("one, two, three,a,1\n")
    assert main([*FAST, *OWN, "--text", "body", "--label", "kind"]) == 1
    assert capsys.readouterr().err == (
        f"d2vbench: error: corpus own-domain-reviews: {folder / 'reviews.csv'}: the row that "
        "begins on line 42 has 5 fields, but the first row names 3 columns: a field with "
        "delimiters or line breaks in it must stand in quotation marks\n"
    )
    assert not (folder / "out").exists()


def test_documents_without_a_word_are_refused_before_training(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pd.DataFrame({"body": ["1 2 3"] * 40, "kind": ["a", "b"] * 20}).to_csv("reviews.csv")
    arguments = [*OWN, "--text", "body", "--label", "kind"]
    (folder / "made" / "before").mkdir(parents=True)
    out = ["--out", str(folder / "made" / "before" / "new" / "run")]
    assert main([*FAST, *arguments, *out]) == 1
    assert capsys.readouterr().err == (
        "d2vbench: error: pair wiki+reviews: the 24 domain training documents hold no word: are "
        "these the texts, and does the tokeniser fit their language?\n"
    )
    assert list((folder / "made").rglob("*")) == [folder / "made" / "before"]


def test_shipped_pairs_are_chosen_as_before() -> None:
    cards, names = chosen_pairs(parse())
    assert names is None
    assert "synthetic" in cards.pairs
    assert chosen_pairs(parse("--pair", "synthetic"))[1] == ("synthetic",)


def test_the_tokeniser_of_the_options(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def tokeniser(*arguments: str) -> Tokeniser:
        cards, names = chosen_pairs(parse(*OWN, "--label", "kind", "--text", "body", *arguments))
        assert names == ("wiki+reviews",)
        return cards.pair(names[0]).tokeniser

    assert tokeniser() == Tokeniser()
    assert tokeniser("--keep-case", "--min-length", "1") == Tokeniser(lower=False, min_length=1)
    # A module in the folder that one stands in.
    (folder / "my_words_for_a_test.py").write_text("def split(text):\n    return text.split('.')\n")
    monkeypatch.setattr(sys, "path", [p for p in sys.path if p not in ("", str(folder))])
    found = tokeniser("--tokeniser", "my_words_for_a_test:split")
    assert found("a b.c") == ["a b", "c"]


def test_a_tokeniser_that_fails_on_one_document_is_one_sentence(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "my_first_word.py").write_text("def words(text):\n    return [text.split()[0]]\n")
    monkeypatch.syspath_prepend(folder)
    rows = pd.read_csv("reviews.csv")
    rows.loc[2, "body"] = " "
    rows.to_csv("reviews.csv", index=False)
    own = [*OWN, "--text", "body", "--label", "kind", "--tokeniser", "my_first_word:words"]
    assert main([*FAST, *own]) == 1
    assert capsys.readouterr().err == (
        "d2vbench: error: corpus own-domain-reviews: document 0000000003: tokeniser "
        "'my_first_word:words' failed on the text ' ': IndexError: list index out of range "
        "(my_first_word.py, line 2); it must return a list of str for any text, also for an empty "
        "one\n"
    )


def test_a_run_on_ones_own_data(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [*FAST, *OWN, "--text", "body", "--label", "kind"]
    assert main(arguments) == 0, capsys.readouterr().err
    out = capsys.readouterr().out
    assert (
        "Generic: wiki.txt, one document a line. Domain: reviews.csv, CSV (text in column 'body', "
        "label in column 'kind')." in out
    )
    assert (
        "wiki+reviews: 60 generic documents, 24 + 16 domain documents (train + test) of 2 classes. "
        "Left out: nothing." in out
    )
    assert "wiki+reviews, PV-DBOW" in out
    manifest = json.loads((folder / "out/manifest.json").read_text())
    pair = manifest["pairs"]["wiki+reviews"]
    assert (pair["generic_documents"], pair["train_documents"], pair["test_documents"]) == (
        60, 24, 16,
    )  # fmt: skip
    assert pair["classes"] == ["a", "b"]
    # Paths are nobody's business but the person's: they are in no result.
    assert str(folder) not in (folder / "out/manifest.json").read_text()
    assert str(folder) not in (folder / "out/report.md").read_text()

    # The same corpora in other formats: the documents are the same, so nothing is to be computed.
    table = pd.read_csv("reviews.csv")
    (folder / "json").mkdir()
    table.to_json("json/reviews.jsonl", orient="records", lines=True)
    packed = gzip.compress((folder / "wiki.txt").read_bytes())
    (folder / "json/wiki.txt.gz").write_bytes(packed)
    other = ["--generic", "json/wiki.txt.gz", "--domain", "json/reviews.jsonl"]
    assert main([*FAST, *other, "--text", "body", "--label", "kind"]) == 0
    assert "all 2 cells are there already: nothing to compute" in capsys.readouterr().out


def test_a_pair_of_ones_own_is_described(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["describe", *OWN, "--text", "body", "--label", "kind", "--plot", "x.png"]) == 0
    out = capsys.readouterr().out
    assert "wiki+reviews" in out
    assert (folder / "x.png").exists()
    before = sorted(folder.rglob("*"))
    assert main(["describe", *OWN, "--text", "body", "--label", "kind"]) == 0
    assert "Drawn" not in capsys.readouterr().out
    for name, message in (
        ("x.jpg", "expected a name that ends in .png, .svg or .pdf"),
        ("no/x.png", "there is no folder no"),
    ):
        assert main(["describe", *OWN, "--text", "body", "--label", "kind", "--plot", name]) == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err == f"d2vbench: error: --plot {name}: {message}\n"
    assert sorted(folder.rglob("*")) == before
    assert main(["describe"]) == 2
    assert capsys.readouterr().err == (
        "d2vbench: error: which pair? Give its name (see: d2vbench list), or --generic and "
        "--domain\n"
    )


def test_labels_of_any_kind_are_shown_as_they_can_be(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = pd.read_csv("reviews.csv")
    labels = ["a" * 1000, "b\x1b[31m"]
    table["kind"] = [labels[i % 2] for i in range(len(table))]
    table.to_csv("reviews.csv")
    assert main(["describe", *OWN, "--text", "body", "--label", "kind"]) == 0
    out = capsys.readouterr().out
    assert f" {'a' * 39}… " in out
    assert "b?[31m" in out
    assert "\x1b" not in out


def test_warnings_come_before_training_and_stay_in_the_report(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = (folder / "wiki.txt").read_text() + "12 34\n" * 10
    (folder / "wiki.txt").write_text(lines)
    own = [*OWN, "--text", "body", "--label", "kind"]
    said = (
        "warning: 10 of 70 generic documents (14%) have no word: is --text the right column, and "
        "does --tokeniser fit the language?"
    )
    assert main([*FAST, *own]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out.index(said) < next(i for i, line in enumerate(out) if line.startswith("computing"))
    assert said[9:30] in (folder / "out/report.md").read_text()
    assert d2vbench.Run(folder / "out").warnings == {"wiki+reviews": [said]}
    assert main(["describe", *own]) == 0
    assert said in capsys.readouterr().out.splitlines()
    small = ["--vector-size", "4", "--epochs", "1", "--min-count", "2", "--output", "m.model"]
    assert main(["train", "--strategy", "combined", *own, *small]) == 0
    assert said in capsys.readouterr().out.splitlines()


def test_options_for_own_data_reach_the_pair(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = pd.read_csv("reviews.csv")
    table["kind"] = ["A ", "b", "a", "B"] * 10
    table["part"] = ["train"] * 24 + ["dev"] * 8 + ["test"] * 8
    for name, rows in (("one.csv", table[:20]), ("two.csv", table[20:])):
        rows.to_csv(name, index=False, header=False, encoding="utf-16-le")
    own = [
        "--generic", "wiki.txt", "--domain", "one.csv", "two.csv", "--no-header", "--text", "1",
        "--label", "2", "--split", "4", "--domain-encoding", "utf-16-le",
    ]  # fmt: skip
    assert main(["describe", *own]) == 1
    assert "say what becomes of these documents with --validation train" in capsys.readouterr().err
    own += ["--validation", "train", "--near-duplicates", "keep"]
    assert main(["describe", *own]) == 0
    assert "--normalise-labels joins them" in capsys.readouterr().out
    assert main(["describe", *own, "--normalise-labels"]) == 0
    out = capsys.readouterr().out
    assert "--normalise-labels" not in out
    assert re.search(r"D-train +32 ", out) and re.search(r"D-test +8 ", out)


def test_a_chinese_pair_from_end_to_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Sentences of two-character words without blanks: two topics, and words of both."""
    monkeypatch.chdir(tmp_path)
    topics = {
        "动物": ["大象", "老虎", "猴子", "兔子", "狐狸", "松鼠", "熊猫", "骆驼", "斑马", "长颈"],
        "天气": ["下雨", "刮风", "打雷", "晴天", "多云", "台风", "冰雹", "大雾", "下雪", "气温"],
        "": ["今天", "我们", "他们", "看见", "公园", "学校", "朋友", "老师", "非常", "喜欢"],
    }
    rng = np.random.default_rng(3)

    def text(names: list[str]) -> str:
        words = [word for name in names for word in topics[name]]
        return "。".join("".join(rng.choice(words, 9)) for _ in range(4))

    generic = [text(list(topics)) for _ in range(60)]
    (tmp_path / "g.txt").write_text("\n".join(generic), encoding="gb18030")
    rows = [{"text": text([label, ""]), "label": label} for _ in range(30) for label in
            ("动物", "天气")]  # fmt: skip
    (tmp_path / "d.json").write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-16")
    own = ["--generic", "g.txt", "--domain", "d.json", "--generic-encoding", "gb18030"]
    many = [*FAST, "--epochs", "60", "--sample", "0", "--vector-size", "20"]
    assert main([*many, *own]) == 1
    assert "--tokeniser jieba:lcut (pip install jieba), or --tokeniser characters-2" in (
        capsys.readouterr().err
    )
    assert not (tmp_path / "out").exists()
    assert main([*many, *own, "--tokeniser", "characters-2"]) == 0
    run = d2vbench.Run(tmp_path / "out")
    assert run.data.manifest["pairs"]["g+d"]["classes"] == ["动物", "天气"]
    combined = run.summary[run.summary["strategy"] == "combined"]
    assert combined["accuracy"].min() > 0.8


def test_a_run_on_documents_of_several_labels(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """From the command line with cells to take apart, and from Python with lists."""
    table = pd.read_csv("reviews.csv")
    table["kind"] = [f"{k} | c" if i % 3 == 0 else k for i, k in enumerate(table["kind"])]
    table.to_csv("reviews.csv", index=False)
    own = [*OWN, "--text", "body", "--label", "kind"]
    assert main([*FAST, *own, "--several-labels", "each", "--label-separator", "|"]) == 0
    said = (
        "warning: 14 of 40 domain documents (35%) have several labels (1.35 a document): in "
        "training each counts once under every label; a test document is right if any of its "
    )
    assert said in capsys.readouterr().out.replace("\n", " ")
    assert said in (folder / "out/report.md").read_text()
    manifest = json.loads((folder / "out/manifest.json").read_text())
    assert manifest["pairs"]["wiki+reviews"]["classes"] == ["a", "b", "c"]
    # Packed and reported as any other run, by what was right.
    assert main(["pack", "out", "--out", "packed"]) == 0
    assert main(["report", "packed"]) == 0
    labels = [kind.split(" | ") for kind in table["kind"]]
    run = d2vbench.run(
        "strategies", generic="wiki.txt", domain=(list(table["body"]), labels), profile="quick",
        several_labels="each", seeds=1, epochs=1, strategies="combined", models="dbow", jobs=1,
        quiet=True,
    )  # fmt: skip
    cells = run.data.cells
    assert set(cells["domain_labels"] + cells["test_labels"]) == {54}
    assert [x for (lines,) in [run.warnings.values()] for x in lines if "have several labels" in x]
    capsys.readouterr()
    assert main([*FAST, *own, "--label-separator", "|"]) == 2
    assert capsys.readouterr().err == (
        "d2vbench: error: --label-separator parts a label into several: say with --several-labels "
        "first or --several-labels each which of them count\n"
    )
