"""Short commands that only look, attached to the console and ended with it: what metrics read every few seconds."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta

from app.connectors.own_thread import on_own_thread
from app.errors import TargetUnreachable
from app.metrics.kind import Finished
from app.ports import Payload

LARGEST = 1 << 20
"""Bytes that are read of each stream; a figure needs few."""


class LocalShortCommands:
    """`app.metrics.kind.ShortCommands` on this machine. `environ` is what every command inherits."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = dict(environ)

    async def run(self, payload: Payload, limit: timedelta) -> Finished:
        """See the port. Both streams go to files without a name, so that a child that lingers holds up nobody."""
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
        with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            stdin.write(self._payload.stdin or b"")
            stdin.seek(0)
            with self._start(stdin.fileno(), out.fileno(), err.fileno()) as process:
                try:
                    process.wait(seconds)
                except subprocess.TimeoutExpired:
                    self.kill()
                    raise TargetUnreachable(f"The command took longer than {seconds:g} s and was killed.") from None
                finally:
                    with self._lock:
                        self._process = None  # its number may belong to somebody else from here on
            out.seek(0)
            err.seek(0)
            return Finished(process.returncode, out.read(LARGEST), err.read(LARGEST))

    def kill(self) -> None:
        """End the whole process group; what has ended already is left in peace."""
        with self._lock:
            self._killed = True
            process = self._process
        if process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)

    def _start(self, stdin: int, out: int, err: int) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._killed:
                raise TargetUnreachable("The command was ended before it started.")
            try:
                self._process = subprocess.Popen(
                    self._words,
                    stdin=stdin,
                    stdout=out,
                    stderr=err,
                    env=self._environ,
                    cwd=self._payload.cwd or "/",
                    start_new_session=True,
                )
            except OSError as error:
                raise TargetUnreachable(f"The command could not be started: {error.strerror}.") from None
            return self._process
