"""The pages in a real browser: they show, ask nothing of the network, fit their paper."""

import importlib.util
import os
import re
import shutil
from pathlib import Path

import pytest

from risk_engine.reports import briefing, tracker_page, week_pages
from risk_engine.reports.needs import needs_page

pytestmark = pytest.mark.browser

BROWSERS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def invented(name="conftest"):
    """The invented week of the unit tests, or what another of their modules invents."""
    path = Path(__file__).parents[1] / "unit" / "reports" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"invented_{name}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def without(reason: str):
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def browser():
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if executable is None:
        without(f"no browser found: looked for {', '.join(BROWSERS)}")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """All pages of the invented week, two briefings and a needs assessment, as files."""
    made = tmp_path_factory.mktemp("pages")
    facts = invented()
    week = facts.invented_week()
    for page in week_pages(week):
        (made / page.name).write_text(page.html, encoding="utf-8")
    html = tracker_page(facts.invented_tracker())
    (made / "tracker.html").write_text(html, encoding="utf-8")
    for name, code in (("area.html", "E07000092"), ("force.html", None)):
        html = briefing(facts.invented_briefing(week, code))
        (made / name).write_text(html, encoding="utf-8")
    needs = needs_page(invented("test_reports_needs").invented())
    (made / "needs.html").write_text(needs, encoding="utf-8")
    return made


def test_every_page_shows_without_asking_the_network(browser, folder):
    for file in sorted(folder.glob("*.html")):
        tab = browser.new_page(viewport={"width": 1150, "height": 900})
        asked, complaints = [], []
        tab.on("request", lambda request, asked=asked: asked.append(request.url))
        tab.on("console", lambda message, said=complaints: said.append(message.text))
        tab.goto(file.as_uri())
        picture = tab.screenshot(path=folder / f"{file.stem}.png", full_page=True)
        assert len(picture) > 20_000
        assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
        assert complaints == []
        tab.close()


def test_pictures_are_drawn_and_nothing_runs_over_the_side(browser, folder):
    for width in (1150, 390):
        tab = browser.new_page(viewport={"width": width, "height": 900})
        for file in sorted(folder.glob("*.html")):
            tab.goto(file.as_uri())
            sizes = tab.evaluate(
                "[...document.querySelectorAll('figure svg, figure img')]"
                ".map(e => e.getBoundingClientRect().height)"
            )
            assert all(size > 50 for size in sizes), file.name
            over = tab.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert over <= 0, (file.name, width)
        tab.close()


def test_the_skip_link_is_the_first_stop_of_the_keyboard(browser, folder):
    tab = browser.new_page()
    tab.goto((folder / "index.html").as_uri())
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.getAttribute('href')") == "#main"
    tab.close()


@pytest.mark.parametrize("page", ["disproportionality.html", "tracker.html"])
def test_text_has_enough_contrast(browser, folder, page):
    """WCAG 2.2 AA: 4.5 to 1 for the colours of the style sheet on their grounds."""
    tab = browser.new_page()
    tab.goto((folder / page).as_uri())
    pairs = tab.evaluate(
        """() => {
          const ground = e => { for (; e; e = e.parentElement) {
            const c = getComputedStyle(e).backgroundColor;
            if (!/, 0\\)$/.test(c)) return c; } return 'rgb(255, 255, 255)'; };
          return [...document.querySelectorAll('p, li, th, td, a, .tag, span, h1, h2, caption')]
            .map(e => [getComputedStyle(e).color, ground(e)]); }"""
    )
    tab.close()
    assert len(pairs) > 50
    assert min(contrast(*map(luminance, pair)) for pair in pairs) >= 4.5


def luminance(colour: str) -> float:
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: float, other: float) -> float:
    low, high = sorted((one, other))
    return (high + 0.05) / (low + 0.05)


def test_a_local_briefing_prints_on_one_page_of_a4(browser, folder):
    tab = browser.new_page()
    tab.goto((folder / "area.html").as_uri())
    pdf = tab.pdf(prefer_css_page_size=True)
    tab.close()
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
