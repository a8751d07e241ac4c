"""Identifying fields brought to one form, and records gathered into distinct identities.

Comparing identities instead of records is what keeps linkage cheap: a person who appears in forty
events under the same name, birth date and postcode is compared once. What is done to a name is
plain Python on each distinct name (`spelling`); everything else is Ibis, the same on each engine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from risk_engine.linkage import spelling
from risk_engine.linkage.scratch import Scratch

#: A key held by more birth dates than this is a placeholder, not a person's key.
MAX_BIRTH_DATES_PER_KEY = 10

_SPELLED = pa.schema(
    [
        ("written", pa.string()),
        ("spelled", pa.string()),
        ("name", pa.string()),
        ("root", pa.string()),
        ("sound", pa.string()),
        ("parts", pa.list_(pa.string())),
    ]
)
_NAMES: dict[str, Callable[[str | None], spelling.Spelled]] = {
    "first_name": spelling.first,
    "last_name": spelling.last,
}


def standardise(
    records: ir.Table, fields: Sequence[str], *, scratch: Scratch, key: bytes
) -> tuple[ir.Table, ir.Table]:
    """Bring the identifying fields of records to one form and gather distinct identities.

    Parameters
    ----------
    records
        ``record_id, known_at, shared_key``, the `fields` as text, and what else is to be kept;
        where there is ``apart``, records that differ in it are never one identity.
    fields
        The fields that are compared (`config.linkage.FIELDS`, further columns of a table too).
    scratch
        Holds the tables until the linkage is done.
    key
        Secret of the identities' names.

    Returns
    -------
    standard : ibis.expr.types.Table
        One row a record: the columns of `records` without names and the like, ``birth_date`` as ISO
        text or null, ``identity`` (32 hexadecimal characters, the same for records that agree on
        all fields and the shared key, in any order of rows and in any week; null where fewer than
        two are known, names counting as one and sex not at all, or fewer than three where there
        are names and none is known, nor a shared key) and ``key_ignored``.
    identities : ibis.expr.types.Table
        One row an ``identity``: the fields, ``shared_key``, ``records`` (how many), and what pairs
        are compared and blocked on (`config.linkage.BLOCKING_COLUMNS`).
    """
    dictionaries = {
        name: scratch.arrow(_dictionary(records, name)) for name in _NAMES if name in fields
    }
    clean = _without_placeholder_keys(_clean(records, fields, dictionaries, scratch))
    named = scratch.table(clean.mutate(identity=_identity(clean, fields, key)))
    kept = [c for c in named.columns if c not in fields or c == "birth_date"]
    identities = scratch.table(_identities(named, fields, dictionaries))
    standard = scratch.table(named.select(*kept))
    scratch.drop(named)  # with every name in it
    return standard, identities


def _dictionary(records: ir.Table, field: str) -> pa.Table:
    """Spell every distinct name of a field."""
    written = records.select(written=field).distinct().to_pyarrow()["written"].to_pylist()
    known = [text for text in written if text is not None]
    spelled = [_NAMES[field](text) for text in known]
    return pa.table(
        [
            known,
            [" ".join(one.parts) or None for one in spelled],
            [one.name for one in spelled],
            [one.root for one in spelled],
            [one.sound for one in spelled],
            [list(one.parts) for one in spelled],
        ],
        schema=_SPELLED,
    )


def _clean(
    records: ir.Table, fields: Sequence[str], dictionaries: dict[str, ir.Table], scratch: Scratch
) -> ir.Table:
    """Put what is meant in place of what is written; each distinct text is looked at once."""
    cleaned = records.mutate(shared_key=records.shared_key.strip().upper().nullif(""))
    for name in fields:
        if name in dictionaries:
            told = dictionaries[name].select("written", meant="spelled")
        else:
            written = records.select(written=name).drop_null().distinct()
            told = scratch.table(written.mutate(meant=_CLEANED.get(name, _plain)(written.written)))
        joined = cleaned.left_join(told, cleaned[name] == told.written)
        cleaned = joined.mutate(**{name: joined.meant}).drop("written", "meant")
    if "birth_date" not in fields:
        return cleaned
    born_later = cleaned.birth_date.cast("date") > cleaned.known_at.date()
    date = born_later.fill_null(False).ifelse(ibis.null("string"), cleaned.birth_date)
    return cleaned.mutate(birth_date=date)


def _plain(text: ir.StringValue) -> ir.StringValue:
    return text.lower().re_replace(r"[\s|]+", " ").strip().nullif("")


def _sex(text: ir.StringValue) -> ir.StringValue:
    letter = text.strip().lower().substr(0, 1)
    return letter.isin(["m", "f"]).ifelse(letter, ibis.null("string"))


def _phone(text: ir.StringValue) -> ir.StringValue:
    return text.re_replace(r"[^0-9]", "").nullif("")


def _birth_date(text: ir.StringValue) -> ir.StringValue:
    """Return the birth date as ISO text; null where it cannot be one or is a placeholder."""
    written = text.strip().re_replace(r"^(\d{4})(\d{2})(\d{2})$", r"\1-\2-\3")
    whole = written.re_search(r"^\d{4}-\d{2}-\d{2}$").ifelse(written, ibis.null("string"))
    date = whole.try_cast("date")
    return (date > ibis.date(1900, 1, 1)).ifelse(date.strftime("%Y-%m-%d"), ibis.null("string"))


def _postcode(text: ir.StringValue) -> ir.StringValue:
    """Upper case without spaces; null where too short or the code for no fixed address (ZZ99)."""
    code = text.upper().re_replace(r"[^A-Z0-9]", "")
    usable = (code.length() >= 4) & ~code.startswith("ZZ99")
    return usable.ifelse(code, ibis.null("string"))


_CLEANED: dict[str, Callable[[ir.StringValue], ir.StringValue]] = {
    "birth_date": _birth_date,
    "sex": _sex,
    "postcode": _postcode,
    "phone": _phone,
}


def _without_placeholder_keys(records: ir.Table) -> ir.Table:
    if "birth_date" not in records.columns:
        return records.mutate(key_ignored=ibis.literal(False))
    keyed = records.filter(records.shared_key.notnull())
    dates = keyed.group_by("shared_key").agg(dates=keyed.birth_date.nunique())
    many = dates.filter(dates.dates > MAX_BIRTH_DATES_PER_KEY).select(placeholder="shared_key")
    joined = records.left_join(many, records.shared_key == many.placeholder)
    placeholder = joined.placeholder.notnull()
    return joined.mutate(
        shared_key=placeholder.ifelse(ibis.null("string"), joined.shared_key),
        key_ignored=placeholder,
    ).drop("placeholder")


def _identity(records: ir.Table, fields: Sequence[str], key: bytes) -> ir.StringValue:
    """Name what is known of a record by a keyed hash; null where that is too little."""
    compared = [*fields, "shared_key"]
    facts = [records[name].notnull() for name in compared if name not in {*_NAMES, "sex"}]
    names = [records[name].notnull() for name in _NAMES if name in fields]
    known = sum(fact.cast("int8") for fact in facts)
    usable = known >= 2
    if names:  # without one, two facts may be those of twins
        named = names[0] | names[-1]
        tied = named | records.shared_key.notnull()
        usable = (known + named.cast("int8") >= 2) & (tied | (known >= 3))
    text = ibis.literal(f"identity|{key.hex()}|")
    if "apart" in records.columns:
        compared.append("apart")
    for name in compared:
        text = text.concat(records[name].fill_null(""), "|")
    return usable.ifelse(text.hexdigest("sha256").substr(0, 32), ibis.null("string"))


def _identities(
    named: ir.Table, fields: Sequence[str], dictionaries: dict[str, ir.Table]
) -> ir.Table:
    known = named.filter(named.identity.notnull())
    every = {name: known[name].arbitrary() for name in [*fields, "shared_key"]}
    found = known.group_by("identity").agg(records=known.count(), **every)
    for name, dictionary in dictionaries.items():
        found = _with_forms(found, name, dictionary)
    return found.mutate(**_made_from(found, fields))


def _with_forms(found: ir.Table, field: str, dictionary: ir.Table) -> ir.Table:
    """Put the name in one piece in place of its words, and add its root, sound and parts.

    Names of the same words are one identity's; "Mary Ann" and "Maryann" are two identities of one
    name, or what is known of either would depend on whether the other is there.
    """
    short = field.removesuffix("_name")
    place = ibis.row_number().over(group_by=dictionary.spelled, order_by=dictionary.written)
    forms = dictionary.drop_null(["spelled"]).mutate(place=place)
    forms = forms.filter(forms.place == 0).select(
        "spelled", "name",
        **{f"{short}_root": "root", f"{short}_sound": "sound", f"{short}_parts": "parts"},
    )  # fmt: skip
    joined = found.left_join(forms, found[field] == forms.spelled)
    return joined.mutate(**{field: joined.name}).drop("spelled", "name")


def _made_from(found: ir.Table, fields: Sequence[str]) -> dict[str, ir.Value]:
    made: dict[str, ir.Value] = {}
    if "first_name" in fields:
        made |= {
            "first_initial": found.first_name.substr(0, 1),
            "first3": found.first_name.substr(0, 3),
        }
    if "last_name" in fields:
        made |= {
            "last_initial": found.last_name.substr(0, 1),
            "last3": found.last_name.substr(0, 3),
        }
    if "first_name" in fields and "last_name" in fields:
        one, other = made["first_initial"], made["last_initial"]
        both = found.first_name.notnull() & found.last_name.notnull()
        parts = found.first_parts.concat(found.last_parts).sort().join(" ")
        made |= {  # in either order: swapped names meet too
            "initials": (one < other).ifelse(one.concat(other), other.concat(one)),
            "name_parts": both.ifelse(parts, ibis.null("string")),
        }
    if "birth_date" in fields:
        date = found.birth_date
        made |= {
            "birth_year": date.substr(0, 4),
            "birth_month": date.substr(5, 2),
            "birth_day": date.substr(8, 2),
            "day_number": date.cast("date").delta(ibis.date(1970, 1, 1), unit="day"),
        }
    if "postcode" in fields:
        made["outcode"] = found.postcode.substr(0, found.postcode.length() - 3)
    return made
