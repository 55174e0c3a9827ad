"""A laboratory on loopback: a real sshd with throw-away keys, and a line to it that can be cut and stalled."""
