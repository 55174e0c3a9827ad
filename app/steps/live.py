"""What the engine asks of a step kind: the live half, beside the static half that the language knows.

`perform` cannot be called without a durable Intent. `settle` asks the target what became of an attempt that this
console did not see end: it re-attaches (and may then take as long as the step), fences what never started, or says
IN_DOUBT with the evidence. `stop` asks the target to end it; the outcome still comes from `perform` or `settle`.
Cancelling the task of any of them detaches. What `perform` returns is raw: the engine judges `expect` and `save`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol, runtime_checkable

from app.ports import Commands, Payload, Say, World
from app.run.expect import Redact, as_it_is
from app.run.outcome import Intent, Outcome
from app.runbook.kind import Kind
from app.runbook.model_step import Step

Expects = Mapping[str, tuple[tuple[str, str], ...]]
"""By name of a database or host: the facts of its fingerprint that it must still show before it is acted on."""

Observe = Callable[[str, Any, str], Awaitable[Outcome]]
"""(kind, resolved body, ticket) -> what an inner read-only step saw; for `wait.until` and probes."""


@dataclass(frozen=True, slots=True)
class Toolbox:
    """What an attempt may use besides the world.

    observe: runs an inner read-only kind; began: when the step first started, aware UTC (a `wait: {for}` counts from
    there, also after the console was away); seen: raw bytes of out and err that the record already holds;
    limit_seconds: the step's `max` for the target to keep, 0 for none; moment: a `wait: {time}` as an aware instant;
    expects: by name of a database or host, the facts of its fingerprint that it must still show before it is acted on;
    redact: masks secrets in text that a kind is about to shorten for a sentence of its own.
    """

    observe: Observe
    began: datetime
    seen: tuple[int, int] = (0, 0)
    limit_seconds: int = 0
    moment: datetime | None = None
    expects: Expects = field(default_factory=dict)
    redact: Redact = as_it_is


class StepKind(Kind, Protocol):
    """A kind that can run."""

    async def perform(self, intent: Intent, step: Step, world: World, say: Say, toolbox: Toolbox) -> Outcome:
        """Do it. `step` is resolved. Never raises for what a target does; that is an outcome."""

    async def settle(self, intent: Intent, step: Step, world: World, say: Say, toolbox: Toolbox) -> Outcome:
        """After a gap: the truth from the target, or a doubt with its evidence."""

    async def stop(self, intent: Intent, step: Step, world: World, force: Literal["gentle", "kill"]) -> bool:
        """Ask the target to end it. False when nothing runs at any target: the engine then ends the attempt itself."""


@runtime_checkable
class LeavesTraces(Protocol):
    """A kind whose target keeps what an attempt wrote until it is told that the record has it.

    What a command prints may hold a secret that only the console can mask, so it does not stay at the target.
    """

    async def forget(self, intent: Intent, step: Step, world: World) -> None:
        """Remove what it left, apart from what keeps it from ever running again. May raise TargetUnreachable."""


@runtime_checkable
class FiresAlone(Protocol):
    """A kind whose steps may wait at their target and run there by themselves: the undo behind a dead-man switch."""

    def place_of(self, step: Step, world: World, expects: Expects) -> Commands:
        """Where it runs. `step` is resolved. Raises Refused for an undeclared target."""

    def payload_of(self, intent: Intent, step: Step, world: World) -> Payload:
        """What runs there, secrets revealed now. Raises Refused for an unknown one."""
