"""A small real world for the live half of step kinds: this machine, SQLite, loopback HTTP, a sampler."""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.connectors.clock import SystemClock
from app.connectors.http import HttpConnector
from app.connectors.local import LocalCommands
from app.connectors.secrets import Vault
from app.metrics.sampler import Sampler, Scheduled
from app.ports import Database, World
from app.run.outcome import Intent, Outcome
from app.runbook.body import Changes
from app.runbook.model_step import Step
from app.runbook.part import Reading
from app.steps import BUILT_IN
from app.steps.live import StepKind, Toolbox
from tests.contract.said import Said

KINDS: Mapping[str, StepKind] = {kind.name: kind for kind in BUILT_IN}


def step(**fields: Any) -> Step:
    """A step as the runbook would give it."""
    return Step.model_validate(fields, context=Reading(KINDS))


@dataclass
class Bench:
    """Performs and settles steps the way the engine does."""

    folder: Path
    databases: Mapping[str, Database] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    metrics: tuple[str, ...] = ()
    seen: tuple[int, int] = (0, 0)

    def __post_init__(self) -> None:
        self.vault = Vault(self.secrets)
        self.sampler = Sampler({name: Scheduled(None, unit="ms") for name in self.metrics}, SystemClock())
        self.local = LocalCommands(self.folder / "commands", {"PATH": os.environ["PATH"]})
        self.world = World(
            SystemClock(), self.local, {}, self.databases, HttpConnector(self.vault), self.vault, self.sampler
        )
        self.run = f"r-{uuid.uuid4().hex[:10]}"
        self.said = Said()
        self.began = datetime.now(UTC)

    def close(self) -> None:
        self.local.close()

    def intent(self, name: str = "load", attempt: int = 1) -> Intent:
        return Intent(self.run, name, attempt, f"{self.run}/{name}/{attempt}", "digest", "head")

    def toolbox(self, limit_seconds: int = 0, moment: datetime | None = None) -> Toolbox:
        return Toolbox(self.observe, self.began, self.seen, limit_seconds, moment)

    async def observe(self, kind: str, body: Any, ticket: str) -> Outcome:
        inner = step(local={"argv": ["true"]}, changes="nothing").model_copy(
            update={"kind": kind, "body": body, "changes": Changes.NOTHING}
        )
        intent = Intent(self.run, "inner", 1, ticket, "", "head")
        return await KINDS[kind].perform(intent, inner, self.world, Said(), self.toolbox())

    async def perform(self, one: Step, **more: Any) -> Outcome:
        self.said = Said()
        return await KINDS[one.kind].perform(self.intent(), one, self.world, self.said, self.toolbox(**more))

    async def settle(self, one: Step, **more: Any) -> Outcome:
        self.said = Said()
        return await KINDS[one.kind].settle(self.intent(), one, self.world, self.said, self.toolbox(**more))

    async def stop(self, one: Step) -> bool:
        return await KINDS[one.kind].stop(self.intent(), one, self.world, "gentle")
