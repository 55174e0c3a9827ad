"""A TCP relay that breaks a connection exactly when COMMIT passes through it."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from typing import Literal

Break = Literal["before", "answer", "both", "late", "call"]
"""before: COMMIT never arrives; answer: it arrives and its answer does not; both: it is sent on and both ends are cut
at once; late: the client is cut, and COMMIT arrives half a second later; call:
it is sent on, and `then` is called at that moment."""

_LATE = 0.5
_COMMITS = (b"COMMIT\x00", b"\x03COMMIT")  # PostgreSQL's and MySQL's way to send just this; not "SET AUTOCOMMIT"


class Relay:
    """Listens on a loopback port and passes bytes on to `server`. `arm` breaks the next COMMIT, once."""

    def __init__(self, server: tuple[str, int]) -> None:
        self._server = server
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._armed: Break | None = None
        self._then: Callable[[], None] = lambda: None
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._closing = threading.Event()
        self._spawn(self._accept)

    def arm(self, how: Break, then: Callable[[], None] = lambda: None) -> None:
        self._armed, self._then = how, then

    @property
    def broke(self) -> bool:
        return self._armed is None

    def close(self) -> None:
        self._closing.set()
        for one in (self._listener, *self._sockets):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        for thread in self._threads:
            thread.join(5)

    def _spawn(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, name="relay", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(self._server)
            except OSError:  # the server is away for a moment
                client.close()
                continue
            self._sockets += [client, far]
            muted = threading.Event()
            self._spawn(self._forward, client, far, muted)
            self._spawn(self._back, far, client, muted)

    def _forward(self, client: socket.socket, far: socket.socket, muted: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                if self._armed and any(sign in data for sign in _COMMITS):
                    how, self._armed = self._armed, None
                    self._break(how, (client, far), data, muted)
                    return
                far.sendall(data)
        _cut(far)

    def _back(self, far: socket.socket, client: socket.socket, muted: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while data := far.recv(65536):
                if muted.is_set():
                    break
                client.sendall(data)
        _cut(client)

    def _break(
        self, how: Break, ends: tuple[socket.socket, socket.socket], data: bytes, muted: threading.Event
    ) -> None:
        client, far = ends
        muted.set()
        match how:
            case "before":
                _cut(far)
                _cut(client)
            case "answer":
                far.sendall(data)  # the other direction waits for the answer, drops it and cuts the client
            case "both":
                far.sendall(data)
                _cut(far)
                _cut(client)
            case "call":
                muted.clear()
                far.sendall(data)
                self._then()
            case "late":
                _cut(client)
                self._closing.wait(_LATE)
                far.sendall(data)


def _cut(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
