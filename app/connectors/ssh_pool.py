"""Connections that are kept warm: a few for each host, shared by all conversations with it, made when they are needed.

A host's first conversation makes its first connection; a second one follows when the first is full (OpenSSH takes ten
sessions on each). Whoever waits for the same new connection shares its success or failure. Connections through another
host lean on that host's own. Belongs to one event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from app.connectors.host_identity import Facts, admit
from app.connectors.ssh_connect import Dialer
from app.connectors.ssh_link import Full, Link, Talk
from app.connectors.ssh_route import Route
from app.connectors.ssh_trust import HostKey
from app.connectors.ssh_words import where
from app.errors import TargetUnreachable

WORKERS = 48
"""Threads that fetch bytes and open conversations, for all hosts together; none waits longer than `Waits.answer`."""

URGENT = 8
"""The same for the switches alone, so that no number of silent hosts and streams keeps a beat from being heard."""

STARTS = 24
"""Commands that are being started at once, on all hosts together. More would not start sooner: each costs this machine
some 10 ms, and meanwhile the engine wants its turn, too. Whoever has waited for a turn for TURN_SECONDS goes anyway, so
that hosts that do not answer hold up nobody for longer than that."""

TURN_SECONDS = 10.0

_MOST_LINKS = 8
_PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Call:
    """A program, its whole stdin, the line after which its own words begin, and what the host must show before.

    urgent: about a dead-man switch; it waits for no thread that something else holds.
    """

    command: str
    request: bytes
    mark: bytes
    expects: Facts = ()
    urgent: bool = False


class SshPool:
    """All hosts of one console."""

    def __init__(self, dialer: Dialer) -> None:
        self._dialer = dialer
        self.waits = dialer.waits
        self.workers = ThreadPoolExecutor(WORKERS, "tminus-ssh")
        self.urgent = ThreadPoolExecutor(URGENT, "tminus-switch")
        self._stations: dict[Route, _Station] = {}
        self._starting = asyncio.Semaphore(STARTS)
        self._queue: set[str] = set()

    @property
    def links(self) -> int:
        """How many connections stand now."""
        return sum(len(station.links) for station in self._stations.values())

    async def ready(self, route: Route) -> None:
        """Make the first connection to a host, if none stands. Raises Refused or TargetUnreachable."""
        await self._station(route).any()

    @contextlib.contextmanager
    def queue(self, ticket: str) -> Iterator[None]:
        """From here on the ticket waits for its first turn, until it has it."""
        self._queue.add(ticket)
        try:
            yield
        finally:
            self.unqueue(ticket)

    def unqueue(self, ticket: str) -> None:
        """It had its turn."""
        self._queue.discard(ticket)

    def queued(self, route: Route, ticket: str) -> bool:
        """Whether it waits for its turn, or for a first connection's turn; False while the network is waited for."""
        station = self._station(route)
        return not self._asks(route) and (ticket in self._queue or station.queued)

    def _asks(self, route: Route) -> bool:
        """Whether the host, or one that it is reached through, has yet to say its first word."""
        return self._station(route).asks or (route.via is not None and self._asks(route.via))

    @contextlib.asynccontextmanager
    async def turn(self, ticket: str) -> AsyncIterator[None]:
        """A turn among the commands that are being started; then the ticket is in the queue no more."""
        held = False
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(TURN_SECONDS):
                held = await self._starting.acquire()
        self.unqueue(ticket)
        try:
            yield
        finally:
            if held:
                self._starting.release()

    async def talk(self, route: Route, call: Call) -> Talk:
        """Start a program on the host and hand it its stdin.

        Raises Refused (key, login, another host), TargetUnreachable (nothing was sent) or LinkLost (see its `sent`).
        """
        station = self._station(route)
        while True:
            link = await station.free()
            try:
                admit(link.key, call.expects, where(route))
                return await link.talk(call.command, call.request, call.mark, self.urgent if call.urgent else None)
            except Full:
                station.release(link)
                _shrink(link, route)
            except BaseException:
                station.release(link)
                raise

    async def channel_to(self, route: Route, address: str, port: int) -> Any:  # noqa: ANN401 - paramiko has no types
        """A way from the host to an address as it is seen there, for tunnels. Raises as `talk` does."""
        link = await self._station(route).any()
        return await asyncio.get_running_loop().run_in_executor(
            self.workers, _forward(link, address, port, self.waits.connect)
        )

    async def shown_key(self, route: Route) -> HostKey:
        """The key that a host shows; it is not trusted by that, nor logged in to."""
        return await self._dialer.shown(route, await self._through(route))

    def close(self) -> None:
        """Cut every connection. Commands go on at their hosts."""
        for station in self._stations.values():
            for link in station.links:
                link.sever()
        self._stations.clear()
        self._dialer.close()
        self.workers.shutdown(wait=False, cancel_futures=True)
        self.urgent.shutdown(wait=False, cancel_futures=True)

    def _station(self, route: Route) -> _Station:
        if route not in self._stations:
            self._stations[route] = _Station(route, self._connect)
        return self._stations[route]

    async def _connect(self, route: Route) -> Link:
        through = await self._through(route)
        transport = await self._dialer.dial(route, through, self._station(route).asking)
        return Link(transport, self.workers, self.waits.answer)

    async def _through(self, route: Route) -> Callable[[Route], Any] | None:
        if route.via is None:
            return None
        before = await self._station(route.via).any()
        return lambda to: _forward(before, to.address, to.port, self.waits.connect)()


class _Station:
    """The connections to one host."""

    def __init__(self, route: Route, connect: Callable[[Route], Any]) -> None:
        self.links: list[Link] = []
        self.asks = False
        self._route = route
        self._connect = connect
        self._coming: asyncio.Task[Link] | None = None

    async def free(self) -> Link:
        """A connection with room for one more conversation, which is counted from here on."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _PATIENCE
        while True:
            roomy = [link for link in self._living() if link.used < link.room]
            if roomy:
                link = min(roomy, key=lambda one: one.used)
                link.used += 1
                return link
            if len(self.links) < _MOST_LINKS:
                await self._another()
            elif loop.time() > deadline:
                raise TargetUnreachable(
                    f"{self._route.spot} takes no more than {sum(link.room for link in self.links)} sessions.",
                    where=where(self._route),
                    hint="Run fewer steps on it at once, or raise MaxSessions there.",
                )
            else:
                await asyncio.sleep(0.05)

    @property
    def queued(self) -> bool:
        """Whether its first connection is being made, and what holds it up is not the host."""
        return self._coming is not None and not self._coming.done() and not self.asks and not self._living()

    @contextlib.contextmanager
    def asking(self) -> Iterator[None]:
        """While it lasts the host's first word is waited for."""
        self.asks = True
        try:
            yield
        finally:
            self.asks = False

    async def any(self) -> Link:
        """A connection, full or not: what goes through it is no session."""
        living = self._living()
        return living[0] if living else await self._another()

    def release(self, link: Link) -> None:
        """It was not used after all."""
        link.used -= 1

    def _living(self) -> list[Link]:
        self.links = [link for link in self.links if link.alive and link.room > 0]
        return self.links

    async def _another(self) -> Link:
        if self._coming is None or self._coming.done():
            self._coming = asyncio.create_task(self._made(), name=f"connect {self._route.name}")
            self._coming.add_done_callback(_seen)
        return await asyncio.shield(self._coming)

    async def _made(self) -> Link:
        link: Link = await self._connect(self._route)
        self.links.append(link)
        return link


def _shrink(link: Link, route: Route) -> None:
    """The server said that there is no room: believe it, and give a connection without any up."""
    link.room = link.used
    if link.room <= 0:
        link.sever()
        raise TargetUnreachable(
            f"{route.spot} lets {route.login.user} in and opens no session.",
            where=where(route),
            hint="Check MaxSessions there, and that the account may have a shell.",
        )


def _forward(link: Link, address: str, port: int, seconds: float) -> Callable[[], Any]:
    def open_it() -> Any:  # noqa: ANN401 - paramiko has no types
        return link.transport.open_channel("direct-tcpip", (address, port), ("127.0.0.1", 0), timeout=seconds)

    return open_it


def _seen(task: asyncio.Task[Link]) -> None:
    """Its failure has been told to whoever waited; nobody may be left."""
    if not task.cancelled():
        task.exception()
