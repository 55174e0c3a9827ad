"""What is remembered of connections: how each was tested last, and when a run last used it. Never a value of a secret.

Tests are kept in `<home>/connections.json` in the targets' own words; when one was used stands in the records.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast, get_args

from app.errors import RecordDamaged, RecordUnwritable, Refused
from app.journal.names import list_runs
from app.journal.reader import Filter, Reader
from app.run.events import RunOpened, TargetSeen
from app.run.step_events import StepStarted
from app.session.connection_lines import Tested, Word
from app.session.kept_file import one_at_a_time, write_whole

_NAME = "connections.json"
_RUNS = 20
"""How many of the newest records of a runbook are asked when something was used."""

_STEPS = 2_000


@dataclass(frozen=True, slots=True)
class Remembered:
    """One connection of a runbook in an environment, its address without a password, and its last test."""

    runbook: str
    environment: str
    key: str
    address: str
    tested: Tested


def remembered(home: Path) -> tuple[Remembered, ...]:
    """All of them, the newest test first. Raises Refused for a file that cannot be read."""
    file = home / _NAME
    try:
        tree = json.loads(file.read_text(encoding="utf-8"))
        found = [_read(one) for one in tree["tested"]]
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise Refused(
            f"What is known of earlier tests cannot be read: {type(error).__name__}.",
            where=str(file),
            hint="Remove it; everything can be tested again.",
        ) from error
    return tuple(sorted(found, key=lambda one: one.tested.at, reverse=True))


def remember(home: Path, new: tuple[Remembered, ...]) -> None:
    """Keep these in place of what was known of them, whole or not at all. Raises RecordUnwritable, Refused."""
    places = {(one.runbook, one.environment, one.key) for one in new}
    file = home / _NAME
    try:
        with one_at_a_time(file):
            others = [one for one in remembered(home) if (one.runbook, one.environment, one.key) not in places]
            write_whole(file, json.dumps({"version": 1, "tested": [_tree(one) for one in (*new, *others)]}, indent=2))
    except OSError as error:
        reason = error.strerror or str(error)
        raise RecordUnwritable(f"The tests cannot be remembered: {reason}.", where=str(file)) from error


def last_used(home: Path, runbook: str, environment: str) -> Mapping[str, datetime]:
    """By key ("database src", "host web1"), when a run of this runbook in this environment last used it."""
    found: dict[str, datetime] = {}
    for path in _records(home, runbook, environment):
        try:
            with Reader(path) as reader:
                for key, at in _uses(reader):
                    found[key] = max(at, found.get(key, at))
        except RecordDamaged:
            continue  # History tells of it; here it only has nothing to say
    return found


def _records(home: Path, runbook: str, environment: str) -> Iterator[Path]:
    number = 0
    for one in list_runs(home):
        first = one.first.event if one.first is not None else None
        if isinstance(first, RunOpened) and (first.name, first.environment) == (runbook, environment):
            yield one.path
            number += 1
            if number == _RUNS:
                return


def _uses(reader: Reader) -> Iterator[tuple[str, datetime]]:
    for one in reader.newest(Filter(categories=("step", "machine")), _STEPS):
        if isinstance(one.event, StepStarted):
            for target in one.event.target.split(", "):
                yield target, one.at
        elif isinstance(one.event, TargetSeen):
            yield f"{one.event.kind} {one.event.name}", one.at


def _tree(one: Remembered) -> dict[str, Any]:
    test = one.tested
    return {
        "runbook": one.runbook,
        "environment": one.environment,
        "key": one.key,
        "address": one.address,
        "word": test.word,
        "detail": test.detail,
        "at": test.at.isoformat(),
        "identity": test.identity,
        "product": test.product,
        "took": test.took.total_seconds(),
        "shown": test.shown,
        "disowned": test.disowned,
    }


def _read(tree: dict[str, Any]) -> Remembered:
    texts = {name: tree[name] for name in ("runbook", "environment", "key", "address")}
    about = {name: tree[name] for name in ("detail", "identity", "product", "shown")}
    about["disowned"] = tree.get("disowned", "")
    if not all(isinstance(value, str) for value in (*texts.values(), *about.values())):
        raise TypeError("not text")
    if tree["word"] not in get_args(Word):
        raise ValueError("no such word")
    at = datetime.fromisoformat(tree["at"])
    if at.tzinfo is None:
        raise ValueError("no zone")
    tested = Tested(cast("Word", tree["word"]), at=at, took=timedelta(seconds=float(tree["took"])), **about)
    return Remembered(tested=tested, **texts)
