"""The one API of both doors, window and command line: open a session, send requests, show what was recorded.

Only here are concrete adapters named. Heavy adapters (drivers, paramiko, httpx) are imported when a run needs them.
"""

from __future__ import annotations

from app.journal.reader import Filter
from app.session.live import RunOrder, Session, new_run, resume
from app.session.opening import kinds, open_runbook
from app.session.shelf import RunLine, list_runs, verify_run
from app.session.view import Focus, View
from app.session.watch import Watch, watch

__all__ = [
    "Filter",
    "Focus",
    "RunLine",
    "RunOrder",
    "Session",
    "View",
    "Watch",
    "kinds",
    "list_runs",
    "new_run",
    "open_runbook",
    "resume",
    "verify_run",
    "watch",
]
