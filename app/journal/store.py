"""The record of one run: one SQLite file, written by one console at a time, each entry chained to the one before.

`create` and `open_for_driving` give the `Journal` of the console that drives; `open_readonly` gives everybody else a
`Reader`. What `append` returned is on the disk, whatever dies next; after a failed write the journal takes nothing more
until the record has been opened, and so verified, again.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Self

import apsw

from app.errors import RecordDamaged, RecordUnwritable, Refused
from app.journal import lock
from app.journal.chain import check
from app.journal.codec import event_codec
from app.journal.disk import ROOM, Ballast, require_local, require_room
from app.journal.envelope import Opener, Row, about, categories, seal
from app.journal.inbox import Asked, Inbox
from app.journal.now import Now
from app.journal.opening import damaged, for_writing, unwritable
from app.journal.reader import Reader
from app.journal.replay import replay
from app.journal.upgrade import fit, lay_out
from app.ports import Clock
from app.run.events import EVENTS, Recorded
from app.run.step_events import Event

_PATIENCE_MS = 500
"""How long closing waits for somebody who reads."""


def create(path: Path, run: str, clock: Clock, operator: str = "") -> Journal:
    """A new record, driven by this process from here on.

    `path`: where; missing folders are made for this user only. `run`: its id (see `names`). Raises Refused when there
    is such a file or its disk is not fit, RecordUnwritable when nothing can be written, AnotherConsole.
    """
    require_local(path)
    _make(path)
    held = lock.take(path, operator, clock.now())
    try:
        db = for_writing(path)
        lay_out(db, run)
        _settle(path.parent)
        return Journal(path, db, held, clock)
    except (apsw.Error, OSError) as error:
        held.release()
        raise unwritable(error, path) from error


def open_for_driving(path: Path, clock: Clock, operator: str = "") -> Journal:
    """The record of a run that this process drives from here on, verified from its first entry.

    Raises Refused (no such record, a newer version's, a network file system), AnotherConsole (names the holder),
    RecordDamaged when the chain does not hold, RecordUnwritable.
    """
    if not path.is_file():
        raise Refused("There is no such record.", where=str(path), hint="`tminus runs` lists what there is.")
    require_local(path)
    held = lock.take(path, operator, clock.now())
    with ExitStack() as undoing:
        undoing.callback(held.release)
        try:
            db = for_writing(path)
            undoing.callback(db.close)
            journal = Journal(path, db, held, clock)
        except (apsw.CorruptError, apsw.NotADBError, UnicodeDecodeError) as error:
            raise damaged(error, path) from error
        except apsw.Error as error:
            raise unwritable(error, path) from error
        undoing.pop_all()
    return journal


def open_readonly(path: Path) -> Reader:
    """The record for reading, driven or not, also as a copy or on media that cannot be written.

    Raises Refused when there is no such record or a newer version wrote it, RecordDamaged when it cannot be read.
    """
    return Reader(path)


class Journal:
    """The driver's end of a record. One thread only. `path`, `run`; `seq` and `head` (hex) are of the newest entry."""

    def __init__(self, path: Path, db: apsw.Connection, held: lock.DriverLock, clock: Clock) -> None:
        self.path = path
        self._db = db
        self._held = held
        self._now = Now(clock)
        self._codec = event_codec()
        self._categories = categories(EVENTS)
        self._inbox = Inbox(db)
        self._owed: frozenset[int] = frozenset()
        self._broken: RecordUnwritable | None = None
        self.run = fit(db, str(path))
        found = check(db, self.run)
        if not found.ok:
            raise RecordDamaged(
                f"The record does not hold: {found.problems[0]}", where=str(path), hint="Run `tminus verify`."
            )
        self.seq, self._head = found.events, bytes.fromhex(found.head)
        self._ballast = Ballast(path)
        self._ballast.lay()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def head(self) -> str:
        """Hash of the chain up to the newest entry, hex; the chain's beginning before the first."""
        return self._head.hex()

    def recorded(self) -> Iterator[Recorded]:
        """The whole record, in order, one entry at a time: to be folded, not kept; append nothing until it is done.

        Raises Refused when it holds an event of a newer version.
        """
        opened = Opener(self._codec).open
        for body, head in self._db.execute("SELECT body, hash FROM event ORDER BY seq"):
            yield opened(body, head)

    def replay(self) -> Iterator[Recorded]:
        """What a fold needs: `recorded` without the outputs and samples that later ones of their series supersede."""
        return replay(self._db, Opener(self._codec))

    def append(self, events: Sequence[Event], taken: Sequence[int] = ()) -> tuple[Recorded, ...]:
        """Write these events, all or none, and return them as they stand in the record. Durable on return.

        `taken`: numbers of the requests (from `take_requests`) that they answer, marked in the same transaction.
        Raises RecordUnwritable; nothing of them may be acted upon then, and the journal takes nothing more.
        """
        if self._broken is not None:
            raise self._broken
        recorded, rows = self._chained(events)
        try:
            self._write(rows, tuple(taken))
        except (apsw.Error, OSError) as error:
            self._broken = unwritable(error, self.path)
            raise self._broken from error
        self._owed -= frozenset(taken)
        if rows:
            self.seq, self._head = rows[-1][0], rows[-1][5]
        return recorded

    def take_requests(self) -> tuple[Asked, ...]:
        """New requests from any process, oldest first, each handed out once. Microseconds when there are none.

        Hand their numbers to the `append` that records what came of them before asking again (asserted): a request
        whose answer is not on the disk when the console dies is offered to the next one.
        """
        assert not self._owed, f"requests {sorted(self._owed)} were taken and nothing was recorded about them"
        try:
            asked = self._inbox.take()
        except apsw.Error as error:
            raise unwritable(error, self.path) from error
        self._owed = frozenset(one.id for one in asked)
        return asked

    def room(self, need: int = ROOM) -> int:
        """Bytes free. Call before each step. Raises RecordUnwritable below `need`, or after a failed write."""
        if self._broken is not None:
            raise self._broken
        return require_room(self.path, need)

    def close(self) -> None:
        """Let go of the run. The file is whole by then; its neighbours go with the last reader."""
        try:
            self._db.set_busy_timeout(_PATIENCE_MS)
            self._db.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        except apsw.BusyError:
            return  # somebody is in the middle of reading: SQLite folds the log into the file when the last one leaves
        except apsw.Error as error:
            if self._broken is None:
                raise unwritable(error, self.path) from error
        finally:
            self._db.close()
            self._ballast.drop()
            self._held.release()

    def _chained(self, events: Sequence[Event]) -> tuple[tuple[Recorded, ...], list[Row]]:
        """The events in their envelopes, and the rows for them."""
        moment, head = self._now.read(), self._head
        recorded: list[Recorded] = []
        rows: list[Row] = []
        for seq, event in enumerate(events, self.seq + 1):
            stamp = (seq, moment.at, moment.mono_ns, moment.boot, moment.offset_min, event)
            entry = Recorded(*stamp, "", moment.asleep_ns)
            columns = about(event, self._categories[type(event)])
            body = seal(self._codec, columns, entry)
            head = sha256(head + body).digest()
            rows.append((seq, *columns, body, head))
            recorded.append(Recorded(*stamp, head.hex(), moment.asleep_ns))
        return tuple(recorded), rows

    def _write(self, rows: list[Row], taken: tuple[int, ...]) -> None:
        """One transaction; once more without the ballast when the disk is full, which proves that nothing was kept."""
        try:
            self._commit(rows, taken)
        except apsw.FullError:
            if not self._ballast.drop():
                raise
            self._commit(rows, taken)

    def _commit(self, rows: list[Row], taken: tuple[int, ...]) -> None:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self._db.executemany("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?)", rows)
            if taken:
                self._inbox.mark(taken, self.seq + 1)
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise


def _make(path: Path) -> None:
    """An empty file that only this user can read; SQLite gives its neighbours the same rights."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError as error:
        raise Refused("There is a record already.", where=str(path), hint="Choose another path.") from error
    except OSError as error:
        raise unwritable(error, path) from error


def _settle(folder: Path) -> None:
    """The file's name is on the disk, too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
