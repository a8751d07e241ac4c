"""What is said of a source's rows: counted by file, the source summed up."""

# ruff: noqa: S608 - statements hold own table names and texts quoted in `sql`, never cells
from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

import duckdb

from risk_engine.config import Contract
from risk_engine.errors import InputError, IntegrityError
from risk_engine.partners.results import FileCount, SourceSummary
from risk_engine.partners.stage import StagedFile


@dataclass(frozen=True)
class Tally:
    """Reads the tables of one source and counts.

    Attributes
    ----------
    prefix
        Start of the names of the source's tables.
    files
        The staged files, in file order.
    """

    contract: Contract
    connection: duckdb.DuckDBPyConnection
    prefix: str
    files: Sequence[StagedFile]

    def counts(self, held: AbstractSet[int]) -> list[FileCount]:
        """Count the rows of each file; raise ``ROWS_LOST`` where they do not add up."""
        bad = self._query(f"SELECT file_no, faults FROM {self.prefix}_faults")
        accepted = dict(
            self._query(
                f"SELECT file_no, count(*) FROM {self.prefix}_judged "
                f"ANTI JOIN {self.prefix}_faults USING (file_no, row) GROUP BY ALL"
            )
        )
        counts = []
        for file in self.files:
            rows = [faults for number, faults in bad if number == file.number]
            codes = Counter(code for row in rows for code in {f.split(":")[0] for f in row})
            counts.append(
                FileCount(
                    source=self.contract.source,
                    file=file.path.name,
                    drop=file.path.stem,
                    read=file.read,
                    accepted=accepted.get(file.number, 0),
                    quarantined=len(rows),
                    codes=dict(sorted(codes.items())),
                    held=file.number in held,
                )
            )
            _check_reconciled(counts[-1])
        return counts

    def check_limit(self, counts: Sequence[FileCount]) -> None:
        """Refuse the source where too large a share of its rows was set aside."""
        contract = self.contract
        share, codes = _share(counts), Counter[str]()
        for count in counts:
            codes.update(count.codes)
        if share > contract.quarantine_limit:
            listing = ", ".join(f"{code} {n:,}" for code, n in codes.most_common())
            raise InputError(
                f"{contract.source}: {sum(c.quarantined for c in counts):,} of "
                f"{sum(c.read for c in counts):,} rows ({share:.1%}) break the contract, which "
                f"allows {contract.quarantine_limit:.1%}: {listing}",
                code="QUARANTINE_LIMIT",
                hint="ask the partner what changed, or correct the contract",
            )

    def summary(self, counts: Sequence[FileCount], *, geography: str) -> SourceSummary:
        """Sum the source up from its accepted rows; `geography` is the note on its zone codes."""
        contract = self.contract
        events, first, last, known = self._query(
            "SELECT count(*), min(occurred_at), max(occurred_at), max(known_at) "
            f"FROM {self.prefix}_accepted"
        )[0]
        return SourceSummary(
            source=contract.source,
            title=contract.title,
            read=sum(count.read for count in counts),
            events=events,
            held=sum(count.accepted for count in counts if count.held),
            first_occurred=first,
            last_occurred=last,
            last_known=known,
            geography=geography,
            quarantine_share=_share(counts),
        )

    def _query(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        return self.connection.execute(statement, list(parameters)).fetchall()


def _share(counts: Sequence[FileCount]) -> float:
    read = sum(count.read for count in counts)
    return sum(count.quarantined for count in counts) / read if read else 0.0


def _check_reconciled(count: FileCount) -> None:
    if count.read != count.accepted + count.quarantined:
        raise IntegrityError(
            f"{count.source}: {count.file}: {count.read:,} rows read, but {count.accepted:,} "
            f"accepted and {count.quarantined:,} quarantined",
            code="ROWS_LOST",
            hint="nothing of this run can be used; report it with the contract",
        )
