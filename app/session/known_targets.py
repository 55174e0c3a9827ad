"""Databases and hosts that production runs from this home have used, so that no rehearsal meets one by mistake.

They are kept in `<home>/known-targets.json` as the targets' own words (never addresses with users, never secrets).
A target is known again by what outlasts a restart and another address, so a physical copy of a cluster is refused, too:
nothing that the server says tells it from the original.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from app.errors import RecordUnwritable, Refused
from app.ports import Fingerprint
from app.session.kept_file import one_at_a_time, write_whole

_NAME = "known-targets.json"
_LASTING = {"postgresql": ("cluster", "database"), "mysql": ("server", "database")}
"""By product: facts that no other server has, apart from its copies. MariaDB has none: all of its facts must agree."""
_HOST = "host"
_MACHINE = "machine"
_NO_PROOF = frozenset({"hostname"})


@dataclass(frozen=True, slots=True)
class KnownTarget:
    """One target as a production run saw it last. `seen` is ISO UTC; `kind` and `facts` as in TargetSeen."""

    instance: str
    identity: str
    runbook: str
    environment: str
    name: str
    seen: str
    kind: str = "database"
    facts: tuple[tuple[str, str], ...] = ()

    def is_it(self, kind: str, who: Fingerprint) -> bool:
        """Whether `who` is that target: the same running one, or one that says the same of itself."""
        if kind != self.kind:
            return False
        same = self.instance == who.instance != "" or self.identity == str(who)
        known, shown = dict(self.facts), dict(who.facts)
        return same or (_same_host(known, shown) if kind == _HOST else _same_database(who.product, known, shown))


def known_targets(home: Path) -> tuple[KnownTarget, ...]:
    """What is known. Raises Refused for a file that cannot be read: it must not be taken for an empty one."""
    file = home / _NAME
    try:
        tree = json.loads(file.read_text(encoding="utf-8"))
        return tuple(_read(one) for one in tree["targets"])
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
    if _is_said(known_targets(home), target):
        return  # today already: 200 hosts are not written 200 times
    try:
        with one_at_a_time(file):
            others = [one for one in known_targets(home) if _place(one) != _place(target)]
            text = json.dumps({"version": 1, "targets": [asdict(one) for one in (*others, target)]}, indent=2)
            write_whole(file, text)
    except OSError as error:
        reason = error.strerror or str(error)
        raise RecordUnwritable(f"Production's targets cannot be kept: {reason}.", where=str(file)) from error


def _is_said(known: Iterable[KnownTarget], target: KnownTarget) -> bool:
    return any(replace(one, seen=target.seen) == target and one.seen[:10] == target.seen[:10] for one in known)


def _place(one: KnownTarget) -> tuple[str, str, str, str]:
    return one.runbook, one.environment, one.kind, one.name


def _same_database(product: str, known: Mapping[str, str], shown: Mapping[str, str]) -> bool:
    lasting = _LASTING.get(product, ())
    return bool(lasting) and all(known.get(fact) and known[fact] == shown.get(fact) for fact in lasting)


def _same_host(known: Mapping[str, str], shown: Mapping[str, str]) -> bool:
    """A key decides where both showed one of the same kind; else the id of the machine."""
    keys = (known.keys() & shown.keys()) - _NO_PROOF - {_MACHINE}
    if keys:
        return any(known[kind] == shown[kind] for kind in keys)
    return known.get(_MACHINE, "") == shown.get(_MACHINE) != ""


def _read(one: dict[str, Any]) -> KnownTarget:
    facts = tuple((name, value) for name, value in one.pop("facts", ()))
    if any(not isinstance(text, str) for text in (*one.values(), *(word for fact in facts for word in fact))):
        raise TypeError("not text")
    return KnownTarget(**one, facts=facts)
