"""Databases behind a host: ports on loopback here, whose connections come out at the host and go on from there.

A driver connects from whatever thread it likes and at any time, so tunnels have a thread and a loop of their own, and
connections of their own to the hosts. A port is taken when the tunnel is made, so that an address can be built from it;
the first connection to it makes the one to the host. Anybody on this machine may connect to a port, and is then asked
for the database's password like everybody. A host that is away closes the connection: to a driver, a lost server.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import weakref
from typing import Any

import paramiko
from sqlalchemy import URL, make_url

from app.connectors.ssh_link import Bell
from app.connectors.ssh_pool import SshPool
from app.connectors.ssh_route import Route
from app.connectors.ssh_words import LinkLost
from app.errors import Refused, TminusError

_GULP = 1 << 16
_USUAL = {"postgresql": 5432, "mysql": 3306, "mariadb": 3306}
_SEND_SECONDS = 60.0
_BACKLOG = 64


class Tunnels:
    """Ways to databases. They end when it is closed, or when nobody holds it any more."""

    def __init__(self, pool: SshPool) -> None:
        """`pool` is theirs alone: it belongs to their loop."""
        self._pool = pool
        self._loop = asyncio.new_event_loop()
        self._servers: list[asyncio.Server] = []
        thread = threading.Thread(target=_run, args=(self._loop, self._servers), name="tminus-tunnels", daemon=True)
        thread.start()
        self._end = weakref.finalize(self, _end, self._loop, thread, pool)

    def lead(self, route: Route, url: str, name: str) -> str:
        """The database's address by way of the host. Raises Refused for one that no tunnel leads to."""
        there = make_url(url)
        flavor = there.get_backend_name()
        if flavor not in _USUAL or not there.host or there.host.startswith("/"):
            raise Refused(f"The database {name} is a file or a socket: no tunnel leads there.", hint="Leave `via` out.")
        listener = socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG)
        tunnel = _Tunnel(self._pool, route, (there.host, there.port or _USUAL[flavor]))
        serving = asyncio.run_coroutine_threadsafe(asyncio.start_server(tunnel.serve, sock=listener), self._loop)
        self._servers.append(serving.result())
        return _through(there, flavor, listener.getsockname()[1])

    def close(self) -> None:
        """Cut every connection and give the ports back."""
        self._end()


class _Tunnel:
    """One address as it is seen from a host."""

    def __init__(self, pool: SshPool, route: Route, there: tuple[str, int]) -> None:
        self._pool, self._route, self._there = pool, route, there
        self._flows: set[asyncio.Task[None]] = set()

    def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One more connection."""
        flow = asyncio.get_running_loop().create_task(self._flow(reader, writer))
        self._flows.add(flow)
        flow.add_done_callback(self._flows.discard)

    async def _flow(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A connection to its end. What goes wrong ends it; the driver says so to whoever asked."""
        trouble = (TminusError, LinkLost, paramiko.SSHException, OSError, EOFError)
        with contextlib.closing(writer), contextlib.suppress(*trouble):
            channel = await self._pool.channel_to(self._route, *self._there)
            channel.settimeout(_SEND_SECONDS)
            try:
                await self._both_ways(reader, writer, channel)
            finally:
                with contextlib.suppress(RuntimeError):  # the pool is closed, and with it every channel
                    self._pool.workers.submit(channel.close)

    async def _both_ways(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, channel: Any) -> None:  # noqa: ANN401 - paramiko has no types
        """Until the database ends the connection, or either side breaks it."""
        ways = [asyncio.create_task(self._up(reader, channel)), asyncio.create_task(self._down(channel, writer))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_EXCEPTION)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _up(self, reader: asyncio.StreamReader, channel: Any) -> None:  # noqa: ANN401 - paramiko has no types
        loop = asyncio.get_running_loop()
        while data := await reader.read(_GULP):
            await loop.run_in_executor(self._pool.workers, channel.sendall, data)
        await loop.run_in_executor(self._pool.workers, channel.shutdown_write)

    async def _down(self, channel: Any, writer: asyncio.StreamWriter) -> None:  # noqa: ANN401 - paramiko has no types
        loop = asyncio.get_running_loop()
        bell = Bell(loop)
        channel.in_buffer.set_event(bell)
        while True:
            bell.hush()
            over = channel.closed or channel.eof_received  # looked at first: what is there now is all
            data = await loop.run_in_executor(self._pool.workers, _taken, channel)
            if data:
                writer.write(data)
                await writer.drain()
            elif over:
                raise EOFError("the database ended the connection")
            else:
                await bell.wait()


def _taken(channel: Any) -> bytes:  # noqa: ANN401 - paramiko has no types
    return bytes(channel.recv(1 << 20)) if channel.recv_ready() else b""


def _run(loop: asyncio.AbstractEventLoop, servers: list[asyncio.Server]) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        loop.run_until_complete(_wind_up(servers))
        loop.close()


async def _wind_up(servers: list[asyncio.Server]) -> None:
    for server in servers:
        server.close()
    flows = asyncio.all_tasks() - {asyncio.current_task()}
    for flow in flows:
        flow.cancel()
    await asyncio.gather(*flows, return_exceptions=True)
    await asyncio.sleep(0)  # what was closed is let go of in the loop's next round


def _end(loop: asyncio.AbstractEventLoop, thread: threading.Thread, pool: SshPool) -> None:
    """Whatever is open is closed by the loop's end; the thread is not waited for when it is the one that asks."""
    pool.close()
    with contextlib.suppress(RuntimeError):  # it ended before
        loop.call_soon_threadsafe(loop.stop)
    if thread is not threading.current_thread():
        thread.join(5)


def _through(there: URL, flavor: str, port: int) -> str:
    """The address by way of the tunnel. PostgreSQL goes on to check a certificate against the name that was meant."""
    if flavor == "postgresql":
        here = there.set(port=port).update_query_dict({"hostaddr": "127.0.0.1"})
    else:
        here = there.set(host="127.0.0.1", port=port)
    return here.render_as_string(hide_password=False)
