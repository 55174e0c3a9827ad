"""`tminus preflight`: what stands in the way of a run and of its way back, looked at without changing anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from app.cli.books import AsJson, Book, Env
from app.cli.exit_codes import ExitCode
from app.cli.lines import tell, tell_json, tell_table
from app.cli.places import Home, settings_for
from app.cli.run import Params, read_params
from app.cli.starting import secret_prompt

if TYPE_CHECKING:
    from app.session.preflight import Preflight


def preflight(
    ctx: typer.Context,
    runbook: Book,
    *,
    env: Env = "",
    param: Params = None,
    as_json: AsJson = False,
    home: Home = None,
) -> ExitCode:
    """Look at every target of a run, forward and back, changing nothing."""
    from app.session.live import RunOrder
    from app.session.look_ahead import look_ahead

    settings = settings_for(ctx, home)
    order = RunOrder(
        path=runbook.absolute(),
        home=settings.home,
        operator=settings.operator,
        environment=env,
        params=read_params(param or []),
        ask=secret_prompt(),
    )
    found = look_ahead(order)
    if as_json:
        tell_json(_tree(found))
    else:
        _tell(found)
    return ExitCode.DONE if found.ok else ExitCode.REFUSED


def _tree(found: Preflight) -> dict[str, object]:
    lines = [
        {
            "subject": line.subject,
            "word": line.word,
            "forward": line.word,
            "rollback": line.rollback,
            "detail": line.detail,
            "seen": (line.seen or found.began).isoformat(timespec="seconds"),
        }
        for line in found.lines
    ]
    began, expires = (at.isoformat(timespec="seconds") for at in (found.began, found.expires))
    return {"ok": found.ok, "began": began, "expires": expires, "findings": lines}


def _tell(found: Preflight) -> None:
    rows = [(line.word, line.rollback, line.subject, line.detail) for line in found.lines]
    tell_table([("FORWARD", "ROLLBACK", "WHAT", f"SEEN AT {found.began:%H:%M:%S} UTC"), *rows])
    blocking = sum(1 for line in found.lines if line.blocks)
    unsure = sum(1 for line in found.lines if {"warning", "unknown"} & {line.word, line.rollback})
    if blocking:
        tell(f"{blocking} of {len(rows)} stand in the way.", style="bad")
        return
    told = f"; {unsure} could not be told or want a look" if unsure else ""
    tell(f"Nothing stands in the way{told}. Good until {found.expires:%H:%M} UTC.", style="warn" if unsure else "ok")
