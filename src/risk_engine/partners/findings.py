"""The drops of one source as the run sees them: compared, decided about, summed up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb

from risk_engine.config import Contract
from risk_engine.files import sha256
from risk_engine.partners import feeds
from risk_engine.partners.feeds import DropDecision, FeedCheck, FeedFinding
from risk_engine.partners.geography import vintage_note
from risk_engine.partners.judge import StagedFile


@dataclass(frozen=True)
class Drops:
    """What was found in the drops of one source.

    Attributes
    ----------
    findings
        By file number; only drops of which there is something to say.
    checked
        What was looked at.
    geography
        Note on the vintage of the zone codes; empty where there is nothing to say.
    """

    findings: dict[int, FeedFinding]
    checked: FeedCheck
    geography: str

    @property
    def held(self) -> frozenset[int]:
        """File numbers of the drops that are held."""
        return frozenset(number for number, found in self.findings.items() if found.held)


def compare_drops(
    contract: Contract,
    *,
    connection: duckdb.DuckDBPyConnection,
    judged: str,
    files: Sequence[StagedFile],
    areas: Mapping[str, str],
    as_of: datetime,
    decisions: Sequence[DropDecision],
) -> Drops:
    """Compare every drop of a source with its others.

    Parameters
    ----------
    judged
        Table of the source's judged rows.
    areas
        Code of each local area -> its name.
    as_of
        First instant not known, naive UTC.
    decisions
        What people decided, oldest first: a later decision outranks an earlier one. Those about
        other bytes than the file now holds are passed over.
    """
    names = [file.drop.name for file in files]
    counter = feeds.Counter(contract, connection, judged, names, as_of)
    profile = counter.profile(areas)
    looked = feeds.check(profile)
    found = feeds.findings(
        contract.source,
        profile,
        looked,
        read=[file.read for file in files],
        hold=contract.hold_anomalies,
        decided=_in_force(contract.source, files, decisions),
    )
    return Drops(found, feeds.summary(contract.source, looked), _geography(profile))


def _in_force(
    source: str, files: Sequence[StagedFile], decisions: Sequence[DropDecision]
) -> dict[int, DropDecision]:
    """Return the latest decision about the bytes of each file."""
    latest = {(d.drop, d.sha256): d for d in decisions if d.source == source}
    decided = {drop for drop, _ in latest}
    hashes = {f.number: sha256(f.drop.arrived) for f in files if f.drop.name in decided}
    found = {f.number: latest.get((f.drop.name, hashes.get(f.number, ""))) for f in files}
    return {number: decision for number, decision in found.items() if decision}


def _geography(profile: feeds.Profile) -> str:
    """Note the vintages of what is known; of everything where nothing is."""
    known = [drop for drop, rows in enumerate(profile.known.rows) if rows]
    order = profile.order(known[0] if known else 0) if len(profile.names) else []
    return vintage_note([(profile.names[drop], profile.zones[drop]) for drop in order])
