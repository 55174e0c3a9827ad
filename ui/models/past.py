"""A run that was, as values for History: its end, planned against actual, decisions, and the proof of its record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

from app.reports.sentences import sentence
from app.run import events as e
from app.run.state import MET, RunState, Stage, Status
from app.session import verify_run, watch
from ui import words
from ui.glyphs import Glyph
from ui.models.log_kinds import glyph_of
from ui.models.naming import title_of
from ui.tokens import Tone
from ui.widgets.facts import FactView
from ui.widgets.timeline_layout import SegmentState

_DECISIONS = (
    e.AnswerGiven,
    e.StepRuled,
    e.HoldPlaced,
    e.HoldLifted,
    e.RollbackRequested,
    e.RollbackCalledOff,
    e.RunClosed,
    e.RunStopped,
    e.RetryAllowed,
    e.NoteAdded,
    e.RowsExported,
)


@dataclass(frozen=True, slots=True)
class Bar:
    """One stretch of a chart: seconds from the first entry, and how it ended."""

    label: str
    begin: float
    length: float
    state: SegmentState


@dataclass(frozen=True, slots=True)
class Said:
    """One decision: when, its shape, and what was said."""

    at: str
    glyph: Glyph
    text: str


@dataclass(frozen=True, slots=True)
class Differed:
    """A step that took another length than planned, or did not end well."""

    what: str
    found: str
    glyph: Glyph


@dataclass(frozen=True, slots=True)
class Past:
    """Everything History shows of one run. `open_end`: nobody drives it and it is not closed."""

    run: str
    title: str
    about: str
    production: bool
    rehearsal: bool
    environment: str
    facts: tuple[FactView, ...]
    planned: tuple[Bar, ...]
    actual: tuple[Bar, ...]
    decisions: tuple[Said, ...]
    differed: tuple[Differed, ...]
    whole: bool
    events: int
    head: str
    troubles: tuple[str, ...]
    took: float
    driver: str
    open_end: bool


def past(home: Path, run: str, zone: tzinfo) -> Past:
    """Read and prove a record; call it beside the UI's thread."""
    look = watch(home, run)
    try:
        state = look.state
        with look.reader() as reader:
            events = reader.replay()
        holder = look.driver()
        driver = str(holder) if holder is not None else ""
    finally:
        look.close()
    begun = datetime.now().astimezone()
    proof = verify_run(home, run)
    took = (datetime.now().astimezone() - begun).total_seconds()
    environment = state.plan.inputs.environment
    return Past(
        run=state.run,
        title=state.plan.runbook.title or state.plan.runbook.name,
        about=_about(state, events, zone),
        production=bool(environment.production),
        rehearsal=bool(environment.rehearsal),
        environment=state.environment,
        facts=_facts(state, events),
        planned=tuple(_planned(state)),
        actual=tuple(_actual(state)),
        decisions=tuple(_said(one, state, zone) for one in events if isinstance(one.event, _DECISIONS)),
        differed=tuple(_differed(state)),
        whole=proof.ok,
        events=proof.events,
        head=proof.head,
        troubles=tuple(proof.problems),
        took=took,
        driver=driver,
        open_end=not driver and state.stage is not Stage.CLOSED,
    )


def _about(state: RunState, events: tuple[e.Recorded, ...], zone: tzinfo) -> str:
    first, last = events[0].at, events[-1].at
    when = f"{words.day(first, zone)} {words.time_of_second(first, zone)} to {words.time_of_second(last, zone)}"
    return words.joined(f"run {state.run}", f"{when} {words.zone_name(first, zone)}", f"led by {state.operator}")


def _facts(state: RunState, events: tuple[e.Recorded, ...]) -> tuple[FactView, ...]:
    tops = [p for p in state.plan.steps if not p.parent and not p.left_out]
    done = sum(state.status(p.address) in MET for p in tops)
    length = events[-1].at - events[0].at
    end = {Stage.FORWARD: "Still open", Stage.ROLLING_BACK: "On the way back"}
    facts = [
        FactView("Ended", end.get(state.stage, state.stage.value.capitalize()), "", _tone(state.stage)),
        FactView("Took", words.duration(length)),
        FactView("Steps over", f"{done}", f"of {len(tops)}"),
    ]
    for name, declared in state.plan.runbook.modes.items():
        mode = state.modes.get(name)
        if mode is not None and declared.downtime:
            spent = timedelta(milliseconds=mode.spent_ms)
            budget = f"of {words.duration(declared.max)}" if declared.max is not None else ""
            facts.append(FactView(declared.title or name, words.duration(spent), budget))
    if state.back is not None:
        ended = state.back.ended or state.now
        facts.append(FactView("Way back", words.duration(ended.since(state.back.began))))
        facts.append(FactView("Lost", state.back.loses or "nothing known"))
    if state.exports:
        last = state.exports[-1]
        facts.append(FactView("Rows saved", words.count(last.rows), last.form))
    return (*facts[:3], *facts[3:][-3:])


def _tone(stage: Stage) -> Tone:
    bad = {Stage.STOPPED, Stage.INCOMPLETE}
    return Tone.BAD if stage in bad else Tone.TEXT


def _planned(state: RunState) -> list[Bar]:
    bars: list[Bar] = []
    at = 0.0
    for phase in state.plan.phases:
        est = sum((p.step.est or timedelta()).total_seconds() for p in state.plan.top(phase.id) if not p.left_out)
        if est > 0:
            bars.append(Bar(phase.title or phase.id, at, est, SegmentState.WAITING))
        at += est
    return bars


def _actual(state: RunState) -> list[Bar]:
    """One bar per phase that started, then one for the way back."""
    if state.opened is None:
        return []
    bars: list[Bar] = []
    for phase in state.plan.phases:
        attempts = [s.attempts for p in state.plan.top(phase.id) if (s := state.step(p.address)).attempts]
        if not attempts:
            continue
        begin = min(a[0].began.since(state.opened).total_seconds() for a in attempts)
        ends = [(a[-1].ended or state.now).since(state.opened).total_seconds() for a in attempts]
        bad = any(state.status(p.address) in {Status.FAILED, Status.IN_DOUBT} for p in state.plan.top(phase.id))
        last = SegmentState.FAILED if bad else SegmentState.DONE
        bars.append(Bar(phase.title or phase.id, begin, max(ends) - begin, last))
    if state.back is not None:
        begin = state.back.began.since(state.opened).total_seconds()
        length = (state.back.ended or state.now).since(state.back.began).total_seconds()
        bars = [_until(bar, begin) for bar in bars if bar.begin < begin]
        bars.append(Bar("way back", begin, length, SegmentState.UNDONE))
    return bars


def _until(bar: Bar, end: float) -> Bar:
    return Bar(bar.label, bar.begin, max(0.0, min(bar.begin + bar.length, end) - bar.begin), bar.state)


def _said(one: e.Recorded, state: RunState, zone: tzinfo) -> Said:
    return Said(words.time_of_second(one.at, zone), glyph_of(one.event), sentence(one, state.plan))


def _differed(state: RunState) -> list[Differed]:
    """What went otherwise than planned, the worst first; at most a dozen."""
    found: list[tuple[float, Differed]] = []
    for planned in state.plan.steps:
        step, est = state.step(planned.address), planned.step.est
        last = step.last
        if last is None or planned.parent:
            continue
        name = f"{planned.number} {title_of(planned)}"
        if step.status in {Status.FAILED, Status.IN_DOUBT, Status.CANCELLED}:
            glyph = Glyph.UNKNOWN if step.status is Status.IN_DOUBT else Glyph.FAILED
            found.append((1e9, Differed(name, last.summary or step.status.value, glyph)))
        elif last.ended is not None and est:
            took = last.ended.since(last.began)
            if took > est * 2 and took - est > timedelta(seconds=1):
                text = f"{words.duration(took)}, planned {words.duration(est)}"
                found.append((took / est, Differed(name, text, Glyph.WARNING)))
        if len(step.attempts) > 1:
            found.append((len(step.attempts), Differed(name, f"{len(step.attempts)} attempts", Glyph.WARNING)))
    found.sort(key=lambda pair: -pair[0])
    return [one for _, one in found[:12]]
