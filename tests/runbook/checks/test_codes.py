"""Every code has a title, a reason, and an example of wrong and right."""

import pytest

from app.errors import Refused
from app.runbook.checks.codes import EXPLANATIONS, explain


@pytest.mark.parametrize("code", [each.code for each in EXPLANATIONS])
def test_a_code_is_explained_with_wrong_and_right(code: str) -> None:
    explanation = explain(code.lower())
    assert explanation.code == code
    assert explanation.text.endswith(".")
    assert "Wrong:" in explanation.example
    assert "Right:" in explanation.example
    assert explanation.wrong != explanation.right


def test_codes_stand_in_order_and_once() -> None:
    codes = [each.code for each in EXPLANATIONS]
    assert codes == sorted(set(codes))


def test_an_unknown_code_is_refused_with_a_hint() -> None:
    with pytest.raises(Refused, match="no code"):
        explain("RB999")
