"""Databases that production runs from this home have used, so that no rehearsal writes into one by a mistyped address.

They are kept in `<home>/known-targets.json` as the servers' own words (never addresses with users, never secrets).
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from app.errors import RecordUnwritable, Refused
from app.ports import Fingerprint

_NAME = "known-targets.json"


@dataclass(frozen=True, slots=True)
class KnownTarget:
    """One database as a production run saw it last. `seen` is ISO UTC."""

    instance: str
    identity: str
    runbook: str
    environment: str
    name: str
    seen: str

    def is_it(self, who: Fingerprint) -> bool:
        """Whether `who` is that database: the same running server, or one that says the same of itself."""
        return self.instance == who.instance != "" or self.identity == str(who)


def known_targets(home: Path) -> tuple[KnownTarget, ...]:
    """What is known. Raises Refused for a file that cannot be read: it must not be taken for an empty one."""
    file = home / _NAME
    try:
        tree = json.loads(file.read_text(encoding="utf-8"))
        return tuple(KnownTarget(**_texts(one)) for one in tree["targets"])
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise Refused(
            f"What is known of production cannot be read: {type(error).__name__}.",
            where=str(file),
            hint="Mend the file, or remove it to begin anew with the next production run.",
        ) from error


def remember(home: Path, target: KnownTarget) -> None:
    """Keep one, in place of what was known under its name, whole or not at all. Raises RecordUnwritable, Refused."""
    file = home / _NAME
    place = (target.runbook, target.environment, target.name)
    others = [one for one in known_targets(home) if (one.runbook, one.environment, one.name) != place]
    text = json.dumps({"version": 1, "targets": [asdict(one) for one in (*others, target)]}, indent=2)
    aside = file.with_name(f"{_NAME}.{os.getpid()}")
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        aside.replace(file)
    except OSError as error:
        reason = error.strerror or str(error)
        raise RecordUnwritable(f"Production's databases cannot be kept: {reason}.", where=str(file)) from error


def _texts(one: dict[str, Any]) -> dict[str, str]:
    if any(not isinstance(value, str) for value in one.values()):
        raise TypeError("not text")
    return one
