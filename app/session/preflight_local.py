"""Before a run: what this machine itself must have: room for the record, programs, folders, artefacts, open ports."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from app.connectors.own_thread import on_own_thread
from app.connectors.touch import touch
from app.errors import TminusError
from app.journal.disk import require_local, require_room
from app.runbook.order import Plan
from app.session.preflight import Finding, PreflightLine
from app.session.preflight_ways import Errand

_PORTS = {"http": 80, "https": 443}
_SILENT = "the disk does not answer"


DISK = 5.0
"""Seconds that a disk may take for one answer: a network mount whose server is gone gives none, ever."""

T = TypeVar("T")


def record_line(folder: Path) -> PreflightLine:
    """Whether the record has a safe disk with room. Blocks for DISK at most."""
    told = answered(lambda: _record(folder))
    return told or PreflightLine("record", "refused", f"{folder}: {_SILENT}")


def _record(folder: Path) -> PreflightLine:
    place = folder
    while not place.exists():
        place = place.parent
    try:
        require_local(place)
        free = require_room(place)
    except TminusError as trouble:
        return PreflightLine("record", "refused", str(trouble.what))
    if not os.access(place, os.W_OK):
        return PreflightLine("record", "refused", f"{place} cannot be written")
    return PreflightLine("record", "ok", f"{free >> 20} MiB free under {place}")


def command_findings(todo: Sequence[Errand]) -> Iterator[tuple[Errand, Finding]]:
    """Programs and folders of local commands."""
    for errand in todo:
        if errand.kind == "local" and errand.body is not None:
            yield errand, answered(partial(_command, errand)) or ("away", f"its folder: {_SILENT}")


def _command(errand: Errand) -> Finding:
    body = errand.body
    cwd = Path(body.cwd) if body.cwd else Path.cwd()
    if not cwd.is_dir():
        return _not_yet(errand, f"the folder {cwd} is not there")
    program = str(body.argv[0]) if body.argv else "sh"
    path = str(body.env.get("PATH", os.environ.get("PATH", "")))
    if "/" in program:
        found = cwd / program
        return ("ok", f"{found} is there") if os.access(found, os.X_OK) else _not_yet(errand, f"{found} cannot be run")
    where = shutil.which(program, path=path)
    return ("ok", f"runs {where}") if where else _not_yet(errand, f"there is no {program} on the PATH")


def _not_yet(errand: Errand, why: str) -> Finding:
    """A command before it may still put it there."""
    return ("unknown", f"{why}; an earlier step may make it") if errand.opaque else ("refused", why)


def artefact_findings(todo: Sequence[Errand], plan: Plan) -> Iterator[tuple[Errand, Finding]]:
    """Backups and dumps that a step uses and no step before it makes."""
    made: set[str] = set()
    for errand in todo:
        for name in errand.step.uses:
            if name in made:
                continue
            where = plan.runbook.artifacts[name].where if name in plan.runbook.artifacts else ""
            yield errand, _artefact(errand, name, where)
        made.update(errand.step.makes)


def _artefact(errand: Errand, name: str, where: str) -> Finding:
    if not where.startswith("/"):
        return "unknown", f"could not tell whether {name} is there{f' ({where})' if where else ''}"
    there = answered(Path(where).exists)
    if there is None:
        return "away", f"{name}: {where}: {_SILENT}"
    if there:
        return "ok", f"{name} is there: {where}"
    return _not_yet(errand, f"{name} is not there: {where}")


def web_findings(todo: Sequence[Errand]) -> Iterator[tuple[Errand, Finding]]:
    """Whether something listens where requests will go; no request is sent. Blocks."""
    wanted = [
        (errand, _origin(errand.body.url)) for errand in todo if errand.kind == "http" and errand.body is not None
    ]
    origins = {origin for _, origin in wanted if origin is not None}
    answers = asyncio.run(_touch_all(origins)) if origins else {}
    for errand, origin in wanted:
        if origin is None:
            yield errand, ("refused", "its URL names no host")
        elif not answers[origin]:
            yield errand, ("ok", f"{origin[0]}:{origin[1]} listens")
        elif errand.opaque:
            yield errand, ("unknown", f"{answers[origin]}; an earlier step may start it")
        else:
            yield errand, ("away", answers[origin])


def answered(look: Callable[[], T], limit: float = DISK) -> T | None:
    """What it found, or None when it takes longer than `limit` seconds; then its thread is left behind."""

    async def within() -> T | None:
        try:
            async with asyncio.timeout(limit):
                return await on_own_thread(look, name="tminus-disk")
        except TimeoutError:
            return None

    return asyncio.run(within())


async def _touch_all(origins: set[tuple[str, int]]) -> Mapping[tuple[str, int], str]:
    order = sorted(origins)
    answers = await asyncio.gather(*(touch(host, port) for host, port in order))
    return dict(zip(order, answers, strict=True))


def _origin(url: str) -> tuple[str, int] | None:
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        return None
    return (parts.hostname, port) if parts.hostname and port else None
