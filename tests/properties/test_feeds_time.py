"""Whatever the counts are, the checks answer; and what is known later changes no earlier answer."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from risk_engine.partners import feeds

KINDS, AREAS, FIELDS, DAYS = 3, 4, 2, 9


@st.composite
def profiles(draw, least=0, most=12):
    """Profiles with empty, tiny, half known and unknown drops, and empty kinds and areas."""
    drops = draw(st.integers(least, most))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    size = draw(st.sampled_from([0.3, 3.0, 40.0, 900.0]))
    full = side(rng, drops, size)
    share = rng.choice([0.0, 0.4, 1.0], drops, p=[0.2, 0.2, 0.6])
    known = cut(full, share)
    when = np.where(full.rows > 0, np.cumsum(rng.choice([7.0, 14.0, 400.0], drops, p=P)), np.nan)
    return feeds.Profile(
        names=[f"d{n}" for n in range(drops)],
        middle=when,
        oldest=when - 3,
        newest=when + 3,
        known=known,
        full=full,
        kinds=[f"k{n}" for n in range(KINDS)],
        areas=[f"a{n}" for n in range(AREAS)],
        fields=[f"f{n}" for n in range(FIELDS)],
        zones=[frozenset(map(str, rng.integers(0, 30, 5))) for _ in range(drops)],
        has_points=True,
        has_delays=True,
        has_zones=True,
        cadence=7.0,
        precision=0.0,
        as_of=float(np.nan_to_num(when).max(initial=0) + rng.choice([2, 9])),
    )


P = [0.8, 0.15, 0.05]


def side(rng, drops, size):
    cells = rng.poisson(size * rng.random((drops, AREAS, KINDS)) ** 3).astype(float)
    cells *= rng.random((drops, 1, 1)) > 0.1
    kinds = cells.sum(axis=1)
    rows = kinds.sum(axis=1)

    def part():
        return np.floor(rows * rng.choice([0.0, 0.5, 1.0], drops))

    placed = part()
    return feeds.Side(
        rows=rows,
        kinds=kinds,
        areas=cells.sum(axis=2),
        filled=np.column_stack([part() for _ in range(FIELDS)]),
        cells=cells,
        keyed=rows,
        repeated=part(),
        placed=placed,
        shared=np.floor(placed * rng.choice([0.0, 0.5, 1.0], drops)),
        delays=np.floor(rows[:, None] * rng.dirichlet(np.ones(DAYS), drops)),
    )


def cut(full, share):
    """Return the part of each drop that is known; all of a drop, or nothing of it, is exact."""

    def known(counts):
        return np.floor(counts * share.reshape(-1, *[1] * (counts.ndim - 1)))

    parts = {f.name: known(getattr(full, f.name)) for f in fields(full)}
    parts["kinds"], parts["areas"] = parts["cells"].sum(axis=1), parts["cells"].sum(axis=2)
    parts["rows"] = parts["kinds"].sum(axis=1)
    for name in ("filled", "keyed", "repeated", "placed", "shared"):
        whole = parts["rows"] if name != "filled" else parts["rows"][:, None]
        parts[name] = np.minimum(parts[name], whole)
    parts["shared"] = np.minimum(parts["shared"], parts["placed"])
    return feeds.Side(**parts)


def joined(first, second):
    """Return the drops of two profiles as those of one source."""

    def both(name):
        return np.concatenate([getattr(first, name), getattr(second, name)])

    def sides(name):
        mine, other = getattr(first, name), getattr(second, name)
        pairs = {f.name: (getattr(mine, f.name), getattr(other, f.name)) for f in fields(mine)}
        return feeds.Side(**{part: np.concatenate(pair) for part, pair in pairs.items()})

    return replace(
        first,
        names=[*first.names, *(f"later {name}" for name in second.names)],
        middle=both("middle"),
        oldest=both("oldest"),
        newest=both("newest"),
        zones=[*first.zones, *second.zones],
        known=sides("known"),
        full=sides("full"),
    )


def unknown(profile):
    return replace(profile, known=cut(profile.full, np.zeros(len(profile.names))))


@settings(deadline=None, max_examples=150)
@given(profiles())
def test_every_drop_gets_an_answer(profile):
    looked = feeds.check(profile)
    assert len(looked) == len(profile.names)
    summary = feeds.summary("any", looked)
    for check in summary.checks:
        assert check.looked + sum(check.not_applicable.values()) == len(looked)
        assert check.unusual <= check.looked
    strongest = {check.code: check.severity for check in summary.checks}
    for seen in looked:
        assert all(o.severity == "note" or strongest[o.code] == "hold" for o in seen.observed)


@settings(deadline=None, max_examples=100)
@given(profiles(least=1), profiles(least=1, most=6))
def test_drops_that_are_known_later_change_no_earlier_answer(profile, later):
    seen = feeds.check(profile)
    after = feeds.check(joined(profile, unknown(later)))
    for drop, known in enumerate(profile.known.rows):
        if known:
            assert after[drop] == seen[drop]


@settings(deadline=None, max_examples=100)
@given(profiles(least=1))
def test_the_rest_of_a_half_known_drop_changes_no_answer(profile):
    """What is known of a drop decides; how much of it is still to come does not."""
    part = (profile.known.rows > 0) & (profile.known.rows < profile.full.rows)
    more = {f.name: getattr(profile.full, f.name).copy() for f in fields(profile.full)}
    for counts in more.values():
        counts[part] *= 2
    grown = feeds.check(replace(profile, full=feeds.Side(**more)))
    for drop, seen in enumerate(feeds.check(profile)):
        if profile.known.rows[drop]:
            assert grown[drop] == seen


@settings(deadline=None, max_examples=100)
@given(profiles(least=2), st.randoms())
def test_the_order_of_the_files_changes_no_reason(profile, random):
    order = list(range(len(profile.names)))
    random.shuffle(order)

    def shuffled(part):
        return feeds.Side(**{f.name: getattr(part, f.name)[order] for f in fields(part)})

    mixed = replace(
        profile,
        names=[profile.names[n] for n in order],
        middle=profile.middle[order],
        oldest=profile.oldest[order],
        newest=profile.newest[order],
        zones=[profile.zones[n] for n in order],
        known=shuffled(profile.known),
        full=shuffled(profile.full),
    )
    before = dict(zip(profile.names, feeds.check(profile), strict=True))
    assert {n: s.reasons for n, s in zip(mixed.names, feeds.check(mixed), strict=True)} == {
        name: seen.reasons for name, seen in before.items()
    }
