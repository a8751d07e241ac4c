"""Residents by group and small area, for the burden that a list of places puts on each group."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from risk_engine.config.areas import Census
from risk_engine.errors import InputError, suggest
from risk_engine.places.areas import AreaMap, read_polygons


@dataclass(frozen=True)
class Residents:
    """Small areas and who lives there.

    Attributes
    ----------
    zones
        ``zone_code, area_code, geometry`` in the study's projected system.
    population
        ``zone_code, group, residents``; groups as the audit says them.
    """

    zones: gpd.GeoDataFrame
    population: pd.DataFrame

    @classmethod
    def load(cls, config: Census, areas: AreaMap, resolve: Callable[[Path], Path]) -> Residents:
        """Read polygons and counts, and keep the zones whose centre lies in a local area.

        Raises
        ------
        InputError
            If a column is missing, a group is not mapped, or no zone has residents.
        """
        polygons = read_polygons(resolve(config.boundaries), areas.crs)
        _require(polygons, [config.boundary_code], config.boundaries)
        centres = polygons.geometry.representative_point()
        zones = polygons[[config.boundary_code, "geometry"]].rename(
            columns={config.boundary_code: "zone_code"}
        )
        zones.insert(1, "area_code", areas.assign(centres.x, centres.y))
        zones = zones[zones["area_code"].notna()].reset_index(drop=True)
        population = _counts(config, resolve(config.table))
        population = population[population["zone_code"].isin(zones["zone_code"])]
        if population["residents"].sum() <= 0:
            raise InputError(
                f"{config.table.name}: no residents for any zone of {config.boundaries.name}",
                code="CENSUS_EMPTY",
                hint="check that both files use the same vintage of zone codes",
            )
        return cls(zones, population.reset_index(drop=True))

    def by_group(self) -> pd.DataFrame:
        """Return ``group, residents`` over the whole study area."""
        return self.population.groupby("group")["residents"].sum().reset_index()


def _counts(config: Census, path: Path) -> pd.DataFrame:
    if not path.exists():
        raise InputError(f"{path.name}: there is no such census file", code="MISSING_FILE")
    try:
        table = pd.read_csv(path, dtype={config.code: str, config.group: str})
    except (OSError, ValueError) as error:  # empty, in another encoding, or no table
        raise InputError(
            f"{path.name}: cannot be read as a census table ({type(error).__name__})",
            code="CENSUS_UNREADABLE",
            hint="save it as a UTF-8 CSV file with a header",
        ) from None
    _require(table, [config.code, config.group, config.count], path)
    unknown = sorted(set(table[config.group].dropna()) - set(config.groups))
    if unknown:
        raise InputError(
            f"{path.name}: groups not mapped in the run configuration: {', '.join(unknown)}",
            code="CENSUS_GROUP",
            hint="add them under census.groups",
        )
    table = table.assign(group=table[config.group].map(config.groups))
    table = table.rename(columns={config.code: "zone_code"})
    table["residents"] = pd.to_numeric(table[config.count], errors="coerce")
    if not (table["residents"] >= 0).all():
        raise InputError(
            f"{path.name}: column '{config.count}' holds values that are no number of residents",
            code="CENSUS_COUNT",
        )
    return table.groupby(["zone_code", "group"])["residents"].sum().reset_index()


def _require(frame: pd.DataFrame, columns: list[str], path: Path) -> None:
    for column in columns:
        if column not in frame.columns:
            raise InputError(
                f"{path.name}: no column '{column}'{suggest(column, map(str, frame.columns))}",
                code="MISSING_COLUMNS",
            )
