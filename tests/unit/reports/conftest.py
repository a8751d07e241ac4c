"""An invented week: nobody and no place in it exists."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import MultiPoint, box, union_all, voronoi_polygons

from risk_engine.partners.freshness import judge
from risk_engine.partners.tracker import (
    AgencyFacts,
    AgreementFacts,
    AreaFacts,
    BarrierFacts,
    CoverageFacts,
    FieldFacts,
    HeldDrop,
    Refusal,
    RowFacts,
    SourceFacts,
    TrackerFacts,
)
from risk_engine.reports import (
    BriefingFacts,
    CohortFacts,
    Definition,
    GateView,
    TrackRecord,
    WeekFacts,
)

at = datetime.fromisoformat
AS_OF = at("2026-01-05")
NAMES = ["Alder Vale", "Birch & Sons <East>", "Cedar Bay", 'The "Downs"', "Elm Island", "Firth"]
CRS = "EPSG:27700"


def invented_areas() -> gpd.GeoDataFrame:
    rng = np.random.default_rng(7)
    spots = MultiPoint(rng.uniform([400_000, 75_000], [490_000, 165_000], (60, 2)))
    coast = union_all(
        [box(405_000, 95_000, 488_000, 163_000), box(436_000, 77_000, 462_000, 92_000)]
    )
    parts = [part.intersection(coast) for part in voronoi_polygons(spots).geoms]
    column = [
        min(5, int((p.centroid.x - 400_000) // 16_000)) if not p.is_empty else 0 for p in parts
    ]
    shapes = [
        union_all([p for p, c in zip(parts, column, strict=True) if c == i]) for i in range(6)
    ]
    codes = [f"E0700009{i}" for i in range(6)]
    return gpd.GeoDataFrame({"area_code": codes, "name": NAMES}, geometry=shapes, crs=CRS)


def invented_places(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    rng = np.random.default_rng(11)
    centres, codes = [], []
    for area in areas.iloc[:5].itertuples():  # the last area has no place
        town = area.geometry.representative_point()
        for k in range(6):
            step = np.array([275.0 * (k % 3), 275.0 * (k // 3)]) + (5000 if k == 5 else 0)
            centres.append((round(town.x / 25) * 25 + step[0], round(town.y / 25) * 25 + step[1]))
            codes.append(area.area_code)
    n = len(centres)
    order = rng.permutation(n)
    expected = np.sort(rng.gamma(2, 0.4, n))[::-1]
    frame = pd.DataFrame(
        {
            "hotspot_id": [f"SQ-{x:.0f}-{y:.0f}" for x, y in centres],
            "easting": [x for x, _ in centres],
            "northing": [y for _, y in centres],
            "area_code": codes,
        }
    ).iloc[order]
    frame = frame.assign(
        as_of=pd.Timestamp(AS_OF),
        rank=range(1, n + 1),
        force_rank=pd.array([i if i <= 20 else None for i in range(1, n + 1)], dtype="Int64"),
        rank_low=[max(1, i - 1 - i // 4) for i in range(1, n + 1)],
        rank_high=[min(n, i + 2 + i // 3) for i in range(1, n + 1)],
        expected=expected,
        expected_low=expected * 0.5,
        expected_high=expected * 1.8,
        basis=["both" if i % 7 == 1 else "placed square" for i in range(n)],
        category=["above expected" if i % 7 == 1 else "steady" for i in range(n)],
        since=[at("2019-03-01") if i % 3 else at("2025-10-01") for i in range(n)],
        recent=[7] * n,
        recent_expected=[2.1] * n,
        recurrence=["about once in 2 years" if i % 7 == 1 else None for i in range(n)],
        change=["same" if i % 4 else ("new" if i % 8 else "up 6") for i in range(n)],
        usual_when=["Fri-Sat 22-03" if i % 3 else "" for i in range(n)],
        events_1y=[11] * n,
        events_total=[40] * n,
    )
    frame["area_rank"] = frame.groupby("area_code")["rank"].rank().astype("int64")
    frame["reasons"] = [
        [] if i == 2 else ["steady for years", f"{11 + i % 4} robberies or woundings in 12 months"]
        for i in range(n)
    ]
    squares = [
        box(x - 125, y - 125, x + 125, y + 125)
        for x, y in zip(frame["easting"], frame["northing"], strict=True)
    ]
    return gpd.GeoDataFrame(frame, geometry=squares, crs=CRS).reset_index(drop=True)


def invented_backtest() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    origins = [AS_OF - timedelta(weeks=13 - i) for i in range(13)]
    events = rng.poisson(95, 13)
    frame = pd.DataFrame({"origin": pd.to_datetime(origins).as_unit("us"), "events": events})
    for rule, share in (("placed", 0.17), ("grid", 0.135), ("count", 0.12)):
        frame[f"{rule}_hits"] = rng.binomial(events, share)
    return frame.assign(is_forecast_period=[False] * 12 + [True])


def invented_cohort() -> CohortFacts:
    rng = np.random.default_rng(5)
    n, columns = 400, ["person.police.victim_1y", "person.school.suspended_1y", "person.any.last"]
    labels = dict(
        zip(
            columns,
            ["recorded as a victim of violence in the last year",
             "suspended from school in the last year", "days since anything was recorded"],
            strict=True,
        )
    )  # fmt: skip
    people = [f"P{i:024x}" for i in rng.permutation(n)]
    values = pd.DataFrame(rng.poisson(1.2, (n, 3)).astype(float), columns=columns)
    values.iloc[::9, 1] = np.nan
    shap = (values.fillna(0) - 1.2) * [0.5, 0.3, -0.1]
    chance = np.sort(1 / (1 + np.exp(3 - shap.sum(axis=1).to_numpy())))[::-1]
    scores = pd.DataFrame(
        {
            "person_id": people,
            "as_of": pd.Timestamp(AS_OF),
            "outcome": "sv_victim_6m",
            "probability": chance,
            "low": chance * 0.6,
            "high": np.minimum(1, chance * 1.5),
            "rank": range(1, n + 1),
            "selected": [i < 40 for i in range(n)],
            "abstain": [i >= n - 12 for i in range(n)],
            "reasons": [["recorded 3 times as a victim of violence in the last year",
                         "recorded twice as missing in the last 90 days"]] * n,
            "protective": [["back in school since September"] if i % 2 else [] for i in range(n)],
            "area_code": [f"E0700009{i % 5}" for i in range(n)],
        }
    )  # fmt: skip
    scores.loc[scores["abstain"], ["probability", "low", "high"]] = np.nan
    figures = [
        (None, model, versus, metric, 0.1 + i / 20, 0.05 + i / 20, 0.15 + i / 20)
        for i, (model, versus) in enumerate(
            [("prior_events", ""), ("logistic", ""), ("lightgbm", ""), ("lightgbm", "logistic")]
        )
        for metric in ("auc", "average_precision", "precision_at_top", "brier")
    ]
    comparisons = pd.DataFrame(
        figures, columns=["origin", "model", "versus", "metric", "value", "low", "high"]
    )
    size = shap.abs().mean()
    importance = pd.DataFrame(
        {
            "feature": columns,
            "label": [labels[c] for c in columns],
            "direction": ["increasing", "none", "decreasing"],
            "mean_abs_shap": size.to_numpy(),
            "share": (size / size.sum()).to_numpy(),
        }
    )
    metrics = {
        "n_scored": n,
        "positives": 310,
        "base_rate": 0.031,
        "champion": "lightgbm",
        "why_champion": "Boosted trees run: they were better than each simple rule.",
        "calibration": {"method": "isotonic", "why": "fitted on the latest validation date"},
        "warnings": ["implausibly good; check: one fact holds 82% of the importance"],
        "notes": [],
    }
    ids = pd.DataFrame({"person_id": people})
    return CohortFacts(
        name="sv_victim_6m",
        title="Victims of serious violence, aged 10 to 24, next 6 months",
        scores=scores,
        importance=importance,
        comparisons=comparisons,
        metrics=metrics,
        shap=pd.concat([ids, shap], axis=1),
        values=pd.concat([ids, values], axis=1),
        labels=labels,
    )


def audit_row(group: str, verdict: str, *, attribute: str = "ethnicity", **more: object) -> dict:
    row = {
        "subject": "people", "attribute": attribute, "group": group, "reference": "White",
        "metric": "rri", "value": 2.4, "low": 1.6, "high": 3.5, "p_value": 0.001, "n": 12.9,
        "selected": 31, "at_risk": 1000, "rate": 0.031, "reference_selected": 130,
        "reference_at_risk": 10_000, "reference_rate": 0.013, "bound_low": 2.0, "bound_high": 2.9,
        "verdict": verdict, "deciding": True,
        "why": f"People recorded as {group} are more likely to be on the list than people recorded "
        "as White: 2.4 times as often (2.4, 1.6 to 3.5; 31 of 1,000 eligible against 13 of 1,000), "
        "beyond the agreed 1.25.",
    }  # fmt: skip
    return row | more


def invented_audit() -> pd.DataFrame:
    nothing = dict.fromkeys(["value", "low", "high", "p_value", "bound_low", "bound_high"], np.nan)
    rows = [
        audit_row("Asian", "pass", value=1.0, low=0.82, high=1.21, why="Within the agreed 1.25."),
        audit_row("Black", "cannot tell", value=1.6, low=0.8, high=3.1, why="Not enough to say."),
        audit_row("Mixed", "fail"),
        audit_row("White", "reference", **nothing, why="The others are compared with White."),
        audit_row("Unknown", "cannot tell", **nothing, deciding=False, why="Not recorded."),
        audit_row("Black", "pass", subject="places", metric="burden_within_areas", why="Within."),
        audit_row(
            "Male", "fail", attribute="sex", reference="Female", deciding=False, why="Beyond."
        ),
    ]
    return pd.DataFrame(rows)


def invented_by_group() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "attribute": ["ethnicity", "ethnicity"],
            "group": ["Asian", "White"],
            "n": [1000, 9000],
            "selected": [20, 260],
            "selection_rate": [0.02, 0.0289],
            "tpr": [0.31, 0.33],
            "fpr": [0.01, 0.02],
            "precision": [0.25, 0.21],
            "observed": [16, np.nan],
        }
    )


def invented_linkage() -> tuple[list[dict], pd.DataFrame]:
    """Linkage by group, and the rows of the audit that judge it."""
    shares = ("unlinkable", "weak", "recall", "record_recall", "precision")

    def group(attribute: str, name: str, records: int, values: list[float | None]) -> dict:
        row = {"attribute": attribute, "group": name, "records": records, "true_people": 40}
        for share, value in zip(shares, values, strict=True):
            low, high = (None, None) if value is None else (value * 0.9, min(value * 1.1, 1.0))
            row |= {share: value, f"{share}_low": low, f"{share}_high": high}
        return row

    rows = [
        group("ethnicity", "Black", 1500, [0.002, 0.04, 0.83, 0.87, 0.99]),
        group("ethnicity", "White", 9000, [0.001, 0.03, 0.95, 0.96, 0.99]),
        group("source", "police_crime", 10_500, [0.001, 0.03, None, None, None]),
    ]
    linkage = {"subject": "linkage", "deciding": False}
    judged = [
        audit_row("Black", "fail", metric="link_recall", value=-12.0, low=-15.5, high=-8.25,
                  why="Lower by more than the agreed 2 points.", **linkage),
        audit_row("White", "reference", metric="link_recall", value=0.0, low=np.nan, high=np.nan,
                  why="The others are compared with White.", **linkage),
        audit_row("Black", "cannot tell", metric="unlinkable", value=2.0, low=0.5, high=8.0,
                  why="Not enough to say.", **linkage),
    ]  # fmt: skip
    return rows, pd.DataFrame(judged)


@pytest.fixture(scope="session")
def linked_week(week: WeekFacts) -> WeekFacts:
    """The invented week with linkage measured by group."""
    rows, judged = invented_linkage()
    audit = pd.concat([week.audit, judged], ignore_index=True)
    return replace(week, audit=audit, linkage_by_group=rows)


def held() -> dict[str, str]:
    names = ["age", "disability", "ethnicity", "religion_belief", "sex", "sexual_orientation"]
    return {n: "held" if n in {"age", "ethnicity", "sex"} else "not held" for n in names}


def invented_week() -> WeekFacts:
    areas = invented_areas()
    source = {
        "source": "police_crime", "title": "Police recorded crime", "controller": "Example Police",
        "agreement": "ISA-1", "expires": date(2027, 3, 31), "read": 40_123, "accepted": 40_090,
        "repaired": 7, "dropped": 3, "quarantined": 23, "held": 1200, "span_from": at("2023-01-01"),
        "span_to": at("2026-01-04T22:00"), "last_known": at("2026-01-04T23:00"),
        "note": "geography vintage differs between drops",
    }  # fmt: skip
    quiet = source | {"source": "education", "title": "Education <test>", "note": "", "held": 0,
                      "span_from": None, "span_to": None, "last_known": pd.NaT}  # fmt: skip
    files = [
        {"source": "police_crime", "file": "2025-08.csv", "drop": "2025-08", "read": 1205,
         "accepted": 1198, "repaired": 2, "quarantined": 5, "dropped": 0,
         "codes": {"BAD_DATE": 5}, "repairs": {"CODE_CASE": 2}, "held": True},
        {"source": "police_crime", "file": "2025-09.csv", "drop": "2025-09", "read": 38_918,
         "accepted": 38_892, "repaired": 5, "quarantined": 18, "dropped": 3,
         "repairs": {"PLACEHOLDER": 5}, "codes": {"BAD_DATE": 3, "POINT_SEA": 15},
         "held": False},
    ]  # fmt: skip
    return WeekFacts(
        run_id="2026-02-a1b2c3",
        name="weekly",
        title="Example partnership & friends",
        as_of=AS_OF,
        period="week",
        period_label="week of Mon 5 Jan 2026",
        marking="OFFICIAL-SENSITIVE",
        challenge="write to challenge@example.org with the place number",
        definition=Definition("Serious violence", "2026.1"),
        preparer="A. Analyst",
        places=invented_places(areas),
        areas=areas,
        hotspot_summary={
            "expected_total": 93.2,
            "expected_on_list": 24.1,
            "events_used": 14_902,
            "calibration": {"factor": 0.87, "observed": 190, "expected_uncorrected": 218.4},
            "backtest": {
                "placed": {"rate": 0.17, "interval": [0.148, 0.194]},
                "grid": {"rate": 0.135, "interval": [0.115, 0.157]},
                "count": {"rate": 0.12, "interval": [0.101, 0.142]},
                "ratio": 1.26,
                "ratio_interval": [1.11, 1.43],
            },
            "exclusions": [{"reason": "a prison", "by": "A. Analyst", "until": None}],
        },
        backtest=invented_backtest(),
        cohorts=[invented_cohort()],
        audit=invented_audit(),
        by_group=invented_by_group(),
        overall=SimpleNamespace(
            fail=1, passed=2, cannot_tell=1, held=held(),
            blocking=["people/ethnicity/rri/Mixed"],
            to_adjudicate=["people/ethnicity/rri/Black", "people/sex/rri/Male"],
        ),
        gate=GateView(
            allowed=False,
            missing=["blocked by a failed verdict: people/ethnicity/rri/Mixed",
                     "not adjudicated: people/ethnicity/rri/Black", "not signed by a reviewer"],
            to_adjudicate=["people/ethnicity/rri/Black", "people/sex/rri/Male"],
            next=["risk-engine sign 2026-02-a1b2c3 --as NAME --reason '...'"],
        ),
        sources=[source, quiet],
        files=files,
        feeds=[{"drop": "2025-08", "reasons": ["violence twice its usual level"], "held": True}],
        linkage={"records": 61_000, "people": 20_112, "share_unlinkable": 0.012,
                 "pairs_by_rule": {"same birth date and surname": 81_000}},
        features={"people": 18_000, "person_columns": 56, "cells": 67_081, "place_columns": 24},
        manifest={"code_version": "0.1.0", "seed": 1, "settings_hash": "ab12" * 16,
                  "library_versions": {"pandas": "3.0.0"}, "inputs": {"2025-09.csv": "cd34" * 16}},
        stages=[("partners", "2 sources, 40,123 rows read."), ("hotspots", "20 + 10 places.")],
    )  # fmt: skip


@pytest.fixture(scope="session")
def week() -> WeekFacts:
    return invented_week()


@pytest.fixture(scope="session")
def public_week(week: WeekFacts) -> WeekFacts:
    """A month of public data: no people, nothing to compare, no past period, no place."""
    return replace(
        week,
        period="month",
        period_label="September 2025",
        places=week.places.iloc[:0],
        backtest=week.backtest.iloc[:0],
        cohorts=[],
        audit=week.audit.iloc[:0],
        by_group=week.by_group.iloc[:0],
        overall=SimpleNamespace(
            fail=0, passed=0, cannot_tell=1, blocking=[], held={},
            to_adjudicate=["nothing could be compared"],
        ),
        gate=GateView(False, [], ["nothing could be compared"], []),
        hotspot_summary={},
        feeds=[],
        linkage=None,
    )  # fmt: skip


def invented_briefing(week: WeekFacts, code: str | None = "E07000092") -> BriefingFacts:
    if code is None:
        rows = week.places.loc[week.places["force_rank"].notna()]
    else:
        rows = week.places.loc[week.places["area_code"] == code].sort_values("area_rank").head(5)
    return BriefingFacts(
        release_id="R-2026-02",
        approved_by="R. Reviewer",
        approved_at=at("2026-01-05T09:12"),
        expires_at=at("2026-01-12"),
        area_name="the whole area" if code is None else "Cedar Bay",
        area_code=code,
        period="week",
        period_label="week of Mon 5 Jan 2026",
        marking="OFFICIAL-SENSITIVE",
        challenge="write to challenge@example.org with the place number",
        definition=week.definition,
        as_of=AS_OF,
        places=rows,
        areas=week.areas,
        event_share=0.11,
        area_share=0.004,
        joined=1,
        left=1,
        excluded=["a prison (excluded by A. Analyst, further notice)"],
        track=TrackRecord(origins=12, hits=31, events=240, plain_hits=26),
        limits=["Reports of the last 3 days are about 80\xa0% complete."],
        audit=["Passed 3, cannot tell 2 (judged by R. Reviewer: small numbers, watched)."],
    )


@pytest.fixture(scope="session")
def area_briefing(week: WeekFacts) -> BriefingFacts:
    return invented_briefing(week)


@pytest.fixture(scope="session")
def force_briefing(week: WeekFacts) -> BriefingFacts:
    return invented_briefing(week, None)


def invented_source(number: int = 0, **changes: object) -> SourceFacts:
    """A weekly source, three days old, with one silent and one uncovered area."""
    texts = ["1,204", "fewer than 6", "hidden", "0", "0", "310", "12"]
    areas = zip([*(f"E0700009{i}" for i in range(6)), None], [*NAMES, "No local area"], strict=True)
    facts = SourceFacts(
        source=f"source_{number}",
        title=f"Source {number}",
        agency="Health",
        cadence="weekly",
        covers="5 of 6 areas, ages 10 to 24",
        note="Two sites send no names.",
        refused=None,
        agreement=AgreementFacts(
            "REF-1", "A trust", "Public task", "UK GDPR", "special category", "6y", None,
            at("2026-02-01").date(), "ends soon", 27,
        ),
        freshness=judge(
            at("2026-01-01"), at("2026-01-02"), cadence="weekly", as_of=AS_OF,
            timezone="Europe/London",
        ),
        newest_before=at("2025-12-03").date(),
        known=15_275,
        known_text="15,275",
        change=None,
        change_text="fewer than 6 more",
        rows=RowFacts(2, 16_000, 15_300, 500, 150, 50, 0, {"BAD_DATE": 150}, {}),
        held=(HeldDrop("2025-12", ("twice its usual rows",)),),
        fields=(
            FieldFacts("birth date", "DOB", True, 0.55, 0.5),
            FieldFacts("ethnicity", "Ethnic Category", True, None, None, "fewer than 6 rows"),
            FieldFacts("age", "Age", False, 1.0, 1.0),
        ),
        coverage=CoverageFacts(
            "incidents",
            tuple(
                AreaFacts(code, name, code not in {None, "E07000094"}, None, text, text == "0")
                for (code, name), text in zip(areas, texts, strict=True)
            ),
            areas_now=4,
            areas_before=3,
        ),
    )  # fmt: skip
    return replace(facts, **changes)


def invented_tracker() -> TrackerFacts:
    """Seven sources of two agencies, one of them refused, and an agency that shares nothing."""
    refusal = Refusal("MISSING_FILE", "no file 'a.csv'", "put it there")
    nothing = judge(None, None, cadence="weekly", as_of=AS_OF, timezone="Europe/London")
    refused = invented_source(
        6, agency="Police", refused=refusal, freshness=nothing, newest_before=None, rows=None,
        held=(), fields=(), coverage=CoverageFacts("incidents", (), 0, 0),
    )  # fmt: skip
    late = judge(
        at("2025-12-20"), at("2025-12-24"), cadence="weekly", as_of=AS_OF, timezone="Europe/London"
    )
    sources = [invented_source(i) for i in range(5)] + [invented_source(5, freshness=late)]
    return TrackerFacts(
        name="weekly",
        title="An invented partnership",
        marking="OFFICIAL-SENSITIVE",
        challenge="write to challenge@example.org with the place number",
        timezone="Europe/London",
        as_of=AS_OF,
        before=at("2025-12-05"),
        areas=6,
        agencies=(
            AgencyFacts("Fire and rescue", True, ()),
            AgencyFacts("Health", True, tuple(sources)),
            AgencyFacts("Police", True, (refused,)),
            AgencyFacts("Probation", True, ()),
        ),
        barriers=(
            BarrierFacts(
                "Health", "Source 0", "No names", "Agree wording", "Health lead",
                at("2025-12-31").date(), True, "partnership",
            ),
            *(
                BarrierFacts(agency, "", "Shares nothing", "Ask", "", None, False, "engine")
                for agency in ("Fire and rescue", "Probation")
            ),
        ),
    )  # fmt: skip


@pytest.fixture(scope="session")
def partnership() -> TrackerFacts:
    return invented_tracker()
