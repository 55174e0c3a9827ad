"""The line of the way back in a driving terminal: said when its word changes, and never more than once a second."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.cli.lines import tell
from app.reports.back_words import strip
from app.reports.spans import t_clock
from app.rollback.readiness import Word

if TYPE_CHECKING:
    from app.session import Session

_EVERY = 1.0
_STYLES = {Word.ARMED: "ok", Word.DEGRADED: "warn", Word.UNARMED: "bad", Word.PAST: "bad"}


@dataclass(slots=True)
class StripLine:
    """Remembers what it said. A run begins with nothing changed, which needs no line.

    What is new must be so for two looks running: between a step and the first look at what it needs nobody knows yet.
    Only bad news is told at once.
    """

    _said: tuple[str, str] = (Word.ARMED.value, "nothing has been changed yet")
    _before: tuple[str, str] = ("", "")
    _looked: float = 0.0

    def tell(self, session: Session) -> None:
        """Look, and say what is new. Once the run goes back, its rows say how far it is."""
        now = time.monotonic()
        if now - self._looked < _EVERY:
            return
        self._looked = now
        ready = session.readiness()
        said = (ready.word.value, ready.headline)
        before, self._before = self._before, said
        if ready.word not in _STYLES or said == self._said or session.state.back is not None:
            return
        if said != before and ready.word not in {Word.UNARMED, Word.PAST}:
            return
        self._said = said
        clock = t_clock(session.moment().at - session.state.t0)
        tell(f"{clock:>12}  {'back':<6}  Way back {strip(ready)}", style=_STYLES[ready.word])
