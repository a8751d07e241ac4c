"""One written name -> the forms it is compared in. Plain Python on each distinct name once.

A name is brought into Latin letters (anyascii), lower case, without accents, apostrophes and
titles; particles of surnames are left out. Beside that a name has a *sound*: what is left of it
when the letters are gone that change with the way it is brought over from another script or
language. Mohammed, Muhammad and Maxamed sound alike here, and so do Youssef and Yusuf.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from anyascii import anyascii

from risk_engine.linkage.names import roots

#: Longer names are cut: no comparison gets better after that, only slower.
LONGEST = 60

#: Words written in a name field when the name is not known.
_NO_NAME = frozenset(
    {
        "unknown", "unk", "not known", "not given", "not stated", "anon", "anonymous", "no name",
        "n a", "na", "n k", "nk", "xx", "xxx", "x", "refused", "withheld", "test", "none", "null",
        "nan", "tbc", "not recorded",
    }
)  # fmt: skip
_TITLES = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr", "master", "prof"})

#: Words of a surname that are written or left out at will.
_PARTICLES = frozenset(
    {
        "de", "del", "della", "di", "da", "dos", "das", "du", "la", "le", "van", "von", "der",
        "den", "ter", "al", "el", "bin", "ibn", "bint", "ben", "abu", "e", "y",
    }
)  # fmt: skip
_APOSTROPHES = frozenset("'`\u2018\u2019\u00b4\u02bc\u02bb")
_NOT_LATIN = re.compile(r"[^a-z\s]")
_GAELIC = re.compile(r"(^| )(o|mc|mac|st|fitz) ")
_SUFFIXES = frozenset({"jr", "snr", "sr", "jnr"})

#: Letters that stand for one another when a name is brought over. The order matters.
_SOUNDS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"^c(?=abd|umar|ali|us[mc]|ism)", ""),  # Somali: Cabdi, Cumar
        (r"^ng", "n"),
        (r"^hu(?=a)|^hw", "v"),  # Huang, Hwang, Wong
        (r"kh|ck|q", "k"),
        (r"tsch|sch|tch|tz|ts|cz|sz|sj|zh|sh|ch|z", "s"),
        (r"^x(?=[iu])|^hs", "s"),  # Xin, Hsin
        (r"c(?=[eiy])", "s"),
        (r"c", "k"),
        (r"x", "h"),  # Maxamed
        (r"gh", "g"),
        (r"ph", "f"),
        (r"([bdjt])h", r"\1"),
        (r"(?<=[aeiou])w(?![aeiouy])", "u"),
        (r"w", "v"),
        (r"dj", "j"),
        (r"^y", "j"),
        (r"h(?![aeiouy])", ""),
        (r"(.)\1+", r"\1"),
        (r"^[aeiou]+", "a"),
        (r"(?<=.)[aeiouy]+", ""),
    )
)


@dataclass(frozen=True)
class Spelled:
    """One name in the forms it is compared in; all None (and no parts) where it is not known.

    Attributes
    ----------
    name
        The name in one piece, without particles.
    root
        What the forms of one first name share (nicknames, spellings); the name itself otherwise.
    sound
        See the module.
    parts
        The words of the name, in order.
    """

    name: str | None
    root: str | None
    sound: str | None
    parts: tuple[str, ...]


_NOTHING = Spelled(None, None, None, ())


class _OnlyLetters(dict[int, str]):
    """What each character counts as, for `str.translate`; found out when it is first met.

    Letters stay, and so do the marks over and under them (accents, vowels of Arabic, Hebrew and
    Indian scripts): a name must not fall apart there. Apostrophes and what cannot be seen (the
    direction of writing, soft hyphens) go. Everything else parts words.
    """

    def __missing__(self, code: int) -> str:
        self[code] = found = self._meaning(chr(code))
        return found

    @staticmethod
    def _meaning(character: str) -> str:
        category = unicodedata.category(character)
        if character in _APOSTROPHES or category == "Cf":
            return ""
        return character if category[0] in "LM" else " "


_ONLY_LETTERS = _OnlyLetters()


def words(text: str) -> list[str]:
    """Bring a name into lower-case Latin words, which hold nothing but the letters a to z.

    >>> words("  O'Brien-ŁUKASZ 😀 ")
    ['obrien', 'lukasz']
    """
    whole = unicodedata.normalize("NFC", text[: 4 * LONGEST])
    latin = anyascii(whole.translate(_ONLY_LETTERS)).lower()
    return _NOT_LATIN.sub("", latin)[: 4 * LONGEST].split()


def first(text: str | None) -> Spelled:
    """Spell a first name (all of them, where several are written).

    >>> first("Bob").root, first("Youssef").sound == first("Yusuf").sound
    ('robert', True)
    """
    known = [word for word in _known(text) if word not in _TITLES]
    if not known:
        return _NOTHING
    name = "".join(known)[:LONGEST]
    root = roots().get(name) or roots().get(known[0], known[0] if len(known) > 1 else name)
    return Spelled(name, root, sound(name), tuple(known))


def last(text: str | None) -> Spelled:
    """Spell a surname: without particles, unless nothing else is left.

    >>> last("van der Berg").name, last("O Brien").name, last("Hart-Davis").parts
    ('berg', 'obrien', ('hart', 'davis'))
    """
    joined = _GAELIC.sub(r"\1\2", " ".join(_known(text))).split()
    known = [word for word in joined if word not in _SUFFIXES | _TITLES] or joined
    telling = [word for word in known if word not in _PARTICLES] or known
    if not telling:
        return _NOTHING
    name = "".join(telling)[:LONGEST]
    return Spelled(name, name, sound(name), tuple(telling))


def split_full(text: str | None) -> tuple[str | None, str | None]:
    """Split a whole name into first names and surname: at a comma, else before the last word.

    Particles before the surname go with it, wherever they stand; "Jr" and the like are left out.

    >>> split_full("BERG, Anna van der"), split_full("Anna van der Berg Jr"), split_full("Anna")
    (('Anna', 'van der BERG'), ('Anna', 'van der Berg'), ('Anna', None))
    """
    surname, comma, given = (text or "").partition(",")
    if not comma:
        given, surname = surname, ""
    parts = [word for word in given.split() if word.strip(",.").lower() not in _SUFFIXES]
    if given.strip() and not parts:  # John Smith, Jr
        return split_full(surname)
    start = len(parts) if comma else max(len(parts) - 1, 1)
    while start > 1 and parts[start - 1].lower() in _PARTICLES:
        start -= 1
    return " ".join(parts[:start]) or None, " ".join([*parts[start:], *surname.split()]) or None


@cache
def sound(name: str) -> str:
    """Return what a name sounds like, whoever wrote it down.

    >>> {sound(name) for name in ("mohammed", "muhammad", "mohamud", "maxamed")}
    {'mhmd'}
    """
    heard = name
    for pattern, replaced in _SOUNDS:
        heard = pattern.sub(replaced, heard)
    return heard or name


def _known(text: str | None) -> list[str]:
    found = words(text) if text else []
    return [] if " ".join(found) in _NO_NAME else found
