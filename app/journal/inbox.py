"""The inbox of a record: requests from any process, in order of arrival, which only the driver takes out.

It is not part of the chain: a request is a wish. The driver records what came of it and marks it taken in the same
transaction, so that it is carried out once or, after a crash in between, offered again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import apsw

from app.errors import RecordDamaged, Refused
from app.journal.codec import Codec, request_codec
from app.journal.disk import require_local
from app.journal.envelope import EPOCH
from app.journal.opening import for_writing, unwritable
from app.journal.upgrade import fit
from app.ports import Clock
from app.run.requests import Request


@dataclass(frozen=True, slots=True)
class Asked:
    """A request from the inbox. `request` is None when it cannot be read, and `problem` says why."""

    id: int
    at: datetime
    request: Request | None
    problem: str = ""


def put_request(path: Path, request: Request, clock: Clock) -> int:
    """Leave a request for whoever drives the run, now or next. Returns its number; it is on the disk by then.

    Raises Refused when there is no such record or its disk is not fit, RecordUnwritable when it cannot be written.
    """
    if not path.is_file():
        raise Refused("There is no such record.", where=str(path), hint="`tminus runs` lists what there is.")
    require_local(path)
    body = request_codec().encode(request).encode("ascii")
    at = (clock.now() - EPOCH) // timedelta(microseconds=1)
    try:
        db = for_writing(path)
    except apsw.Error as error:
        raise unwritable(error, path) from error
    try:
        fit(db, str(path))
        db.execute("INSERT INTO inbox (at, body) VALUES (?, ?)", (at, body))
        return db.last_insert_rowid()
    except apsw.Error as error:
        raise unwritable(error, path) from error
    finally:
        db.close()


class Inbox:
    """The driver's side. Used by one thread, on the driver's own connection."""

    def __init__(self, db: apsw.Connection) -> None:
        self._db = db
        self._codec = request_codec()
        self._seen = 0
        self._version = -1

    def take(self) -> tuple[Asked, ...]:
        """What has arrived since the last call, oldest first, each once. Costs some microseconds when nothing has."""
        version = self._db.pragma("data_version")
        if version == self._version:
            return ()
        rows = self._db.execute("SELECT id, at, body FROM inbox WHERE taken = 0 AND id > ? ORDER BY id", (self._seen,))
        asked = tuple(_asked(self._codec, *row) for row in rows)
        self._version = version
        if asked:
            self._seen = asked[-1].id
        return asked

    def mark(self, ids: tuple[int, ...], seq: int) -> None:
        """Within the driver's transaction: these have led to the entries from `seq` on."""
        self._db.executemany("UPDATE inbox SET taken = ? WHERE id = ?", [(seq, number) for number in ids])


def _asked(codec: Codec[Request], number: int, at: int, body: bytes) -> Asked:
    when = EPOCH + timedelta(microseconds=at)
    try:
        return Asked(number, when, codec.decode(body))
    except (Refused, RecordDamaged) as error:
        return Asked(number, when, None, str(error))
