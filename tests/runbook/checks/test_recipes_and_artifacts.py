"""A mode left by the recipe of its phase is left, and an artifact may be made and used inside one each."""

from tests.runbook.sample import loaded, said


def _codes(text: str) -> set[str]:
    whole = loaded(text)
    assert whole.runbook is not None, whole.problems
    return {problem.code for problem in whole.problems}


RECIPE = """\
runbook: 1
name: x
roles: {op: {people: [a, b]}}
modes: {ro: {max: 10m}}
phases:
  - id: p
    rollback: {how: steps, est: 5m, steps: [BACK]}
    steps:
      - {id: ro-on, owner: op, est: 1m, changes: reversible, undo: UNDO, enter: [ro], local: {argv: [do-it]}}
      - {id: ro-off, owner: op, est: 1m, changes: reversible, undo: {none: x}, leave: [ro], local: {argv: [undo-it]}}
"""
LEAVES = "{local: {argv: [undo-it]}, changes: reversible, leave: [ro]}"
STAYS = "{local: {argv: [undo-it]}, changes: reversible}"
NONE = "{none: the recipe of the phase does it}"


def _recipe(back: str, undo: str) -> str:
    return RECIPE.replace("BACK", back).replace("UNDO", undo)


def test_the_rollback_steps_of_a_phase_leave_its_modes() -> None:
    assert "RB011" not in _codes(_recipe(LEAVES, NONE))
    inside = f"{{each: {{in: [a, b], as: h, steps: [{LEAVES}]}}, changes: reversible}}"
    assert "RB011" not in _codes(_recipe(inside, NONE))


def test_an_undo_that_the_rollback_steps_replace_leaves_nothing() -> None:
    told = [line for line in said(_recipe(STAYS, f"[{LEAVES}]")) if "RB011" in line]
    assert len(told) == 1
    assert "the rollback steps of its phase do not leave it" in told[0]


EACH = """\
runbook: 1
name: x
roles: {op: {people: [a, b]}}
artifacts: {d: {check: e}}
phases:
  - id: p
    steps:
      - {id: e, owner: op, est: 1m, changes: nothing, each: {in: [a, b], as: h, steps: [FIRST, SECOND]}}
"""
MAKES = "{makes: [d], local: {argv: [dump]}}"
USES = "{uses: [d], local: {argv: [look]}}"
BACK = "{changes: reversible, local: {argv: [do]}, undo: [{uses: [d], local: {argv: [back]}}]}"


def _each(first: str, second: str) -> str:
    return EACH.replace("FIRST", first).replace("SECOND", second)


def test_what_a_step_inside_an_each_makes_the_next_one_there_and_its_undo_may_use() -> None:
    assert "RB014" not in _codes(_each(MAKES, USES))
    assert "RB014" not in _codes(_each(MAKES, BACK))


def test_what_is_made_later_inside_the_each_is_still_refused() -> None:
    assert "RB014" in _codes(_each(USES, MAKES))
    assert "RB014" in _codes(_each(BACK, MAKES))
