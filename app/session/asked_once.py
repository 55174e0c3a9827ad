"""What a person typed before a run, kept in this process's memory until the run has it: nobody is asked twice."""

from __future__ import annotations

import threading
from datetime import datetime

from app.connectors.clock import SystemClock
from app.ports import Clock
from app.session.preflight import LIFE
from app.session.secret_room import AskSecret

_CHOSEN = {"passphrase of the vault": "new passphrase of the vault"}
"""Whoever has just chosen it is not asked for it."""


class AskedOnce:
    """Answers by name, for as long as a preflight is worth anything. Never in a repr; may be used from any thread."""

    def __init__(self, ask: AskSecret, clock: Clock | None = None) -> None:
        self._ask, self._clock = ask, clock or SystemClock()
        self._answers: dict[str, tuple[str, datetime]] = {}
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"AskedOnce({', '.join(f'{name}=***' for name in sorted(self._answers))})"

    def round(self) -> AskSecret:
        """How one piece of work asks. When it asks for a name again, the answer before was wrong: a person is asked."""
        given: set[str] = set()

        def ask(name: str) -> str:
            with self._lock:  # one question at a time stands on the screen
                known = None if name in given else self._known(name) or self._known(_CHOSEN.get(name, name))
                given.add(name)
                if known is not None:
                    return known
                answer = self._ask(name)
                self._answers[name] = (answer, self._clock.now())
                return answer

        return ask

    def forget(self, *names: str) -> None:
        """Forget these answers, all of them when no name is given."""
        for name in names or tuple(self._answers):
            self._answers.pop(name, None)

    def _known(self, name: str) -> str | None:
        answer, at = self._answers.get(name, ("", self._clock.now()))
        if self._clock.now() - at >= LIFE:
            del self._answers[name]
            return None
        return answer or None
