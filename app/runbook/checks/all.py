"""Every rule of the checker, one after the other. A rule is one line here, one function, and one text in `codes`."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

from app.errors import Problem
from app.runbook.checks.artifacts import check_artifacts
from app.runbook.checks.boundaries import check_boundaries, check_final
from app.runbook.checks.changes import check_nothing, check_undo
from app.runbook.checks.dead_man import check_dead_man
from app.runbook.checks.enums import check_targets
from app.runbook.checks.environments import check_environments
from app.runbook.checks.estates import check_estates
from app.runbook.checks.estimates import check_rollback_time, check_steps_complete
from app.runbook.checks.groups import check_groups
from app.runbook.checks.ids import check_empty, check_ids, check_items, check_params, check_phases
from app.runbook.checks.modes import check_modes
from app.runbook.checks.names import check_names
from app.runbook.checks.people import check_decisions, check_plan
from app.runbook.checks.reach import check_reach
from app.runbook.checks.saved import check_addresses, check_references
from app.runbook.checks.secrets import check_literals, check_secrets
from app.runbook.checks.survey import Survey, survey
from app.runbook.checks.times import check_times
from app.runbook.checks.triggers import check_limits, check_triggers, check_way_back
from app.runbook.checks.waits import check_waits
from app.runbook.kind import Kinds
from app.runbook.model import Runbook
from app.runbook.read import Document

MOST_PER_RULE = 200
"""A rule that is broken more often than this is told this often: nobody reads on, and looking for hints takes time."""

_RULES: tuple[Callable[[Survey], Iterator[Problem]], ...] = (
    check_ids,
    check_empty,
    check_items,
    check_params,
    check_phases,
    check_times,
    check_names,
    check_environments,
    check_addresses,
    check_references,
    check_targets,
    check_steps_complete,
    check_decisions,
    check_undo,
    check_dead_man,
    check_nothing,
    check_final,
    check_boundaries,
    check_modes,
    check_artifacts,
    check_rollback_time,
    check_waits,
    check_triggers,
    check_limits,
    check_way_back,
    check_secrets,
    check_literals,
    check_groups,
    check_estates,
    check_plan,
    check_reach,
)


def check(runbook: Runbook, document: Document, kinds: Kinds, env: str | None = None) -> tuple[Problem, ...]:
    """All problems of a runbook that has the right shape. `env` must be one of its environments, or None."""
    looked = survey(runbook, document, kinds, env)
    return tuple(problem for rule in _RULES for problem in itertools.islice(rule(looked), MOST_PER_RULE))
