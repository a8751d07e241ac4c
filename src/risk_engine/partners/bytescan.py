"""Whether a CSV file may be read by the fast reader: a look at its bytes before any parsing.

The database's own CSV reader is quick but forgiving in a few places where a row could be guessed:
single carriage returns, mixed line ends, blanks beside a quotation mark, one separator too many at
the end of a row. A file in which none of these can occur is read by it; any other file is
read by the strict reader of `files`, row by row. Both give the same cells (property-tested).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

_BESIDE = (b'" ', b'"\t', b' "', b'\t"')
_CHUNK = 8 * 1024 * 1024


@dataclass
class Look:
    """What was seen in a file.

    Attributes
    ----------
    odd
        True where something was seen that the fast reader would guess at.
    quoted
        Whether there is any quotation mark.
    blank
        Whether there are blank lines.
    open_ends
        Whether a line ends with a delimiter, or with an empty cell in quotation marks.
    """

    odd: bool = False
    quoted: bool = False
    blank: bool = False
    open_ends: bool = False


def look(path: Path, delimiter: str) -> Look:
    """Look for what decides between the readers; stops at the first odd byte."""
    mark = delimiter.encode()
    ends = [mark + cell + line for cell in (b"", b'""') for line in (b"\n", b"\r")]
    seen = Look()
    returns = False
    for chunk in _chunks(path):
        seen.quoted = seen.quoted or b'"' in chunk
        seen.odd = b"\0" in chunk or (seen.quoted and any(pair in chunk for pair in _BESIDE))
        if b"\r" in chunk:
            returns = True
            pairs = chunk.count(b"\r\n")
            seen.odd |= pairs != chunk.count(b"\r") or pairs != chunk.count(b"\n")
        seen.odd |= returns and b"\r" not in chunk
        seen.blank |= b"\n\n" in chunk or b"\n\r" in chunk or chunk[:1] in (b"\n", b"\r")
        seen.open_ends |= any(end in chunk for end in ends) or chunk.endswith((mark, mark + b'""'))
        if seen.odd:
            break
    return seen


def count(path: Path, delimiter: str) -> tuple[int, int]:
    """Return the number of delimiters and of lines, header and quoted cells included."""
    mark, delimiters, lines, last = ord(delimiter), 0, 0, 10
    for chunk in _chunks(path):
        letters = np.frombuffer(chunk, dtype=np.uint8)
        delimiters += int(np.count_nonzero(letters == mark))
        lines += int(np.count_nonzero(letters == 10))
        last = int(letters[-1])
    return delimiters, lines + (last != 10)


def _chunks(path: Path) -> Iterator[bytes]:
    """Read in large pieces, each cut after a line end so that no pair of bytes is torn."""
    with path.open("rb") as handle:
        while chunk := handle.read(_CHUNK):
            yield chunk if chunk.endswith(b"\n") else chunk + handle.readline()
