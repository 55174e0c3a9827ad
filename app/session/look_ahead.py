"""The two-way preflight: for each step and each undo what stands in the way, found by looking and changing nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from app.connectors.clock import SystemClock
from app.connectors.secrets import Vault
from app.engine.redact import Redactor
from app.engine.targets import HOST, seen
from app.errors import Refused, RunbookInvalid, TminusError
from app.ports import Fingerprint
from app.run.moment import Moment
from app.run.state import SeenTarget
from app.runbook.body import Target
from app.runbook.model_step import NoUndo, Step
from app.runbook.order import Plan
from app.session.opening import inputs_of, kinds, open_runbook, plan_of
from app.session.preflight import NOT_AT_ALL, Finding, Preflight, PreflightLine, preflight
from app.session.preflight_clock import clock_lines
from app.session.preflight_hosts import HostsSeen, look_at_hosts
from app.session.preflight_kept import keep, key_of
from app.session.preflight_local import artefact_findings, command_findings, record_line, web_findings
from app.session.preflight_ways import Errand, Way, errands
from app.session.promises import unkept
from app.session.secret_room import each_unlocked
from app.session.sql_files import SqlFiles, sql_files
from app.session.targets import Admission, Answers

if TYPE_CHECKING:
    from app.session.live import RunOrder

_WEIGHT = {"refused": 0, "away": 1, "warning": 2, "unknown": 3, "ok": 4}


@dataclass(frozen=True, slots=True)
class Sight:
    """What a look ahead starts from: the plan, the order that it belongs to, and the secrets as they were unlocked.

    unlocked: by name whether a secret was found, and where or why not; digest: of the runbook's text; began: aware UTC;
    files: its SQL files as they were read, once; unread: why they could not be.
    """

    plan: Plan
    order: RunOrder
    vault: Vault
    unlocked: Mapping[str, tuple[bool, str]]
    digest: str
    began: datetime
    files: SqlFiles = ()
    unread: str = ""

    @property
    def key(self) -> str:
        """Under which its result is kept."""
        return key_for(self.plan, self.digest, self.files)


@dataclass(frozen=True, slots=True)
class Sighted:
    """What was found, and who every host is."""

    found: Preflight
    hosts: Answers


def key_for(plan: Plan, digest: str, files: SqlFiles) -> str:
    """What a look is of: the text of the runbook, what it was bound to, and the texts of its SQL files."""
    params = {name: value.text for name, value in plan.inputs.params.items()}
    return key_of(digest, plan.inputs.env, params, files)


def look_ahead(order: RunOrder) -> Preflight:
    """Look at everything that a run with this order would touch. Blocks for as long as targets take to answer.

    Unlocks the secrets (and asks for them as a run would), logs in to databases in read-only sessions and to hosts,
    opens and closes TCP connections. What was found is kept for the run that follows. Raises RunbookInvalid, and
    Refused for parameters that do not fit.
    """
    loaded = open_runbook(order.path, order.environment)
    if loaded.errors or loaded.runbook is None:
        raise RunbookInvalid(loaded.problems)
    began = SystemClock().now()
    inputs = inputs_of(loaded, order.environment, dict(order.params), began)
    plan = plan_of(inputs)
    files, unread = _files(plan, order.path)
    vault, unlocked = each_unlocked(inputs, order.ask, order.home)
    return look(Sight(plan, order, vault, unlocked, loaded.digest, began, files, unread)).found


def look(sight: Sight) -> Sighted:
    """Look at every target, forward and back, changing nothing, and keep what was found. Blocks."""
    plan, order, vault = sight.plan, sight.order, sight.vault
    missing = frozenset(name for name, (found, _) in sight.unlocked.items() if not found)
    todo = tuple(errands(plan, kinds()))
    admission = Admission(plan, order.home, SystemClock(), remembers=False)
    trouble = [PreflightLine("SQL files", "refused", sight.unread)] if sight.unread else []
    lines = [
        *trouble,
        *unkept(plan, sight.began),
        *_clock(sight),
        record_line((order.record or order.home / "runs" / "x").parent),
    ]
    secrets = sight.unlocked.items()
    lines += [PreflightLine(f"secret {name}", "ok" if found else "refused", why) for name, (found, why) in secrets]
    hosts = _hosts(plan, order, vault)
    admitted = _admitted(hosts, admission)
    lines += admitted
    found = [*command_findings(todo), *artefact_findings(todo, plan), *web_findings(todo), *_at_hosts(todo, admitted)]
    more, at_databases = _databases(plan, (vault, missing, order.home), (todo, dict(sight.files)), admission)
    lines += [*more, *_steps(plan, todo, (*found, *at_databases))]
    redact = Redactor(vault.plain_values().values()).text
    result = Preflight(tuple(replace(line, detail=redact(line.detail)) for line in lines), sight.began, sight.key)
    keep(order.home, sight.key, result)
    return Sighted(result, hosts.who)


def _clock(sight: Sight) -> Iterator[PreflightLine]:
    return clock_lines(sight.plan, sight.order.home, sight.digest, sight.began)


def _files(plan: Plan, book: Path) -> tuple[SqlFiles, str]:
    """All of them, or why they cannot be read."""
    try:
        return sql_files(plan, book.absolute().parent), ""
    except Refused as trouble:
        return (), str(trouble)


def _hosts(plan: Plan, order: RunOrder, vault: Vault) -> HostsSeen:
    try:
        return look_at_hosts(plan, order.home, vault)
    except TminusError as trouble:
        return HostsSeen((PreflightLine("hosts", "refused", str(trouble)),))


def _admitted(hosts: HostsSeen, admission: Admission) -> list[PreflightLine]:
    """Their lines; a host that may not be used in this run is refused, whoever logs in there."""
    known: dict[tuple[str, str], SeenTarget] = {}
    refused = {}
    at = Moment(admission.clock.now(), 0, "")
    for name, who in hosts.who.items():
        if isinstance(who, Fingerprint):
            target = Target(HOST, name)
            refused[name] = admission(target, who, known)
            event = seen(target, who)
            known[HOST, name] = SeenTarget(name, HOST, event.identity, event.facts, event.instance, at)
    names = [line.subject.removeprefix("host ").partition(" as ")[0] for line in hosts.lines]
    return [
        replace(line, word="refused", detail=refused[name]) if refused.get(name) else line
        for name, line in zip(names, hosts.lines, strict=True)
    ]


def _at_hosts(todo: Sequence[Errand], hosts: Sequence[PreflightLine]) -> Iterator[tuple[Errand, Finding]]:
    """What a step at a host comes to: the word of its host, and of the user that it becomes there."""
    by_subject = {line.subject: line for line in hosts}
    for errand in todo:
        if errand.kind != "host" or errand.body is None:
            continue
        user = str(getattr(errand.body, "sudo", "") or "")
        line = by_subject.get(f"host {errand.body.name}" + (f" as {user}" if user else ""))
        if line is not None:
            yield errand, (line.word, f"{line.subject} answers" if line.word == "ok" else f"see {line.subject}")


def _databases(
    plan: Plan,
    secrets: tuple[Vault, frozenset[str], Path],
    work: tuple[Sequence[Errand], Mapping[str, str]],
    admission: Admission,
) -> tuple[list[PreflightLine], list[tuple[Errand, Finding]]]:
    """Lines of databases and findings of steps. One whose password is missing is not asked."""
    inputs = plan.inputs
    if not inputs.runbook.databases:
        return [], []
    from app.session.preflight_databases import database_lines, look_at, step_findings
    from app.session.world import databases_of

    vault, missing, home = secrets
    todo, files = work
    locked = {name for name, database in inputs.runbook.databases.items() if database.password in missing}
    databases = {name: one for name, one in databases_of(inputs, vault, home).items() if name not in locked}
    estate = look_at(databases, todo, files)
    lines = [PreflightLine(f"database {name}", "refused", "its password is missing") for name in sorted(locked)]
    return [*lines, *database_lines(estate, todo, admission)], list(step_findings(estate, todo))


# ---------------------------------------------------------------- one line per step


def _steps(plan: Plan, todo: Sequence[Errand], found: Sequence[tuple[Errand, Finding]]) -> Iterator[PreflightLine]:
    findings: dict[tuple[str, Way], list[Finding]] = {}
    for errand in todo:
        place = findings.setdefault((errand.subject, errand.way), [])
        if errand.trouble:
            place.append(("unknown", f"could not tell: {errand.trouble}"))
    for errand, finding in found:
        findings[errand.subject, errand.way].append(finding)
    unavailable = {line.subject.partition("/undo/")[0]: line for line in preflight(plan)}
    now = SystemClock().now()
    for subject in dict.fromkeys(errand.subject for errand in todo):
        forward = _judged(findings.get((subject, "forward")))
        back = _judged(findings.get((subject, "rollback")))
        if subject in unavailable:
            forward = ("refused", (unavailable[subject].detail,))
        yield PreflightLine(subject, forward[0], _told(plan, subject, forward, back), back[0], now)


def _judged(found: Sequence[Finding] | None) -> tuple[str, tuple[str, ...]]:
    """The worst word, and everything that is not well, the worst first; when all is, what was seen."""
    if found is None:
        return NOT_AT_ALL, ()
    ordered = sorted(found, key=lambda one: _WEIGHT[one[0]])
    word = ordered[0][0] if ordered else "ok"
    return word, tuple(dict.fromkeys(detail for one, detail in ordered if one == word or one != "ok"))


def _told(plan: Plan, subject: str, forward: tuple[str, tuple[str, ...]], back: tuple[str, tuple[str, ...]]) -> str:
    """What was found on the way forward, then what is different on the way back."""
    step = plan.by_address[subject].step
    parts = ["; ".join(forward[1]) or (_by_itself(step) if forward[0] == "ok" else "")]
    other = [detail for detail in back[1] if detail not in forward[1]]
    if other:
        parts.append(f"back: {'; '.join(other)}")
    elif isinstance(step.undo, NoUndo):
        parts.append(f"nothing to undo: {step.undo.reason}")
    return ". ".join(part for part in parts if part)


def _by_itself(step: Step) -> str:
    return {"check": "a person does it", "decide": "people decide", "each": "its steps follow"}.get(step.kind, "")
