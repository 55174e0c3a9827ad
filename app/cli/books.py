"""What the verbs that only read a runbook share: opening it, and the options that say which one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from app.runbook.kind import Kinds
    from app.runbook.load import Loaded

Book = Annotated[Path, typer.Argument(metavar="RUNBOOK", help="A runbook file.")]
Books = Annotated[list[Path], typer.Argument(metavar="RUNBOOK...", help="Runbook files.")]
Env = Annotated[str, typer.Option("--env", metavar="NAME", help="An environment of the runbook.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def kinds() -> Kinds:
    """Every step kind by name."""
    from app.steps import BUILT_IN

    return {kind.name: kind for kind in BUILT_IN}


def read_book(path: Path, env: str = "") -> Loaded:
    """The runbook with all its problems. Raises Refused when the file cannot be opened."""
    from app.runbook.load import load

    return load(path, kinds(), env or None)
