"""Maps without a basemap: area outlines, numbered places, a scale bar, north and the grid."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
from markupsafe import Markup

from risk_engine.reports.figures import BLUE, GREY, HALO, INK, PALE, panels, styled, svg

_MERGE = 19  # points of the drawing: circles nearer than this become one
_BELOW = 12.5  # points from the middle of a circle to what stands under it
_FITS = 7.5  # points: two digits can still be read inside a square of this side
_OFFSETS = [(9, 9), (-9, 9), (9, -9), (-9, -9), (0, 13), (0, -13), (14, 0), (-14, 0)]


@dataclass(frozen=True)
class View:
    """What part of the ground a map shows, in metres, and how wide it is drawn, in inches."""

    left: float
    bottom: float
    right: float
    top: float
    inches: float

    @classmethod
    def around(
        cls, bounds: Sequence[float], *, least: float, inches: float, shape: float = 0.8
    ) -> View:
        """Return a view with a margin, at least `least` metres across.

        `shape` is the least width over height; at most the view is twice as wide as high.
        """
        left, bottom, right, top = map(float, bounds)
        wide = max(1.12 * (right - left), least, 1.12 * shape * (top - bottom))
        high = max(1.12 * (top - bottom), least / shape, 0.5 * wide)
        x, y = (left + right) / 2, (bottom + top) / 2
        return cls(x - wide / 2, y - high / 2, x + wide / 2, y + high / 2, inches)

    @property
    def width(self) -> float:
        """Metres from left to right."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Metres from bottom to top."""
        return self.top - self.bottom

    @property
    def point(self) -> float:
        """Metres a typographic point of the drawing stands for, about."""
        return self.width / (self.inches * 0.78 * 72)


@styled
def force_map(
    places: gpd.GeoDataFrame,
    areas: gpd.GeoDataFrame,
    numbers: Sequence[int],
    *,
    inches: float = 6.6,
) -> Markup:
    """Draw the listed places of the whole area as numbered circles.

    Circles that would cover each other become one; it carries the best number and how many more
    it stands for.
    """
    view = View.around(areas.total_bounds, least=1000, inches=inches)
    figure, (ax, side) = panels(inches, inches * 0.8 * view.height / view.width + 0.3)
    _ground(ax, areas, view)
    groups = list(_merged(places, numbers, _MERGE * view.point))
    below = [(x, y - _BELOW * view.point) for x, y, _, more in groups if more]
    _names(ax, areas, [(x, y) for x, y, *_ in groups] + below, view)
    for x, y, best, more in groups:
        ax.scatter([x], [y], s=190, color=BLUE, edgecolor="white", linewidth=0.8, zorder=4)
        ax.text(x, y, str(best), color="white", size=8, weight="bold", **_CENTRED, zorder=5)
        if more:
            spot = (x, y - _BELOW * view.point)
            ax.text(*spot, f"+{more}", size=7.5, **_CENTRED, zorder=6).set_gid(HALO)
    _north(side)
    return svg(
        figure,
        name="map-force",
        title="Map of the listed places in the whole area",
        description=f"{len(places)} listed places in {len(groups)} numbered circles over the "
        "outlines of the local areas. The table beside the map lists each place.",
    )


@styled
def area_map(
    places: gpd.GeoDataFrame,
    areas: gpd.GeoDataFrame,
    *,
    code: str,
    numbers: Sequence[int],
    inches: float = 6.6,
) -> Markup:
    """Draw the listed places of one local area, squares true to scale, zoomed to where they are.

    Parameters
    ----------
    numbers
        The number of each row of `places`, as in the table beside the map.
    inches
        Width of the drawing: texts keep their size, so a smaller one shows them larger.
    """
    area = areas.loc[areas["area_code"] == code]
    name = str(area["name"].iloc[0])
    view = View.around(
        (places if len(places) else area).total_bounds, least=2500, inches=inches, shape=1.2
    )
    figure, (ax, side) = panels(inches, inches * 0.8 * view.height / view.width + 0.3)
    _ground(ax, areas, view, inside=code)
    for place in places.geometry:
        add_shape(ax, place, facecolor="#f3c9a5", edgecolor="#a8500a", linewidth=1.2, zorder=3)
    _labels(ax, places, numbers, view)
    _locator(side, areas, code, view)
    return svg(
        figure,
        name=f"map-{code.lower()}",
        title=f"Map of the listed places in {name}",
        description=f"{len(places)} numbered places, true to scale, in a view "
        f"{view.width / 1000:.1f} km wide. The table beside the map lists each place.",
    )


_CENTRED: dict[str, str] = {"ha": "center", "va": "center_baseline"}


def _merged(
    places: gpd.GeoDataFrame, numbers: Sequence[int], near: float
) -> Iterator[tuple[float, float, int, int]]:
    """Yield ``x, y, best number, further places`` of each circle, best number first."""
    centres = places.geometry.centroid
    waiting = sorted(zip(numbers, centres.x, centres.y, strict=True))
    while waiting:
        best, x, y = waiting[0]
        rest = [item for item in waiting[1:] if np.hypot(item[1] - x, item[2] - y) > near]
        yield float(x), float(y), int(best), len(waiting) - 1 - len(rest)
        waiting = rest


def _names(ax: Any, areas: gpd.GeoDataFrame, taken: list[tuple[float, float]], view: View) -> None:
    """Write the name of each area at its middle or just beside; where there is no room, nowhere."""
    written: list[tuple[float, float]] = []
    for name, shape in zip(areas["name"], areas.geometry, strict=True):
        middle = shape.representative_point()
        spots = [(middle.x, middle.y + dy * view.point) for dy in (0, -16, 16)]
        wide, high = (10 + 2 * len(name)) * view.point, 12 * view.point
        spots = [s for s in spots if _clear(s, taken, (wide, high))]
        spots = [s for s in spots if _clear(s, written, (1.8 * wide, 0.8 * high))]
        if spots:
            written.append(spots[0])
            ax.text(*spots[0], name, size=7, color=GREY, **_CENTRED, zorder=3).set_gid(HALO)


def _ground(ax: Any, areas: gpd.GeoDataFrame, view: View, inside: str | None = None) -> None:
    """Draw the outlines, the kilometre grid and the scale bar."""
    shapes = areas.geometry.simplify(view.width / 800)
    for code, shape in zip(areas["area_code"], shapes, strict=True):
        face = "#f7f9fa" if inside not in (None, code) else PALE
        add_shape(ax, shape, facecolor=face, edgecolor="#8b979e", linewidth=0.8, zorder=1)
    step = _nice(view.width / 5)
    for ticks, low, high in (
        (ax.set_xticks, view.left, view.right),
        (ax.set_yticks, view.bottom, view.top),
    ):
        at = np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step
        ticks(at, [f"{metres / 1000:g}" for metres in at], size=7, color=GREY)
    ax.grid(color="#c3ccd1", linewidth=0.5, zorder=1.5)
    ax.set_xlabel("grid lines: km east, km north", size=7, color=GREY, loc="right")
    ax.set_xlim(view.left, view.right)
    ax.set_ylim(view.bottom, view.top)
    ax.set_aspect("equal")
    ax.spines[:].set_visible(True)
    ax.tick_params(length=0)
    _scale_bar(ax, view)


def _scale_bar(ax: Any, view: View) -> None:
    """Draw the bar under the map, where it covers no place."""
    length = _nice(view.width / 5)
    label = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    below = ax.get_xaxis_transform()
    ends, y = [view.left, view.left + length], -24 * view.point / view.height
    ax.plot(ends, [y, y], color=INK, linewidth=3, transform=below, clip_on=False)
    ax.annotate(
        label, (ends[1], y), (7, 0), xycoords=below, textcoords="offset points", size=8,
        va="center", annotation_clip=False,
    )  # fmt: skip


def _labels(ax: Any, places: gpd.GeoDataFrame, numbers: Sequence[int], view: View) -> None:
    """Write the number of each place inside its square where that is large enough, else beside."""
    taken: list[tuple[float, float]] = []
    for number, shape in zip(numbers, places.geometry, strict=True):
        side = (shape.bounds[2] - shape.bounds[0]) / view.point
        style = {"weight": "bold", "zorder": 6, **_CENTRED}
        x, y = shape.centroid.x, shape.centroid.y
        if side > _FITS:
            ax.text(x, y, str(number), size=min(7.5, 0.62 * side), **style)
            continue
        spots = [(x + dx * view.point, y + dy * view.point) for dx, dy in _OFFSETS]
        taken.append(_free(spots, taken, (11 * view.point, 9 * view.point)))
        ax.text(*taken[-1], str(number), size=7.5, **style).set_gid(HALO)


def _free(
    spots: list[tuple[float, float]], taken: list[tuple[float, float]], size: tuple[float, float]
) -> tuple[float, float]:
    """Return the first spot that is clear of every taken one, or the first."""
    return next((spot for spot in spots if _clear(spot, taken, size)), spots[0])


def _clear(
    spot: tuple[float, float], taken: list[tuple[float, float]], size: tuple[float, float]
) -> bool:
    """Say whether a spot is at least `size` (across or up) away from every taken one."""
    (x, y), (wide, high) = spot, size
    return not any(abs(x - a) < wide and abs(y - b) < high for a, b in taken)


def _locator(ax: Any, areas: gpd.GeoDataFrame, code: str, view: View) -> None:
    """Show where in the whole area the view lies, and north."""
    shapes = areas.geometry.simplify(600)
    for own, shape in zip(areas["area_code"], shapes, strict=True):
        face = BLUE if own == code else PALE
        add_shape(ax, shape, facecolor=face, edgecolor="white", linewidth=0.4, zorder=1)
    xs = [view.left, view.right, view.right, view.left, view.left]
    ys = [view.bottom, view.bottom, view.top, view.top, view.bottom]
    ax.plot(xs, ys, color=INK, linewidth=1, zorder=2)
    ax.set_aspect("equal")
    ax.set_anchor("N")
    ax.set_title("where this is", size=7, color=GREY)
    _north(ax, y=-0.3)


def _north(ax: Any, y: float = 0.9) -> None:
    ax.set_axis_off()
    arrow = {"arrowstyle": "-|>", "color": INK, "lw": 1.5}
    ax.annotate(
        "N", (0.5, y), (0, -34), xycoords="axes fraction", textcoords="offset points", ha="center",
        arrowprops=arrow,
    )  # fmt: skip


def add_shape(ax: Any, shape: Any, **style: Any) -> None:
    """Add a polygon or several, holes included; lines and points of a repair are left out."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    polygons = [part for part in getattr(shape, "geoms", [shape]) if part.geom_type == "Polygon"]
    rings = [ring for part in polygons if not part.is_empty for ring in _rings(part)]
    if rings:
        ax.add_patch(PathPatch(Path.make_compound_path(*map(_closed, rings)), **style))


def _rings(polygon: Any) -> list[Any]:
    return [polygon.exterior, *polygon.interiors]


def _closed(ring: Any) -> Any:
    from matplotlib.path import Path

    return Path(np.asarray(ring.coords)[:, :2], closed=True)


def _nice(metres: float) -> float:
    """Return the largest 1, 2 or 5 times a power of ten that is not above `metres`."""
    power = 10 ** np.floor(np.log10(metres))
    return float(max(step * power for step in (1, 2, 5) if step * power <= metres))
