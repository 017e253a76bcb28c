"""The page in a real browser: it works, fits, can be read, and runs nothing that a name says."""

from __future__ import annotations

import html
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from browser_support import Browser, opened_browser
from report.made_document import HOSTILE, csv, document, ids, page, pictures, wide_table

from d2vbench.report.document.structure import Bullets, Chapter, Mark
from d2vbench.report.render.html import to_html

pytestmark = pytest.mark.browser

KEYS = {"tab": "\ue004", "enter": "\ue007", "space": " ", "escape": "\ue00c"}
WIDE = "#d2v-0123-wide"

# The contrast of every text with what is behind it (WCAG 2.2), figures apart: the worst ones.
CONTRAST = """
const parse = (c) => (c.match(/[0-9.]+/g) || []).map(Number);
const light = (c) => {
  const linear = (v) => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  const [r, g, b] = c.map((v) => linear(v / 255));
  return .2126 * r + .7152 * g + .0722 * b;
};
const behind = (e) => {
  for (; e; e = e.parentElement) {
    const c = parse(getComputedStyle(e).backgroundColor);
    if (c.length === 3 || c[3] === 1) return c.slice(0, 3);
  }
  return null;
};
const found = [];
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walk.nextNode()) {
  const e = walk.currentNode.parentElement;
  const text = walk.currentNode.data.trim();
  if (!text || e.closest("svg, script, style") || !e.checkVisibility()) continue;
  const back = behind(e);
  const front = parse(getComputedStyle(e).color);
  const pair = [light(front.slice(0, 3)), back ? light(back) : -1].sort((a, b) => b - a);
  found.push([(pair[0] + .05) / (pair[1] + .05), e.tagName, e.className, text.slice(0, 30)]);
}
return [found.length, found.filter((f) => !(f[0] >= 4.5))];
"""

OUTSIDE = """
const width = document.scrollingElement.clientWidth;
return [...document.body.querySelectorAll("*")].filter((e) => {
  if (e.closest(".scroll") && !e.matches(".scroll")) return false;
  const box = e.getBoundingClientRect();
  return box.width > 0 && (box.right > width + 1 || box.left < -1);
}).map((e) => `${e.tagName}.${e.className}`);
"""


BOXES = """
return [...document.querySelectorAll(".exhibit")].map((e) => {
  const box = e.querySelector(".scroll");
  const mask = getComputedStyle(box).maskImage;
  return {
    id: e.id, over: box.scrollWidth > box.clientWidth + 1,
    hint: e.querySelector(".hint").checkVisibility(), fades: mask !== "none",
  };
});
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with opened_browser(tmp_path_factory.mktemp("profile")) as found:
        yield found


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    found = folder / "report.html"
    found.write_text(page(), encoding="utf-8")
    return found


def column(browser: Browser, place: int) -> list[str]:
    rows = f"[...document.querySelectorAll('{WIDE} tbody tr')].filter((r) => !r.hidden)"
    return browser.js(f"return {rows}.map((r) => r.cells[{place}].textContent)")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_it_fits_is_legible_and_says_nothing_on_the_console(
    browser: Browser, path: Path, width: int, scheme: str
) -> None:
    browser.open(path, width, scheme)
    assert browser.console() == []
    assert browser.js(
        "const s = document.scrollingElement; return s.scrollWidth - s.clientWidth"
    ) <= 0  # fmt: skip
    assert browser.js(OUTSIDE) == []
    back = browser.js("return getComputedStyle(document.body).backgroundColor")
    assert back == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 23, 27)"}[scheme]
    looked_at, too_faint = browser.js(CONTRAST)
    assert looked_at > 400
    assert too_faint == []
    # What is wider than the screen scrolls in a box of its own, which fades where it goes on and
    # says so; a wide table folds, on a phone, to a card a row.
    boxes = browser.js(BOXES)
    assert all(box["over"] == box["hint"] == box["fades"] for box in boxes)
    wide = [box["over"] for box in boxes if box["id"] == WIDE.removeprefix("#")]
    assert wide == [False] or width > 390
    assert any(box["over"] for box in boxes) or width > 390
    # Figures are drawn on white, whatever is around them, and are not shrunk beyond reading.
    card = browser.js("return getComputedStyle(document.querySelector('.card')).backgroundColor")
    assert card == "rgb(255, 255, 255)"
    drawn = browser.js("return document.querySelector('.card img').getBoundingClientRect().width")
    assert drawn >= 570
    assert browser.js("return document.querySelector('.card img').naturalWidth") > 0


def test_a_violation_of_the_policy_would_be_seen(browser: Browser, path: Path) -> None:
    browser.open(path)
    browser.js("const s = document.createElement('script'); s.text = 'x'; document.body.append(s)")
    browser.js("const i = new Image(); i.src = 'https://example.org/x.png'")
    said = browser.console()
    assert len(said) == 2
    assert all("Content Security Policy" in text for text in said)


def test_a_click_sorts_by_value(browser: Browser, path: Path) -> None:
    browser.open(path)
    given = column(browser, 2)
    button = browser.find(f"{WIDE} thead th:nth-child(3) button")
    for direction in ("ascending", "descending"):
        button.click()
        head = browser.find(f"{WIDE} thead th:nth-child(3)")
        assert head.get_attribute("aria-sort") == direction
        found = column(browser, 2)
        values = [float(text.split()[0]) for text in found if text]
        assert values == sorted(values, reverse=direction == "descending")
        # Values such as 9.5 and 68.0, which texts would order the other way; without a value last.
        assert min(values) < 10 < 60 < max(values)
        assert [text for text in given if not text] == found[len(values) :]
        said = browser.find(".said").get_attribute("textContent")
        assert said == f"Sorted by accuracy % [95 %], {direction}"
    button.click()
    assert column(browser, 2) == given
    assert browser.js("return document.querySelectorAll('[aria-sort=none]').length") == 12 + 2


def test_keys_sort_and_filter(browser: Browser, path: Path) -> None:
    browser.open(path)
    browser.js(f"document.querySelector('{WIDE} input').focus()")
    browser.press("WORSE sequ")
    count = browser.find(f"{WIDE} output")
    worse = [row for row in wide_table().rows if row[3] == "worse"]
    assert count.text == f"{len(worse)} of 40 rows"
    assert column(browser, 0) == [row[0] for row in worse]
    browser.js(f"document.querySelector('{WIDE} thead th:nth-child(4) button').focus()")
    browser.press(KEYS["tab"], KEYS["enter"])
    focused = browser.js("return document.activeElement.textContent")
    assert focused == "words"
    values = [int(text.replace(",", "")) for text in column(browser, 4)]
    assert values == sorted(values)
    browser.press(KEYS["space"])
    assert column(browser, 4) == [f"{value:,}" for value in values[::-1]]
    browser.js(f"document.querySelector('{WIDE} input').focus()")
    browser.press(KEYS["escape"])
    assert count.text == "40 rows"
    assert len(column(browser, 0)) == 40
    browser.press("no such row")
    assert count.text == "0 of 40 rows"


def test_names_are_seen_as_they_are_and_run_nothing(browser: Browser, path: Path) -> None:
    browser.open(path)
    items = browser.js("return [...document.querySelectorAll('main li')].map((e) => e.textContent)")
    assert items == list(HOSTILE)
    assert browser.js("return [document.images.length, document.scripts.length]") == [2, 1]
    assert browser.console() == []


def test_contents_lead_there_and_fold_on_a_phone(browser: Browser, path: Path) -> None:
    browser.open(path, 390)
    details = browser.find("#contents > details")
    assert details.get_attribute("open") is None
    browser.find("#contents summary").click()
    browser.find("#contents a[href='#below']").click()
    assert browser.js("return location.hash") == "#below"
    assert (
        abs(browser.js("return document.querySelector('#below').getBoundingClientRect().top")) < 40
    )
    assert details.get_attribute("open") is None
    browser.open(path, 1440)
    assert browser.find("#contents > details").get_attribute("open") is not None


def test_it_can_be_read_without_its_script(browser: Browser, path: Path) -> None:
    browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.open(path, 390)
        # No control that does nothing.
        assert browser.driver.find_elements("css selector", "button") == []
        assert not browser.find(f"{WIDE} input").is_displayed()
        assert browser.find(f"{WIDE} tbody td").is_displayed()
    finally:
        browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_on_paper_all_of_a_table_is_there(browser: Browser, path: Path) -> None:
    browser.open(path, 700, "dark", media="print")
    assert browser.js("return getComputedStyle(document.body).backgroundColor") == (
        "rgb(255, 255, 255)"
    )
    assert not browser.find("#contents").is_displayed()
    assert not browser.find(f"{WIDE} input").is_displayed()
    box = browser.js(
        f"const s = getComputedStyle(document.querySelector('{WIDE} .scroll'));"
        "return [s.maxHeight, s.overflowX, s.overflowY]"
    )
    assert box == ["none", "visible", "visible"]
    pdf = browser.driver.execute_cdp_cmd("Page.printToPDF", {"printBackground": False})
    assert len(pdf["data"]) > 10_000


def test_it_works_under_a_strict_policy_of_a_server(browser: Browser, path: Path) -> None:
    """A server that lets in this style and this script, and no text as markup or code."""
    page = path.read_bytes()
    style, script = re.findall(r"(sha256-[A-Za-z0-9+/]+=*)", html.unescape(page.decode()))[:2]
    policy = (
        f"default-src 'none'; img-src data:; style-src '{style}'; script-src '{script}'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200 if self.path == "/report.html" else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Security-Policy", policy)
            self.send_header("X-Content-Type-Options", "nosniff")
            self.end_headers()
            self.wfile.write(page if self.path == "/report.html" else b"")

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        browser.console()
        browser.driver.get(f"http://127.0.0.1:{server.server_address[1]}/report.html")
        before = column(browser, 4)
        browser.js(f"document.querySelector('{WIDE} thead th:nth-child(5) button').click()")
        assert column(browser, 4) != before
        assert sorted(column(browser, 4)) == sorted(before)
        assert browser.console() == []
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert set(asked) <= {"/report.html", "/favicon.ico"}


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page that begins with a decision, whose figure says its points."""
    plain = document()
    marks = tuple(
        Mark(
            40.0 * i,
            50.0,
            (40.0 * i, 20.0, 40.0 * i, 80.0),
            f"point {i}: 8{i}.0 %",
            name,
            "#0072B2",
        )
        for i, name in enumerate(("combined", "domain-only", "combined"), 1)
    )
    some = {slug: replace(one, marks=marks) for slug, one in pictures().items()}
    named = Chapter("named", "Names", (Bullets(("one(k): x", "two: y")),), folded=True, line="two")
    table = replace(wide_table(2), slug="short")
    first = Chapter("decision", "What to train", (table,), (named,))
    claims = replace(plain.chapters[0], folded=True, line="A line.", word="mixed")
    made = replace(plain, first=first, chapters=(claims, *plain.chapters[1:]))
    found = tmp_path_factory.mktemp("decided") / "report.html"
    found.write_text(to_html(made, some, csv, ids(made)), encoding="utf-8")
    return found


def test_a_part_opens_by_key_and_by_a_link_into_it(browser: Browser, decided: Path) -> None:
    browser.open(decided)
    table = "#d2v-0123-small table"
    assert not browser.find(table).is_displayed()
    browser.js("document.querySelector('#claims summary').focus()")
    browser.press(KEYS["enter"])
    assert browser.find(table).is_displayed()
    assert not browser.find(f"{WIDE} table").is_displayed()
    browser.js("location.hash = 'd2v-0123-wide'")
    browser.js("return new Promise((done) => setTimeout(done, 50))")
    assert browser.find(f"{WIDE} table").is_displayed()


def test_printed_every_part_is_open(browser: Browser, decided: Path) -> None:
    browser.open(decided, 700, media="print")
    assert browser.js("return document.querySelector('#claims table').checkVisibility()")
    browser.open(decided)
    browser.js("dispatchEvent(new Event('beforeprint'))")
    assert browser.find("#d2v-0123-small table").is_displayed()
    browser.js("dispatchEvent(new Event('afterprint'))")
    assert not browser.find("#d2v-0123-small table").is_displayed()


def test_points_are_said_by_keys_and_a_strategy_is_picked_out(
    browser: Browser, decided: Path
) -> None:
    browser.open(decided)
    browser.js("document.querySelector('.marks').focus()")
    browser.press("\ue014")
    assert browser.find(".tip").text == "point 1: 81.0 %"
    browser.press("\ue012")
    assert browser.find(".tip").text == "point 3: 83.0 %"
    assert browser.find(".said").get_attribute("textContent") == "point 3: 83.0 %"
    # A scroll that comes late does not take away what a key has reached.
    browser.js("window.scrollBy(0, 40); window.dispatchEvent(new Event('scroll'))")
    assert browser.find(".tip").text == "point 3: 83.0 %"
    browser.press(KEYS["escape"])
    assert not browser.find(".tip").is_displayed()
    browser.press("\ue012")
    assert browser.find(".tip").text == "point 3: 83.0 %"
    browser.press(KEYS["escape"])
    browser.js(
        "const s = document.querySelector('.pick select'); s.value = 'combined';"
        "s.dispatchEvent(new Event('change'))"
    )
    # In both figures, also in the one that is folded.
    assert browser.js("return document.querySelectorAll('.m.on').length") == 4
    assert browser.js("return document.querySelectorAll('.picking').length") == 2


def test_on_a_phone_a_wide_table_is_a_card_a_row_and_says_a_name_once(
    browser: Browser, path: Path
) -> None:
    browser.open(path, 390)
    cells = browser.js(
        f"const row = document.querySelector('{WIDE} tbody tr');"
        "return [getComputedStyle(row).display, row.getAttribute('role'),"
        " row.cells[3].dataset.h, row.cells[3].getAttribute('role'), row.cells[0].role]"
    )
    heads = browser.js(f"return document.querySelector('{WIDE} thead').textContent")
    assert cells[0] == "flex"
    assert cells[1:] == ["row", cells[2], "cell", "rowheader"] and cells[2] in heads
    same = (
        f"return [...document.querySelectorAll('{WIDE} tbody tr')].filter((r) => !r.hidden)"
        ".map((r) => [r.cells[0].textContent, r.classList.contains('same')])"
    )

    def as_it_should_be() -> list[bool]:
        names = [name for name, _ in browser.js(same)]
        return [i > 0 and name == names[i - 1] for i, name in enumerate(names)]

    assert [found for _, found in browser.js(same)] == as_it_should_be()
    # Two rows of one name, which stand together once they are sorted by it.
    browser.js(
        f"const rows = document.querySelector('{WIDE} tbody').rows;"
        "rows[20].cells[0].textContent = rows[3].cells[0].textContent"
    )
    browser.find(f"{WIDE} thead th:nth-child(1) button").click()
    found = [found for _, found in browser.js(same)]
    assert found == as_it_should_be()
    assert any(found)
    browser.js(f"document.querySelector('{WIDE} input').focus()")
    browser.press("worse")
    assert [found for _, found in browser.js(same)] == as_it_should_be()


def test_on_a_phone_the_figure_comes_first_and_the_table_is_whole(
    browser: Browser, decided: Path
) -> None:
    browser.open(decided, 390)
    box = browser.js(
        "const box = document.querySelector('.first .scroll');"
        "return [box.scrollHeight <= box.clientHeight + 1, getComputedStyle(box).maxHeight]"
    )
    assert box == [True, "none"]


def test_names_and_sizes_beside_the_table_open_by_key_and_are_printed(
    browser: Browser, decided: Path
) -> None:
    for width in (390, 1280):
        browser.open(decided, width)
        item = ".beside li"
        assert not browser.find(item).is_displayed()
        browser.js("document.querySelector('.beside summary').focus()")
        browser.press(KEYS["enter"])
        assert browser.find(item).is_displayed()
        assert browser.js("return document.scrollingElement.scrollWidth") <= width
    browser.open(decided, 700, media="print")
    assert browser.js("return document.querySelector('.beside li').checkVisibility()")


def test_on_a_phone_the_decision_is_a_card_a_row(browser: Browser, decided: Path) -> None:
    browser.open(decided, 390)
    shown = "return getComputedStyle(document.querySelector('.stack tbody tr')).display"
    assert browser.js(shown) == "flex"
    assert browser.js("return document.scrollingElement.scrollWidth") <= 390
