"""`tminus baseline`: measures ahead of a run what is usual for its metrics, and keeps it for the run."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.books import AsJson, Book, Env
from app.cli.exit_codes import ExitCode, Misspelled
from app.cli.lines import complain, tell, tell_json
from app.cli.places import Home, settings_for
from app.cli.run import Params, read_params
from app.cli.starting import secret_prompt
from app.runbook.units import format_duration, parse_duration

Length = Annotated[str, typer.Option("--for", metavar="LENGTH", help="How long to measure, such as 30s or 10m.")]


def baseline(
    ctx: typer.Context,
    runbook: Book,
    *,
    env: Env = "",
    param: Params = None,
    length: Length = "30s",
    as_json: AsJson = False,
    home: Home = None,
) -> ExitCode:
    """Measure what is usual now. A source with a history (Prometheus) is asked for the span that is declared."""
    from app.session.triggers import Ahead, measure_ahead

    try:
        span = parse_duration(length)
    except ValueError as trouble:
        raise Misspelled(str(trouble), hint="Write --for 30s.") from trouble
    params = read_params(param or [])
    if not as_json:
        complain(f"Measuring for {format_duration(span)}.", style="muted")
    settings = settings_for(ctx, home)
    found = measure_ahead(Ahead(runbook.absolute(), settings.home, env, params, span, secret_prompt()))
    if as_json:
        rows = {
            name: {"stat": u.stat, "value": u.value, "n": u.n, "median": u.median, "p95": u.p95}
            for name, u in found.found.items()
        }
        tell_json({"found": rows, "missing": dict(found.missing), "file": str(found.file)})
    else:
        for name, usual in found.found.items():
            figures = f"{usual.stat} {usual.value:.6g}, median {usual.median:.6g}, p95 {usual.p95:.6g}"
            tell(f"{name}: {figures}, {usual.n} readings, {usual.source}", style="ok")
        for name, why in found.missing.items():
            complain(f"{name}: none: {why}", style="bad")
        tell(f"Kept in {found.file}.")
    return ExitCode.REFUSED if found.missing else ExitCode.DONE
