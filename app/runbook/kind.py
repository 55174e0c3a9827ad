"""What a step kind is to the language: the static half of a kind, all that reading and checking a runbook needs.

The table of kinds is handed to parse, check, order and schema; none of them imports a kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from app.runbook.body import Body, Changes, Target, Writes
from app.runbook.model_step import Step
from app.runbook.part import Raw

Inner = tuple[tuple[str, tuple[Step, ...]], ...]


class Kind(Protocol):
    """The static half. Every method takes a body of `model`; names in it may still hold references."""

    @property
    def name(self) -> str:
        """The key in a step, such as "sql"."""

    @property
    def model(self) -> type[Body]:
        """The kind's fields."""

    @property
    def available(self) -> str:
        """Empty, or why a run that needs this kind is refused."""

    def targets(self, body: Raw, /) -> tuple[Target, ...]:
        """What it reaches."""

    def writes(self, body: Raw, /) -> Writes:
        """Whether it changes anything, as far as its fields can tell."""

    def default_changes(self, body: Raw, /) -> Changes | None:
        """What `changes` is when the step does not say; None when the step must say it."""

    def inner(self, body: Raw, /) -> Inner:
        """Lists of steps inside, by the key they stand under (`steps`, `finally`)."""

    def describe(self, body: Raw, /) -> str:
        """The exact text shown before it runs; secrets as ***."""


Kinds = Mapping[str, Kind]

__all__ = ["Body", "Changes", "Inner", "Kind", "Kinds", "Target", "Writes"]
