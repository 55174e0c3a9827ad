"""What an operator may say in which state: `rule(state, request)` answers with the events it becomes, or refuses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from app.errors import Refused
from app.run import events as e
from app.run import requests as r
from app.run.crossing import OVERRIDE
from app.run.dead_man import behind, gone_off, unanswered, unconfirmed
from app.run.dead_man_events import DeadManGivenUp
from app.run.dead_man_state import GONE, GONE_OFF, UNANSWERED, DeadMan
from app.run.met import with_parents
from app.run.moment import Moment
from app.run.state import UNDER_WAY, Proposal, RunState, Stage, Status, StepState

RULED = frozenset({Status.PENDING, Status.WAITING, Status.FAILED, Status.CANCELLED, Status.FENCED, Status.IN_DOUBT})
RETRIED = frozenset({Status.FAILED, Status.CANCELLED, Status.FENCED, Status.SKIPPED, Status.DONE})


STOP_KEY = "the stop key: nothing new starts"
"""The reason that goes into the record when nobody had time to give one."""

HELD_OFF = timedelta(minutes=5)
"""A rollback that was held off is proposed again after this long, if the trigger has no `cool_down` of its own."""


def rule(state: RunState, request: r.Request, now: Moment) -> tuple[e.Event, ...]:
    """The events that this request becomes. Raises Refused, with the reason in plain words."""
    if state.stage is Stage.CLOSED and not isinstance(request, r.Note):
        raise Refused("The run is closed.", hint="Start a new run.")
    return _RULES[type(request)](state, request, now)


def people_of(state: RunState, roles: tuple[str, ...]) -> tuple[str, ...]:
    """Everybody in these roles, each once, in the order of the runbook; empty when the roles name nobody."""
    declared = state.plan.runbook.roles
    names = [name for role in roles if role in declared for name in declared[role].people]
    return tuple(dict.fromkeys(names))


def _hold(state: RunState, request: r.Hold, _now: Moment) -> tuple[e.Event, ...]:
    if state.proposal is not None:
        return _hold_off(state, state.proposal, request)
    if state.held:
        raise Refused(f"{state.held_by} already holds the run.")
    hold = e.HoldPlaced(request.by, request.reason)
    if state.countdown is not None and state.countdown.by == "runbook":  # it would lift what a person has just placed
        return (e.RollbackCalledOff(request.by), hold)
    return (hold,)


def _panic(state: RunState, request: r.Panic, _now: Moment) -> tuple[e.Event, ...]:
    """The one key. It is lawful as often as it is pressed, until the run is closed; it never lets anything go on."""
    if state.stage is Stage.CLOSED:
        raise Refused("The run is closed; nothing starts in it any more.")
    found: list[e.Event] = []
    down, proposal = state.countdown, state.proposal
    if down is not None:
        found.append(e.RollbackCalledOff(request.by))
        proposal = proposal or down.proposal  # which stands again when the strip is called off
    if proposal is not None:
        found += _hold_off(state, proposal, r.Hold(request.by, STOP_KEY))
    else:
        found.append(e.HoldPlaced(request.by, STOP_KEY))
    return tuple(found)


def _hold_off(state: RunState, proposal: Proposal, request: r.Hold) -> tuple[e.Event, ...]:
    """A rollback that a trigger proposes does not come for now; the run is held all the same, until it is released."""
    if not request.reason.strip():
        what = f"Trigger {proposal.trigger} proposes to go back: {proposal.reason}."
        raise Refused(what, hint="Hold it off with a reason, or roll back.")
    trigger = next((t for t in state.plan.runbook.triggers if t.id == proposal.trigger), None)
    again = trigger.cool_down if trigger is not None and trigger.cool_down else HELD_OFF
    refused = e.RollbackRefused(proposal.trigger, request.by, request.reason, int(again.total_seconds() * 1000))
    return (refused,) if state.held_by_person else (refused, e.HoldPlaced(request.by, request.reason))


def _release(state: RunState, request: r.Release, _now: Moment) -> tuple[e.Event, ...]:
    stopping = next((a for a, s in state.steps.items() if _stops(state, s)), "")
    if state.stage is Stage.STOPPED and stopping:
        raise Refused(f"{stopping} failed and stops the run.", hint="Retry it, skip it or mark it first.")
    off = gone_off(state)
    if off is not None and state.stage is Stage.STOPPED:
        hint = "Roll back what is left and close it; a new run does the step again."
        raise Refused(f"{off.address} was taken back by its target, so this run cannot go on.", hint=hint)
    if not state.held and state.stage is not Stage.STOPPED:
        hint = "Hold the proposed rollback off with a reason, or roll back." if state.proposal is not None else ""
        raise Refused("Nothing holds the run.", hint=hint)
    return (e.HoldLifted(request.by),)


def _stops(state: RunState, step: StepState) -> bool:
    """A failure that stops the run again as soon as it goes on."""
    planned = state.plan.by_address.get(step.address)
    if planned is None or step.status is not Status.FAILED or step.ruled_by:
        return False
    otherwise = getattr(planned.step.body, "otherwise", "") if planned.step.kind == "decide" else ""
    return "stop" in {planned.step.on_fail, otherwise}


def _note(_state: RunState, request: r.Note, _now: Moment) -> tuple[e.Event, ...]:
    if not request.text.strip():
        raise Refused("The note is empty.")
    return (e.NoteAdded(request.by, request.text),)


def _answer(state: RunState, request: r.Answer, now: Moment) -> tuple[e.Event, ...]:
    step = _known(state, request.address)
    question = step.question
    if question is None:
        switch = next((one for one in unconfirmed(state) if one.address == request.address), None)
        hint = "`tminus show` names what waits for a person." if switch is None else _way_out(state, switch)
        raise Refused(f"{request.address} asks nothing now.", hint=hint)
    if request.value not in question.options:
        hint = f"Answer one of {', '.join(question.options)}."
        raise Refused(f"`{request.value}` is no answer to {request.address}.", hint=hint)
    if question.wants == OVERRIDE:
        return _override(state, r.Override(request.by, request.address, request.note), now)
    switch = unanswered(state, request.address)
    if question.wants == GONE and switch is not None:
        return (_given_up(switch, request.by, request.note),)
    _may_answer(state, request, step)
    _evidence_given(state, request)
    if request.value == "go":
        _facts_hold(state, request.address, now)
    attempt = step.last.number if step.last is not None and question.wants != "approval" else len(step.attempts) + 1
    return (e.AnswerGiven(request.address, attempt, request.value, request.by, request.note, state.console.operator),)


def _override(state: RunState, request: r.Override, _now: Moment) -> tuple[e.Event, ...]:
    step = _known(state, request.address)
    if step.question is None or step.question.wants != OVERRIDE:
        hint = "Only a step after which the way back would be too late is held back."
        raise Refused(f"The clock of the way back does not hold {request.address} back.", hint=hint)
    if not request.reason.strip():
        raise Refused("A reason is needed.", hint="Say why the way back may end too late; it goes into the record.")
    return (e.StepOverridden(request.address, step.held_for, request.by, request.reason),)


def _may_answer(state: RunState, request: r.Answer, step: StepState) -> None:
    question = step.question
    assert question is not None
    people = people_of(state, question.by)
    if people and request.by not in people:
        who = ", ".join(people)
        raise Refused(f"{request.by} is not asked here.", hint=f"One of {who} answers: add @NAME to the answer.")
    if question.wants == "approval" and request.by in {state.operator, state.console.operator}:
        raise Refused("The operator cannot be the one who approves.", hint="Let a second person answer.")


def _evidence_given(state: RunState, request: r.Answer) -> None:
    """A check that asks for evidence is not done without a word on where it is."""
    asked = {"note", "file", "screenshot"} & set(state.plan.by_address[request.address].step.evidence)
    if request.value == "done" and asked and not request.note.strip():
        raise Refused(
            f"{request.address} asks for evidence: {', '.join(sorted(asked))}.",
            hint="Say in a note what or where it is.",
        )


def _facts_hold(state: RunState, address: str, now: Moment) -> None:
    body = state.plan.by_address[address].step.body
    if getattr(body, "rehearsed", None) is not None:
        hint = "Say no-go, or mark the step done with a reason."
        raise Refused("The go rests on a rehearsal, and there is none on record.", hint=hint)
    for fact in getattr(body, "facts", ()):
        if fact not in state.plan.by_address:
            hint = "Look yourself, then mark the step done with a reason."
            raise Refused(f"{fact} is no step of this run, so nobody can say here whether it holds.", hint=hint)
        step = state.step(fact)
        status = state.status(fact)
        if status is Status.LEFT_OUT:
            continue
        if status is not Status.DONE:
            raise Refused(f"{fact} is {status.value}; a go rests on it.", hint=f"Settle {fact} first, or say no-go.")
        fresh = state.plan.by_address[fact].step.fresh
        if fresh is not None and step.over is not None and now.since(step.over) > fresh:
            age = int(now.since(step.over).total_seconds())
            raise Refused(f"{fact} is {age} s old.", hint=f"Run it again: retry {fact}.")


def _retry(state: RunState, request: r.Retry, _now: Moment) -> tuple[e.Event, ...]:
    step = _known(state, request.address)
    _not_past(state, request.address)
    _may_run_again(state, request, step)
    if step.status is Status.IN_DOUBT:
        if not request.reason.strip():
            raise Refused("It may run twice.", hint="Say why that is safe: a reason is needed.")
        last = step.last
        assert last is not None
        ruled = e.StepRuled(request.address, last.number, "failed", request.by, f"Run again: {request.reason}")
        return (ruled, e.RetryAllowed(request.address, last.number, request.by, request.reason))
    if step.status not in RETRIED:
        raise Refused(f"{request.address} is {step.status.value}; it cannot be tried again now.")
    changes = state.plan.by_address[request.address].step.changes
    if step.status is Status.DONE and changes is not None and changes.value != "nothing":
        raise Refused(f"{request.address} is done and changes things.", hint="Roll back instead.")
    return (e.RetryAllowed(request.address, len(step.attempts), request.by, request.reason),)


def _may_run_again(state: RunState, request: r.Retry, step: StepState) -> None:
    off = gone_off(state)
    if off is not None and state.back is None:
        raise Refused(f"{off.address} was taken back by its target; nothing is tried again in this run.")
    planned = state.plan.by_address[request.address]
    if state.stage in {Stage.ROLLED_BACK, Stage.INCOMPLETE}:
        raise Refused("The way back is over.", hint="Roll back again: what is undone stays undone.")
    if planned.step.rerun == "never" and step.started:
        raise Refused(f"{request.address} must never run twice, says the runbook.", hint="Mark it, or roll back.")
    finals = [c.address for c in state.plan.children(planned.parent, planned.item) if c.role == "finally"]
    if planned.role == "main" and any(state.step(address).started for address in finals):
        what = f"{planned.item} was put back into service already."
        raise Refused(what, hint="Skip the step, or roll back; a new run takes the item again.")


def _rule_on(state: RunState, request: r.Rule, _now: Moment) -> tuple[e.Event, ...]:
    step = _known(state, request.address)
    if request.ruling not in {"done", "failed", "skipped"}:
        raise Refused(f"`{request.ruling}` is no ruling.", hint="Say done, failed or skipped.")
    switch = unanswered(state, request.address)
    if switch is not None and request.ruling != "failed" and not _is_ruled(state, step):
        return (_given_up(switch, request.by, request.reason),)
    _not_past(state, request.address)
    if not request.reason.strip():
        raise Refused("A reason is needed.", hint="Say why in a few words; it goes into the record.")
    if step.status in UNDER_WAY:
        raise Refused(f"{request.address} is {step.status.value}.", hint="Stop it first.")
    if step.status not in RULED:
        raise Refused(f"{request.address} is already {step.status.value}.")
    ruled = e.StepRuled(request.address, len(step.attempts), request.ruling, request.by, request.reason)
    if switch is not None and switch.undo == request.address:  # what it holds is settled, so it is, too
        return (ruled, _given_up(switch, request.by, request.reason))
    return (ruled,)


def _is_ruled(state: RunState, step: StepState) -> bool:
    """Whether a ruling on it is about the step itself, not about its switch."""
    try:
        _not_past(state, step.address)
    except Refused:
        return False
    return step.status in RULED


def _given_up(switch: DeadMan, by: str, reason: str) -> DeadManGivenUp:
    """A person vouches that nothing will come of a switch whose target is gone."""
    if not reason.strip():
        raise Refused("A reason is needed.", hint="Say how you know that its target is gone for good.")
    return DeadManGivenUp(switch.address, by, reason)


def _ask_again(state: RunState, request: r.AskAgain, _now: Moment) -> tuple[e.Event, ...]:
    step = _known(state, request.address)
    if step.status is not Status.IN_DOUBT or step.last is None:
        raise Refused(f"{request.address} is {step.status.value}, not in doubt.")
    return (e.DoubtAsked(request.address, step.last.number, request.by),)


def _stop_step(state: RunState, request: r.StopStep, _now: Moment) -> tuple[e.Event, ...]:
    step = _known(state, request.address)
    if step.status not in {Status.RUNNING, Status.STOPPING} or step.last is None:
        raise Refused(f"{request.address} is {step.status.value}; there is nothing to stop.")
    if step.last.kind == "each":
        raise Refused(f"{request.address} runs nothing itself.", hint="Stop one of its items, or hold the run.")
    if state.plan.by_address[request.address].step.uninterruptible:
        raise Refused(f"{request.address} must not be interrupted.", hint="Its time limit ends it.")
    return (e.StopRequested(request.address, step.last.number, request.by, request.reason),)


def _roll_back(state: RunState, request: r.RollBack, _now: Moment) -> tuple[e.Event, ...]:
    if state.stage is Stage.ROLLING_BACK:
        raise Refused("The way back is already under way.")
    if state.countdown is not None:
        return _now_then(state, request, _now)
    if not state.started:
        hint = next((_way_out(state, one) for one in unconfirmed(state)), "")
        raise Refused("Nothing has started, so there is nothing to undo.", hint=hint)
    return (e.RollbackRequested(request.by, request.scope, request.reason, request.countdown_ms, request.accepts),)


def _now_then(state: RunState, request: r.Request, _now: Moment) -> tuple[e.Event, ...]:
    down = state.countdown
    if down is None:
        raise Refused("No rollback is counting down.")
    accepts = request.accepts if isinstance(request, r.RollBack) else ""
    return (e.RollbackRequested(request.by, down.scope, down.reason, 0, accepts or down.accepts),)


def _call_off(state: RunState, request: r.CallOff, _now: Moment) -> tuple[e.Event, ...]:
    if state.countdown is None:
        raise Refused("No rollback is counting down.")
    return (e.RollbackCalledOff(request.by),)


def _acknowledge(state: RunState, request: r.Acknowledge, _now: Moment) -> tuple[e.Event, ...]:
    """A metric by its name, with all that fired on it, or one trigger."""
    name, metric = request.metric, state.metrics.get(request.metric)
    seen: list[e.Event] = []
    if metric is not None and metric.red_at is not None:
        seen.append(e.MetricAcknowledged(name, request.by))
    marked = [t for t in state.triggers.values() if t.fired is not None and name in {t.trigger, t.metric}]
    seen += [e.TriggerAcknowledged(t.trigger, request.by) for t in marked]
    if not seen:
        raise Refused(f"{name} has no red mark.", hint="Name a metric or a trigger that is marked red.")
    return tuple(seen)


def _keep_export(_state: RunState, request: r.KeepExport, _now: Moment) -> tuple[e.Event, ...]:
    """Lawful at any time: the rows lie there, whatever became of the run meanwhile."""
    kept = (request.folder, request.digest, request.rows, request.since, request.form, request.files)
    return (e.RowsExported(request.by, *kept),)


def _close(state: RunState, request: r.Close, _now: Moment) -> tuple[e.Event, ...]:
    if state.stage is Stage.ROLLING_BACK or state.countdown is not None:
        raise Refused("The way back is under way.", hint="Let it end first.")
    doubts = [a for a, s in state.steps.items() if s.status is Status.IN_DOUBT]
    if doubts and not request.reason.strip():
        raise Refused(f"{doubts[0]} is in doubt.", hint="Settle it first, or close with a reason.")
    busy = [a for a, s in state.steps.items() if s.status in UNDER_WAY]
    if busy:
        raise Refused(f"{busy[0]} still runs.", hint="Stop it first, or wait.")
    waiting = unconfirmed(state)
    for one in waiting:
        if one.status not in UNANSWERED or not request.reason.strip():
            raise Refused(f"{one.address} is not confirmed.", hint=_way_out(state, one))
    on = [m.mode for m in state.modes.values() if m.since is not None]
    if on and not request.reason.strip():
        raise Refused(f"Still on: {', '.join(on)}.", hint="Leave them first, or close with a reason.")
    return (*(_given_up(one, request.by, request.reason) for one in waiting), e.RunClosed(request.by, request.reason))


def _way_out(state: RunState, switch: DeadMan) -> str:
    """How a switch that nobody confirmed is settled from here."""
    step = state.step(switch.address)
    if switch.status in UNANSWERED:
        return "Close with a reason if its target is gone for good; else wait until it is reached."
    if not step.started and step.status is Status.PENDING:
        return f"It never began: skip {switch.address} with a reason, then confirm it, and its switch comes off."
    return f"Confirm {switch.address} or roll back; else its target takes it back by itself."


def _known(state: RunState, address: str) -> StepState:
    if address not in state.plan.by_address:
        raise Refused(f"There is no step `{address}` in this run.", hint="`tminus show` lists the steps.")
    return state.step(address)


def _not_past(state: RunState, address: str) -> None:
    """Once the way back was planned, forward steps are history."""
    names = with_parents(state, address)
    switch = behind(state, address)
    if switch is not None and switch.status in GONE_OFF:
        return
    if state.back is not None and any(row.address in names for row in state.back.rows):
        return
    if all(planned.address != address for planned in state.plan.steps):
        raise Refused(f"{address} is not part of the run as it stands.", hint="It belongs to a way back, or to later.")
    if state.back is None:
        return
    if state.step(address).status is not Status.IN_DOUBT:
        raise Refused("The way back has started; forward steps are over.")


_RULES: dict[type[r.Request], Callable[[RunState, Any, Moment], tuple[e.Event, ...]]] = {
    r.Hold: _hold,
    r.Panic: _panic,
    r.Release: _release,
    r.Note: _note,
    r.Answer: _answer,
    r.Retry: _retry,
    r.Rule: _rule_on,
    r.Override: _override,
    r.AskAgain: _ask_again,
    r.StopStep: _stop_step,
    r.RollBack: _roll_back,
    r.RollBackNow: _now_then,
    r.CallOff: _call_off,
    r.Acknowledge: _acknowledge,
    r.KeepExport: _keep_export,
    r.Close: _close,
}
