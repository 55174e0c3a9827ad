"""The ground every piece of a runbook stands on: frozen, strict, and able to say which piece refused a mapping."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ModelWrapValidatorHandler, ValidationError, ValidationInfo, model_validator

Raw = Any
"""Whatever YAML may hold: text, numbers, true, false, nothing, lists and mappings of these."""


@dataclass(slots=True)
class Reading:
    """What travels along while a tree becomes a runbook.

    kinds: the step kinds by name; refused: the piece that refused a mapping, by the mapping's id(), so that "unknown
    key" can name the keys that are known there.
    """

    kinds: Mapping[str, Any]
    refused: dict[int, type[BaseModel]] = field(default_factory=dict)


class Part(BaseModel):
    """A piece of a runbook: never changes, takes no unknown key."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", arbitrary_types_allowed=True, hide_input_in_errors=True, protected_namespaces=()
    )

    @model_validator(mode="wrap")
    @classmethod
    def _remember_refusal(cls, data: Raw, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo) -> Self:
        try:
            return handler(cls.arrange(data, info.context))
        except ValidationError:
            if isinstance(info.context, Reading):
                info.context.refused[id(data)] = cls
            raise

    @classmethod
    def arrange(cls, data: Raw, reading: Reading | None) -> Raw:
        """What the fields are read from; a piece with dynamic keys sorts them out here."""
        del reading
        return data
