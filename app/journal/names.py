"""Names of runs: making a new id, finding a record by id, prefix or path, and listing what there is.

The records of a home folder are `<home>/runs/<run id>.tminus`; an id is the moment of its making and four random
digits, `20261122-101500-ab12`, so that a list by name is a list by time.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

from app.errors import RecordDamaged, Refused
from app.journal.lock import Holder, driver_of
from app.journal.reader import Reader
from app.ports import Clock
from app.run.events import Recorded

SUFFIX = ".tminus"
_NAMED = 3
"""How many candidates a message names."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One record of a list. `first` and `last` are its outermost entries, None when it is empty or unreadable.

    `driver`: who drives it now; `problem`: why it cannot be read, else "".
    """

    run: str
    path: Path
    first: Recorded | None
    last: Recorded | None
    driver: Holder | None
    problem: str = ""


def new_id(clock: Clock) -> str:
    """An id for a run that starts now (UTC)."""
    return f"{clock.now().astimezone(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def path_of(home: Path, run: str) -> Path:
    """Where the record of a run belongs that was not told another place."""
    return home / "runs" / f"{run}{SUFFIX}"


def find(home: Path, text: str) -> Path:
    """The record meant by an id, a unique beginning of one, or a path to a record. Raises Refused."""
    given = Path(text)
    if given.is_file():
        return given
    if not text or len(given.parts) > 1 or given.suffix == SUFFIX:
        raise Refused("There is no such record.", where=text, hint="`tminus runs` lists what there is.")
    found = [path for path in _paths(home) if path.stem.startswith(text)]
    exact = [path for path in found if path.stem == text]
    if len(found) == 1 or exact:
        return (exact or found)[0]
    if not found:
        raise Refused("There is no such run.", where=text, hint="`tminus runs` lists what there is.")
    some = ", ".join(path.stem for path in found[:_NAMED])
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    raise Refused(f"{len(found)} runs begin like that: {some}{more}.", where=text, hint="Give more of the id.")


def list_runs(home: Path) -> tuple[Listed, ...]:
    """All records of a home folder, newest first. One that cannot be read is listed with the reason."""
    return tuple(_listed(path) for path in records(home))


def records(home: Path) -> tuple[Path, ...]:
    """The files of all records of a home folder, newest first."""
    return tuple(reversed(_paths(home)))


def _paths(home: Path) -> list[Path]:
    return sorted(path for path in (home / "runs").glob(f"*{SUFFIX}") if path.is_file())


def _listed(path: Path) -> Listed:
    try:
        with Reader(path) as reader:
            first, last = reader.since(0, 1), reader.newest(limit=1)
            return Listed(reader.run, path, first[0] if first else None, last[0] if last else None, driver_of(path))
    except (Refused, RecordDamaged) as error:
        return Listed(path.stem, path, None, None, driver_of(path), str(error))
