"""Looks at every process of the machine while something runs: no secret in an argument or a stranger's environ."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.canary.forms import Nose

_PAUSE = 0.1


class Watcher:
    """A thread that reads /proc and some folders again and again. `found`: what it saw that must not be.

    A command of a step may have the secrets that the runbook gives it in its environ: it is known by its ticket. The
    console may have those that the operator gave it: `console` are their names.
    """

    def __init__(self, nose: Nose, console: frozenset[str], transient: Callable[[], list[str]]) -> None:
        self.found: set[str] = set()
        self.processes = 0
        self.commands = 0
        self._nose, self._console, self._transient = nose, console, transient
        self._seen: set[tuple[str, bytes]] = set()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watcher", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.set()
        self._thread.join(60)

    def _run(self) -> None:
        own = os.getpid()
        while not self._ending.wait(_PAUSE):
            for entry in Path("/proc").iterdir():
                if entry.name.isdigit() and int(entry.name) != own:
                    self._look(entry)
            self.found |= set(self._transient())

    def _look(self, process: Path) -> None:
        words = _read(process / "cmdline")
        if (process.name, words) in self._seen:
            return
        self._seen.add((process.name, words))
        environ = _read(process / "environ")
        self.processes += bool(words)
        self.found |= {f"{name} in the arguments of {words[:80]!r}" for name in self._nose.names_in(words)}
        names = set(self._nose.names_in(environ))
        if b"TMINUS_TICKET=" in environ:
            self.commands += bool(names)
            names &= self._console - {"env"}
        elif b"TMINUS_LOUD=" in environ:
            names -= self._console
        self.found |= {f"{name} in the environ of {words[:80]!r}" for name in names}


def _read(file: Path) -> bytes:
    with suppress(OSError):  # it ended while we looked
        return file.read_bytes()
    return b""
