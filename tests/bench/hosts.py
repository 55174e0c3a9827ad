"""A warm step on a host beside plain OpenSSH with a kept-open master connection, near and 100 ms of round trip away.

What both cost near is taken off what they cost far away: what is left, in round trips, is how often each waits for the
other end. The figures near are told too: ours launches a supervisor that outlives the link, keeps its output and is
asked for its end, plain `ssh host true` does none of that.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from tests.bench.test_hosts import ROUND_TRIP, ours, theirs
from tests.lab.line import Line
from tests.lab.sshd import Lab

Row = tuple[str, str, str, str, str, bool]
MOST_TRIPS = 2.0


def measure(lab: Lab) -> list[Row]:
    """One row: how many round trips more."""
    line = Line(("127.0.0.1", lab.port))
    try:
        with tempfile.TemporaryDirectory(prefix="tminus-bench-") as folder:
            near = asyncio.run(ours(lab, line, Path(folder))), theirs(lab, line, Path(folder))
            line.delay = ROUND_TRIP / 2
            far = asyncio.run(ours(lab, line, Path(folder))), theirs(lab, line, Path(folder))
    finally:
        line.close()
    trips = [(slow - quick) / ROUND_TRIP for quick, slow in zip(near, far, strict=True)]
    more = trips[0] - trips[1]
    told = f"OpenSSH: {trips[1]:.1f}; at {ROUND_TRIP * 1000:.0f} ms a round trip {far[0] * 1000:.0f} and "
    told += f"{far[1] * 1000:.0f} ms, near {near[0] * 1000:.0f} and {near[1] * 1000:.0f} ms"
    name = "warm step on a host: round trips more than OpenSSH with a master"
    return [(name, f"{more:+.1f} ({trips[0]:.1f})", told, f"{far[0] / far[1]:.2f}", "+2", more <= MOST_TRIPS)]
