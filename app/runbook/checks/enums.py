"""Rule 3, and the names that steps reach: a name built from references must exist for every value they may have."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from app.errors import Problem
from app.runbook.body import Target
from app.runbook.checks.names import unknown
from app.runbook.checks.survey import Spot, Survey
from app.runbook.model import Runbook
from app.runbook.model_step import Step
from app.runbook.order import MOST_LAID_OUT, too_many
from app.runbook.part import Raw
from app.runbook.read import Path
from app.runbook.references import Reference, split
from app.runbook.scope import ADDRESS_HINT, is_address

_MOST = 256


@dataclass(frozen=True, slots=True)
class Reached:
    """A host or database that a step reaches, under a name it may have; `built` when it is made from references."""

    spot: Spot
    target: Target
    name: str
    path: Path
    built: bool = False
    by_enum: bool = False


def check_targets(survey: Survey) -> Iterator[Problem]:
    """Hosts and databases, by every name they may have, URLs that cannot be read, and eaches over too many."""
    yield from _unreadable(survey)
    yield from _too_many(survey)
    runbook = survey.runbook
    for reached in (*all_reached(survey), *_of_metrics(survey)):
        known = runbook.databases if reached.target.kind == "database" else {**runbook.hosts, **runbook.groups}
        if reached.name in known:
            continue
        if reached.by_enum:
            what = f"`{reached.target.name}` may become `{reached.name}`, and there is no such {reached.target.kind}."
            yield survey.error("RB003", what, reached.path, "Declare it, or take the value out of the enum.")
        else:
            yield unknown(survey, reached.target.kind, reached.name, (known, reached.path))


def _unreadable(survey: Survey) -> Iterator[Problem]:
    urls: list[tuple[str, Raw, Path]] = [
        (name, database.url, ("databases", name, "url")) for name, database in survey.runbook.databases.items()
    ]
    for env, environment in survey.runbook.environments.items():
        for key, value in environment.set.items():
            section, _, rest = key.partition(".")
            if section == "databases" and rest.endswith(".url"):
                urls.append((rest.removesuffix(".url"), value, ("environments", env, "set", key)))
    for name, url, path in urls:
        if isinstance(url, str) and "${" not in url and not is_address(url):
            yield survey.error("RB001", f"The URL of the database `{name}` cannot be read.", path, ADDRESS_HINT)


def _too_many(survey: Survey) -> Iterator[Problem]:
    """The each with which the plan gets too long, as far as the file tells how many items there are."""
    total = 0
    for spot in survey.spots:
        if spot.of is None and spot.role != "read":
            total += _laid_out(spot.step, survey)
            if total > MOST_LAID_OUT and survey.kinds[spot.step.kind].inner(spot.step.body):
                trouble = too_many(spot.name)
                yield survey.error("RB102", trouble.what, (*spot.path, spot.step.kind), trouble.hint)
                return


def _laid_out(step: Step, survey: Survey) -> int:
    """How many steps of the plan come from one step of the file, at least."""
    total = 1 + sum(_laid_out(undo, survey) for undo in step.undo_steps)
    inside = sum(_laid_out(each, survey) for _, steps in survey.kinds[step.kind].inner(step.body) for each in steps)
    return total + inside * (_items(step.body, survey) if inside else 0)


def _items(body: Raw, survey: Survey) -> int:
    count = getattr(body, "count", None)
    if count is not None:
        return count if isinstance(count, int) else 0
    return len(item_names(getattr(body, "in_", ()), survey.runbook))


def all_reached(survey: Survey) -> Iterator[Reached]:
    """Every host and database that any step reaches."""
    for spot in survey.spots:
        for target in survey.kinds[spot.step.kind].targets(spot.step.body):
            if target.kind in ("host", "database"):
                yield from _reached(survey, spot, target)


def _reached(survey: Survey, spot: Spot, target: Target) -> Iterator[Reached]:
    path = (*spot.path, spot.step.kind, *_where(spot, target))
    if "${" not in target.name:
        yield Reached(spot, target, target.name, path)
        return
    by_enum = any(isinstance(piece, Reference) and piece.root == "params" for piece in split(target.name))
    for name in possible(target.name, survey.runbook, spot):
        yield Reached(spot, target, name, path, built=True, by_enum=by_enum)


def _where(spot: Spot, target: Target) -> Path:
    """The key that holds the name, so that the place is exact."""
    keys = {"from_": "from"}
    holders: tuple[tuple[Path, Raw], ...] = (((), spot.step.body),)
    until = getattr(spot.step.body, "until", None)
    if until is not None:
        holders = ((("until", until.kind), until.body),)
    for path, holder in holders:
        for name in ("db", "name", "left", "right", "from_", "to"):
            if getattr(holder, name, None) == target.name:
                return (*path, keys.get(name, name))
    return ()


def _of_metrics(survey: Survey) -> Iterator[Reached]:
    spots = survey.spots[:1]
    for name, metric in survey.runbook.metrics.items():
        if metric.body is None or not spots:
            continue
        for target in survey.kinds[metric.kind].targets(metric.body):
            if target.kind in ("host", "database"):
                key = "db" if target.kind == "database" else "name"
                path: Path = ("metrics", name, metric.kind, key)
                built = "${" in target.name
                for each in possible(target.name, survey.runbook, None) if built else (target.name,):
                    yield Reached(spots[0], target, each, path, built, built)


def possible(text: str, runbook: Runbook, spot: Spot | None) -> tuple[str, ...]:
    """Every text that this one may become; empty when that cannot be told before the run."""
    choices: dict[str, tuple[str, ...]] = {}
    for piece in split(text):
        if isinstance(piece, Reference):
            values = _values(piece, runbook, spot)
            if not values:
                return ()
            choices[str(piece)] = values
    combinations = itertools.islice(itertools.product(*choices.values()), _MOST)
    results: list[str] = []
    for combination in combinations:
        chosen = dict(zip(choices, combination, strict=True))
        if _allowed(chosen, runbook):
            results.append("".join(chosen[str(p)] if isinstance(p, Reference) else p for p in split(text)))
    return tuple(dict.fromkeys(results))


def item_names(source: Raw, runbook: Runbook) -> tuple[str, ...]:
    """The items of an each, as far as the file tells."""
    if isinstance(source, tuple):
        return tuple(name for each in source for name in (possible(each, runbook, None) if "${" in each else (each,)))
    if source in runbook.groups:
        return runbook.groups[source]
    name = source.removeprefix("${params.").removesuffix("}")
    if name in runbook.params:
        return _of_param(name, runbook)
    return () if "${" in source else (source,)


def _of_param(name: str, runbook: Runbook) -> tuple[str, ...]:
    param = runbook.params[name]
    if param.type in ("enum", "list") and param.values:
        return param.values
    default = param.default
    return tuple(str(each) for each in default) if param.type == "list" and isinstance(default, list) else ()


def _values(piece: Reference, runbook: Runbook, spot: Spot | None) -> tuple[str, ...]:
    items = dict(spot.items) if spot else {}
    if len(piece.parts) == 1 and piece.root in items:
        return item_names(items[piece.root], runbook) if items[piece.root] else ()
    if piece.root == "env":
        return tuple(runbook.environments)
    if piece.root == "params" and piece.parts[-1] in runbook.params and runbook.params[piece.parts[-1]].type == "enum":
        return runbook.params[piece.parts[-1]].values
    return ()


def _allowed(chosen: dict[str, str], runbook: Runbook) -> bool:
    """Whether parameters that must differ do."""
    for text, value in chosen.items():
        name = text.removeprefix("${params.").removesuffix("}")
        other = runbook.params[name].differs_from if name in runbook.params else ""
        if other and chosen.get(f"${{params.{other}}}") == value:
            return False
    return True
