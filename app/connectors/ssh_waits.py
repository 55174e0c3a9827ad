"""How long a host is waited for, in one place. Every wait here ends, whatever the network does."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Waits:
    """All in seconds.

    connect: for the first word of the network; greeting: for the first word of the server; handshake: for keys and
    encryption; login: for one way to log in; answer: for an answer to a request, on a connection that stands; silence:
    so long a stream may say nothing (it says a word each second) before its connection is given up; patience: so long a
    verb tries again while the host is away, 0 for once.
    """

    connect: float = 10.0
    greeting: float = 10.0
    handshake: float = 15.0
    login: float = 20.0
    answer: float = 10.0
    silence: float = 15.0
    patience: float = 15.0
