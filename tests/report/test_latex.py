"""Tables and figures in LaTeX compile, whatever names they hold."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from made_sections import run_of
from run_support import pair_entry
from tex_syntax import problems

from d2vbench.report.document.blocks import table
from d2vbench.report.document.contents import make_document
from d2vbench.report.document.ids import block_ids
from d2vbench.report.document.structure import Document, FigureBlock, TableBlock
from d2vbench.report.drawing.style import quiet_about_glyphs, save_figure
from d2vbench.report.render.latex import PACKAGES, block_latex, escape_latex, latex_table

# Each a name that somebody may give to a corpus, a label or a column.
HOSTILE = (
    "<script>alert(1)</script>", "a&b", "$x$", "a_b", "#1", "50%", "C:\\temp", "{x", "x}", "a|b",
    "`x`", "=cmd()", "two\nlines", "[x]", 'he said "x"', "*x", "~", "^", "a--b''c", "\\end{table}",
    "Größe é ı ł", "日本", "x ≥ 1", "\x00", "\u202ex", "\\\\", "-1",
)  # fmt: skip


def hostile_document() -> Document:
    """Return a report in which every name is hostile."""
    one, two = "\n".join(HOSTILE[:12]), " ".join(HOSTILE[12:])
    data = run_of((one, two), seeds=2)
    data.manifest["pairs"] = {name: pair_entry(name) for name in (one, two)}
    data.manifest["study"] = one
    return make_document(data)


def hostile_table(rows: int = 1) -> TableBlock:
    texts = tuple(HOSTILE)
    data = pd.DataFrame([texts] * rows, columns=texts)
    return table("hostile", " ".join(texts), data, texts, caption="".join(texts))


def made(rows: list[Any], columns: list[str], title: str = "t") -> TableBlock:
    return table("s", title, pd.DataFrame(rows, columns=columns), columns)


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every table and figure of a report in LaTeX."""
    folder = tmp_path_factory.mktemp("tex")
    (folder / "figures").mkdir()
    document = hostile_document()
    ids = block_ids(document)
    for block in document.shown():
        text = block_latex(document, block, ids[block.slug])
        (folder / f"{block.slug}-{ids[block.slug]}.tex").write_text(text, encoding="utf-8")
    first, *others = document.figures()
    with quiet_about_glyphs():
        save_figure(first.draw()[0], folder / "figures", first.slug)
    for other in others:
        shutil.copy(folder / f"figures/{first.slug}.pdf", folder / f"figures/{other.slug}.pdf")
    for rows in (1, 60):
        text = latex_table(hostile_table(rows), f"t-{rows}", " ".join(HOSTILE))
        (folder / f"hostile-{rows}.tex").write_text(text, encoding="utf-8")
    return folder


def test_every_table_and_figure_is_sound(sources: Path) -> None:
    files = sorted(sources.glob("*.tex"))
    assert len(files) > 10
    assert {f.name: found for f in files if (found := problems(f.read_text("utf-8")))} == {}


@pytest.mark.parametrize(
    ("harm", "found"),
    [
        (("a\\&b", "a&b"), "3 columns"),
        (("\\bottomrule", "\\cmd"), "unknown command \\cmd"),
        (("\\end{tabular}", ""), "table ends where it did not begin"),
        (("\\&", "\\& %"), "unescaped %"),
        (("a\\&b", "a$b"), "open $"),
        (("a\\&b", "ab}"), "a brace too many"),
        (("a\\&b", "日"), "not ASCII"),
    ],
)
def test_the_syntax_check_finds_harm(harm: tuple[str, str], found: str) -> None:
    block = made([("a&b", 1, 2)], ["x", "y", "z"])
    text = latex_table(block, "t-0", "c")
    assert problems(text) == []
    said = problems(text.replace(*harm))
    assert any(problem.startswith(found) for problem in said), said


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex here")
def test_a_document_that_inputs_them_all_compiles(sources: Path) -> None:
    names = sorted(path.stem for path in sources.glob("*.tex") if path.stem != "whole")
    inputs = "\n".join(rf"\input{{{name}}}\clearpage" for name in names)
    (sources / "whole.tex").write_text(
        "\\documentclass{article}\n" + rf"\usepackage{{{','.join(PACKAGES)}}}" + "\n"
        "\\begin{document}\n\\listoftables\n\\listoffigures\n" + inputs + "\n\\end{document}\n"
    )
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "whole.tex"]
    for _ in range(2):  # The second time with the lists of the first.
        done = subprocess.run(command, cwd=sources, capture_output=True, timeout=120)
        assert done.returncode == 0, done.stdout.decode("utf-8", "replace")[-3000:]


def test_a_table_as_it_is_written() -> None:
    columns, rows = ("a|b", "c_d"), [("*x* <b>", "[1, 2]"), ("50 % & ~^\\", "`$`")]
    block = made(rows, list(columns), "A & B")
    assert latex_table(block, "t-0123456789", "A & B. All of it.") == (
        "% d2vbench t-0123456789; needs booktabs, array, longtable, graphicx\n"
        "\\providecommand{\\dtvbchar}[2]{\\ifdefined\\Umathcode#1\\else[U+#2]\\fi}\n"
        "\\begin{table}\n\\centering\n"
        "\\caption[{A \\& B}]{A \\& B. All of it.}\\label{tab:t-0123456789}\n\\medskip\n\n"
        "\\begin{tabular}{ll}\n\\toprule\n"
        "a\\textbar{}b & c\\_d \\\\\n\\midrule\n"
        "{}*x* \\textless{}b\\textgreater{} & {}[1, 2] \\\\\n"
        "50 \\% \\& \\textasciitilde{}\\textasciicircum{}\\textbackslash{} & \\`{}\\$\\`{} \\\\\n"
        "\\bottomrule\n\\end{tabular}\n\\end{table}\n"
    )


def test_characters_beyond_ascii() -> None:
    assert escape_latex("Größe") == 'Gr{\\"o}{\\ss}e'
    assert escape_latex("ï ç") == '{\\"\\i} {\\c{c}}'
    assert escape_latex("日 ≥ x") == "\\dtvbchar{日}{65E5} {\\ensuremath{\\geq}} x"
    assert escape_latex("a,,b") == "a,{},b"
    assert escape_latex("a\x07b") == "a\\dtvbchar{}{0007}b"
    assert escape_latex("a---b") == "a-{}-{}-b"


def test_wide_tables_break_lines_or_shrink_and_long_ones_run_over_pages() -> None:
    wide = made([("word " * 40,)], ["x"])
    assert "p{14em}" in latex_table(wide, "t-0", "c")
    many = made([(1234567890,) * 12], list("abcdefghijkl"))
    assert "\\resizebox{\\linewidth}{!}{%\n\\begin{tabular}" in latex_table(many, "t-0", "c")
    long = made([(1,)] * 60, ["x"])
    assert "\\begin{longtable}" in latex_table(long, "t-0", "c")


def test_a_figure_is_a_float_of_its_file() -> None:
    block = FigureBlock("some-figure", "A title", lambda: NotImplemented, "What it shows.")
    document = Document("d", (), (), run_id="0123456789", note="Seeds: 3.")
    text = block_latex(document, block, "f-0123456789")
    assert "\\includegraphics[width=\\linewidth]{figures/some-figure.pdf}" in text
    assert "{A title. What it shows. Seeds: 3. d2vbench run 0123456789.}" in text
    assert "\\label{fig:f-0123456789}" in text
    assert problems(text) == []
