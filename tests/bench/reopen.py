"""Speed of the record: reopening 101,000 entries, verifying a million, paging through them, and writing.

python -m tests.bench.reopen
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path

from app.journal.chain import verify
from app.journal.reader import EVERYTHING, Filter
from app.journal.store import create, open_for_driving, open_readonly
from app.run.events import ConsoleAttached, MetricRead, RunOpened
from app.run.evolve import fold, opened
from app.run.step_events import Event, OutputCaptured, StepStarted, StepSucceeded
from app.runbook.inputs import bind
from app.runbook.load import load_text
from app.runbook.order import Plan, lay_out
from app.steps import BUILT_IN

Row = tuple[str, str, str, str, str, bool]
"""name, measured, floor or peer, ratio, limit, within it."""

FILTERS = {
    "": EVERYTHING,
    " of a step": Filter(address="s1"),
    " of metrics": Filter(categories=("sample", "metric")),
}
STEPS = 500
CHUNKS = 200
BEGAN = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


class Watch:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def mono_ns(self) -> int:
        return time.monotonic_ns()

    def asleep_ns(self) -> int:
        return 0

    async def sleep(self, length: timedelta) -> None:
        raise AssertionError(length)


def measure() -> list[Row]:
    """All rows. Takes about a minute, most of it for writing a million entries."""
    with tempfile.TemporaryDirectory(prefix="tminus-bench-") as folder:
        return [*_reopening(Path(folder)), *_writing(Path(folder)), *_large(Path(folder))]


def main() -> None:
    for row in measure():
        print(" | ".join(map(str, row)))


# ---------------------------------------------------------------- 101,000 entries


def _reopening(folder: Path) -> list[Row]:
    text = _runbook()
    path = folder / "run.tminus"
    with create(path, "run", Watch()) as journal:
        journal.append(_opening(text))
        for number in range(STEPS):
            journal.append(_step(number))
    plan = _plan(text)

    def driving() -> None:
        with open_for_driving(path, Watch()) as again:
            rows = again.replay()
            state = fold(opened(next(rows), plan), rows)
            assert state.seq == again.seq == STEPS * (CHUNKS + 2) + 2

    def watching() -> None:
        with open_readonly(path) as reader:
            first, *rows = reader.replay()
            fold(opened(first, plan), rows)

    drive, watch, floor = _best(driving), _best(watching), _best(lambda: _hash_all(path))
    return [
        _row("reopen 101,000 entries to drive: verify, replay, fold", drive, ("hash them", floor), 1.0),
        _row("reopen 101,000 entries to watch: replay, fold", watch, ("hash them", floor), 1.0),
    ]


def _runbook() -> str:
    steps = [
        f"      - {{id: s{n}, owner: ann, local: {{script: 'true'}}, undo: {{none: nothing to undo}}}}\n"
        for n in range(STEPS)
    ]
    return "runbook: 1\nname: bench\nphases:\n  - id: p\n    title: P\n    steps:\n" + "".join(steps)


def _plan(text: str) -> Plan:
    kinds = {kind.name: kind for kind in BUILT_IN}
    loaded = load_text(text.encode(), "bench.yaml", kinds)
    assert loaded.runbook is not None, loaded.problems
    return lay_out(bind(loaded.runbook, None, {}, BEGAN), kinds)


def _opening(text: str) -> list[Event]:
    return [
        RunOpened("run", "bench", text, "bench.yaml", "d", "", (), BEGAN.isoformat(), "ann", "0"),
        ConsoleAttached("ann", "laptop", 1, "terminal", "0"),
    ]


def _step(number: int) -> list[Event]:
    address = f"s{number}"
    return [
        StepStarted(address, 1, f"run/{address}/1", "local", "true", "d"),
        *(OutputCaptured(address, 1, "out", n * 90, "QUJD" * 30, n * 90 + 90) for n in range(CHUNKS)),
        StepSucceeded(address, 1, "exit 0"),
    ]


def _hash_all(path: Path) -> None:
    head = b""
    with open_readonly(path) as reader:
        for (body,) in reader._db.execute("SELECT body FROM event ORDER BY seq"):
            head = sha256(head + body).digest()


# ---------------------------------------------------------------- writing


def _writing(folder: Path) -> list[Row]:
    rounds, group = 1000, _step(7)
    with create(folder / "single.tminus", "single", Watch()) as journal:
        single = _best(lambda: [journal.append(group[:1]) for _ in range(rounds)]) / rounds
        grouped = _best(lambda: [journal.append(group * 5) for _ in range(10)]) / (50 * len(group))
    return [
        _rate("append one entry, on the disk", single, 300),
        _rate("append entries in groups of 1,000", grouped, 20_000),
    ]


# ---------------------------------------------------------------- a million entries


def _large(folder: Path) -> list[Row]:
    path = folder / "large.tminus"
    chunk = [*_step(1), *(MetricRead("errors", n, "0.1") for n in range(48))] * 40
    with create(path, "large", Watch()) as journal:
        while journal.seq < 1_000_000:
            journal.append(chunk)
        count = journal.seq

    def whole() -> None:
        assert verify(path).ok

    took, floor = _best(whole, 2) * 1e6 / count, _best(lambda: _hash_all(path), 2) * 1e6 / count
    rows = [_row("verify a million entries", took, ("hash them", floor), 3.0)]
    with open_readonly(path) as reader:
        for name, which in FILTERS.items():
            page = _best(partial(reader.before, count // 2, which))
            rows.append(_row(f"page of 200{name} from the middle of a million", page, ("", 0), 0.05))
    return rows


# ---------------------------------------------------------------- rows


def _best(work: Callable[[], object], times: int = 3) -> float:
    """Seconds of the fastest round: what the work costs when nothing else wants the machine."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return min(took)


def _row(name: str, seconds: float, floor: tuple[str, float], limit: float) -> Row:
    ratio = f"{seconds / floor[1]:.1f}" if floor[1] else ""
    told = f"{floor[0]}: {floor[1]:.3f} s" if floor[1] else ""
    return name, f"{seconds:.3f} s", told, ratio, f"{limit:g} s", seconds <= limit


def _rate(name: str, seconds: float, least: int) -> Row:
    return name, f"{1 / seconds:,.0f}/s", "", "", f"at least {least:,}/s", 1 / seconds >= least


if __name__ == "__main__":
    main()
