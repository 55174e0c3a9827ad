"""`tminus account`: what became of every attempt, from the record alone, as JSON lines."""

from __future__ import annotations

from dataclasses import asdict

import typer

from app.cli.lines import tell_json_lines
from app.cli.places import Home, RunId, settings_for


def account(ctx: typer.Context, run: RunId, *, home: Home = None) -> None:
    """Print one JSON line per attempt."""
    from app.session import watch

    look = watch(settings_for(ctx, home).home, run)
    try:
        tell_json_lines(asdict(line) for line in look.account())
    finally:
        look.close()
