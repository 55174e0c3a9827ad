"""The real command line in a process of its own, on small runbooks, with and without a terminal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.session import watch

ROOT = Path(__file__).resolve().parents[2]
DEADLINE = 30.0
_HEARS = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
"""As in a terminal: a shell that puts the tests into the background has them, and all they start, ignore Ctrl-C."""
_CODE = f"{_HEARS}; from app.cli.main import main; main()"


@dataclass(frozen=True)
class Ran:
    """What a finished command left."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass(frozen=True)
class Cli:
    """The command line with a home folder of its own; `folder` is for the runbook and what it works on."""

    home: Path
    folder: Path

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-c", _CODE, *words]

    def env(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("TMINUS_")}
        return kept | {"TMINUS_HOME": str(self.home), "USER": "ana", "LOGNAME": "ana", "PYTHONPATH": str(ROOT)}

    def __call__(self, *words: str, typed: str | None = None) -> Ran:
        ran = subprocess.run(
            self.command(*words),
            env=self.env(),
            cwd=self.folder,
            capture_output=True,
            text=True,
            input=typed,
            stdin=subprocess.DEVNULL if typed is None else None,
            timeout=60,
            check=False,
        )
        return Ran(ran.returncode, ran.stdout, ran.stderr)

    def start(self, *words: str) -> subprocess.Popen[str]:
        """In the background, in a session of its own: nobody is there to be asked."""
        return subprocess.Popen(
            self.command(*words),
            env=self.env(),
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def book(self, phases: str, more: str = "") -> str:
        """A runbook file around these phases; FOLDER stands for this folder. Its path."""
        body = textwrap.indent(textwrap.dedent(phases), "  ").replace("FOLDER", str(self.folder))
        head = textwrap.dedent(more).replace("FOLDER", str(self.folder))
        path = self.folder / "book.yaml"
        path.write_text(f"runbook: 1\nname: small\n{head}\nphases:\n{body}", encoding="utf-8")
        return str(path)

    def account(self, run: str) -> list[tuple[str, int, str, str]]:
        """What became of every attempt, from the record; `tminus account` says the same."""
        look = watch(self.home, run)
        try:
            return [(x.step, x.attempt, x.kind, x.state) for x in look.account()]
        finally:
            look.close()

    def only_run(self) -> str:
        (path,) = (self.home / "runs").glob("*.tminus")
        return path.stem


def until(so: Callable[[], object], what: str = "", seconds: float = DEADLINE) -> None:
    """Wait until it is so, with a deadline."""
    deadline = time.monotonic() + seconds
    while not so():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.02)


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def ended(process: subprocess.Popen[str]) -> Ran:
    out, _ = process.communicate(timeout=60)
    return Ran(process.returncode, out, "")


def kill_if_alive(processes: list[subprocess.Popen[str]]) -> Iterator[None]:
    yield
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.communicate()
