"""What the operator says in a demo without a person: the value for each question, by the address of its step."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

ANSWERS: Mapping[str, str] = MappingProxyType(
    {
        "welcome": "done",
        "both-drivers": "continue",
        "notice": "done",
        "go-start": "go",
        "go-open": "go",
        "keep": "go",
        "done": "done",
    }
)
