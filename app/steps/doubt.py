"""When a target cannot tell what became of an attempt: the step's probe is asked, else the doubt is shown."""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.errors import TminusError
from app.ports import World
from app.run.expect import Redact, unmet
from app.run.outcome import Evidence, Intent, Observed, Outcome, PointsTo, Verdict
from app.runbook.conditions import Expect
from app.runbook.model_step import Probe, Step
from app.steps.live import Toolbox

EMPTY = Expect.model_validate({})


@dataclass(frozen=True, slots=True)
class Doubt:
    """What is not known (`summary`, one line) and every fact that points somewhere."""

    summary: str
    evidence: tuple[Evidence, ...]


async def probe_or_doubt(doubt: Doubt, intent: Intent, step: Step, world: World, toolbox: Toolbox) -> Outcome:
    """DONE when the probe's `expect` holds, FAILED (not done) when neither does, else IN_DOUBT with all evidence.

    Half done stays in doubt: going on and going back are both wrong without a person's word.
    """
    if step.probe is None:
        return Outcome(Verdict.IN_DOUBT, doubt.summary, evidence=(*doubt.evidence, _NO_PROBE))
    seen, evidence = await _ask(step.probe, intent, world, toolbox)
    both = (*doubt.evidence, evidence)
    match evidence.points_to:
        case PointsTo.DONE:
            # what the probe saw is not what the step answered: the step's own `expect` and `save` have nothing to judge
            word = f"done, says the probe ({evidence.answer}; {doubt.summary})"
            return Outcome(Verdict.DONE, word, evidence=both)
        case PointsTo.NOT_DONE:
            return Outcome(Verdict.FAILED, f"not done, says the probe ({doubt.summary})", seen, both)
        case PointsTo.HALF_DONE:
            return Outcome(Verdict.IN_DOUBT, f"half done, says the probe ({doubt.summary})", seen, both)
        case _:
            return Outcome(Verdict.IN_DOUBT, doubt.summary, seen, both)


_NO_PROBE = Evidence("Is there a probe to ask?", "no, the step has none", PointsTo.UNKNOWN)


async def _ask(probe: Probe, intent: Intent, world: World, toolbox: Toolbox) -> tuple[Observed, Evidence]:
    question = f"What does the probe ({probe.kind}) say?"
    ticket = inner_ticket(intent, "probe", world)
    try:
        outcome = await toolbox.observe(probe.kind, probe.body, ticket)
    except TminusError as trouble:
        return Observed(), Evidence(question, f"it could not be asked: {trouble}", PointsTo.UNKNOWN)
    if outcome.verdict is not Verdict.DONE:
        return Observed(), Evidence(question, f"it did not end well: {outcome.summary}", PointsTo.UNKNOWN)
    return outcome.observed, _judged(question, probe, outcome, toolbox.redact)


def _judged(question: str, probe: Probe, outcome: Outcome, redact: Redact) -> Evidence:
    broken = unmet(probe.expect or _usual(outcome), outcome.observed, redact)
    if not broken:
        return Evidence(question, f"{outcome.summary}: as it should be when done", PointsTo.DONE)
    if probe.half is not None and not unmet(probe.half, outcome.observed):
        return Evidence(question, f"{outcome.summary}: as it is when half done", PointsTo.HALF_DONE)
    return Evidence(question, f"{outcome.summary}: {'; '.join(broken)}", PointsTo.NOT_DONE)


def _usual(outcome: Outcome) -> Expect:
    """A probe without `expect`: exit 0, or a status that is no error, or any answer."""
    facts = outcome.observed.facts
    if "exit" in facts:
        return Expect.model_validate({"exit": 0})
    return Expect.model_validate({"status": "< 400"}) if "status" in facts else EMPTY


def inner_ticket(intent: Intent, purpose: str, world: World) -> str:
    """A ticket for one look: never the same again, so that a later look is never answered from an earlier one."""
    return f"{intent.ticket}/{purpose}-{world.clock.now():%Y%m%dT%H%M%S%f}"


def at(outcome: Outcome, where: str) -> Outcome:
    """The outcome, and where it was seen from."""
    return replace(outcome, seen_from=where)
