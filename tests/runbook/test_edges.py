"""The edges of what can be given: the end of the calendar, and a parameter that may have one value only."""

import pytest

from app.errors import Refused
from app.runbook.inputs import bind_params
from app.runbook.model import Param
from tests.runbook.sample import bound, small

STEP = "- {id: a, changes: nothing, check: {text: x}}"


@pytest.mark.parametrize(
    "schedule",
    [
        "t0: '9999-12-31 12:00', window: {from: T-0, to: T+36500d}",
        "t0: '9999-12-31 12:00', abort_by: T+10d",
    ],
)
def test_a_schedule_beyond_the_calendar_is_refused(schedule: str) -> None:
    with pytest.raises(Refused, match="outside of the calendar"):
        bound(small(STEP, f"schedule: {{timezone: America/New_York, {schedule}}}"))


@pytest.mark.parametrize(("text", "word"), [("6", "more than 5"), ("4", "less than 5")])
def test_a_parameter_with_one_value_says_on_which_side_another_lies(text: str, word: str) -> None:
    declared = {"x": Param.model_validate({"type": "int", "min": 5, "max": 5})}
    assert bind_params(declared, {"x": "5"})["x"].text == "5"
    with pytest.raises(Refused, match=f"`{text}` is {word}"):
        bind_params(declared, {"x": text})
