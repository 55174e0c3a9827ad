"""Takes a picture of a window of another process, by its X11 number: python tests/ui/shoot.py NUMBER FILE."""

from __future__ import annotations

import sys

from PySide6.QtGui import QGuiApplication


def main(window: str, file: str) -> int:
    app = QGuiApplication([*sys.argv[:1], "-platform", "xcb"])
    number = int(window) or 0
    picture = app.primaryScreen().grabWindow(number)
    return 0 if picture.save(file) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
