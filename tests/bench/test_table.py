"""`make bench`: every claim about speed measured in one run, as a ratio against a floor or a peer, and written down."""

from __future__ import annotations

import importlib
import os
import platform
from datetime import UTC, datetime
from pathlib import Path

import pytest

MODULES = ("engine_step", "reopen", "triggers", "first_paint", "ui_stall")
"""Each has `measure() -> list[(name, measured, floor or peer, ratio, limit, holds)]`."""

HEAD = """# How fast it is

Written by `make bench`; every row was measured in one run on one machine, beside its floor or peer. Ratios hold across
machines, absolute figures do not.

Measured {when} on {where}, {cores} cores, load {load:.1f} at the start.

| what | measured | floor or peer | ratio | limit | |
| --- | --- | --- | --- | --- | --- |
"""


@pytest.mark.bench
@pytest.mark.timeout(1800)
def test_every_claim_about_speed_holds() -> None:
    when = datetime.now(UTC)
    load = os.getloadavg()[0]
    rows = []
    for name in MODULES:
        rows += importlib.import_module(f"tests.bench.{name}").measure()
    head = HEAD.format(when=f"{when:%Y-%m-%d}", where=platform.platform(), cores=os.cpu_count(), load=load)
    lines = [f"| {' | '.join(row[:5])} | {'holds' if row[5] else 'MISSED'} |" for row in rows]
    (Path(__file__).parent / "README.md").write_text(head + "\n".join(lines) + "\n", encoding="utf-8")
    missed = [row[0] for row in rows if not row[5]]
    print(f"\n{head}" + "\n".join(lines))
    assert not missed, f"missed: {missed}"
