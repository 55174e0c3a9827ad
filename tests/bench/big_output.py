"""Fifty megabytes that a step on a host prints, through the whole engine into the record, and read back byte for byte.

What is timed runs from the recorded start of the step to its recorded end: the far side writes the bytes to its disk,
they cross the link, are redacted with five secrets in mind, and stand in the record, hashed and on the disk.
"""

from __future__ import annotations

import base64
import hashlib
import os
import tempfile
import time
from pathlib import Path

from app.journal.chain import verify
from app.journal.reader import Filter
from app.run.events import OutputCaptured
from app.session import Session
from tests.lab import books
from tests.lab.sshd import Lab
from tests.session.conversation import new_run, order, stage_is, until, write

Row = tuple[str, str, str, str, str, bool]
SIZE = 50_000_000
LEAST = 20e6
SECRETS = 5
_LINE = "{n:08d} \x1b[32mok\x1b[0m copied 4,096 rows of orders to the new side, checksum {n:016x}\n"


def measure(lab: Lab) -> list[Row]:
    """One row: bytes a second, and whether the record holds exactly what was printed."""
    with tempfile.TemporaryDirectory(prefix="tminus-bench-") as folder:
        text = "".join(_LINE.format(n=n) for n in range(SIZE // 60)).encode()[:SIZE]
        (Path(folder) / "big").write_bytes(text)
        floor = _floor(Path(folder))
        seconds, intact = _through(lab, Path(folder), hashlib.sha256(text).hexdigest())
    rate = SIZE / seconds
    return [
        (
            "50 MB of output of a host, into the record",
            f"{rate / 1e6:.0f} MB/s, {'intact' if intact else 'NOT INTACT'}",
            f"copied and fsynced: {SIZE / floor / 1e6:.0f} MB/s",
            f"{seconds / floor:.1f}",
            f"at least {LEAST / 1e6:g} MB/s",
            intact and rate >= LEAST,
        )
    ]


def _floor(folder: Path) -> float:
    """Seconds to copy the same bytes to the disk."""
    began = time.perf_counter()
    with (folder / "big").open("rb") as source, (folder / "copy").open("wb") as copy:
        while piece := source.read(1 << 20):
            copy.write(piece)
        copy.flush()
        os.fsync(copy.fileno())
    return time.perf_counter() - began


def _through(lab: Lab, folder: Path, wanted: str) -> tuple[float, bool]:
    names = [f"TMINUS_BENCH_SECRET_{n}" for n in range(SECRETS)]
    secrets = "secrets:\n" + "".join(f"  s{n}: {{from: env, name: {name}}}\n" for n, name in enumerate(names))
    phases = f"- {{id: p, steps: [{{id: big, changes: nothing, host: {{name: web1, argv: [cat, '{folder}/big']}}}}]}}"
    path = write(folder, phases, books.hosts(lab) + secrets)
    os.environ |= {name: f"correct-horse-{n}-battery" for n, name in enumerate(names)}
    session: Session = new_run(order(path, books.home_for(lab, folder)))
    try:
        attempt = until(session, stage_is("finished"), 120).step("big").attempts[0]
    finally:
        session.detach()
        for name in names:
            del os.environ[name]
    assert attempt.ended is not None
    return (attempt.ended.mono_ns - attempt.began.mono_ns) / 1e9, _printed(session) == wanted and verify(
        session.path
    ).ok


def _printed(session: Session) -> str:
    """Hash of everything that the record holds of its output."""
    found, at = hashlib.sha256(), 0
    with session.reader() as reader:
        seq = 0
        while page := reader.after(seq, Filter(address="big", categories=("output",)), 50):
            for one in page:
                assert isinstance(one.event, OutputCaptured)
                data = base64.b64decode(one.event.data)
                assert one.event.offset == at
                found.update(data)
                at += len(data)
            seq = page[-1].seq
    return found.hexdigest()
