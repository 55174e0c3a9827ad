"""Rules 6 and 7: what a step says it changes, against what it does and how it is undone."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.errors import Problem
from app.runbook.body import Body, Changes, Writes
from app.runbook.checks.sql_text import Finding, sql_findings
from app.runbook.checks.survey import Spot, Survey
from app.runbook.model_step import NoUndo, Step
from app.runbook.read import Path

_WRITERS = frozenset(
    [
        "apt",
        "apt-get",
        "chmod",
        "chown",
        "cp",
        "createdb",
        "dd",
        "dnf",
        "dpkg",
        "dropdb",
        "halt",
        "kill",
        "killall",
        "ln",
        "mkdir",
        "mkfs",
        "mount",
        "mv",
        "mysqladmin",
        "pkill",
        "reboot",
        "rm",
        "rmdir",
        "rsync",
        "scp",
        "shred",
        "shutdown",
        "tee",
        "touch",
        "truncate",
        "umount",
        "useradd",
        "userdel",
        "usermod",
        "yum",
    ]
)
_CONTROL = {"systemctl": ["start", "stop", "restart", "reload", "enable", "disable", "mask", "unmask", "kill"]}


def check_undo(survey: Survey) -> Iterator[Problem]:
    """Rule 6, and that `changes` is said at all."""
    for spot in survey.spots:
        if spot.role in ("probe", "read"):
            continue
        if (
            not spot.step.changes
            and not _said_above(spot)
            and not survey.kinds[spot.step.kind].default_changes(spot.step.body)
        ):
            hint = "Write changes: nothing, reversible or destructive."
            yield survey.error("RB006", f"`{spot.name}` does not say what it changes.", spot.path, hint)
        elif spot.forward:
            yield from _undone(survey, spot)


def _said_above(spot: Spot) -> bool:
    return any(each.step.changes for each in spot.chain())


def _undone(survey: Survey, spot: Spot) -> Iterator[Problem]:
    path = (*spot.path, "changes")
    if spot.changes is Changes.REVERSIBLE:
        told = spot.step.changes or spot.of is None  # an inner step that inherits is told through its parent
        if told and not any(_answered(each.step) for each in spot.chain()) and not _undone_inside(survey, spot):
            hint = "Write undo: with the steps of the way back, or undo: {none: reason}."
            yield survey.error("RB006", f"`{spot.name}` is reversible, but has no undo.", path, hint)
    elif spot.changes is Changes.DESTRUCTIVE and not any(each.step.approve or _final(each) for each in spot.chain()):
        what = f"`{spot.name}` is destructive, and nothing guards it."
        hint = "Write approve: {by: [role], need: 1}, or boundary: {kind: final, says: ...}."
        yield survey.error("RB006", what, path, hint)


def _answered(step: Step) -> bool:
    """Whether the step says how it is undone, or why it is not."""
    return isinstance(step.undo, NoUndo) or bool(step.undo_steps)


def _undone_inside(survey: Survey, spot: Spot) -> bool:
    """Whether every inner step that changes something has an undo of its own."""
    lists = survey.kinds[spot.step.kind].inner(spot.step.body)
    inner = [step for key, steps in lists if key != "finally" for step in steps]
    changing = [step for step in inner if step.changes is not Changes.NOTHING]
    return bool(changing) and all(_answered(step) for step in changing)


def _final(spot: Spot) -> bool:
    return spot.step.boundary is not None and spot.step.boundary.kind == "final"


def check_nothing(survey: Survey) -> Iterator[Problem]:
    """Rule 7."""
    for spot in survey.spots:
        if spot.role in ("probe", "read"):
            yield from _only_reads(survey, spot)
        elif spot.changes is Changes.NOTHING:
            yield from _of_step(survey, spot)
        until = getattr(spot.step.body, "until", None)
        if until is not None and until.body is not None:
            path = (*spot.path, spot.step.kind, "until", until.kind)
            yield from _of_body(survey, until.kind, until.body, path)
    for name, metric in survey.runbook.metrics.items():
        if metric.body is not None:
            yield from _of_body(survey, metric.kind, metric.body, ("metrics", name, metric.kind))


def _only_reads(survey: Survey, spot: Spot) -> Iterator[Problem]:
    if spot.step.changes not in (None, Changes.NOTHING):
        what = f"`{spot.name}` only asks; it may not change anything."
        yield survey.error("RB007", what, (*spot.path, "changes"), "Write changes: nothing.")
    yield from _of_body(survey, spot.step.kind, spot.step.body, (*spot.path, spot.step.kind))


def _of_step(survey: Survey, spot: Spot) -> Iterator[Problem]:
    step = spot.step
    if step.enter:
        what = f"`{spot.name}` enters a mode, which is a change."
        yield survey.error(
            "RB007", what, (*spot.path, "enter"), "Write changes: reversible, and an undo that leaves it."
        )
    yield from _of_body(survey, step.kind, step.body, (*spot.path, step.kind))


def _of_body(survey: Survey, kind: str, body: Body, path: Path) -> Iterator[Problem]:
    if survey.kinds[kind].writes(body) is Writes.ALWAYS:
        what = f"A {kind} writes, so it changes something."
        yield survey.error("RB007", what, path, "Write changes: reversible with an undo, or destructive.")
    run = getattr(body, "run", "")
    if kind == "sql" and run:
        for finding in sql_findings(run, _dialect(survey, str(getattr(body, "db", "")))):
            yield _sql_problem(survey, finding, (*path, "run"))
    elif kind == "sql" and (file := getattr(body, "file", "")):
        what = f"The check does not read the statements of {file}, so only the server's read-only session guards them."
        hint = "Look at the file, or write its statements under run, where they are checked."
        yield survey.warning("RB007", what, (*path, "file"), hint)
    elif (writer := known_writer(getattr(body, "argv", ()), getattr(body, "script", ""))) is not None:
        what = f"`{writer}` usually changes something."
        yield survey.warning("RB007", what, path, "Say what changes, or give the reason in text.")


def _sql_problem(survey: Survey, finding: Finding, path: Path) -> Problem:
    hint = "Write changes: reversible with an undo, or take the statement out."
    if finding.certain:
        return survey.error("RB007", f"The step changes nothing, but {finding.what}.", path, hint)
    return survey.warning("RB007", f"{finding.what[:1].upper()}{finding.what[1:]}.", path, "Look at it twice.")


def _dialect(survey: Survey, name: str) -> str:
    databases = survey.runbook.databases
    prefix = name.partition("${")[0]
    found = databases.get(name) or next(
        (each for key, each in databases.items() if prefix and key.startswith(prefix)), None
    )
    scheme = found.url.partition(":")[0].partition("+")[0] if found else ""
    return {
        "postgresql": "postgres",
        "postgres": "postgres",
        "mysql": "mysql",
        "mariadb": "mysql",
        "sqlite": "sqlite",
    }.get(scheme, "")


def known_writer(argv: tuple[str, ...], script: str) -> str | None:
    """The command that is known to change things, among the first words of a command or of a script's lines."""
    lines = [list(argv)] if argv else [line.split() for line in re.split(r"[;\n|&]+", script)]
    for words in lines:
        rest = words[1:] if words[:1] in (["sudo"], ["exec"]) else words
        if not rest:
            continue
        first = rest[0].rpartition("/")[2]
        if first in _WRITERS:
            return first
        if first in _CONTROL and any(word in _CONTROL[first] for word in rest[1:3]):
            return f"{first} {next(word for word in rest[1:3] if word in _CONTROL[first])}"
    return None
