"""When the terminal's part in a run is over, with which exit status, and what the operator types next. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from app.cli.exit_codes import ExitCode
from app.engine.loop import CONSOLE
from app.reports.held_back import held_back
from app.reports.naming import one_line, people_for, step_name
from app.run.crossing import OVERRIDE
from app.run.dead_man import gone_off
from app.run.dead_man_state import CONFIRM, GONE, KEEP
from app.run.decide import blocked_by_person
from app.run.proposals import starts_alone
from app.run.state import UNDER_WAY, RunState, Stage, Status


@dataclass(frozen=True, slots=True)
class Ending:
    """`says`: one sentence; `then`: what to type next, one line each."""

    code: ExitCode
    says: str
    then: tuple[str, ...] = ()


def ending(state: RunState) -> Ending | None:
    """How the run stands at its end; None while it goes on by itself or waits for a person."""
    if busy(state) or state.countdown is not None or state.proposal is not None:
        return None
    run = state.run
    match state.stage:
        case Stage.FINISHED | Stage.CLOSED:
            then = (f"tminus log {run}", f"tminus rollback {run}")[: _open(state)]
            return Ending(ExitCode.DONE, f"Done.{_still_on(state)}", then)
        case Stage.ROLLED_BACK:
            return Ending(ExitCode.ROLLED_BACK, f"Rolled back.{_still_on(state)}", (f"tminus log {run}",))
        case Stage.INCOMPLETE:
            return Ending(
                ExitCode.ROLLBACK_INCOMPLETE, f"The rollback is incomplete.{_still_on(state)}", (f"tminus log {run}",)
            )
        case Stage.STOPPED:
            return _stopped(state)
        case _:
            return _held_as_asked(state)


def _still_on(state: RunState) -> str:
    """Modes that nobody left; the run cannot be closed with them without a reason."""
    names = [name for name, mode in state.modes.items() if mode.since is not None]
    return f" Still on: {', '.join(names)}." if names else ""


def busy(state: RunState) -> bool:
    """Whether anything may have an effect right now, or a target is being asked."""
    return any(
        step.status in UNDER_WAY and (step.last is None or step.last.kind != "each") for step in state.steps.values()
    )


def blocked(state: RunState) -> Ending | None:
    """What the run waits for, when only a person can go on; doubts weigh most, then failures, then questions."""
    waiting = blocked_by_person(state)
    for wanted, ends in ((_DOUBT, _doubt), (_FAILURES, _failure)):
        found = [p.address for p in waiting if state.status(p.address) in wanted]
        if found:
            return ends(state, found[0])
    asking = [p.address for p in waiting if state.step(p.address).question is not None]
    return _question(state, asking[0]) if asking else _trigger(state)


_DOUBT = frozenset({Status.IN_DOUBT})
_FAILURES = frozenset({Status.FAILED, Status.CANCELLED})


def _open(state: RunState) -> int:
    return 1 if state.stage is Stage.CLOSED else 2


def _stopped(state: RunState) -> Ending:
    found = blocked(state)
    if found is not None and found.code is ExitCode.IN_DOUBT:
        return found
    if gone_off(state) is not None:
        then = (f"tminus rollback {state.run}   # what is left", f"tminus log {state.run}   # what its target did")
        return Ending(ExitCode.STEP_FAILED, f"Stopped: {one_line(state.stop_reason)}", then)
    then = (f"tminus rollback {state.run}", f"tminus release {state.run}   # to go on after all, then resume")
    return Ending(ExitCode.STEP_FAILED, f"Stopped: {one_line(state.stop_reason)}", then)


def _held_as_asked(state: RunState) -> Ending | None:
    if not (state.until_reached and state.held_by == "console"):
        return None
    then = (f"tminus release {state.run}", f"tminus resume {state.run}")
    return Ending(ExitCode.DONE, f"Held after {state.until}, as asked.", then)


def _trigger(state: RunState) -> Ending | None:
    """A trigger or the engine holds the run, or a trigger proposes to go back and will not do it by itself."""
    run, proposal = state.run, state.proposal
    if proposal is not None:
        spent = state.now.awake_since(proposal.began) > timedelta(milliseconds=proposal.length_ms)
        if starts_alone(state, proposal) and not (spent and proposal.asked >= len(proposal.asks)):
            return None
        says = f"Trigger {proposal.trigger} proposes to go back: {one_line(proposal.reason)}."
        then = (f"tminus rollback {run}", f"tminus hold {run} --reason WHY   # holds it off", f"tminus resume {run}")
        return Ending(ExitCode.ANSWER_MISSING, says, then)
    if not held_by_itself(state):
        return None
    says = f"{state.held_by.capitalize()} holds the run: {one_line(state.held_reason)}."
    return Ending(
        ExitCode.ANSWER_MISSING, says, (f"tminus release {run}", f"tminus resume {run}", f"tminus rollback {run}")
    )


def held_by_itself(state: RunState) -> bool:
    """Whether nothing starts because of a trigger or a fault; a person looks, and lifts the hold or goes back."""
    by_trigger = state.held_by.startswith("trigger ") and state.stage is Stage.FORWARD
    return by_trigger or state.held_by == CONSOLE


def _doubt(state: RunState, address: str) -> Ending:
    summary = one_line(state.step(address).reason)
    says = f"{step_name(state.plan, address)} is in doubt{': ' if summary else ''}{summary}"
    step = f"tminus step {state.run} {address}"
    then = (
        f"tminus resume {state.run}   # asks the target again",
        f"{step} done --reason WHY   # it took effect",
        f"{step} retry --reason WHY   # it did not, or running it twice is safe",
    )
    return Ending(ExitCode.IN_DOUBT, says, then)


def _failure(state: RunState, address: str) -> Ending:
    reason = one_line(state.step(address).reason)
    says = f"{step_name(state.plan, address)} failed{': ' if reason else ''}{reason}"
    back = state.stage is Stage.ROLLING_BACK
    step = f"tminus step {state.run} {address}"
    then = [f"{step} retry   # or skip, done, fail with --reason WHY", f"tminus resume {state.run}"]
    then += [] if back else [f"tminus rollback {state.run}"]
    waits = held_back(state, address)
    if waits:
        says = f"{says.rstrip('. ')}. {waits}"
        then.append(f"tminus release {state.run}   # and the runbook goes back by itself")
    code = ExitCode.ROLLBACK_INCOMPLETE if back else ExitCode.STEP_FAILED
    return Ending(code, says, tuple(then))


def _too_late(state: RunState, address: str, text: str) -> Ending:
    step = f"tminus step {state.run} {address}"
    then = (
        f"{step} override --reason WHY   # it begins although the way back would end too late",
        f"tminus resume {state.run}",
        f"{step} skip --reason WHY",
        f"tminus rollback {state.run}",
    )
    return Ending(ExitCode.ANSWER_MISSING, f"{step_name(state.plan, address)} was not begun: {one_line(text)}", then)


def _question(state: RunState, address: str) -> Ending:
    question = state.step(address).question
    assert question is not None
    if question.wants == OVERRIDE:
        return _too_late(state, address, question.text)
    if question.wants == GONE:
        way_out = f"tminus resume {state.run}   # type `gone WHY` there, or wait for it"
        return Ending(ExitCode.ANSWER_MISSING, one_line(question.text), (way_out,))
    who = people_for(state, address)
    says = f"{step_name(state.plan, address)} waits for {who}: {one_line(question.text)}"
    if question.wants == KEEP:  # said to a run that nobody drives it would not reach the target, whose clock runs
        return Ending(ExitCode.ANSWER_MISSING, says, (f"tminus resume {state.run} --answer {address}={CONFIRM}",))
    good = question.options[0] if question.options else "VALUE"
    named = f"{good}@NAME" if question.by or question.wants == "approval" else good
    then = (
        f"tminus resume {state.run} --answer {address}={named}",
        f"tminus answer {state.run} {address} {good} --as NAME   # one of {', '.join(question.options)}",
    )
    return Ending(ExitCode.ANSWER_MISSING, says, then)
