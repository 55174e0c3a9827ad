"""A `Say` that remembers what it was told."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.ports import Stream


@dataclass
class Said:
    """`out` and `err` are the bytes told so far, `alive_from` where the target was heard from."""

    chunks: dict[Stream, bytes] = field(default_factory=dict)
    alive_from: list[str] = field(default_factory=list)

    def output(self, stream: Stream, offset: int, data: bytes) -> None:
        kept = self.chunks.get(stream, b"")
        assert offset >= len(kept), "offsets never overlap or go back"
        self.chunks[stream] = kept + data

    def alive(self, where: str) -> None:
        self.alive_from.append(where)
