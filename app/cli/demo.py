"""`tminus demo`: a self-contained estate and a cutover on it: no server, no network, nothing left behind."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.books import AsJson
from app.cli.exit_codes import ExitCode
from app.cli.lines import complain, tell, tell_json_lines
from app.cli.machine import has_display
from app.cli.places import Home, settings_for
from app.cli.starting import Verbose

if TYPE_CHECKING:
    from app.demo.run import DemoRun

_OPERATOR = "ana"
"""A person of the demo's runbook."""

Headless = Annotated[bool, typer.Option("--headless", help="Run it through in the terminal.")]
IncidentName = Annotated[
    str, typer.Option("--incident", metavar="NAME", help="What goes wrong: error-rate, slow, inconsistent or no-data.")
]
Folder = Annotated[Path | None, typer.Option("--folder", metavar="DIR", help="Where to build it; kept afterwards.")]
Orders = Annotated[int, typer.Option("--orders", min=100, help="How many orders the old database holds.")]


@dataclass(frozen=True, slots=True)
class Show:
    """What is to be shown, and how."""

    incident: str
    orders: int
    verbose: bool
    as_json: bool


def demo(
    ctx: typer.Context,
    *,
    headless: Headless = False,
    incident: IncidentName = "",
    folder: Folder = None,
    orders: Orders = 200_000,
    verbose: Verbose = False,
    as_json: AsJson = False,
    home: Home = None,
) -> ExitCode:
    """Show a whole cutover, on two databases and a small shop that are made for it."""
    from app.cli.open import open_window
    from app.demo.incidents import incident_of

    settings = settings_for(ctx, home)
    _known(incident)
    if not headless and has_display():
        open_window(home=settings.home, demo=True, incident=incident)
    if not headless:
        complain("There is no display here: the demo runs in the terminal.", style="muted")
    if incident and not as_json:
        tell(incident_of(incident).says, style="warn")
    with tempfile.TemporaryDirectory(prefix="tminus-demo-") as temporary:
        made = folder or Path(temporary) / f"{datetime.now(UTC):%H%M%S}"
        return _run_through(settings.home, made, Show(incident, orders, verbose, as_json))


def _known(incident: str) -> None:
    from app.demo.incidents import INCIDENTS
    from app.errors import Refused

    if incident and incident not in INCIDENTS:
        raise Refused(f"There is no incident `{incident[:40]}`.", hint=f"There are {', '.join(INCIDENTS)}.")


def _run_through(home: Path, folder: Path, show: Show) -> ExitCode:
    from app.demo import run as demo_run

    complain(f"Building two databases and a shop: {show.orders:,} orders.", style="muted")
    prepared = demo_run.prepare(folder, show.incident, show.orders)
    try:
        code = _drive(home, prepared, show)
        return _prove(folder, code, as_json=show.as_json)
    finally:
        demo_run.stop(folder)


def _drive(home: Path, prepared: DemoRun, show: Show) -> ExitCode:
    from app.cli.driving import Conduct, drive
    from app.cli.given import Given, Pile
    from app.cli.story import JsonStory, Story
    from app.session import RunOrder, new_run

    order = RunOrder(
        path=prepared.runbook, home=home, operator=_OPERATOR, door="terminal", params=dict(prepared.params)
    )
    given = [Given(step, value) for step, value in prepared.answers.items()]
    story = JsonStory() if show.as_json else Story(verbose=show.verbose)
    conduct = Conduct(story, Pile(given, _OPERATOR), as_json=show.as_json, is_show=True)
    session = new_run(order)
    return drive(session, conduct, names_it=True)


def _prove(folder: Path, code: ExitCode, *, as_json: bool) -> ExitCode:
    """Look at the estate itself, not at the record, and say what holds."""
    from app.demo.proof import prove

    if code not in {ExitCode.DONE, ExitCode.ROLLED_BACK}:
        return code
    findings = prove(folder, "moved" if code is ExitCode.DONE else "back")
    if as_json:
        tell_json_lines({"holds": finding.holds, "proof": finding.sentence} for finding in findings)
    else:
        tell()
        for finding in findings:
            tell(
                f"{'proved' if finding.holds else 'WRONG':<7} {finding.sentence}",
                style="ok" if finding.holds else "bad",
            )
    return code if all(finding.holds for finding in findings) else ExitCode.REFUSED
