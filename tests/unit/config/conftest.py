"""A whole project of YAML files in a temporary folder, small enough to know every line of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from risk_engine.config import Settings, load_settings
from risk_engine.errors import ConfigError, Fault

FILES = {
    "configs/week.yaml": """\
name: week
title: One week
areas: configs/areas.yaml
boundaries: {file: data/areas.gpkg, code: area_code}
definition: configs/definition.yaml
sources:
  - {contract: configs/partners/police.yaml, files: data/police*.csv}
linkage: {key_file: data/key}
person_features: [features/person/*.yaml]
place_features: [features/place/*.yaml]
hotspots: models/hotspots.yaml
cohorts: [models/cohort.yaml]
audit: models/audit.yaml
release:
  recipients: [Coordinator]
  challenge: Write to the partnership
""",
    "configs/areas.yaml": """\
force_area: {code: E23, name: Shire}
local_areas:
  - {code: E07, name: North}
  - {code: E06, name: South}
""",
    "configs/definition.yaml": """\
name: serious
version: "1.0"
from_date: 2026-01-01
title: Serious violence
include:
  - kind: robbery
""",
    "configs/partners/police.yaml": """\
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
  when: {column: When, type: datetime, required: true}
  offence: {column: Offence, type: code, codes: {R: robbery}}
event:
  occurred_at: when
  known_after: 1d
  kind: offence
""",
    "features/person/police.yaml": """\
source: police
features:
  - name: robbery
    label: as a victim of robbery
    windows: [1y]
    rationale: known before
""",
    "features/place/police.yaml": """\
source: any
features:
  - name: robbery
    label: as the scene of robbery
    windows: [1y]
    rationale: returns
""",
    "models/specs/linkage.yaml": """\
name: linkage
comparisons:
  last_name:
    - {when: same, m: 0.9, u: 0.01}
    - {when: different, m: 0.1, u: 0.99}
  birth_date:
    - {when: same, m: 0.9, u: 0.001}
    - {when: different, m: 0.1, u: 0.999}
blocking:
  - [last_name, birth_year]
""",
    "models/hotspots.yaml": "name: hotspots\n",
    "models/cohort.yaml": """\
name: cohort
title: People harmed
outcome: {definition: serious, role: victim, horizon: 1y}
cohort: {known_within: 2y}
""",
    "models/audit.yaml": """\
version: v1
age_bands: [{low: 10, high: 17}, {low: 18, high: 24}]
people:
  - {attribute: sex, reference: Female, rationale: agreed}
""",
}


class Project:
    """The files of a project, to be changed one fault at a time."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name, text in FILES.items():
            self.write(name, text)

    @property
    def config(self) -> Path:
        return self.root / "configs/week.yaml"

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def change(self, name: str, old: str, new: str) -> None:
        text = (self.root / name).read_text(encoding="utf-8")
        assert text.count(old) == 1, old
        self.write(name, text.replace(old, new))

    def load(self) -> Settings:
        return load_settings(self.config, root=self.root)

    def faults(self) -> tuple[Fault, ...]:
        with pytest.raises(ConfigError) as caught:
            self.load()
        return tuple(caught.value.faults)


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)
