"""Whether a CSV file may be read by the fast reader: a look at its bytes before any parsing.

The database's own CSV reader is quick but forgiving in a few places where a row could be guessed:
single carriage returns, mixed line ends, blanks beside a quotation mark, one separator too many at
the end of a row. A file in which none of these can occur is read by it; any other file is read by
the strict reader of `files`, row by row. Both give the same cells (property-tested).

Looking must cost less than reading: single bytes are found at the speed of memory, pairs of bytes
are not, and are looked for only where a quotation mark or a carriage return makes it needful.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

#: Blanks beside a quotation mark: one reader trims them, the other does not.
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
        Whether there is a quotation mark after the first line.
    delimiters, lines
        How many there are after the first line, those inside quoted cells included.
    """

    odd: bool = False
    quoted: bool = False
    delimiters: int = 0
    lines: int = 0


def look(path: Path, delimiter: str) -> Look:
    """Look for what decides between the readers; stops at the first odd byte."""
    mark, seen, returns, last = delimiter.encode(), Look(), None, b"\n"
    with path.open("rb") as handle:
        first = handle.readline()
        for chunk in _chunks(handle):
            seen.quoted = seen.quoted or b'"' in chunk
            returned = b"\r" in chunk
            seen.odd = (
                b"\0" in chunk
                or returns not in {None, returned}
                or (returned and not _in_pairs(chunk))
                or (seen.quoted and any(pair in chunk for pair in _BESIDE))
            )
            if seen.odd:
                return seen
            returns, last = returned, chunk[-1:]
            seen.delimiters += chunk.count(mark)
            seen.lines += chunk.count(b"\n")
    seen.lines += last != b"\n"
    seen.odd = returns is not None and returns != first.endswith(b"\r\n")
    return seen


def _in_pairs(chunk: bytes) -> bool:
    """Say whether every line ends with a carriage return and a line feed, and none stands alone."""
    return chunk.count(b"\r\n") == chunk.count(b"\r") == chunk.count(b"\n")


def _chunks(handle: BinaryIO) -> Iterator[bytes]:
    """Read in large pieces, each cut after a line end so that no pair of bytes is torn."""
    while chunk := handle.read(_CHUNK):
        yield chunk if chunk.endswith(b"\n") else chunk + handle.readline()
