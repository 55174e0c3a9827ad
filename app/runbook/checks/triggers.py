"""Rules 19 and 20: triggers on things that are not there, in units that do not fit, going back where nothing can."""

from __future__ import annotations

from collections.abc import Iterator

from app.errors import Problem
from app.runbook.checks.names import unknown
from app.runbook.checks.survey import Survey
from app.runbook.conditions import ANY, Comparison
from app.runbook.model import Metric, Phase
from app.runbook.read import Path
from app.runbook.units import Quantity


def check_triggers(survey: Survey) -> Iterator[Problem]:
    """Rule 19."""
    runbook = survey.runbook
    phases = [phase.id for phase in runbook.phases]
    for index, trigger in enumerate(runbook.triggers):
        path: Path = ("triggers", index)
        for name in trigger.during:
            if name not in phases:
                problem = unknown(survey, "phase", name, (phases, (*path, "during")))
                yield survey.error("RB019", problem.what, (*path, "during"), problem.hint)
        metric = runbook.metrics.get(trigger.metric)
        if metric is None:
            problem = unknown(survey, "metric", trigger.metric, (runbook.metrics, (*path, "metric")))
            yield survey.error("RB019", problem.what, (*path, "metric"), problem.hint)
            continue
        for key in ("when", "clear"):
            limit = getattr(trigger, key)
            if limit is not None:
                yield from _limit(survey, limit, (trigger.metric, metric), (*path, key))


def check_limits(survey: Survey) -> Iterator[Problem]:
    """Rule 19, for the other places that compare a metric: success criteria and waits."""
    runbook = survey.runbook
    for index, criterion in enumerate(runbook.success):
        if criterion.metric in runbook.metrics and criterion.is_ is not None:
            named = (criterion.metric, runbook.metrics[criterion.metric])
            yield from _limit(survey, criterion.is_, named, ("success", index, "is"))
    for spot in survey.spots:
        until = getattr(spot.step.body, "until", None)
        if until is not None and until.metric in runbook.metrics and until.is_ is not None:
            named = (until.metric, runbook.metrics[until.metric])
            yield from _limit(survey, until.is_, named, (*spot.path, "wait", "until", "is"))


def _limit(survey: Survey, limit: Comparison, named: tuple[str, Metric], path: Path) -> Iterator[Problem]:
    name, metric = named
    quantity = limit.quantity()
    if quantity is None or limit == ANY:
        return
    if quantity.of_baseline:
        yield from _baseline(survey, named, path)
    elif not _same_unit(quantity, metric.unit):
        written = quantity.unit or "no unit"
        what = f"`{limit}` has {written}; the metric `{name}` is in {metric.unit or 'no unit'}."
        hint = f'Write "{limit.op} {quantity.number:g}{" " if metric.unit.isalpha() else ""}{metric.unit}".'
        yield survey.error("RB019", what, path, hint)


def _same_unit(quantity: Quantity, unit: str) -> bool:
    if quantity.unit == unit:
        return True
    of_metric = Quantity(1, unit)
    both_times = quantity.seconds is not None and of_metric.seconds is not None
    return both_times or (quantity.bytes is not None and of_metric.bytes is not None)


def _baseline(survey: Survey, named: tuple[str, Metric], path: Path) -> Iterator[Problem]:
    name, metric = named
    if metric.baseline is None:
        what = f"The metric `{name}` has no baseline."
        yield survey.error("RB019", what, path, "Write baseline: {from: T-24h, to: T-1h, stat: median} on the metric.")
        return
    starts = [phase.from_.offset for phase in survey.runbook.phases if phase.from_ and phase.from_.offset is not None]
    end = metric.baseline.to.offset
    if starts and end is not None and end > min(starts):
        what = f"The baseline of `{name}` is measured until {metric.baseline.to}, when the change has begun."
        yield survey.error("RB019", what, path, "End it before the first phase.")


def check_way_back(survey: Survey) -> Iterator[Problem]:
    """Rule 20."""
    phases = {phase.id: phase for phase in survey.runbook.phases}
    for index, trigger in enumerate(survey.runbook.triggers):
        if trigger.do != "rollback":
            continue
        for name in trigger.during or tuple(phases):
            if name in phases and not _has_way_back(survey, phases[name]):
                what = f"The trigger `{trigger.id}` goes back during `{name}`, which has no way back."
                hint = "Give the phase a rollback, or write do: pause."
                yield survey.error("RB020", what, ("triggers", index, "during"), hint)


def _has_way_back(survey: Survey, phase: Phase) -> bool:
    if phase.rollback is not None:
        return phase.rollback.how != "none"
    run = survey.runbook.rollback
    return bool(run.before or run.after) or any(step.undo_steps for step in phase.steps)
