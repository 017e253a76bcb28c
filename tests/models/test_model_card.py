"""The model card: what it says, and names that would be markup."""

from __future__ import annotations

import csv
import dataclasses
import io
import re
from pathlib import Path

import numpy as np
import pytest
from models_support import recipe, selection, texts, trained

from d2vbench.analysis import Interval
from d2vbench.corpora.cards import CorpusCard, PairCard, SideCard
from d2vbench.corpora.pairs.whole import Whole
from d2vbench.corpora.store.tokenise import Tokeniser
from d2vbench.families import InferenceSettings
from d2vbench.models import Degenerate, Inferred
from d2vbench.models.evidence import Expected
from d2vbench.models.model_card import Facts, model_card, snippet
from d2vbench.models.vector_files import write_csv, write_vectors

HOSTILE = "<b>=1|2`\\$x_*[a](http://e.org)#~\n# big"
ENVIRONMENT = {
    "d2vbench": "0", "python": "3", "packages": {"gensim": "4"}, "cpu": "c", "system": "s",
}  # fmt: skip


def facts(name: str = "wiki", **changes: object) -> Facts:
    generic, domain, _ = texts()
    cards = [
        CorpusCard(f"own-{side}", "1", name, name, "files", name, citation="```\n@x{}")
        for side in ("generic", "domain")
    ]
    pair = PairCard(
        name, "1", name, name, SideCard("own-generic", include=[name]), SideCard("own-domain")
    )
    data = Whole(
        pair, selection(generic), selection(domain), cards[0], cards[1], {"generic_over_cap": 3}
    )
    values = {
        "data": data, "files": ("m",), "model": "m", "environment": ENVIRONMENT,
        "expected": None, "why": "Nothing was measured.",
    }  # fmt: skip
    return Facts(**(values | changes))  # type: ignore[arg-type]


def test_names_come_out_as_text() -> None:
    name = f"a{HOSTILE}"
    file = "it's a <model>.x"
    card = model_card(trained(), facts(name, model=file, files=(file,), why=name, reasons=(name,)))
    # Outside of code nothing of it is markup.
    prose = re.sub(r"(?s)^(`{3,})[a-z]*\n.*?\n\1$", "", card, flags=re.MULTILINE)
    for sign in ("<b>", "1|2", "[a]", "\n# big", "$x_*"):
        assert sign not in prose
    assert "a\\<b\\>=1\\|2\\`\\\\\\$x\\_\\*\\[a\\](http://e.org)\\#\\~ \\# big" in prose
    assert "````bibtex\n```\n@x{}\n````" in card
    assert "--model 'it'\\''s a <model>.x' NEW.csv" in card
    assert 'Doc2Vec.load("it\'s a <model>.x")' in card
    rows = [line for line in prose.splitlines() if line.startswith("| ")]
    widths = {len(re.findall(r"(?<!\\)\|", row)) for row in rows}
    assert widths == {3, 7, 8}


def test_what_the_card_says() -> None:
    card = model_card(trained(), facts())
    for line in (
        "gensim Doc2Vec, PV-DBOW, 8 components, trained on wiki by the strategy oversampled(2), "
        "schedule linear.",
        "Nothing was measured.",
        "corpus. Left out: 3 of G over the most that its card takes.",
        "Presented: 70 documents, of which 0 are empty, 0 have no word of the vocabulary, and 0 "
        "are cut at 10,000 words; 80 words in the vocabulary.",
        "| mixed | 3 | shuffled each epoch | 120 | 180 | 7,500 | 0.025 to 0.0001 |",
        "| seed | 0 |",
        "| tokeniser | lower-cased runs of 2 to 15 letters |",
        "| inference: epochs | 5 |",
    ):
        assert line in card
    for side in ("generic", "domain"):
        sha = getattr(facts().data, side).corpus.content_sha256
        assert f"| {side} | wiki" in card
        assert sha in card


def test_what_is_expected() -> None:
    expected = Expected(Interval(0.8123, 0.79, 0.84, 0.0), 3, 1.0, ("native",), "all")
    card = model_card(trained(), facts(expected=expected))
    assert "81.2 % [79.0, 84.0] of held-out domain documents were classified correctly" in card
    assert "(100 % of them; engine native; run 'all')" in card
    assert "another strategy may be ahead" not in card
    assert "The run had other documents" not in card
    nan = float("nan")
    one = dataclasses.replace(expected, accuracy=Interval(0.8123, nan, nan, nan), seeds=1)
    card = model_card(trained(), facts(expected=one))
    assert "81.2 % of held-out domain documents" in card
    assert "all labels, one seed, so no interval) by models" in card
    other = dataclasses.replace(expected, fraction=0.25, same_documents=False)
    card = model_card(trained(), facts(expected=other))
    assert "with more of them another strategy may be ahead." in card
    assert "**The run had other documents, or other words of them, than this model:**" in card


@pytest.mark.parametrize(
    ("strategy", "model", "rows"),
    [
        ("sequential(2)", "dbow", ["| generic | 3 | shuffled each epoch | 120 | 0 | 3,000 |",
                                   "| domain | 6 | shuffled each epoch | 0 | 180 | 4,500 |"]),
        ("ensemble(2)", "dbow", ["| model 1: generic | 3 |", "| model 2: domain | 6 |"]),
        ("frozen(2)", "dm-mean", ["shuffled each epoch; output weights fixed | 0 | 180 |"]),
        ("annealed(2)", "dbow", ["shuffled each epoch, share of D rising"]),
        ("selected(0.5)", "dbow", ["| selected | 3 | shuffled each epoch | 60 | 90 |"]),
    ],
)  # fmt: skip
def test_plans(strategy: str, model: str, rows: list[str]) -> None:
    of = trained(strategy, model)
    files = ("m",) if len(of.parts) == 1 else ("m.1", "m.2")
    card = model_card(of, facts(files=files))
    for row in rows:
        assert row in card
    assert of.recipe == recipe(strategy, model)


def test_names_in_tables_are_no_formulas(tmp_path: Path) -> None:
    names = ["=1+1", "+1", "-1", "@x", "\tx", 'a,b\n"c"', "\udcff", "plain"]
    write_csv(tmp_path / "t.csv", ("name", "n"), [(name, "-1") for name in names], texts=1)
    found = list(csv.reader(io.StringIO((tmp_path / "t.csv").read_text(), newline="")))
    assert [row[0] for row in found[1:]] == [
        "'=1+1", "'+1", "'-1", "'@x", "'\tx", 'a,b "c"', "?", "plain",
    ]  # fmt: skip
    assert {row[1] for row in found[1:]} == {"-1"}
    none = np.empty(0, np.int64)
    vectors = np.arange(16, dtype=np.float32).reshape(8, 2) / 7
    inferred = Inferred(names, vectors, Degenerate(none, none, none))
    for ending in ("parquet", "csv"):
        write_vectors(inferred, tmp_path / f"v.{ending}")
    import pandas as pd

    table = pd.read_parquet(tmp_path / "v.parquet")
    assert table["name"].tolist() == [*names[:6], "?", "plain"]
    read = pd.read_csv(tmp_path / "v.csv", dtype={"d0": np.float32, "d1": np.float32})
    assert np.array_equal(read[["d0", "d1"]].to_numpy(), vectors)


def test_white_space_is_split_without_d2vbench() -> None:
    code = snippet(Tokeniser(function="whitespace"), InferenceSettings(), ["m.model"])
    assert "words = text.split()" in code
    assert "d2vbench" not in code
    compile(code, "snippet", "exec")
