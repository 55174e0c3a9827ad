"""How long steps of the way back took in earlier runs: read from the records of this home when a run begins.

A time counts for the step it was measured of: same runbook, same address, and what it does written in the same words.
Times of the same environment go first; where there are none, those of others (a rehearsal) are better than a guess.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.errors import TminusError
from app.journal.names import SUFFIX, path_of
from app.journal.reader import Filter, Reader
from app.run import events as e
from app.runbook.order import Plan
from app.session.opening import first_state

MOST_RUNS = 20
"""Runs of this runbook that are looked into, newest first."""

_MOST_RECORDS = 300
_MOST_EVENTS = 20_000
_SECONDS = 2.0
_A_SLEEP_NS = 1_000_000_000
"""A home full of records must not keep a run waiting: what was found by then is what is known."""


@dataclass(frozen=True, slots=True)
class _Took:
    """One step of the way back that ended well."""

    run: str
    environment: str
    address: str
    milliseconds: int


def undo_times(home: Path, plan: Plan, digest: str) -> tuple[e.UndoTimesLearned, ...]:
    """The event that a run of this plan begins with; none when no earlier run went any of its ways back."""
    wanted = frozenset(_of_the_way_back(plan))
    if not wanted:
        return ()
    found: dict[str, list[_Took]] = {}
    for took in _earlier(home, plan, digest, wanted):
        found.setdefault(took.address, []).append(took)
    if not found:
        return ()
    rows = {address: _of_one_environment(took, plan.inputs.env) for address, took in sorted(found.items())}
    runs = dict.fromkeys(one.run for took in rows.values() for one in took)
    times = tuple((a, took[0].environment, tuple(one.milliseconds for one in took)) for a, took in rows.items())
    return (e.UndoTimesLearned(times, tuple(sorted(runs, reverse=True))),)


def _of_the_way_back(plan: Plan) -> Iterator[str]:
    """Addresses of undos and procedures, and of what puts an item back into service."""
    for steps in (*plan.back.undos.values(), *plan.back.procedures.values()):
        yield from (planned.address for planned in steps)
    yield from (address for address, planned in plan.by_address.items() if planned.role == "finally")


def _of_one_environment(found: list[_Took], environment: str) -> list[_Took]:
    same = [one for one in found if one.environment == environment]
    return same or [one for one in found if one.environment == found[0].environment]


def _earlier(home: Path, plan: Plan, digest: str, wanted: frozenset[str]) -> Iterator[_Took]:
    ends, looked = time.monotonic() + _SECONDS, 0
    records = sorted(path_of(home, "x").parent.glob(f"*{SUFFIX}"), reverse=True)[:_MOST_RECORDS]
    same: dict[str, frozenset[str]] = {digest: wanted}
    for path in records:
        if looked >= MOST_RUNS or time.monotonic() > ends:
            return
        try:
            with Reader(path) as reader:
                first = reader.since(0, 1)
                opened = first[0].event if first else None
                if not isinstance(opened, e.RunOpened) or opened.name != plan.runbook.name:
                    continue
                looked += 1
                if opened.digest not in same:
                    same[opened.digest] = _unchanged(first[0], plan, wanted)
                yield from _took(reader, opened, same[opened.digest])
        except TminusError:
            continue  # a record that cannot be read says nothing of times; `tminus runs` tells why


def _unchanged(first: e.Recorded, plan: Plan, wanted: frozenset[str]) -> frozenset[str]:
    """The steps that an earlier text of this runbook had in the same words."""
    _, state = first_state(first)
    old: Mapping[str, object] = {a: (p.step.kind, p.step.body) for a, p in state.plan.by_address.items()}
    new = {a: (p.step.kind, p.step.body) for a, p in plan.by_address.items()}
    return frozenset(address for address in wanted if address in old and old[address] == new[address])


def _took(reader: Reader, opened: e.RunOpened, wanted: frozenset[str]) -> list[_Took]:
    """Newest first. What a console did not see from beginning to end, in one boot and awake, has no true length."""
    began: dict[tuple[str, int], e.Recorded] = {}
    found: list[_Took] = []
    for one in reader.newest(Filter(categories=("step", "console")), _MOST_EVENTS):
        event = one.event
        if isinstance(event, e.ConsoleAttached):
            began.clear()
        elif isinstance(event, e.StepStarted) and event.address in wanted:
            began[event.address, event.attempt] = one
        elif isinstance(event, e.StepSucceeded) and (event.address, event.attempt) in began:
            start = began.pop((event.address, event.attempt))
            if start.boot == one.boot and abs(one.asleep_ns - start.asleep_ns) < _A_SLEEP_NS:
                length = (one.mono_ns - start.mono_ns) // 1_000_000
                found.append(_Took(opened.run, opened.environment, event.address, length))
    return found[::-1]
