"""Answers given ahead: read strictly, used once each, by the people who gave them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.cli.given import Given, Pile, parse_given, read_given
from app.cli.run import read_params
from app.cli.verify import read_witnesses
from app.errors import Refused
from app.run.moment import Moment
from app.run.requests import Answer
from app.run.state import Question, StepState

NOW = Moment(datetime(2026, 3, 14, tzinfo=UTC), 0, "boot")


def asking(address: str, *options: str) -> StepState:
    return StepState(address, question=Question("decision", "Well?", (), (), 1, options, NOW))


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("go-live=go", Given("go-live", "go")),
        ("go-live=go@ana,raj", Given("go-live", "go", ("ana", "raj"))),
        (" all[x]/push = done @ ana ", Given("all[x]/push", "done", ("ana",))),
    ],
)
def test_an_answer_is_step_value_and_names(text: str, given: Given) -> None:
    assert parse_given(text) == given


@pytest.mark.parametrize("text", ["", "go", "=go", "step=", "step=@ana"])
def test_what_is_no_answer_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="no answer"):
        parse_given(text)


def test_a_byte_order_mark_before_the_first_answer_is_no_part_of_it(tmp_path: Path) -> None:
    file = tmp_path / "answers"
    file.write_text("a=go\n", encoding="utf-8-sig")
    assert read_given([], file) == (Given("a", "go"),)
    file.write_text("# kept elsewhere\n7:abc\n", encoding="utf-8-sig")
    assert read_witnesses(file) == ("7:abc",)


def test_a_wrong_answer_is_a_wrong_command_line_only_when_it_was_written_there() -> None:
    with pytest.raises(Refused) as typed:
        parse_given("go")
    with pytest.raises(Refused) as read:
        parse_given("go", "answers:1")
    assert (typed.value.exit_code, read.value.exit_code) == (2, 1)
    with pytest.raises(Refused, match="no parameter") as param:
        read_params(["folder"])
    assert param.value.exit_code == 2


def test_a_wrong_line_of_a_file_is_named_by_its_number(tmp_path: Path) -> None:
    file = tmp_path / "answers"
    file.write_text("# well\n\na=go\nnonsense\n")
    with pytest.raises(Refused) as refused:
        read_given([], file)
    assert refused.value.where == f"{file}:4"


def test_each_answer_is_used_once_and_by_each_of_its_people() -> None:
    pile = Pile([Given("a", "go", ("ana", "raj")), Given("a", "approve", ("mei",))], "op")
    assert pile.take(asking("b", "go")) is None
    assert pile.take(asking("a", "approve")) == Answer("mei", "a", "approve", "answered ahead")
    assert pile.take(asking("a", "go", "no-go")) == Answer("ana", "a", "go", "answered ahead")
    assert pile.take(asking("a", "go", "no-go")) == Answer("raj", "a", "go", "answered ahead")
    assert pile.take(asking("a", "go", "no-go")) is None
    assert pile.unused() == ()


def test_nobody_named_means_the_operator() -> None:
    assert Pile([Given("a", "done")], "op").take(asking("a", "done", "failed")) == Answer(
        "op", "a", "done", "answered ahead"
    )
