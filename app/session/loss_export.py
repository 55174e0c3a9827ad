"""Saves the rows written since the switch before somebody goes back: read-only, whole or not at all, known to the run.

They lie in a folder of their own (0700, files 0600): a file per table and a manifest with what was saved, from which
instant on, and the SHA-256 of each file; the digest of the manifest goes into the record and so proves all of them. The
folder gets its name only when everything in it is on disk.

An export never stands in the way of going back: as soon as the way back begins, one that is under way is given up.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import shutil
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from app import __version__
from app.engine.targets import moved_since
from app.errors import Refused
from app.ports import Database
from app.run.requests import KeepExport
from app.run.state import RunState, Stage
from app.runbook.order import Plan
from app.session.live import Session
from app.session.loss import rows_of, uncountable
from app.session.secret_room import AskSecret, secrets_of
from app.session.view import View
from app.session.watch import Watch, watch
from app.session.world import databases_of

if TYPE_CHECKING:
    from app.connectors.rows_export import Saved, TableFile

Form = Literal["ndjson", "csv"]

_LOOK_SECONDS = 0.1
_LEFT_SECONDS = 7_200.0
"""Longer than one statement of an export may take."""


@dataclass(frozen=True, slots=True)
class ExportOrder:
    """to: the folder in which the export's own folder is made, None for `<home>/exports`; by: whose name is recorded.

    ask: how secrets are asked for, where the run itself does not hold them; given_up: whether nobody waits for it any
    more, asked ten times a second.
    """

    home: Path
    by: str
    to: Path | None = None
    form: Form = "ndjson"
    ask: AskSecret | None = None
    given_up: Callable[[], bool] = lambda: False


def export_written(view: View, order: ExportOrder) -> KeepExport:
    """Save them; what to send to the run so that it knows. Blocks; call it off the UI's thread and outside any loop.

    Raises Refused (nothing declared, no switch yet, the way back is under way, disk, rights), TargetUnreachable,
    AnswerMissing (a secret).
    """
    look = watch(order.home, str(view.path))
    try:
        state = look.state
        _may_export(state)
        databases = view.databases if isinstance(view, Session) else _databases(state.plan, order)
        folder, part = _places(state, order)
        try:
            saved = asyncio.run(_save(databases, look, part, order))
            return _keep(saved, state, order, (folder, part))
        finally:
            shutil.rmtree(part, ignore_errors=True)
    finally:
        look.close()


def _may_export(state: RunState) -> None:
    if why := uncountable(state.plan) or ("" if state.plan.runbook.rollback.loss else "no column is declared"):
        hint = "Declare rollback.loss with a column per table."
        raise Refused(f"What was written since the switch is not known: {why}.", hint=hint)
    if state.written is None or not state.written.since:
        hint = "It is known once writes are open on the new side and its server was asked."
        raise Refused("Nobody knows yet since when rows count as written.", where=state.run, hint=hint)
    if state.stage is Stage.ROLLING_BACK:
        hint = "Ask again when it has ended: what the undos left is still there."
        raise Refused("The way back is under way, and an export could hold it up.", where=state.run, hint=hint)


def _databases(plan: Plan, order: ExportOrder) -> Mapping[str, Database]:
    return databases_of(plan.inputs, secrets_of(plan.inputs, order.ask, order.home), order.home)


def _places(state: RunState, order: ExportOrder) -> tuple[Path, Path]:
    """The folder's name to be, and the one that it has while it is made."""
    parent = order.to if order.to is not None else order.home / "exports"
    count = len(state.exports) + 1
    while (folder := parent / f"{state.run}-written-since-{count}").exists():
        count += 1
    part = parent / f".{folder.name}.{os.getpid()}"
    try:
        parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sweep(parent)
        part.mkdir(mode=0o700)
    except OSError as error:
        raise Refused(f"Nothing can be saved there: {error.strerror or error}.", where=str(parent)) from error
    return folder.absolute(), part


def _sweep(parent: Path) -> None:
    """Rows that an export left behind when its process was ended are nobody's, and are not kept.

    Another's export may be under way beside this one: what was touched lately stays.
    """
    for old in parent.glob(".*-written-since-*.*"):
        with contextlib.suppress(OSError):  # gone meanwhile, or another person's
            touched = max(one.stat().st_mtime for one in (old, *old.iterdir()))
            if time.time() - touched > _LEFT_SECONDS:
                shutil.rmtree(old, ignore_errors=True)


async def _save(databases: Mapping[str, Database], look: Watch, part: Path, order: ExportOrder) -> Saved:
    """Cut short as soon as the way back begins, or nobody waits for it."""
    from app.connectors.rows_export import Errand, save_rows

    state = look.state
    rows = rows_of(state.plan, databases)
    assert rows is not None
    assert state.written is not None
    assert state.written.instant is not None
    known = state.targets.get(("database", rows.name))
    expects = known.facts if known is not None and not moved_since(state, known) else ()
    task = asyncio.create_task(save_rows(rows, Errand(state.written.instant, expects, part, order.form)))
    try:
        while not task.done():
            await asyncio.wait([task], timeout=_LOOK_SECONDS)
            look.take()
            if not task.done() and look.state.stage is Stage.ROLLING_BACK:
                raise Refused("The way back began, so the export was given up.", where=look.run)
            if not task.done() and order.given_up():
                raise Refused("The export was given up.", where=look.run, hint="Nothing of it was kept.")
        return task.result()
    finally:
        if not task.done():
            task.cancel()
            await asyncio.wait([task])


def _keep(saved: Saved, state: RunState, order: ExportOrder, places: tuple[Path, Path]) -> KeepExport:
    folder, part = places
    assert state.written is not None
    text = json.dumps(_manifest(saved, state, order), indent=2, ensure_ascii=False).encode()
    try:
        with os.fdopen(os.open(part / "manifest.json", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        part.rename(folder)
    except OSError as error:
        raise Refused(f"The export cannot be finished: {error.strerror or error}.", where=str(folder)) from error
    rows = sum(one.rows for one in saved.files)
    files = tuple((one.table, one.file, str(one.rows), one.digest) for one in saved.files)
    digest = hashlib.sha256(text).hexdigest()
    return KeepExport(order.by, str(folder), digest, rows, state.written.since, order.form, files)


def _manifest(saved: Saved, state: RunState, order: ExportOrder) -> dict[str, Any]:
    assert state.written is not None
    known = state.targets.get(("database", state.written.db))
    return {
        "what": "rows written since the switch",
        "run": state.run,
        "runbook": state.plan.runbook.name,
        "database": state.written.db,
        "identity": known.identity if known is not None else "",
        "switch": state.written.address,
        "since": state.written.since,
        "taken": saved.taken.isoformat(timespec="milliseconds"),
        "by": order.by,
        "host": socket.gethostname(),
        "tminus": __version__,
        "form": order.form,
        "tables": [_table(one) for one in saved.files],
    }


def _table(one: TableFile) -> dict[str, Any]:
    return {
        "table": one.table,
        "file": one.file,
        "rows": one.rows,
        "sha256": one.digest,
        "rows_without_a_date": one.undated,
        "columns": [{"name": name, "type": kind} for name, kind in one.columns],
    }


def check_export(folder: Path) -> tuple[str, ...]:
    """What is wrong with an export as it lies there, in sentences; nothing when every file is as its manifest says."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        files = [(str(one["file"]), str(one["sha256"])) for one in manifest["tables"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        return (f"The manifest cannot be read: {type(error).__name__}.",)
    return tuple(f"{name} is not what was saved." for name, digest in files if _digest(folder / name) != digest)


def _digest(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError:
        return ""
