"""Run one server until the test run that wants it is over, then end it and remove what it left.

Started as `python -m tests.servers.guard RUN_PID FOLDER SIGNAL USER COMMAND...`; returns at once and goes on in the
background, its own pid in FOLDER/guard.pid. It ends the server when it is told to (SIGTERM), when process RUN_PID is
gone (a killed test run leaves no server behind), or when the server ends by itself. SIGNAL is the number that stops
the server quickly; its data is not needed again. USER is a name to run it as, `-` for the caller.
"""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType
from typing import NoReturn

_CHECK_EVERY = 0.5  # seconds between looks at the test run
_STOP_WITHIN = 10.0  # seconds a server gets before it is killed


def alive(pid: int) -> bool:
    """Whether a process of this number exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def account(user: str) -> tuple[str | None, int | None, list[int] | None]:
    """What subprocess wants to hear to run something as `user`: name, group, further groups. All None for `-`."""
    if user == "-":
        return None, None, None
    return user, pwd.getpwnam(user).pw_gid, []


def _main(run_pid: int, folder: Path, stop_signal: int, user: str, command: list[str]) -> None:
    signal.signal(signal.SIGTERM, _leave)
    name, group, others = account(user)
    with (folder / "server.log").open("ab") as log:
        server = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder,
            umask=0o077,
            user=name,
            group=group,
            extra_groups=others,
        )
    (folder / "guard.pid").write_text(str(os.getpid()))
    try:
        while server.poll() is None and alive(run_pid):
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(_CHECK_EVERY)
    finally:
        _stop(server, stop_signal)
        if not alive(run_pid):  # else the run reads the log and removes the folder itself
            shutil.rmtree(folder.parent, ignore_errors=True)


def _leave(_signal: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(0)


def _stop(server: subprocess.Popen[bytes], stop_signal: int) -> None:
    if server.poll() is None:
        server.send_signal(stop_signal)
    try:
        server.wait(_STOP_WITHIN)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


if __name__ == "__main__":
    if os.fork():
        os._exit(0)  # the caller goes on; the guard belongs to nobody but itself
    os.setsid()
    _main(int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4], sys.argv[5:])
