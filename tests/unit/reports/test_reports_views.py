"""What the pages say, from facts, before any template."""

from dataclasses import replace

import numpy as np
import pytest

from risk_engine.reports.facts import GateView, TrackRecord
from risk_engine.reports.table import Lines, Tag, table
from risk_engine.reports.views import brief, data, decide, fairness, people, places, record


def flat(cell) -> str:
    if isinstance(cell, Lines):
        return " | ".join(flat(line) for line in cell.lines)
    return cell.text if isinstance(cell, Tag) else cell


@pytest.fixture(scope="module")
def places_page(week):
    return places.context(week)


@pytest.fixture(scope="module")
def section(week):
    return people.context(week)["sections"][0]


class TestDecide:
    def test_what_it_would_send(self, week):
        sends = decide.context(week)["sends"]
        assert sends[0] == "Places: 20 for the whole area, 0 to 6 for each of 6 local areas."
        assert "40 listed as pseudonyms" in sends[1]

    def test_without_cohorts_no_people_are_sent(self, public_week):
        assert decide.context(public_week)["sends"][-1] == "People: none."

    def test_obstacles_do_not_repeat_what_waits_for_judgement(self, week):
        obstacles = decide.context(week)["obstacles"]
        assert len(obstacles) == 2
        assert obstacles[0].startswith("Blocked by a failed verdict: people, ethnicity: Mixed.")
        assert obstacles[1] == "Not signed by a reviewer"

    def test_verdict_keys_become_sentences_and_held_feeds_need_judgement(self, week):
        first, second, third = decide.judgement_list(week)
        assert first.startswith("Cannot tell: people, ethnicity: Black. Not enough to say.")
        assert first.endswith("[people/ethnicity/rri/Black]")
        assert second == "Fail: people, sex: Male. Beyond. [people/sex/rri/Male]"
        assert third.startswith("Feed held: 2025-08: violence twice its usual level.")

    def test_a_key_the_audit_does_not_hold_stays_as_it_is(self, public_week):
        assert decide.judgement_list(public_week) == ["Nothing could be compared"]

    def test_an_allowed_release_does_not_wait(self, week):
        gate = GateView(allowed=True, missing=[], to_adjudicate=[], next=["risk-engine release"])
        page = decide.context(replace(week, gate=gate, feeds=[]))
        assert page["waiting"] == 0
        assert page["obstacles"] == page["judgements"] == []

    def test_warnings_of_a_model_are_on_the_first_page(self, week):
        assert any("implausibly good" in line for line in decide.context(week)["since"])


class TestPlaces:
    def test_rows_are_in_order_with_rank_interval_and_expected_interval(self, week, places_page):
        rows = places_page["table"].rows
        assert [row[0] for row in rows] == [str(i) for i in range(1, 21)]
        first = week.places.iloc[0]
        assert f"({first.rank_low}\N{EN DASH}{first.rank_high}) overall" in flat(rows[0][1])
        assert rows[0][2].count("\N{EN DASH}") == 1

    def test_row_order_of_the_facts_changes_nothing(self, week, places_page):
        mixed = replace(week, places=week.places.sample(frac=1, random_state=3))
        assert places.context(mixed)["table"] == places_page["table"]

    def test_above_expected_comes_first_among_the_reasons(self, places_page):
        above = [row for row in places_page["table"].rows if "Above" in flat(row[6])]
        assert above
        assert flat(above[0][6]).startswith(
            "Above expected | 7 recently, where 2.1 were expected; would happen by chance about "
            "once in 2 years | steady for years"
        )

    def test_a_place_without_reasons_says_so(self, places_page):
        assert flat(places_page["table"].rows[2][6]) == "No reason was recorded."

    def test_every_area_has_a_section_also_without_places(self, week, places_page):
        sections = places_page["sections"]
        assert [s["name"] for s in sections] == list(week.areas["name"])
        assert sections[-1]["map"] is None
        assert sections[-1]["count"] == "0 places"

    def test_no_place_at_all(self, public_week):
        page = places.context(public_week)
        assert page["map"] is None
        assert page["table"].rows == ()
        assert page["record_chart"] is None

    def test_another_system_than_the_national_grid_writes_plain_coordinates(self, week):
        moved = replace(week, places=week.places.set_crs("EPSG:32630", allow_override=True))
        assert " E, " in flat(places.context(moved)["table"].rows[0][1])


class TestRecord:
    def test_the_forecast_period_is_not_part_of_the_past(self, week):
        past = week.backtest.iloc[:-1]
        sentence = record.record_sentence(week.backtest, "week")
        hits, events = past["placed_hits"].sum(), past["events"].sum()
        assert sentence.startswith(f"Last 12 weeks: {hits} of {events:,} events inside")

    def test_it_is_marked_in_the_table(self, week):
        rows = record.record_table(week.backtest, period="week", zone="Europe/London").rows
        assert rows[-1][0].endswith("(the forecast period)")
        assert len(rows) == 13

    def test_a_period_without_events_has_no_rate(self, week):
        quiet = week.backtest.assign(events=0, placed_hits=0, grid_hits=0, count_hits=0)
        rows = record.record_table(quiet, period="month", zone="Europe/London").rows
        assert rows[0][1:] == ("0", "0", "0", "0")
        assert "could not be measured" in record.record_sentence(quiet, "month")

    def test_figures_that_are_not_there_are_left_out(self, week):
        assert record.forecast_facts({}) == []
        names = [name for name, _ in record.forecast_facts(week.hotspot_summary)]
        assert "Placed squares over grid squares" in names


class TestPeople:
    def test_at_most_twenty_people_are_shown_best_first(self, section):
        rows = section["people"].rows
        assert [row[0] for row in rows] == [str(i) for i in range(1, 21)]

    def test_reasons_and_protective_factors_are_words(self, section):
        row = section["people"].rows[0]
        assert "recorded 3 times as a victim of violence" in flat(row[3])
        assert flat(row[4]) == "nothing recorded"

    def test_the_candidate_in_use_is_named_and_differences_are_not_figures(self, week):
        shown = people.comparison_table(week.cohorts[0])
        assert [c.title for c in shown.columns][1:] == [
            "Count of earlier events", "Logistic regression", "Boosted trees (in use)",
        ]  # fmt: skip
        assert shown.rows[0][3] == "0.200 (0.150\N{EN DASH}0.250)"

    def test_abstentions_are_counted(self, week):
        assert (
            "For 12 people the engine gives no score"
            in (people.context(week)["sections"][0]["abstained"])
        )

    def test_nobody_listed_and_nothing_measured(self, week):
        cohort = week.cohorts[0]
        bare = replace(
            cohort,
            scores=cohort.scores.assign(selected=False, abstain=False),
            comparisons=cohort.comparisons.iloc[:0],
            importance=cohort.importance.iloc[:0],
            shap=cohort.shap.iloc[:0],
            metrics={},
        )
        section = people.context(replace(week, cohorts=[bare]))["sections"][0]
        assert section["people"].rows == section["comparison"].rows == ()
        assert section["importance_chart"] is None
        assert section["swarm"] == ""
        assert section["abstained"] == "The engine gave everybody a score."


class TestFairness:
    def test_the_first_line(self, week):
        assert fairness.result_line(week.overall) == "Result: 1 FAIL, 2 pass, 1 cannot tell."

    def test_a_fail_stops_the_release(self, week):
        assert fairness.release_line(week).startswith("This release cannot go out")

    def test_nothing_compared_is_never_a_pass(self, public_week):
        page = fairness.context(public_week)
        assert page["result"] == "Result: 0 FAIL, 0 pass, 1 cannot tell."
        assert page["empty"]
        assert page["release"].startswith("This release waits")

    def test_deciding_verdicts_are_sorted_into_three_states(self, week):
        groups = fairness.context(week)["groups"]
        assert [g["tag"].text for g in groups] == ["FAIL", "CANNOT TELL", "PASS"]
        assert [len(g["sentences"]) for g in groups] == [1, 1, 2]

    def test_what_does_not_decide_is_still_shown(self, week):
        assert [s["where"] for s in fairness.context(week)["also"]] == ["People, sex: Male"]

    def test_characteristics_that_are_not_held(self, week):
        assert fairness.context(week)["not_held"] == (
            "disability, religion or belief and sexual orientation"
        )

    def test_each_ratio_stands_beside_both_rates(self, week):
        first = fairness.result_tables(week.audit)[0]
        mixed = next(row for row in first.rows if row[0] == "Mixed")
        assert flat(mixed[2]) == "31 of 1,000 (31.0 per 1,000)"
        assert flat(mixed[3]) == "White | 130 of 10,000 (13.0 per 1,000)"
        assert flat(mixed[5]) == "2.00\N{EN DASH}2.90"

    def test_missing_figures_are_dashes(self, week):
        audit = week.audit.assign(value=np.nan, low=np.nan, high=np.nan, n=np.nan)
        row = fairness.result_tables(audit)[0].rows[0]
        assert row[1] == row[4] == "\N{EN DASH}"


class TestLinkage:
    def cell(self, facts, table, row, column):
        shown = fairness.context(facts)["linkage"]["tables"][table]
        place = [head.title for head in shown.columns].index(column)
        return flat(next(r for r in shown.rows if r[0] == row)[place]).replace("\xa0", " ")

    def test_a_share_with_its_range_the_difference_and_the_verdict(self, linked_week):
        minus = "\N{MINUS SIGN}"
        assert self.cell(linked_week, 0, "Black", "Recall") == (
            "83.0 % | 74.7 % to 91.3 % | by record 87.0 % | "
            f"{minus}12.0 points ({minus}15.5 to {minus}8.2) | FAIL"
        )
        assert self.cell(linked_week, 0, "White", "Recall").endswith("by record 96.0 % | reference")
        assert self.cell(linked_week, 0, "Black", "Too little to link").endswith(
            "2.00 times (0.50 to 8.00) | CANNOT TELL"
        )
        assert self.cell(linked_week, 0, "Black", "Precision") == "99.0 % | 89.1 % to 100.0 %"

    def test_a_source_is_described_and_not_judged(self, linked_week):
        shown = fairness.context(linked_week)["linkage"]["tables"][1]
        assert shown.caption == "Linkage by source"
        heads = [head.title for head in shown.columns]
        assert heads == ["Source", "Records", "Too little to link", "Hang on one weak link"]
        assert flat(shown.rows[0][0]) == "police crime"

    def test_what_fails_without_deciding_is_said_and_listed_with_no_list(self, linked_week):
        page = fairness.context(linked_week)
        assert "Linkage, ethnicity: Black" in [s["where"] for s in page["also"]]
        assert not any("inkage" in shown.caption for shown in page["tables"])
        assert page["linkage"]["tables"][0].caption == (
            "Linkage by ethnicity (shown, does not decide)"
        )

    def test_recall_is_told_in_words_or_said_not_to_be_measured(self, linked_week):
        bare = [
            {name: None if "rec" in name and name != "records" else v for name, v in row.items()}
            for row in linked_week.linkage_by_group
        ]
        page = fairness.context(linked_week)["linkage"]
        assert page["measured"]
        assert page["meanings"][2]["text"].startswith(
            "of the pairs of records that truly are one person, so many in a hundred were found."
        )
        assert not fairness.context(replace(linked_week, linkage_by_group=bare))["linkage"][
            "measured"
        ]

    def test_nothing_linked_is_no_section(self, public_week):
        assert fairness.context(public_week)["linkage"]["tables"] == []


class TestData:
    def test_rows_reconcile(self, week):
        assert data.reconciled(week) == (
            "40,123 rows read = 40,090 accepted + 7 repaired, of which 1,200 are held until a "
            "person decides + 23 quarantined + 3 dropped for retention. Every row is accounted for."
        )

    def test_a_lost_row_is_said_loudly(self, week):
        files = [{**week.files[0], "read": week.files[0]["read"] + 2}]
        assert data.reconciled(replace(week, files=files)).endswith("NOT RECONCILED: 2 rows.")

    def test_codes_are_summed_over_files(self, week):
        rows = data.context(week)["codes"].rows
        assert rows[0] == ("BAD_DATE", "a date in none of the agreed formats", "8")
        assert rows[1][2] == "15"

    def test_a_source_that_sent_nothing(self, week):
        assert data.context(week)["sources"].rows[1][-2:] == ("\N{EN DASH}", "\N{EN DASH}")

    def test_rows_known_later_are_said_to_be_unused(self, week):
        assert data.context(week)["later"] == ""
        late = [{**week.sources[0], "last_known": week.as_of}]
        assert "Nothing of that was used" in data.context(replace(week, sources=late))["later"]
        assert (
            "Data known up to Mon 5 Jan 2026, from 1 source; 1 feed held."
            in (decide.context(replace(week, sources=late))["since"])
        )

    def test_a_decision_about_a_drop_is_shown_and_needs_no_further_judgement(self, week):
        decision = {"accept": False, "by": "Ben <Manager>", "reason": "the force withdrew it"}
        feed = {**week.feeds[0], "notes": ["1 month missing"], "decision": decision}
        decided = replace(week, feeds=[feed])
        row = data.context(decided)["feeds"].rows[0]
        assert flat(row[3]) == "1 month missing"
        assert row[4] == "rejected by Ben <Manager>: the force withdrew it"
        assert not any("Feed held" in text for text in decide.judgement_list(decided))
        since = decide.context(decided)["since"]
        assert "Feed 2025-08 rejected by Ben <Manager>: the force withdrew it." in since

    def test_how_fast_records_arrive(self, week):
        told = {
            "source": "police_crime", "told": True, "why_not": "",
            "known": [{"age": 0, "share": 0.57, "low": 0.5, "high": 0.6}],
            "until": [{"share": 0.8, "days": 1}, {"share": 0.99, "days": None}],
            "unseen": [{"days": 3, "share": 0.23, "low": 0.2, "high": 0.26}],
        }  # fmt: skip
        quiet = {"source": "education", "told": False, "why_not": "only 12 rows say"}
        page = data.context(replace(week, delays=[told, quiet]))
        assert page["delays"].columns[-1].title == "Unseen of the last 3 days"
        row = [flat(cell) for cell in page["delays"].rows[0]]
        assert row[:4] == ["Police recorded crime", "57\xa0%", "1", "\N{EN DASH}"]
        assert row[4] == "23\xa0% | 20\xa0% to 26\xa0%"
        assert page["not_told"] == ["Education <test>: not told, only 12 rows say."]

    def test_a_seed_is_a_name_not_a_number(self, week):
        rows = dict(data.context(replace(week, manifest={"seed": 20250901}))["manifest"].rows)
        assert rows["Seed"] == "20250901"

    def test_no_linkage(self, public_week):
        assert data.context(public_week)["linkage"].rows == ()


class TestBriefing:
    def test_headline(self, area_briefing):
        assert brief.headline(area_briefing) == (
            "5 places hold 1 in 9 of the serious violence expected in Cedar Bay this week, in "
            "0.4\xa0% of its area."
        )

    def test_headline_without_a_share_and_without_places(self, area_briefing):
        assert brief.headline(replace(area_briefing, event_share=None)) == "5 places in Cedar Bay."
        empty = replace(area_briefing, places=area_briefing.places.iloc[:0])
        assert brief.headline(empty).startswith("No place is listed in Cedar Bay")
        assert brief.context(empty)["map"] is None

    def test_rows_are_numbered_from_one_in_the_order_given(self, area_briefing):
        rows = brief.context(area_briefing)["table"].rows
        assert [row[0] for row in rows] == ["1", "2", "3", "4", "5"]

    def test_the_area_is_named_only_where_the_list_crosses_areas(
        self, area_briefing, force_briefing
    ):
        assert "Cedar Bay" not in flat(brief.context(area_briefing)["table"].rows[0][1])
        assert flat(brief.context(force_briefing)["table"].rows[0][1]).startswith("Alder Vale")

    def test_track_record(self):
        track = TrackRecord(origins=12, hits=31, events=240, plain_hits=26)
        assert brief.track_sentence(track, "week") == (
            "Last 12 weeks: 31 of 240 events inside (13\xa0%); a plain count would have held 26."
        )
        assert "not been measured" in brief.track_sentence(None, "week")


def test_a_table_refuses_rows_of_another_width():
    with pytest.raises(ValueError, match="does not have 2 cells"):
        table("Caption", ["A", "#B"], [["1"]])
