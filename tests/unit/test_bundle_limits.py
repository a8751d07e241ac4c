"""What a briefing says of the data behind it."""

from __future__ import annotations

from risk_engine.bundle import limits

SOURCES = [{"source": "police", "title": "Police"}, {"source": "fire", "title": "Fire"}]


def facts(*shares, feeds=()):
    delays = [
        {"source": source["source"], "told": True, "unseen": [{"days": 3, "share": share}]}
        for source, share in zip(SOURCES, shares, strict=True)
    ]
    return {"partners": {"feeds": feeds, "sources": SOURCES, "delays": delays}}


def test_sources_that_are_behind_are_named_in_one_line():
    assert limits(facts(0.2, 0.9))[0] == (
        "Records of the last 3 days are not complete; known are about: Police 80 %, Fire 10 %."
    )
    assert limits(facts(0.2, 0.001))[0].endswith("about: Police 80 %.")


def test_sources_that_are_complete_need_no_line():
    assert not any("not complete" in line for line in limits(facts(0.0, 0.019)))


def test_sources_that_do_not_tell_are_passed_over():
    silent = facts(0.5, 0.5)
    for delays in silent["partners"]["delays"]:
        delays.update(told=False, unseen=[])
    assert not any("not complete" in line for line in limits(silent))


def test_a_held_drop_is_named_with_its_reasons():
    feed = {"drop": "2025-08", "reasons": ["a", "b"], "held": True}
    assert limits(facts(0, 0, feeds=[feed]))[0] == "2025-08 was left out: a; b."
