"""Packs: what goes out, for the force area and for each local area, in one release folder.

Nothing else in the package writes a release. The folder is built aside, its manifest goes on the
ledger, and only then does it become visible, so a visible pack is always one the ledger knows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import geopandas as gpd
import pandas as pd

from risk_engine.config import content_hash
from risk_engine.errors import RefusedError
from risk_engine.files import hash_tree, replacing_folder, sha256, write_json, write_text
from risk_engine.release import decisions
from risk_engine.release.gate import Signature, decide
from risk_engine.release.layers import write_layers
from risk_engine.release.ledger import Ledger
from risk_engine.release.sheets import audit_sheet, people_sheets, place_sheets
from risk_engine.release.verify import MANIFEST, verify_pack
from risk_engine.reports import BriefingFacts, Definition, TrackRecord, briefing
from risk_engine.reports.workbook import Sheet, write_workbook
from risk_engine.runs import Facts, Run


@dataclass(frozen=True)
class Approval:
    """Under which number, by whom and until when a run goes out."""

    release_id: str
    by: str
    at: datetime
    expires_at: datetime
    reason: str
    judgements: tuple[str, ...]


@dataclass(frozen=True)
class _Contents:
    """What every pack of one release is made from, read once."""

    run: Run
    approval: Approval
    places: gpd.GeoDataFrame
    areas: gpd.GeoDataFrame
    backtest: pd.DataFrame
    audit: Sheet

    @property
    def about(self) -> Facts:
        """What the run says of its release."""
        return self.run.facts["release"]


def release_run(run: Run, ledger: Ledger, *, out: Path, now: datetime | None = None) -> Path:
    """Release a run, if the gate allows it.

    Parameters
    ----------
    out
        Folder of all releases.
    now
        When it happens, UTC; the clock's when not given.

    Returns
    -------
    pathlib.Path
        The release folder. Releasing the same approval twice returns the same folder.

    Raises
    ------
    RefusedError
        With everything that is missing.
    IntegrityError
        If the run, the ledger or an earlier pack is not as it was made.
    """
    facts = decisions.gate_facts(run, ledger, now=now or datetime.now(UTC))
    decision = decide(facts)
    if not decision.allowed or facts.signature is None:
        raise RefusedError(
            f"run {run.run_id} may not be released:\n"
            + "\n".join(f"  - {reason}" for reason in decision.missing),
            code="GATE_CLOSED",
            hint="look at index.html of the run, then use: risk-engine adjudicate | sign",
        )
    approval = _approval(run, facts.signature, decisions.judgements(run, ledger))
    folder = out / approval.release_id
    if folder.exists():
        verify_pack(folder, ledger)
        return folder
    with replacing_folder(folder) as aside:
        hidden = _write_packs(run, approval, aside)
        manifest = _manifest(run, approval, aside, facts.subject) | {"suppressed": hidden}
        write_json(aside / MANIFEST, manifest)
        content = {"release_id": approval.release_id, "manifest": sha256(aside / MANIFEST)}
        content |= {"recipients": manifest["recipients"], "expires_at": manifest["expires_at"]}
        ledger.append("release", actor=approval.by, run_id=run.run_id, content=content)
    return folder


def _approval(run: Run, signature: Signature, judgements: tuple[str, ...]) -> Approval:
    """Name the release by its run and approval, so that another approval is another release."""
    number = content_hash({"at": signature.at.isoformat(), "by": signature.name})[:4]
    return Approval(
        release_id=f"R-{run.run_id}-{number}",
        by=signature.name,
        at=signature.at,
        expires_at=signature.at + timedelta(days=run.facts["release"]["expires_after_days"]),
        reason=signature.reason,
        judgements=judgements,
    )


def _write_packs(run: Run, approval: Approval, folder: Path) -> dict[str, int]:
    """Write every pack; return how many cells disclosure control hid, by rule."""
    about, policy = run.facts["release"], run.facts["audit"]
    audit, hidden = audit_sheet(
        run.read("audit"),
        threshold=policy["disclosure_external"],
        rate_denominator=policy["rate_denominator"],
    )
    places, areas = run.read_places("places"), run.read_places("areas")
    contents = _Contents(run, approval, places, areas, run.read("backtest"), audit)
    everywhere = places[places["force_rank"].notna()].sort_values("force_rank")
    _write_pack(folder / "force_area", contents, everywhere, None, about["force_area"])
    for code, name in zip(areas["area_code"], areas["name"], strict=True):
        here = places[places["area_code"] == code].sort_values("area_rank")
        _write_pack(folder / slug(name), contents, here, code, name)
    if about["people_recipients"]:
        _write_people(folder / "people", contents)
    return {str(rule): int(count) for rule, count in hidden["rule"].value_counts().items()}


def _write_pack(
    folder: Path,
    contents: _Contents,
    places: gpd.GeoDataFrame,
    area_code: str | None,
    area_name: str,
) -> None:
    folder.mkdir()
    about, areas, at = contents.about, contents.areas, contents.approval.at
    shown = areas if area_code is None else areas[areas["area_code"] == area_code]
    facts = _briefing_facts(contents, places, shown, area_code, area_name)
    write_text(folder / "briefing.html", briefing(facts))
    write_workbook(
        folder / "places.xlsx",
        place_sheets(facts, contents.backtest, contents.audit),
        title=f"{about['title']}: {area_name}, {about['period_label']}",
        marking=about["marking"],
        at=at,
    )
    flat = places.assign(reasons=["; ".join(reasons) for reasons in places["reasons"]])
    write_layers(folder / "places.gpkg", {"places": flat, "areas": shown}, at=at)


def _write_people(folder: Path, contents: _Contents) -> None:
    """Write the lists of people: pseudonyms only, for the named recipients."""
    folder.mkdir()
    run, about, approval = contents.run, contents.about, contents.approval
    names = contents.areas.set_index("area_code")["name"].to_dict()
    for spec in run.facts["cohorts"]["specs"]:
        scores = run.read(f"scores_{spec['name']}")
        sheets = people_sheets(
            scores[scores["selected"]].sort_values("rank"),
            title=spec["title"],
            about=about,
            expires_at=approval.expires_at,
            area_names=names,
        )
        write_workbook(
            folder / f"{spec['name']}.xlsx",
            sheets,
            title=spec["title"],
            marking=about["marking"],
            at=approval.at,
        )


def _briefing_facts(
    contents: _Contents,
    places: gpd.GeoDataFrame,
    surface: gpd.GeoDataFrame,
    area_code: str | None,
    area_name: str,
) -> BriefingFacts:
    about, approval, run = contents.about, contents.approval, contents.run
    found = run.facts["hotspots"]
    expected = found["expected_by_area"]
    total = sum(expected.values()) if area_code is None else expected.get(area_code, 0.0)
    return BriefingFacts(
        release_id=approval.release_id,
        approved_by=approval.by,
        approved_at=_naive(approval.at),
        expires_at=_naive(approval.expires_at),
        area_name=area_name,
        area_code=area_code,
        period=about["period"],
        period_label=about["period_label"],
        marking=about["marking"],
        challenge=about["challenge"],
        definition=Definition(**about["definition"]),
        as_of=datetime.fromisoformat(about["as_of"]),
        places=places,
        areas=contents.areas,
        event_share=min(1.0, float(places["expected"].sum()) / total) if total > 0 else None,
        area_share=float(places.geometry.union_all().area / surface.geometry.area.sum()),
        joined=int((places["change"] == "new").sum()),
        left=_left(found["left"], area_code),
        excluded=found["excluded"],
        track=_track(contents.backtest),
        limits=about["limits"],
        audit=[*run.facts["audit"]["sentences"], *approval.judgements],
        partnership=about["title"],
        timezone=about["timezone"],
    )


def _left(left: dict[str, int], area_code: str | None) -> int:
    return left.get("force_area" if area_code is None else area_code, 0)


def _track(backtest: pd.DataFrame) -> TrackRecord | None:
    past = backtest[~backtest["is_forecast_period"].astype(bool)] if len(backtest) else backtest
    if past.empty:
        return None
    return TrackRecord(
        origins=len(past),
        hits=int(past["placed_hits"].sum()),
        events=int(past["events"].sum()),
        plain_hits=int(past["count_hits"].sum()),
    )


def _manifest(run: Run, approval: Approval, folder: Path, subject: str) -> Facts:
    about = run.facts["release"]
    return {
        "release_id": approval.release_id,
        "run_id": run.run_id,
        "subject": subject,
        "purpose": about["purpose"],
        "marking": about["marking"],
        "challenge": about["challenge"],
        "definition": about["definition"],
        "prepared_by": decisions.prepared_by(run),
        "approved_by": approval.by,
        "approved_at": approval.at.isoformat(),
        "approval_reason": approval.reason,
        "expires_at": approval.expires_at.isoformat(),
        "recipients": about["recipients"],
        "people_recipients": about["people_recipients"],
        "files": hash_tree(folder),
    }


def slug(name: str) -> str:
    """Return a name as a folder name that every operating system allows.

    >>> slug("Isle of Wight")
    'isle_of_wight'
    """
    return re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_") or "area"


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
