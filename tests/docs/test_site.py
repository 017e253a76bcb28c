"""The pages are built without a warning, and the notebook among them is run."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from docs_support import DOCS, PAGES

from d2vbench.cli.main import VERBS

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Path:
    """The site, built; its notebook runs in a folder of its own."""
    if sys.version_info < (3, 11):
        pytest.skip("the documentation is built on Python 3.11 or newer")
    if find_spec("myst_nb") is None and os.environ.get("CI") != "true":
        pytest.skip("builds the documentation: pip install 'd2vbench[docs]'")
    out = tmp_path_factory.mktemp("site") / "html"
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", DOCS, out],
        env={**os.environ, "D2VBENCH_DATA": str(cache), "NO_COLOR": "1"},
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return out


def test_every_page_is_there(site: Path) -> None:
    pages = [path.relative_to(DOCS) for path in PAGES[1:]]
    assert len(pages) > 15
    for page in (*pages, Path("tutorial.ipynb"), Path("reference/cli.rst")):
        assert "<h1>" in (site / page).with_suffix(".html").read_text(encoding="utf-8"), page


def test_links_within_the_site_lead_somewhere(site: Path) -> None:
    """Sphinx warns of its own links; what else a page loads or leads to is looked at here."""
    pages = [page for page in site.rglob("*.html") if page.relative_to(site).parts[0][0] != "_"]
    for page in pages:
        text = page.read_text(encoding="utf-8")
        for kind, link in re.findall(r'(href|src)="([^"#]+)', text):
            parts = urlsplit(link)
            if parts.scheme:
                assert kind == "href", f"{page.name} loads {link} from elsewhere"
                continue
            assert (page.parent / unquote(parts.path)).exists(), f"{page.name}: {link}"


def test_the_reference_has_every_verb_and_name(site: Path) -> None:
    text = (site / "reference" / "cli.html").read_text(encoding="utf-8")
    assert [verb for verb in VERBS if f'id="d2vbench-{verb}"' not in text] == []
    text = (site / "reference" / "api.html").read_text(encoding="utf-8")
    import d2vbench

    assert [name for name in d2vbench.__all__ if f'id="d2vbench.{name}"' not in text] == []


def test_the_notebook_compared_drew_recommended_and_classified(site: Path) -> None:
    (path,) = site.parent.glob("jupyter_execute/tutorial.ipynb")
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    shown = [(cell["source"], output) for cell in cells for output in cell.get("outputs", ())]
    # What a cell prints comes in one piece or in several.
    text: dict[str, str] = {}
    for source, output in shown:
        said = output.get("text") or output.get("data", {}).get("text/plain", "")
        text["".join(source)] = text.get("".join(source), "") + "".join(said)
    (verdicts,) = (said for source, said in text.items() if "run.verdicts" in source)
    assert {"oversampled(4)", "domain-only(4)"} <= set(re.findall(r"[\w-]+\(4\)", verdicts))
    (advice,) = (said for source, said in text.items() if "recommend" in source)
    assert "combined" in advice
    assert any("image/png" in output.get("data", {}) for _, output in shown)
    (score,) = (said for source, said in text.items() if "pipeline.score" in source)
    # The largest of the five classes has a third of the documents.
    assert float(score.split()[0]) > 0.8
