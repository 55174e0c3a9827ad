"""A metric over the whole run as a plot: its lines, the steps and phases under it, first reds and firings on it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from app.run import events as e
from app.run.state import UNDER_WAY, Attempt, RunState, Status
from app.runbook.order import PlannedStep
from ui.glyphs import Glyph
from ui.models.metric_memory import MetricMemory, moment_of
from ui.models.metric_words import limit_words
from ui.models.metrics import Look, judged
from ui.models.naming import number_of, phase_name, title_of
from ui.models.run_axis import RunAxis
from ui.models.shown import Shown
from ui.tokens import Tone
from ui.widgets.plot_view import LimitView, MarkView, PlotView, SpanView

_LINES = {"investigate": Tone.WARN}
_ENDED: dict[Status, tuple[Glyph | None, Tone]] = {
    Status.DONE: (None, Tone.OK),
    Status.FAILED: (Glyph.FAILED, Tone.BAD),
    Status.CANCELLED: (Glyph.FAILED, Tone.BAD),
    Status.FENCED: (Glyph.SKIPPED, Tone.IDLE),
    Status.IN_DOUBT: (Glyph.UNKNOWN, Tone.WARN),
}


def plot_of(shown: Shown, memory: MetricMemory, look: Look, axis: RunAxis) -> PlotView:
    """Everything but the readings."""
    state = shown.state
    usual = look.usual if look.usual is not None and not look.usual.why else None
    tone = judged(look)[2]
    limits = tuple(
        LimitView(rule.when.limit, rule.when.op, limit_words(rule), _line_tone(rule.does, shadow=rule.shadow))
        for rule in look.rules
        if rule.when.limit is not None
    )
    return PlotView(
        look.metric.unit,
        axis.origin,
        shown.zone,
        axis.at(shown.now),
        axis.at_wall(state.t0),
        _each_once(limits),
        (usual.median, usual.p95) if usual is not None else None,
        _phases(state, axis),
        _steps(state, axis),
        tuple(_marks(memory, look.name, axis)),
        Tone.IDLE if look.stale else Tone.WARN if tone is Tone.WARN else Tone.ACCENT,
    )


def _line_tone(does: str, *, shadow: bool) -> Tone:
    return Tone.IDLE if shadow else _LINES.get(does, Tone.BAD)


def _each_once(limits: Iterable[LimitView]) -> tuple[LimitView, ...]:
    """Two triggers on one limit are one line."""
    found: dict[tuple[float, str], LimitView] = {}
    for one in limits:
        found.setdefault((one.value, one.op), one)
    return tuple(found.values())


def _steps(state: RunState, axis: RunAxis) -> tuple[SpanView, ...]:
    """Each attempt of each step that started, in the order in which they began."""
    spans = [
        _span(state, planned, attempt, axis)
        for address, step in state.steps.items()
        if (planned := state.plan.by_address.get(address)) is not None and not planned.parent
        for attempt in step.attempts
    ]
    return tuple(sorted(spans, key=lambda span: span.begin))


def _span(state: RunState, planned: PlannedStep, attempt: Attempt, axis: RunAxis) -> SpanView:
    begin = axis.at(attempt.began)
    again = f", try {attempt.number}" if attempt.number > 1 else ""
    text = f"{number_of(planned)} {title_of(planned)}{again}".strip()
    back = _is_back(state, planned)
    live = attempt.status in UNDER_WAY or attempt.status is Status.WAITING
    if attempt.ended is None or live:
        return SpanView(begin, None, text, Tone.ACCENT, None, back)
    glyph, tone = _ENDED.get(attempt.status, (None, Tone.OK))
    return SpanView(begin, axis.at(attempt.ended), text, Tone.ACCENT if back and tone is Tone.OK else tone, glyph, back)


def _phases(state: RunState, axis: RunAxis) -> tuple[SpanView, ...]:
    """From the first begin to the last end in each phase; the way back is one more."""
    found: dict[str, SpanView] = {}
    for address, step in state.steps.items():
        planned = state.plan.by_address.get(address)
        if planned is None or planned.parent or not step.attempts:
            continue
        back = _is_back(state, planned)
        name = "Way back" if back else phase_name(state.plan, planned.phase)
        begin, last = axis.at(step.attempts[0].began), step.attempts[-1].ended
        end = axis.at(last) if last is not None else None
        known = found.get(name)
        tone = Tone.ACCENT if back else Tone.IDLE
        if known is None:
            found[name] = SpanView(begin, end, name, tone, None, back)
        else:
            until = None if end is None or known.end is None else max(end, known.end)
            found[name] = replace(known, begin=min(begin, known.begin), end=until)
    return tuple(found.values())


def _is_back(state: RunState, planned: PlannedStep) -> bool:
    return state.back is not None and any(row.address == planned.address for row in state.back.rows)


def _marks(memory: MetricMemory, metric: str, axis: RunAxis) -> Iterable[MarkView]:
    for one in memory.marks:
        at = axis.at(moment_of(one))
        match one.event:
            case e.MetricReddened(metric=name) if name == metric:
                yield MarkView(at, "first red", Glyph.FAILED, Tone.BAD, first_red=True)
            case e.TriggerFired(metric=name) as fired if name == metric:
                yield _firing(at, fired)
            case e.TriggerCleared(metric=name) as cleared if name == metric and not cleared.why:
                yield MarkView(at, f"{cleared.trigger} over", Glyph.DONE, Tone.OK)


def _firing(at: float, fired: e.TriggerFired) -> MarkView:
    if fired.problem:
        return MarkView(at, f"{fired.trigger}: no data", Glyph.STALE, Tone.WARN)
    if fired.shadow:
        return MarkView(at, f"{fired.trigger} (shadow)", Glyph.WARNING, Tone.IDLE)
    loud = Tone.WARN if fired.outcome == "investigate" else Tone.BAD
    return MarkView(at, fired.trigger, Glyph.WARNING if loud is Tone.WARN else Glyph.FAILED, loud)
