"""A record is traced to its person; pairs are put before a cleared person, who answers."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from risk_engine import cli, partners
from risk_engine.chapters.arrivals import partners_chapter
from risk_engine.chapters.desk import Desk
from risk_engine.chapters.intake import load_areas, read_key, run_moment
from risk_engine.chapters.link_review import with_kind
from risk_engine.chapters.linking import linkage_chapter
from risk_engine.chapters.links import answers_given, deciding
from risk_engine.config import Settings, load_settings
from risk_engine.engine import open_engine
from risk_engine.release import project_ledger
from risk_engine.runs import open_run, week_before

from .conftest import Answer, new_office

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("link_review")]

CONFIG = "configs/small.yaml"
SOURCES = "police_crime|missing_persons|youth_justice|education|childrens_services"
SIGNED = ("--as", "Cleo Cleared", "--reason", "monthly check")
NAMES = ("first name", "last name", "birth date", "postcode")


@dataclass(frozen=True)
class Room:
    """A small project with one finished run, and who each of its records truly is."""

    folder: Path
    settings: Settings
    truth: pd.DataFrame
    links: pd.Series  # the person of each record
    facts: dict[str, Any]

    @property
    def ledger(self) -> str:
        """What is on the ledger, as text."""
        path = self.folder / "ledger/ledger.jsonl"
        return path.read_text("utf-8") if path.exists() else ""


def small_config(folder: Path) -> None:
    """Keep five sources that name people, and no cohort: the week is over in seconds.

    A person of more than six distinct details is held, so that there are some.
    """
    text = (folder / "configs/demo.yaml").read_text("utf-8")
    text = re.sub(r"^(cohorts|person_features):.*\n", "", text, flags=re.MULTILINE)
    text = re.sub(r"^  - features/place/(emergency|all).*\n", "", text, flags=re.MULTILINE)
    other = rf"^  - \{{contract: configs/partners/(?!({SOURCES})\.yaml).*\n"
    text = re.sub(other, "", text, flags=re.MULTILINE)
    (folder / CONFIG).write_text(text.replace("name: demo", "name: small"), encoding="utf-8")
    spec = folder / "models/specs/linkage.yaml"
    limit = "identities_per_person: 30"
    text = spec.read_text("utf-8")
    assert limit in text
    spec.write_text(text.replace(limit, "identities_per_person: 6"), encoding="utf-8")


def link_the_week(settings: Settings) -> dict[str, Any]:
    """Do the chapters of a run up to linkage, as `pipeline.run_week` does; return the facts."""
    moment, key, out = run_moment(settings), read_key(settings), settings.root / "runs"
    answers = deciding(answers_given(project_ledger(settings.root)))
    before = week_before(out, settings, moment, key=key)
    told = {"answers": str(len(answers))}  # another answer, another run
    with (
        open_run(
            settings, moment, out, prepared_by="Ana", key=key, decisions=told, before=before
        ) as (run, _),
        open_engine(settings.config.engine) as engine,
    ):
        judged = with_kind(answers, project_ledger(settings.root))
        desk = Desk(
            settings, moment, run, engine, load_areas(settings), None, key, (), judged, before
        )
        run.stage("partners", lambda: partners_chapter(desk))
        return run.stage("linkage", lambda: linkage_chapter(desk))


def truth_of(settings: Settings, folder: Path) -> pd.DataFrame:
    """Whom each record is about: ``source, key, true, record``."""
    rows = pd.read_csv(folder / "data/demo/truth/records.csv", dtype="str")
    rows = rows.dropna(subset="true_person_id")
    key, found = read_key(settings), []
    with open_engine() as engine:
        for source, own in rows.groupby("source"):
            contract = settings.contracts.get(source)
            if contract is not None and contract.person is not None:
                ids = partners.record_ids(contract, own["row_key"], engine=engine, key=key)
                found.append(own.assign(record=ids))
    told = pd.concat(found).rename(columns={"row_key": "key", "true_person_id": "true"})
    return told[["source", "key", "true", "record"]]


@pytest.fixture(scope="module")
def room(tmp_path_factory, project_root):
    office = new_office(tmp_path_factory.mktemp("room"), project_root)
    assert office.says("synth", "--people", "220", "--seed", "5", "--out", "data/demo").status == 0
    small_config(office.folder)
    settings = load_settings(office.folder / CONFIG)
    facts = link_the_week(settings)
    (path,) = (office.folder / "runs").glob("2*/restricted/links.parquet")
    links = pd.read_parquet(path).set_index("record_id")["person_id"]
    return Room(office.folder, settings, truth_of(settings, office.folder), links, facts)


@pytest.fixture
def says(room, monkeypatch, capsys):
    """Give one command within this process, where the libraries are loaded already."""
    monkeypatch.chdir(room.folder)
    monkeypatch.delenv("RISK_ENGINE_PSEUDONYM_KEY", raising=False)

    def said(*words: str) -> Answer:
        with pytest.raises(SystemExit) as left:
            cli.main(["link", *words])
        return Answer(int(left.value.code), *capsys.readouterr())

    return said


@pytest.fixture
def explain(says):
    """Ask after one record."""
    return lambda record, *more: says("explain", record, "--config", CONFIG, *SIGNED, *more)


def test_a_record_is_traced_to_the_person_that_truth_says(room, explain):
    links = room.links
    told = room.truth.assign(person=room.truth["record"].map(links)).dropna()
    linked = told.groupby("true").filter(
        lambda rows: rows["source"].nunique() >= 3 and len(set(rows["person"])) == 1
    )
    row = linked.sort_values("record").iloc[0]
    answer = explain(f"{row.source}:{row.key}", "--json")
    assert answer.status == 0, answer.err
    found = answer.json
    assert found["record"] == row.record
    assert found["person"] == row.person
    mates = told[told["true"] == row.true]
    assert found["person_records"] == len(mates) == (links == row.person).sum()
    assert found["links"]
    for pair in found["links"]:
        assert pair["record"] in set(mates["record"])
        assert sum(part["log2"] for part in pair["parts"]) == pytest.approx(
            pair["weight"], abs=1e-3
        )
        assert pair["weight"] >= found["threshold"]["weight"]
    assert found["lineage"][0]["event"] == "issued"
    by_id = explain(row.record)
    assert by_id.status == 0, by_id.err
    assert row.person in by_id.out
    assert "how rare the values are" in by_id.out
    # whoever asked is on the ledger, by the record's keyed id and not as the partner calls it
    assert room.ledger.count(f'"record": "{row.record}"') == 2
    assert f"{row.source}:{row.key}" not in room.ledger
    shown = answer.out + answer.err + by_id.out + by_id.err
    people = pd.read_csv(room.folder / "data/demo/truth/people.csv", dtype="str")
    assert people.set_index("true_person_id").loc[row.true, "birth_date"] not in shown


def test_who_has_another_key_or_none_learns_nothing(room, explain, monkeypatch):
    row = room.truth[room.truth["source"] == "education"].iloc[0]
    before = room.ledger
    monkeypatch.setenv("RISK_ENGINE_PSEUDONYM_KEY", secrets.token_hex(32))
    other = explain(f"education:{row.key}", "--json")
    monkeypatch.delenv("RISK_ENGINE_PSEUDONYM_KEY")
    assert other.status == 4
    assert other.json["error"]["code"] == "KEY_OTHER"
    assert set(other.json) == {"error"}
    key = room.folder / "data/demo/pseudonym.key"
    aside = key.rename(key.with_suffix(".away"))
    try:
        none = explain(row.record, "--json")
    finally:
        aside.rename(key)
    assert none.status == 3
    assert none.json["error"]["code"] == "KEY_MISSING"
    for answer in (other, none):
        assert not set(room.links) & set(re.findall(r"P[0-9a-f]{24}", answer.out + answer.err))
    assert room.ledger == before


@pytest.mark.parametrize(
    ("record", "status", "code"),
    [
        ("education", 2, "BAD_RECORD"),
        ("educatoin:S1", 2, "NO_SOURCE"),
        ("0" * 32, 4, "NO_RECORD"),
    ],
)
def test_what_is_no_record_is_refused(explain, record, status, code):
    answer = explain(record, "--json")
    assert (answer.status, answer.json["error"]["code"]) == (status, code)


def test_pairs_are_reviewed_answered_and_counted_in_the_next_run(room, says):
    file = room.folder / "pairs.xlsx"
    refused = says("review", CONFIG, "--out", "runs/pairs.xlsx", *SIGNED, "--json")
    assert refused.json["error"]["code"] == "PERSONAL_DATA"
    asked = says("review", CONFIG, "--out", "pairs.xlsx", "--size", "100", *SIGNED, "--json")
    assert asked.status == 0, asked.err
    assert asked.json["drawn"] == 100
    held = sum(room.facts["held"].values())
    assert asked.json["held"] >= 4 * held > 0  # some of the six a person are among the drawn
    assert file.stat().st_mode & 0o077 == 0  # it names people

    pairs = asked.json["drawn"] + asked.json["held"]
    book = openpyxl.load_workbook(file)
    page, about = book["pairs"], book["about"]
    assert "OFFICIAL-SENSITIVE" in page.oddHeader.left.text
    (rule,) = page.data_validations.dataValidation
    assert (str(rule.sqref), rule.formula1) == (f"B2:B{1 + pairs}", '"same,different,unsure"')
    heads = [cell.value for cell in page[1]]
    assert not any("weight" in head or "stratum" in head for head in heads)  # blinded
    assert sum(row[3].value for row in about.iter_rows(min_row=2)) == 100

    who = room.truth.set_index("record")["true"]
    at = {head: heads.index(head) for head in heads}
    named, answered = set(), 0
    for number, row in enumerate(page.iter_rows(min_row=2)):
        named |= {row[at[f"{end} last name"]].value for end in ("left", "right")}
        left, right = (who[row[at[f"{end} record"]].value] for end in ("left", "right"))
        if number != 3:
            row[at["answer"]].value = "same" if left == right else "different"
            answered += 1
    book.save(file)
    read = says("answers", "pairs.xlsx", "--config", CONFIG, *SIGNED, "--json")
    assert read.status == 0, read.err
    assert read.json == {"answered": answered, "decided": answered, "unanswered": 1}
    long = {name for name in named if name and len(name) > 5}
    assert len(long) > 20
    assert not any(name in room.ledger for name in long)

    facts = link_the_week(room.settings)
    told = facts["review"]
    assert "review" not in room.facts
    assert told["drawn"] >= 99
    assert told["pairs"] == answered
    assert sum(facts["held"].values()) <= 1  # but for the pair without an answer, all is settled
    assert 0.8 < told["precision_low"] <= told["precision_high"] <= 1
    assert 0.5 < told["recall_low"] <= told["recall_high"] <= 1
