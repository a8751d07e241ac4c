"""How a name may be written: as it is, by a nickname, in capitals, or with a slip of the hand."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa

from risk_engine.synthetic.chance import Ints
from risk_engine.synthetic.names import NICKNAMES, WORDS

TYPOS = 8
AS_IS, NICKNAME, CAPITALS, FIRST_TYPO = 0, 1, 2, 3  # columns of the table; typos fill the rest


def write(word: Ints, way: Ints) -> pa.Array:
    """Write each name in a way: a column of the table of spellings."""
    texts, table = _table()
    return texts.take(pa.array(table[word, way]))


@cache
def _table() -> tuple[pa.Array, Ints]:
    """All spellings once, and the position of each by word and way."""
    spelled = [[word, _nickname(word), _capitals(word), *_typos(word)] for word in WORDS]
    texts = sorted({text for row in spelled for text in row})
    position = {text: row for row, text in enumerate(texts)}
    table = np.array([[position[text] for text in row] for row in spelled])
    return pa.array(texts, pa.string()), table


def _nickname(word: str) -> str:
    return NICKNAMES.get(word, _typo(word, 0))


def _capitals(word: str) -> str:
    return word.upper().replace("-", " ").replace("'", "")


def _typos(word: str) -> list[str]:
    return [_typo(word, slip) for slip in range(TYPOS)]


def _typo(word: str, slip: int) -> str:
    """Swap two neighbouring letters, drop one, or double one; never the first."""
    if len(word) < 4:
        return word
    at = 1 + slip * 5 % (len(word) - 2)
    middle = (word[at + 1] + word[at], word[at + 1], word[at] * 2 + word[at + 1])[slip % 3]
    return word[:at] + middle + word[at + 2 :]
