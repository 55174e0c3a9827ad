"""Rule 2, names: every role, host, database, mode, metric, artifact, trigger, phase and environment must exist."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from app.errors import Problem
from app.runbook.checks.survey import Spot, Survey
from app.runbook.read import Path

_FEW = 500
"""More names than this are not searched for a similar one: it would take longer than all the rules."""


@dataclass(frozen=True, slots=True)
class _Named:
    """Names used at a place, and what they should be names of."""

    kind: str
    names: tuple[str, ...]
    known: Collection[str]
    path: Path


def check_names(survey: Survey) -> Iterator[Problem]:
    """Names in steps and in every section."""
    for spot in survey.spots:
        yield from _unknown(survey, _of_step(survey, spot))
    yield from check_section_names(survey)
    yield from _unknown(survey, _of_rollback(survey))
    yield from _unknown(survey, _of_plan(survey))


def check_section_names(survey: Survey) -> Iterator[Problem]:
    """Names in the sections that an environment can change."""
    yield from _unknown(survey, _of_sections(survey))


def unknown(survey: Survey, kind: str, name: str, at: tuple[Collection[str], Path]) -> Problem:
    """The problem of a name that nothing bears."""
    known, path = at
    near = difflib.get_close_matches(name, known, 1) if len(known) <= _FEW else []
    shown = ", ".join(list(known)[:8])
    hint = f"Did you mean `{near[0]}`?" if near else f"There are: {shown}." if shown else f"Declare the {kind} first."
    return survey.error("RB002", f"There is no {kind} `{name[:60]}`.", path, hint)


def _unknown(survey: Survey, uses: Iterator[_Named]) -> Iterator[Problem]:
    for use in uses:
        for name in use.names:
            if name and name not in use.known and "${" not in name:
                yield unknown(survey, use.kind, name, (use.known, use.path))


def _of_step(survey: Survey, spot: Spot) -> Iterator[_Named]:
    runbook, step, path = survey.runbook, spot.step, spot.path
    if runbook.roles:
        yield _Named("role", (step.owner,), runbook.roles, (*path, "owner"))
        yield _Named("role", step.approve.by if step.approve else (), runbook.roles, (*path, "approve", "by"))
        by = getattr(step.body, "by", ()) if step.kind == "decide" else ()
        yield _Named("role", by, runbook.roles, (*path, "decide", "by"))
    for key in ("enter", "leave"):
        yield _Named("mode", getattr(step, key), runbook.modes, (*path, key))
    for key in ("makes", "uses"):
        yield _Named("artifact", getattr(step, key), runbook.artifacts, (*path, key))
    for key in ("only", "not_in"):
        yield _Named("environment", getattr(step, key), runbook.environments, (*path, key))
    yield _Named("trigger", step.watch, [each.id for each in runbook.triggers] if step.watch else (), (*path, "watch"))
    siblings = [each.step.id or "" for each in survey.spots if each.of is spot.of] if spot.of and step.needs else []
    yield _Named("step", step.needs, siblings if spot.of else survey.by_id, (*path, "needs"))
    facts = getattr(step.body, "facts", ())
    yield _Named("step, test or criterion", facts, survey.facts, (*path, "decide", "facts"))
    until = getattr(step.body, "until", None)
    if until is not None and until.kind == "metric":
        yield _Named("metric", (until.metric,), runbook.metrics, (*path, "wait", "until", "metric"))


def _of_sections(survey: Survey) -> Iterator[_Named]:
    runbook = survey.runbook
    for name, host in runbook.hosts.items():
        yield _Named("host", (host.via,), runbook.hosts, ("hosts", name, "via"))
        yield _Named("secret", (host.passphrase,), runbook.secrets, ("hosts", name, "passphrase"))
        yield _Named("secret", (host.password,), runbook.secrets, ("hosts", name, "password"))
    for name, group in runbook.groups.items():
        yield _Named("host", group, runbook.hosts, ("groups", name))
    for name, database in runbook.databases.items():
        yield _Named("secret", (database.password,), runbook.secrets, ("databases", name, "password"))
        yield _Named("host", (database.via,), runbook.hosts, ("databases", name, "via"))
    for name, artifact in runbook.artifacts.items():
        yield _Named("step", (artifact.check,), survey.by_id, ("artifacts", name, "check"))
    for name, metric in runbook.metrics.items():
        yield _Named("step", (metric.step,), survey.by_id, ("metrics", name, "step"))


def _of_rollback(survey: Survey) -> Iterator[_Named]:
    runbook = survey.runbook
    phases = [phase.id for phase in runbook.phases]
    back = runbook.rollback
    yield _Named("phase", (back.to or "",), [*phases, "start"], ("rollback", "to"))
    yield _Named("artifact", back.uses, runbook.artifacts, ("rollback", "uses"))
    if back.loss:
        yield _Named("database", (back.loss.db,), runbook.databases, ("rollback", "loss", "db"))
    if back.decide and runbook.roles:
        yield _Named("role", back.decide.by, runbook.roles, ("rollback", "decide", "by"))
    for index, phase in enumerate(runbook.phases):
        if phase.rollback:
            path = ("phases", index, "rollback")
            yield _Named("phase", phase.rollback.phases, phases, (*path, "phases"))
            swapped = tuple(name for pair in phase.rollback.swap for name in pair)
            yield _Named("parameter", swapped, runbook.params, (*path, "swap"))


def _of_plan(survey: Survey) -> Iterator[_Named]:
    runbook = survey.runbook
    triggers = [each.id for each in runbook.triggers]
    for section in ("constraints", "dependencies"):
        for index, row in enumerate(getattr(runbook, section)):
            yield _Named("step", (row.proof,), survey.by_id, (section, index, "proof"))
            yield _Named("mode", (row.mode,), runbook.modes, (section, index, "mode"))
            yield _Named("trigger", (row.trigger,), triggers, (section, index, "trigger"))
    yield from _of_proofs(survey, triggers)


def _of_proofs(survey: Survey, triggers: list[str]) -> Iterator[_Named]:
    runbook = survey.runbook
    for index, risk in enumerate(runbook.risks):
        known = [*survey.by_id, *triggers, *runbook.metrics]
        yield _Named("step, trigger or metric", (risk.watched_by,), known, ("risks", index, "watched_by"))
    for index, test in enumerate(runbook.tests):
        yield _Named("step", (test.proof,), survey.by_id, ("tests", index, "proof"))
    for index, criterion in enumerate(runbook.success):
        yield _Named("metric", (criterion.metric,), runbook.metrics, ("success", index, "metric"))
        yield _Named("mode", (criterion.mode,), runbook.modes, ("success", index, "mode"))
    if runbook.roles:
        for section in ("constraints", "dependencies", "triggers", "risks", "tests", "success"):
            for index, row in enumerate(getattr(runbook, section)):
                yield _Named("role", (row.owner,), runbook.roles, (section, index, "owner"))
