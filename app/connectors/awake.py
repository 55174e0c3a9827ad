"""Keeps this machine from falling asleep by itself: logind on Linux, caffeinate on macOS, its own way on Windows.

Where a program does it, that program runs `cat` on a pipe of ours and says one word once it holds the lock. So the lock
is known to be held, and it ends with this process, however this process ends. Closing the lid of a laptop is covered
where the system lets a user cover it.
"""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from app.errors import Refused

PATIENCE = 3.0
"""Seconds that a program may take to say that it holds the lock."""

_HELD = b"held\n"
_CAT = ("sh", "-c", "echo held; exec cat >/dev/null")
_LOGIND = ("--who=Tminus", "--why=A run is live", "--mode=block")
_CANDIDATES: dict[str, tuple[tuple[str, ...], ...]] = {
    "linux": (
        ("systemd-inhibit", "--what=sleep:idle:handle-lid-switch", *_LOGIND),
        ("systemd-inhibit", "--what=sleep:idle", *_LOGIND),
        ("elogind-inhibit", "--what=sleep:idle", *_LOGIND),
    ),
    "darwin": (("caffeinate", "-i", "-s"),),
}
_NEEDED, _NEEDED_OF = frozenset({"PATH", "HOME"}), ("DBUS_", "XDG_")
_ES_CONTINUOUS, _ES_SYSTEM_REQUIRED = 0x80000000, 0x00000001


@dataclass(slots=True)
class Awake:
    """What keeps this machine awake: `how`, and how that ends. Ended twice is ended once."""

    how: str
    _end: Callable[[], None]
    _holds: Callable[[], bool] = field(default=lambda: True)

    @property
    def holds(self) -> bool:
        """Whether it still does."""
        return self._holds()

    def end(self) -> None:
        """Let the machine sleep again. Blocks for a moment."""
        self._end()


def stay_awake(platform: str = sys.platform, ways: Sequence[tuple[str, ...]] | None = None) -> Awake:
    """Keep it awake from now on. Blocks for PATIENCE at most; on Windows call it and `end` on one thread that lives on.

    ways: programs to try with their arguments, in order; None: those of the platform. Raises Refused, naming what was
    tried and what it said.
    """
    if platform == "win32" and ways is None:
        return _execution_state()
    told = []
    for words in _CANDIDATES.get(platform, ()) if ways is None else ways:
        if shutil.which(words[0]) is None:
            told.append(f"{words[0]} is not installed")
            continue
        found = _held_by(words)
        if isinstance(found, Awake):
            return found
        told.append(f"{words[0]} said {found!r}")
    why = "; ".join(dict.fromkeys(told)) or f"nothing is known for {platform}"
    raise Refused(f"Nothing keeps this machine awake: {why}.", hint="Switch its sleep off by hand for this run.")


def _held_by(words: tuple[str, ...]) -> Awake | str:
    """The lock, or what the program said instead."""
    process = subprocess.Popen(
        [*words, *_CAT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=_surroundings(os.environ),
        start_new_session=True,  # ^C in the console's terminal is not meant for it
    )
    assert process.stdout is not None
    ready = select.select([process.stdout], [], [], PATIENCE)[0]
    said = process.stdout.readline() if ready else b""
    if said == _HELD:
        return Awake(words[0], lambda: _close(process), lambda: process.poll() is None)
    _close(process)
    return said.decode("utf-8", "replace").strip()[:200] or "nothing"


def _surroundings(of: Mapping[str, str]) -> dict[str, str]:
    """What such a program needs to find the system; everything else may be a secret that is none of its business."""
    return {name: value for name, value in of.items() if name in _NEEDED or name.startswith(_NEEDED_OF)}


def _close(process: subprocess.Popen[bytes]) -> None:
    """The pipe's end is its end; one that does not take the hint is killed."""
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _execution_state() -> Awake:
    """Windows: the state belongs to the thread that asks for it."""
    import ctypes

    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009 - it exists on Windows only, and mypy runs elsewhere
    if not kernel.SetThreadExecutionState(_ES_CONTINUOUS | _ES_SYSTEM_REQUIRED):
        raise Refused("Windows did not agree to stay awake.", hint="Switch its sleep off by hand for this run.")
    return Awake("the execution state of Windows", lambda: kernel.SetThreadExecutionState(_ES_CONTINUOUS))
