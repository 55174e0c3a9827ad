"""A connection that ends in the very moment of its making, and a program that ends before it has read its stdin."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import paramiko
import pytest

from app.connectors.ssh_link import Link, _send
from app.connectors.ssh_words import LinkLost


class Gone:
    """A transport whose line was cut between its log-in and the first look at it."""

    closed = False

    def get_remote_server_key(self) -> None:
        raise paramiko.SSHException("No existing session")

    def close(self) -> None:
        self.closed = True


class Ended:
    """A channel whose program is over; `active`: whether the connection below it still stands."""

    def __init__(self, *, active: bool, closed: bool = True) -> None:
        self.closed = closed
        self.transport = SimpleNamespace(is_active=lambda: active)

    def settimeout(self, seconds: float) -> None: ...

    def sendall(self, data: bytes) -> None:
        raise OSError("Socket is closed")


@pytest.mark.anyio
async def test_a_line_that_ends_as_it_is_made_is_lost_and_nothing_was_sent() -> None:
    gone = Gone()
    with ThreadPoolExecutor(1) as workers, pytest.raises(LinkLost) as lost:
        Link(gone, workers, 1)
    assert not lost.value.sent
    assert gone.closed


def test_a_program_that_ends_before_it_read_everything_is_no_lost_connection() -> None:
    _send(Ended(active=True), b"words", 1)
    with pytest.raises(OSError, match="closed"):
        _send(Ended(active=False), b"words", 1)
    with pytest.raises(OSError, match="closed"):
        _send(Ended(active=True, closed=False), b"words", 1)
