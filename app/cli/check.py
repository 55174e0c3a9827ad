"""`tminus check`: every problem of a runbook, each with its place, its code and what to write instead."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.books import AsJson, Books, Env, read_book
from app.cli.exit_codes import ExitCode
from app.cli.lines import tell, tell_json
from app.errors import Place, Problem, Refused, Severity

_UNREADABLE = "RB000"


def check(
    runbooks: Books,
    *,
    env: Env = "",
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count as errors.")] = False,
    as_json: AsJson = False,
) -> ExitCode:
    """Say everything that is wrong with a runbook; exits 1 if anything blocks a run."""
    found = {path: _problems(path, env) for path in runbooks}
    bad = any(_blocks(problem, strict=strict) for problems in found.values() for problem in problems)
    if as_json:
        files = [_as_tree(path, problems, strict=strict) for path, problems in found.items()]
        tell_json({"ok": not bad, "files": files})
    else:
        for path, problems in found.items():
            _tell(path, problems)
    return ExitCode.REFUSED if bad else ExitCode.DONE


def _problems(path: Path, env: str) -> tuple[Problem, ...]:
    """What is wrong, that the file cannot be opened included: the other files are checked all the same."""
    try:
        loaded = read_book(path, env)
    except Refused as refused:
        return (Problem(_UNREADABLE, refused.what, Place(str(path)), refused.hint),)
    return loaded.problems


def _blocks(problem: Problem, *, strict: bool) -> bool:
    return strict or problem.severity is Severity.ERROR


def _tell(path: Path, problems: tuple[Problem, ...]) -> None:
    for problem in problems:
        word = problem.severity.value
        style = "bad" if problem.severity is Severity.ERROR else "warn"
        tell(f"{problem.place}: {word} {problem.code}: {problem.what}", style=style)
        if problem.hint:
            tell(f"    {problem.hint}")
    errors = sum(1 for problem in problems if problem.severity is Severity.ERROR)
    warnings = len(problems) - errors
    if not problems:
        tell(f"{path}: no problems", style="ok")
    else:
        tell(f"{path}: {_count(errors, 'error')}, {_count(warnings, 'warning')}; `tminus explain CODE` says more")


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _as_tree(path: Path, problems: tuple[Problem, ...], *, strict: bool) -> dict[str, Any]:
    return {
        "file": str(path),
        "ok": not any(_blocks(problem, strict=strict) for problem in problems),
        "problems": [
            {
                "code": problem.code,
                "severity": problem.severity.value,
                "what": problem.what,
                "hint": problem.hint,
                "file": problem.place.file,
                "line": problem.place.line,
                "column": problem.place.column,
                "path": problem.path,
            }
            for problem in problems
        ],
    }
