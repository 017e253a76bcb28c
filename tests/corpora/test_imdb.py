"""The reader of film reviews, on a made archive."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_archives import FORMATS, make

from d2vbench.corpora.readers.imdb import read
from d2vbench.errors import UserError

FILES = {
    "aclImdb/train/pos/0_9.txt": "Fine.<br /><br />Très bien.".encode(),
    "aclImdb/train/neg/0_1.txt": b"Poor. <BR> Very.",
    "aclImdb/train/unsup/0_0.txt": b"Maybe.",
    "aclImdb/test/pos/0_10.txt": b"Good.",
    "aclImdb/train/urls_pos.txt": b"http://x",
    "aclImdb/train/labeledBow.feat": b"9 0:9",
    "aclImdb/README": b"about",
}


@pytest.mark.parametrize("kind", FORMATS)
def test_reviews_have_class_and_split(tmp_path: Path, kind: str) -> None:
    path = make(tmp_path, kind, FILES)
    found = sorted((d.name, d.text, d.label, d.split) for d in read({}, {"x": path}))
    assert found == [
        ("test/pos/0_10", "Good.", "pos", "test"),
        ("train/neg/0_1", "Poor.\nVery.", "neg", "train"),
        ("train/pos/0_9", "Fine.\n\nTrès bien.", "pos", "train"),
        ("train/unsup/0_0", "Maybe.", None, "train"),
    ]
    labelled = {d.name for d in read({"unlabelled": False}, {"x": path})}
    assert labelled == {name for name, *_ in found} - {"train/unsup/0_0"}


def test_a_byte_that_is_no_text_is_named(tmp_path: Path) -> None:
    path = make(tmp_path, "tar.gz", {"aclImdb/test/neg/3_2.txt": b"ok \xff"})
    with pytest.raises(UserError) as caught:
        list(read({}, {"x": path}))
    assert str(caught.value) == (
        f"{path}: aclImdb/test/neg/3_2.txt is not utf-8 text: byte 0xff at offset 3 (invalid start "
        "byte). The archive is damaged, or in another encoding than its card says."
    )
