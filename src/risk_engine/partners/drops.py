"""What arrived for a source: each file is a drop, and a zip archive holds several."""

from __future__ import annotations

import errno
import re
import shutil
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from risk_engine.config import Contract, Source
from risk_engine.errors import InputError
from risk_engine.partners.files import DAMAGED, check_present

#: Ending -> how the file is read.
KINDS = {
    ".csv": "csv",
    ".txt": "csv",
    ".tsv": "csv",
    ".parquet": "parquet",
    ".xlsx": "excel",
    ".xlsm": "excel",
    ".zip": "zip",
}
#: An archive is refused beyond this many bytes unpacked: a small file must not fill the disk.
LARGEST_ARCHIVE = 50 * 1024**3


@dataclass(frozen=True)
class Drop:
    """One file of records.

    Attributes
    ----------
    file
        Its name as shown: the file's, or ``archive.zip/member.csv``.
    path
        Where its bytes are now; a member of an archive lies in a scratch folder.
    arrived
        The file that arrived: itself, or its archive. What a decision about the drop is bound to.
    kind
        ``csv``, ``parquet`` or ``excel``.
    """

    file: str
    path: Path
    kind: str
    arrived: Path

    @property
    def name(self) -> str:
        """Name of the drop: the file's without folder and ending."""
        return PurePosixPath(self.file).stem


def find_drops(source: Source, scratch: Path) -> tuple[Drop, ...]:
    """List the drops of a source in order, archives unpacked into `scratch`.

    Raises
    ------
    InputError
        ``MISSING_FILE``, ``EMPTY_FILE``, ``FILE_TWICE``, ``UNKNOWN_KIND``, ``BAD_ARCHIVE``.
    """
    contract = source.contract
    if not source.files:
        raise InputError(f"{contract.source}: no file is configured", code="MISSING_FILE")
    found: list[Drop] = []
    _check_names([path.stem for path in source.files], contract)
    for number, path in enumerate(source.files):
        check_present(path, contract.source)
        kind = _kind(path.name, contract)
        if kind == "zip":
            found += _members(path, contract, scratch / f"{contract.source}-{number}")
        else:
            found.append(Drop(path.name, path, kind, path))
    _check_names([drop.name for drop in found], contract)
    return tuple(found)


def _kind(name: str, contract: Contract) -> str:
    kind = KINDS.get(PurePosixPath(name).suffix.lower())
    if kind is None:
        raise InputError(
            f"{contract.source}: {name} is of no kind that is read; "
            f"allowed endings: {', '.join(KINDS)}",
            code="UNKNOWN_KIND",
            hint="ask for a CSV, or save an old workbook as .xlsx",
        )
    return kind


def drop_names(contract: Contract, path: Path) -> list[str]:
    """Return the names of the drops in a file without unpacking it; none where it is unusable."""
    try:
        if _kind(path.name, contract) != "zip":
            return [path.stem] if path.is_file() else []
        with zipfile.ZipFile(path) as archive:
            members = [member.filename for member, _ in _wanted(archive, path, contract)]
    except (InputError, *DAMAGED):
        return []
    return [PurePosixPath(name).stem for name in members]


def _check_names(names: Iterable[str], contract: Contract) -> None:
    """Refuse two drops of one name: decisions name a drop, keyless rows are named by their file."""
    counts = Counter(names)
    twice = [name for name, count in counts.items() if count > 1]
    if twice:
        raise InputError(
            f"{contract.source}: two files are called '{twice[0]}'",
            code="FILE_TWICE",
            hint="rename one: drops are told apart by their names",
        )


def _members(path: Path, contract: Contract, folder: Path) -> list[Drop]:
    try:
        with zipfile.ZipFile(path) as archive:
            wanted = list(_wanted(archive, path, contract))
            drops = [
                Drop(
                    f"{path.name}/{member.filename}",
                    _unpack(archive, member, folder / str(number)),
                    kind,
                    path,
                )
                for number, (member, kind) in enumerate(wanted)
            ]
    except DAMAGED as error:
        if getattr(error, "errno", None) == errno.ENOSPC:
            raise
        raise _bad_archive(path, contract, f"cannot be unpacked ({type(error).__name__})") from None
    if not drops:
        raise _bad_archive(path, contract, f"holds no file like '{contract.format.members}'")
    return drops


def _wanted(
    archive: zipfile.ZipFile, path: Path, contract: Contract
) -> Iterator[tuple[zipfile.ZipInfo, str]]:
    members = [
        member
        for member in sorted(archive.infolist(), key=lambda m: m.filename)
        if not member.is_dir()
        and fnmatchcase(PurePosixPath(member.filename).name, contract.format.members)
        and not member.filename.startswith("__MACOSX/")
    ]
    if any(member.flag_bits & 0x1 for member in members):
        raise _bad_archive(path, contract, "is locked with a password")
    size = sum(member.file_size for member in members)
    if size > LARGEST_ARCHIVE:
        raise _bad_archive(path, contract, f"would unpack to {size / 1024**3:,.0f} GiB")
    for member in members:
        if member.file_size == 0:
            raise _bad_archive(path, contract, f"holds an empty file, {member.filename}")
        kind = _kind(member.filename, contract)
        if kind == "zip":
            raise _bad_archive(path, contract, "holds another archive")
        yield member, kind


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo, folder: Path) -> Path:
    """Write a member into a folder of its own: no name in an archive leads elsewhere."""
    folder.mkdir(parents=True)
    target = folder / re.sub(r"[^\w. -]", "_", PurePosixPath(member.filename).name)
    with archive.open(member) as packed, target.open("wb") as plain:
        shutil.copyfileobj(packed, plain, 1024 * 1024)
    return target


def _bad_archive(path: Path, contract: Contract, why: str) -> InputError:
    return InputError(
        f"{contract.source}: {path.name} {why}",
        code="BAD_ARCHIVE",
        hint="ask for a plain zip of the agreed files, or set format.members in the contract",
    )
