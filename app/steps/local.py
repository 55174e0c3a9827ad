"""`local`: a command on the machine of the console, detached, so that it outlives the console."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from app.errors import Refused
from app.ports import Commands, Payload, Say, World
from app.run.outcome import Intent, Outcome, Verdict
from app.runbook.body import Changes, Target, Writes
from app.runbook.kind import Inner
from app.runbook.model_step import Step
from app.steps import detached_command
from app.steps.command import CommandBody, shown
from app.steps.live import Expects, Toolbox


class LocalBody(CommandBody):
    """One command and the folder it runs in."""

    cwd: str = ""


@dataclass(frozen=True, slots=True)
class LocalKind:
    """`local`, both halves."""

    name: str = "local"
    model: type[LocalBody] = LocalBody
    available: str = ""

    def targets(self, body: LocalBody, /) -> tuple[Target, ...]:
        """This machine."""
        del body
        return (Target("local"),)

    def writes(self, body: LocalBody, /) -> Writes:
        """Nobody can tell from outside."""
        del body
        return Writes.MAYBE

    def default_changes(self, body: LocalBody, /) -> Changes | None:
        """The step must say."""
        del body
        return None

    def inner(self, body: LocalBody, /) -> Inner:
        """None."""
        del body
        return ()

    def describe(self, body: LocalBody, /) -> str:
        """The command as one would type it."""
        where = f"# in {body.cwd}\n" if body.cwd else ""
        return where + shown(body.argv, body.script, body.env)

    async def perform(self, intent: Intent, step: Step, world: World, say: Say, toolbox: Toolbox) -> Outcome:
        """Launch it and follow it to its end."""
        body: Any = step.body
        try:
            payload = detached_command.payload_of(body, intent, world, body.cwd)
        except Refused as refused:
            return Outcome(Verdict.FAILED, f"never started: {refused}")
        attempt = detached_command.Attempt(intent, step, world.local, world, toolbox)
        return await detached_command.perform(attempt, payload, say)

    async def settle(self, intent: Intent, step: Step, world: World, say: Say, toolbox: Toolbox) -> Outcome:
        """Fence it, or follow it again."""
        attempt = detached_command.Attempt(intent, step, world.local, world, toolbox)
        return await detached_command.settle(attempt, say)

    async def stop(self, intent: Intent, step: Step, world: World, force: Literal["gentle", "kill"]) -> bool:
        """Signal its whole process group."""
        del step
        await world.local.cancel(intent.ticket, "TERM" if force == "gentle" else "KILL")
        return True

    async def forget(self, intent: Intent, step: Step, world: World) -> None:
        """Remove its payload and streams; its gate stays shut."""
        del step
        await world.local.forget(intent.ticket)

    def place_of(self, step: Step, world: World, expects: Expects) -> Commands:
        """This machine."""
        del step, expects
        return world.local

    def payload_of(self, intent: Intent, step: Step, world: World) -> Payload:
        """What runs here."""
        body: Any = step.body
        return detached_command.payload_of(body, intent, world, body.cwd)
