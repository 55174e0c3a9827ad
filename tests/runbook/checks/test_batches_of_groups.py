"""How many hosts at a time: wherever a group is meant, and however `all of them` is written."""

import pytest

from tests.runbook.sample import loaded

BOOK = """\
runbook: 1
name: x
roles: {op: {people: [a, b]}}
hosts: {h1: {address: a}, h2: {address: b}, h3: {address: c}}
groups: {web: [h1, h2], one: [h3]}
params: {who: {type: enum, values: [web, h1], default: web}, free: {type: text, default: web}}
phases:
  - id: p
    steps:
      - {id: a, owner: op, est: 1m, STEP}
"""
CALM = "changes: reversible, undo: {none: x}, "
WIPE = "changes: destructive, approve: {by: [op]}, host: {name: '${h}', argv: [wipe]}"
BACK = "{changes: reversible, host: {name: '${h}', argv: [do]}, undo: [{changes: destructive, local: {argv: [wipe]}}]}"


def _told(step: str) -> list[str]:
    whole = loaded(BOOK.replace("STEP", step))
    assert whole.runbook is not None, whole.problems
    return [problem.what for problem in whole.problems if problem.code == "RB022"]


def _each(how: str, inner: str) -> str:
    return f"{CALM}each: {{as: h, {how}, steps: [{{{inner}}}]}}"


@pytest.mark.parametrize(
    "how",
    [
        "in: web, batch: 100%",
        "in: web, batch: 2",
        "in: [h1, h2], batch: 5",
        "in: web, batch: 51%",
        "count: 3, batch: 3",
    ],
)
def test_an_each_never_destroys_all_of_its_items_at_once(how: str) -> None:
    assert _told(_each(how, WIPE)) == ["`a` is destructive on all items at once."]
    nested = f"each: {{in: [x], as: y, steps: [{{{WIPE}}}]}}"
    assert _told(_each(how, nested)) == ["`a` is destructive on all items at once."]


@pytest.mark.parametrize("how", ["in: web", "in: web, batch: 1", "in: one, batch: 1", "in: web, batch: 2, canary: 1"])
def test_an_each_that_takes_them_one_after_the_other_may_destroy(how: str) -> None:
    assert _told(_each(how, WIPE)) == []


def test_what_only_the_way_back_destroys_does_not_count() -> None:
    assert _told(_each("in: web, batch: 2", BACK.strip("{}"))) == []


def test_a_number_that_takes_the_whole_group_is_all_at_once() -> None:
    wipe = "changes: destructive, approve: {by: [op]}, host: {name: web, argv: [wipe], batch: %s}"
    assert _told(wipe % 2) == ["`a` is destructive on all items at once."]
    assert _told(wipe % 1) == []


@pytest.mark.parametrize("name", ["who", "free"])
def test_a_group_behind_a_parameter_needs_a_batch_too(name: str) -> None:
    step = f"{CALM}host: {{name: '${{params.{name}}}', argv: [ls]MORE}}"
    told = _told(step.replace("MORE", ""))
    assert told == ["`a` may run on the group `web` and does not say how many hosts at a time."]
    assert _told(step.replace("MORE", ", batch: 1")) == []
