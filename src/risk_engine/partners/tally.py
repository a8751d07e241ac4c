"""What is said of a source's rows: counted by file, the source summed up."""

# ruff: noqa: S608 - statements hold own table names and texts quoted in `sql`, never cells
from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

import duckdb

from risk_engine.config import Contract
from risk_engine.errors import InputError, IntegrityError
from risk_engine.partners.judge import StagedFile
from risk_engine.partners.results import FileCount, SourceSummary
from risk_engine.partners.rules import filled_by


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
        rows = self._outcomes()
        codes = {outcome: self._codes(outcome) for outcome in ("quarantined", "repaired")}
        counts = [
            FileCount(
                source=self.contract.source,
                file=file.drop.file,
                drop=file.drop.name,
                read=file.read,
                codes=dict(sorted(codes["quarantined"][file.number].items())),
                repairs=dict(sorted(codes["repaired"][file.number].items())),
                held=file.number in held,
                **{
                    name: rows[file.number, name]
                    for name in ("accepted", "repaired", "quarantined", "dropped")
                },
            )
            for file in self.files
        ]
        for count in counts:
            _check_reconciled(count)
        return counts

    def _outcomes(self) -> Counter[tuple[int, str]]:
        """Count the rows of each file by what became of them."""
        rows: Counter[tuple[int, str]] = Counter()
        for number, kept, dropped in self._query(
            "SELECT file_no, count(*) FILTER (NOT expired AND len(faults) = 0 AND "
            "len(repairs) = 0), count(*) FILTER (expired) "
            f"FROM {self.prefix}_judged ANTI JOIN {self.prefix}_twice USING (file_no, row) "
            "GROUP BY file_no"
        ):
            rows[number, "accepted"], rows[number, "dropped"] = kept, dropped
        for number, outcome, count in self._query(
            f"SELECT file_no, outcome, count(*) FROM {self.prefix}_outcomes GROUP BY ALL"
        ):
            rows[number, outcome] = count
        return rows

    def _codes(self, outcome: str) -> dict[int, Counter[str]]:
        """Count by file the rows of one outcome that carry each code."""
        found: dict[int, Counter[str]] = defaultdict(Counter)
        for number, code, rows in self._query(
            "SELECT file_no, code, count(*) FROM (SELECT file_no, unnest(list_distinct("
            "list_transform(codes, lambda f: split_part(f, ':', 1)))) AS code "
            f"FROM {self.prefix}_outcomes WHERE outcome = ?) GROUP BY ALL",
            outcome,
        ):
            found[number][code] = rows
        return found

    def check_limit(self, counts: Sequence[FileCount]) -> None:
        """Refuse the source where too large a share of its rows was set aside."""
        contract = self.contract
        share, codes = quarantine_share(counts), Counter[str]()
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
        """Sum the source up from the rows that are used; `geography` notes its zone codes."""
        contract, names = self.contract, list(self.contract.fields)
        filled = ", ".join(
            f"count({filled_by(n, spec, contract)})" for n, spec in contract.fields.items()
        )
        ((rows, first, last, known, *cells),) = self._query(
            f"SELECT count(*), min(occurred_at), max(occurred_at), max(known_at), {filled} "
            f"FROM {self.prefix}_judged ANTI JOIN {self.prefix}_twice USING (file_no, row) "
            "WHERE NOT expired AND len(faults) = 0 AND NOT list_contains("
            f"{[f.number for f, c in zip(self.files, counts, strict=True) if c.held]}::INTEGER[], "
            "file_no)"
        )
        return SourceSummary(
            source=contract.source,
            title=contract.title,
            read=sum(count.read for count in counts),
            events=rows,
            held=sum(count.sound for count in counts if count.held),
            first_occurred=first,
            last_occurred=last,
            last_known=known,
            geography=geography,
            quarantine_share=quarantine_share(counts),
            filled={name: n / rows for name, n in zip(names, cells, strict=True)} if rows else {},
        )

    def _query(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        return self.connection.execute(statement, list(parameters)).fetchall()


def quarantine_share(counts: Sequence[FileCount]) -> float:
    """Return rows set aside / rows read; 0 where no row was read."""
    read = sum(count.read for count in counts)
    return sum(count.quarantined for count in counts) / read if read else 0.0


def _check_reconciled(count: FileCount) -> None:
    if count.read != count.accepted + count.repaired + count.quarantined + count.dropped:
        raise IntegrityError(
            f"{count.source}: {count.file}: {count.read:,} rows read, but {count.accepted:,} "
            f"accepted, {count.repaired:,} repaired, {count.quarantined:,} quarantined and "
            f"{count.dropped:,} dropped for retention",
            code="ROWS_LOST",
            hint="nothing of this run can be used; report it with the contract",
        )
