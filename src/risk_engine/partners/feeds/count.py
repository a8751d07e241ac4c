"""Counts a source's judged rows by drop: a handful of queries over all drops, none a drop."""

# ruff: noqa: S608 - statements hold own table names and field names of the contract, never cells
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from risk_engine.config import Contract
from risk_engine.partners.feeds.profile import Profile, Side
from risk_engine.partners.feeds.robust import Floats

#: Days of the contract's cadence.
_CADENCE = {"daily": 1.0, "weekly": 7.0, "monthly": 30.44, "quarterly": 91.31, "yearly": 365.25}
#: Delays beyond this many days are counted together.
_LONGEST = 400
_SIDES = ("known", "full")
#: Days that the time of an event stands for.
_PRECISION = {"minute": 0.0, "day": 1.0, "month": 30.44}
#: Quantiles of the times of a drop's events, in days; of a single drop any time will do.
_DAY = "epoch(quantile_disc(occurred_at, {})) / 86400"
_ANY_DAY = "epoch(min(occurred_at)) / 86400"


@dataclass(frozen=True)
class Counter:
    """Counts the rows of one source that broke no rule.

    Attributes
    ----------
    judged
        Table of judged rows: ``file_no, row, f_<field>, occurred_at, known_at, kind, easting,
        northing, area_code, faults``.
    drops
        Names of the drops, by file number.
    as_of
        First instant not known, naive UTC.
    """

    contract: Contract
    connection: duckdb.DuckDBPyConnection
    judged: str
    drops: Sequence[str]
    as_of: datetime

    def profile(self, areas: Mapping[str, str]) -> Profile:
        """Count everything.

        Parameters
        ----------
        areas
            Code of each local area -> its name.
        """
        record = self.contract.record
        (oldest, middle, newest), plain = self._plain()
        alone = len(self.drops) == 1  # with nothing to compare it with, counting it is in vain
        kinds, codes, by_kind, cells = self._no_cells() if alone else self._cells()
        nothing = {side: np.zeros(len(self.drops)) for side in _SIDES}
        repeated, shared = (nothing, nothing) if alone else (self._repeated(), self._shared())
        delays = self._delays() if record.known_at and not alone else self._nothing(_LONGEST + 1)
        sides = {
            side: Side(
                rows=plain[side]["rows"],
                kinds=by_kind[side],
                areas=cells[side].sum(axis=2),
                filled=np.column_stack(
                    [plain[side][f"f_{field}"] for field in self.contract.fields]
                    or [np.zeros((len(self.drops), 0))]
                ),
                cells=cells[side],
                keyed=plain[side]["keyed"],
                repeated=plain[side]["keyed"] - repeated[side],
                placed=plain[side]["placed"],
                shared=shared[side],
                delays=delays[side],
            )
            for side in _SIDES
        }
        return Profile(
            names=self.drops,
            middle=middle,
            oldest=oldest,
            newest=newest,
            known=sides["known"],
            full=sides["full"],
            kinds=kinds,
            areas=[areas.get(code, code) for code in codes],
            fields=list(self.contract.fields),
            zones=self._zones(),
            has_points=record.point is not None,
            has_delays=record.known_at is not None,
            has_zones=record.zone is not None,
            cadence=_CADENCE[self.contract.cadence],
            precision=_PRECISION[record.precision],
            as_of=self.as_of.replace(tzinfo=UTC).timestamp() / 86_400,
        )

    @property
    def _key(self) -> str:
        return " AND ".join(f"f_{name} IS NOT NULL" for name in self.contract.key)

    def _plain(self) -> tuple[Floats, dict[str, dict[str, Floats]]]:
        """Count rows, filled fields and points, and date each drop, in one query."""
        wanted = {"rows": "true", "keyed": self._key, "placed": "easting IS NOT NULL"}
        wanted |= {f"f_{name}": f"f_{name} IS NOT NULL" for name in self.contract.fields}
        alone = len(self.drops) == 1
        if alone:
            wanted = dict.fromkeys(wanted, "false") | {"rows": "true"}
        oldest, middle, newest = (_ANY_DAY if alone else _DAY.format(q) for q in (0.05, 0.5, 0.95))
        columns = ", ".join(
            f'count(*) FILTER ({condition}) AS "full_{name}", '
            f'count(*) FILTER ({condition} AND known_at < ?) AS "known_{name}"'
            for name, condition in wanted.items()
        )
        frame = self._query(
            f"SELECT file_no, {oldest} AS oldest, {middle} AS middle, {newest} AS newest, "
            f"{columns} FROM {self._good} GROUP BY file_no",
            *[self.as_of] * len(wanted),
        )
        dated = np.full((3, len(self.drops)), np.nan)
        dated[:, frame["file_no"]] = frame[["oldest", "middle", "newest"]].T
        counts = {
            side: {name: self._spread(frame, f"{side}_{name}") for name in wanted}
            for side in _SIDES
        }
        return dated, counts

    def _cells(self) -> tuple[list[str], list[str], dict[str, Floats], dict[str, Floats]]:
        """Count rows by kind, and by area and kind; rows without an area are in the first only."""
        frame = self._query(
            'SELECT file_no, kind, area_code, count(*) AS "full", '
            f"count(*) FILTER (known_at < ?) AS known FROM {self._good} GROUP BY ALL",
            self.as_of,
        )
        kind, kinds = pd.factorize(frame["kind"], sort=True)
        area, areas = pd.factorize(frame["area_code"], sort=True)
        by_kind, cells = self._nothing(len(kinds)), self._nothing(len(areas), len(kinds))
        at, placed = frame["file_no"].to_numpy(), area >= 0
        for side in _SIDES:
            rows = frame[side].to_numpy()
            np.add.at(by_kind[side], (at, kind), rows)
            cells[side][at[placed], area[placed], kind[placed]] = rows[placed]
        return [str(k) for k in kinds], [str(a) for a in areas], by_kind, cells

    def _no_cells(self) -> tuple[list[str], list[str], dict[str, Floats], dict[str, Floats]]:
        return [], [], self._nothing(0), self._nothing(0, 0)

    def _repeated(self) -> dict[str, Floats]:
        """Count the keys that are met for the first time in each drop."""
        keys = ", ".join(f"f_{name}" for name in self.contract.key)
        frame = self._query(
            'SELECT "full", known, count(*) AS n FROM (SELECT min(file_no) AS "full", '
            f"min(file_no) FILTER (known_at < ?) AS known FROM {self._good} "
            f"WHERE {self._key} GROUP BY hash({keys})) GROUP BY ALL",
            self.as_of,
        )
        found = self._nothing(1)
        for side in _SIDES:
            met = frame[frame[side].notna()]
            np.add.at(found[side][:, 0], met[side].astype(int), met["n"])
        return {side: counts[:, 0] for side, counts in found.items()}

    def _shared(self) -> dict[str, Floats]:
        """Count the rows of each drop whose point another row of the drop has too."""
        frame = self._query(
            'SELECT file_no, sum(n) FILTER (n > 1) AS "full", sum(k) FILTER (k > 1) AS known FROM ('
            "SELECT file_no, count(*) AS n, count(*) FILTER (known_at < ?) AS k "
            f"FROM {self._good} WHERE easting IS NOT NULL GROUP BY file_no, easting, northing) "
            "GROUP BY file_no",
            self.as_of,
        )
        return {side: self._spread(frame, side) for side in _SIDES}

    def _delays(self) -> dict[str, Floats]:
        frame = self._query(
            f"SELECT file_no, greatest(0, least({_LONGEST}, "
            "date_diff('day', occurred_at, known_at))) AS days, "
            'count(*) AS "full", count(*) FILTER (known_at < ?) AS known '
            f"FROM {self._good} WHERE f_{self.contract.record.known_at} IS NOT NULL GROUP BY ALL",
            self.as_of,
        )
        counts = self._nothing(_LONGEST + 1)
        for side in _SIDES:
            counts[side][frame["file_no"], frame["days"]] = frame[side]
        return counts

    def _zones(self) -> list[frozenset[str]]:
        """Return the zone codes of each drop; of what is known, where anything of it is."""
        zones: list[frozenset[str]] = [frozenset()] * len(self.drops)
        zone = self.contract.record.zone
        if zone is None:
            return zones
        frame = self._query(
            f'SELECT file_no, list(DISTINCT f_{zone} ORDER BY f_{zone}) AS "full", '
            f"list(DISTINCT f_{zone} ORDER BY f_{zone}) FILTER (known_at < ?) AS known "
            f"FROM {self._good} WHERE f_{zone} IS NOT NULL GROUP BY file_no",
            self.as_of,
        )
        for number, full, known in zip(
            frame["file_no"], frame["full"], frame["known"], strict=True
        ):
            zones[number] = frozenset(known if isinstance(known, np.ndarray) else full)
        return zones

    @property
    def _good(self) -> str:
        return f"(FROM {self.judged} WHERE len(faults) = 0)"

    def _nothing(self, *shape: int) -> dict[str, Floats]:
        return {side: np.zeros((len(self.drops), *shape)) for side in _SIDES}

    def _spread(self, frame: pd.DataFrame, column: str) -> Floats:
        """Put a column into file order; a drop that is missing counts zero."""
        counts = np.zeros(len(self.drops))
        counts[frame["file_no"]] = frame[column].fillna(0)
        return counts

    def _query(self, statement: str, *parameters: Any) -> pd.DataFrame:
        return self.connection.execute(statement, list(parameters)).df()
