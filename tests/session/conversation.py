"""Driving real runs in tests: a runbook file, the real engine, real targets, and waiting with a deadline."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Callable
from pathlib import Path

from app.run import requests as r
from app.run.state import RunState
from app.session import RunOrder, Session, new_run

DEADLINE = 10.0


def write(folder: Path, phases: str, more: str = "") -> Path:
    """A runbook file around these phases."""
    path = folder / "book.yaml"
    body = textwrap.indent(textwrap.dedent(phases), "  ")
    path.write_text(f"runbook: 1\nname: real\n{textwrap.dedent(more)}\nphases:\n{body}", encoding="utf-8")
    return path


def order(path: Path, home: Path, **more: object) -> RunOrder:
    """A run of that file by ana."""
    return RunOrder(path, home, "ana", **more)  # type: ignore[arg-type]  # a test gives what it means


def until(session: Session, so: Callable[[RunState], bool], seconds: float = DEADLINE) -> RunState:
    """Wait until the state is so. Fails with where it stands."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if session.ended and session.trouble is not None:
            raise session.trouble
        if so(session.state):
            return session.state
        time.sleep(0.005)
    standing = {a: f"{s.status.value} {s.reason}" for a, s in session.state.steps.items()}
    raise AssertionError(f"not within {seconds} s: {session.state.stage} {standing}")


def stage_is(word: str) -> Callable[[RunState], bool]:
    """Whether the run stands there."""
    return lambda state: state.stage.value == word


__all__ = ["RunOrder", "new_run", "order", "r", "stage_is", "until", "write"]
