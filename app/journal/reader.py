"""Reading a record, from any thread or process, while it is being written or long after: in order, or page by page."""

from __future__ import annotations

import heapq
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import apsw

from app.journal.codec import event_codec, quoted
from app.journal.envelope import Opener, genesis
from app.journal.opening import damaged, for_reading
from app.journal.replay import replay
from app.journal.upgrade import fit
from app.run.events import Recorded

T = TypeVar("T")
_ALL = 2**62
_FETCH = "SELECT body, hash FROM event WHERE seq"
_TEXT = (
    "instr(lower(CAST(body AS TEXT)), ?) > 0 AND EXISTS (SELECT 1 FROM json_tree(CAST(body AS TEXT), '$.event')"
    " WHERE atom IS NOT NULL AND instr(lower(atom), ?) > 0)"
)
"""The first half sorts out quickly what cannot match; the second looks at values only, not at field names."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which entries: those of a step's address, of some categories (see CATEGORIES; empty: all), with a text in them.

    `text` is matched without regard to case (ASCII letters) in the event's name and values; it is never a pattern.
    """

    address: str = ""
    categories: tuple[str, ...] = ()
    text: str = ""


EVERYTHING = Filter()


class Reader:
    """One connection for one thread. Every method raises RecordDamaged when the file cannot be read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._opener = Opener(event_codec())
        self._version = -1
        self._db = for_reading(path)
        try:
            self.run = self._ask(lambda db: fit(db, str(path)))
        except BaseException:
            self._db.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def changed(self) -> bool:
        """Whether anybody wrote since the last call; True the first time. Cheap enough for every 33 ms."""
        version = self._ask(lambda db: int(db.pragma("data_version")))
        changed, self._version = version != self._version, version
        return changed

    def head(self) -> tuple[int, str]:
        """Seq and hash (hex) of the newest entry; 0 and the chain's beginning when there is none."""
        row = self._ask(lambda db: db.execute("SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1").fetchone())
        return (row[0], row[1].hex()) if row else (0, genesis(self.run).hex())

    def since(self, seq: int, limit: int = _ALL) -> tuple[Recorded, ...]:
        """The entries after `seq`, in order, at most `limit`. `since(0)` is the whole record."""
        return self._entries(f"{_FETCH} > ? ORDER BY seq LIMIT ?", (seq, limit))

    def samples(self, metric: str, after: int = 0, limit: int = _ALL) -> tuple[Recorded, ...]:
        """The samples of one metric after entry `after`, in order, at most `limit`; nothing else is read."""
        query = (
            "SELECT body, hash FROM event INDEXED BY event_series"
            " WHERE address = '' AND series = ? AND series <> '' AND seq > ? ORDER BY seq LIMIT ?"
        )
        return self._entries(query, (f"metric/{metric}", after, limit))

    def replay(self) -> tuple[Recorded, ...]:
        """What a fold needs: `since(0)` without the outputs and samples that later ones of their series supersede."""
        return self._ask(lambda db: tuple(replay(db, self._opener)))

    def get(self, seqs: Sequence[int]) -> tuple[Recorded, ...]:
        """These entries, in order of seq. Those that do not exist are left out."""
        marks = ",".join("?" * len(seqs))
        return self._entries(f"{_FETCH} IN ({marks}) ORDER BY seq", tuple(seqs))

    def before(self, seq: int, which: Filter = EVERYTHING, limit: int = 200) -> tuple[Recorded, ...]:
        """The newest `limit` entries before `seq` that match, in order of seq."""
        return self.get(self._ask(lambda db: list(islice(_backward(db, which, seq), limit))))

    def after(self, seq: int, which: Filter = EVERYTHING, limit: int = 200) -> tuple[Recorded, ...]:
        """The oldest `limit` entries after `seq` that match, in order of seq."""
        return self.get(self._ask(lambda db: list(islice(_forward(db, which, seq), limit))))

    def newest(self, which: Filter = EVERYTHING, limit: int = 200) -> tuple[Recorded, ...]:
        """The last `limit` entries that match, in order of seq."""
        return self.before(_ALL, which, limit)

    def count(self, which: Filter = EVERYTHING) -> int:
        """How many match. Milliseconds for a million entries, unless `text` makes it read them all."""
        if which == EVERYTHING:
            return self.head()[0]
        if which.text or which.address:
            return len(self.seqs(which))
        marks = ",".join("?" * len(which.categories))
        query = f"SELECT count(*) FROM event WHERE category IN ({marks})"  # noqa: S608 - it holds only question marks
        return int(self._ask(lambda db: db.execute(query, which.categories).get))

    def seqs(self, which: Filter = EVERYTHING) -> array[int]:
        """The numbers of all that match, in order: 8 bytes each, for a table that shows row n without counting."""
        if which == EVERYTHING:
            return array("q", range(1, self.head()[0] + 1))
        return self._ask(lambda db: array("q", _forward(db, which, 0)))

    def _entries(self, query: str, bindings: tuple[int | str, ...]) -> tuple[Recorded, ...]:
        opened = self._opener.open
        return self._ask(lambda db: tuple([opened(body, head) for body, head in db.execute(query, bindings)]))

    def _ask(self, question: Callable[[apsw.Connection], T]) -> T:
        try:
            return question(self._db)
        except (apsw.Error, UnicodeDecodeError) as error:
            raise damaged(error, self.path) from error


def _forward(db: apsw.Connection, which: Filter, seq: int) -> Iterable[int]:
    return heapq.merge(*_runs(db, which, ("seq > ?", "ORDER BY seq"), seq))


def _backward(db: apsw.Connection, which: Filter, seq: int) -> Iterable[int]:
    return heapq.merge(*_runs(db, which, ("seq < ?", "ORDER BY seq DESC"), seq), reverse=True)


def _runs(db: apsw.Connection, which: Filter, way: tuple[str, str], seq: int) -> Iterable[Iterable[int]]:
    """Ordered runs of numbers, each straight from an index, so that no query has to sort a million rows."""
    bound, order = way
    wanted, values = _wanted(which)
    if which.address or not which.categories:
        return [_numbers(db, [bound, *wanted], (seq, *values), order)]
    return [
        _numbers(db, [bound, "category = ?", *wanted], (seq, kind, *values), order)
        for kind in dict.fromkeys(which.categories)
    ]


def _wanted(which: Filter) -> tuple[list[str], tuple[str, ...]]:
    """Conditions and bindings of all but the bound, and of the categories where they have runs of their own."""
    wanted: list[str] = []
    values: tuple[str, ...] = ()
    if which.address:
        wanted.append("address = ? AND address <> ''")
        values += (which.address,)
        if which.categories:
            wanted.append(f"category IN ({','.join('?' * len(which.categories))})")
            values += which.categories
    if which.text:
        wanted.append(_TEXT)
        values += (_lower(quoted(which.text)[1:-1]), _lower(which.text))
    return wanted, values


def _numbers(db: apsw.Connection, wanted: list[str], values: tuple[int | str, ...], order: str) -> Iterable[int]:
    query = f"SELECT seq FROM event WHERE {' AND '.join(wanted)} {order}"  # noqa: S608 - literals of this file only
    return (row[0] for row in db.execute(query, values))


def _lower(text: str) -> str:
    """As SQLite's lower(): ASCII letters only."""
    return "".join([char.lower() if char.isascii() else char for char in text])
