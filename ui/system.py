"""What the window needs from the system: found out before Qt is loaded, because Qt ends the process without a word."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Mapping

_ALWAYS = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libdbus-1.so.3": "libdbus-1-3",
}
_X11 = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}


def missing(environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Debian packages whose libraries are not there; empty where nothing is missing, and on other systems."""
    if sys.platform != "linux":
        return ()
    platform = environment.get("QT_QPA_PLATFORM", "")
    x11 = platform in {"", "xcb"} and bool(environment.get("DISPLAY")) and not environment.get("WAYLAND_DISPLAY")
    wanted = _ALWAYS | (_X11 if x11 or platform == "xcb" else {})
    return tuple(package for library, package in wanted.items() if not _loads(library))


def mending_line(packages: tuple[str, ...]) -> str:
    """The one line that mends it."""
    return f"The window needs system libraries. Run:  apt-get install -y {' '.join(packages)}"


def has_display(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a window can be shown at all."""
    if sys.platform != "linux":
        return True
    offscreen = environment.get("QT_QPA_PLATFORM", "") in {"offscreen", "minimal", "vnc"}
    return offscreen or bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
