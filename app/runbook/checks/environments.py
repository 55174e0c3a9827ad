"""Rule 2, environments: overrides lead somewhere and fit, and what they make of the file holds as the file does."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator
from dataclasses import replace

from app.errors import Problem
from app.runbook.checks.ids import check_params
from app.runbook.checks.names import check_names, check_section_names
from app.runbook.checks.survey import Survey
from app.runbook.environment import BadOverride, override
from app.runbook.read import Path


def check_environments(survey: Survey) -> Iterator[Problem]:
    """Overrides that lead nowhere or do not fit, and the environment asked for."""
    runbook = survey.runbook
    if survey.env and survey.env not in runbook.environments:
        hint = f"The runbook has: {', '.join(runbook.environments) or 'none'}."
        yield survey.error("RB002", f"There is no environment `{survey.env}`.", ("environments",), hint)
    told = frozenset(_of_values(survey, whole=True)) if runbook.environments else frozenset()
    for name in runbook.environments:
        yield from _overridden(survey, name, told)


def _overridden(survey: Survey, env: str, told: frozenset[Problem]) -> Iterator[Problem]:
    """Its overrides, and the names and parameters of the runbook with them in it; what the file has wrong is `told`."""
    runbook, overrides = survey.runbook, survey.runbook.environments[env].set
    for path, value in overrides.items():
        try:
            runbook = override(runbook, path, value)
        except BadOverride as trouble:
            yield survey.error("RB002", str(trouble), ("environments", env, "set", path), trouble.hint)
    whole = any("." not in path for path in overrides)  # only a whole section can take away a name that steps use
    for problem in dict.fromkeys(_of_values(replace(survey, runbook=runbook), whole=whole)):
        if overrides and problem not in told:
            at = _nearest(problem.path, overrides)
            yield survey.error(problem.code, f"In `{env}`: {problem.what}", ("environments", env, *at), problem.hint)


def _of_values(survey: Survey, *, whole: bool) -> Iterator[Problem]:
    """What is wrong with names and parameters; without `whole`, in what an environment can change only."""
    yield from check_names(survey) if whole else check_section_names(survey)
    yield from check_params(survey)


def _nearest(path: str, overrides: Collection[str]) -> Path:
    """The override that has most of the problem's path in common; all of them when none has any."""

    def common(key: str) -> int:
        pairs = zip(key.split("."), path.split("."), strict=False)
        return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))

    best = max(overrides, key=common)
    return ("set", best) if common(best) else ("set",)
