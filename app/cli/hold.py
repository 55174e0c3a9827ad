"""`tminus hold`, `tminus panic` and `tminus release`: start nothing new, at once if need be, and go on again."""

from __future__ import annotations

import typer

from app.cli.asking import say
from app.cli.books import AsJson
from app.cli.exit_codes import ExitCode
from app.cli.places import As, Home, Reason, RunId, name_for, settings_for
from app.run.requests import Hold, Panic, Release


def hold(
    ctx: typer.Context, run: RunId, *, reason: Reason = "", as_: As = "", as_json: AsJson = False, home: Home = None
) -> ExitCode:
    """Start nothing new in a run; what runs goes on."""
    settings = settings_for(ctx, home)
    return say(settings.home, run, Hold(name_for(settings, as_), reason), as_json=as_json)


def panic(ctx: typer.Context, run: RunId, *, as_: As = "", as_json: AsJson = False, home: Home = None) -> ExitCode:
    """Start nothing new, whatever stands: call a countdown off, keep a trigger's rollback and the undos waiting."""
    settings = settings_for(ctx, home)
    return say(settings.home, run, Panic(name_for(settings, as_)), as_json=as_json)


def release(ctx: typer.Context, run: RunId, *, as_: As = "", as_json: AsJson = False, home: Home = None) -> ExitCode:
    """Lift a hold, or go on after a stop."""
    settings = settings_for(ctx, home)
    return say(settings.home, run, Release(name_for(settings, as_)), as_json=as_json)
