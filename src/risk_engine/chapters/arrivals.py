"""Partner drops arrive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from risk_engine import partners
from risk_engine.chapters.desk import Desk, plain
from risk_engine.reports import OUTCOMES
from risk_engine.runs import Facts


def partners_chapter(desk: Desk) -> Facts:
    """Read every drop; set aside what breaks its contract; make the one table of events."""
    found = partners.ingest(
        desk.settings.sources,
        engine=desk.engine,
        areas=desk.areas,
        as_of=desk.as_of,
        key=desk.key,
        decisions=desk.decisions,
    )
    desk.write("record_events", found.events, "event_id")
    desk.write("records", found.records, "record_id")
    desk.write("record_protected", found.protected, "record_id", "characteristic", "recorded_by")
    desk.write("quarantine", found.quarantine, "source", "file", "row", "outcome")
    desk.write("measures", found.measures, *found.measures.columns[:7])
    files = [asdict(count) for count in found.files]
    held = sum(count["held"] for count in files)
    totals = {name: sum(f[name] for f in files) for name in OUTCOMES}
    stale = _stale(desk, found.sources)
    silent = [source.source for source in found.sources if not source.read]
    return {
        **totals,
        "files": files,
        "feeds": [asdict(feed) for feed in found.feeds],
        "checked": [asdict(checked) for checked in found.checked],
        "delays": [asdict(delays) for delays in found.delays],
        "sources": [plain(asdict(source)) for source in found.sources],
        "sentence": (
            f"{len(found.sources)} source{'s' if len(found.sources) > 1 else ''} · "
            f"{totals['read']:,} rows read · {totals['accepted']:,} accepted · "
            f"{totals['repaired']:,} repaired · {totals['quarantined']:,} quarantined"
            + (f" · {totals['dropped']:,} dropped for retention" if totals["dropped"] else "")
            + (f" · {held} drop{'s' if held > 1 else ''} HELD" if held else "")
            + (f" · NOTHING from {', '.join(silent)}" if silent else "")
            + (f" · STALE: {', '.join(stale)}" if stale else "")
        ),
    }


def _stale(desk: Desk, sources: Sequence[partners.SourceSummary]) -> list[str]:
    """Name the sources whose newest record is older than their cadence allows."""
    contracts = desk.settings.contracts
    return [
        f"{source.source} (newest record {source.last_known:%d %b %Y})"
        for source in sources
        if source.last_known is not None
        and partners.is_stale(
            source.last_known, cadence=contracts[source.source].due_every, as_of=desk.as_of
        )
    ]
