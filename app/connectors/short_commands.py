"""Short commands that only look, attached to the console and ended with it: what metrics read every few seconds."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from types import TracebackType
from typing import Self

from app.connectors.own_thread import on_own_thread
from app.errors import TargetUnreachable
from app.metrics.kind import Finished
from app.ports import Payload

LARGEST = 1 << 20
"""Bytes that each stream may have; a figure needs few. A command that writes more is ended."""

_CHUNK = 1 << 16
_TURN = 0.05
"""Seconds between two looks whether the command has ended: a child that lingers may hold its streams open for ever."""

_SHORT_TURN = 0.005
"""The same once both streams are closed: then it ends at any moment."""


class LocalShortCommands:
    """`app.metrics.kind.ShortCommands` on this machine. `environ` is what every command inherits."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = dict(environ)

    async def run(self, payload: Payload, limit: timedelta) -> Finished:
        """See the port. Nothing it writes touches the disk; raises TargetUnreachable, too, when it is over LARGEST."""
        running = _Running(payload, self._environ)
        return await on_own_thread(
            lambda: running.to_the_end(limit.total_seconds()), name="tminus-metric", stop=running.kill
        )


class _Running:
    """One command. `kill` may come from any thread and at any time, also before it starts."""

    def __init__(self, payload: Payload, environ: Mapping[str, str]) -> None:
        self._words = payload.argv or ("/bin/sh", "-c", payload.script)
        self._environ = {**environ, **dict(payload.env)}
        self._payload = payload
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._killed = False

    def to_the_end(self, seconds: float) -> Finished:
        ends = time.monotonic() + seconds
        with tempfile.TemporaryFile() as stdin:
            stdin.write(self._payload.stdin or b"")
            stdin.seek(0)
            with self._start(stdin.fileno()) as process, _Streams(process) as streams:
                try:
                    while not self._has_ended(process):
                        streams.take(min(_left(ends, seconds), _TURN))
                    while streams.take(0):
                        pass  # what it left in its pipes
                except BaseException:
                    self.kill()
                    raise
                return Finished(process.returncode, bytes(streams.out), bytes(streams.err))

    def kill(self) -> None:
        """End the whole process group; what has ended already is left in peace."""
        with self._lock:
            self._killed = True
            if self._process is not None:
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(self._process.pid, signal.SIGKILL)

    def _has_ended(self, process: subprocess.Popen[bytes]) -> bool:
        """Whether it has. From then on its number may belong to somebody else, so nobody kills it any more."""
        with self._lock:
            if process.poll() is None:
                return False
            self._process = None
            return True

    def _start(self, stdin: int) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._killed:
                raise TargetUnreachable("The command was ended before it started.")
            try:
                self._process = subprocess.Popen(
                    self._words,
                    bufsize=0,
                    stdin=stdin,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    env=self._environ,
                    cwd=self._payload.cwd or "/",
                    start_new_session=True,
                )
            except OSError as error:
                raise TargetUnreachable(f"The command could not be started: {error.strerror}.") from None
            return self._process


def _left(ends: float, seconds: float) -> float:
    left = ends - time.monotonic()
    if left <= 0:
        raise TargetUnreachable(f"The command took longer than {seconds:g} s and was killed.")
    return left


class _Streams:
    """Both streams of one command as they come, in memory and no more than LARGEST each."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.out, self.err = bytearray(), bytearray()
        self._open = selectors.DefaultSelector()
        for pipe, kept in ((process.stdout, self.out), (process.stderr, self.err)):
            assert pipe is not None
            self._open.register(pipe, selectors.EVENT_READ, kept)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def take(self, seconds: float) -> bool:
        """Wait so long for more, and keep it. Whether anything came. Raises TargetUnreachable when it is too much."""
        if not self._open.get_map():
            time.sleep(min(seconds, _SHORT_TURN))
            return False
        ready = self._open.select(seconds)
        for key, _ in ready:
            data = os.read(key.fd, _CHUNK)
            if not data:
                self._open.unregister(key.fileobj)
            key.data.extend(data)
            if len(key.data) > LARGEST:
                raise TargetUnreachable(f"The command writes too much, over {LARGEST >> 20} MiB, and was killed.")
        return bool(ready)
