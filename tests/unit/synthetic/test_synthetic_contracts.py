"""The extracts are what their contracts say, but for the faults planted in them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from risk_engine.config import AreasConfig, Contract, OffenceDefinition, load_model
from risk_engine.synthetic import SOURCES, generate, write
from risk_engine.synthetic.faults import LAYOUTS

PROJECT = Path(__file__).parents[3]
CONTEXT = ("census_ethnicity", "imd_2025", "population_by_age", "platform_counts")
NAMELESS = ("ambulance", "community_safety", "fire")


def test_every_source_with_records_has_an_extract(contracts: dict[str, Contract]) -> None:
    records = {name for name, contract in contracts.items() if contract.event}
    assert set(SOURCES) == records - {"police_uk_street"}


@pytest.mark.parametrize("source", SOURCES)
def test_headers_are_those_of_the_contract(
    source: str, whole, contracts: dict[str, Contract]
) -> None:
    wanted = {field.column for field in contracts[source].fields.values()}
    assert set(whole.rows(source).columns) == wanted


@pytest.mark.parametrize("source", SOURCES)
def test_codes_dates_and_patterns_fit_the_contract(
    source: str, whole, contracts: dict[str, Contract]
) -> None:
    frame = whole.sound(source, LAYOUTS[source].key)
    for name, field in contracts[source].fields.items():
        values = frame[field.column]
        given = values[values != ""]
        assert len(given) > 0, name
        assert not field.required or len(given) == len(frame), name
        assert not field.codes or set(given) <= set(field.codes), name
        if field.formats:
            pd.to_datetime(given, format=field.formats[0])
        if field.type == "number":
            pd.to_numeric(given)
        assert field.pattern is None or given.str.fullmatch(field.pattern).all(), name


@pytest.mark.parametrize("source", SOURCES)
def test_nothing_is_known_before_it_happened(
    source: str, whole, contracts: dict[str, Contract]
) -> None:
    contract, frame = contracts[source], whole.sound(source, LAYOUTS[source].key)
    when, known = contract.fields[contract.event.occurred_at], contract.event.known_at
    recorded = contract.fields[known]
    happened = pd.to_datetime(frame[when.column], format=when.formats[0])
    noted = pd.to_datetime(frame[recorded.column], format=recorded.formats[0])
    end = noted + pd.Timedelta(days=1) if recorded.type == "date" else noted
    assert (end > happened).all()
    assert noted.is_monotonic_increasing
    assert noted.max() < pd.Timestamp(whole.made.end) + pd.Timedelta(weeks=4)


def test_every_row_is_in_the_truth_and_no_extract_tells_it(whole) -> None:
    records, people = whole.truth("records"), whole.truth("people")
    assert (records.happened == 1).all()
    for source in SOURCES:
        frame, known = whole.rows(source), records[records.source == source]
        keys = known.row_key
        assert keys.is_unique
        assert set(frame[LAYOUTS[source].key]) == set(keys)
        assert set(people.true_person_id).isdisjoint(frame.to_numpy().ravel())
        assert (known.true_person_id == "").all() == (source in NAMELESS)


def test_the_police_send_one_file_a_month(whole) -> None:
    files = sorted((whole.folder / "police_crime").glob("*.csv"))
    months = pd.period_range("2023-06", "2026-06", freq="M").astype(str)
    assert [file.stem for file in files] == list(months)
    for file in files[1:]:  # the first has the last days of May too
        inside = _recorded(file).dt.strftime("%Y-%m") == file.stem
        assert inside.mean() > 0.99, file.stem  # all but planted faults


def test_no_file_holds_what_is_known_and_what_is_not(areas: AreasConfig, tmp_path: Path) -> None:
    for end in (date(2026, 1, 5), date(2026, 1, 26)):
        folder = tmp_path / end.isoformat()
        write(generate(people=2_000, years=1, end=end, seed=1, areas=areas), folder)
        files = sorted((folder / "police_crime").glob("*.csv"))
        span = _recorded(files[-2])
        assert (span.max() - span[span.dt.year > 2024].min()).days >= 14
        assert span.max() < pd.Timestamp(end) <= _recorded(files[-1]).quantile(0.05)


def _recorded(file: Path) -> pd.Series:
    cells = pd.read_csv(file, dtype=str, keep_default_na=False)["Recorded Date"]
    return pd.to_datetime(cells, format="%d/%m/%Y %H:%M", errors="coerce").dropna()


def test_sites_without_names_name_nobody(whole) -> None:
    frame = whole.rows("emergency_department")
    nameless = frame.Site.isin(["Harbour Hospital", "Downs Hospital"])
    identifying = ["Given Name", "Family Name", "Birth Date", "Postcode"]
    assert (frame[nameless][identifying] == "").all().all()
    assert (frame[~nameless]["Given Name"] != "").all()
    assert 0.2 < nameless.mean() < 0.8


@pytest.mark.parametrize("source", CONTEXT)
def test_context_fits_its_contract(source: str, whole, contracts: dict[str, Contract]) -> None:
    contract = contracts[source]
    frame = pd.read_csv(whole.folder / f"context/{source}.csv", dtype=str, keep_default_na=False)
    broken = whole.truth("faults").query("source == @source")
    key = frame[[contract.fields[name].column for name in contract.key]].agg("/".join, axis=1)
    assert key.is_unique
    bad = 0
    for name, field in contract.fields.items():
        values = frame[field.column]
        assert field.pattern is None or values.str.fullmatch(field.pattern).all(), name
        assert not field.codes or set(values) <= set(field.codes), name
        if field.type == "number":
            number = pd.to_numeric(values[~values.isin(field.missing)])
            low = field.minimum if field.minimum is not None else number.min()
            bad += (number < low).sum()
            assert number.max() <= (field.maximum or number.max()), name
    assert bad == len(broken)


def test_residents_by_age_add_up_and_tell_the_published_young(whole) -> None:
    table = pd.read_csv(whole.folder / "context/population_by_age.csv")
    ages = table[[str(age) for age in range(91)]]
    assert (ages.sum(axis=1) == table.total_population).all()
    young = table[[str(age) for age in range(10, 25)]].to_numpy().sum()
    assert young == pytest.approx(357_169, rel=0.01)


@pytest.mark.parametrize("name", ["serious_violence", "police_uk_proxy"])
def test_definitions_share_one_name_and_state_a_version(name: str) -> None:
    definition = load_model(OffenceDefinition, PROJECT / f"configs/definitions/{name}.yaml")
    assert definition.name == "serious_violence"
    assert definition.version
    assert definition.focus.under_age is None
    assert not definition.focus.public_place


def test_the_definition_uses_kinds_and_words_of_the_police_contract(
    contracts: dict[str, Contract],
) -> None:
    definition = load_model(
        OffenceDefinition, PROJECT / "configs/definitions/serious_violence.yaml"
    )
    fields = contracts["police_crime"].fields
    kinds = set(fields["offence"].codes.values())
    for part in [*definition.include, *definition.exclude]:
        assert set(part.kind) <= kinds
        for attribute, values in part.attributes.items():
            assert set(values) <= set(fields[attribute].codes.values())
