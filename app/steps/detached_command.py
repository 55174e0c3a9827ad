"""One detached command as a step: launched once, followed to its end, found again after a gap, never guessed about.

Used by `local`, and by whatever else runs commands through `app.ports.Commands`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.errors import Refused, TargetUnreachable
from app.ports import CommandPhase, Commands, CommandState, Limits, Payload, Say, SecretText, Stream, World
from app.run.outcome import Evidence, Intent, Observed, Outcome, PointsTo, Verdict
from app.runbook.model_step import Step
from app.steps.command import CommandBody
from app.steps.doubt import Doubt, at, probe_or_doubt
from app.steps.live import Toolbox

KEPT = 1 << 20
"""Bytes of each stream that `expect` and `save` may look at: the first ones. All of it is in the record."""

_LOOK_EVERY = timedelta(seconds=1)
_NEVER_BEGAN = frozenset({CommandPhase.ABSENT, CommandPhase.CLAIMED, CommandPhase.FENCED})
_LOST = {
    CommandPhase.LOST_REBOOT: "the machine was started anew while it ran",
    CommandPhase.LOST_SUPERVISOR: "the process that watched over it was killed",
}


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt at one place."""

    intent: Intent
    step: Step
    place: Commands
    world: World
    toolbox: Toolbox


async def perform(attempt: Attempt, payload: Payload, say: Say) -> Outcome:
    """Launch it and follow it. Raises TargetUnreachable when nobody can say whether it started."""
    place, ticket = attempt.place, attempt.intent.ticket
    try:
        await place.launch(ticket, payload, Limits(seconds=attempt.toolbox.limit_seconds))
    except Refused as refused:
        return at(Outcome(Verdict.FAILED, f"never started: {refused}"), place.name)
    except TargetUnreachable:
        return await settle(attempt, say)  # the launch may have arrived; only the place itself can say
    return await _follow(attempt, say)


async def settle(attempt: Attempt, say: Say) -> Outcome:
    """Fence it if it never started; else follow it again from its first byte, telling only what is new."""
    state = await attempt.place.fence(attempt.intent.ticket)
    say.alive(attempt.place.name)
    if state.phase is CommandPhase.FENCED:
        return at(Outcome(Verdict.NEVER_RAN, "never ran, and never will"), attempt.place.name)
    return await _follow(attempt, say)


async def _follow(attempt: Attempt, say: Say) -> Outcome:
    ear = _Ear(say, attempt.toolbox.seen)
    state = await attempt.place.attach(attempt.intent.ticket, 0, 0, ear)
    if state.phase in _NEVER_BEGAN:
        state = await attempt.place.fence(attempt.intent.ticket)
    return at(await _outcome(attempt, state, ear), attempt.place.name)


async def _outcome(attempt: Attempt, state: CommandState, ear: _Ear) -> Outcome:
    if state.phase is CommandPhase.FENCED:
        return Outcome(Verdict.NEVER_RAN, "never ran, and never will")
    if state.phase is not CommandPhase.DONE or state.rc is None:
        return await _lost(attempt, await _until_gone(attempt, state, ear), ear)
    length = _length(state)
    facts = {"exit": state.rc, "stdout": ear.text("out"), "stderr": ear.text("err"), "duration": length}
    verdict, summary = _verdict(state)
    if state.dropped:
        summary += f"; {state.dropped} bytes of output were dropped at the limit"
    return Outcome(verdict, summary, Observed(facts), elapsed=length)


def _verdict(state: CommandState) -> tuple[Verdict, str]:
    if state.killed.startswith("timeout"):
        return Verdict.TIMED_OUT, f"ended at its time limit (exit {state.rc})"
    if state.killed == "dead-man":
        return Verdict.CANCELLED, f"ended by its dead-man switch, before its undo ran (exit {state.rc})"
    if state.killed:
        return Verdict.CANCELLED, f"ended by {state.killed.replace('operator-', 'the operator, SIG')} (exit {state.rc})"
    return Verdict.DONE, f"exit {state.rc}"


async def _until_gone(attempt: Attempt, state: CommandState, say: Say) -> CommandState:
    """Nobody watches over it any more, but it goes on: a probe asked now would say "not done" of a running command."""
    while state.group == "alive":
        say.alive(attempt.place.name)
        await attempt.world.clock.sleep(_LOOK_EVERY)
        state = await attempt.place.state(attempt.intent.ticket)
    return state


async def _lost(attempt: Attempt, state: CommandState, ear: _Ear) -> Outcome:
    why = _LOST.get(state.phase, f"the target says {state.phase.value} and gives no exit status")
    redact = attempt.toolbox.redact  # before anything is cut: half a secret would not be found any more
    lines = (redact(ear.text("out")) + redact(ear.text("err"))).splitlines()
    evidence = (
        Evidence("Did it start?", f"yes, at {state.began or 'a time it could not write down'}", PointsTo.STARTED),
        Evidence("How did it end?", f"{why}; no exit status was written", PointsTo.UNKNOWN),
        Evidence("Does it run now?", "no, its process group is gone", PointsTo.NOT_RUNNING),
        Evidence("What did it say last?", lines[-1][:200] if lines else "nothing", PointsTo.UNKNOWN),
    )
    doubt = Doubt(f"in doubt: {why}", evidence)
    return await probe_or_doubt(doubt, attempt.intent, attempt.step, attempt.world, attempt.toolbox)


def payload_of(body: CommandBody, intent: Intent, world: World, cwd: str = "") -> Payload:
    """The command with its environment; secrets revealed now, and kept apart. Raises Refused for an unknown secret."""
    plain = [(name, value) for name, value in body.env.items() if isinstance(value, str)]
    secret = [(name, world.secrets.reveal(value)) for name, value in body.env.items() if isinstance(value, SecretText)]
    own = (
        ("TMINUS_RUN", intent.run),
        ("TMINUS_STEP", intent.address),
        ("TMINUS_ATTEMPT", str(intent.attempt)),
        ("TMINUS_TICKET", intent.ticket),
    )
    return Payload(
        argv=body.argv,
        script=body.script,
        env=(*plain, *own),
        secret_env=tuple(secret),
        stdin=world.secrets.reveal(body.stdin).encode() if body.stdin else None,
        stdin_is_secret=isinstance(body.stdin, SecretText),
        cwd=cwd,
    )


def _length(state: CommandState) -> timedelta:
    try:
        began, ended = datetime.fromisoformat(state.began), datetime.fromisoformat(state.ended)
    except ValueError:  # a target whose clock could not be written down
        return timedelta()
    return max(ended - began, timedelta())


@dataclass(slots=True)
class _Ear:
    """Passes on what the record does not hold yet, and keeps the beginning of each stream for `expect` and `save`."""

    say: Say
    seen: tuple[int, int]
    kept: dict[Stream, bytearray] = field(default_factory=lambda: {"out": bytearray(), "err": bytearray()})

    def output(self, stream: Stream, offset: int, data: bytes) -> None:
        """A chunk, from the first byte of the attempt on."""
        kept = self.kept.get(stream)
        if kept is not None and len(kept) < KEPT:
            kept += data[: KEPT - len(kept)]
        known = self.seen[1] if stream == "err" else self.seen[0]
        fresh = data[max(0, known - offset) :]
        if fresh:
            self.say.output(stream, max(offset, known), fresh)

    def alive(self, where: str) -> None:
        """Heard."""
        self.say.alive(where)

    def text(self, stream: Stream) -> str:
        """The beginning of a stream as text; bytes that are no UTF-8 become U+FFFD."""
        return self.kept[stream].decode("utf-8", "replace")
