"""The socket under a driver's connection: cut it, so that a thread that waits for an answer stops waiting."""

from __future__ import annotations

import contextlib
import os
import socket
import threading


class Wire:
    """A second handle on a connection's socket, for any thread. Once closed or cut it does nothing more."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = os.dup(descriptor)
        self._lock = threading.Lock()

    def cut(self) -> None:
        """End the connection in both directions; the far side sees it too."""
        descriptor = self._take()
        if descriptor >= 0:
            with socket.socket(fileno=descriptor) as wire, contextlib.suppress(OSError):
                wire.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Give the handle back; the connection itself is untouched."""
        descriptor = self._take()
        if descriptor >= 0:
            os.close(descriptor)

    def _take(self) -> int:
        with self._lock:
            descriptor, self._descriptor = self._descriptor, -1
        return descriptor
