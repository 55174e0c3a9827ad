"""Servers behind a wall: one in a mount namespace of its own sees other files than everybody else. Root only."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from tests.lab import sshd
from tests.lab.sshd import Lab
from tests.servers.absent import not_run
from tests.servers.share import Recipe

WHY = "walls around a server need root and unshare, to mount what only the server sees"


def walled(recipe: Recipe, name: str, setup: str) -> Recipe:
    """The same server after this piece of shell, which may mount whatever it likes. `$1` is the server's folder."""

    def command(folder: Path, user: str) -> tuple[list[str], str]:
        line, url = recipe.command(folder, user)
        wall = ["unshare", "--mount", "--propagation", "private", "/bin/sh", "-c"]
        return [*wall, f'set -e\n{setup}\nshift; exec "$@"', "sh", str(folder), *line], url

    return replace(recipe, name=name, command=command)


def must_be_root() -> None:
    """Else the test says NOT RUN."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        not_run(WHY)
    if subprocess.run(["unshare", "--mount", "true"], check=False, capture_output=True).returncode:
        not_run(WHY)


class Mortal:
    """An sshd of a test's own: killed with all its sessions, started again at the same port."""

    def __init__(self, folder: Path) -> None:
        found = sshd.binary()
        if found is None:
            not_run(sshd.MISSING)
        folder.mkdir(mode=0o700)
        self._recipe = sshd.recipe(found)
        self._line, url = self._recipe.command(folder, "-")
        self.lab: Lab = sshd.lab_at(url)
        self._url = url
        self.start()

    def start(self) -> None:
        """Returns once it answers."""
        with (self.lab.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(self._line, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + 30
        while not self._recipe.answers(self._url):
            assert time.monotonic() < deadline and self._process.poll() is None, "sshd does not start"
            time.sleep(0.02)

    def kill(self) -> int:
        """`kill -9` of the daemon and of every session; how many those were. What they started goes on."""
        mine = _sshds_below(self._process.pid)
        for pid in mine:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait(20)
        return len(mine)


@contextmanager
def mortal_sshd(folder: Path) -> Iterator[Mortal]:
    """Gone at the end."""
    made = Mortal(folder)
    try:
        yield made
    finally:
        made.kill()


def _sshds_below(pid: int) -> list[int]:
    """This process and its descendants, as long as they are sshd: commands and their shells are not."""
    found, todo = [], [pid]
    while todo:
        one = todo.pop()
        with suppress(OSError):
            if (Path(f"/proc/{one}") / "comm").read_text().startswith("sshd"):
                found.append(one)
                todo += map(int, Path(f"/proc/{one}/task/{one}/children").read_text().split())
    return found
