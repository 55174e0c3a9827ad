"""What steps wrote, as lines to show: decoded once, bounded, by step and attempt."""

from __future__ import annotations

import base64
import re
from collections import OrderedDict, deque
from collections.abc import Iterable
from datetime import tzinfo

from app.run.events import OutputCaptured, Recorded
from ui.tokens import Tone
from ui.widgets.output_view import OutputLine

KEEP_LINES = 5_000
KEEP_STEPS = 12
MOST_AT_ONCE = 200
"""Lines of one group that are shown while a step writes; more cannot be read, and would hold the window up."""
_QUIET = Tone.MUTED
_SAYS = re.compile(r"\W{0,3}(?:(error|fatal|failed)|(warn|warning))\b", re.IGNORECASE)


def tone_of(line: str, stream: str) -> Tone:
    """As the step itself says it, in the first words of a line; what it wrote as an error is at least a warning."""
    if stream == "note":
        return Tone.MUTED
    said = _SAYS.match(line)
    if said is not None:
        return Tone.BAD if said[1] else Tone.WARN
    return Tone.WARN if stream == "err" else Tone.TEXT


class OutputLines:
    """The newest lines of the steps that wrote last. Not thread-safe."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._lines: OrderedDict[str, deque[OutputLine]] = OrderedDict()
        self._cut: dict[tuple[str, str], str] = {}
        self._newest: dict[str, int] = {}
        self.gaps: set[str] = set()

    def add(self, recorded: Recorded, most: int = MOST_AT_ONCE) -> list[OutputLine]:
        """Take in one group of output and answer its last `most` whole lines; an unfinished one waits for its rest."""
        event = recorded.event
        assert isinstance(event, OutputCaptured)
        if recorded.seq <= self._newest.get(event.address, 0):
            return []  # read from the record before it was handed over
        self._newest[event.address] = recorded.seq
        text = base64.b64decode(event.data).decode("utf-8", "backslashreplace")
        key = (event.address, event.stream)
        whole = (self._cut.pop(key, "") + text).replace("\r\n", "\n")
        parts = whole.rsplit("\n", most + 1)
        if parts[-1]:
            self._cut[key] = parts[-1]
        skipped = parts[0].count("\n") + 1 if len(parts) > most + 1 else 0
        at = f"{recorded.at.astimezone(self._zone):%H:%M:%S}  "
        lines = [OutputLine(at + part, tone_of(part, event.stream)) for part in parts[1 if skipped else 0 : -1]]
        if skipped:
            self.gaps.add(event.address)
            lines.insert(
                0, OutputLine(f"{at}\u2026 {skipped} lines faster than they can be read; all are in the record", _QUIET)
            )
        self._store(event.address).extend(lines)
        return lines

    def finish(self, recorded: Recorded, address: str) -> list[OutputLine]:
        """The step ended: a last line without a line end is a line too."""
        lines = []
        for stream in ("out", "err", "note"):
            rest = self._cut.pop((address, stream), "")
            if rest:
                at = f"{recorded.at.astimezone(self._zone):%H:%M:%S}  "
                lines.append(OutputLine(at + rest, tone_of(rest, stream)))
        if lines:
            self._store(address).extend(lines)
        return lines

    def of(self, address: str) -> list[OutputLine] | None:
        """The lines of a step; None when they were let go of (read them from the record again)."""
        return list(self._lines[address]) if address in self._lines else None

    def fill(self, address: str, recorded: Iterable[Recorded]) -> list[OutputLine]:
        """Take in a step's output as read from the record again."""
        self._store(address).clear()
        self._newest.pop(address, None)
        last = None
        for one in recorded:
            self.add(one, KEEP_LINES)
            last = one
        self.gaps.discard(address)
        if last is not None:
            self.finish(last, address)
        return self.of(address) or []

    def forget(self, address: str) -> None:
        """Let a step's lines go: they are read from the record when they are looked at again."""
        self._lines.pop(address, None)

    def _store(self, address: str) -> deque[OutputLine]:
        lines = self._lines.get(address)
        if lines is None:
            lines = self._lines[address] = deque(maxlen=KEEP_LINES)
            while len(self._lines) > KEEP_STEPS:
                self._lines.popitem(last=False)
        else:
            self._lines.move_to_end(address)
        return lines
