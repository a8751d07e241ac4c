"""One source, from its files to rows in the output tables."""

# ruff: noqa: S608 - statements hold own table names and texts quoted in `sql`, never cells
from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from risk_engine.config import Source
from risk_engine.engine import Engine
from risk_engine.partners.delay import DelaySummary, summarise
from risk_engine.partners.feeds import DropDecision
from risk_engine.partners.findings import Drops, compare_drops
from risk_engine.partners.judge import Judge
from risk_engine.partners.output import Output, has_key
from risk_engine.partners.results import FileCount, SourceSummary
from risk_engine.partners.sql import literal
from risk_engine.partners.stage import StagedFile, stage
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
        The tables that its accepted and its quarantined rows go to.
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
        """Stage, judge, compare the drops, set aside, count, and hand on.

        Raises
        ------
        InputError
            If a file or the source as a whole is refused.
        """
        contract, connection = self.source.contract, self.engine.duckdb
        files = stage(self.source, connection=connection, table=f"{self.prefix}_raw")
        Judge(contract, connection, self.prefix, self.areas).run(files)
        tally = Tally(contract, connection, self.prefix, files)
        drops = compare_drops(
            contract,
            connection=connection,
            judged=f"{self.prefix}_judged",
            files=files,
            areas=dict(zip(self.areas.frame["area_code"], self.areas.frame["name"], strict=True)),
            as_of=self.as_of,
            decisions=self.decisions,
        )
        held = drops.held
        self._faults(files, held)
        counts = tally.counts(held)
        tally.check_limit(counts)
        self._write(files, held)
        summary = tally.summary(counts, geography=drops.geography)
        delays = summarise(
            contract,
            connection=connection,
            rows=f"FROM {self.prefix}_accepted",
            as_of=self.as_of,
        )
        self._drop_tables()
        return counts, drops, summary, delays

    def _faults(self, files: Sequence[StagedFile], held: AbstractSet[int]) -> None:
        """Make ``<prefix>_faults``: each row that is set aside, once, with its faults.

        Of rows with one key, the first by file order stays, known ones before rows not yet known
        and rows of held drops last: what is set aside never displaces what is used.
        """
        contract = self.source.contract
        faults, judged = f"{self.prefix}_faults", f"{self.prefix}_judged"
        self._query(
            f"CREATE TEMP TABLE {faults} AS SELECT file_no, row, faults FROM {judged} "
            "WHERE len(faults) > 0"
        )
        for file in files:
            self._query(
                f"INSERT INTO {faults} SELECT file_no, row, ['RAGGED_ROW:'] FROM {self.prefix}_raw "
                f"WHERE file_no = {file.number} AND len(cells) <> {len(file.header)}"
            )
        key = ", ".join(f"f_{name}" for name in contract.key)
        self._query(
            f"INSERT INTO {faults} SELECT file_no, row, ['DUPLICATE_KEY:{contract.key[0]}'] "
            f"FROM {judged} WHERE len(faults) = 0 AND {has_key(contract)} "
            f"QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY "
            f"list_contains({sorted(held)}::INTEGER[], file_no), known_at >= ?, file_no, row) > 1",
            self.as_of,
        )

    def _write(self, files: Sequence[StagedFile], held: AbstractSet[int]) -> None:
        names = " ".join(f"WHEN {f.number} THEN {literal(f.path.name)}" for f in files)
        self.output.add(
            self.source.contract,
            rows=f"SELECT *, CASE file_no {names} END AS file FROM {self.prefix}_judged "
            f"ANTI JOIN {self.prefix}_faults USING (file_no, row) "
            f"WHERE NOT list_contains({sorted(held)}::INTEGER[], file_no)",
            accepted=f"{self.prefix}_accepted",
        )
        self.output.quarantine(
            self.source.contract.source,
            faults=f"{self.prefix}_faults",
            raw=f"{self.prefix}_raw",
            files=files,
        )

    def _drop_tables(self) -> None:
        """Drop what was only needed on the way: it holds cells as sent, names included."""
        tables = self._query(
            "SELECT table_name FROM duckdb_tables() WHERE starts_with(table_name, ?)",
            f"{self.prefix}_",
        )
        for (table,) in tables:
            self._query(f"DROP TABLE {table}")

    def _query(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        return self.engine.duckdb.execute(statement, list(parameters)).fetchall()
