"""What this machine has: libraries of the window, a display, the room for records. Looks without importing Qt."""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

Word = Literal["ok", "note", "missing"]

LIBRARIES: dict[str, str] = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libdbus-1.so.3": "libdbus-1-3",
}
X_LIBRARIES: dict[str, str] = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
"""Shared libraries of the window, and the Debian packages that hold them."""

_NEEDED = (
    "apsw",
    "cryptography",
    "httpx",
    "keyring",
    "psycopg",
    "pydantic",
    "PyMySQL",
    "PyYAML",
    "SQLAlchemy",
    "typer",
)
_SQLITE = (3, 51, 3)
_ROOM = 64 << 20


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `mend` is what a person types, "" when nothing is wrong; "note" stops nothing."""

    subject: str
    word: Word
    detail: str
    mend: str = ""


def has_display() -> bool:
    """Whether a window has somewhere to go."""
    if sys.platform != "linux":
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")) or _is_offscreen()


def _is_offscreen() -> bool:
    return os.environ.get("QT_QPA_PLATFORM", "") in {"offscreen", "minimal", "vnc"}


def missing_for_window() -> tuple[str, ...]:
    """Debian packages whose libraries the window needs and the loader does not find."""
    if sys.platform != "linux":
        return ()
    wanted = LIBRARIES if os.environ.get("WAYLAND_DISPLAY") or _is_offscreen() else LIBRARIES | X_LIBRARIES
    return tuple(package for library, package in wanted.items() if not _loads(library))


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def python() -> Finding:
    """The interpreter."""
    here = ".".join(map(str, sys.version_info[:3]))
    if (3, 11) <= sys.version_info[:2] <= (3, 13):
        return Finding("python", "ok", here)
    return Finding("python", "missing", f"{here}; Tminus runs on 3.11 to 3.13", "PYTHON=/path/to/python3.13 make demo")


def packages() -> Finding:
    """The Python packages that running a runbook needs."""
    absent = [name for name in _NEEDED if not _installed(name)]
    if absent:
        return Finding("packages", "missing", ", ".join(absent), "make env")
    return Finding("packages", "ok", f"{len(_NEEDED)} of {len(_NEEDED)}")


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def sqlite() -> Finding:
    """The SQLite that keeps the records."""
    import apsw

    here = apsw.sqlite_lib_version()
    if tuple(int(part) for part in here.split(".")[:3]) >= _SQLITE:
        return Finding("sqlite", "ok", f"{here} (bundled)")
    wanted = ".".join(map(str, _SQLITE))
    return Finding("sqlite", "missing", f"{here}; records need {wanted} or newer", f"pip install 'apsw>={wanted}'")


def window() -> tuple[Finding, ...]:
    """Qt and its libraries, and somewhere to show a window."""
    qt = _installed("PySide6-Essentials")
    found = [
        Finding("qt", "ok", qt) if qt else Finding("qt", "missing", "PySide6-Essentials is not installed", "make env")
    ]
    absent = missing_for_window()
    sudo = "" if _is_root() else "sudo "
    line = f"{sudo}apt-get install -y --no-install-recommends {' '.join(absent)}"
    libraries = Finding("qt libraries", "missing", ", ".join(absent), line) if absent else None
    found.append(libraries or Finding("qt libraries", "ok", "all there"))
    if has_display():
        found.append(
            Finding("display", "ok", os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY") or "there")
        )
    else:
        found.append(Finding("display", "note", "none; the window needs one", "tminus demo --headless"))
    return tuple(found)


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def keyring_of_the_desktop() -> Finding:
    """Whether secrets can come `from: keyring`. Writes, reads and deletes a test entry."""
    import asyncio
    from datetime import timedelta

    from app.connectors.keyring import Keyring
    from app.errors import TminusError

    try:
        name = asyncio.run(Keyring(limit=timedelta(seconds=5)).test())
    except TminusError as error:
        return Finding("keyring", "note", error.what, error.hint)
    return Finding("keyring", "ok", name)


def records(folder: Path) -> Finding:
    """The folder of the records: its file system, its rights, its room."""
    from app.journal.disk import is_shared, kind_of

    there = next(path for path in (folder, *folder.parents) if path.exists())
    if is_shared(there):
        kind = kind_of(there)
        return Finding(
            "records", "missing", f"{folder} is on a network file system ({kind})", "export TMINUS_HOME=/a/local/disk"
        )
    if not os.access(there, os.W_OK | os.X_OK):
        return Finding("records", "missing", f"{there} cannot be written", "export TMINUS_HOME=/a/folder/of/yours")
    free = shutil.disk_usage(there).free
    if free < _ROOM:
        return Finding("records", "missing", f"only {free >> 20} MiB are free in {there}", f"df -h {there}")
    return Finding("records", "ok", f"{folder}, {free >> 30} GiB free")


def shell() -> Finding:
    """The shell that local commands run under."""
    found = shutil.which("sh")
    return (
        Finding("shell", "ok", found)
        if found
        else Finding("shell", "missing", "there is no sh on the PATH", "echo $PATH")
    )
