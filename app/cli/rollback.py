"""`tminus rollback`: go back, whoever drives the run; shown first, counted down, followed to its end."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.asking import answer_of
from app.cli.books import AsJson
from app.cli.driving import Conduct, announce
from app.cli.exit_codes import ExitCode
from app.cli.lines import complain, someone_is_there, tell
from app.cli.places import As, Home, Reason, RunId, name_for, settings_for
from app.cli.starting import AnswerFile, Answers, Manner, Verbose, Wait, Yes, conduct_of, secret_prompt
from app.errors import AnswerMissing, Refused
from app.reports.details import back_row
from app.reports.naming import one_line
from app.reports.sentences import sentence
from app.reports.spans import span
from app.rollback.loss import accepted, in_words
from app.run import events as e
from app.run.requests import RollBack
from app.run.rulings import rule
from app.run.state import Stage

if TYPE_CHECKING:
    from app.session import Watch

_COUNTDOWN_MS = 5000

Scope = Annotated[
    str, typer.Option("--to", metavar="PHASE/start", help="A phase, or start; else the runbook's choice.")
]
Now = Annotated[bool, typer.Option("--now", help="Without the 5 s in which it can be called off.")]
Loss = Annotated[bool, typer.Option("--accept-loss", help="Go back although that loses something.")]


def rollback(
    ctx: typer.Context,
    run: RunId,
    *,
    to: Scope = "",
    reason: Reason = "",
    now: Now = False,
    yes: Yes = False,
    accept_loss: Loss = False,
    answer: Answers = None,
    answers: AnswerFile = None,
    as_: As = "",
    wait: Wait = False,
    verbose: Verbose = False,
    as_json: AsJson = False,
    home: Home = None,
) -> ExitCode:
    """Go back: undo what really started, last started first, after 5 s in which Ctrl-C calls it off."""
    from app.session import watch

    settings = settings_for(ctx, home)
    manner = Manner(
        name_for(settings, as_),
        tuple(answer or ()),
        answers,
        wait,
        verbose,
        as_json,
        going_back=True,
        home=settings.home,
    )
    conduct = conduct_of(manner)  # a mistake in the answers is told before anything is asked for
    look = watch(settings.home, run)
    try:
        scope = _scope(to)
        announce(look.run, as_json=as_json)
        accepts = _agree(look, scope, accept_loss=accept_loss, quiet=as_json)
        at_once = now or yes or not someone_is_there()
        request = RollBack(manner.operator, scope, reason, 0 if at_once else _COUNTDOWN_MS, accepts)
        if look.driver() is None:
            rule(look.state, request, look.moment())
            return _take_over(settings.home, look, request, conduct)
        return _ask_driver(look, request, conduct)
    finally:
        look.close()


def _scope(to: str) -> str:
    """A phase's id, `start`, or ""; `PHASE/start` says the same as `PHASE`."""
    return to if to == "start" else to.removesuffix("/start")


def _agree(look: Watch, scope: str, *, accept_loss: bool, quiet: bool) -> str:
    """Show the way back; what is lost by it, once that is accepted. Raises Refused, AnswerMissing."""
    _not_under_way(look)
    back = look.way_back(scope)
    if back.refusal:
        raise Refused(f"There is no way back: {one_line(back.refusal)}", where=look.run)
    if not quiet:
        tell(
            f"Going back to {one_line(back.title)}: {back.undos} steps and"
            f" {back.checks} checks, about {span(back.estimate)}"
        )
        for row in back.rows:
            tell(f"  {back_row(look.state.plan, row)}")
    loss = look.loss(scope)
    if not quiet:
        tell(f"  {one_line(in_words(loss))}")
    if back.zone != "lossy":
        return ""
    loses = accepted(loss, look.moment())
    complain(f"Going back now loses: {one_line(loses)}")
    if loss.exportable:
        complain(f"To save these rows first: tminus export {look.run}", style="")
    if not accept_loss:
        _type_it()
    return loses


def _not_under_way(look: Watch) -> None:
    if look.state.stage is Stage.ROLLING_BACK:
        hint = "`tminus log --follow` shows how far it is; `tminus resume` goes on with it when nobody drives it."
        raise Refused("The way back is already under way.", where=look.run, hint=hint)


def _type_it() -> None:
    if not someone_is_there():
        raise AnswerMissing("The loss must be accepted, and nobody is there.", hint="Give --accept-loss.")
    complain("Type lose it to go back all the same:", style="strong")
    if input().strip() != "lose it":
        raise Refused("Not going back; nothing was sent.")


def _take_over(home: Path, look: Watch, request: RollBack, conduct: Conduct) -> ExitCode:
    """Nobody drives the run: drive it from here, and ask before anything forward starts.

    Nothing is left in its inbox: where it cannot be driven from here, nobody goes back with it some other day.
    """
    from app.cli.driving import drive
    from app.session import resume

    ask = secret_prompt()
    session = resume(home, str(look.path), operator=request.by, door="terminal", ask=ask, asks=request)
    return drive(session, conduct)


def _ask_driver(look: Watch, request: RollBack, conduct: Conduct) -> ExitCode:
    from app.cli.following import follow

    look.take()
    look.send(request)
    taken = answer_of(look, request)
    if taken is None:
        raise Refused("The console that drives the run has not answered.", where=look.run, hint="It may still do so.")
    if isinstance(taken.event, e.RequestRefused):
        raise Refused(sentence(taken, look.state.plan))
    conduct.story.tell([taken], look.state)
    return follow(look, conduct, request)
