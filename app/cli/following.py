"""Follows a rollback that another console drives, from the record, until it has ended."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from app.cli.driving import Conduct, last_words, signals_caught
from app.cli.ending import Ending, blocked, busy, ending
from app.cli.exit_codes import ExitCode
from app.run.requests import CallOff, RollBack
from app.run.state import Stage

if TYPE_CHECKING:
    from app.session import Watch

_TICK = 0.1
_SURE = 5
"""Looks at a run that waits for somebody or that nobody drives, before it is believed."""


def follow(look: Watch, conduct: Conduct, request: RollBack) -> ExitCode:
    """The exit status of the rollback. Ctrl-C calls it off while it counts down; later it only stops the looking.

    A second one always stops the looking: whoever would have to call it off may not answer.
    """
    still, asked = 0, False
    with signals_caught() as signals:
        while True:
            conduct.story.tell(look.take(), look.state)
            found = _found(look)
            still = still + 1 if found is not None else 0
            if found is not None and still >= _SURE:
                last_words(look, conduct, found)
                return found.code
            if signals.names:
                signals.names.clear()
                if asked or look.state.countdown is None or look.driver() is None:
                    return _stop_looking(look, conduct)
                look.send(CallOff(request.by))
                asked = True
            time.sleep(_TICK)


def _found(look: Watch) -> Ending | None:
    state = look.state
    if look.driver() is None and (state.countdown is not None or busy(state)):
        return _left_alone(look)
    if state.countdown is not None or busy(state):
        return None
    if state.back is None:
        return Ending(ExitCode.INTERRUPTED, "Called off before its first effect.", (f"tminus show {look.run}",))
    if state.stage is Stage.ROLLING_BACK and (look.driver() is None or blocked(state) is not None):
        waits = "The rollback waits; nobody drives it." if look.driver() is None else "The rollback waits."
        return blocked(state) or Ending(ExitCode.ROLLBACK_INCOMPLETE, waits, (f"tminus resume {look.run}",))
    return ending(state)


def _left_alone(look: Watch) -> Ending:
    """The driver died on the way: nothing moves any more, however long one looks."""
    begun = "has not begun" if look.state.countdown is not None else "is not at its end"
    says = f"The rollback {begun}, and the console that drove it has gone; nobody drives it."
    return Ending(ExitCode.ROLLBACK_INCOMPLETE, says, (f"tminus resume {look.run}",))


def _stop_looking(look: Watch, conduct: Conduct) -> ExitCode:
    if look.driver() is None:
        found = _left_alone(look)
        last_words(look, conduct, found)
        return found.code
    says = "Not looking any more. The rollback goes on at the console that drives the run."
    found = Ending(ExitCode.INTERRUPTED, says, (f"tminus log {look.run} --follow",))
    last_words(look, conduct, found)
    return found.code
