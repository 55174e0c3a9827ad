"""The runs of a home folder: what exists, where each stands, and whether its record is whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from app.errors import TminusError
from app.journal.chain import Verification, Witness, verify
from app.journal.lock import driver_of
from app.journal.names import find, records
from app.journal.reader import Reader
from app.run.events import RunOpened
from app.run.state import RunState, Stage, Status
from app.session.shelf_memory import Words, recall, remember
from app.session.watch import watch


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run of the list. `stage` and `summary` are words; `began` aware UTC; `problem` why it cannot be read."""

    run: str
    path: Path
    name: str = ""
    title: str = ""
    environment: str = ""
    began: datetime | None = None
    stage: str = ""
    summary: str = ""
    driven: str = ""
    events: int = 0
    production: bool = False
    rehearsal: bool = False
    problem: str = ""


def list_runs(home: Path) -> tuple[RunLine, ...]:
    """Every run, newest first. One that cannot be read is in the list with its reason.

    A record is read from end to end only when it is not what it was at the last list.
    """
    known = recall(home)
    now: dict[str, Words] = {}
    lines = tuple(_line(path, known, now) for path in records(home))
    if now != known:
        remember(home, now)
    return lines


def verify_run(home: Path, run: str, witnesses: Sequence[str] = ()) -> Verification:
    """Read the whole record again and check the chain; `witnesses` are `seq:head` words kept elsewhere."""
    return verify(find(home, run), [Witness.parse(text) for text in witnesses])


def _line(path: Path, known: Mapping[str, Words], now: dict[str, Words]) -> RunLine:
    """`now` takes the words of the line, under the hash that they belong to."""
    holder = driver_of(path)
    driver = str(holder) if holder is not None else ""
    run = path.stem
    try:
        with Reader(path) as reader:
            run = reader.run
            seq, head = reader.head()
            words = _kept(known.get(head)) or _read(reader, path) if seq else None
    except TminusError as trouble:
        return RunLine(run, path, driven=driver, problem=str(trouble))
    if words is None:
        return RunLine(run, path, driven=driver, problem="The record is empty.")
    now[head] = words
    return _told(words, RunLine(run, path, driven=driver))


def _read(reader: Reader, path: Path) -> Words | None:
    """From the whole record."""
    (first,) = reader.since(0, 1)
    event = first.event
    if not isinstance(event, RunOpened):
        return None
    words: dict[str, str | int | bool] = {"name": event.name, "title": event.title or event.name}
    words |= {"environment": event.environment, "began": first.at.isoformat()}
    try:
        look = watch(path.parent, str(path))
    except TminusError as trouble:
        return words | {"problem": str(trouble)}
    try:
        badge = look.state.plan.inputs.environment
        words |= {"stage": look.state.stage.value, "summary": summary(look.state), "events": look.state.seq}
        return words | {"production": bool(badge.production), "rehearsal": bool(badge.rehearsal)}
    finally:
        look.close()


_OF_THE_RECORD: Mapping[str, type] = {
    **dict.fromkeys(("name", "title", "environment", "began", "stage", "summary", "problem"), str),
    "events": int,
    "production": bool,
    "rehearsal": bool,
}


def _kept(words: Words | None) -> Words | None:
    """What was remembered, if every word of it is what it should be."""
    if words is None or not {"name", "title", "environment", "began"} <= words.keys() <= _OF_THE_RECORD.keys():
        return None
    return words if all(type(words[name]) is _OF_THE_RECORD[name] for name in words) else None


def _told(words: Words, line: RunLine) -> RunLine:
    fields: dict[str, Any] = {**words, "began": datetime.fromisoformat(str(words["began"]))}
    return replace(line, **fields)


def summary(state: RunState) -> str:
    """Where the run stands, in a few words."""
    done = sum(1 for p in state.plan.steps if not p.parent and state.status(p.address) is Status.DONE)
    total = sum(1 for p in state.plan.steps if not p.parent and not p.left_out)
    doubt = [a for a, s in state.steps.items() if s.status is Status.IN_DOUBT]
    if doubt:
        return f"{doubt[0]} is in doubt"
    if state.stage is Stage.STOPPED:
        return state.stop_reason
    if state.back is not None:
        undone = sum(1 for r in state.back.rows if r.address and state.status(r.address) is Status.DONE)
        return f"{undone} of {sum(1 for r in state.back.rows if r.address)} undone and checked"
    return f"{done} of {total} steps done"
