"""How many steps a plan may hold: eaches in eaches are counted before anybody waits for them."""

import pytest

from app.errors import Refused
from app.runbook import order
from app.runbook.order import lay_out
from tests.runbook.sample import KINDS, bound, said, small

PARAMS = "params: {n: {type: int, default: 3}}"


def nested(outer: str, inner: str) -> str:
    """An each in an each, in line 8 of its file."""
    return small(
        f"""
        - id: a
          changes: nothing
          each: {{count: {outer}, as: i, steps: [{{each: {{count: {inner}, as: j, steps: [{{check: {{}}}}]}}}}]}}
        """,
        PARAMS,
    )


def test_too_many_steps_are_found_in_the_file_at_their_each() -> None:
    found = [line for line in said(nested("9000", "9000")) if "RB102" in line]
    assert [line.split(":")[:2] for line in found] == [["it.yaml", "9"]]
    assert "`a`" in found[0]
    assert "100,000" in found[0]
    assert not [line for line in said(nested("300", "300")) if "RB102" in line]


def test_too_many_steps_by_a_parameter_are_refused_before_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order, "MOST_LAID_OUT", 1_000)
    text = nested("'${params.n}'", "'${params.n}'")
    assert len(lay_out(bound(text), KINDS).by_address) == 1 + 3 + 9
    with pytest.raises(Refused, match=r"each `a\[\d+\]/1` there are more than 1,000 steps"):
        lay_out(bound(text, None, {"n": "900"}), KINDS)


def test_the_undos_of_the_items_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order, "MOST_LAID_OUT", 20)
    steps = """
        - id: a
          changes: reversible
          each: {count: COUNT, steps: [{local: {argv: [x]}, undo: [{local: {argv: [y]}}, {local: {argv: [z]}}]}]}
        """
    assert len(lay_out(bound(small(steps.replace("COUNT", "6"))), KINDS).by_address) == 19
    with pytest.raises(Refused, match="each `a`"):
        lay_out(bound(small(steps.replace("COUNT", "7"))), KINDS)
