"""Whatever a verb raises becomes an exit status and a few lines on stderr, in one place."""

from __future__ import annotations

import pytest

from app import errors
from app.cli.doors import leave_with
from app.cli.lines import Unheard
from app.errors import Place, Problem, RunbookInvalid, TminusError


def raises(error: BaseException) -> int:
    def verb() -> None:
        raise error

    return leave_with(verb)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.Refused("no"), 1),
        (errors.TargetUnreachable("no"), 1),
        (errors.AnotherConsole("no"), 3),
        (errors.RecordUnwritable("no"), 5),
        (errors.RecordDamaged("no"), 6),
        (errors.AnswerMissing("no"), 10),
        (KeyboardInterrupt(), 130),
        (Unheard(), 141),
    ],
    ids=lambda value: type(value).__name__,
)
def test_each_error_has_its_status(error: BaseException, code: int) -> None:
    assert raises(error) == code


def test_no_error_of_tminus_is_without_a_status() -> None:
    def below(cls: type[TminusError]) -> set[type[TminusError]]:
        return {cls} | {deeper for sub in cls.__subclasses__() for deeper in below(sub)}

    assert all(cls.exit_code in {1, 2, 3, 5, 6, 10} for cls in below(TminusError))


def test_what_where_and_what_to_do_are_told_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    raises(errors.Refused("It is \x1b[31mred.", where="book.yaml:3", hint="Paint it."))
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == "tminus: book.yaml:3: It is \\x1b[31mred.\nPaint it.\n"


def test_all_problems_of_a_runbook_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    problems = tuple(Problem(f"RB00{i}", f"wrong {i}.", Place("b.yaml", i, 1)) for i in (1, 2))
    assert raises(RunbookInvalid(problems)) == 1
    assert [line for line in capsys.readouterr().err.splitlines() if line.startswith("b.yaml:1:1") or "wrong 2" in line]


def test_a_fault_of_tminus_shows_the_path_through_the_code_and_no_value(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TMINUS_DEBUG", raising=False)
    assert raises(ValueError("password=hunter22")) == 1
    told = capsys.readouterr().err
    assert "ValueError" in told
    assert "test_doors.py:" in told
    assert "hunter22" not in told


def test_what_a_verb_answers_is_the_status() -> None:
    assert leave_with(lambda: 7) == 7
    assert leave_with(lambda: None) == 0
