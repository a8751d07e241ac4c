"""A fault in a YAML file is said with its line, its place, what was found and what is allowed."""

from __future__ import annotations

from datetime import date

import pytest

from risk_engine.config import (
    AreasConfig,
    AuditPolicy,
    CohortSpec,
    Contract,
    HotspotSpec,
    OffenceDefinition,
    RunConfig,
    load_model,
)
from risk_engine.errors import ConfigError

AREAS = "force_area: {code: E23, name: Shire}\nlocal_areas:\n  - {code: E07, name: North}\n"


@pytest.fixture
def faults(tmp_path):
    def read(model, text):
        path = tmp_path / "file.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        with pytest.raises(ConfigError) as caught:
            load_model(model, path, shown="file.yaml")
        return [str(fault) for fault in caught.value.faults]

    return read


@pytest.fixture
def loaded(tmp_path):
    def read(model, text):
        path = tmp_path / "file.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return load_model(model, path)

    return read


# --- files that are no YAML table ------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "# nothing but a comment\n", "- a\n- b\n", "word\n", "3\n"])
def test_what_is_no_table(faults, text):
    assert faults(AreasConfig, text) == ["file.yaml: is not a table of keys and values"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: [1\nb: 2\n", 2),
        ("a: 1\n\tb: 2\n", 2),
        ("a: 1\n---\nb: 2\n", 2),
        ("a: *nowhere\n", 1),
        ("a: 'open\nb: 2\n", 3),
    ],
)
def test_broken_yaml_has_its_line(faults, text, line):
    (fault,) = faults(AreasConfig, text)
    assert fault.startswith(f"file.yaml:{line}: is not valid YAML: ")


def test_a_character_that_no_yaml_may_hold(faults):
    (fault,) = faults(AreasConfig, b"a: \x00\n")
    assert fault.startswith("file.yaml: is not valid YAML: ")


def test_a_file_in_another_encoding(faults):
    assert faults(AreasConfig, "a: café\n".encode("windows-1252")) == [
        "file.yaml: cannot be read: UnicodeDecodeError"
    ]


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        load_model(AreasConfig, tmp_path)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ConfigError, match="there is no such file"):
        load_model(AreasConfig, tmp_path / "none.yaml")


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(loaded):
    text = AREAS.replace("\n", "\r\n").encode("utf-8-sig")
    assert loaded(AreasConfig, text).codes == ["E07"]


@pytest.mark.parametrize(
    ("text", "line"),
    [("a: 1\nb: 2\na: 3\n", 3), ("a:\n  b: 1\n  c: 2\n  b: 3\n", 4), ("a: {b: 1, b: 1}\n", 1)],
)
def test_a_key_given_twice(faults, text, line):
    assert faults(AreasConfig, text) == [f"file.yaml:{line}: a key is given twice"]


def test_names_in_any_script_are_kept(loaded):
    config = loaded(AreasConfig, AREAS.replace("North", "Ynys Môn 北"))
    assert config.name_of("E07") == "Ynys Môn 北"


# --- lines and suggestions -------------------------------------------------------------------


def test_every_fault_of_a_file_has_its_own_line(faults):
    text = (
        "force_area: {code: E23, nam: Shire}\ntimezone: Europe/Lundon\ncell_sise: 250\n"
        "crs: EPSG:4326\nlocal_areas:\n  - {code: E07, name: North}\n  - {code: E06, name: ''}\n"
        "  - {code: E05, name: West, population: many}\n"
    )
    assert faults(AreasConfig, text) == [
        (
            "file.yaml:1: force_area.nam: 'nam' is not a known key (did you mean 'name'?); "
            "allowed: code, name"
        ),
        "file.yaml:1: force_area.name: is required and not given",
        "file.yaml:2: timezone: 'Europe/Lundon' is not a time zone; write Europe/London",
        (
            "file.yaml:3: cell_sise: 'cell_sise' is not a known key (did you mean 'cell_size'?); "
            "allowed: cell_size, crs, force_area, local_areas, timezone"
        ),
        "file.yaml:4: crs: 'EPSG:4326' is not projected in metres; write EPSG:27700",
        "file.yaml:7: local_areas[1].name: found '': String should have at least 1 character",
        (
            "file.yaml:8: local_areas[2].population: found 'many': Input should be a valid "
            "integer, unable to parse string as an integer"
        ),
    ]


COHORT = """\
name: cohort
title: People harmed
outcome: {definition: serious, role: victim, horizon: 1y}
cohort: {known_within: 2y}
"""


def test_an_unknown_key_is_answered_with_keys_as_the_file_writes_them(faults):
    (fault,) = faults(CohortSpec, COHORT + "lst: {top: 3}\n")
    assert fault.startswith("file.yaml:5: lst: 'lst' is not a known key (did you mean 'list'?)")


def test_an_unknown_key_below_is_answered_with_the_keys_of_its_own_level(faults):
    assert faults(CohortSpec, COHORT + "list:\n  topp: 3\n") == [
        (
            "file.yaml:6: list.topp: 'topp' is not a known key (did you mean 'top'?); allowed: "
            "per_area_minimum, top"
        )
    ]


def test_a_key_that_nothing_resembles_gets_no_guess(faults):
    (fault,) = faults(CohortSpec, COHORT + "zzz: 1\n")
    assert "did you mean" not in fault
    assert "allowed: cohort, estimator" in fault


def test_a_fault_in_a_block_list_has_the_line_of_its_item(faults):
    text = "name: h\nexclusions:\n  - easting: 1\n    northing: 2\n    reason: r\n    by: b\n"
    assert faults(HotspotSpec, text + "  - easting: 1\n    northing: x\n    by: b\n") == [
        "file.yaml:7: exclusions[1].reason: is required and not given",
        (
            "file.yaml:8: exclusions[1].northing: found 'x': Input should be a valid number, "
            "unable to parse string as a number"
        ),
    ]


# --- words of YAML that mean something else elsewhere ------------------------------------------

DEFINITION = """\
name: serious
version: {version}
from_date: 2026-01-01
title: Serious violence
include:
  - kind: robbery
    attributes: {attributes}
"""


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("{domestic: [yes, no]}", {"domestic": ["yes", "no"]}),
        ("{domestic: no}", {"domestic": ["no"]}),
        ("{grade: [1, 2]}", {"grade": ["1", "2"]}),
        ("{}", {}),
    ],
)
def test_attribute_values_are_words(loaded, written, read):
    text = DEFINITION.format(version="v1", attributes=written)
    assert loaded(OffenceDefinition, text).include[0].attributes == read


@pytest.mark.parametrize(
    "written", ["{weapon: }", "{weapon: true}", "{weapon: [null]}", "{weapon: {a: b}}"]
)
def test_an_attribute_value_that_could_match_no_event_is_a_fault(faults, written):
    (fault, *rest) = faults(OffenceDefinition, DEFINITION.format(version="v1", attributes=written))
    assert fault.startswith("file.yaml:7: include[0].attributes.weapon")
    assert not rest


def test_one_word_stands_for_a_list_of_one(loaded):
    text = DEFINITION.format(version="v1", attributes="{}")
    assert loaded(OffenceDefinition, text).include[0].kind == ["robbery"]


@pytest.mark.parametrize("version", ["3", "1.10", "007", "1e3", "2026-11-01", "0x1F", "1.5"])
def test_a_number_or_a_date_stands_for_its_text(loaded, version):
    text = DEFINITION.format(version=version, attributes="{}")
    assert loaded(OffenceDefinition, text).version == version


def test_codes_keep_their_zeros(loaded):
    text = CONTRACT.replace(
        "{column: E, type: number}", "{column: E, type: code, codes: {01: a, 1: b}}"
    )
    assert loaded(Contract, text).fields["east"].codes == {"01": "a", "1": "b"}


def test_numbers_are_numbers_where_they_are_asked_for(loaded):
    text = (
        "name: h\nrank_draws: 0100\nclusters: {false_discovery_rate: 1.0e-1, max_extent: 500.00}\n"
    )
    spec = loaded(HotspotSpec, text)
    assert (spec.rank_draws, spec.clusters.false_discovery_rate) == (100, 0.1)
    assert spec.clusters.max_extent == 500


# --- single rules of the models --------------------------------------------------------------


@pytest.mark.parametrize("crs", ["EPSG:99999", "nonsense", "EPSG:4326", "EPSG:4978", "EPSG:2263"])
def test_a_system_that_is_unknown_or_not_in_metres(faults, crs):
    (fault,) = faults(AreasConfig, AREAS + f"crs: {crs}\n")
    assert fault.startswith("file.yaml:4: crs: ")
    assert fault.endswith("write EPSG:27700")


def test_local_areas_given_twice(faults):
    text = AREAS + "  - {code: E07, name: Again}\n"
    assert faults(AreasConfig, text) == ["file.yaml:1: local area codes given twice: E07"]


def test_a_place_outside_has_a_plain_name(loaded):
    config = loaded(AreasConfig, AREAS)
    assert config.name_of(None) == config.name_of("X") == "outside the local areas"


AUDIT = (
    "version: v1\npeople:\n  - {attribute: sex, reference: Female, rationale: agreed}\nage_bands: "
)


@pytest.mark.parametrize(
    ("bands", "said"),
    [
        ("[{low: 10, high: 17}, {low: 17, high: 24}]", "age bands overlap at 17"),
        ("[{low: 18, high: 24}, {low: 10, high: 20}]", "age bands overlap at 18"),
        ("[{low: 17, high: 10}]", "age band 17-10 holds nobody: low is above high"),
        ("[]", "List should have at least 1 item after validation, not 0"),
    ],
)
def test_age_bands(faults, bands, said):
    (fault,) = faults(AuditPolicy, AUDIT + bands + "\n")
    assert fault.endswith(said)


def test_bands_that_touch_or_leave_a_gap_are_fine(loaded):
    text = AUDIT + "[{low: 18, high: 18}, {low: 10, high: 17}, {low: 30, high: 40}]\n"
    assert len(loaded(AuditPolicy, text).age_bands) == 3


def test_linkage_is_weighed_by_a_reviewer_unless_the_policy_says_that_it_decides(loaded, faults):
    text = AUDIT + "[{low: 10, high: 24}]\n"
    assert loaded(AuditPolicy, text).linkage.deciding is False
    own = loaded(AuditPolicy, text + "linkage: {points: 1.5, deciding: true}\n").linkage
    assert (own.points, own.ratio, own.deciding) == (1.5, 1.25, True)
    (fault,) = faults(AuditPolicy, text + "linkage: {points: 0}\n")
    assert "greater than 0" in fault


@pytest.mark.parametrize("age", ["[24, 10]", "[-1, 10]", "[10, 121]"])
def test_an_age_range_that_holds_nobody(faults, age):
    (fault,) = faults(CohortSpec, COHORT.replace("{known_within", f"{{age: {age}, known_within"))
    assert fault.startswith("file.yaml:4: cohort: age [")


EXCLUSION = "name: h\nexclusions:\n  - {easting: 1, northing: 2, reason: r, by: b, until: %s}\n"


@pytest.mark.parametrize("day", ["2026-03-01", "'2026-03-01'"])
def test_an_exclusion_ends_on_a_day_quoted_or_not(loaded, day):
    assert loaded(HotspotSpec, EXCLUSION % day).exclusions[0].until == date(2026, 3, 1)


@pytest.mark.parametrize("day", ["Easter", "2026-02-30", "01/03/2026"])
def test_an_exclusion_that_ends_on_no_day(faults, day):
    (fault,) = faults(HotspotSpec, EXCLUSION % day)
    assert fault.startswith("file.yaml:3: exclusions[0].until: ")


RUN = """\
name: week
title: One week
areas: a.yaml
boundaries: {file: "${NOT_SET_HERE}/a.gpkg", code: c}
definition: d.yaml
sources:
  - {contract: c.yaml, files: []}
hotspots: h.yaml
audit: u.yaml
as_of: 2026-01-05T12:00:00
engine: {memory_limit: lots}
release: {recipients: [], challenge: c, purpose: profit}
"""


def test_faults_of_a_run_configuration(faults):
    found = faults(RunConfig, RUN)
    assert [fault.split(": ")[0:2] for fault in found] == [
        ["file.yaml:4", "boundaries.file"],
        ["file.yaml:7", "sources[0].files"],
        ["file.yaml:10", "as_of"],
        ["file.yaml:11", "engine.memory_limit"],
        ["file.yaml:12", "release.purpose"],
        ["file.yaml:12", "release.recipients"],
    ]
    assert found[0].endswith("the environment variable NOT_SET_HERE is not set")


def test_the_marking_fits_the_head_of_a_page(faults):
    text = RUN.replace("challenge: c", f"challenge: c, marking: {'M' * 101}")
    assert any("release.marking" in fault for fault in faults(RunConfig, text))


# --- contracts ---------------------------------------------------------------------------------

CONTRACT = """\
source: police
title: Police records
agency: Police
controller: The police
agreement: {reference: ISA-1, expires: 2026-06-30}
personal_data: personal
regime: DPA 2018 Part 3
lawful_basis: Law enforcement
retention: 6y
cadence: weekly
discovery: reported
key: [record]
fields:
  record: {column: Record}
  when: {column: When, type: datetime}
  east: {column: E, type: number}
event:
  occurred_at: when
  known_after: 1d
  kind: {const: robbery}
  point: {x: east, y: east, crs: EPSG:27700}
"""


def test_a_whole_contract(loaded):
    assert loaded(Contract, CONTRACT).event.kind == {"const": "robbery"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "key: [record]",
            "key: [recrod]",
            "key names 'recrod', not a field (did you mean 'record'?)",
        ),
        ("occurred_at: when", "occurred_at: wen", "event.occurred_at names 'wen', not a field"),
        ("kind: {const: robbery}", "kind: offence", "event.kind names 'offence', not a field"),
        ("x: east", "x: west", "event.point.x names 'west', not a field"),
        ("y: east", "y: nor", "event.point.y names 'nor', not a field"),
        ("  known_after: 1d\n", "", "give known_at (a field) or known_after"),
        ("known_after: 1d", "known_after: 1d\n  attributes: [age]", "event.attributes names 'age'"),
        ("known_after: 1d", "known_at: wen", "event.known_at names 'wen'"),
        ("known_after: 1d", "known_after: 1d\n  area: a1", "event.area names 'a1'"),
        ("event:", "person: {first_name: nam}\nevent:", "person.first_name names 'nam'"),
        (
            "event:",
            "person: {home: {x: east, y: up, crs: EPSG:27700}}\nevent:",
            "person.home.y names 'up'",
        ),
        ("event:", "protected: [{characteristic: sex, field: s}]\nevent:", "protected names 's'"),
        (
            "personal_data: personal",
            "person: {first_name: record}\npersonal_data: none",
            "personal_data is none, yet fields of a person are mapped",
        ),
        ("{column: E, type: number}", "{column: E, type: code}", "type: code needs 'codes'"),
        ("{column: E, type: number}", "{column: E, codes: {a: b}}", "'codes' goes with type: code"),
        ("{column: E, type: number}", "{column: E, formats: ['%Y']}", "'formats' goes with type"),
        ("crs: EPSG:27700", "crs: EPSG:99999", "'EPSG:99999' is not a coordinate system"),
        ("cadence: weekly", "cadence: weekly\ntimezone: London", "'London' is not a time zone"),
        ("key: [record]", "key: []", "List should have at least 1 item"),
        ("expires: 2026-06-30", "expires: soon", "agreement.expires"),
    ],
)
def test_a_contract_that_cannot_work(faults, old, new, said):
    assert CONTRACT.count(old) == 1
    (fault,) = faults(Contract, CONTRACT.replace(old, new))
    assert said in fault


def test_every_broken_reference_of_a_contract_is_said_at_once(faults):
    text = CONTRACT.replace("key: [record]", "key: [a, b]").replace(
        "occurred_at: when", "occurred_at: c"
    )
    (fault,) = faults(Contract, text)
    assert all(f"names '{name}'" in fault for name in "abc")
