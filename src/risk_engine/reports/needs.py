"""The needs assessment as one page and as one workbook."""

from __future__ import annotations

from pathlib import Path

from risk_engine.files import replacing
from risk_engine.reports import formats as f
from risk_engine.reports.needs_facts import NeedsFacts
from risk_engine.reports.needs_sheets import sheets
from risk_engine.reports.render import render
from risk_engine.reports.views import needs
from risk_engine.reports.workbook import write_workbook


def needs_page(facts: NeedsFacts) -> str:
    """Make the page: self-contained HTML; equal facts give equal bytes."""
    return render(
        "needs.html.j2",
        facts=facts,
        page=needs.context(facts),
        title=f"Strategic needs assessment {facts.period_label}",
        as_of=f.instant(facts.as_of, facts.timezone),
    )


def write_needs_workbook(facts: NeedsFacts, path: Path) -> None:
    """Write the workbook; equal facts give equal bytes."""
    title = f"Strategic needs assessment, {facts.force_area}, {facts.period_label}"
    version = f"definition {facts.definition.version}"
    with replacing(path) as aside:
        write_workbook(
            aside,
            sheets(facts),
            title=title,
            marking=f"{facts.marking} \N{MIDDLE DOT} {facts.period_label} \N{MIDDLE DOT} {version}",
            at=facts.as_of,
        )
