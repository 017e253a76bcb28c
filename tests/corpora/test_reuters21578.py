"""The reader of Reuters-21578, on made SGML and on the counts of the literature."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from made_archives import FORMATS, make
from shared_data import shared_archive

from d2vbench.corpora.readers.reuters21578 import article_text, articles, read
from d2vbench.errors import UserError


def article(
    number: int,
    topics: str = "<D>earn</D>",
    has_topics: str = "YES",
    split: str = "TRAIN",
    text: str = "<TEXT>&#2;\n<TITLE>T</TITLE>\n<DATELINE>OSLO, May 1 - </DATELINE>"
    "<BODY>B.\n REUTER\n&#3;</BODY></TEXT>",
) -> str:
    return (
        f'<REUTERS TOPICS="{has_topics}" LEWISSPLIT="{split}" CGISPLIT="TRAINING-SET" '
        f'OLDID="99" NEWID="{number}">\n<DATE>26-FEB-1987</DATE>\n<TOPICS>{topics}</TOPICS>\n'
        f"<PLACES><D>norway</D></PLACES>\n{text}\n</REUTERS>\n"
    )


SGML = '<!DOCTYPE lewis SYSTEM "lewis.dtd">\n' + "".join(
    [
        article(1),
        article(2, "<D>earn</D><D>acq</D>"),
        article(3, "", split="TEST"),
        article(4, "<D>money-fx</D>", split="TEST"),
        article(5, has_topics="NO"),
        article(6, has_topics="BYPASS", split="NOT-USED"),
        article(7, split="NOT-USED"),
    ]
)
FILES = {"reuters21578/reut2-000.sgm": SGML.encode("latin-1"), "reuters21578/lewis.dtd": b"<!"}


@pytest.mark.parametrize("kind", FORMATS)
def test_labels_and_splits_are_those_of_mod_apte(tmp_path: Path, kind: str) -> None:
    path = make(tmp_path, kind, FILES)
    documents = list(read({}, {"x": path}))
    assert [(d.name, d.label, d.split) for d in documents] == [
        ("00001", "earn", "train"),
        ("00002", None, "train"),
        ("00003", None, "test"),
        ("00004", "money-fx", "test"),
        ("00005", None, None),
        ("00006", None, None),
        ("00007", None, None),
    ]
    assert {d.text for d in documents} == {"T\n\nB."}
    assert [d.name for d in read({"unused": False}, {"x": path})] == [
        "00001", "00002", "00003", "00004",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("element", "text"),
    [
        ("<TEXT><TITLE>A</TITLE><BODY>B</BODY></TEXT>", "A\n\nB"),
        ('<TEXT TYPE="BRIEF">&#2;\n<TITLE>A &lt;X.N></TITLE>*</TEXT>', "A <X.N>"),
        ('<TEXT TYPE="UNPROC">&#2;\nplain &lt;TITLE> text\n&#3;</TEXT>', "plain <TITLE> text"),
        ("<TEXT><BODY>only &amp;lt; a body</BODY></TEXT>", "only &lt; a body"),
        ("<TEXT><TITLE>A\n  b</TITLE><BODY>c\td Reuter\n&#3;</BODY></TEXT>", "A\n  b\n\nc\td"),
        ("<TEXT><TITLE>A</TITLE><BODY>sold to Reuters Ltd.</BODY></TEXT>",
         "A\n\nsold to Reuters Ltd."),
        ("<TEXT><TITLE>A</TITLE><BODY>x&#5;&#22;&#127;&#30;y</BODY></TEXT>", "A\n\nxy"),
        ("<TEXT></TEXT>", ""),
    ],
)  # fmt: skip
def test_text_is_title_and_body(element: str, text: str) -> None:
    assert article_text(element) == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "\n" + article(1).replace("</REUTERS>", ""),
            "p, line 2: an article begins that does not end",
        ),
        (
            article(1).replace("</REUTERS>\n", "") + article(2),
            "p, line 1: an article begins that does not end",
        ),
        (
            article(1) + article(2).replace('NEWID="2"', ""),
            "p, line 11: an article without a number (NEWID)",
        ),
    ],
)
def test_broken_sgml_is_refused_with_its_line(text: str, message: str) -> None:
    with pytest.raises(UserError) as caught:
        list(articles(text, "p"))
    assert str(caught.value) == message


def test_counts_are_those_of_the_literature() -> None:
    documents = list(read({}, {"x": shared_archive("reuters21578.tar.gz")}))
    splits = Counter(d.split for d in documents)
    assert (splits["train"], splits["test"], len(documents)) == (9603, 3299, 21578)
    # R8: the eight largest topics among articles of one topic.
    labels = Counter((d.split, d.label) for d in documents)
    r8 = ("acq", "crude", "earn", "grain", "interest", "money-fx", "ship", "trade")
    assert sum(labels["train", name] for name in r8) == 5485
    assert sum(labels["test", name] for name in r8) == 2189
    assert not [d.name for d in documents if any(ord(c) < 32 and c not in "\n\t" for c in d.text)]
    assert [d.name for d in documents if not d.text.isascii()] == ["17980"]
