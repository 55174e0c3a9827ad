"""What a local step costs through the whole engine (intent, launch, output, outcome, fsyncs) above the bare command."""

from __future__ import annotations

import itertools
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from app.connectors import detached
from app.ports import Limits, Payload
from app.run.state import RunState
from app.session import Session
from tests.session.conversation import new_run, order, stage_is, until, write

Row = tuple[str, str, str, str, str, bool]
STEPS, TURNS = 12, 12
ALLOWED_MS = 15.0


def measure() -> list[Row]:
    """One row: the median of steps in runs of their own against bare detached commands.

    In short turns, so that a busy moment of the machine hits both.
    """
    bare, through = [], []
    for _ in range(TURNS):
        with tempfile.TemporaryDirectory() as folder:
            bare += [_bare(Path(folder), number) for number in range(STEPS)]
            through += _run(Path(folder))
    alone, around = statistics.median(bare) * 1000, statistics.median(through) * 1000
    added, plain = around - alone, statistics.median(_plain() for _ in range(TURNS)) * 1000
    return [
        (
            "engine overhead of a local step",
            f"+{added:.1f} ms",
            f"bare detached command: {alone:.1f} ms (`true`, not detached: {plain:.1f} ms)",
            f"{around / alone:.1f}",
            f"+{ALLOWED_MS:g} ms",
            added <= ALLOWED_MS,
        )
    ]


def _plain() -> float:
    began = time.perf_counter()
    subprocess.run(["/bin/sh", "-c", "true"], capture_output=True, check=True)
    return time.perf_counter() - began


def _bare(home: Path, number: int) -> float:
    ticket = f"bare/{number}"
    request = detached.FarSide(str(home)).request(detached.launch(ticket, Payload(argv=("true",)), Limits()))
    over = home / detached.folder_name(ticket) / "eof"
    began = time.perf_counter()
    subprocess.run(["/bin/sh", "-s"], input=request, capture_output=True, check=True)
    while not over.exists():
        time.sleep(0.0005)
    return time.perf_counter() - began


def _run(folder: Path) -> list[float]:
    steps = "".join(f"    - {{id: s{n}, local: {{argv: ['true']}}, changes: nothing}}\n" for n in range(STEPS))
    session: Session = new_run(order(write(folder, f"- id: p\n  steps:\n{steps}"), folder / "home"))
    try:
        state: RunState = until(session, stage_is("finished"), 60)
    finally:
        session.detach()
    begans = [state.step(f"s{n}").attempts[0].began.mono_ns for n in range(STEPS)]
    return [(after - before) / 1e9 for before, after in itertools.pairwise(begans)]


def main() -> None:
    for row in measure():
        print(*row, sep=" | ")


if __name__ == "__main__":
    main()
