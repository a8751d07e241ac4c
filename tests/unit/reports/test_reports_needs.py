"""The needs assessment on paper: it says what its tables say, and shows nothing they hide."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime
from zlib import crc32

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
from shapely import box

from risk_engine.needs import Assessment, Month, Window
from risk_engine.needs.cells import Shown
from risk_engine.needs.layout import Layout, month_table
from risk_engine.needs.tables import counts_table, suppressed
from risk_engine.reports import Definition
from risk_engine.reports import needs_words as words
from risk_engine.reports.needs import needs_page, write_needs_workbook
from risk_engine.reports.needs_facts import NeedsFacts, SourceLine

YEAR = Window.of_year(2025, "Europe/London")
AS_OF = datetime.fromisoformat("2026-01-05")
NAMES = {"N": "North & East", "S": "South <side>"}


class Everything:
    """Any count of any table, so that every number in the document can be told from the others."""

    def __init__(self, start, hidden=()):
        self.start, self.hidden = start, frozenset(hidden)

    def count(self, dimension, item="all", area="force"):
        return None if (dimension, area) in self.hidden else self._number(dimension, item, area)

    def text(self, dimension, item="all", area="force"):
        number = self.count(dimension, item, area)
        return "fewer than 10" if number is None else f"{number:,}"

    def _number(self, dimension, item, area):
        return self.start + crc32(f"{dimension} {item} {area}".encode()) % 70_000


def areas_config():
    from risk_engine.config import AreasConfig

    return AreasConfig.model_validate(
        {
            "force_area": {"code": "E23", "name": "Shire"},
            "local_areas": [
                {"code": code, "name": name, "population": 100_000} for code, name in NAMES.items()
            ],
        }
    )


def definition():
    from risk_engine.config import OffenceDefinition

    category = {"name": "robbery", "title": "Robbery", "where": {"kind": "robbery"}}
    return OffenceDefinition.model_validate(
        {
            "name": "serious", "version": "7", "from_date": "2025-01-01",
            "title": "Serious violence", "include": [{"kind": "robbery"}],
            "categories": [category],
        }
    )  # fmt: skip


def invented(*, comparable=True, hidden=(), months=YEAR.this, faults=(), health_faults=()):
    """Facts of an invented year; `hidden` are ``(dimension, area)``."""
    counted = type("Held", (), dict.fromkeys(
        ["held_ages", "held_weapons", "held_places", "held_times"], True))()  # fmt: skip
    plan = Layout(areas_config(), definition(), YEAR, counted, months)
    this, before = Everything(10_000, hidden), Everything(11_000, hidden) if comparable else None
    tables = {
        sheet: counts_table(rows, this, before)
        for sheet, rows in {**plan.offences(), **plan.victims()}.items()
    }
    tables["months"] = month_table(YEAR, this, before or Shown({}, {}), months, YEAR.before)
    health = counts_table(plan.health(), this, before)
    tables["health"] = health.assign(source="ed", measure="assault attendance")
    log = [suppressed(table, sheet, ("2025", "2024")) for sheet, table in tables.items()]
    found = Assessment(
        window=YEAR, as_of=AS_OF, months=tuple(months), comparable=comparable,
        faults=tuple(faults), faults_before=(), health_faults=tuple(health_faults), seen=0.97,
        seen_last=0.9, threshold=10,
        tables=tables, suppressed=pd.concat(log, ignore_index=True), sources=("police",),
        health_sources=("ed",), held_ages=True, held_weapons=True, held_places=True,
        held_times=True,
    )  # fmt: skip
    shapes = [box(0, 0, 20_000, 20_000), box(20_000, 0, 40_000, 20_000)]
    return NeedsFacts(
        title="One year", marking="OFFICIAL & more", challenge="Write to the partnership",
        force_area="Shire", definition=Definition("Serious violence", "7"),
        definition_note="What is in and what is out.", found=found,
        areas=gpd.GeoDataFrame(
            {"area_code": [*NAMES], "name": [*NAMES.values()]}, geometry=shapes, crs="EPSG:27700"
        ),
        sources=(
            SourceLine("police", "Police records", "The police", 900, 4, 0, AS_OF, "offences"),
            SourceLine("ed", "Attendances", "The trusts", 80, 0, 0, None, "health"),
        ),
        residents=200_000,
    )  # fmt: skip


def read(page):
    """Return the words of a page, those inside its drawings too."""
    return re.sub(r"<[^>]+>", " ", page.split("<main", 1)[1])


@pytest.fixture(scope="module")
def facts():
    return invented()


@pytest.fixture(scope="module")
def page(facts):
    return needs_page(facts)


@pytest.fixture
def book(tmp_path):
    def write(facts):
        write_needs_workbook(facts, tmp_path / "needs.xlsx")
        return openpyxl.load_workbook(tmp_path / "needs.xlsx")

    return write


def test_definition_version_marking_and_challenge_are_at_the_head_and_foot(page):
    head, foot = page.split("<main", 1)[0], page.split("<footer", 1)[1]
    assert "Serious violence, version 7" in head
    assert "OFFICIAL &amp; more" in head
    assert "Write to the partnership" in foot


def test_every_local_area_has_a_chapter_with_its_paragraph(page):
    for name in ("North &amp; East", "South &lt;side&gt;"):
        assert re.search(rf"<h2 id=[^>]+>{name}</h2>\s*<p>[\d,]+ offences were recorded in", page)


def test_the_page_reaches_for_nothing_outside_itself(page):
    outside = re.sub(r'xmlns(:xlink)?="[^"]+"', "", page)
    assert not re.findall(r"""(?:src|href)=["'](?!#|data:)""", outside)
    assert "<script" not in page
    assert "url(http" not in page


def test_every_picture_has_a_title_a_description_and_a_table_beside_it(page):
    pictures = re.findall(r'<svg role="img".*?</svg>', page, flags=re.DOTALL)
    assert len(pictures) == 10  # seven charts and a map, and a chart for each of two chapters
    for picture in pictures:
        assert re.search(r"<title [^>]+>[^<]+</title><desc [^>]+>[^<]+</desc>", picture)
    identifiers = re.findall(r'\bid="([^"]+)"', page)
    assert len(identifiers) == len(set(identifiers))


def test_equal_facts_give_equal_bytes(facts, page, tmp_path):
    assert needs_page(invented()) == page
    for name in ("one.xlsx", "two.xlsx"):
        write_needs_workbook(invented(), tmp_path / name)
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()


@pytest.mark.parametrize("dimension", ["all", "category", "quarter", "knife", "place"])
def test_what_a_table_hides_is_nowhere_on_the_page_nor_in_the_workbook(dimension, book, page):
    shown, facts = Everything(10_000), invented(hidden=[(dimension, "S")])
    items = {"all": "all", "category": 0, "quarter": 1, "knife": True, "place": "public"}
    number = shown.count(dimension, items[dimension], "S")
    hidden, open_ = read(needs_page(facts)), read(page)
    assert f"{number:,}" in open_
    assert f"{number:,}" not in hidden
    assert "fewer than 10" in hidden
    assert number not in {cell.value for sheet in book(facts) for row in sheet for cell in row}


def test_rates_shares_and_changes_go_with_a_hidden_count(book):
    sheet = book(invented(hidden=[("all", "S")]))["Areas"]
    row = next(row for row in sheet.iter_rows(values_only=True) if row[0] == "South <side>")
    assert row[1:] == ("fewer than 10", *[None] * 4, "fewer than 10", *[None] * 3, "not given", "7")


def test_the_workbook_has_one_table_a_sheet_with_real_numbers(book):
    opened = book(invented())
    assert opened.sheetnames == [
        "Read me", "Headline", "Categories", "Areas", "Area measures", "Area categories",
        "Area quarters", "Area places", "Months", "Times", "Places", "Victims", "Health",
        "Suppression log",
    ]  # fmt: skip
    for sheet in opened:
        assert len(sheet.tables) == 1
        assert sheet.freeze_panes == "A2"
        assert "definition 7" in sheet.oddHeader.left.text
    headline = opened["Headline"]
    assert [cell.value for cell in headline[1]][:5] == [
        "Measure",
        "2025",
        "Share",
        "2024",
        "Change",
    ]
    assert isinstance(headline["B2"].value, int)
    assert headline["C2"].number_format == "0.0%"


def test_the_log_says_what_is_hidden_where_and_why(book):
    log = book(invented(hidden=[("place", "S")]))["Suppression log"]
    rows = [row for row in log.iter_rows(min_row=2, values_only=True) if row[1] == "South <side>"]
    assert {row[0] for row in rows} == {"Area places"}
    assert {row[4] for row in rows} == {"small count"}


def test_years_that_are_not_alike_give_no_change_and_say_why(book):
    fault = Month("police", date(2025, 8, 1), "nothing", "the drop 2025-08 is held")
    months = [month for month in YEAR.this if month.month != 8]
    facts = invented(comparable=False, months=months, faults=[fault])
    page = needs_page(facts)
    assert "Aug 2025: the drop 2025-08 is held (Police records)." in page
    assert "So no change on 2024 is given" in page
    assert "recorded in 11 months of 2025" in page
    assert "Change (95" not in page
    assert "Jul to Sep, 2 of 3 months" in page
    opened = book(facts)
    assert "Change" not in [cell.value for cell in opened["Areas"][1]]
    assert "Nothing: 2024 is not covered alike" in [row[1].value for row in opened["Read me"]]


def test_a_count_too_small_for_an_area_ends_its_paragraph():
    facts = invented(hidden=[("all", "S")])
    assert words.local_paragraph(facts, "S").endswith("without showing who they may be.")
    assert not re.search(r"\d,\d|\d\.\d", words.local_paragraph(facts, "S").replace("2025", ""))


def test_a_count_that_is_hidden_for_others_is_said_to_be_so():
    facts = invented()
    areas = facts.found.tables["areas"]
    areas.loc[areas["area_code"] == "S", ["count", "count_text"]] = [pd.NA, "hidden"]
    assert words.local_paragraph(facts, "S") == (
        "An undisclosed number of offences were recorded in South <side> in 2025: the number would "
        "give a small one elsewhere away."
    )


@pytest.mark.parametrize(
    ("count", "before", "says"),
    [
        (5049, 4628, "That is 9.1\xa0% more than the 4,628 in 2021 (+4.8\xa0% to +13.6\xa0%)."),
        (60, 100, "That is 40.0\xa0% fewer than the 100 in 2021"),
        (1348, 1309, "There were 1,309 in 2021; the difference cannot be told from no change"),
        (12, 0, "There were 0 in 2021."),
        (12, None, ""),
        (None, 12, ""),
    ],
)
def test_a_sentence_on_change_has_both_counts_and_claims_no_more_than_its_interval(
    count, before, says
):
    from risk_engine.needs.tables import Row

    key = ("all", "all", "force")
    this, then = (Shown({key: n}, {key: str(n)}) for n in (count, before))
    row = counts_table([Row(key, "Offences")], this, then).iloc[0].to_dict()
    sentence = words.change_sentence(row, "2021")
    assert sentence.startswith(says)
    assert bool(sentence) == bool(says)


@pytest.mark.parametrize(
    ("low", "high", "says"),
    [(0.6, 0.9, "higher than the 0.50"), (0.1, 0.4, "lower than the 0.50"), (0.4, 0.6, "; 0.50")],
)
def test_a_rate_is_called_higher_or_lower_only_outside_its_interval(low, high, says):
    facts = invented()
    overall = replace(facts, residents=int(facts.found.tables["headline"]["count"].iloc[0]) * 2000)
    row = {"rate": 0.5, "rate_low": low, "rate_high": high}
    assert says in words._against(row, overall)


def test_what_a_health_source_does_not_cover_is_said_beside_its_table():
    gone = [Month("ed", month, "nothing", "no rows") for month in YEAR.this[9:]]
    page = read(needs_page(invented(health_faults=gone)))
    part = page[page.index("Known to health services") : page.index("Limits and sources")]
    assert "Oct to Dec 2025: no rows (Attendances)." in part
    assert "no change on 2024 is given" in part


def test_late_reports_are_said():
    lines = " ".join(words.limits(invented()))
    assert "of the offences of 2024, 97\xa0% had been recorded" in lines
    assert "Of the offences of Dec 2024, 90\xa0% had" in lines


def test_a_remainder_is_never_named_as_the_most_often_recorded():
    facts = invented()
    rows = facts.found.tables["area_categories"]
    facts.found.tables["area_categories"].loc[rows["item"] == "1", "count"] = 99_000
    assert "Most often" not in words.local_paragraph(facts, "N")
