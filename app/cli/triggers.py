"""`tminus triggers replay`: what the triggers of a run, or those of another file, make of its recorded readings."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.books import AsJson
from app.cli.exit_codes import ExitCode
from app.cli.lines import tell, tell_json_lines
from app.cli.places import Home, RunId, settings_for
from app.reports.sentences import told
from app.reports.spans import t_clock
from app.run import events as e

if TYPE_CHECKING:
    from app.session.triggers import Replay


class What(StrEnum):
    """What is done with triggers."""

    REPLAY = "replay"


Does = Annotated[What, typer.Argument(metavar="replay", help="Run them over the recorded readings.")]
Other = Annotated[Path | None, typer.Option("--runbook", metavar="FILE", help="Take the triggers of this file.")]


def triggers(
    ctx: typer.Context, what: Does, run: RunId, *, runbook: Other = None, as_json: AsJson = False, home: Home = None
) -> ExitCode:
    """Try triggers on the record of a run. Nothing is sent anywhere and nothing is recorded."""
    del what
    from app.session.triggers import replay_record

    replay = replay_record(settings_for(ctx, home).home, run, runbook)
    if as_json:
        tell_json_lines(
            {"at": one.at.isoformat(), "event": type(one.event).__name__, "trigger": one.event.trigger, "says": says}
            for one, says in zip(replay.found, _sentences(replay), strict=True)
        )
        return ExitCode.DONE
    for one, says in zip(replay.found, _sentences(replay), strict=True):
        word, style = ("FIRED", "bad") if isinstance(one.event, e.TriggerFired) else ("over", "ok")
        tell(f"{t_clock(one.at - replay.state.t0):>12}  {word:<6}  {says}", style=style)
    fired = sum(isinstance(one.event, e.TriggerFired) for one in replay.found)
    tell(f"{fired} firing{'' if fired == 1 else 's'}." if fired else "Nothing would have fired.")
    return ExitCode.DONE


def _sentences(replay: Replay) -> list[str]:
    return [told(one.event, replay.state.plan) for one in replay.found]
