"""The SQL files that a runbook names: read once, looked at, and kept in the record of the run that is opened with them.

What was looked at before a run and what runs in it are one and the same text; the files are not read a second time.
"""

from __future__ import annotations

from pathlib import Path

from app.errors import Refused
from app.runbook.model_step import Step
from app.runbook.order import Plan

LARGEST = 1 << 20

SqlFiles = tuple[tuple[str, str], ...]
"""Name and text of each, in the order of their names."""


def sql_files(plan: Plan, folder: Path) -> SqlFiles:
    """All that a step of the plan names. `folder` is the runbook's. Raises Refused."""
    names = {name for planned in plan.by_address.values() for name in _named(planned.step)}
    return tuple((name, _read(name, folder / name)) for name in sorted(names))


def _named(step: Step) -> set[str]:
    until = getattr(step.body, "until", None)
    bodies = [step.body, step.probe.body if step.probe is not None else None, until.body if until is not None else None]
    found = {str(getattr(body, "file", "") or "") for body in bodies if getattr(body, "db", "")}
    return found - {""}


def _read(name: str, path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise Refused("The SQL file is larger than 1 MiB.", where=str(path), hint="Split it into several steps.")
        return data.decode("utf-8")
    except (OSError, UnicodeDecodeError) as trouble:
        hint = "The path counts from the runbook's folder; the text is UTF-8."
        raise Refused(f"The SQL file {name} cannot be read.", where=str(path), hint=hint) from trouble
