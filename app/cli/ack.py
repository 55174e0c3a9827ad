"""`tminus ack`: the red mark of a metric, or a trigger that fired, was seen."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.asking import say
from app.cli.books import AsJson
from app.cli.exit_codes import ExitCode
from app.cli.places import As, Home, RunId, name_for, settings_for
from app.run.requests import Acknowledge

Metric = Annotated[str, typer.Argument(metavar="NAME", help="The metric, or the trigger, that was seen.")]


def ack(
    ctx: typer.Context, run: RunId, metric: Metric, *, as_: As = "", as_json: AsJson = False, home: Home = None
) -> ExitCode:
    """Acknowledge a latched red metric with all that fired on it, or one trigger."""
    settings = settings_for(ctx, home)
    return say(settings.home, run, Acknowledge(name_for(settings, as_), metric), as_json=as_json)
