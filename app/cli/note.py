"""`tminus note`: words that are kept with the run."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.asking import say
from app.cli.books import AsJson
from app.cli.exit_codes import ExitCode
from app.cli.places import As, Home, RunId, name_for, settings_for
from app.run.requests import Note

Words = Annotated[list[str], typer.Argument(metavar="TEXT...", help="What to put into the record.")]


def note(
    ctx: typer.Context, run: RunId, text: Words, *, as_: As = "", as_json: AsJson = False, home: Home = None
) -> ExitCode:
    """Put words into the record of a run."""
    settings = settings_for(ctx, home)
    return say(settings.home, run, Note(name_for(settings, as_), " ".join(text)), as_json=as_json)
