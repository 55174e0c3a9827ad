"""`tminus step`: a person's word on one step: retry, skip, done, fail, check or stop."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated

import typer

from app.cli.asking import say
from app.cli.books import AsJson
from app.cli.exit_codes import ExitCode
from app.cli.places import As, Home, Reason, RunId, name_for, settings_for
from app.run import requests as r


class Word(StrEnum):
    """What may be said about a step."""

    RETRY = "retry"
    SKIP = "skip"
    DONE = "done"
    FAIL = "fail"
    CHECK = "check"
    STOP = "stop"
    OVERRIDE = "override"


StepAddress = Annotated[str, typer.Argument(metavar="STEP", help="A step's address, as `tminus show` prints it.")]
_MEANS = "check asks the target again; stop ends a running step; override begins one that was held back as too late."
WordArgument = Annotated[Word, typer.Argument(help=_MEANS)]


def step(
    ctx: typer.Context,
    run: RunId,
    step: StepAddress,
    word: WordArgument,
    *,
    reason: Reason = "",
    as_: As = "",
    as_json: AsJson = False,
    home: Home = None,
) -> ExitCode:
    """Decide what becomes of a step that failed, is in doubt, or waits. All but check want a --reason."""
    settings = settings_for(ctx, home)
    request = _request(word, step, name_for(settings, as_), reason)
    return say(settings.home, run, request, as_json=as_json)


def _request(word: Word, step: str, by: str, reason: str) -> r.Request:
    rulings = {Word.SKIP: "skipped", Word.DONE: "done", Word.FAIL: "failed"}
    if word in rulings:
        return r.Rule(by, step, rulings[word], reason)
    if word is Word.CHECK:
        return r.AskAgain(by, step)
    asked: dict[Word, Callable[[str, str, str], r.Request]] = {
        Word.RETRY: r.Retry,
        Word.STOP: r.StopStep,
        Word.OVERRIDE: r.Override,
    }
    return asked[word](by, step, reason)
