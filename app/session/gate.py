"""What stands between the order for a run and its record: nothing is written before every target has been looked at.

A run that has begun is never kept from going on or back by a gate: `resume` meets each target at the step that needs
it, and refuses there what is not the target that the record knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.errors import Refused
from app.run import events as e
from app.runbook.order import Plan
from app.session.look_ahead import Sight, look
from app.session.preflight import Preflight, PreflightLine, preflight
from app.session.preflight_hosts import look_at_hosts
from app.session.preflight_kept import kept
from app.session.promises import unkept
from app.session.targets import Answers

_SAID_ELSEWHERE = "record"
"""The line about the record's own disk: making the record says it, with an exit code of its own."""


@dataclass(frozen=True, slots=True)
class Passed:
    """What the record is told of the look, and who every host is."""

    notes: tuple[e.NoteAdded, ...]
    hosts: Answers


def refuse_by_file(plan: Plan, until: str, now: datetime) -> None:
    """Raises Refused for what the file and the clock alone forbid, before anybody is asked for a secret."""
    if until and until not in plan.by_address:
        raise Refused(f"There is no step `{until}`.", hint="`tminus plan` lists the steps.")
    _refuse((*preflight(plan), *unkept(plan, now)))


def pass_gate(sight: Sight) -> Passed:
    """Look at every target in both directions, unless that was done a short while ago and nothing stood in the way.

    Blocks. Raises Refused when something stands in the way. A target that does not answer now may by the time it is
    needed: like every warning, that goes into the record.
    """
    last = kept(sight.order.home, sight.key, sight.began)
    if last is not None:
        hosts = look_at_hosts(sight.plan, sight.order.home, sight.vault)
        _refuse(hosts.lines)
        return Passed(_notes(last, "of"), hosts.who)
    seen = look(sight)
    _refuse(seen.found.lines)
    return Passed(_notes(seen.found, "at"), seen.hosts)


def _refuse(lines: Iterable[PreflightLine]) -> None:
    refused = [line for line in lines if "refused" in (line.word, line.rollback) and line.subject != _SAID_ELSEWHERE]
    if refused:
        whole = "; ".join(f"{line.subject}: {line.detail}" for line in refused)
        hint = "Nothing was started; `tminus preflight` shows all that was looked at."
        raise Refused(f"Preflight refused {len(refused)}: {whole}", hint=hint)


def _notes(found: Preflight, when: str) -> tuple[e.NoteAdded, ...]:
    told = [line for line in found.lines if {"warning", "away"} & {line.word, line.rollback}]
    words = [f"Preflight {when} {found.began:%H:%M:%S} UTC: {len(found.lines)} looked at, nothing stands in the way"]
    for word, says in (("warning", "with a warning"), ("away", "did not answer"), ("unknown", "could not be told")):
        count = _count(found.lines, word)
        words += [f"{count} {says}"] if count else []
    texts = [f"{line.subject}: {line.detail}" for line in told]
    return tuple(e.NoteAdded("console", text) for text in (*texts, f"{', '.join(words)}."))


def _count(lines: Sequence[PreflightLine], word: str) -> int:
    return sum(1 for line in lines if word in (line.word, line.rollback))
