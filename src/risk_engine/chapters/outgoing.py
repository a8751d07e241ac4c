"""What the gate, the pages and the packs will say of the run; nothing is released here."""

from __future__ import annotations

from risk_engine import bundle
from risk_engine.calendar import period_label
from risk_engine.chapters.desk import Desk
from risk_engine.runs import Facts


def release_chapter(desk: Desk) -> Facts:
    """Collect what the gate, the pages and the packs say of this run; nothing is released here."""
    settings, config = desk.settings, desk.settings.config
    spec = config.release
    timezone = settings.areas.timezone
    return {
        **spec.model_dump(mode="json"),
        "title": config.title,
        "name": config.name,
        "as_of": desk.as_of.isoformat(),
        "period": config.period,
        "period_label": period_label(config.period, desk.as_of, timezone),
        "timezone": timezone,
        "force_area": settings.areas.force_area.name,
        "definition": {"title": settings.definition.title, "version": settings.definition.version},
        "agreements": {
            s.contract.title: s.contract.agreement.expires.isoformat() for s in settings.sources
        },
        "contracts": [
            {
                "source": s.contract.source,
                "title": s.contract.title,
                "controller": s.contract.controller,
                "agreement": s.contract.agreement.reference,
                "expires": s.contract.agreement.expires.isoformat(),
            }
            for s in settings.sources
        ],
        "limits": bundle.limits(desk.run.facts),
        "sentence": f"recipients named: {len(spec.recipients)} for places, "
        f"{len(spec.people_recipients)} for people",
    }
