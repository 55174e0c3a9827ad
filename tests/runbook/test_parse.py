"""What an operator is told about the shape of a runbook: in plain words, with a place, all at once."""

import pytest

from tests.runbook.sample import LEDGER, loaded, said, small


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ("- {id: a, chek: {text: x}}", "it.yaml:6:17: error RB001: Unknown key `chek`. Did you mean `check`?"),
        (
            "- {id: a, est: 5, check: {text: x}}",
            "it.yaml:6:22: error RB001: 5 needs a unit. Write a length of time with units, such as 10s, 5m, 2h or",
        ),
        (
            "- {id: a, check: {}, wait: {for: 1s}}",
            (
                "it.yaml:6:24: error RB001: There are 2 kinds here: check, wait. "
                "Keep one and make separate steps of the others."
            ),
        ),
        (
            "- {id: a, title: x}",
            (
                "it.yaml:6:9: error RB001: It does not say what to do. "
                "Write exactly one of check, compare, copy, decide, each, host, http, local, sql, wait."
            ),
        ),
        (
            "- {id: a, changes: revertible, check: {}}",
            "it.yaml:6:26: error RB001: `changes` cannot be `revertible`. Did you mean reversible?",
        ),
        (
            "- {id: a, check: {text: 3}}",
            "it.yaml:6:31: error RB001: `text` takes text; here stands 3. Put it in quotes.",
        ),
        (
            "- {id: a, uninterruptible: maybe, check: {}}",
            (
                "it.yaml:6:34: error RB001: `uninterruptible` takes true or false; here stands `maybe`. "
                "Write true or false."
            ),
        ),
        ("- {id: a, local: {}}", "A command takes either `argv` or `script`. Write argv: [program, argument, ...]."),
        ("- {id: a, sql: {db: d}}", "A sql step takes either `run` or `file`."),
        ("- {id: a, sql: {run: select 1}}", "`db` is missing. Write db: ..."),
        ("- {id: a, wait: {}}", "A wait takes exactly one of `for`, `time` and `until`."),
        ("- {id: a, wait: {until: {sql: {db: d}}, timeout: 5}}", "5 needs a unit."),
        ("- {id: a, wait: {until: {metrics: m}}}", "Unknown key `metrics`. Did you mean `metric`?"),
        ("- {id: a, each: {in: [x], steps: []}}", "There are no steps to do for each item."),
        ("- {id: a, each: {steps: [{check: {}}]}}", "An each takes either `in` or `count`."),
        ("- {id: a, undo: back, check: {}}", "`undo` takes a list of steps; here stands `back`."),
        ("- {id: a, undo: [{check: {tekst: x}}], check: {}}", "Unknown key `tekst`. Did you mean `text`?"),
        ("- {id: a, expect: {stdot: x}, check: {}}", "`stdot` is no fact that a step can see. Did you mean `stdout`?"),
        ("- {id: a, expect: {row.n: many}, check: {}}", "`many` is no comparison."),
        ("- {id: a, expect: {stdout: {matches: '['}}, check: {}}", "The pattern is no regular expression"),
        ("- {id: a, save: {x: somewhere}, check: {}}", "`somewhere` is nothing that a step can keep."),
        ("- {id: a, when: params.x is 3, check: {}}", "`params.x is 3` is no condition."),
        ("- {id: a, at: 22, check: {}}", "22 needs a unit."),
        ("- {id: A, check: {}}", "`A` is not a name."),
        ("- {id: a, kind: sql, check: {}}", "Unknown key `kind`."),
        ("- [a]", "`0` takes keys with values; here stands a list."),
    ],
)
def test_a_wrong_step_is_told_in_plain_words(steps: str, expected: str) -> None:
    assert any(expected in line for line in said(small(steps))), said(small(steps))


def test_no_word_of_the_machinery_reaches_the_operator() -> None:
    wrong = small("- {id: 3, est: [], chek: 1, undo: {no: 1}, expect: 3, save: [], retry: x, needs: {a: 1}, at: {}}")
    lines = said(wrong + "plan: []\nroles: 3\nmetrics: {m: 3, n: {sqll: 1}}\ntriggers: {}\nrunbook: 2\n")
    assert len(lines) > 8
    for word in ("pydantic", "Input should", "NoneType", "validation", "dict", "tuple", "str_", "Value error"):
        assert not any(word in line for line in lines), lines


def test_the_version_of_the_language_is_checked() -> None:
    assert any("`runbook` cannot be 2." in line for line in said("runbook: 2\nname: a\nphases: []\n"))
    assert any("`runbook` is missing." in line for line in said("name: a\nphases: []\n"))


def test_a_first_runbook_is_short() -> None:
    problems = loaded(small("- {id: a, check: {text: Look}}")).problems
    assert {problem.severity.value for problem in problems} == {"warning"}


def test_what_is_read_is_what_was_written() -> None:
    runbook = loaded(LEDGER).sound()
    step = runbook.phases[2].steps[2]
    assert (step.id, step.kind, step.enter) == ("read-only", "http", ("read_only",))
    assert [each.kind for each in step.undo_steps] == ["http"]
    assert step.probe is not None
    assert str(step.at) == "T-0"
    assert runbook.after[0].kind == "check"
    assert runbook.after[2].due is not None
    assert runbook.after[2].due.latest.days == 90
