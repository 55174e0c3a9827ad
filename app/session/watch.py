"""A look at a run that another console drives, or that nobody drives: the record folded, requests left in its inbox."""

from __future__ import annotations

from pathlib import Path

from app.connectors.clock import SystemClock
from app.errors import RecordDamaged
from app.journal.inbox import put_request
from app.journal.lock import Holder, driver_of
from app.journal.names import find
from app.journal.now import Now
from app.journal.reader import Reader
from app.run.events import Recorded
from app.run.evolve import fold
from app.run.moment import Moment
from app.run.requests import Request
from app.run.state import RunState
from app.runbook.load import Loaded
from app.session.opening import first_state
from app.session.view import View


def watch(home: Path, run: str) -> Watch:
    """The record of a run by id, unique prefix or path. Raises Refused, RecordDamaged."""
    path = find(home, run)
    reader = Reader(path)
    try:
        loaded, state = first_state(_first(reader))
        return Watch(reader, loaded, state)
    except BaseException:
        reader.close()
        raise


def _first(reader: Reader) -> Recorded:
    first = reader.since(0, 1)
    if not first:
        raise RecordDamaged("The record is empty.", where=str(reader.path))
    return first[0]


class Watch(View):
    """Read-only, apart from the inbox. Used by one thread."""

    def __init__(self, reader: Reader, loaded: Loaded, state: RunState) -> None:
        super().__init__(reader.path, loaded)
        self._reader, self._state = reader, state
        self._clock = SystemClock()
        self._now = Now(self._clock)
        self._state = fold(state, (one for one in reader.replay() if one.seq > state.seq))

    @property
    def state(self) -> RunState:
        """As of the last `take`."""
        return self._state

    def moment(self) -> Moment:
        """This instant."""
        return Moment.of(self._now.read())

    def take(self) -> tuple[Recorded, ...]:
        """What is new in the record since the last call, or since `watch`; what came before is in `reader()`."""
        if not self._reader.changed():
            return ()
        found = self._reader.since(self._state.seq)
        self._state = fold(self._state, found)
        return found

    def driver(self) -> Holder | None:
        """Who drives the run now; None when nobody does."""
        return driver_of(self.path)

    def send(self, request: Request) -> int:
        """Leave it in the inbox for whoever drives the run, now or next."""
        return put_request(self.path, request, self._clock)

    def close(self) -> None:
        """Let the record go."""
        self._reader.close()
