"""One demo from the outside: build the estate, open the shop, hand over what the runbook needs; later, end it."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from app.demo.answers import ANSWERS
from app.demo.estate import ORDERS, create
from app.demo.incidents import incident_of
from app.demo.layout import RUNBOOK, Layout
from app.errors import Refused
from app.shipped import runbooks_dir

_PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class DemoRun:
    """What to open: the shipped runbook, its parameters, and an answer for each question it asks (address -> value)."""

    folder: Path
    runbook: Path
    params: Mapping[str, str]
    answers: Mapping[str, str]
    incident: str


def prepare(folder: Path, incident: str = "", orders: int = ORDERS) -> DemoRun:
    """Creates an estate in an empty or absent folder and opens its shop in the background. About 2 s.

    incident: a name from `incidents`, or "" for a calm day. Raises Refused when there is no such incident, when the
    folder already holds an estate, or when the shop does not open.
    """
    try:
        incident_of(incident)
        layout = create(folder, incident, orders)
    except KeyError:
        raise Refused(f"there is no incident called {incident}", hint="`tminus demo --help` lists them.") from None
    except FileExistsError as trouble:
        raise Refused(str(trouble), hint="Name another folder, or remove this one.") from None
    port = open_shop(layout)
    params = {"estate": str(layout.folder), "port": str(port)}
    return DemoRun(layout.folder, runbooks_dir() / RUNBOOK, params, ANSWERS, incident)


def open_shop(layout: Layout) -> int:
    """Starts the shop unless it runs; the loopback port on which it answers."""
    command = [sys.executable, "-m", "app.demo.application", str(layout.folder), "--console", str(os.getpid())]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    ended = subprocess.run(command, env=environment, check=False, timeout=30, stdin=subprocess.DEVNULL)
    if ended.returncode:
        raise Refused("the demo's shop did not open", where=str(layout.folder), hint=f"Read {layout.log}.")
    return int(layout.port.read_text(encoding="utf-8"))


def stop(folder: Path) -> None:
    """Ends the shop of this folder and returns when it is gone; nothing happens when none runs."""
    layout = Layout(folder)
    if not layout.folder.is_dir():
        return
    layout.stop.touch()
    if not _gone(layout):
        _end(layout, signal.SIGTERM)
    if not _gone(layout):
        _end(layout, signal.SIGKILL)


def runs(folder: Path) -> bool:
    """Whether the shop of this folder runs. Its lock says so, whatever its process id is."""
    layout = Layout(folder)
    try:
        with layout.running.open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return False
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True


def _gone(layout: Layout) -> bool:
    deadline = time.monotonic() + _PATIENCE
    while runs(layout.folder):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _end(layout: Layout, how: Literal[signal.Signals.SIGTERM, signal.Signals.SIGKILL]) -> None:
    """The process that holds the lock wrote its number into it, so no other process can be meant."""
    os.kill(int(layout.running.read_text(encoding="utf-8")), how)
