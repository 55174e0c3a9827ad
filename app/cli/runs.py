"""`tminus runs`: what exists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from app.cli.books import AsJson
from app.cli.lines import tell, tell_json, tell_table
from app.cli.places import Home, settings_for

if TYPE_CHECKING:
    from app.session import RunLine


def runs(ctx: typer.Context, *, as_json: AsJson = False, home: Home = None) -> None:
    """List the runs, newest first."""
    from app.session import list_runs

    found = list_runs(settings_for(ctx, home).home)
    if as_json:
        tell_json([_as_tree(line) for line in found])
        return
    if not found:
        tell("There are no runs yet. `tminus demo` makes one; `tminus run RUNBOOK` starts yours.")
        return
    tell_table([("RUN", "BEGAN (UTC)", "STAGE", "DRIVEN", "RUNBOOK", "WHERE IT STANDS"), *map(_row, found)])


def _row(line: RunLine) -> tuple[str, ...]:
    began = f"{line.began:%Y-%m-%d %H:%M}" if line.began else "?"
    name = f"{line.name} ({line.environment})" if line.environment else line.name
    return (line.run, began, line.stage or "?", "yes" if line.driven else "", name, line.problem or line.summary)


def _as_tree(line: RunLine) -> dict[str, Any]:
    return {
        "run": line.run,
        "path": str(line.path),
        "name": line.name,
        "title": line.title,
        "environment": line.environment,
        "began": line.began.isoformat() if line.began else None,
        "stage": line.stage,
        "summary": line.summary,
        "driven_by": line.driven,
        "events": line.events,
        "problem": line.problem,
    }
