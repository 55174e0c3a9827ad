"""`tminus open`: the window. It is a program of its own, which takes this one's place."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from app.cli.machine import has_display, missing_for_window
from app.cli.places import Home, settings_for
from app.errors import Refused


def open(  # noqa: A001 - the verb is called so
    ctx: typer.Context,
    runbook: Annotated[Path | None, typer.Argument(metavar="RUNBOOK", help="A runbook to open.")] = None,
    *,
    home: Home = None,
) -> None:
    """Open the window."""
    open_window(runbook, home=settings_for(ctx, home).home)


def open_window(
    runbook: Path | None = None, *, home: Path | None = None, demo: bool = False, incident: str = ""
) -> NoReturn:
    """Never returns: the window takes over the process. Raises Refused where no window can be shown."""
    refuse_without_window()
    words = [sys.executable, "-m", "ui.main"]
    words += ["--home", str(home)] if home else []
    words += ["--demo"] if demo else []
    words += ["--incident", incident] if incident else []
    words += [str(runbook)] if runbook else []
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, words)  # noqa: S606 - no shell: the words go as they are


def refuse_without_window() -> None:
    """Raises Refused, with the one line that mends it, where a window cannot be shown."""
    if not has_display():
        raise Refused(
            "There is no display here, so no window can be shown.",
            hint="Use the terminal: `tminus --help`. `tminus demo --headless` shows a cutover.",
        )
    missing = missing_for_window()
    if missing:
        raise Refused(f"The window needs {', '.join(missing)}.", hint="`tminus doctor` prints the line that mends it.")
    if find_spec("ui.main") is None:
        raise Refused("This installation has no window.", hint="Install Tminus whole, or use the terminal.")
