"""The contracts and code lists that ship: whole, lawful, and of one mind with the catalogue."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from risk_engine.config import (
    Contract,
    FeatureFile,
    OffenceDefinition,
    load_contract,
    load_model,
    load_settings,
)
from risk_engine.config.contract import Characteristic, CodeList
from risk_engine.config.definition import EventFilter

ROOT = Path(__file__).parents[3]
PATHS = sorted((ROOT / "configs" / "partners").glob("*.yaml"))
CODES = sorted((ROOT / "configs" / "codes").glob("*.yaml"))
CATALOGUES = sorted((ROOT / "features").glob("*/*.yaml"))
DEFINITIONS = sorted((ROOT / "configs" / "definitions").glob("*.yaml"))
CONTRACTS = {path.stem: load_contract(path, root=ROOT) for path in PATHS}
#: Source -> its file among the public data sets.
PUBLISHED = {
    "census_ethnicity": "uk_geo/ethnicity21_lsoa21.csv",
    "imd_2019": "uk_geo/imd2019_lsoa11.csv",
    "imd_2025": "uk_geo/imd2025_lsoa21.csv",
    "police_uk_street": "police_uk_hampshire/2017-02-hampshire-street.csv",
    "population_by_age": "uk_geo/population2020_lsoa11_by_age.csv",
}
GROUPS = ["Asian", "Black", "Mixed", "White", "Other", "Unknown"]

each_contract = pytest.mark.parametrize("contract", CONTRACTS.values(), ids=CONTRACTS)


def words(contract: Contract, name: str | dict) -> set[str]:
    """What a field may say, in the engine's words."""
    if isinstance(name, dict):
        return {name["const"]}
    return set(contract.fields[name].codes.values())


def kinds(contract: Contract) -> set[str]:
    return words(contract, contract.event.kind) if contract.event else set()


def records(source: str) -> list[Contract]:
    """The contracts of events that a catalogue of `source` may look at."""
    chosen = CONTRACTS.values() if source == "any" else [CONTRACTS[source]]
    return [contract for contract in chosen if contract.event and not contract.features_blocked]


def test_every_source_of_the_partnership_has_a_contract():
    assert CONTRACTS.keys() == {
        "police_crime", "custody", "missing_persons", "stop_and_search", "emergency_department",
        "ambulance", "hospital_admissions", "youth_justice", "probation", "fire", "education",
        "childrens_services", "community_safety", "police_uk_street", "platform_counts",
        "imd_2019", "imd_2025", "census_ethnicity", "population_by_age",
    }  # fmt: skip


@each_contract
def test_a_contract_is_named_after_its_source(contract):
    assert CONTRACTS[contract.source] is contract


@each_contract
def test_personal_data_have_a_regime_and_a_basis_that_is_to_be_checked(contract):
    if contract.personal_data == "none":
        assert contract.regime == "not personal data"
        assert not contract.person
        return
    assert contract.regime in {"UK GDPR", "DPA 2018 Part 3"}
    assert "(check with the partnership)" in contract.lawful_basis
    assert "(check with the partnership)" in contract.controller


@each_contract
def test_an_agreement_is_an_example_or_an_open_licence(contract):
    reference = contract.agreement.reference
    if contract.agency == "Published statistics" or contract.source == "police_uk_street":
        assert reference == "Open Government Licence v3.0"
    else:
        assert reference.startswith("EXAMPLE-")
        others = [c.agreement.reference for c in CONTRACTS.values() if c is not contract]
        assert reference not in others


@each_contract
def test_health_police_and_ethnicity_are_special_category(contract):
    if contract.protected or contract.discovery == "health":
        assert contract.personal_data == "special_category"


@each_contract
def test_no_protected_characteristic_is_an_attribute(contract):
    # an age at the event is kept: eligibility and the definition's focus need it
    named = {*Characteristic.__args__, "gender"} - {"age"}
    attributes = contract.event.attributes if contract.event else []
    assert not {word for name in attributes for word in named if word in name}


@each_contract
def test_what_is_held_about_a_person_is_mapped_once(contract):
    columns = Counter(spec.column for spec in contract.fields.values())
    twice = {column for column, count in columns.items() if count > 1}
    assert twice <= {"Offence Code"}


@each_contract
def test_every_field_is_put_to_a_use(contract):
    """What nobody needs is not asked for."""
    named = {name for _, name in contract._references()}
    spare = contract.fields.keys() - named
    assert spare <= {"site", "area_name"}  # kept so that a reader can tell where a row is from


@each_contract
def test_an_event_is_known_by_the_partner_no_sooner_than_it_says(contract):
    if contract.event and contract.personal_data != "none":
        assert contract.event.known_at
        assert contract.fields[contract.event.known_at].required


@each_contract
def test_ethnicity_is_held_in_the_five_groups_in_order(contract):
    for spec in contract.protected:
        if spec.characteristic == "ethnicity":
            assert words(contract, spec.field) <= set(GROUPS)
            assert {"Asian", "Black", "White", "Other"} <= words(contract, spec.field)


@pytest.mark.parametrize("path", CODES, ids=lambda path: path.stem)
def test_a_code_list_says_where_it_is_from_and_is_used(path):
    found = load_model(CodeList, path)
    assert found.name == path.stem
    users = [
        contract.source
        for contract in CONTRACTS.values()
        for spec in contract.fields.values()
        if spec.codes_from == path.relative_to(ROOT)
    ]
    assert users


@pytest.mark.parametrize("path", [p for p in CODES if "ethnicity" in p.stem], ids=lambda p: p.stem)
def test_ethnic_groups_are_in_alphabetical_order_with_other_and_unknown_last(path):
    said = list(dict.fromkeys(load_model(CodeList, path).codes.values()))
    assert said == [group for group in GROUPS if group in said]


def test_every_offence_class_has_one_kind_and_one_category():
    offence = CONTRACTS["police_crime"].fields["offence"].codes
    category = CONTRACTS["police_crime"].fields["category"].codes
    assert offence.keys() == category.keys()
    kind_of = {(category[code], offence[code]) for code in offence}
    assert len(kind_of) == len(set(category.values()))


def test_homicide_and_bladed_weapons_can_be_told_apart():
    of: dict[str, set[str]] = {}
    for code, word in CONTRACTS["police_crime"].fields["category"].codes.items():
        of.setdefault(word, set()).add(code)
    assert of["homicide"] == {"1", "4/1", "4/2", "4/10"}
    assert of["attempted_murder"] == {"2"}
    assert of["bladed_weapon"] == {"10D"}
    assert {"5D", "5E", "5A", "8F"} <= of["wounding_gbh"]
    assert (of["robbery_business"], of["robbery_personal"]) == ({"34A"}, {"34B"})
    assert "category" in CONTRACTS["police_crime"].event.attributes


def test_own_codes_add_to_a_ready_list():
    codes = CONTRACTS["youth_justice"].fields["ethnicity"].codes
    assert codes["Chinese or Other"] == "Other"
    assert codes["W3"] == "White"


def unknown(where: EventFilter, sources: list[Contract]) -> set[str]:
    """What a filter asks for that none of the sources could ever say."""
    missing = set(where.kind) - {kind for contract in sources for kind in kinds(contract)}
    for name, values in where.attributes.items():
        held = [c for c in sources if name in c.event.attributes]
        missing |= set(values) - {word for c in held for word in words(c, name)}
    roles = {role for c in sources for role in words(c, c.event.role)} | {"none"}
    return missing | (set(where.role) - roles)


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_feature_asks_for_what_its_source_holds(path):
    file = load_model(FeatureFile, path)
    sources = records(file.source)
    assert sources, "a catalogue of a source that is blocked or holds no events"
    for feature in file.features:
        assert not unknown(feature.where, sources), feature.name


@pytest.mark.parametrize("path", DEFINITIONS, ids=lambda path: path.stem)
def test_a_definition_asks_for_what_some_source_holds(path):
    definition = load_model(OffenceDefinition, path)
    for where in [*definition.include, *definition.exclude]:
        assert not unknown(where, records("any"))


def test_an_offence_of_the_definition_comes_from_one_source_only():
    """Two sources with one kind would count the same harm twice."""
    definition = load_model(OffenceDefinition, ROOT / "configs/definitions/serious_violence.yaml")
    counted = {kind for where in definition.include for kind in where.kind}
    others = CONTRACTS.keys() - {"police_crime", "police_uk_street"}  # the second stands alone
    assert not {name for name in others if counted & kinds(CONTRACTS[name])}


def test_stop_and_search_is_refused_as_a_feature_source(project):
    contract = CONTRACTS["stop_and_search"]
    assert contract.features_blocked
    assert contract.person is None
    for path in [ROOT / "configs/partners/stop_and_search.yaml", *CODES]:
        name = str(path.relative_to(ROOT))
        project.write(name, path.read_text(encoding="utf-8"))
    project.change(
        "configs/week.yaml",
        "linkage:",
        "  - {contract: configs/partners/stop_and_search.yaml, files: data/s.csv}\nlinkage:",
    )
    project.load()
    feature = "name: searched, label: as searched, windows: [1y], rationale: none"
    project.write(
        "features/place/searches.yaml", f"source: stop_and_search\nfeatures:\n  - {{{feature}}}\n"
    )
    (fault,) = project.faults()
    assert fault.file == "features/place/searches.yaml"
    assert "blocked as a feature source" in fault.message


def test_the_weekly_run_lists_every_source_but_the_published_street_files():
    settings = load_settings(ROOT / "configs/weekly.yaml")
    assert settings.contracts.keys() == CONTRACTS.keys() - {"police_uk_street"}
    for source in settings.sources:
        if source.contract.agency != "Published statistics":
            (pattern,) = source.files
            assert pattern.name == f"{source.contract.source}*.csv"
    names = sorted(settings.contracts)
    clashes = [(a, b) for a in names for b in names if a != b and b.startswith(a)]
    assert not clashes, "a file of the second would be read as the first's too"


@pytest.mark.parametrize("source", PUBLISHED)
def test_the_published_files_hold_every_mapped_column(source, public_data):
    columns = {spec.column for spec in CONTRACTS[source].fields.values()}
    assert columns <= set(header(public_data / PUBLISHED[source]))


@pytest.mark.parametrize("source", sorted(PUBLISHED.keys() - {"police_uk_street"}))
def test_the_published_files_keep_to_their_contract(source, public_data):
    contract, rows = CONTRACTS[source], list(table(public_data / PUBLISHED[source]))
    key = [contract.fields[name].column for name in contract.key]
    assert len({tuple(row[column] for column in key) for row in rows}) == len(rows) > 1_000
    for spec in contract.fields.values():
        cells = [row[spec.column] for row in rows]
        if spec.type == "code":
            assert set(cells) == set(spec.codes)
        if spec.type == "number":
            numbers = [float(cell) for cell in cells]
            assert spec.minimum is None or min(numbers) >= spec.minimum
            assert spec.maximum is None or max(numbers) <= spec.maximum


def test_residents_by_age_add_up_to_the_known_total(public_data):
    contract = CONTRACTS["population_by_age"]
    rows = list(table(public_data / PUBLISHED["population_by_age"]))

    def total(*measures: str) -> float:
        columns = [contract.fields[contract.measures.values[name]].column for name in measures]
        return sum(float(row[column]) for row in rows for column in columns)

    assert total("residents") == 1_999_066
    assert total(*(f"residents_aged_{age}" for age in range(10, 25))) == 357_169


def header(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as handle:
        return next(csv.reader(handle))


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def test_the_examples_of_the_how_to_page_are_contracts(tmp_path):
    page = (ROOT / "docs/how-to/add-a-source.md").read_text(encoding="utf-8")
    examples = [part.split("```")[0] for part in page.split("```yaml\n")[1:]]
    assert len(examples) == 2
    for number, text in enumerate(examples):
        path = tmp_path / f"{number}.yaml"
        path.write_text(text, encoding="utf-8")
        contract = load_contract(path, root=ROOT)
        assert contract.agreement.reference.startswith("EXAMPLE-")
        assert contract.source not in CONTRACTS
