"""Proof that a record is what was written: every entry hashes to what is stored, each is chained to the one before.

A changed, removed, inserted or reordered entry breaks the chain. A tail that was cut off leaves the rest whole: only a
witness outside the record, a hash that was written into a ticket, a marker row or a report, shows the loss.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import apsw

from app.errors import RecordDamaged, Refused
from app.journal.envelope import beginning, genesis
from app.journal.opening import for_reading
from app.journal.upgrade import fit, foreign_tables

_SHOWN = 20
"""Problems kept; the first tells where the trouble starts, thousands tell no more."""


About = tuple[bytes, bytes, bytes]
Groups = dict[About, "_Group"]
Tally = dict[tuple[bytes, bytes], tuple[int, int]]

_INDEXES: tuple[tuple[str, tuple[int, ...], str], ...] = (
    ("event_category", (0,), "category <> ''"),
    ("event_address", (1,), "address <> ''"),
    ("event_series", (1, 2), "series <> ''"),
)
"""Name, places in About of its columns, and which entries it holds."""


@dataclass(frozen=True, slots=True)
class Witness:
    """A hash seen outside the record: `head` in hex, at least 8 digits of its beginning; `seq` 0 when not known."""

    head: str
    seq: int = 0

    @classmethod
    def parse(cls, text: str) -> Witness:
        """From `HASH` or `SEQ:HASH`. Raises Refused."""
        found = re.fullmatch(r"(?:([0-9]{1,18}):)?([0-9a-f]{8,64})", text.strip())
        if found is None:
            raise Refused("That is not a witness.", where=text.strip(), hint="Write HASH or NUMBER:HASH.")
        return cls(found[2], int(found[1] or 0))

    def __str__(self) -> str:
        return f"{self.seq}:{self.head}" if self.seq else self.head


@dataclass(frozen=True, slots=True)
class Verification:
    """What a proof found. `events` read, `head` (hex) of the last; `problems` in order, at most 20 and a last word.

    `without_witness`: how many entries at the end no witness vouches for; without any witness that is all of them.
    """

    run: str
    events: int
    head: str
    problems: tuple[str, ...]
    without_witness: int

    @property
    def ok(self) -> bool:
        """Nothing was changed, as far as the record and its witnesses can tell."""
        return not self.problems


def verify(path: Path, witnesses: Sequence[Witness] = ()) -> Verification:
    """Read the whole record and say what does not hold. A million entries take about 2 s.

    Raises Refused when there is no record at `path` or a newer version wrote it; damage is a finding, not an error.
    """
    try:
        db = for_reading(path)
    except apsw.Error as error:
        return Verification("", 0, "", (f"The file cannot be opened: {error}.",), 0)
    try:
        run = fit(db, str(path))
        return check(db, run, witnesses)
    except (apsw.Error, UnicodeDecodeError) as error:
        return Verification("", 0, "", (f"The file cannot be read: {error}.",), 0)
    except RecordDamaged as error:
        return Verification("", 0, "", (str(error),), 0)
    finally:
        db.close()


def check(db: apsw.Connection, run: str, witnesses: Sequence[Witness] = ()) -> Verification:
    """The chain and its columns, on an open record. Errors: those of SQLite."""
    altered = foreign_tables(db)
    notes = _Notes([f"The part {name} of the file was altered." for name in altered])
    last, head, groups = _walk(db, genesis(run), notes)
    for index, columns, where in () if altered else _INDEXES:
        if _indexed(db, index, where) != _expected(groups, columns):
            notes.add(f"The index {index} does not fit the entries: a filter would leave some out.")
    vouched = max((_vouch(db, witness, notes) for witness in witnesses), default=0)
    return Verification(run, last, head.hex(), notes.all(), max(last - vouched, 0))


class _Group:
    """Entries that are about the same: how their bodies begin, how many there are, and the sum of their numbers."""

    __slots__ = ("begin", "count", "total")

    def __init__(self, begin: bytes) -> None:
        self.begin = begin
        self.count = 0
        self.total = 0


def _walk(db: apsw.Connection, head: bytes, notes: _Notes) -> tuple[int, bytes, Groups]:
    """Follow the chain to its end; after a break go on from what is stored, so that each break is named once.

    Blobs all through: text that is not text any more must not stop the walk.
    """
    rows = db.execute(
        "SELECT seq, CAST(category AS BLOB), CAST(address AS BLOB), CAST(series AS BLOB),"
        " CAST(body AS BLOB), CAST(hash AS BLOB) FROM event ORDER BY seq"
    )
    groups: Groups = {}
    last = 0
    for seq, kind, address, series, body, stored in rows:
        group = groups.get((kind, address, series))
        if group is None:
            group = groups[kind, address, series] = _Group(beginning(kind, address, series))
        group.count += 1
        group.total += seq
        if seq != last + 1:
            notes.add(f"Between {last} and {seq}: {seq - last - 1} entries are missing or were renumbered.")
        if sha256(head + body).digest() != stored:
            notes.add(f"Entry {seq}: it was changed, moved or put in, or the one before it was.")
        if not body.startswith(group.begin):
            notes.add(f"Entry {seq}: its category, address or series was changed.")
        last, head = seq, stored
    return last, head, groups


def _indexed(db: apsw.Connection, index: str, where: str) -> Tally:
    """What an index says, without a look at the entries. `index` and `where` are of this file.

    Grouped by the index's own columns and nothing else: one constant more and SQLite sorts a million rows first.
    """
    keys = {"event_category": ("category",), "event_address": ("address",)}.get(index, ("address", "series"))
    bytes_of = ", ".join(f"CAST({key} AS BLOB)" for key in keys)
    rows = db.execute(
        f"SELECT count(*), sum(seq), {bytes_of} FROM event"  # noqa: S608 - literals of this file
        f" INDEXED BY {index} WHERE {where} GROUP BY {', '.join(keys)}"
    )
    return {(first, *(second or (b"",))): (count, total) for count, total, first, *second in rows}


def _expected(groups: Groups, columns: tuple[int, ...]) -> Tally:
    """The same from the entries; those whose last column is empty are not in the index."""
    found: Tally = {}
    for about, group in groups.items():
        if about[columns[-1]]:
            key = (about[columns[0]], about[columns[1]] if len(columns) > 1 else b"")
            count, total = found.get(key, (0, 0))
            found[key] = (count + group.count, total + group.total)
    return found


def _vouch(db: apsw.Connection, witness: Witness, notes: _Notes) -> int:
    """The number of the entry that a witness vouches for; 0, and a note, when it contradicts the record."""
    query = "SELECT max(seq) FROM event WHERE substr(lower(hex(hash)), 1, ?) = ?"
    bindings: tuple[int | str, ...] = (len(witness.head), witness.head)
    if witness.seq:
        query, bindings = f"{query} AND seq = ?", (*bindings, witness.seq)
    seq = db.execute(query, bindings).get
    if isinstance(seq, int):
        return seq
    notes.add(f"The witness {witness} knows an entry that is not in the record: entries were cut off or rewritten.")
    return 0


class _Notes:
    """Problems in the order in which they were met; the first ones are kept, the rest counted."""

    def __init__(self, first: list[str]) -> None:
        self._kept = first
        self._more = 0

    def add(self, what: str) -> None:
        if len(self._kept) < _SHOWN:
            self._kept.append(what)
        else:
            self._more += 1

    def all(self) -> tuple[str, ...]:
        return (*self._kept, f"And {self._more} more.") if self._more else tuple(self._kept)
