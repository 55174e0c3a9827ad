"""A console in miniature, to be killed: launches one ticket and attaches. `python drive.py HOME TICKET SCRIPT`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from app.ports import Limits, Payload, Stream
from tests.connectors.places import local


class _Tell:
    def output(self, stream: Stream, offset: int, data: bytes) -> None:
        print("heard", stream, offset, len(data), flush=True)

    def alive(self, where: str) -> None:
        print("alive", where, flush=True)


async def _drive(home: str, ticket: str, script: str) -> None:
    commands = local(Path(home))
    print("launching", flush=True)
    await commands.launch(ticket, Payload(script=script), Limits())
    print("launched", flush=True)
    state = await commands.attach(ticket, 0, 0, _Tell())
    print("ended", state.rc, flush=True)


if __name__ == "__main__":
    asyncio.run(_drive(*sys.argv[1:4]))
