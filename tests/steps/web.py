"""A loopback web server whose answers a test scripts."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass
class Web:
    """`answers` by path: bytes to send, "hang" to say nothing, "drop" to close. `requests` are what came, whole."""

    port: int = 0
    answers: dict[str, bytes | str] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next((int(x.split(":")[1]) for x in head.split("\r\n") if x.lower().startswith("content-length")), 0)
        body = (await reader.readexactly(length)).decode()
        self.requests.append(head + body)
        self.asked.set()
        answer = self.answers.get(head.split(" ")[1].split("?")[0], OK)
        if isinstance(answer, bytes):
            writer.write(answer)
            await writer.drain()
        elif answer == "hang":
            await reader.read()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


def page(body: str, status: str = "200 OK", kind: str = "application/json", **headers: str) -> bytes:
    """A whole answer."""
    more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    data = body.encode()
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{more}Content-Length: {len(data)}\r\n\r\n".encode() + data


@contextlib.asynccontextmanager
async def web() -> AsyncIterator[Web]:
    """The server, for the length of the block."""
    made = Web()
    server = await asyncio.start_server(made.handle, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
