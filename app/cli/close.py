"""`tminus close`: end a run for good; with a mode still on, or a step in doubt, only for a reason."""

from __future__ import annotations

import typer

from app.cli.asking import say
from app.cli.books import AsJson
from app.cli.exit_codes import ExitCode
from app.cli.lines import tell, tell_json
from app.cli.places import As, Home, Reason, RunId, name_for, settings_for
from app.reports.sentences import sentence
from app.run.requests import Close


def close(
    ctx: typer.Context, run: RunId, *, reason: Reason = "", as_: As = "", as_json: AsJson = False, home: Home = None
) -> ExitCode:
    """End a run for good: nobody acts in it any more, and there is no way back after that."""
    from app.session import watch
    from app.session.closing import close_run

    settings = settings_for(ctx, home)
    request = Close(name_for(settings, as_), reason)
    look = watch(settings.home, run)
    try:
        if look.driver() is not None:
            return say(settings.home, run, request, as_json=as_json)
        closed = close_run(settings.home, str(look.path), request)
        says = sentence(closed[-1], look.state.plan)
        if as_json:
            tell_json({"run": look.run, "taken": True, "refused": False, "says": says})
        else:
            tell(says)
    finally:
        look.close()
    return ExitCode.DONE
