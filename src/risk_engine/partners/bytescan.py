"""Whether a CSV file may be read by the fast reader: a look at its bytes before any parsing.

The database's own CSV reader is quick but forgiving in a few places where a row could be guessed:
single carriage returns, mixed line ends, blanks after a closing quotation mark, one separator too
many at the end of a row. A file in which none of these can occur is read by it; any other file is
read by the strict reader of `files`, row by row. Both give the same cells (property-tested).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_CHUNK = 8 * 1024 * 1024


@dataclass
class ByteCount:
    """What was counted in a file.

    Attributes
    ----------
    delimiters, lines
        All of them, those inside quoted cells included; the header is counted too, blank lines are
        not.
    odd
        True where something was seen that the fast reader would guess at.
    quoted
        Whether there is any quotation mark.
    open_ends
        Whether a line ends with a delimiter.
    """

    delimiters: int = 0
    lines: int = 0
    odd: bool = False
    quoted: bool = False
    open_ends: bool = False


def count_bytes(path: Path, delimiter: str) -> ByteCount:
    """Count what decides between the readers; stops at the first odd byte."""
    mark = delimiter.encode()
    found = ByteCount()
    returns = pairs = ends = 0
    blank = False
    last = b"\n"
    for chunk in _chunks(path):
        found.delimiters += chunk.count(mark)
        found.quoted |= b'"' in chunk
        returns, ends = returns + chunk.count(b"\r"), ends + chunk.count(b"\n")
        pairs += chunk.count(b"\r\n")
        blank |= b"\n\n" in chunk or b"\n\r" in chunk or chunk[:1] in b"\r\n"
        last = chunk[-1:]
        blank_after_quote = found.quoted and (b'" ' in chunk or b'"\t' in chunk)
        found.odd |= b"\0" in chunk or blank_after_quote
        found.open_ends |= mark + b"\n" in chunk or mark + b"\r" in chunk or chunk.endswith(mark)
        if found.odd:
            return found
    found.lines = ends + (last != b"\n")
    found.odd = returns != pairs or pairs not in (0, ends) or (blank and not found.quoted)
    return found


def _chunks(path: Path) -> Iterator[bytes]:
    """Read in large pieces, each cut after a line end so that no pair of bytes is torn."""
    with path.open("rb") as handle:
        while chunk := handle.read(_CHUNK):
            yield chunk if chunk.endswith(b"\n") else chunk + handle.readline()
