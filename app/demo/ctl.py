"""`orderctl`: what an operator may do to the estate, one verb at a time; each may be repeated without harm.

    status | read-only on|off | freeze on|off | use old|new | deploy WORKER v1|v2 | backup | check-backup | restore
    copy-bulk | copy-delta | copy-back | compare count|except|checksum | account

Exit 0: done. 1: it could not be done, or the comparison found differences. 2: no such verb. 143: asked to end.
Under a ticket (TMINUS_TICKET) it writes a line into the estate's ledger before it acts and one after it.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

from app.demo import copying, switches
from app.demo.accounting import account, rows_from_before_are_identical
from app.demo.layout import Layout, note_down

_ASKED_TO_END = 128 + signal.SIGTERM
Verb = Callable[[Layout, tuple[str, ...]], int]


def main(words: list[str]) -> int:
    """Runs one verb in the estate named first; answers the exit status."""
    if len(words) < 2:  # noqa: PLR2004 - the folder and a verb
        return _complain(__doc__ or "")
    layout, asked = Layout(Path(words[0])), tuple(words[1:])
    found = _find(asked)
    if found is None:
        return _complain(f"no such verb: {' '.join(asked)}\n{__doc__}")
    ticket = os.environ.get("TMINUS_TICKET", "")
    if not ticket:
        return _attempt(found, layout, asked)
    signal.signal(signal.SIGTERM, _leave)
    note_down(layout, ticket, asked, "start")
    status = 1
    try:
        status = _attempt(found, layout, asked)
    except Asked:
        status = _ASKED_TO_END
    finally:
        note_down(layout, ticket, asked, f"end {status}")
    return status


def _attempt(verb: Verb, layout: Layout, asked: tuple[str, ...]) -> int:
    """What a database or a disk does wrong is a sentence and exit 1."""
    try:
        return verb(layout, asked[1:])
    except (sqlite3.Error, OSError) as trouble:
        sys.stderr.write(f"{' '.join(asked)}: {trouble}\n")
        return 1


class Asked(BaseException):
    """Somebody asked this process to end. What was under way is rolled back on the way out."""


def _leave(number: int, frame: object) -> None:
    del number, frame
    raise Asked


def _find(asked: tuple[str, ...]) -> Verb | None:
    """The verb, if its arguments are ones that it takes."""
    if asked[0] not in _VERBS:
        return None
    verb, allowed = _VERBS[asked[0]]
    fits = len(asked) - 1 == len(allowed) and all(
        word in choice for word, choice in zip(asked[1:], allowed, strict=True)
    )
    return verb if fits else None


def _status(layout: Layout, rest: tuple[str, ...]) -> int:
    del rest
    now = switches.read_switches(layout)
    releases = ", ".join(f"{worker} {release}" for worker, release in now.releases.items())
    tell(f"engine {now.engine}; read only {_word(now.read_only)}; deploys frozen {_word(now.frozen)}; {releases}")
    return 0


def _read_only(layout: Layout, rest: tuple[str, ...]) -> int:
    switches.set_read_only(layout, rest[0])
    tell(f"read only is {rest[0]}")
    return 0


def _freeze(layout: Layout, rest: tuple[str, ...]) -> int:
    switches.set_frozen(layout, rest[0])
    tell(f"deploys are {'frozen' if rest[0] == 'on' else 'free'}")
    return 0


def _use(layout: Layout, rest: tuple[str, ...]) -> int:
    trouble = switches.set_engine(layout, rest[0])
    tell(trouble or f"the shop serves from the {rest[0]} database")
    return 1 if trouble else 0


def _deploy(layout: Layout, rest: tuple[str, ...]) -> int:
    worker, release = rest
    if switches.read_switches(layout).frozen and not os.environ.get("TMINUS_TICKET"):
        tell("deploys are frozen: only the run that is under way may deploy")
        return 1
    if release != switches.BOTH_DRIVERS and switches.read_switches(layout).engine == "new":
        tell(f"{release} cannot talk to the new database, which serves now; use old first")
        return 1
    switches.set_release(layout, worker, release)
    tell(f"{worker} has {release}; it restarts within a second")
    return 0


def _backup(layout: Layout, rest: tuple[str, ...]) -> int:
    """Through SQLite's own backup, so that the shop goes on; complete or absent, never half."""
    del rest
    part = layout.backup.with_suffix(".part")
    part.parent.mkdir(exist_ok=True)
    part.unlink(missing_ok=True)
    _copy_file(layout.old, part)
    part.replace(layout.backup)
    tell(f"wrote {layout.backup} ({layout.backup.stat().st_size // 1024} KiB)")
    return 0


def _check_backup(layout: Layout, rest: tuple[str, ...]) -> int:
    """Opens the backup as a database, checks its pages, counts its rows."""
    del rest
    link = sqlite3.connect(f"file:{layout.backup}?mode=ro", uri=True)
    try:
        (verdict,) = link.execute("pragma quick_check").fetchone()
        (rows,) = link.execute("select count(*) from Orders").fetchone()
    finally:
        link.close()
    tell(f"backup {verdict}: {rows} orders")
    return 0 if verdict == "ok" else 1


def _restore(layout: Layout, rest: tuple[str, ...]) -> int:
    """The last resort: the old database as it was at the backup. Orders acknowledged since then are lost."""
    del rest
    _copy_file(layout.backup, layout.old)
    tell("the old database is as it was at the backup")
    return 0


def _copy_bulk(layout: Layout, rest: tuple[str, ...]) -> int:
    del rest
    copying.copy_bulk(layout, tell)
    return 0


def _copy_delta(layout: Layout, rest: tuple[str, ...]) -> int:
    del rest
    copying.copy_delta(layout, tell)
    return 0


def _copy_back(layout: Layout, rest: tuple[str, ...]) -> int:
    del rest
    copying.copy_back(layout, tell)
    return 0


def _compare(layout: Layout, rest: tuple[str, ...]) -> int:
    return 1 if copying.compare(layout, rest[0], tell) else 0


def _account(layout: Layout, rest: tuple[str, ...]) -> int:
    del rest
    engine = switches.read_switches(layout).engine
    found = account(layout)
    same = rows_from_before_are_identical(layout)
    tell(found.sentence(engine))
    tell("The rows from before are identical." if same else "ROWS FROM BEFORE HAVE CHANGED.")
    return 0 if found.sound and same else 1


_ON_OFF = ("on", "off")
_VERBS: dict[str, tuple[Verb, tuple[tuple[str, ...], ...]]] = {
    "status": (_status, ()),
    "read-only": (_read_only, (_ON_OFF,)),
    "freeze": (_freeze, (_ON_OFF,)),
    "use": (_use, (switches.ENGINES,)),
    "deploy": (_deploy, (switches.WORKERS, switches.RELEASES)),
    "backup": (_backup, ()),
    "check-backup": (_check_backup, ()),
    "restore": (_restore, ()),
    "copy-bulk": (_copy_bulk, ()),
    "copy-delta": (_copy_delta, ()),
    "copy-back": (_copy_back, ()),
    "compare": (_compare, (("count", "except", "checksum"),)),
    "account": (_account, ()),
}


def _copy_file(source: Path, target: Path) -> None:
    left = sqlite3.connect(f"file:{source}?mode=ro", uri=True)
    right = sqlite3.connect(target, timeout=20)
    try:
        left.backup(right)
    finally:
        right.close()
        left.close()


def _word(switch: bool) -> str:  # noqa: FBT001 - the switch is what is put into words
    return "on" if switch else "off"


def tell(line: str) -> None:
    """One line for the operator, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _complain(text: str) -> int:
    sys.stderr.write(f"{text.strip()}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
