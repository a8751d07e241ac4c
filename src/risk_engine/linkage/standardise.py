"""Identifying fields brought to one form, and records gathered into distinct identities.

Comparing identities instead of records is what keeps linkage cheap: a person who appears in forty
events under the same name, birth date and postcode is compared once.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from risk_engine.linkage.names import roots

#: What makes an identity: records that agree on all of it are the same identity.
IDENTITY = ("first_name", "last_name", "birth_date", "postcode", "shared_key")

#: Words written in a name field when the name is not known.
_NO_NAME = (
    "unknown", "unk", "not known", "not given", "not stated", "anon", "anonymous", "no name",
    "n a", "na", "nk", "xx", "xxx", "x", "refused", "withheld", "test",
)  # fmt: skip

#: Words of a surname that are written or left out at will.
_PARTICLES = (
    "de", "del", "della", "di", "da", "dos", "du", "la", "le", "van", "von", "der", "den", "ter",
    "al", "el", "bin", "ibn", "bint", "ben", "abu",
)  # fmt: skip

_APOSTROPHES = r"['`\x{2018}\x{2019}\x{B4}\x{2BC}]"

#: A key held by more birth dates than this is a placeholder, not a person's key.
MAX_BIRTH_DATES_PER_KEY = 10


def _builtin(text: str) -> str:  # the signature of a function that the database has itself
    return text


_strip_accents = ibis.udf.scalar.builtin(_builtin, name="strip_accents")


def _words(text: ir.StringValue) -> ir.StringValue:
    """Lower case, no accents, no apostrophes, single spaces; letters of any script are kept."""
    plain = _strip_accents(text.lower()).replace("ß", "ss").replace("æ", "ae")
    plain = plain.translate("øłđı", "oldi").re_replace(_APOSTROPHES, "")
    return plain.re_replace(r"[^\p{L}]+", " ").strip()


def _known(text: ir.StringValue) -> ir.StringValue:
    return text.isin(["", *_NO_NAME]).ifelse(ibis.null("string"), text)


def _surname_parts(words: ir.StringValue) -> ir.ArrayValue:
    """Split a surname into its parts without particles; all of them where nothing else is left."""
    joined = words.re_replace(r"(^| )(o|mc|mac|st|fitz) ", r"\1\2")
    parts = joined.split(" ")
    telling = parts.filter(lambda part: part.notin(_PARTICLES))
    return (telling.length() > 0).ifelse(telling, parts)


def _birth_date(records: ir.Table) -> ir.StringValue:
    """Return the birth date as ISO text; null where it cannot be one or is a placeholder."""
    date = records.birth_date.strip().try_cast("date")
    possible = (date > ibis.date(1900, 1, 1)) & (date <= records.known_at.date())
    return possible.ifelse(date.strftime("%Y-%m-%d"), ibis.null("string"))


def _postcode(text: ir.StringValue) -> ir.StringValue:
    """Upper case without spaces; null where too short or the code for no fixed address (ZZ99)."""
    code = text.upper().re_replace(r"[^A-Z0-9]", "")
    usable = (code.length() >= 4) & ~code.startswith("ZZ99")
    return usable.ifelse(code, ibis.null("string"))


def standardise(records: ir.Table) -> ir.Table:
    """Bring the identifying fields of records to one form.

    Parameters
    ----------
    records
        Columns of `events.RECORD_SCHEMA`.

    Returns
    -------
    ibis.expr.types.Table
        One row a record, same columns: names without case, accents and particles, ``birth_date`` as
        ISO text or null, ``sex`` as ``m``, ``f`` or null, and ``node``: the number of the record's
        identity, null where fewer than two of birth date,
        name and shared key are known. Numbers do not depend on row order.
    """
    sex = records.sex.strip().lower().substr(0, 1)
    parts = _surname_parts(_known(_words(records.last_name)))
    clean = records.mutate(
        first_name=_known(_words(records.first_name)).replace(" ", ""),
        last_name=parts.join(""),
        last_words=parts.join(" "),
        birth_date=_birth_date(records),
        sex=sex.isin(["m", "f"]).ifelse(sex, ibis.null("string")),
        postcode=_postcode(records.postcode),
        shared_key=records.shared_key.strip().upper().nullif(""),
    )
    clean = _without_placeholder_keys(clean)
    named = clean.first_name.notnull() | clean.last_name.notnull()
    facts = [clean.birth_date.notnull(), named, clean.shared_key.notnull()]
    usable = sum(fact.cast("int8") for fact in facts) >= 2
    rank = ibis.dense_rank().over(group_by=usable, order_by=[clean[c] for c in IDENTITY])
    return clean.mutate(node=usable.ifelse(rank, ibis.null("int64")))


def _without_placeholder_keys(records: ir.Table) -> ir.Table:
    dates = records.birth_date.nunique().over(group_by=records.shared_key)
    placeholder = dates > MAX_BIRTH_DATES_PER_KEY
    return records.mutate(
        shared_key=placeholder.ifelse(ibis.null("string"), records.shared_key),
        key_ignored=placeholder & records.shared_key.notnull(),
    )


def identities(records: ir.Table) -> ir.Table:
    """Gather standardised records into distinct identities, with the columns pairs are blocked on.

    Parameters
    ----------
    records
        What `standardise` gave.

    Returns
    -------
    ibis.expr.types.Table
        One row a ``node``; ``sex`` is null where the records of an identity disagree.
    """
    known = records.filter(records.node.notnull())
    nodes = known.group_by("node", *IDENTITY).agg(
        sex=(known.sex.nunique() == 1).ifelse(known.sex.min(), ibis.null("string")),
        last_parts=known.last_words.max().split(" "),
    )
    first, last = nodes.first_name.substr(0, 1), nodes.last_name.substr(0, 1)
    month = nodes.birth_date.substr(5, 2)
    return nodes.mutate(
        first_root=nodes.first_name.substitute(roots()),
        first_initial=first,
        last_initial=last,
        initials=(first < last).ifelse(first.concat(last), last.concat(first)),
        first3=nodes.first_name.substr(0, 3),
        last3=nodes.last_name.substr(0, 3),
        birth_year=nodes.birth_date.substr(0, 4),
        birth_month=month,
        outcode=nodes.postcode.substr(0, nodes.postcode.length() - 3),
    )
