"""Rule 2, references: each leads to something that exists, and to a value that is surely there when it is needed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from app.errors import Problem
from app.runbook.body import SOURCES
from app.runbook.checks.names import unknown
from app.runbook.checks.survey import Spot, Survey
from app.runbook.part import Part
from app.runbook.read import Path
from app.runbook.references import ROOTS, Reference, Use, malformed, references
from app.runbook.scope import DATABASE_ATTRIBUTES, HOST_ATTRIBUTES

_WORDS = {"params": "parameter"}
_ADDRESSES = {"hosts": (), "databases": ("params", "hosts", "env")}
_MODE = ("max", "measured")
_LENGTH = {"params": 2, "steps": 3, "hosts": 3, "databases": 3, "secrets": 2, "modes": 3, "t0": 1, "now": 1, "env": 1}


def check_references(survey: Survey) -> Iterator[Problem]:
    """References in every step, metric and message."""
    for spot, use in survey.uses:
        if not use.verbatim:
            yield from _of_use(survey, use, (*spot.path, *use.path), spot)
    for path, part in elsewhere(survey):
        for use in references(part):
            if not use.verbatim:
                yield from _of_use(survey, use, (*path, *use.path), None)


def check_addresses(survey: Survey) -> Iterator[Problem]:
    """References in the addresses of hosts and databases, which are filled in before anything starts."""
    for section, allowed in _ADDRESSES.items():
        for name, part in getattr(survey.runbook, section).items():
            for use in references(part):
                path = (section, name, *use.path)
                for reference in use.references:
                    if reference.root not in allowed:
                        what = f"{reference} cannot be told before the run starts."
                        hint = "Use a parameter, or another value under the environment's set."
                        yield survey.error("RB002", what, path, hint)
                    else:
                        yield from _of_reference(survey, reference, path, None)


def elsewhere(survey: Survey) -> Iterator[tuple[Path, Part]]:
    """What holds references and is no step: metrics, and the message of the rollback."""
    for name, metric in survey.runbook.metrics.items():
        source: Part | None = metric.prometheus or metric.body
        if source is not None:
            yield ("metrics", name, metric.kind if metric.kind in SOURCES else "prometheus"), source
    if survey.runbook.rollback.say:
        yield ("rollback", "say"), survey.runbook.rollback.say


def _of_use(survey: Survey, use: Use, path: Path, spot: Spot | None) -> Iterator[Problem]:
    wrong = malformed(use.text)
    if wrong:
        hint = "Write ${params.NAME}, ${steps.ID.NAME}...; a shell variable belongs in a script."
        yield survey.error("RB002", f"`{wrong}` is no reference.", path, hint)
    for reference in use.references:
        yield from _of_reference(survey, reference, path, spot)


def _of_reference(survey: Survey, reference: Reference, path: Path, spot: Spot | None) -> Iterator[Problem]:
    root, parts = reference.root, reference.parts
    items = dict(spot.items) if spot else {}
    if root in items:
        if parts[1:] and (parts[2:] or parts[1] not in {*HOST_ATTRIBUTES, *DATABASE_ATTRIBUTES}):
            yield _attribute(survey, reference, HOST_ATTRIBUTES, path)
    elif root not in ROOTS:
        yield unknown(survey, "reference", root, ([*ROOTS, *items], path))
    elif len(parts) != _LENGTH[root]:
        hint = {1: f"Write ${{{root}}}.", 2: f"Write ${{{root}.NAME}}.", 3: f"Write ${{{root}.NAME.WHAT}}."}
        yield survey.error("RB002", f"{reference} has the wrong number of parts.", path, hint[_LENGTH[root]])
    elif root == "steps":
        yield from _of_saved(survey, reference, path, spot)
    elif len(parts) > 1:
        yield from _of_section(survey, reference, path)


def _of_section(survey: Survey, reference: Reference, path: Path) -> Iterator[Problem]:
    root, parts = reference.root, reference.parts
    section = getattr(survey.runbook, root)
    if parts[1] not in section:
        yield unknown(survey, _WORDS.get(root, root.removesuffix("s")), parts[1], (section, path))
        return
    attributes = {"hosts": HOST_ATTRIBUTES, "databases": DATABASE_ATTRIBUTES, "modes": _MODE}.get(root, ())
    if len(parts) > 2 and parts[2] not in attributes:  # noqa: PLR2004 - section, name, attribute
        yield _attribute(survey, reference, attributes, path)


def _attribute(survey: Survey, reference: Reference, known: Collection[str], path: Path) -> Problem:
    return survey.error("RB002", f"{reference} leads nowhere.", path, f"There are: {', '.join(known)}.")


def _of_saved(survey: Survey, reference: Reference, path: Path, spot: Spot | None) -> Iterator[Problem]:
    _, name, value = reference.parts
    saver = survey.by_id.get(name)
    if saver is None:
        yield unknown(survey, "step", name, (survey.by_id, path))
    elif value not in saver.step.save:
        known = ", ".join(saver.step.save) or "nothing"
        yield survey.error("RB002", f"The step `{name}` does not save `{value}`.", path, f"It saves: {known}.")
    elif spot is not None:
        for judge in (_own_save, _too_late, _may_be_skipped):
            trouble = judge(survey, spot, saver)
            if trouble:
                what, hint = trouble
                yield survey.error("RB002", f"{reference}: {what}", path, hint)
                return


_Trouble = tuple[str, str] | None
_Judge = Callable[[Survey, Spot, Spot], _Trouble]


def _own_save(survey: Survey, spot: Spot, saver: Spot) -> _Trouble:
    """A step cannot use what it saves itself, nor can its undo: that must work when the step only started."""
    del survey
    if not any(each is saver for each in spot.chain()):
        return None
    if spot.role == "undo" or any(each.role == "undo" for each in spot.chain()):
        return "an undo may not need what its own step saves; it must work when the step only started.", (
            "Save the value in a step of its own before."
        )
    return "the step itself saves this, when it ends.", "Save it in a step before."


def _too_late(survey: Survey, spot: Spot, saver: Spot) -> _Trouble:
    """The saver must surely be over: same list and before, an earlier phase, or needed."""
    user, source = spot.top, saver.top
    if not user.forward or user.role == "task":
        return None if user.role == "procedure" or source.order < user.order else _LATER
    if source.role == "task" or source.phase > user.phase:
        return _LATER
    if source.phase < user.phase or source is user:
        return _LATER if source is user and saver.order > spot.order else None
    if source.order > user.order and source.step.id not in user.step.needs:
        return _LATER
    if not _surely_before(survey, source, user):
        hint = f"Write needs: [{source.step.id}], or put both on one track."
        return f"the step `{source.name}` runs on another track and may not be over.", hint
    return None


_LATER = ("the value is saved later.", "Move the step that saves it before this one.")


def _surely_before(survey: Survey, source: Spot, user: Spot) -> bool:
    """Whether `user` waits for `source`, through tracks and needs."""
    if source.step.track == user.step.track and source.order < user.order:
        return True
    before = survey.before[user.phase]
    waiting, seen = [user.step.id or ""], {user.step.id or ""}
    while waiting:
        for name in before.get(waiting.pop(), ()):
            if name == source.step.id:
                return True
            if name not in seen:
                seen.add(name)
                waiting.append(name)
    return False


def _may_be_skipped(survey: Survey, spot: Spot, saver: Spot) -> _Trouble:
    """The saver may be left out where the user is not."""
    del survey
    used, saved = [each.step for each in spot.chain()], [each.step for each in saver.chain()]
    for step in saved:
        if step.when and not any(step.when == other.when for other in used):
            return f"the step `{saver.name}` may be skipped by its `when`.", "Give this step the same `when`."
        if step.only and not any(set(other.only) and set(other.only) <= set(step.only) for other in used):
            return f"the step `{saver.name}` runs in {', '.join(step.only)} only.", "Give this step the same `only`."
        left_out = {name for other in used for name in other.not_in}
        if not set(step.not_in) <= left_out and not any(
            other.only and not set(other.only) & set(step.not_in) for other in used
        ):
            return (
                f"the step `{saver.name}` does not run in {', '.join(step.not_in)}.",
                "Give this step the same `not_in`.",
            )
    return None
