"""`tminus`: finds the verb, loads that verb and nothing else, and leaves through the door with an exit status."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from app import __version__
from app.cli.doors import leave_with
from app.cli.lines import tell

VERBS: dict[str, tuple[str, str]] = {
    "open": ("open", "Open the window."),
    "demo": ("demo", "Show a whole cutover on an estate made for it."),
    "check": ("check", "Say everything that is wrong with a runbook."),
    "explain": ("explain", "Say what a problem's code means."),
    "schema": ("schema", "Print the JSON Schema of runbooks, for editors."),
    "plan": (
        "plan",
        "Print the migration plan: phases, checklist, way back, risks, tests and what remains to be done.",
    ),
    "preflight": ("preflight", "Say what stands in the way of a run."),
    "run": ("run", "Start a run."),
    "resume": ("resume", "Go on with a run."),
    "rollback": (
        "rollback",
        "Go back: undo what really started, last started first, after 5 s in which Ctrl-C calls it off.",
    ),
    "export": ("export", "Save the rows written since the switch, before or after going back."),
    "hold": ("hold", "Start nothing new in a run."),
    "panic": ("hold", "Start nothing new, whatever stands: countdowns are called off, undos wait too."),
    "close": ("close", "End a run for good; with a mode still on only for a reason."),
    "release": ("hold", "Lift a hold, or go on after a stop."),
    "note": ("note", "Put words into the record of a run."),
    "step": (
        "step",
        "Decide what becomes of a step that failed, is in doubt, or waits. All but check want a --reason.",
    ),
    "answer": ("answer", "Answer the question of a step."),
    "confirm": ("confirm", "Keep a step that its target would take back by itself."),
    "ack": ("ack", "Acknowledge a latched red metric with all that fired on it, or one trigger."),
    "baseline": ("baseline", "Measure ahead of a run what is usual for the metrics of a runbook."),
    "triggers": ("triggers", "Try triggers on the record of a run: what would have fired, and when."),
    "runs": ("runs", "List the runs, newest first."),
    "show": ("show", "Say where a run stands."),
    "log": ("log", "Tell what happened in a run."),
    "account": ("account", "Print what became of every attempt, as JSON lines."),
    "verify": ("verify", "Prove that a record is what was written."),
    "secret": ("secret", "Keep credentials: set, test, list, forget."),
    "host": ("host", "Trust the key of a host, or list those that are trusted."),
    "doctor": ("doctor", "Say what is missing on this machine."),
}
"""Each verb: the module of `app.cli` that holds the function of its name, and one line for the help, in its order."""


def main() -> None:
    """The entry point of the `tminus` command."""
    raise SystemExit(leave_with(lambda: enter(sys.argv[1:])))


def enter(words: Sequence[str]) -> object:
    """Run what `words` ask for; answers what the verb returned (an exit status, or None)."""
    for stream in (sys.stdout, sys.stderr):
        # Text that the terminal's encoding lacks is spelled out rather than ending the program.
        getattr(stream, "reconfigure", lambda **_: None)(errors="backslashreplace")
    named = [word for word in words if word in VERBS]
    app = build(named)
    return typer.main.get_command(app).main(args=list(words), prog_name="tminus", standalone_mode=False)


def build(verbs: Sequence[str]) -> typer.Typer:
    """The command line with these verbs; with none, one that can only tell which verbs there are, and tells it fast."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.callback(invoke_without_command=True)(tminus)
    for verb in dict.fromkeys(verbs):
        app.command(verb)(getattr(import_module(f"app.cli.{VERBS[verb][0]}"), verb))
    for verb, (_, says) in VERBS.items() if not verbs else ():
        app.command(verb, help=says)(_only_listed)
    return app


def _only_listed() -> None:
    """Stands for a verb in the list of verbs; a verb that is named is loaded instead."""


def tminus(
    ctx: typer.Context,
    *,
    home: Annotated[Path | None, typer.Option("--home", help="Where records and settings are kept.")] = None,
    version: Annotated[bool, typer.Option("--version", help="Say which version this is.")] = False,
) -> int | None:
    """Drive a migration cutover from a runbook: step by step, on the record, with a way back.

    Without a verb it opens the window.
    """
    ctx.obj = home
    if version:
        tell(f"tminus {__version__}")
        raise typer.Exit
    if ctx.invoked_subcommand is None:
        from app.cli.open import open_window

        open_window(home=home)
    return None
