"""What the window says of a dead-man switch: who would take which step back, when, and whether it can be confirmed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.run.dead_man import gone_off, unconfirmed
from app.run.dead_man_state import KEEP, Armament, DeadMan
from ui import words
from ui.glyphs import Glyph
from ui.models.naming import numbered
from ui.models.shown import Shown
from ui.tokens import Tone


@dataclass(frozen=True, slots=True)
class SwitchView:
    """One line above the middle. left: the countdown, "" for none; address: of the step, to be confirmed if `ready`."""

    address: str
    headline: str
    words: str
    left: str
    glyph: Glyph
    tone: Tone
    ready: bool


def switch_view(shown: Shown) -> SwitchView | None:
    """None while no switch is armed and none went off; what was taken back is told until the run is closed."""
    if shown.over:
        return None
    off = gone_off(shown.state)
    if off is not None and shown.state.back is None:
        return _gone_off(shown, off)
    armed = unconfirmed(shown.state)
    return _armed(shown, armed[0]) if armed else None


def _armed(shown: Shown, one: DeadMan) -> SwitchView:
    limit = timedelta(milliseconds=one.limit_ms)
    where = _where(one)
    name = numbered(shown.state.plan, one.address)
    question = shown.state.step(one.address).question
    ready = question is not None and question.wants == KEEP and shown.driving
    length = words.duration(limit)
    usual = f"{_first(where)} takes it back by itself {length} after it last heard this console."
    match one.status:
        case Armament.SILENT:
            left = timedelta(milliseconds=one.left_ms) - shown.age(one.since)
            known = bool(one.left_ms)
            text = (
                "If it is not reached before. What it did is told once it is reached."
                if known
                else "It is being asked."
            )
            return SwitchView(
                one.address,
                f"No contact with {where}: it takes {name} back by itself",
                text,
                words.duration(max(left, timedelta())) if known else "",
                Glyph.WARNING,
                Tone.BAD,
                ready,
            )
        case Armament.LOST:
            text = f"{one.reason}. It would not be taken back by itself now; it is being armed again."
            return SwitchView(one.address, f"The switch of {name} is gone", text, "", Glyph.WARNING, Tone.BAD, ready)
        case Armament.DISARMING:
            who = f"{one.by} confirmed it. " if one.by and shown.state.back is None else ""
            text = f"{who}{_first(where)} has not said yet that it will not take {name} back."
            return SwitchView(one.address, "The switch is being taken off", text, "", Glyph.RUNNING, Tone.ACCENT, False)
        case Armament.ARMING:
            text = f"{_first(where)} is being told how to take {name} back by itself."
            return SwitchView(one.address, "A switch is being armed", text, "", Glyph.RUNNING, Tone.ACCENT, False)
        case _:
            headline = f"Keep {name}?" if ready else f"{name} is not confirmed"
            text = f"{usual} Nothing else changes meanwhile."
            return SwitchView(one.address, headline, text, length, Glyph.DECISION, Tone.WARN, ready)


def _gone_off(shown: Shown, one: DeadMan) -> SwitchView:
    name = numbered(shown.state.plan, one.address)
    where = _first(_where(one))
    silent = words.duration(timedelta(seconds=one.silent_s))
    why = f"Nobody had confirmed it, and no console was heard there for {silent}."
    at = f" at {_time(shown, one.fired)}" if one.fired else ""
    if one.status is Armament.REVERTED:
        text = f"{why} The step counts as undone; roll back what is left, or close the run."
        return SwitchView(
            one.address, f"{where} reverted {name} by itself{at}", text, "", Glyph.UNDONE, Tone.BAD, False
        )
    headline = f"{where} began to take {name} back by itself{at}"
    return SwitchView(one.address, headline, f"{why} See its undo.", "", Glyph.WARNING, Tone.BAD, False)


def _where(one: DeadMan) -> str:
    return "this machine" if one.seen_from in {"", "local"} else one.seen_from.removeprefix("host ")


def _first(where: str) -> str:
    """As the first word of a sentence; the name of a host stays as it is written."""
    return "This machine" if where == "this machine" else where


def _time(shown: Shown, fired: str) -> str:
    try:
        return words.time_of_second(datetime.fromisoformat(fired).astimezone(UTC), shown.zone)
    except ValueError:  # a target whose clock could not be written down
        return "a time it could not write down"
