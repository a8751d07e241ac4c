"""Whole pages: structure, escaping, links, no address outside, the same bytes."""

import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from risk_engine.reports import Definition, briefing, tracker_page, week_pages

VOID = {"meta", "br", "img", "link", "hr", "input", "wbr"}


class Outline(HTMLParser):
    """Collects what a page is made of and checks that its elements close in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open, self.tags, self.ids, self.headings = [], Counter(), Counter(), []
        self.links, self.attributes = [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        named = dict(attrs)
        self.tags[tag] += 1
        self.attributes.append((tag, named))
        if "id" in named:
            self.ids[named["id"]] += 1
        if tag == "a":
            self.links.append(named["href"])
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def pages(week):
    return week_pages(week)


@pytest.fixture(scope="module")
def public_pages(public_week):
    return week_pages(public_week)


@pytest.fixture(scope="module")
def all_pages(pages, public_pages, linked_week, area_briefing, force_briefing, partnership):
    found = {f"week {page.name}": page.html for page in pages}
    found |= {f"public {page.name}": page.html for page in public_pages}
    found |= {f"linked {page.name}": page.html for page in week_pages(linked_week)}
    found["area"] = briefing(area_briefing)
    found["force"] = briefing(force_briefing)
    found["tracker"] = tracker_page(partnership)
    found["empty"] = briefing(
        replace(area_briefing, places=area_briefing.places.iloc[:0], track=None, audit=[])
    )
    return found


def test_the_pages_of_a_run(pages, public_pages):
    names = ["index.html", "places.html", "people.html", "disproportionality.html", "data.html"]
    assert [page.name for page in pages] == names
    names.remove("people.html")
    assert [page.name for page in public_pages] == names


def test_every_page_is_well_formed_and_accessible_in_outline(all_pages):
    for name, html in all_pages.items():
        outline = Outline(html)
        assert outline.open == [], name
        assert outline.headings[0] == 1, name
        assert outline.headings.count(1) == 1, name
        steps = zip(outline.headings, outline.headings[1:], strict=False)
        assert all(later - earlier <= 1 for earlier, later in steps), name
        assert [i for i, n in outline.ids.items() if n > 1] == [], name
        assert all(outline.tags[tag] == 1 for tag in ("main", "header", "footer")), name
        assert html.count("<title>") == 1
        assert '<html lang="en-GB">' in html
        assert outline.links[0] == "#main"
        assert outline.tags["caption"] == outline.tags["table"], name
        heads = [named for tag, named in outline.attributes if tag == "th"]
        assert all(named.get("scope") in {"col", "row"} for named in heads), name
        images = [named for tag, named in outline.attributes if tag == "img"]
        assert all(named.get("alt") for named in images), name


def test_links_lead_somewhere(pages, all_pages):
    names = {page.name for page in pages}
    for name, html in all_pages.items():
        outline = Outline(html)
        for link in outline.links:
            page, _, fragment = link.partition("#")
            assert not page or page in names, (name, link)
            where = Outline(all_pages[f"{name.split()[0]} {page}"]) if page else outline
            assert not fragment or fragment in where.ids, (name, link)


def test_no_page_reaches_outside(all_pages):
    for name, html in all_pages.items():
        bare = re.sub(r'xmlns(:xlink)?="[^"]*"', "", html)
        assert "http://" not in bare, name
        assert "https://" not in bare, name
        assert "<script" not in bare, name
        assert "@import" not in bare, name
        assert not re.search(r"url\((?!#)", bare), name
        assert "default-src 'none'" in html, name


def test_marking_and_challenge_are_on_every_page(all_pages):
    for name, html in all_pages.items():
        assert html.count("OFFICIAL-SENSITIVE") >= 2, name
        assert "write to challenge@example.org with the place number" in html, name
        assert "version 2026.1" in html or name == "tracker", name


def test_texts_from_outside_are_escaped(week, area_briefing):
    evil = '<script>alert("x")</script> & <b>'
    places = week.places.copy()
    places["reasons"] = [[evil]] * len(places)
    areas = week.areas.assign(name=[f"{name} {evil}" for name in week.areas["name"]])
    facts = replace(
        week,
        title=evil,
        challenge=evil,
        marking=evil,
        definition=Definition(evil, evil),
        places=places,
        areas=areas,
        feeds=[{"drop": evil, "reasons": [evil], "held": True}],
        stages=[(evil, evil)],
        audit=week.audit.assign(why=evil, group=evil),
    )
    pages = [page.html for page in week_pages(facts)]
    pages.append(briefing(replace(area_briefing, area_name=evil, areas=areas, limits=[evil])))
    for html in pages:
        assert "<script" not in html
        assert "&lt;script&gt;" in html
        assert Outline(html).open == []


def test_equal_facts_give_equal_bytes(week, pages, area_briefing):
    assert [page.html for page in week_pages(week)] == [page.html for page in pages]
    assert briefing(area_briefing) == briefing(area_briefing)


def test_pages_stay_small(all_pages):
    assert max(len(html.encode()) for html in all_pages.values()) < 3_000_000


def test_no_column_name_is_shown_to_a_reader(all_pages):
    unread = r"<style>.*?</style>|<[^>]+>|\[[a-z_]+/\S+\]"  # the last: keys a reviewer quotes
    for name, html in all_pages.items():
        text = re.sub(unread, " ", html, flags=re.DOTALL)
        for word in ("victim_1y", "rri", "force_rank", "tpr", "nan", "NaT", "None<"):
            assert not re.search(rf"\b{word}\b", text), (name, word)


def test_words_that_are_not_used(all_pages):
    for html in all_pages.values():
        assert not re.search(r"\b(BAME|non-White|offender|target|high.risk)", html)
