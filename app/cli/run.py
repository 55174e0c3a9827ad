"""`tminus run`: a new run, told line by line, until it is done, stops, or needs somebody who is not there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.books import AsJson, Book, Env
from app.cli.exit_codes import ExitCode, Misspelled
from app.cli.lines import complain, someone_is_there
from app.cli.places import As, Home, name_for, settings_for
from app.cli.starting import AnswerFile, Answers, Manner, Verbose, Wait, Yes, conduct_of, secret_prompt
from app.errors import AnswerMissing, Refused

if TYPE_CHECKING:
    from app.runbook.model import Runbook

Params = Annotated[list[str] | None, typer.Option("--param", metavar="NAME=VALUE", help="An input of the runbook.")]
Until = Annotated[str, typer.Option("--until", metavar="STEP", help="Hold after this step.")]
RecordAt = Annotated[Path | None, typer.Option("--record", metavar="FILE", help="Where the record goes.")]


def run(
    ctx: typer.Context,
    runbook: Book,
    *,
    env: Env = "",
    param: Params = None,
    answer: Answers = None,
    answers: AnswerFile = None,
    until: Until = "",
    record: RecordAt = None,
    as_: As = "",
    yes: Yes = False,
    wait: Wait = False,
    verbose: Verbose = False,
    as_json: AsJson = False,
    home: Home = None,
) -> ExitCode:
    """Start a run of a runbook. Prints its id first."""
    from app.cli.driving import drive
    from app.session import RunOrder, new_run, open_runbook

    settings = settings_for(ctx, home)
    operator = name_for(settings, as_)
    conduct = conduct_of(Manner(operator, tuple(answer or ()), answers, wait, verbose, as_json, home=settings.home))
    book = open_runbook(runbook, env).sound()
    params = _ask_params(book, read_params(param or []))
    confirm(book, env, yes=yes)
    order = RunOrder(
        path=runbook.absolute(),
        home=settings.home,
        operator=operator,
        environment=env,
        params=params,
        until=until,
        record=record.absolute() if record is not None else None,
        ask=secret_prompt(),
    )
    if someone_is_there() and not as_json:
        complain("Looking at every target, forward and back, before anything starts.", style="muted")
    session = new_run(order)
    return drive(session, conduct, names_it=True)


def read_params(words: list[str]) -> dict[str, str]:
    """From `NAME=VALUE`. Raises Misspelled."""
    found = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name.strip():
            raise Misspelled(f"`{word[:80]}` is no parameter.", hint="Write --param NAME=VALUE.")
        found[name.strip()] = value
    return found


def confirm(book: Runbook, env: str, *, yes: bool) -> None:
    """A production environment is confirmed by typing its word, or by --yes. Raises AnswerMissing, Refused."""
    environment = book.environments.get(env)
    if environment is None or not environment.production or yes:
        return
    word = environment.confirm or env
    if not someone_is_there():
        raise AnswerMissing(f"{env} is production, and nobody is there to confirm it.", hint="Give --yes.")
    complain(f"{env} is PRODUCTION. Type {word} to go on:", style="strong")
    if input().strip() != word:
        raise Refused("Not confirmed; nothing was started.")


def _ask_params(book: Runbook, given: dict[str, str]) -> dict[str, str]:
    """Inputs that the runbook wants asked for and nobody gave, asked at the terminal."""
    for name, param in book.params.items():
        if name in given or not param.ask:
            continue
        if someone_is_there():
            shown = f" [{param.default}]" if param.default is not None else ""
            complain(f"{param.title or name}{shown}:", style="strong")
            typed = input().strip()
            given |= {name: typed} if typed else {}
        elif param.default is None:
            raise AnswerMissing(f"The input `{name}` is asked for.", hint=f"Give --param {name}=VALUE.")
    return given
