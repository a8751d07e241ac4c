"""The five extracts are what their contracts say, but for the faults planted in them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from risk_engine.config import Contract, OffenceDefinition, load_model
from risk_engine.synthetic import Partnership
from risk_engine.synthetic.faults import LAYOUTS

PROJECT = Path(__file__).parents[3]
SOURCES = sorted(LAYOUTS)


def sound_rows(partnership: Partnership, source: str) -> pd.DataFrame:
    """Rows of an extract without those that were broken on purpose."""
    faults = partnership.truth["faults"]
    broken = faults[faults.source == source].row_key
    frame = partnership.extracts[source]
    return frame[~frame[LAYOUTS[source].key].isin(broken)]


@pytest.mark.parametrize("source", SOURCES)
def test_headers_are_those_of_the_contract(
    source: str, whole: Partnership, contracts: dict[str, Contract]
) -> None:
    wanted = {field.column for field in contracts[source].fields.values()}
    assert set(whole.extracts[source].columns) == wanted


@pytest.mark.parametrize("source", SOURCES)
def test_codes_dates_and_patterns_fit_the_contract(
    source: str, whole: Partnership, contracts: dict[str, Contract]
) -> None:
    frame = sound_rows(whole, source)
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
    source: str, whole: Partnership, contracts: dict[str, Contract]
) -> None:
    contract, frame = contracts[source], sound_rows(whole, source)
    when, known = contract.fields[contract.event.occurred_at], contract.event.known_at
    assert known is not None
    recorded = contract.fields[known]
    happened = pd.to_datetime(frame[when.column], format=when.formats[0])
    assert (pd.to_datetime(frame[recorded.column], format=recorded.formats[0]) > happened).all()


@pytest.mark.parametrize("source", SOURCES)
def test_planted_faults_are_in_the_file_and_under_one_per_cent(
    source: str, whole: Partnership
) -> None:
    layout, frame = LAYOUTS[source], whole.extracts[source]
    truth = whole.truth["faults"].query("source == @source")
    count = truth.fault.value_counts()
    assert frame[layout.key].duplicated().sum() == count["DUPLICATE_KEY"]
    assert (frame[layout.code] == "ZZ9").sum() == count["UNKNOWN_CODE"]
    assert (frame[layout.known] == "").sum() == count["REQUIRED_MISSING"]
    assert frame[layout.when].str.startswith("31/02").sum() == count["BAD_DATE"]
    assert 0 < len(truth) < 0.01 * len(frame)
    assert truth.row_key.is_unique


def test_every_row_is_in_the_truth_and_no_extract_tells_it(whole: Partnership) -> None:
    records, people = whole.truth["records"], whole.truth["people"]
    for source, frame in whole.extracts.items():
        keys = records[records.source == source].row_key
        assert keys.is_unique
        assert set(frame[LAYOUTS[source].key]) == set(keys)
        assert set(people.true_person_id).isdisjoint(frame.to_numpy().ravel())


def test_sites_without_names_name_nobody(whole: Partnership) -> None:
    frame = whole.extracts["emergency_department"]
    nameless = frame.Site.isin(["Harbour Hospital", "Downs Hospital"])
    identifying = ["Given Name", "Family Name", "Birth Date", "Postcode"]
    assert (frame[nameless][identifying] == "").all().all()
    assert (frame[~nameless]["Given Name"] != "").all()
    assert 0.2 < nameless.mean() < 0.8


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
