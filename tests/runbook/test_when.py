"""Where one condition of a `when` ends and the next one begins."""

from tests.runbook.sample import said, small, sound

STEPS = """
- {id: dump-and-load, owner: op, est: 1m, changes: nothing, save: {n: stdout}, local: {argv: [echo, "3"]}}
- {id: b, owner: op, est: 1m, when: WHEN, changes: nothing, local: {argv: [echo, "3"]}}
"""


def test_a_name_with_and_in_it_is_one_name() -> None:
    text = small(STEPS.replace("WHEN", "steps.dump-and-load.n == 3 and  env != and-so"), "roles: {op: {people: [a]}}")
    assert [str(each) for each in sound(text).phases[0].steps[1].when] == [
        "steps.dump-and-load.n == 3",
        "env != and-so",
    ]


def test_an_and_without_two_conditions_is_refused() -> None:
    for when in ("steps.dump-and-load.n == 3 and", "steps.dump-and-load.n == 3and env == x"):
        assert any("is no condition" in line for line in said(small(STEPS.replace("WHEN", when))))
