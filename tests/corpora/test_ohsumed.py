"""The reader of Ohsumed, on made archives in upstream's layout and in that of single classes."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_archives import FORMATS, make

from d2vbench.corpora.readers.ohsumed import fingerprint, read
from d2vbench.errors import UserError

UPSTREAM = {
    "ohsumed-first-20000-docs/training/C01/0000001": b"one class",
    "ohsumed-first-20000-docs/training/C01/0000002": b"two classes",
    "ohsumed-first-20000-docs/training/C02/0000002": b"two classes",
    "ohsumed-first-20000-docs/training/C02/0000003": b"one class, too",
    "ohsumed-first-20000-docs/test/C02/0010001": b"test",
    "ohsumed-first-20000-docs/README": b"about",
}
SINGLE = {
    name.replace("ohsumed-first-20000-docs", "ohsumed_single_23"): content
    for name, content in UPSTREAM.items()
    if not name.endswith("2/0000002") and not name.endswith("1/0000002")
}
EXPECTED = [
    ("test/C02/0010001", "test", "C02", "test"),
    ("train/C01/0000001", "one class", "C01", "train"),
    ("train/C02/0000003", "one class, too", "C02", "train"),
]


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("files", [UPSTREAM, SINGLE], ids=["upstream", "single"])
def test_documents_of_one_class_are_kept(
    tmp_path: Path, kind: str, files: dict[str, bytes]
) -> None:
    documents = read({}, {"x": make(tmp_path, kind, files)})
    assert sorted((d.name, d.text, d.label, d.split) for d in documents) == EXPECTED


def test_an_unknown_parameter_is_refused() -> None:
    with pytest.raises(UserError) as caught:
        fingerprint({"split": "x"}, {})
    assert str(caught.value) == "reader ohsumed: unknown parameter 'split': (valid: encoding)"
