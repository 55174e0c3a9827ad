"""A dead-man switch as it stands, folded from the record."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.run.moment import Moment

KEEP = "keep"
"""What the question wants that is asked while a switch waits for its confirmation."""

CONFIRM = "confirm"
"""The one answer to it."""

GONE = "gone"
"""What the question wants that is asked while a target does not say that its switch is off, and its one answer."""


class Armament(StrEnum):
    """Of a switch. The words are shown to people as they stand."""

    ARMING = "being armed"
    NOT_ARMED = "not armed"
    ARMED = "armed"
    SILENT = "out of reach"
    LOST = "gone"
    DISARMING = "being taken off"
    DISARMED = "taken off"
    FIRED = "fired"
    REVERTED = "reverted"
    GIVEN_UP = "given up"


UNSETTLED = frozenset({Armament.ARMING, Armament.ARMED, Armament.SILENT, Armament.LOST, Armament.DISARMING})
"""It may fire, or nobody has confirmed yet."""

UNANSWERED = frozenset({Armament.SILENT, Armament.LOST, Armament.DISARMING})
"""Nothing is heard of it, and a person may say that its target is gone for good."""

GONE_OFF = frozenset({Armament.FIRED, Armament.REVERTED})


@dataclass(frozen=True, slots=True)
class DeadMan:
    """The switch behind the step `address`; `attempt` of it, `undo` and `ticket` of what would run by itself.

    since: of this status; left_ms: until it fires, counted from `since` (SILENT; 0: nobody knows); by: who confirmed
    or went back; reason: why it is gone or not armed; fired, silent_s: as in DeadManFired; rounds: armings so far;
    target: as in DeadManArming; facts: of the machine where it was armed, which alone is asked about it; overlapped: a
    person looks, as DeadManOverlapped says.
    """

    address: str
    attempt: int
    undo: str
    ticket: str
    limit_ms: int
    kind: str
    text: str
    digest: str
    status: Armament
    since: Moment
    seen_from: str = ""
    left_ms: int = 0
    by: str = ""
    reason: str = ""
    fired: str = ""
    silent_s: int = 0
    rounds: int = 1
    target: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    overlapped: bool = False
