"""A TCP line to a server that can be cut, stalled, slowed and refused: the bad network before a host."""

from __future__ import annotations

import contextlib
import random
import selectors
import socket
import struct
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Literal

Cut = Literal["reset", "end", "stall", "stall-up", "stall-down"]
"""reset: RST to both ends; end: FIN to both; stall: bytes of both ways vanish into a black hole, nothing is closed."""

_GULP = 65536


@dataclass
class _Pair:
    """Two sockets, and the bytes on their way from each to the other with the moment they may arrive."""

    client: socket.socket
    server: socket.socket
    stalled: set[str] = field(default_factory=set)
    on_way: dict[str, deque[tuple[float, bytes]]] = field(default_factory=lambda: {"up": deque(), "down": deque()})
    countdown: int = -1
    how: Cut = "reset"


class Line:
    """Listens on a loopback port and passes bytes on to `server`. One thread for all connections.

    delay: seconds each way. Every method may be called from any thread.
    """

    def __init__(self, server: tuple[str, int], delay: float = 0.0) -> None:
        self.port = 0
        self.carried = 0
        self.connections = 0
        self.delay = delay
        self._server = server
        self._lock = threading.RLock()
        self._pairs: list[_Pair] = []
        self._listener: socket.socket | None = None
        self._stall_new = False
        self._closing = False
        self._wake, self._woken = socket.socketpair()
        self._wake.setblocking(False)
        self.open()
        self._thread = threading.Thread(target=self._run, name="line", daemon=True)
        self._thread.start()

    def open(self) -> None:
        """Take connections (again), at the same port."""
        with self._lock:
            self._stall_new = False
            if self._listener is None:
                self._listener = socket.create_server(("127.0.0.1", self.port), backlog=512)
                self._listener.setblocking(False)
                self.port = self._listener.getsockname()[1]
        self._ring()

    def refuse(self) -> None:
        """Take no more connections: the port is closed. Those that stand are cut."""
        with self._lock:
            if self._listener is not None:
                self._listener.close()
                self._listener = None
        self.cut("reset")

    def swallow(self) -> None:
        """A black hole: what stands is stalled, what is new is taken and never answered."""
        with self._lock:
            self._stall_new = True
        self.cut("stall")

    def lead_to(self, server: tuple[str, int]) -> None:
        """The address moves: what stands is cut, whatever connects from now on meets another server."""
        with self._lock:
            self._server = server
        self.cut("reset")

    def cut(self, how: Cut = "reset") -> int:
        """Break every connection that stands; how many those were."""
        with self._lock:
            pairs = list(self._pairs)
            for pair in pairs:
                self._break(pair, how)
        self._ring()
        return len(pairs)

    def cut_after(self, count: int, how: Cut) -> None:
        """Break each standing connection once so many more bytes have passed it."""
        with self._lock:
            for pair in self._pairs:
                pair.countdown, pair.how = count, how

    def close(self) -> None:
        """Cut everything and end."""
        self._closing = True
        self.refuse()
        self._ring()
        self._thread.join(5)
        self._wake.close()
        self._woken.close()

    # ------------------------------------------------------------ the thread

    def _ring(self) -> None:
        with contextlib.suppress(OSError):
            self._wake.send(b"x")

    def _run(self) -> None:
        while not self._closing:
            with selectors.DefaultSelector() as selector, self._lock:
                self._register(selector)
                wait = self._until_due()
                self._lock.release()
                try:
                    ready = selector.select(wait)
                finally:
                    self._lock.acquire()
                for key, _ in ready:
                    self._serve(key)
                self._deliver()

    def _register(self, selector: selectors.BaseSelector) -> None:
        selector.register(self._woken, selectors.EVENT_READ, None)
        if self._listener is not None:
            selector.register(self._listener, selectors.EVENT_READ, None)
        for pair in self._pairs:
            for way, sock in (("up", pair.client), ("down", pair.server)):
                if len(pair.on_way[way]) < 64:
                    selector.register(sock, selectors.EVENT_READ, (pair, way))

    def _until_due(self) -> float | None:
        due = [queue[0][0] for pair in self._pairs for queue in pair.on_way.values() if queue]
        return max(0.0, min(due) - time.monotonic()) if due else 0.2

    def _serve(self, key: selectors.SelectorKey) -> None:
        if key.fileobj is self._woken:
            self._woken.recv(_GULP)
        elif key.data is None:
            self._accept()
        else:
            self._read(*key.data)

    def _accept(self) -> None:
        if self._listener is None:
            return
        try:
            client, _ = self._listener.accept()
            server = socket.create_connection(self._server)
        except OSError:
            return
        for sock in (client, server):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connections += 1
        pair = _Pair(client, server)
        if self._stall_new:
            pair.stalled = {"up", "down"}
        self._pairs.append(pair)

    def _read(self, pair: _Pair, way: str) -> None:
        if pair not in self._pairs:
            return
        try:
            data = (pair.client if way == "up" else pair.server).recv(_GULP)
        except OSError:
            self._break(pair, "reset")
            return
        if not data:
            self._break(pair, "end")
        elif way not in pair.stalled:
            pair.on_way[way].append((time.monotonic() + self.delay, data))

    def _deliver(self) -> None:
        for pair in list(self._pairs):
            for way, queue in pair.on_way.items():
                while queue and queue[0][0] <= time.monotonic() and pair in self._pairs:
                    self._pass_on(pair, way, queue.popleft()[1])

    def _pass_on(self, pair: _Pair, way: str, data: bytes) -> None:
        last = -1 < pair.countdown < len(data)
        if last:
            data = data[: pair.countdown]
        elif pair.countdown >= 0:
            pair.countdown -= len(data)
        self.carried += len(data)
        if way not in pair.stalled:
            try:
                (pair.server if way == "up" else pair.client).sendall(data)
            except OSError:
                self._break(pair, "reset")
        if last and pair in self._pairs:
            pair.countdown = -1
            self._break(pair, pair.how)

    def _break(self, pair: _Pair, how: Cut) -> None:
        if pair not in self._pairs:
            return
        if how.startswith("stall"):
            pair.stalled |= {"up", "down"} if how == "stall" else {how.removeprefix("stall-")}
            return
        self._pairs.remove(pair)
        for sock in (pair.client, pair.server):
            if how == "reset":
                with contextlib.suppress(OSError):
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            sock.close()


def some_cut(dice: random.Random) -> Cut:
    """One of the ways in which a line breaks at once."""
    return dice.choice(("reset", "end"))
