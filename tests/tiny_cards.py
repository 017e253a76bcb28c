"""The cards of a pair that trains in a moment, for runs that are processes of their own."""

from __future__ import annotations

from pathlib import Path

from d2vbench.corpora.card_folders import cards_folder

_SMALLER = (
    ('reader = "tiny"', 'reader = "synthetic"'),
    ("classes = 8", "classes = 4"),
    ("generic_documents = 4000", "generic_documents = 200"),
    ("domain_documents = 1600", "domain_documents = 120"),
)


def lay_tiny_cards(folder: Path) -> Path:
    """Write cards of the pair ``tiny``, the synthetic one made much smaller; return the folder."""
    shipped = cards_folder()
    for name in ("synthetic.toml", "synthetic.pair.toml"):
        text = (shipped / name).read_text(encoding="utf-8").replace('"synthetic"', '"tiny"')
        for old, new in _SMALLER:
            text = text.replace(old, new)
        (folder / name.replace("synthetic", "tiny")).write_text(text, encoding="utf-8")
    return folder
