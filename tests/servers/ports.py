"""A loopback port that nobody uses at this moment."""

import socket


def free_port() -> int:
    """A free TCP port of 127.0.0.1. Somebody may take it before you bind it: be ready to ask again."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
