"""Just enough HTTP/1.1 for a shop on the loopback interface: parse a request, write a reply, ask one question.

Kept small on purpose: one event loop serves the shop, its metrics and its customers, with no thread in sight.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

_MOST_BODY = 64 * 1024
_MOST_HEADERS = 100


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `query` holds the last value of each name; `headers` have lower-case names."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        """The body as a JSON object. Raises ValueError when it is none."""
        value = json.loads(self.body)
        if not isinstance(value, dict):
            raise ValueError("the body is no JSON object")  # noqa: TRY004 - the sender's value, not our type
        return value


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. `content` is sent as JSON unless it is text."""

    status: int
    content: object
    headers: Mapping[str, str] = field(default_factory=dict)


Answer = Callable[[Request], Awaitable[Reply]]


async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Answer) -> None:
    """Answers requests on one connection until the other side has had enough."""
    try:
        while (request := await _read_request(reader)) is not None:
            writer.write(_encode(await answer(request)))
            await writer.drain()
            if request.headers.get("connection", "").lower() == "close":
                break
    except (ConnectionError, asyncio.IncompleteReadError, ValueError):
        return  # cut off, or not HTTP: nobody is there to tell
    finally:
        writer.close()


async def ask(link: tuple[asyncio.StreamReader, asyncio.StreamWriter], request: Request) -> tuple[int, bytes]:
    """Sends a request on an open connection; status and body of the answer. Raises OSError when the link is gone."""
    reader, writer = link
    lines = [f"{request.method} {request.path} HTTP/1.1", "host: shop", f"content-length: {len(request.body)}"]
    lines += [f"{name}: {value}" for name, value in request.headers.items()]
    writer.write("\r\n".join([*lines, "", ""]).encode() + request.body)
    await writer.drain()
    line = await reader.readline()
    if not line:
        raise ConnectionResetError("the shop hung up")
    headers = await _read_headers(reader)
    return int(line.split()[1]), await reader.readexactly(int(headers.get("content-length", "0")))


async def _read_request(reader: asyncio.StreamReader) -> Request | None:
    line = (await reader.readline()).decode("latin-1")
    if not line:
        return None
    method, where, _ = line.split()
    headers = await _read_headers(reader)
    length = int(headers.get("content-length", "0"))
    if not 0 <= length <= _MOST_BODY:
        return None
    target = urlsplit(where)
    query = {name: values[-1] for name, values in parse_qs(target.query).items()}
    return Request(method, target.path, query, headers, await reader.readexactly(length))


async def _read_headers(reader: asyncio.StreamReader) -> dict[str, str]:
    headers: dict[str, str] = {}
    while (line := (await reader.readline()).decode("latin-1").strip()) and len(headers) < _MOST_HEADERS:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    return headers


def _encode(reply: Reply) -> bytes:
    if isinstance(reply.content, str):
        body, kind = reply.content.encode(), "text/plain; version=0.0.4; charset=utf-8"
    else:
        body, kind = json.dumps(reply.content).encode() + b"\n", "application/json"
    head = [
        f"HTTP/1.1 {reply.status} {HTTPStatus(reply.status).phrase}",
        f"content-type: {kind}",
        f"content-length: {len(body)}",
    ]
    head += [f"{name}: {value}" for name, value in reply.headers.items()]
    return "\r\n".join([*head, "", ""]).encode() + body
