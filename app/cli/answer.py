"""`tminus answer`: answer, approve or confirm what a run asks."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.asking import say
from app.cli.books import AsJson
from app.cli.exit_codes import ExitCode
from app.cli.places import As, Home, RunId, name_for, settings_for
from app.cli.step import StepAddress
from app.run.requests import Answer

Value = Annotated[str, typer.Argument(metavar="VALUE", help="done, failed, go, no-go, approve, continue or confirm.")]
NoteOption = Annotated[str, typer.Option("--note", metavar="TEXT", help="A few words with it.")]


def answer(
    ctx: typer.Context,
    run: RunId,
    step: StepAddress,
    value: Value,
    *,
    note: NoteOption = "",
    as_: As = "",
    as_json: AsJson = False,
    home: Home = None,
) -> ExitCode:
    """Answer the question of a step."""
    settings = settings_for(ctx, home)
    request = Answer(name_for(settings, as_), step, value, note)
    return say(settings.home, run, request, as_json=as_json)
