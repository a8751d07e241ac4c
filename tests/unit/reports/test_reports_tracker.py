"""The page of the data tracker says in words what the facts hold, and nothing they hide."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from risk_engine.partners.tracker import AgencyFacts, FieldFacts
from risk_engine.reports import tracker_page
from risk_engine.reports.views import tracker as view
from risk_engine.reports.views import tracker_detail as detail


@pytest.fixture
def said(partnership):
    """Return a function that gives the words of the page, tags taken out."""

    def words(facts=partnership):
        html = re.sub(
            r"<style>.*?</style>|<desc.*?</desc>", " ", tracker_page(facts), flags=re.DOTALL
        )
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))

    return words


def test_the_first_sentences_count_what_stands_and_what_does_not(partnership):
    assert view.lead(partnership) == [
        "1 of 4 expected agencies share data.",
        "7 sources: 1 late, 1 not read and 5 on time.",
        "Agreements: 7 ends soon.",
        "2 barriers, 1 overdue.",
    ]


def test_nobody_expected_is_not_counted(partnership):
    unexpected = tuple(replace(agency, expected=False) for agency in partnership.agencies)
    assert view.lead(replace(partnership, agencies=unexpected))[0].startswith("7 sources")


def test_the_page_shows_every_agency_source_and_state(said):
    words = said()
    for part in (
        "Fire and rescue", "shares nothing yet", "Source 0", "late by 5 days", "not read",
        "until Sun 1 Feb 2026", "birth date: 55", "4 of 6", "fewer than 6 more",
        "no file 'a.csv'".replace("'", "&#39;"), "2025-12 twice its usual rows",
        "by Wed 31 Dec 2025", "overdue", "Fire and rescue and Probation",
        "Two sites send no names.",
        "as known on Mon 5 Jan 2026, 00:00", "compared with Fri 5 Dec 2025, 00:00",
    ):  # fmt: skip
        assert part in words, part


def test_areas_are_told_apart_by_words(said):
    words = said()
    assert "covered, nothing sent" in words
    assert "not in the contract" in words
    assert "part 1 of 2" in words


def test_what_moved_is_said_with_an_arrow_and_words(said):
    words = said()
    assert "\N{BLACK UP-POINTING TRIANGLE} up 5.0 points" in words
    assert "\N{BLACK UP-POINTING TRIANGLE} 1 more; then 3" in words
    assert "\N{BLACK UP-POINTING TRIANGLE} 30 days newer; then Wed 3 Dec 2025" in words


@pytest.mark.parametrize(
    ("share", "before", "words"),
    [
        (0.5, 0.5, "no change"),
        (0.5, 0.5004, "no change"),
        (0.4, 0.5, "\N{BLACK DOWN-POINTING TRIANGLE} down 10.0 points"),
        (0.5, None, "\N{EN DASH}"),
        (None, 0.5, "\N{EN DASH}"),
    ],
)
def test_points(share, before, words):
    assert detail.points(FieldFacts("x", "X", True, share, before)) == words


def test_every_table_is_on_the_page(partnership):
    assert tracker_page(partnership).count("<caption>") == 10


def test_a_partnership_without_any_source_has_a_page(partnership, said):
    nobody = (AgencyFacts("Health", True, ()),)
    words = said(replace(partnership, agencies=nobody, barriers=()))
    assert "0 of 1 expected agencies share data. 0 sources: none." in words
    assert "Nothing is known to be in the way." in words


def test_titles_and_reasons_are_escaped(partnership):
    evil = "<script>alert(1)</script>"
    agency = partnership.agencies[1]
    sources = tuple(replace(s, title=evil, note=evil, covers=evil) for s in agency.sources)
    barriers = tuple(replace(b, barrier=evil, action=evil) for b in partnership.barriers)
    facts = replace(
        partnership,
        title=evil,
        agencies=(replace(agency, agency=evil, sources=sources),),
        barriers=barriers,
    )
    html = tracker_page(facts)
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_equal_facts_give_equal_bytes(partnership):
    assert tracker_page(partnership) == tracker_page(partnership)
