"""What a running step writes: redacted at the source, gathered into groups, handed to the record in order."""

from __future__ import annotations

import base64
from collections.abc import Callable

from app.engine.redact import Redactor
from app.ports import Stream
from app.run.events import Event, OutputCaptured

GROUP_BYTES = 256 << 10


class OutputGroup:
    """The `Say` of one attempt. Bytes wait here until `flush`, which the loop calls at most every 50 ms.

    seen: raw bytes of each stream that the record already accounts for, when the attempt is attached to again.
    """

    def __init__(
        self, attempt: tuple[str, int], redactor: Redactor, seen: dict[str, int], heard: Callable[[str], None]
    ) -> None:
        self._address, self._attempt = attempt
        self._redactor = redactor
        self._streams: dict[str, _Masked] = {}
        self._seen = seen
        self._heard = heard
        self.waiting = 0

    def output(self, stream: Stream, offset: int, data: bytes) -> None:
        """Takes raw bytes of a stream; `offset` counts from the attempt's first byte."""
        masked = self._streams.get(stream)
        if masked is None:
            masked = self._streams[stream] = _Masked(self._redactor, self._seen.get(stream, 0))
        self.waiting += masked.feed(offset, data)

    def alive(self, where: str) -> None:
        """Heard from the target."""
        self._heard(where)

    def flush(self, *, last: bool = False) -> list[Event]:
        """Events for what has gathered; with `last` also what was held back as the possible start of a secret."""
        self.waiting = 0
        events: list[Event] = []
        for name, masked in self._streams.items():
            for offset, data, raw_end in masked.take(last=last):
                text = base64.b64encode(data).decode("ascii")
                events.append(OutputCaptured(self._address, self._attempt, name, offset, text, raw_end))
        return events


class _Masked:
    """One stream: raw bytes in, redacted bytes out, with both counts."""

    def __init__(self, redactor: Redactor, seen: int) -> None:
        self._stream = redactor.stream()
        self._raw_end = seen
        self._stored_end = seen
        self._ready = bytearray()

    def feed(self, offset: int, data: bytes) -> int:
        data = data[max(0, self._raw_end - offset) :]
        if not data:
            return 0
        self._raw_end += len(data)
        ready = self._stream.feed(data)
        self._ready += ready
        return len(ready)

    def take(self, *, last: bool) -> list[tuple[int, bytes, int]]:
        if last:
            self._ready += self._stream.flush()
        taken = []
        held = self._stream.held
        for start in range(0, len(self._ready), GROUP_BYTES):
            piece = bytes(self._ready[start : start + GROUP_BYTES])
            is_end = start + GROUP_BYTES >= len(self._ready)
            raw_end = self._raw_end - held if is_end else self._stored_end + len(piece)
            taken.append((self._stored_end, piece, raw_end))
            self._stored_end += len(piece)
        self._ready.clear()
        return taken
