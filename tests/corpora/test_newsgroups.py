"""The reader of newsgroups, on made messages and against scikit-learn's cleaning."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_archives import FORMATS, make
from shared_data import shared_archive
from sklearn.datasets import _twenty_newsgroups as oracle

from d2vbench.corpora.acquire.archives import members
from d2vbench.corpora.readers.newsgroups import (
    clean,
    fingerprint,
    read,
    without_footer,
    without_headers,
    without_quotes,
)
from d2vbench.errors import UserError

MESSAGE = (
    b"From: ann@x.org (Ann)\nSubject: Re: Orbit\nLines: 9\n\n"
    b"bob@y.org (Bob) writes:\n> How high?\n| Really?\n\nAbout 500 km, na\xefvely.\n\n"
    b"--\nAnn Other, Dept. of Physics\n"
)
FILES = {
    "20news-bydate-train/sci.space/101": MESSAGE,
    "20news-bydate-test/sci.med/7": b"Subject: none\n\nShort.",
    "20news-bydate-test/sci.med/README": b"not a message",
    "README": b"neither",
}
ALL = ["headers", "footers", "quotes"]


@pytest.mark.parametrize("kind", FORMATS)
def test_messages_have_group_and_split(tmp_path: Path, kind: str) -> None:
    documents = sorted(read({}, {"x": make(tmp_path, kind, FILES)}), key=lambda d: d.name)
    assert [(d.name, d.label, d.split) for d in documents] == [
        ("test/sci.med/7", "sci.med", "test"),
        ("train/sci.space/101", "sci.space", "train"),
    ]
    assert documents[1].text == MESSAGE.decode("latin-1")


def test_what_gives_the_group_away_is_removed(tmp_path: Path) -> None:
    documents = read({"remove": ALL}, {"x": make(tmp_path, "tar.gz", FILES)})
    assert {d.name: d.text for d in documents} == {
        "test/sci.med/7": "Short.",
        "train/sci.space/101": "\nAbout 500 km, na\xefvely.\n",
    }


line = st.sampled_from(
    ["", " ", "-", "--- ", "> q", "| q", "In article <1>", " In article", "he writes:", "x said: y",
     "Quoted from", "text", "a > b", "they wrote: z", "writes in b", "\t", "-- x", "\r"]
)  # fmt: skip
texts = st.lists(line, max_size=9).map("\n".join) | st.text(alphabet="\n->| aIn", max_size=40)


@given(texts)
def test_cleaning_follows_the_practice_of_scikit_learn(text: str) -> None:
    assert without_headers(text) == oracle.strip_newsgroup_header(text)
    assert without_footer(text) == oracle.strip_newsgroup_footer(text)
    assert without_quotes(text) == oracle.strip_newsgroup_quoting(text)


def test_cleaning_equals_scikit_learns_on_all_messages() -> None:
    path = shared_archive("20news-bydate.tar.gz")
    count = 0
    for _, content in members(path):
        text = content.decode("latin-1")
        body = oracle.strip_newsgroup_footer(oracle.strip_newsgroup_header(text))
        assert clean(text, ALL) == oracle.strip_newsgroup_quoting(body)
        count += 1
    assert count == 18846


def test_wrong_parameters_are_refused(tmp_path: Path) -> None:
    for parameters, message in [
        (
            {"remove": ["header"]},
            "reader newsgroups: unknown part to remove 'header': did you mean 'headers'? "
            "(valid: footers, headers, quotes)",
        ),
        (
            {"remov": []},
            "reader newsgroups: unknown parameter 'remov': did you mean 'remove'? "
            "(valid: encoding, remove)",
        ),
        ({"remove": "headers"}, "reader newsgroups: remove must be list, got str ('headers')"),
    ]:
        with pytest.raises(UserError) as caught:
            fingerprint(parameters, {})
        assert str(caught.value) == message


def test_a_wrong_encoding_is_named_with_file_and_offset(tmp_path: Path) -> None:
    path = make(tmp_path, "tar.gz", FILES)
    with pytest.raises(UserError) as caught:
        list(read({"encoding": "utf-8"}, {"x": path}))
    assert str(caught.value) == (
        f"{path}: 20news-bydate-train/sci.space/101 is not utf-8 text: byte 0xef at offset "
        f"{MESSAGE.index(0xEF)} (invalid continuation byte). The archive is damaged, or in another "
        "encoding than its card says."
    )


def test_the_fingerprint_holds_archive_and_parameters(tmp_path: Path) -> None:
    path = make(tmp_path, "tar.gz", FILES)
    plain = fingerprint({}, {"x": path})
    assert plain == fingerprint({"remove": []}, {"x": path})
    assert plain != fingerprint({"remove": ALL}, {"x": path})
    path.write_bytes(path.read_bytes() + b"\0")
    assert plain != fingerprint({}, {"x": path})


def test_one_archive_is_wanted() -> None:
    with pytest.raises(UserError) as caught:
        list(read({}, {}))
    assert str(caught.value) == "this reader takes one archive, got 0: none"
