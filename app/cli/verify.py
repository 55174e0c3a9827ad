"""`tminus verify`: proof that a record is what was written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.books import AsJson
from app.cli.exit_codes import ExitCode
from app.cli.lines import complain, tell, tell_json
from app.cli.places import Home, RunId, settings_for
from app.errors import Refused

if TYPE_CHECKING:
    from app.journal.chain import Verification

WitnessFile = Annotated[
    Path | None,
    typer.Option("--witness", metavar="FILE", help="Hashes kept elsewhere, one HASH or NUMBER:HASH a line."),
]


def verify(
    ctx: typer.Context, run: RunId, *, witness: WitnessFile = None, as_json: AsJson = False, home: Home = None
) -> ExitCode:
    """Read a whole record and check its chain; exits 6 when it was changed."""
    from app.session import verify_run

    found = verify_run(settings_for(ctx, home).home, run, read_witnesses(witness))
    if as_json:
        tell_json(
            {
                "run": found.run,
                "ok": found.ok,
                "events": found.events,
                "head": found.head,
                "problems": list(found.problems),
                "without_witness": found.without_witness,
            }
        )
    else:
        _tell(found)
    return ExitCode.DONE if found.ok else ExitCode.RECORD_DAMAGED


def read_witnesses(file: Path | None) -> tuple[str, ...]:
    """The lines of the file; empty ones and those that begin with # are skipped. Raises Refused."""
    if file is None:
        return ()
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"The witnesses cannot be read: {error}.", where=str(file)) from error
    return tuple(line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#"))


def _tell(found: Verification) -> None:
    for problem in found.problems:
        complain(problem)
    if not found.ok:
        complain("The record was changed after it was written, or is damaged.")
        return
    tell(f"The record of {found.run} is whole: {found.events} entries, head {found.head}.", style="ok")
    if found.without_witness == found.events:
        tell("No witness outside the record was given, so a tail that was cut off would not show (--witness FILE).")
    elif found.without_witness:
        tell(f"No witness vouches for the last {found.without_witness} entries.")
