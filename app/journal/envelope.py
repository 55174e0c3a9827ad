"""One entry of the record as it is stored: the event inside its envelope, in canonical bytes, and the hash over them.

    {"about":[category,address,series],"at":us,"boot":id,"event":{...},"mono_ns":n,"offset_min":n,"seq":n}

Between `about` and `at` stands `"asleep_ns":n` once the machine has slept in this boot.

`about` repeats, in front, what the log filters by and a replay skips by, so that the columns beside the bytes can be
checked at a glance.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from types import MappingProxyType

from app.errors import RecordDamaged
from app.journal.codec import Codec, quoted
from app.run.events import MetricRead, Recorded, RowsCounted
from app.run.step_events import Event, OutputCaptured

Row = tuple[int, str, str, str, bytes, bytes]
"""seq, category, address, series, body, hash: the columns of the table `event`."""

About = tuple[str, str, str]
"""category, address, series."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SEVERAL = MappingProxyType(
    {
        "OutputCaptured": "output",
        "BoundaryCrossed": "back",
        "Rollback": "back",
        "WayBackProbed": "back",
        "UndoTimesLearned": "back",
        "StepHeldBack": "people",
        "StepOverridden": "people",
        "MetricRead": "sample",
        "RowsCounted": "sample",
        "RowsExported": "back",
        "DeadMan": "back",
        "KeptAwake": "machine",
        "NotKeptAwake": "machine",
        "SleepAllowed": "machine",
        "SwitchDated": "back",
        "Metric": "metric",
        "Baseline": "metric",
        "Trigger": "metric",
        "Console": "console",
        "Run": "run",
        "FaultSeen": "machine",
        "ClockStepped": "machine",
        "MachineSlept": "machine",
        "TargetSeen": "machine",
        "Mode": "mode",
        "Artifact": "mode",
        "Question": "people",
        "Answer": "people",
        "Hold": "people",
        "Note": "people",
        "Request": "people",
    }
)
BULK = ("output", "sample")
CATEGORIES = ("run", "console", "step", "output", "people", "back", "mode", "metric", "sample", "machine")
"""What the log filters by. Each event belongs to one; "output" and "sample" are the bulk of a large record."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When an entry was written: `at` aware UTC, `offset_min` the local UTC offset.

    mono_ns and asleep_ns: how long the machine was awake and how long it slept, within `boot`.
    """

    at: datetime
    mono_ns: int
    boot: str
    offset_min: int
    asleep_ns: int = 0


def genesis(run: str) -> bytes:
    """h(0): what the first entry is chained to. Depends on the run's id, so that no record can pass for another's."""
    return sha256(b"tminus record 1\n" + run.encode()).digest()


def category(name: str) -> str:
    """Which of CATEGORIES an event belongs to, by its name. Steps and their like are "step"."""
    return next((kind for start, kind in _SEVERAL.items() if name.startswith(start)), "step")


def categories(events: tuple[type[Event], ...]) -> Mapping[type[Event], str]:
    """The category of each class."""
    return {cls: category(cls.__name__) for cls in events}


def about(event: Event, kind: str) -> About:
    """Category, address ("" for none) and series of an event, as columns can hold them."""
    return kind, _plain(getattr(event, "address", "")), _plain(_series(event))


def beginning(kind: bytes, address: bytes, series: bytes) -> bytes:
    """How a body begins beside these columns, given as the bytes that stand there."""
    texts = [column.decode("utf-8", "replace") for column in (kind, address, series)]
    return _begin(texts[0], texts[1], texts[2]).encode("ascii")


def seal(codec: Codec[Event], columns: About, recorded: Recorded) -> bytes:
    """The body of an entry, ready to be hashed and stored. `recorded.head` plays no part."""
    at = (recorded.at - EPOCH) // _MICROSECOND
    asleep = f'"asleep_ns":{recorded.asleep_ns},' if recorded.asleep_ns else ""
    return (
        f'{_begin(*columns)}{asleep}"at":{at},"boot":{quoted(recorded.boot)},'
        f'"event":{codec.encode(recorded.event)},"mono_ns":{recorded.mono_ns},'
        f'"offset_min":{recorded.offset_min},"seq":{recorded.seq}}}'
    ).encode("ascii")


def _begin(kind: str, address: str, series: str) -> str:
    return f'{{"about":[{quoted(kind)},{quoted(address)},{quoted(series)}],'


def _series(event: Event) -> str:
    """What an entry is the next of, so that for a fold it supersedes the one before: a stream, samples, counts."""
    if isinstance(event, OutputCaptured):
        return f"{event.attempt}/{event.stream}"
    if isinstance(event, RowsCounted):
        return "rows/bad" if event.problem else "rows/good"  # a count that fails takes nothing away from the last good
    return f"metric/{event.metric}" if isinstance(event, MetricRead) else ""


def _plain(text: str) -> str:
    """Without the halves of characters that SQLite cannot hold."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


class Opener:
    """Turns stored bytes back into what was recorded."""

    def __init__(self, codec: Codec[Event]) -> None:
        self._build = codec.build
        self._parse = json.JSONDecoder().raw_decode

    def open(self, body: bytes, head: bytes) -> Recorded:
        """The entry. Raises RecordDamaged for bytes that no version writes, Refused for those of a newer version."""
        try:
            tree = self._parse(body.decode("ascii"))[0]
            return Recorded(
                tree["seq"],
                EPOCH + timedelta(0, 0, tree["at"]),
                tree["mono_ns"],
                tree["boot"],
                tree["offset_min"],
                self._build(tree["event"]),
                head.hex(),
                tree.get("asleep_ns", 0),
            )
        except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
            raise RecordDamaged(
                "An entry of the record cannot be read.", hint="Run `tminus verify` for all that is wrong."
            ) from error
