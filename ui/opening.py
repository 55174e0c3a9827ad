"""From nothing to a painted window: application, theme, window; what it opens is loaded after the first paint."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from app.errors import TminusError
from app.settings import Settings, load_settings
from app.shipped import resources_dir
from ui.problem import Problems
from ui.theme import Theme, ThemeChoice, put_on
from ui.window import Window


def show(runbook: str | None, demo_incident: str | None, home: Path | None) -> int:
    """Run the application until its window is closed."""
    try:
        settings = load_settings(home)
    except TminusError as trouble:
        sys.stderr.write(f"tminus: {trouble}\n")
        return trouble.exit_code
    app = QApplication(sys.argv[:1])
    window = open_window(app, settings)
    window.open_first(runbook, demo_incident)
    window.show()
    pulse = obey_signals(window)
    status = app.exec()
    pulse.stop()
    return status


def open_window(app: QApplication, settings: Settings) -> Window:
    """The window in its theme; nothing heavy is loaded yet."""
    # The engine shares the interpreter: with the default of 5 ms each call into Qt could wait that long for its turn.
    sys.setswitchinterval(0.0005)
    app.setApplicationName("Tminus")
    app.setApplicationDisplayName("Tminus")
    app.setDesktopFileName("tminus")
    theme: Theme = put_on(app, resources_dir(), ThemeChoice(settings.theme))
    problems = Problems(app)
    problems.install()
    return Window(settings, theme, problems)


def obey_signals(window: Window) -> QTimer:
    """Ctrl+C, a polite end and a closing login let go of the run, unasked. Python sees signals only when it runs."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # Windows knows no SIGHUP
        known = getattr(signal, name, None)
        if known is not None:
            signal.signal(known, lambda *_: window.leave())
    pulse = QTimer(window)
    pulse.setInterval(250)
    pulse.timeout.connect(lambda: None)
    pulse.start()
    return pulse
