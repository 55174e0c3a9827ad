"""What `local` and `host` share: one command, as arguments or as a script, and how it is shown."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field, model_validator

from app.ports import SecretText
from app.runbook.body import Body
from app.runbook.fields import Arg, Sealable, wrong


class CommandBody(Body):
    """Exactly one of `argv` (never split or expanded) and `script` (POSIX sh, never interpolated)."""

    verbatim: ClassVar[frozenset[str]] = frozenset({"script"})
    sealed: ClassVar[frozenset[str]] = frozenset({"env", "stdin"})

    argv: tuple[Arg, ...] = ()
    script: str = ""
    env: dict[str, Sealable] = Field(default_factory=dict)
    stdin: Sealable = ""

    @model_validator(mode="after")
    def _one_command(self) -> CommandBody:
        if bool(self.argv) == bool(self.script):
            raise wrong("A command takes either `argv` or `script`.", "Write argv: [program, argument, ...].")
        return self


def shown(argv: tuple[str, ...], script: str, env: Mapping[str, str | SecretText]) -> str:
    """The command as one would type it; secrets as ***."""
    setting = " ".join(
        f"{name}={shlex.quote(str(value)) if '***' not in str(value) else value}" for name, value in env.items()
    )
    text = shlex.join(argv) if argv else script.strip()
    if not setting:
        return text
    return f"{setting} {text}" if argv else f"# {setting}\n{text}"
