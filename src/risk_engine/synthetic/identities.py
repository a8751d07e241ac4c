"""What an agency writes down about a person: mostly the truth, with the errors clerks make."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd

from risk_engine.synthetic.names import NICKNAMES
from risk_engine.synthetic.people import home_at

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.object_]
Wrong = tuple[str, str, pd.Timestamp]

SECOND_NUMBER = 0.06  # records under a person's second number at the same agency
ERRORS = 0.12  # identities with something wrong, at one agency


def identify(
    people: pd.DataFrame, person: Ints, moment: pd.Series, *, prefix: str, rng: np.random.Generator
) -> pd.DataFrame:
    """Write down the person of each row as one agency would.

    An agency keeps one spelling under each of its own numbers; the address lags a move by up to
    half a year, and now and then a birth date or a postcode is not filled in.

    Returns
    -------
    pandas.DataFrame
        ``number, first_name, last_name, birth`` (datetime, NaT where missing), ``sex`` (F, M),
        ``postcode`` (empty where missing), ``home_x, home_y, ethnicity``.
    """
    known = _spellings(people, rng)
    second = (rng.random(len(person)) < SECOND_NUMBER).astype(np.int64)
    row = person + second * len(people)
    written = known.iloc[row].reset_index(drop=True)
    written.insert(0, "number", _numbers(len(known), prefix, rng)[row])
    lag = pd.to_timedelta(rng.integers(0, 180, len(person)), unit="D")
    home = home_at(people, person, moment.reset_index(drop=True) - lag)
    code = postcodes(home)
    written["postcode"] = np.where(rng.random(len(person)) < 0.05, "", code)
    written["birth"] = written.birth.where(rng.random(len(person)) >= 0.02)
    written["home_x"], written["home_y"] = home.x, home.y
    written["sex"] = people.sex.to_numpy()[person]
    written["ethnicity"] = people.ethnicity.to_numpy()[person]
    return written


def postcodes(home: pd.DataFrame) -> Words:
    """Invented postcodes (no real one begins with Q), shared by homes within 150 metres."""
    east, north = (home.x // 150).astype(int), (home.y // 150).astype(int)
    district = (home.x // 3000 * 7 + home.y // 3000 * 3).astype(int) % 20 + 1
    unit = (east * 7919 + north * 104729) % 4000
    letters = "ABDEFGHJLNPQRSTUWXYZ"
    area = home.area.astype(int) % 20
    return np.array(
        [
            f"Q{letters[a]}{d} {u % 10}{letters[u // 10 % 20]}{letters[u // 200]}"
            for a, d, u in zip(area, district, unit, strict=True)
        ],
        dtype=object,
    )


def _numbers(count: int, prefix: str, rng: np.random.Generator) -> Words:
    drawn = rng.permutation(count) + 1
    return np.array([f"{prefix}{number:07d}" for number in drawn], dtype=object)


def _spellings(people: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Two spellings of everybody, under the first and the second number; some hold an error."""
    columns = ["first_name", "last_name", "birth"]
    known = pd.concat([people[columns]] * 2, ignore_index=True)
    first, last = known.first_name.to_numpy(copy=True), known.last_name.to_numpy(copy=True)
    birth = known.birth.to_numpy(copy=True)
    for row in np.flatnonzero(rng.random(len(known)) < ERRORS):
        wrong = _MISTAKES[int(rng.integers(len(_MISTAKES)))]
        found = wrong((first[row], last[row], pd.Timestamp(birth[row])), rng)
        first[row], last[row], birth[row] = found[0], found[1], found[2].to_datetime64()
    return pd.DataFrame({"first_name": first, "last_name": last, "birth": birth})


def _nickname(wrong: Wrong, rng: np.random.Generator) -> Wrong:
    if wrong[0] not in NICKNAMES:
        return _typo_first(wrong, rng)
    return NICKNAMES[wrong[0]], wrong[1], wrong[2]


def _typo_first(wrong: Wrong, rng: np.random.Generator) -> Wrong:
    return _typo(wrong[0], rng), wrong[1], wrong[2]


def _typo_last(wrong: Wrong, rng: np.random.Generator) -> Wrong:
    return wrong[0], _typo(wrong[1], rng), wrong[2]


def _swapped_names(wrong: Wrong, _rng: np.random.Generator) -> Wrong:
    return wrong[1], wrong[0], wrong[2]


def _swapped_date(wrong: Wrong, _rng: np.random.Generator) -> Wrong:
    birth = wrong[2]
    if birth.day > 12:
        return wrong
    return wrong[0], wrong[1], birth.replace(month=birth.day, day=birth.month)


def _wrong_day(wrong: Wrong, rng: np.random.Generator) -> Wrong:
    return wrong[0], wrong[1], wrong[2] - pd.Timedelta(days=int(rng.choice([1, 10, 365])))


def _capitals(wrong: Wrong, _rng: np.random.Generator) -> Wrong:
    return wrong[0].upper(), wrong[1].upper().replace("-", " ").replace("'", ""), wrong[2]


_MISTAKES: tuple[Callable[[Wrong, np.random.Generator], Wrong], ...] = (
    _nickname,
    _nickname,
    _typo_first,
    _typo_last,
    _typo_last,
    _swapped_names,
    _swapped_date,
    _wrong_day,
    _capitals,
)


def _typo(word: str, rng: np.random.Generator) -> str:
    """Swap two neighbouring letters, drop one, or double one; never the first."""
    if len(word) < 4:
        return word
    at, kind = int(rng.integers(1, len(word) - 1)), int(rng.integers(3))
    middle = (word[at + 1] + word[at], word[at + 1], word[at] * 2 + word[at + 1])[kind]
    return word[:at] + middle + word[at + 2 :]
