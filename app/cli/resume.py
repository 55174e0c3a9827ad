"""`tminus resume`: go on with a run; whatever was under way is asked for at its target first."""

from __future__ import annotations

import typer

from app.cli.books import AsJson
from app.cli.exit_codes import ExitCode
from app.cli.places import As, Home, RunId, name_for, settings_for
from app.cli.starting import AnswerFile, Answers, Manner, Verbose, Wait, conduct_of, secret_prompt


def resume(
    ctx: typer.Context,
    run: RunId,
    *,
    answer: Answers = None,
    answers: AnswerFile = None,
    as_: As = "",
    wait: Wait = False,
    verbose: Verbose = False,
    as_json: AsJson = False,
    home: Home = None,
) -> ExitCode:
    """Drive a run from here on."""
    from app.cli.driving import drive
    from app.session import resume as resume_run

    settings = settings_for(ctx, home)
    operator = name_for(settings, as_)
    conduct = conduct_of(Manner(operator, tuple(answer or ()), answers, wait, verbose, as_json, home=settings.home))
    session = resume_run(settings.home, run, operator=operator, door="terminal", ask=secret_prompt())
    return drive(session, conduct, names_it=True)
