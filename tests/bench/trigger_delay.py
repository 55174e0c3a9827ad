"""How soon a trigger fires in a real run: from the sample that completes its `for` to the recorded firing.

python -m tests.bench.trigger_delay

Twelve metrics are read each second from a database; each turns red at a moment of its own and stays so.
"""

from __future__ import annotations

import os
import sqlite3
import statistics
import tempfile
from pathlib import Path

from app.run.events import MetricRead, Recorded, TriggerFired
from app.session import Session
from tests.session.conversation import new_run, order, until, write

Row = tuple[str, str, str, str, str, bool]
METRICS, FOR_SECONDS = 12, 3
EVERY_MS, MORE_MS = 1000.0, 250.0


def measure() -> list[Row]:
    """One row: the worst of twelve firings."""
    with tempfile.TemporaryDirectory(prefix="tminus-bench-") as folder:
        session: Session = new_run(order(_book(Path(folder)), Path(folder) / "home"))
        try:
            until(session, lambda state: len(state.triggers) == METRICS, 60)
        finally:
            session.detach()
        with session.reader() as reader:
            late = _late(reader.after(0, limit=100_000))
    worst, limit = max(late), EVERY_MS + MORE_MS
    told = f"{len(late)} triggers of `for: {FOR_SECONDS}s` at 1 s, median {statistics.median(late):.1f} ms, "
    told += f"load {os.getloadavg()[0] / (os.cpu_count() or 1):.1f}"
    name = "trigger: from the sample that completes its `for`, worst"
    return [(name, f"{worst:.1f} ms", told, f"{worst / limit:.3f}", f"{limit:g} ms", worst <= limit)]


def _late(entries: tuple[Recorded, ...]) -> list[float]:
    """Milliseconds from the instant of the completing sample, as it was taken, to the recorded firing."""
    first: dict[str, int] = {}
    completed: dict[str, int] = {}
    late: list[float] = []
    for one in entries:
        match one.event:
            case MetricRead(metric=metric, value=value, taken_ns=taken) if value and float(value) > 5:
                start = first.setdefault(metric, taken)
                if taken - start >= FOR_SECONDS * 1_000_000_000:
                    completed.setdefault(metric, taken)
            case TriggerFired(metric=metric):
                late.append((one.mono_ns - completed[metric]) / 1e6)
            case _:
                pass
    assert len(late) == METRICS
    return late


def _book(folder: Path) -> Path:
    """m0 turns red about two seconds after the first reading, the others 70 ms after each other."""
    sqlite3.connect(folder / "numbers.db").close()
    metrics = "".join(
        f"  m{n}: {{sql: {{db: numbers, run: \"select case when julianday('now') * 86400.0 > "
        f'{{AT}} + {n} * 0.07 then 9 else 1 end as n"}}, value: row.n, every: 1s}}\n'
        for n in range(METRICS)
    )
    with sqlite3.connect(folder / "numbers.db") as db:
        (now,) = db.execute("select julianday('now') * 86400.0").fetchone()
    metrics = metrics.replace("{AT}", f"{now + 4:.3f}")
    triggers = "".join(f"  - {{id: t{n}, metric: m{n}, when: '> 5', for: {FOR_SECONDS}s}}\n" for n in range(METRICS))
    more = f"databases:\n  numbers: {{url: 'sqlite:///{folder}/numbers.db'}}\nmetrics:\n{metrics}triggers:\n{triggers}"
    return write(folder, "- {id: p, steps: [{id: look, check: {text: Look at them}}]}", more)


def main() -> None:
    for row in measure():
        print(*row, sep=" | ")


if __name__ == "__main__":
    main()
