"""Clerical review: pairs of records put before a cleared person, and their answers read back."""

from __future__ import annotations

import csv
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import ibis.expr.types as ir
import pandas as pd

from risk_engine.chapters.links import SAYINGS, answers_given, record_answers
from risk_engine.chapters.named_records import Named, check_key, frame, open_named
from risk_engine.config import Settings
from risk_engine.errors import InputError, RefusedError, UsageError, suggest
from risk_engine.files import replacing
from risk_engine.linkage import questions
from risk_engine.linkage.resolve import between
from risk_engine.linkage.shared_keys import same_key
from risk_engine.partners.files import DAMAGED
from risk_engine.release import Ledger, signed
from risk_engine.reports.workbook import Sheet, write_workbook
from risk_engine.runs import Run

VIEW: Literal["view"] = "view"
UNSIGNED = "looking at records of people needs a name and a reason"
_WHAT = "pairs of records for review"
_MARKING = "OFFICIAL-SENSITIVE"
#: Folders of a project that must hold no name: what is in them is kept, hashed or sent on.
_CLOSED = ("runs", "releases", "mlruns", "ledger")
_ENDINGS = (".xlsx", ".csv")
#: Columns of the file that is read back; the others are for the reader's eyes.
ANSWER, LEFT, RIGHT = "answer", "left record", "right record"
_SHOWN = {
    "first_name": "first name",
    "last_name": "last name",
    "birth_date": "birth date",
    "sex": "sex",
    "postcode": "postcode",
    "source": "source",
}
#: What a spreadsheet would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_FAULTS_SHOWN = 20


@dataclass(frozen=True)
class Asked:
    """Pairs that were written down for a person to look at.

    Attributes
    ----------
    drawn
        How many were drawn at random.
    held
        How many more are asked because a person is held.
    strata
        ``stratum, pairs, joined, asked``: how many pairs the run compared, whether the engine takes
        them for links, and how many of the drawn ones are among them.
    missing
        Records of the run that the files no longer hold as they were: no pair of theirs is asked.
    """

    drawn: int
    held: int
    strata: pd.DataFrame
    missing: int


def write_review(
    settings: Settings, run: Run, ledger: Ledger, out: Path, *, size: int, name: str, reason: str
) -> Asked:
    """Write pairs of records, with names, for a cleared person to say which are one person.

    The file holds personal data: only its owner can read it, it is written nowhere where things are
    kept or sent on, and the ledger says who asked for it and why, before it is there.

    Parameters
    ----------
    run
        A finished run; its key is needed.
    out
        The file, ``.xlsx`` or ``.csv``; not there yet, since answers may be in it.
    size
        Pairs to draw at random. Those of people who are held come on top.
    name, reason
        Who will look at them, and why.

    Raises
    ------
    UsageError
        ``BAD_ENDING``, ``FILE_THERE``; as from `check_key`.
    RefusedError
        ``NO_REASON``, ``PERSONAL_DATA`` for a folder that must hold no name; as from `check_key`.
    InputError
        As from `open_intake`.
    """
    name, reason = signed(name, reason, otherwise=UNSIGNED)
    _check_place(out, settings.root, run)
    check_key(settings, run)
    with open_named(settings, run) as named:
        pairs, strata = _choose(named, ledger, size, settings.config.seed)
        rows = _side_by_side(named, pairs)
        at = named.intake.as_of
    lists = {
        kind: pairs.loc[pairs["kind"] == kind, ["left_record", "right_record"]].to_numpy().tolist()
        for kind in ("drawn", "held")
    }
    content = {"what": _WHAT, "pairs": len(pairs), "reason": reason, **lists}
    ledger.append(VIEW, actor=name, run_id=run.run_id, content=content)
    _write(out, rows, strata, marking=_marking(settings), at=at)
    return Asked(len(lists["drawn"]), len(lists["held"]), strata, named.missing)


def asked_before(ledger: Ledger) -> pd.DataFrame:
    """Return the pairs of records that were ever written down for a person to look at.

    Returns
    -------
    pandas.DataFrame
        ``left, right`` (``record_id``, left < right), ``drawn``: at random, and not because of a
        doubt. A pair asked twice is what it was the first time.
    """
    rows = [
        (*sorted(pair), kind == "drawn")
        for entry in ledger.entries()
        if entry.kind == VIEW and entry.content.get("what") == _WHAT
        for kind in ("drawn", "held")
        for pair in entry.content[kind]
    ]
    found = pd.DataFrame(rows, columns=["left", "right", "drawn"])
    types = {"left": "str", "right": "str", "drawn": "bool"}
    return found.astype(types).drop_duplicates(["left", "right"], ignore_index=True)


def with_kind(answers: pd.DataFrame, ledger: Ledger) -> pd.DataFrame:
    """Add to answers (``left, right``) whether the pair was ``drawn`` at random."""
    ends = answers[["left", "right"]]
    ordered = answers.assign(left=ends.min(axis=1), right=ends.max(axis=1))
    told = ordered.merge(asked_before(ledger), on=["left", "right"], how="left")
    return told.assign(drawn=told["drawn"].eq(True).fillna(False).astype("bool"))


def read_answers(path: Path, ledger: Ledger, *, name: str, reason: str) -> tuple[int, int, int]:
    """Put the answers of a file that `write_review` wrote on the ledger; the next run uses them.

    Returns
    -------
    tuple
        Rows answered, those of them that decide (neither is "unsure"), and rows without an answer.

    Raises
    ------
    RefusedError
        ``NO_REASON``.
    InputError
        ``UNREADABLE``, ``MISSING_COLUMNS``; ``ANSWERS`` with every faulty row. Nothing is recorded
        then.
    """
    name, reason = signed(name, reason, otherwise=UNSIGNED)
    rows = _read(path)
    given = rows[rows[ANSWER] != ""]
    if faults := list(_faults(given, asked_before(ledger))):
        shown = "\n".join(f"  {fault}" for fault in faults[:_FAULTS_SHOWN])
        more = len(faults) - _FAULTS_SHOWN
        raise InputError(
            f"{path.name}: {len(faults)} faults; nothing was recorded\n{shown}"
            + (f"\n  and {more:,} more" if more > 0 else ""),
            code="ANSWERS",
            hint=f"answer with {', '.join(SAYINGS)} or nothing, and leave the two record columns "
            "as they are",
        )
    told = list(given[[LEFT, RIGHT, ANSWER]].itertuples(index=False, name=None))
    decided = record_answers(ledger, told, name=name, reason=reason) if told else 0
    return len(told), decided, len(rows) - len(told)


# --- which pairs ---------------------------------------------------------------------------------


def _choose(
    named: Named, ledger: Ledger, size: int, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the pairs to ask about, in an order of chance, and the strata they stand for."""
    present = named.known.select(here="node").drop_null().distinct()
    pairs = named.pairs.semi_join(present, named.pairs.left == present.here)
    again = present.view()
    pairs = named.scratch.table(pairs.semi_join(again, pairs.right == again.here))
    answered, threshold = _answered(named, ledger), named.model.threshold
    drawn = questions.draw(
        pairs,
        threshold,
        size=size,
        seed=seed,
        scratch=named.scratch,
        answered=answered,
    )
    chosen = pd.concat(
        [drawn.assign(kind="drawn"), _held(named, pairs, answered).assign(kind="held")]
    ).drop_duplicates(["left", "right"])
    strata = questions.count_strata(pairs, threshold)
    asked = drawn["stratum"].value_counts()
    strata["asked"] = strata["stratum"].map(asked).fillna(0).astype("int64")
    return _with_records(named, questions.shuffled(chosen[["left", "right", "kind"]], seed)), strata


def _answered(named: Named, ledger: Ledger) -> pd.DataFrame:
    """Return the pairs of identities (``left, right``) that somebody said something about."""
    given = answers_given(ledger)
    ids = pd.DataFrame({"record_id": [*given["left"], *given["right"]]}, dtype="str")
    if ids.empty:
        return pd.DataFrame({"left": [], "right": []}, dtype="int64")
    rows = named.known.filter(named.known.record_id.isin(sorted(set(ids["record_id"]))))
    node = frame(rows.select("record_id", "node").drop_null()).set_index("record_id")["node"]
    return between(given, node)


def _held(named: Named, pairs: ir.Table, answered: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs that settle everybody who is held, but for those answered already."""
    about = named.known.filter(named.known.held.notnull() & named.known.node.notnull())
    held = frame(about.select("node", "person_id").distinct())
    if held.empty:
        return pd.DataFrame({"left": [], "right": []}, dtype="int64")
    ids = held["node"].tolist()
    inside = pairs.filter(pairs.left.isin(ids) & pairs.right.isin(ids))
    found = questions.doubtful(
        frame(inside.select("left", "right", "weight", "evidence")),
        held,
        same_key(named.nodes.filter(named.nodes.node.isin(ids)), named.intake.engine.dialect),
        named.model.threshold,
    )
    told = found.merge(answered[["left", "right"]], how="left", indicator=True)
    return told.loc[told["_merge"] == "left_only", ["left", "right"]]


def _with_records(named: Named, pairs: pd.DataFrame) -> pd.DataFrame:
    """Let the record of smallest id stand for each identity."""
    ids = sorted({*pairs["left"], *pairs["right"]})
    rows = named.known.filter(named.known.node.isin(ids)) if ids else named.known.limit(0)
    first = frame(rows.group_by("node").agg(record=rows.record_id.min())).set_index("node")
    ends = {f"{end}_record": pairs[end].map(first["record"]) for end in ("left", "right")}
    return pairs.assign(**ends)


# --- the file ------------------------------------------------------------------------------------


def _check_place(out: Path, root: Path, run: Run) -> None:
    if out.suffix.lower() not in _ENDINGS:
        raise UsageError(
            f"{out.name}: the pairs are written as {' or '.join(_ENDINGS)}", code="BAD_ENDING"
        )
    place = out.resolve()
    for folder in (*(root / name for name in _CLOSED), run.folder.parent):
        if place.is_relative_to(folder.resolve()):
            raise RefusedError(
                f"names of people may not be written into {folder.name}/: what is there is kept, "
                "hashed or sent on",
                code="PERSONAL_DATA",
                hint="write the file where only cleared people look, and delete it when done",
            )
    if out.exists():
        raise UsageError(
            f"{out.name} is there already, maybe with answers in it",
            code="FILE_THERE",
            hint="write another file, or delete that one first",
        )


def _side_by_side(named: Named, pairs: pd.DataFrame) -> pd.DataFrame:
    """Return what the file shows: one row a pair, the same field of both records side by side."""
    ids = sorted({*pairs["left_record"], *pairs["right_record"]})
    wanted = named.records.filter(named.records.record_id.isin(ids)) if ids else None
    told = frame(wanted if wanted is not None else named.records.limit(0))
    fields = told.set_index("record_id")[list(_SHOWN)]
    ends = {end: fields.reindex(pairs[f"{end}_record"]) for end in ("left", "right")}
    shown: dict[str, Any] = {"pair": range(1, len(pairs) + 1), ANSWER: [""] * len(pairs)}
    for field, words in _SHOWN.items():
        for end in ("left", "right"):
            shown[f"{end} {words}"] = ends[end][field].fillna("").to_numpy()
    ids_of = {LEFT: pairs["left_record"].to_numpy(), RIGHT: pairs["right_record"].to_numpy()}
    return pd.DataFrame({**shown, **ids_of})


def _write(
    out: Path, rows: pd.DataFrame, strata: pd.DataFrame, *, marking: str, at: datetime
) -> None:
    with replacing(out) as aside:
        aside.unlink(missing_ok=True)  # what a killed process left may be open to others
        aside.touch(mode=0o600)
        if out.suffix.lower() == ".csv":
            told = rows.assign(marking=marking).map(_harmless)
            told.to_csv(aside, index=False, quoting=csv.QUOTE_MINIMAL, lineterminator="\n")
            return
        about = strata.rename(
            columns={"pairs": "pairs in it", "joined": "taken for one person", "asked": "drawn"}
        )
        sheets = [
            Sheet("pairs", rows, choices={ANSWER: SAYINGS}),
            Sheet("about", about.astype({"taken for one person": "object"})),
        ]
        write_workbook(aside, sheets, title="Pairs of records to review", marking=marking, at=at)


def _harmless(cell: object) -> object:
    """Keep a spreadsheet from taking a name for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _marking(settings: Settings) -> str:
    marking = settings.config.release.marking
    return marking if marking.startswith(_MARKING) else _MARKING


def _read(path: Path) -> pd.DataFrame:
    """Read the columns that matter, every cell as text; the index is the row in the file."""
    try:
        if path.suffix.lower() == ".csv":
            sent = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")
        else:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # about styles, which are not read
                sent = pd.read_excel(path, sheet_name=0, dtype="str", keep_default_na=False)
    except (*DAMAGED, ImportError) as error:
        raise InputError(
            f"{path.name} cannot be read as a table ({type(error).__name__})",
            code="UNREADABLE",
            hint="give the .xlsx or .csv that 'link review' wrote, answered",
        ) from None
    lacking = [column for column in (ANSWER, LEFT, RIGHT) if column not in sent.columns]
    if lacking:
        raise InputError(
            f"{path.name} has no column {', '.join(map(repr, lacking))}",
            code="MISSING_COLUMNS",
            hint="leave the heads as 'link review' wrote them",
        )
    told: pd.DataFrame = sent[[ANSWER, LEFT, RIGHT]].apply(lambda column: column.str.strip())
    told[ANSWER] = told[ANSWER].str.lower()
    told.index += 2  # the head is row 1
    return told


def _faults(given: pd.DataFrame, asked: pd.DataFrame) -> Iterable[str]:
    """Name what is wrong, row by row; a cell is not shown, somebody's name may be in it."""
    pairs = set(zip(asked["left"], asked["right"], strict=True))
    known = {*asked["left"], *asked["right"]}
    said: dict[tuple[str, ...], tuple[int, str]] = {}
    for number, answer, left, right in given[[ANSWER, LEFT, RIGHT]].itertuples(name=None):
        pair = tuple(sorted((left, right)))
        if answer not in SAYINGS:
            near = suggest(answer, SAYINGS)
            yield f"row {number}: the answer is none of {', '.join(SAYINGS)}{near}"
        elif not {left, right} <= known:
            yield f"row {number}: a record that was never asked about"
        elif pair not in pairs:
            yield f"row {number}: these two records were not asked about as a pair"
        elif pair in said and said[pair][1] != answer:
            yield f"row {number}: another answer than in row {said[pair][0]}, about the same pair"
        else:
            said[pair] = (number, answer)
