"""The report in a browser: no error, no request, readable on a phone, two sheets of paper.

Needs Debian's `chromium` and the extra `browser`; without them these tests are skipped, and say so.
"""

import os
import re
import shutil

import pytest
from pages import page

import funnelsim as fs
from funnelsim.studies.compare import compare

CHROMIUM = os.environ.get("FUNNELSIM_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
playwright = pytest.importorskip("playwright.sync_api", reason="the extra `browser` is not installed: no playwright")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on this machine")


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture(scope="module")
def opened(browser, tmp_path_factory):
    """Opens a page of some width from disk; what it logs and what it asks for is kept."""
    folder = tmp_path_factory.mktemp("pages")

    def open_(text, width):
        file = folder / f"{len(list(folder.iterdir()))}.html"
        file.write_text(text, "utf-8")
        sheet = browser.new_page(viewport={"width": width, "height": 850})
        said, asked = [], []
        sheet.on("console", lambda message: said.append(message.text))
        sheet.on("pageerror", lambda error: said.append(str(error)))
        sheet.on("request", lambda request: asked.append(request.url))
        sheet.goto(file.as_uri(), wait_until="load")
        return sheet, said, [url for url in asked if not url.startswith("data:") and url != file.as_uri()]

    return open_


@pytest.mark.parametrize("width", [1280, 390])
def test_it_opens_from_disk_without_a_word_and_without_a_request(opened, width):
    sheet, said, asked = opened(page(), width)
    assert said == []
    assert asked == []
    loaded = sheet.evaluate("[...document.images].every(each => each.complete && each.naturalWidth > 100)")
    assert loaded


def test_a_page_that_asks_would_be_found(opened):
    """Negative control: a picture from elsewhere is asked for, and the policy of the page says that it may not be."""
    outside = page().replace("</main>", '<img src="https://example.invalid/x.png" alt=""></main>')
    _, said, asked = opened(outside, 390)
    assert said or asked


@pytest.mark.parametrize("width", [390, 320])
def test_a_phone_scrolls_down_only(opened, width):
    sheet, _, _ = opened(page(), width)
    sheet.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert sheet.evaluate("document.documentElement.scrollWidth") <= width
    # Tables wider than the phone scroll inside their boxes.
    wide = "[...document.querySelectorAll('.box')].filter(each => each.scrollWidth > each.clientWidth).length"
    assert sheet.evaluate(wide) > 0
    assert sheet.evaluate("[...document.images].every(each => each.clientWidth <= innerWidth)")
    size = "[...document.querySelectorAll('p, td, th')].map(each => parseFloat(getComputedStyle(each).fontSize))"
    assert min(sheet.evaluate(size)) >= 12


def test_long_names_do_not_widen_a_phone(opened):
    run = fs.simulate(fs.load("mm1", {"horizon": "120 d"}), replications=2, seed=1)
    text = fs.report(run.assign_coords(rep=["x" * 300]).assign_attrs(name="y" * 300))
    sheet, _, _ = opened(text, 390)
    assert sheet.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_what_if_of_b2b_saas_prints_to_two_pages(opened, tmp_path):
    scenario = fs.load("b2b_saas")
    run = fs.simulate(scenario, replications=4, seed=1)
    compared = compare(scenario, seed=1, replications=4)
    for results in ([compared], [run, compared]):
        sheet, _, _ = opened(fs.report(results), 1280)
        printed = sheet.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 2


def test_names_run_nothing(opened):
    run = fs.simulate(fs.load("mm1", {"horizon": "120 d"}), replications=2, seed=1)
    evil = "<script>document.title='run'</script><img src=x onerror=\"document.title='run'\">"
    sheet, said, asked = opened(fs.report(run.assign_attrs(name=evil)), 1280)
    assert sheet.title() == evil
    assert said == asked == []
