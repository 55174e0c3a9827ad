"""`tminus doctor`: what is missing on this machine, and the one line that mends it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from app.cli.books import AsJson
from app.cli.exit_codes import ExitCode
from app.cli.lines import printable, tell, tell_json
from app.cli.places import Home, settings_for

if TYPE_CHECKING:
    from app.cli.machine import Finding

_STYLES = {"ok": "ok", "note": "warn", "missing": "bad"}


def doctor(ctx: typer.Context, *, home: Home = None, as_json: AsJson = False) -> ExitCode:
    """Look at this machine, changing nothing; exits 1 when something is missing."""
    findings = _look(settings_for(ctx, home).runs)
    ok = all(finding.word != "missing" for finding in findings)
    if as_json:
        lines = [{"subject": f.subject, "word": f.word, "detail": f.detail, "mend": f.mend} for f in findings]
        tell_json({"ok": ok, "findings": lines})
    else:
        _tell(findings)
    return ExitCode.DONE if ok else ExitCode.REFUSED


def _look(folder: Path) -> tuple[Finding, ...]:
    from app.cli import machine

    found = [machine.python(), machine.packages()]
    if found[-1].word == "ok":
        found += [machine.sqlite(), machine.records(folder), machine.keyring_of_the_desktop()]
    return (*found, machine.shell(), *machine.window())


def _tell(findings: tuple[Finding, ...]) -> None:
    width = max(len(finding.subject) for finding in findings)
    for finding in findings:
        line = f"{finding.subject.ljust(width)}  {finding.word.ljust(7)}  {printable(finding.detail)}"
        tell(line, style=_STYLES[finding.word])
        if finding.mend:
            tell(f"{'':{width}}           {finding.mend}")
    missing = sum(1 for finding in findings if finding.word == "missing")
    tell("Nothing is missing." if not missing else f"{missing} missing; the lines above mend it.")
