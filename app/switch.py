"""What is asked of a dead-man switch at a target, and what the target says of it. Part of `app.ports`; pure values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Switch:
    """A dead-man switch: a command fires by itself once no console was heard for `seconds`.

    step: ticket of the command at the same place that it undoes, which is ended or fenced first; "" when elsewhere.
    When that fence finds that it never began, nothing is undone, unless an earlier attempt may have run (`again`).
    """

    seconds: int
    step: str = ""
    again: bool = False


class SwitchWord(StrEnum):
    """What the target says of a switch.

    LOST: its watcher is gone and it will not fire; UNBEGUN: it had nothing to undo, and never fires.
    """

    ABSENT = "absent"
    ARMED = "armed"
    FIRING = "firing"
    FIRED = "fired"
    FENCED = "fenced"
    UNBEGUN = "unbegun"
    LOST_REBOOT = "lost-reboot"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class SwitchState:
    """The target's own facts about a switch, read at `now` by the target's clock (ISO text).

    left: seconds until it fires if nobody is heard; fired: when its watcher went about it, ISO text or ""; silent:
    seconds for which nobody had been heard by then.
    """

    word: SwitchWord
    left: int = 0
    fired: str = ""
    silent: int = 0
    host: str = ""
    boot: str = ""
    now: str = ""
