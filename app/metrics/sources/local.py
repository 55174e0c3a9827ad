"""A figure from a short command, on this machine or on a host: what it prints, or `value: json.path` of it.

Not detached and not recorded like a step: it only looks, runs every few seconds, and ends with the console.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.metrics.kind import NoData, Reach, ShortCommands, dig, figure
from app.metrics.sources.http import as_json
from app.ports import Payload, SecretText
from app.runbook.model_estate import Metric


@dataclass(frozen=True, slots=True)
class CommandSource:
    """Runs one command."""

    commands: ShortCommands
    payload: Payload
    value: str

    async def read(self, ticket: str, limit: timedelta) -> float:
        """The figure now."""
        del ticket
        ended = await self.commands.run(self.payload, limit)
        if ended.exit != 0:
            said = ended.err.decode("utf-8", "replace").strip().splitlines()
            raise NoData(f"exit {ended.exit}" + (f": {said[-1][:80]}" if said else ""))
        text = ended.out.decode("utf-8", "replace")
        if self.value.startswith("json."):
            return figure(dig(as_json(text), self.value.removeprefix("json.")))
        return figure(text)


@dataclass(frozen=True, slots=True)
class Missing:
    """A source that cannot be there, and why."""

    problem: str

    async def read(self, ticket: str, limit: timedelta) -> float:
        """Never gives a figure."""
        del ticket, limit
        raise NoData(self.problem)


def source(metric: Metric, reach: Reach) -> CommandSource:
    """From a resolved metric of this machine. Secrets are not handed to commands that run every few seconds."""
    return CommandSource(reach.commands, _payload(metric), metric.value)


def host_source(metric: Metric, reach: Reach) -> CommandSource | Missing:
    """From a resolved metric of a host."""
    body: Any = metric.body
    commands = reach.hosts.get(body.name)
    if commands is None:
        return Missing(f"there is no host called {body.name[:60]}")
    return CommandSource(commands, _payload(metric), metric.value)


def _payload(metric: Metric) -> Payload:
    body: Any = metric.body
    env = tuple((name, value) for name, value in body.env.items() if not isinstance(value, SecretText))
    stdin = body.stdin.encode() if isinstance(body.stdin, str) and body.stdin else None
    return Payload(body.argv, body.script, env, stdin=stdin, cwd=getattr(body, "cwd", ""))  # a host has none
