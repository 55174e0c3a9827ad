"""Kinds that never run at a target: those a person performs, those made of others, those that come later."""

from __future__ import annotations

from typing import Literal

from app.ports import Say, World
from app.run.outcome import Intent, Outcome, Verdict
from app.runbook.model_step import Step
from app.steps.live import Toolbox


class ByOthers:
    """The live half of check and decide (a person) and of each (its inner steps): asking for it is a mistake."""

    async def perform(self, intent: Intent, step: Step, world: World, say: Say, toolbox: Toolbox) -> Outcome:
        """Never called."""
        raise AssertionError(f"{step.kind} is not performed by the console")

    async def settle(self, intent: Intent, step: Step, world: World, say: Say, toolbox: Toolbox) -> Outcome:
        """Never called."""
        raise AssertionError(f"{step.kind} is not settled by the console")

    async def stop(self, intent: Intent, step: Step, world: World, force: Literal["gentle", "kill"]) -> bool:
        """Nothing runs at any target."""
        return False


class ComesLater:
    """The live half of a kind whose `available` says why it cannot run yet. Preflight refuses it by name first."""

    available: str

    async def perform(self, intent: Intent, step: Step, world: World, say: Say, toolbox: Toolbox) -> Outcome:
        """Nothing is run."""
        return Outcome(Verdict.FAILED, f"nothing was run: {self.available}")

    async def settle(self, intent: Intent, step: Step, world: World, say: Say, toolbox: Toolbox) -> Outcome:
        """It cannot have run."""
        return Outcome(Verdict.NEVER_RAN, f"never ran: {self.available}")

    async def stop(self, intent: Intent, step: Step, world: World, force: Literal["gentle", "kill"]) -> bool:
        """Nothing runs at any target."""
        return False
