"""What follows from an event by the runbook's own words, recorded together with it: modes, boundaries, artefacts."""

from __future__ import annotations

from app.run import events as e
from app.run.dead_man import follows
from app.run.state import RunState


def consequences(state: RunState, event: e.Event) -> tuple[e.Event, ...]:
    """The events to record in the same breath. `state` is the one before `event`.

    A mode counts as on from the moment a step that enters it starts, and as off only once a step that leaves it is
    done: the clock errs on the side of the customer.
    """
    return (*_by_the_runbook(state, event), *follows(state, event))


def _by_the_runbook(state: RunState, event: e.Event) -> tuple[e.Event, ...]:
    if isinstance(event, e.StepStarted):
        return _on_start(state, event.address)
    if isinstance(event, e.StepSucceeded):
        return _on_success(state, event.address)
    if isinstance(event, e.StepRuled) and event.ruling == "done":
        by_hand = () if state.step(event.address).started else _on_start(state, event.address)
        return (*by_hand, *_on_success(state, event.address))
    if isinstance(event, e.RollbackCalledOff) and event.by == "console":
        return _on_no_way_back(state, event.reason or "There is no way back from here.")
    return ()


def _on_no_way_back(state: RunState, why: str) -> tuple[e.Event, ...]:
    """A trigger's rollback that is not possible ends in a hold: what it saw is not over, and a person must know."""
    down = state.countdown
    if down is None or not down.by.startswith("trigger ") or state.held:
        return ()
    return (e.HoldPlaced(down.by, f"{down.reason}. {why}"),)


def _on_start(state: RunState, address: str) -> tuple[e.Event, ...]:
    step = state.plan.by_address[address].step
    found: list[e.Event] = [e.ModeEntered(mode, address) for mode in step.enter]
    boundary = step.boundary
    if boundary is not None and all(c.address != address for c in state.crossings):
        found.append(e.BoundaryCrossed(address, boundary.kind, boundary.says))
    return tuple(found)


def _on_success(state: RunState, address: str) -> tuple[e.Event, ...]:
    step = state.plan.by_address[address].step
    entered = set(step.enter)
    on = {m for m, mode in state.modes.items() if mode.since is not None} | entered
    left = [e.ModeLeft(m, address) for m in step.leave if m in on]
    made = [e.ArtifactMade(artifact, address) for artifact in step.makes]
    return (*left, *made)
