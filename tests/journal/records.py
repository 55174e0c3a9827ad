"""Records to test with: a clock that ticks by itself, a few events, and a path for a record of one's own."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.journal.store import Journal, create
from app.run.events import HoldPlaced, NoteAdded, RunOpened
from app.run.step_events import Event, OutputCaptured, StepStarted, StepSucceeded


class Ticking:
    """A clock that goes on by a second each time it is read."""

    def __init__(self) -> None:
        self._ticks = 0

    def now(self) -> datetime:
        self._ticks += 1
        return datetime(2026, 11, 22, 10, 15, tzinfo=UTC) + timedelta(seconds=self._ticks, microseconds=7)

    def mono_ns(self) -> int:
        return self._ticks * 10**9

    def asleep_ns(self) -> int:
        return 0

    async def sleep(self, length: timedelta) -> None:
        raise AssertionError(f"the record never waits, not even {length}")


OPENED = RunOpened("r-1", "shop", "name: shop\n", "shop.yaml", "d", "prod", (("size", "5"),), "2026", "ann", "0.1.0")


def story() -> tuple[Event, ...]:
    """A run in a few words: one of each category that the filters are tested with."""
    return (
        OPENED,
        StepStarted("copy", 1, "r-1/copy/1", "sql", "insert into new select * from old", "d"),
        OutputCaptured("copy", 1, "out", 0, "aGVsbG8="),
        NoteAdded("ann", 'Grüße an "alle"'),
        StepSucceeded("copy", 1, "5 rows", saved=(("rows", "5"),)),
        StepStarted("both[app1]/push", 1, "r-1/push/1", "local", "push --now", "d"),
        HoldPlaced("bob", "lunch"),
    )


def new(path: Path) -> Journal:
    """An empty record at `path`, driven by this process."""
    return create(path, "r-1", Ticking(), "ann")


def written(path: Path) -> Path:
    """A closed record with the story in it."""
    with new(path) as journal:
        journal.append(story())
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a record may be made."""
    return tmp_path / "runs" / "r-1.tminus"


@pytest.fixture
def record(path: Path) -> Path:
    """A closed record with the story in it."""
    return written(path)
