"""What is said of a source's rows: drops compared, rows counted by file, the source summed up."""

# ruff: noqa: S608 - statements hold own table names and texts quoted in `sql`, never cells
from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from risk_engine.config import Contract
from risk_engine.errors import InputError, IntegrityError
from risk_engine.partners import feeds
from risk_engine.partners.geography import vintage_note
from risk_engine.partners.judge import StagedFile
from risk_engine.partners.results import FeedFinding, FileCount, SourceSummary


@dataclass(frozen=True)
class Tally:
    """Reads the tables of one source and counts.

    Attributes
    ----------
    prefix
        Start of the names of the source's tables.
    files
        The staged files, in file order.
    as_of
        First instant not known, naive UTC.
    """

    contract: Contract
    connection: duckdb.DuckDBPyConnection
    prefix: str
    files: Sequence[StagedFile]
    as_of: datetime

    def findings(self) -> dict[int, FeedFinding]:
        """Compare the drops; return what was found by file number."""
        found = {}
        for file, unlike in zip(self.files, feeds.check(self._drops()), strict=True):
            reasons = self._reasons(file, unlike)
            held = bool(unlike) and self.contract.hold_anomalies
            if reasons:
                found[file.number] = FeedFinding(
                    self.contract.source, file.drop.name, reasons, held
                )
        return found

    def counts(self, held: AbstractSet[int]) -> list[FileCount]:
        """Count the rows of each file; raise ``ROWS_LOST`` where they do not add up."""
        sound = {number: rest for number, *rest in self._query(self._outcome_counts())}
        twice = dict(
            self._query(f"SELECT file_no, count(*) FROM {self.prefix}_twice GROUP BY file_no")
        )
        codes, repairs = self._codes("faults", "> 0"), self._codes("repairs", "= 0")
        counts = []
        for file in self.files:
            accepted, repaired, quarantined, dropped = sound.get(file.number, (0, 0, 0, 0))
            found = codes[file.number]
            if again := twice.get(file.number, 0):
                found["DUPLICATE_KEY"] += again
            counts.append(
                FileCount(
                    source=self.contract.source,
                    file=file.drop.file,
                    drop=file.drop.name,
                    read=file.read,
                    accepted=accepted,
                    repaired=repaired,
                    quarantined=quarantined + again,
                    dropped=dropped,
                    codes=dict(sorted(found.items())),
                    repairs=dict(sorted(repairs[file.number].items())),
                    held=file.number in held,
                )
            )
            _check_reconciled(counts[-1])
        return counts

    def _outcome_counts(self) -> str:
        """Return the query for accepted, repaired, quarantined (but twice), dropped, by file."""
        here = f"NOT expired AND {self.prefix}_twice.row IS NULL AND len(faults) = 0"
        return (
            "SELECT file_no, "
            f"count(*) FILTER ({here} AND len(repairs) = 0), "
            f"count(*) FILTER ({here} AND len(repairs) > 0), "
            "count(*) FILTER (NOT expired AND len(faults) > 0), count(*) FILTER (expired) "
            f"FROM {self.prefix}_judged LEFT JOIN {self.prefix}_twice USING (file_no, row) "
            "GROUP BY file_no"
        )

    def _codes(self, column: str, faults: str) -> dict[int, Counter[str]]:
        """Count by file the rows that carry each code of a column of ``CODE:field``."""
        found: dict[int, Counter[str]] = defaultdict(Counter)
        for number, code, rows in self._query(
            f"SELECT file_no, code, count(*) FROM (SELECT file_no, unnest(list_distinct("
            f"list_transform({column}, lambda f: split_part(f, ':', 1)))) AS code "
            f"FROM {self.prefix}_judged ANTI JOIN {self.prefix}_twice USING (file_no, row) "
            f"WHERE NOT expired AND len(faults) {faults} AND len({column}) > 0) GROUP BY ALL"
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

    def summary(self, counts: Sequence[FileCount]) -> SourceSummary:
        """Sum the source up from its accepted rows."""
        contract = self.contract
        events, first, last, known = self._query(
            "SELECT count(*), min(occurred_at), max(occurred_at), max(known_at) "
            f"FROM {self.prefix}_used"
        )[0]
        return SourceSummary(
            source=contract.source,
            title=contract.title,
            read=sum(count.read for count in counts),
            events=events,
            held=sum(count.sound for count in counts if count.held),
            first_occurred=first,
            last_occurred=last,
            last_known=known,
            geography=self._geography(),
            quarantine_share=quarantine_share(counts),
            filled=self._filled(events),
        )

    def _reasons(self, file: StagedFile, unlike: tuple[str, ...] | None) -> tuple[str, ...]:
        if file.read == 0:
            return ("sent no rows",)
        if unlike is None and len(self.files) > 1:
            return (f"not compared: fewer than {feeds.MINIMUM_PEERS} other drops within a year",)
        return unlike or ()

    def _drops(self) -> list[feeds.Drop]:
        """Count by drop and kind the rows that broke no rule."""
        good = f"{self.prefix}_judged WHERE len(faults) = 0"
        counts = self._query(
            f"SELECT file_no, kind, count(*), count(*) FILTER (known_at < ?) FROM {good} "
            "GROUP BY ALL ORDER BY ALL",
            self.as_of,
        )
        middles = dict(
            self._query(f"SELECT file_no, quantile_disc(occurred_at, 0.5) FROM {good} GROUP BY ALL")
        )
        return [
            feeds.Drop(
                file.drop.name,
                middles.get(file.number),
                {kind: n for number, kind, n, _ in counts if number == file.number},
                {kind: n for number, kind, _, n in counts if number == file.number and n},
            )
            for file in self.files
        ]

    def _geography(self) -> str:
        zone = self.contract.record.zone
        if zone is None:
            return ""
        found = self._query(
            f"SELECT file_no, list(DISTINCT f_{zone}) FILTER (f_{zone} IS NOT NULL) "
            f"FROM {self.prefix}_judged WHERE len(faults) = 0 "
            "GROUP BY file_no ORDER BY min(occurred_at), file_no"
        )
        names = {file.number: file.drop.name for file in self.files}
        return vintage_note([(names[number], frozenset(zones or ())) for number, zones in found])

    def _filled(self, rows: int) -> dict[str, float]:
        names = list(self.contract.fields)
        filled = ", ".join(f"count(f_{name})" for name in names)
        (found,) = self._query(f"SELECT {filled} FROM {self.prefix}_used")
        return {name: n / rows for name, n in zip(names, found, strict=True)} if rows else {}

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
