"""The head of the run as words: who and where, the T-clock's facts, the recording light."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.run.state import Stage
from app.runbook.units import format_duration
from ui import words
from ui.models.back_clock import mode_tone
from ui.models.shown import Shown
from ui.tokens import Tone
from ui.widgets.environment import Environment
from ui.widgets.facts import FactView


def environment_of(shown: Shown) -> Environment:
    """The badge: by the environment's own marks; a named one that claims neither is staging."""
    inputs = shown.state.plan.inputs
    if inputs.environment.production:
        return Environment.PRODUCTION
    if inputs.environment.rehearsal:
        return Environment.REHEARSAL
    return Environment.STAGING if shown.state.environment else Environment.NONE


def title_of_run(shown: Shown) -> str:
    """The runbook's title, else its name."""
    book = shown.state.plan.runbook
    return book.title or book.name


def who(shown: Shown) -> str:
    """`run 7270  ·  ana leads`."""
    lead = shown.state.console.operator or shown.state.operator
    mine = ", that is you" if lead == shown.operator else ""
    return words.joined(f"run {shown.state.run.rsplit('-', 1)[-1]}", f"{lead} leads{mine}")


def recording(shown: Shown, *, broken: bool) -> tuple[str, Tone]:
    """The word beside the light, and its tone."""
    if broken:
        return "Not recording", Tone.BAD
    if shown.state.stage is Stage.CLOSED:
        return "Record closed", Tone.MUTED
    if not shown.driving:
        return ("Recorded elsewhere", Tone.MUTED) if shown.driver else ("Nobody records", Tone.WARN)
    return "Recording", Tone.MUTED


def facts(shown: Shown) -> tuple[FactView, FactView, FactView, FactView]:
    """Window end, forecast, writes or way back, and the downtime clock; estimates are called so."""
    return (_window(shown), _finish(shown), _third(shown), _downtime(shown))


def both_times(shown: Shown, at: datetime | None) -> tuple[str, str]:
    """`05:00 CET` and `04:00 UTC`; the second is empty where both are the same."""
    if at is None:
        return "not set", ""
    local = f"{words.time_of_day(at, shown.zone)} {words.zone_name(at, shown.zone)}"
    same = at.astimezone(shown.zone).utcoffset() == timedelta()
    return local, "" if same else f"{at:%H:%M} UTC"


def _window(shown: Shown) -> FactView:
    value, tail = both_times(shown, shown.outlook.window_end)
    late = shown.outlook.window_end is not None and shown.now.at > shown.outlook.window_end
    return FactView("Window ended" if late else "Window ends", value, tail, Tone.BAD if late else Tone.TEXT)


def _finish(shown: Shown) -> FactView:
    outlook, state = shown.outlook, shown.state
    if shown.going_back and state.back is not None and state.back.ended is not None:
        return FactView("Way back ended", words.time_of_second(state.back.ended.at, shown.zone))
    if shown.going_back and state.back is not None:
        return FactView("Way back ends", words.about(_left_back(shown)), "to go")
    if state.stage in {Stage.FINISHED, Stage.CLOSED}:
        return FactView("Every step is over", words.time_of_second(_last_end(shown), shown.zone))
    if outlook.finish is None:
        return FactView("Forecast finish", "not known")
    slip = words.slip(outlook.slip) if outlook.slip is not None else ""
    late = outlook.slip is not None and outlook.slip > timedelta(minutes=1)
    return FactView(
        "Forecast finish", words.time_of_day(outlook.finish, shown.zone), slip, Tone.WARN if late else Tone.TEXT
    )


def _third(shown: Shown) -> FactView:
    state = shown.state
    if state.back is not None:
        ago = words.ago(shown.now.since(state.back.began))
        return FactView("Way back started", words.time_of_second(state.back.began.at, shown.zone), ago)
    at = shown.outlook.writes_open
    if at is not None:
        return FactView("Writes open again", words.time_of_day(at, shown.zone), "forecast")
    return FactView("T-0", words.time_of_second(state.t0, shown.zone), words.zone_name(state.t0, shown.zone))


def _downtime(shown: Shown) -> FactView:
    mode = next((one for one in shown.outlook.modes if one.on and one.over), None) or shown.downtime()
    if mode is None:
        return FactView("Downtime", "none", "planned")
    declared = shown.state.plan.runbook.modes[mode.mode]
    name = declared.title or mode.mode.replace("_", " ").capitalize()
    tail = f"of {words.duration(mode.budget)}" if mode.budget is not None else ""
    short = name if len(name) < 22 else mode.mode.replace("_", "-")
    return FactView(short, words.duration(mode.spent), tail, mode_tone(mode))


def _left_back(shown: Shown) -> timedelta:
    state, back = shown.state, shown.state.back
    left = timedelta()
    for row in back.rows if back is not None else ():
        planned = state.plan.by_address.get(row.address)
        if planned is not None and state.status(row.address).value in {"pending", "running"}:
            left += planned.step.est or timedelta()
    return left


def _last_end(shown: Shown) -> datetime:
    ends = [s.over.at for s in shown.state.steps.values() if s.over is not None]
    return max(ends, default=shown.now.at)


def length(span: timedelta | None) -> str:
    """A length as the runbook writes it, "" for none."""
    return format_duration(span) if span is not None else ""
