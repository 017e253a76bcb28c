"""Names in letters that the figures' own font lacks are drawn with another font of the machine."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from matplotlib import font_manager
from matplotlib.figure import Figure

from d2vbench.report.drawing import fonts
from d2vbench.report.drawing.fonts import families_for, lacking, with_fonts_for_all
from d2vbench.report.drawing.style import figure_bytes

# Of a Chinese name, and a face that DejaVu Sans has not.
NAME, FACE = "\u540d\u524d", "\U0001f9d0"


def make_font(path: Path, family: str, characters: str) -> None:
    """Write a font whose characters are filled squares."""
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    for corner in ((0, 800), (800, 800), (800, 0)):
        pen.lineTo(corner)
    pen.closePath()
    square = pen.glyph()
    names = [f"u{ord(c):x}" for c in characters]
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", *names])
    builder.setupCharacterMap(dict(zip(map(ord, characters), names, strict=True)))
    builder.setupGlyf(dict.fromkeys([".notdef", *names], square))
    builder.setupHorizontalMetrics(dict.fromkeys([".notdef", *names], (900, 0)))
    builder.setupHorizontalHeader(ascent=900, descent=-100)
    builder.setupNameTable({"familyName": family, "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    builder.save(path)


@pytest.fixture
def only_made_fonts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The own fonts, and two more: one for a Chinese name, one for a face."""
    own = [f for f in font_manager.fontManager.ttflist if f.name.startswith("DejaVu")]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", own)
    families_for.cache_clear()
    assert families_for(frozenset(NAME)) == ()
    make_font(tmp_path / "a.ttf", "Made Names", NAME)
    make_font(tmp_path / "b.ttf", "Made Faces", FACE + NAME[0])
    (tmp_path / "c.ttf").write_bytes(b"no font")
    for name in ("a.ttf", "b.ttf"):
        font_manager.fontManager.addfont(str(tmp_path / name))
    broken = font_manager.FontEntry(fname=str(tmp_path / "c.ttf"), name="Broken")
    font_manager.fontManager.ttflist.append(broken)
    families_for.cache_clear()
    yield
    families_for.cache_clear()


def test_what_the_own_font_lacks() -> None:
    assert lacking("plain") == frozenset()
    assert lacking("Gr\u00f6\u00dfe \u0444\u200d\ufe0f") == frozenset()
    assert lacking(f"corpus {NAME}{FACE}") == frozenset(NAME + FACE)


@pytest.mark.usefixtures("only_made_fonts")
def test_families_that_have_it() -> None:
    assert families_for(frozenset()) == ()
    assert families_for(frozenset(NAME)) == ("Made Names",)
    assert set(families_for(frozenset(NAME + FACE))) == {"Made Names", "Made Faces"}
    assert families_for(frozenset("\U0001f9d1")) == ()


def drawn(ending: str) -> tuple[bytes, list[str]]:
    """Return a picture with such names, and which characters it has as boxes."""
    figure = Figure(figsize=(2, 1))
    text = figure.text(0.1, 0.5, f"{NAME} {FACE} x")
    before = text.get_fontfamily()
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings(record=True) as told:
        patch.setattr("d2vbench.report.drawing.style.quiet_about_glyphs", _loud)
        warnings.simplefilter("always")
        content = figure_bytes(figure, ending)
    assert text.get_fontfamily() == before
    return content, [str(one.message) for one in told if "Glyph" in str(one.message)]


class _loud:
    def __enter__(self) -> None: ...

    def __exit__(self, *error: object) -> None: ...


@pytest.mark.parametrize("ending", [".png", ".pdf"])
@pytest.mark.usefixtures("only_made_fonts")
def test_a_name_is_no_row_of_boxes(ending: str, monkeypatch: pytest.MonkeyPatch) -> None:
    content, boxes = drawn(ending)
    assert boxes == []
    assert drawn(ending)[0] == content
    monkeypatch.setattr(fonts, "families_for", lambda characters: ())
    without, boxes = drawn(ending)
    assert len({box.split()[1] for box in boxes}) == 3
    assert without != content


@pytest.mark.usefixtures("only_made_fonts")
def test_texts_of_plain_letters_are_left_alone() -> None:
    figure = Figure()
    plain, other = figure.text(0, 0, "plain"), figure.text(0, 0, NAME)
    with with_fonts_for_all(figure):
        assert plain.get_fontfamily() == ["sans-serif"]
        assert other.get_fontfamily() == ["sans-serif", "Made Names"]
    assert other.get_fontfamily() == ["sans-serif"]
    assert NAME.encode() in figure_bytes(figure, ".svg")
