# ruff: noqa: RUF001 - Turkish has a dotless i
"""How a name may be written: as it is, otherwise spelled, in part, in capitals, or with a slip.

Rates here are assumed. They go by the name and never by the group: a name that came from another
script has more accepted spellings, and that alone makes it harder to recognise.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from risk_engine.synthetic.chance import Floats, Ints
from risk_engine.synthetic.name_lists import NICKNAMES, ORIGINS
from risk_engine.synthetic.names import WORDS
from risk_engine.synthetic.variants import ENDINGS, JOINED, PARTICLES, VARIANTS

TYPOS, MOST_OTHERS, MOST_PARTS = 8, 6, 3
AS_IS, NICKNAME, CAPITALS, FIRST_TYPO = 0, 1, 2, 3  # ways; typos follow, and then:
FIRST_OTHER = FIRST_TYPO + TYPOS
FIRST_PART = FIRST_OTHER + MOST_OTHERS
_WAYS = FIRST_PART + MOST_PARTS

#: How often an agency spells a name otherwise: for each other spelling it has, and at most.
A_SPELLING, MOST_SPELLED = 0.015, 0.06
#: The same for names with a hyphen, an apostrophe or a particle, and with letters not of English.
MARKED, FOREIGN_LETTERS = 0.15, 0.5
#: How often an agency holds one part of a compound name.
PART = 0.06
#: How often first name and surname change places, beside a clerk's usual slips: where the family
#: name is said first at home, and where the surname is a first name too.
FAMILY_FIRST, EITHER_WAY = 0.06, 0.015
_PLAIN = str.maketrans({"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "ı": "i", "đ": "d", "Đ": "D",
                        "ß": "ss", "æ": "ae"})  # fmt: skip
_UMLAUTS = str.maketrans({"ü": "ue", "ö": "oe", "Ö": "Oe", "Ü": "Ue"})


def write(word: npt.NDArray[np.integer], way: Ints) -> pa.Array:
    """Write each name (a position in `names.WORDS`) in a way."""
    odd = np.flatnonzero(way != AS_IS)
    coded, where = np.unique(word[odd].astype(np.int64) * _WAYS + way[odd], return_inverse=True)
    spelled = [_spell(*divmod(int(code), _WAYS)) for code in coded]
    at = word.astype(np.int64)
    at[odd] = len(WORDS) + where
    return pa.array([*WORDS, *spelled], pa.string()).take(pa.array(at))


def others(word: npt.NDArray[np.integer]) -> Ints:
    """Count the other spellings that each name has."""
    found: Ints = _counts(other_spellings)[word]
    return found


def parts(word: npt.NDArray[np.integer]) -> Ints:
    """Count the parts that each name may be cut down to."""
    found: Ints = _counts(name_parts)[word]
    return found


def otherwise(word: npt.NDArray[np.integer]) -> Floats:
    """How often an agency spells each name otherwise."""
    found: Floats = _spelled_otherwise()[word]
    return found


def turned(last: npt.NDArray[np.integer]) -> Floats:
    """How often a name with this surname is written the wrong way round for its own sake."""
    found: Floats = _turned()[last]
    return found


def other_spellings(name: str) -> tuple[str, ...]:
    """Return other accepted spellings of a name, likelier ones first.

    Examples
    --------
    >>> other_spellings("O'Brien")
    ('OBrien', 'O Brien')
    >>> other_spellings("Wai-Ling")
    ('Wai Ling', 'Wailing')
    >>> other_spellings("Webster")
    ()
    """
    found = dict.fromkeys(other for rule in _RULES for other in rule(name))
    return tuple(other for other in found if other != name)[:MOST_OTHERS]


def name_parts(name: str) -> tuple[str, ...]:
    """Return what a compound name may be cut down to.

    Examples
    --------
    >>> name_parts("Hassan Warsame"), name_parts("de Silva"), name_parts("Smith")
    (('Hassan', 'Warsame'), ('Silva',), ())
    """
    pieces = re.split("[ -]", name)
    kept = tuple(piece for piece in pieces if piece.lower() not in PARTICLES)
    return kept[:MOST_PARTS] if len(pieces) > 1 else ()


def plain(name: str) -> str:
    """Return a name in the letters of English."""
    apart = unicodedata.normalize("NFKD", name.translate(_PLAIN))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _letters(name: str) -> Iterator[str]:
    if not name.isascii():
        yield plain(name)
        yield plain(name.translate(_UMLAUTS))


def _marks(name: str) -> Iterator[str]:
    """Leave out an apostrophe, write a hyphen as a space or not at all."""
    if "'" in name:
        yield name.replace("'", "")
        yield name.replace("'", " ")
    if "." in name:
        yield name.replace(".", " ")
    if "-" in name:
        yield name.replace("-", " ")
    first, _, rest = name.replace(" ", "-").partition("-")
    if rest and first in {"Al", "El"}:
        yield f"{'El' if first == 'Al' else 'Al'}-{rest}"
    if rest and first.islower():
        yield first.capitalize() + rest
    elif rest and (first.lower() in JOINED or ("-" in name and max(len(first), len(rest)) <= 4)):
        yield first + rest.lower()


def _known(name: str) -> Iterator[str]:
    yield from VARIANTS.get(name, ())


def _pieces(name: str) -> Iterator[str]:
    """Spell one piece of a compound name otherwise."""
    pieces = re.split("([ -])", name)
    for at, piece in enumerate(pieces if len(pieces) > 1 else []):
        for other in VARIANTS.get(piece, ())[:2]:
            yield "".join([*pieces[:at], other, *pieces[at + 1 :]])


def _affixes(name: str) -> Iterator[str]:
    if re.match("Mc[A-Z]", name):
        yield "Mac" + name[2:]
        yield "Mc " + name[2:]
    if re.match("Mac[A-Z]", name):
        yield "Mc" + name[3:]
    for ending, instead in ENDINGS.items():
        if name.endswith(ending) and len(name) > len(ending) + 1:
            yield from (name.removesuffix(ending) + other for other in instead)


_RULES: tuple[Callable[[str], Iterator[str]], ...] = (_letters, _marks, _known, _pieces, _affixes)


@cache
def _counts(ways: Callable[[str], tuple[str, ...]]) -> Ints:
    return np.array([len(ways(word)) for word in WORDS], np.int64)


@cache
def _spelled_otherwise() -> Floats:
    count = _counts(other_spellings)
    often = np.minimum(A_SPELLING * count, MOST_SPELLED)
    marked = np.array([any(True for _ in _marks(word)) for word in WORDS])
    foreign = np.array([not word.isascii() for word in WORDS])
    often = np.where(marked, np.maximum(often, MARKED), often)
    found: Floats = np.where(foreign, FOREIGN_LETTERS, often) * (count > 0)
    return found


@cache
def _turned() -> Floats:
    """By surname; one that another origin has too tells nothing of the order at home."""
    given, first, last = set[str](), set[str](), set[str]()
    for origin in ORIGINS.values():
        given.update(origin.female.listed, origin.male.listed)
        names = (*origin.surnames.listed, *origin.surnames.tail)
        (first if origin.family_first else last).update(names)
    either = [EITHER_WAY if word in given else 0.0 for word in WORDS]
    return np.array([FAMILY_FIRST if word in first - last else rate
                     for word, rate in zip(WORDS, either, strict=True)])  # fmt: skip


@cache
def _spell(word: int, way: int) -> str:
    name = WORDS[word]
    if way == NICKNAME:
        return NICKNAMES.get(name, _typo(name, 0))
    if way == CAPITALS:
        return name.upper().replace("-", " ").replace("'", "")
    if way < FIRST_OTHER:
        return _typo(name, way - FIRST_TYPO)
    if way < FIRST_PART:
        return other_spellings(name)[way - FIRST_OTHER]
    return name_parts(name)[way - FIRST_PART]


def _typo(word: str, slip: int) -> str:
    """Swap two neighbouring letters, drop one, or double one; never the first."""
    if len(word) < 4:
        return word
    at = 1 + slip * 5 % (len(word) - 2)
    middle = (word[at + 1] + word[at], word[at + 1], word[at] * 2 + word[at + 1])[slip % 3]
    return word[:at] + middle + word[at + 2 :]
