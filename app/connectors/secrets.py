"""Secrets by name, in memory only: fetched once before a run, revealed at the last moment, never in a repr."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from app.errors import AnswerMissing, Refused
from app.ports import Ask, SecretText

SHORTEST = 8
"""A shorter value cannot be masked in output without masking half of what is there."""

FromKeyring = Callable[[str], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A secret that a runbook names: where it comes from, and the entry or variable it has there."""

    name: str
    source: Literal["keyring", "prompt", "env"]
    entry: str


@dataclass(frozen=True, slots=True)
class Sources:
    """Where values may come from. `ask` None: nobody is there. `keyring` None: none may be used."""

    environ: Mapping[str, str]
    ask: Ask | None = None
    keyring: FromKeyring | None = None


class Vault:
    """`app.ports.Secrets`. Holds plain values; nothing it prints does."""

    def __init__(self, values: Mapping[str, str]) -> None:
        """Raises Refused for a value that is too short to be masked."""
        for name, value in values.items():
            check_length(name, value)
        self._values = dict(values)

    def __repr__(self) -> str:
        return f"Vault({', '.join(f'{name}=***' for name in sorted(self._values))})"

    def reveal(self, text: str | SecretText) -> str:
        """The plain text. Raises Refused for a name that was never fetched."""
        if isinstance(text, str):
            return text
        return "".join(self._value(part) if secret else part for secret, part in text.parts)

    def names(self) -> tuple[str, ...]:
        """What it holds."""
        return tuple(sorted(self._values))

    def plain_values(self) -> Mapping[str, str]:
        """Value by name, for the redactor alone."""
        return dict(self._values)

    def _value(self, name: str) -> str:
        if name not in self._values:
            raise Refused(f"There is no secret called {name}.", hint="Declare it under `secrets` in the runbook.")
        return self._values[name]


async def fetch(wanted: tuple[Wanted, ...], sources: Sources) -> Vault:
    """Fetch every secret, one after the other. Raises Refused or AnswerMissing for the first that cannot be had."""
    return Vault({secret.name: await _fetch(secret, sources) for secret in wanted})


def check_length(name: str, value: str) -> None:
    """Raises Refused for a value under SHORTEST characters; says nothing of the value itself."""
    if len(value) < SHORTEST:
        raise Refused(
            f"The secret {name} has under {SHORTEST} characters, so it could not be masked in what a step prints.",
            hint="Use a longer one.",
        )


async def _fetch(secret: Wanted, sources: Sources) -> str:
    match secret.source:
        case "env":
            value = sources.environ.get(secret.entry, "")
            if not value:
                raise Refused(
                    f"The secret {secret.name} is to come from the variable {secret.entry}, which is not set.",
                    hint=f"Set {secret.entry} for this console; do not write its value into a file.",
                )
            return value
        case "prompt":
            if sources.ask is None:
                raise AnswerMissing(
                    f"The secret {secret.name} must be typed in, and nobody is there.",
                    hint="Run in a terminal or the window, or take it `from: env` or `from: keyring`.",
                )
            return await sources.ask(secret.name)
        case "keyring":
            if sources.keyring is None:
                raise Refused(f"The secret {secret.name} is kept in a keyring, and none may be used here.")
            return await sources.keyring(secret.entry)
