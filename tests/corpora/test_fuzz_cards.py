"""Any bytes in a card: a card that can be used, or one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from fuzz_support import assert_clear, examples
from hypothesis import given
from hypothesis import strategies as st

from d2vbench.corpora.card_files import read_card
from d2vbench.errors import UserError
from d2vbench.keys import canonical_json

CORPUS = 'name="c"\nversion="1"\ntitle="t"\ndescription="d"\nreader="synthetic"\nlicence="x"\n'
PAIR = (
    'name="c"\nversion="1"\ntitle="t"\ndescription="d"\n'
    '[generic]\ncorpus="a"\n[domain]\ncorpus="b"\n'
)
KEYS = [
    "name",
    "notes",
    "archives",
    "parameters",
    "content_sha256",
    "documents",
    "tokeniser",
    "near_duplicate",
    "min_class",
    "max_class",
    "train_share",
    "include",
    "generic",
    "x",
]
VALUES = [
    "1",
    "-1",
    "0",
    "true",
    "nan",
    "inf",
    "1e400",
    "0x" + "f" * 5000,
    "9" * 5000,
    '""',
    '"x"',
    '"\\u0000"',
    "[]",
    "[1]",
    '["x"]',
    "[[]]",
    "{}",
    "{a=1}",
    "2020-01-01",
    "2020-99-99",
    "12:00:00",
    "[" * 3000,
    "{a=" * 3000,
    '"' + "x" * 5000 + '"',
    "{a={b=0xffffffffffffffffffff}}",
]
lines = st.lists(
    st.tuples(st.sampled_from(KEYS), st.sampled_from(VALUES)).map(" = ".join)
    | st.sampled_from(
        ["[parameters]", "[documents.train]", "[[archives]]", "[tokeniser]", "a." * 3000]
    ),
    max_size=5,
).map(lambda some: "\n".join(some).encode())


@examples(200)
@given(content=lines | st.binary(max_size=30), kind=st.sampled_from(["c.toml", "c.pair.toml"]))
def test_fuzz_a_card(content: bytes, kind: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / kind
    start = PAIR if "pair" in kind else CORPUS
    path.write_bytes(start.encode() + content)
    try:
        card = read_card(path)
    except UserError as error:
        assert_clear(error)
    else:
        canonical_json(getattr(card, "parameters", {}))


def said(tmp_path: Path, extra: str) -> str:
    (tmp_path / "c.toml").write_text(CORPUS + extra)
    with pytest.raises(UserError) as caught:
        read_card(tmp_path / "c.toml")
    return str(caught.value)


def test_toml_beyond_what_can_be_read(tmp_path: Path) -> None:
    beyond = "c.toml: TOML beyond what can be read (a number too long, or lists too deep)"
    assert said(tmp_path, "notes = " + "[" * 5000) == beyond
    assert said(tmp_path, "notes = " + "9" * 5000) == beyond
    assert said(tmp_path, "notes = 0x" + "f" * 5000) == (
        "c.toml: notes must be str, got int (a value too long to show)"
    )


@pytest.mark.parametrize("value", ["nan", "2020-01-01", "0x" + "f" * 5000])
def test_parameters_that_have_no_key(tmp_path: Path, value: str) -> None:
    assert said(tmp_path, f"[parameters]\na = {value}").startswith(
        "c.toml [parameters]: expected text, finite numbers, true, false, and lists and tables of "
        "them, not too deep ("
    )


@pytest.mark.parametrize(
    "extra",
    [
        'content_sha256 = "LONG"',
        '[documents."LONG"]\na = 1',
        "[documents.train]\nLONG = 0",
        '[[archives]]\nname = "LONG!"\nurls = []',
        '[[archives]]\nname = "a"\nurls = ["LONG"]',
        '[[archives]]\nname = "a"\nurls = []\nmd5 = "LONG"',
    ],
)
def test_a_long_value_is_cut_where_it_is_shown(tmp_path: Path, extra: str) -> None:
    text = said(tmp_path, extra.replace("LONG", "x" * 5000))
    assert "xxx" in text
    assert len(text) < 600
