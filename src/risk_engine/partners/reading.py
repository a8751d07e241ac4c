"""One source, from its files to rows in the output tables."""

# ruff: noqa: S608 - statements hold own table names and texts quoted in `sql`, never cells
from __future__ import annotations

import shutil
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from risk_engine.config import Source
from risk_engine.engine import Engine
from risk_engine.partners.delay import DelaySummary, summarise
from risk_engine.partners.drops import find_drops
from risk_engine.partners.feeds import DropDecision
from risk_engine.partners.findings import Drops, compare_drops
from risk_engine.partners.judge import Judge, StagedFile
from risk_engine.partners.output import Output
from risk_engine.partners.results import FileCount, SourceSummary
from risk_engine.partners.row import RowSql
from risk_engine.partners.sql import literal
from risk_engine.partners.tally import Tally
from risk_engine.places import AreaMap


@dataclass(frozen=True)
class Reading:
    """Reads one source.

    Attributes
    ----------
    as_of
        First instant not known, naive UTC.
    output
        The tables that its rows go to.
    decisions
        What people decided about drops, oldest first.
    """

    source: Source
    engine: Engine
    areas: AreaMap
    as_of: datetime
    output: Output
    decisions: Sequence[DropDecision] = ()

    @property
    def prefix(self) -> str:
        """Start of the names of the tables that are needed on the way."""
        return f"{self.output.prefix}_from_{self.source.contract.source}"

    def run(self) -> tuple[list[FileCount], Drops, SourceSummary, DelaySummary]:
        """Read, judge, compare the drops, set aside, count, and hand on.

        Raises
        ------
        InputError
            If a file or the source as a whole is refused.
        """
        contract, connection = self.source.contract, self.engine.duckdb
        judge = self._judge()
        tally = Tally(contract, connection, self.prefix, judge.files)
        self._find_twice(())
        drops = compare_drops(
            contract,
            connection=connection,
            judged=f"(FROM {self.prefix}_placed WHERE NOT expired)",
            files=judge.files,
            areas=dict(zip(self.areas.frame["area_code"], self.areas.frame["name"], strict=True)),
            as_of=self.as_of,
            decisions=self.decisions,
        )
        if drops.held:
            self._find_twice(drops.held)
        self._set_apart()
        counts = tally.counts(drops.held)
        tally.check_limit(counts)
        self._keep(judge.files, drops.held)
        self.output.add(contract, f"{self.prefix}_used")
        self._record(judge)
        delays = summarise(
            contract, connection=connection, rows=f"FROM {self.prefix}_used", as_of=self.as_of
        )
        return counts, drops, tally.summary(counts, geography=drops.geography), delays

    def clear(self) -> None:
        """Drop what was only needed on the way: it holds cells as sent, names included."""
        for kind, catalogue in (("VIEW", "duckdb_views"), ("TABLE", "duckdb_tables")):
            named = f"{kind.lower()}_name"
            for (name,) in self._query(
                f"SELECT {named} FROM {catalogue}() WHERE starts_with({named}, ?)",
                f"{self.prefix}_",
            ):
                self._query(f"DROP {kind} {name}")
        shutil.rmtree(self._unpacked, ignore_errors=True)

    @property
    def _unpacked(self) -> Path:
        return self.engine.scratch / f"{self.prefix}_unpacked"

    def _judge(self) -> Judge:
        contract, areas = self.source.contract, self.areas
        sql = RowSql(contract, tuple(areas.frame["area_code"]), self.as_of)
        judge = Judge(contract, self.engine.duckdb, self.prefix, areas, sql, self.output.key)
        for drop in find_drops(self.source, self._unpacked):
            judge.take(drop)
        judge.locate()
        return judge

    def _find_twice(self, held: AbstractSet[int] | tuple[()]) -> None:
        """Make ``<prefix>_twice``: the rows whose key is on another row that stays.

        Of rows with one key, the first by file order stays, known ones before rows not yet known
        and rows of held drops last: what is set aside never displaces what is used.
        """
        sound = f"{self.prefix}_judged WHERE NOT expired AND len(faults) = 0"
        self._query(
            f"CREATE OR REPLACE TEMP TABLE {self.prefix}_twice AS "
            f"SELECT file_no, row FROM {sound} AND key_id IN (SELECT key_id FROM {sound} "
            "AND key_id IS NOT NULL GROUP BY key_id HAVING count(*) > 1) "
            "QUALIFY row_number() OVER (PARTITION BY key_id ORDER BY "
            f"list_contains({sorted(held)}::INTEGER[], file_no), known_at >= ?, file_no, row) > 1",
            self.as_of,
        )

    def _keep(self, files: Sequence[StagedFile], held: AbstractSet[int]) -> None:
        """Make ``<prefix>_used``: a view of the rows that go on, each with the name of its file."""
        names = " ".join(f"WHEN {f.number} THEN {literal(f.drop.file)}" for f in files)
        self._query(
            f"CREATE TEMP VIEW {self.prefix}_used AS "
            f"SELECT *, CASE file_no {names} END AS file "
            f"FROM {self.prefix}_placed ANTI JOIN {self.prefix}_twice USING (file_no, row) "
            "WHERE NOT expired AND len(faults) = 0 "
            f"AND NOT list_contains({sorted(held)}::INTEGER[], file_no)"
        )

    def _set_apart(self) -> None:
        """Make ``<prefix>_outcomes``: the rows that were quarantined or repaired, and why."""
        judged, twice = f"{self.prefix}_judged", f"{self.prefix}_twice"
        again = literal(f"DUPLICATE_KEY:{self.source.contract.key[0]}")
        self._query(
            f"CREATE TEMP TABLE {self.prefix}_outcomes AS "
            "SELECT file_no, row, CASE WHEN len(faults) > 0 THEN 'quarantined' ELSE 'repaired' END "
            "AS outcome, CASE WHEN len(faults) > 0 THEN faults ELSE repairs END AS codes "
            f"FROM {judged} ANTI JOIN {twice} USING (file_no, row) "
            "WHERE NOT expired AND (len(faults) > 0 OR len(repairs) > 0) "
            f"UNION ALL SELECT file_no, row, 'quarantined', [{again}] FROM {twice}"
        )

    def _record(self, judge: Judge) -> None:
        """Keep on record, whole, the rows that were set apart."""
        outcomes = f"{self.prefix}_outcomes"
        touched = {n for (n,) in self._query(f"SELECT DISTINCT file_no FROM {outcomes}")}
        for file in judge.files:
            if file.number in touched:
                own = f"SELECT row, outcome, codes FROM {outcomes} WHERE file_no = {file.number}"
                with judge.again(file) as cells:
                    self.output.set_aside(
                        self.source.contract.source, file.drop.file, outcomes=own, cells=cells
                    )

    def _query(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        return self.engine.duckdb.execute(statement, list(parameters)).fetchall()
