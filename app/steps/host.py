"""`host`: a command on a host over SSH, detached, so that it outlives the link and the console.

On a group it is laid out as an `each` over the hosts (app/runbook/group.py); here it always names one host.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from app.errors import Refused
from app.ports import Commands, Payload, Say, World
from app.run.outcome import Intent, Outcome, Verdict
from app.runbook.body import Changes, Target, Writes
from app.runbook.fields import OpenBatch
from app.runbook.kind import Inner
from app.runbook.model_step import Step
from app.steps import detached_command
from app.steps.command import CommandBody, shown
from app.steps.live import Expects, Toolbox


class HostBody(CommandBody):
    """A host or group, one command, the user to become, and how many hosts of a group at a time."""

    name: str
    sudo: str = ""
    batch: OpenBatch | None = None


@dataclass(frozen=True, slots=True)
class HostKind:
    """`host`, both halves."""

    name: str = "host"
    model: type[HostBody] = HostBody
    available: str = ""

    def targets(self, body: HostBody, /) -> tuple[Target, ...]:
        """A host, or the group of that name."""
        return (Target("host", body.name),)

    def writes(self, body: HostBody, /) -> Writes:
        """Nobody can tell from outside."""
        del body
        return Writes.MAYBE

    def default_changes(self, body: HostBody, /) -> Changes | None:
        """The step must say."""
        del body
        return None

    def inner(self, body: HostBody, /) -> Inner:
        """None."""
        del body
        return ()

    def describe(self, body: HostBody, /) -> str:
        """Where, as whom, and the command as one would type it."""
        who = f" as {body.sudo}" if body.sudo else ""
        batch = f", {body.batch} at a time" if body.batch else ""
        return f"# on {body.name}{who}{batch}\n{shown(body.argv, body.script, body.env)}"

    async def perform(self, intent: Intent, step: Step, world: World, say: Say, toolbox: Toolbox) -> Outcome:
        """Launch it and follow it to its end."""
        body: Any = step.body
        try:
            place = _place(body, world, toolbox.expects)
            payload = detached_command.payload_of(body, intent, world)
        except Refused as refused:
            return Outcome(Verdict.FAILED, f"never started: {refused}")
        attempt = detached_command.Attempt(intent, step, place, world, toolbox)
        return await detached_command.perform(attempt, payload, say)

    async def settle(self, intent: Intent, step: Step, world: World, say: Say, toolbox: Toolbox) -> Outcome:
        """Fence it, or follow it again."""
        attempt = detached_command.Attempt(intent, step, _place(step.body, world, toolbox.expects), world, toolbox)
        return await detached_command.settle(attempt, say)

    async def stop(self, intent: Intent, step: Step, world: World, force: Literal["gentle", "kill"]) -> bool:
        """Signal its whole process group."""
        await _place(step.body, world).cancel(intent.ticket, "TERM" if force == "gentle" else "KILL")
        return True

    async def forget(self, intent: Intent, step: Step, world: World) -> None:
        """Remove its payload and streams at the host; its gate stays shut there."""
        await _place(step.body, world).forget(intent.ticket)

    def place_of(self, step: Step, world: World, expects: Expects) -> Commands:
        """The host that the run knows, as the user that the step becomes."""
        return _place(step.body, world, expects)

    def payload_of(self, intent: Intent, step: Step, world: World) -> Payload:
        """What runs there."""
        body: Any = step.body
        return detached_command.payload_of(body, intent, world)


def _place(body: Any, world: World, expects: Expects = MappingProxyType({})) -> Commands:  # noqa: ANN401 - the kind's fields
    """The host that the run knows, as the user that the step becomes. Raises Refused for an undeclared one."""
    host = world.hosts.get(body.name)
    if host is None:
        raise Refused(f"There is no host called {body.name[:60]}.", hint="Declare it under `hosts` in the runbook.")
    if body.name in expects:
        host = host.only(expects[body.name])
    return host.become(body.sudo) if body.sudo else host
