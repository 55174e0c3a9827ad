"""One server for all workers of a test run: started by the first who asks, ended with the run.

A run has one folder, named in the environment so that its workers find it:

    <folder>/run.pid              the process that is the test run; the guards watch it
    <folder>/<server>.lock        held while somebody starts that server
    <folder>/<server>.json        {"url": ...} once it answers, {"error": ...} if it could not be started
    <folder>/<server>/            its data, its log, guard.pid
"""

import fcntl
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from tests.servers.guard import account, alive

_VARIABLE = "TMINUS_TEST_RUN_FOLDER"
SHARE: Final = pytest.StashKey["Share"]()
_ROOT = Path(__file__).resolve().parents[2]


class StartFailed(Exception):
    """An installed server could not be started. That is an error of the test, not a reason to leave it out."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to run one server: its short name, the user to run it as if we are root, and its quick stop signal.

    command: makes the data in the folder it is given and returns the command line and the URL of the server.
    answers: whether the server at that URL answers yet.
    """

    name: str
    users: tuple[str, ...]
    stop_signal: int
    command: Callable[[Path, str], tuple[list[str], str]]
    answers: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Share:
    """The servers of one test run, seen from any of its processes."""

    folder: Path

    @classmethod
    def open(cls) -> "Share":
        """Begin a test run. Call once, in the process that is the run; close it at the end."""
        # Short, because a unix socket's path has at most 107 bytes; open to pass, because servers do not run as root.
        folder = Path(tempfile.mkdtemp(prefix="tminus-tests-"))
        folder.chmod(0o711)
        (folder / "run.pid").write_text(str(os.getpid()))
        os.environ[_VARIABLE] = str(folder)
        return cls(folder)

    @classmethod
    def join(cls) -> "Share":
        """The test run that this worker belongs to."""
        return cls(Path(os.environ[_VARIABLE]))

    def server(self, recipe: Recipe) -> str:
        """The URL of a running server, started now if nobody did before. Raises StartFailed."""
        said = self.folder / f"{recipe.name}.json"
        with _locked(self.folder / f"{recipe.name}.lock"):
            if not said.exists():
                said.write_text(json.dumps(self._start(recipe)))
        answer: dict[str, str] = json.loads(said.read_text())
        if "error" in answer:
            raise StartFailed(answer["error"])
        return answer["url"]

    def close(self) -> None:
        """End every server of the run and remove what it left. Returns when all are gone."""
        guards = [int(file.read_text()) for file in self.folder.glob("*/guard.pid")]
        for pid in filter(alive, guards):
            os.kill(pid, signal.SIGTERM)
        _wait_until(lambda: not any(map(alive, guards)), seconds=20)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self, recipe: Recipe) -> dict[str, str]:
        user = next(filter(_exists, recipe.users)) if os.geteuid() == 0 else "-"
        error = ""
        for attempt in range(3):  # a free port may be taken before the server binds it
            folder = self.folder / (recipe.name if not attempt else f"{recipe.name}-{attempt}")
            try:
                return {"url": self._start_once(recipe, folder, user)}
            except StartFailed as failed:
                error = str(failed)
        return {"error": error}

    def _start_once(self, recipe: Recipe, folder: Path, user: str) -> str:
        folder.mkdir(mode=0o700)
        if user != "-":
            shutil.chown(folder, user)
        command, url = recipe.command(folder, user)
        run_pid = (self.folder / "run.pid").read_text()
        guard = [sys.executable, "-m", "tests.servers.guard", run_pid, str(folder), str(recipe.stop_signal), user]
        with (folder / "server.log").open("ab") as out:  # our own output would stay open as long as the server lives
            subprocess.run([*guard, *command], cwd=_ROOT, check=True, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        if not _wait_until(lambda: recipe.answers(url) or _ended(folder), seconds=60) or _ended(folder):
            log = (folder / "server.log").read_text(errors="replace")
            raise StartFailed(f"{recipe.name} did not start: {log[-1500:]}")
        return url


def run_as(user: str, command: list[str], folder: Path) -> None:
    """Run a set-up command to its end as `user` (`-`: as ourselves). Raises StartFailed with what it said."""
    name, group, others = account(user)
    done = subprocess.run(
        command,
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
        errors="replace",
        umask=0o077,
        user=name,
        group=group,
        extra_groups=others,
    )
    if done.returncode:
        raise StartFailed(f"{command[0]} ended with {done.returncode}: {(done.stdout + done.stderr)[-1500:]}")


def _ended(folder: Path) -> bool:
    pid = folder / "guard.pid"
    return pid.exists() and pid.read_text().isdigit() and not alive(int(pid.read_text()))


def _exists(user: str) -> bool:
    return any(entry.pw_name == user for entry in pwd.getpwall())


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    with file.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _wait_until(holds: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
