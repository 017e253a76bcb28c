"""axe-core, in a real browser, finds no fault in the page: light and dark, wide and narrow."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from browser_support import Browser, opened_browser
from report.made_document import csv, document, ids, pictures, wide_table

from d2vbench.report.document.structure import Bullets, Chapter, Mark, Paragraph
from d2vbench.report.render.html import to_html

pytestmark = pytest.mark.browser

# axe.min.js is a file of this package; the package itself is not imported.
_PACKAGE, _FILE = "axe_playwright_python", "axe.min.js"
_RUN = """
const done = arguments[arguments.length - 1];
axe.run(document, { resultTypes: ["violations"] }).then((found) => done({
  passes: found.passes.length,
  violations: found.violations.map((v) => [v.id, v.help, v.nodes.map((n) => n.html.slice(0, 200))]),
}), (error) => done({ passes: 0, violations: [["error", String(error), []]] }));
"""


@pytest.fixture(scope="module")
def axe() -> str:
    """Return the script of axe-core; skip without it, and fail where CI=true."""
    found = importlib.util.find_spec(_PACKAGE)
    for folder in (found.submodule_search_locations or ()) if found else ():
        file = Path(folder) / _FILE
        if file.is_file():
            return file.read_text(encoding="utf-8")
    text = "no axe-core here: pip install axe-playwright-python"
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(text)
    pytest.skip(text)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with opened_browser(tmp_path_factory.mktemp("profile")) as found:
        found.driver.set_script_timeout(120)
        # The page's own policy lets no other script in.
        found.driver.execute_cdp_cmd("Page.setBypassCSP", {"enabled": True})
        yield found


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with everything that a report has: notice, decision, folded parts, points."""
    marks = tuple(
        Mark(40.0 * i, 50.0, (40.0 * i, 20.0, 40.0 * i, 80.0), f"point {i}", name, "#0072B2")
        for i, name in enumerate(("combined", "domain-only"), 1)
    )
    some = {slug: replace(one, marks=marks) for slug, one in pictures().items()}
    plain = document()
    named = Chapter("named", "Names", (Bullets(("one: x", "two: y")),), folded=True, line="two")
    first = Chapter("decision", "What to train", (replace(wide_table(2), slug="short"),), (named,))
    claims = replace(plain.chapters[0], folded=True, line="A line.", word="mixed")
    notice = Chapter("notice", "In doubt", (Paragraph("Text."), Bullets(("a", "b"))), line="a, b")
    made = replace(plain, first=first, chapters=(claims, *plain.chapters[1:]), notice=notice,
                   question="Which?")  # fmt: skip
    found = tmp_path_factory.mktemp("page") / "report.html"
    found.write_text(to_html(made, some, csv, ids(made)), encoding="utf-8")
    return found


def violations(browser: Browser, axe: str) -> tuple[int, list[Any]]:
    browser.driver.execute_script(axe)
    found = browser.driver.execute_async_script(_RUN)
    return found["passes"], found["violations"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("opened", [False, True])
def test_nothing_is_found(
    browser: Browser, axe: str, path: Path, width: int, scheme: str, opened: bool
) -> None:
    browser.open(path, width, scheme)
    if opened:
        browser.js("for (const one of document.querySelectorAll('main details')) one.open = true")
    passes, found = violations(browser, axe)
    assert found == []
    assert passes > 20


def test_faults_would_be_found(browser: Browser, axe: str, path: Path) -> None:
    browser.open(path)
    browser.js(
        "document.querySelector('.card img').removeAttribute('alt');"
        "document.querySelector('.question').style.color = '#cccccc';"
        "document.querySelector('.pick select').parentElement.replaceWith("
        "document.querySelector('.pick select'))"
    )
    _, found = violations(browser, axe)
    assert {"image-alt", "color-contrast", "select-name"} <= {one[0] for one in found}
