"""The reviewer's first page: what waits, what it would send, what stands in the way."""

from __future__ import annotations

from typing import Any

import pandas as pd

from risk_engine.reports import formats as f
from risk_engine.reports.facts import WeekFacts
from risk_engine.reports.views.data import decision_words
from risk_engine.reports.views.fairness import comparison
from risk_engine.reports.views.record import record_sentence


def context(facts: WeekFacts) -> dict[str, Any]:
    """Return what the page *To decide* says."""
    judgements = judgement_list(facts)
    return {
        "waiting": 0 if facts.gate.allowed else 1,
        "sends": _sends(facts),
        "obstacles": _obstacles(facts),
        "judgements": judgements,
        "judgement_heading": f"{f.plural(len(judgements), 'thing')} "
        f"{'needs' if len(judgements) == 1 else 'need'} your judgement",
        "next": list(facts.gate.next),
        "since": _since(facts),
        "record": record_sentence(facts.backtest, facts.period),
        "stages": list(facts.stages),
    }


def judgement_list(facts: WeekFacts) -> list[str]:
    """Return what a person has to weigh: verdicts that cannot tell, and feeds held undecided."""
    held = [
        f"Feed held: {feed['drop']}: {'; '.join(map(str, feed['reasons']))}. "
        "The lists were made without it."
        for feed in facts.feeds
        if feed["held"] and not feed.get("decision")
    ]
    return [_with_key(key, facts.audit) for key in facts.gate.to_adjudicate] + held


def _with_key(key: str, audit: pd.DataFrame) -> str:
    """Keep the key behind the sentence: whoever judges has to quote it."""
    text = in_words(key, audit)
    return text if text == f.capital(key) else f"{text} [{key}]"


def in_words(text: str, audit: pd.DataFrame) -> str:
    """Put the audit's own sentence in place of the key of a comparison that a text ends with.

    A key is ``subject/attribute/metric/group``; a text without one stays as it is.
    """
    for row in audit.to_dict("records"):
        key = "/".join(str(row[part]) for part in ("subject", "attribute", "metric", "group"))
        if text.endswith(key):
            lead = text.removesuffix(key) or f"{row['verdict']}: "
            why = str(row["why"]).removeprefix("Cannot tell: ")
            return f.capital(f"{lead}{comparison(row)}. {f.capital(why)}")
    return f.capital(text)


def _sends(facts: WeekFacts) -> list[str]:
    places = facts.places
    force = int(places["force_rank"].notna().sum())
    sent = [f"Places: {f.count(force)} for the whole area{_per_area(facts)}."]
    if not facts.cohorts:
        return [*sent, "People: none."]
    return sent + [
        f"People, \N{LEFT DOUBLE QUOTATION MARK}{cohort.title}\N{RIGHT DOUBLE QUOTATION MARK}: "
        f"{f.count(cohort.scores['selected'].sum())} listed as pseudonyms, for named recipients."
        for cohort in facts.cohorts
    ]


def _per_area(facts: WeekFacts) -> str:
    ranked = facts.places.loc[facts.places["area_rank"].notna(), "area_code"]
    sizes = ranked.value_counts().reindex(facts.areas["area_code"], fill_value=0)
    if sizes.empty:
        return ""
    low, high = int(sizes.min()), int(sizes.max())
    span = f.count(low) if low == high else f"{f.count(low)} to {f.count(high)}"
    return f", {span} for each of {f.plural(len(sizes), 'local area')}"


def _obstacles(facts: WeekFacts) -> list[str]:
    """Return what stands in the way, without repeating what waits for judgement."""
    waiting = tuple(facts.gate.to_adjudicate)
    return [
        in_words(text, facts.audit)
        for text in facts.gate.missing
        if not waiting or not text.endswith(waiting)
    ]


def _since(facts: WeekFacts) -> list[str]:
    lines = [*_data_sentences(facts), *_decided(facts), _places_sentence(facts)]
    warnings = [w for cohort in facts.cohorts for w in cohort.metrics.get("warnings", [])]
    if facts.cohorts:
        lines += [f"Check before deciding: {text}" for text in warnings] or [
            "No model looked implausibly good."
        ]
    return [line for line in lines if line]


def _data_sentences(facts: WeekFacts) -> list[str]:
    known = [s["last_known"] for s in facts.sources if not f.missing(s.get("last_known"))]
    if not known:
        return ["No source has sent events."]
    held = sum(bool(feed["held"]) for feed in facts.feeds)
    last = min(pd.Timestamp(max(known)).to_pydatetime(), facts.as_of)  # later rows are not used
    newest = f.day(f.local(last, facts.timezone))
    held_text = f"; {f.plural(held, 'feed')} held" if held else "; no feed held"
    return [f"Data known up to {newest}, from {f.plural(len(known), 'source')}{held_text}."]


def _decided(facts: WeekFacts) -> list[str]:
    """Say which drops a person accepted or rejected: the reviewer answers for it too."""
    decided = [(feed, decision_words(feed.get("decision"))) for feed in facts.feeds]
    return [f"Feed {feed['drop']} {words}." for feed, words in decided if words]


def _places_sentence(facts: WeekFacts) -> str:
    if facts.places.empty:
        return "No place is listed."
    new = int((facts.places["change"] == "new").sum())
    above = int((facts.places["category"] == "above expected").sum())
    return (
        f"{f.plural(new, 'listed place is', 'listed places are')} new since the {facts.period} "
        f"before; {f.count(above)} above what was expected."
    )
