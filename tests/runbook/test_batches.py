"""What an each is done for: the items that were asked for, no others, under names that can be part of an address."""

import pytest

from app.errors import Refused
from app.run.state import Status
from app.runbook.checks.enums import item_names
from app.runbook.order import Plan, lay_out
from tests.run.stage import Stage
from tests.runbook.sample import KINDS, bound, said, small, sound

HOSTS = "hosts: {one: {address: a}, two: {address: b}, three: {address: c}}\ngroups: {web: [one, two, three]}\n"


def over(source: str, more: str) -> str:
    """A runbook with one each over a source."""
    return small(f"- {{id: a, changes: nothing, each: {{{source}, as: h, steps: [{{check: {{}}}}]}}}}", more)


def plan(text: str, **params: str) -> Plan:
    return lay_out(bound(text, None, params), KINDS)


def test_a_parameter_asked_for_by_reference_is_not_hidden_by_a_group_of_its_name() -> None:
    text = over("in: '${params.web}'", HOSTS + "params: {web: {type: list, default: [one]}}")
    assert plan(text).items("a") == (("one",),)
    assert plan(text, web="two,one").items("a") == (("two",), ("one",))
    assert item_names("${params.web}", sound(text)) == ("one",)


def test_a_text_that_names_a_group_is_one_item() -> None:
    text = over("in: '${params.which}'", HOSTS + "params: {which: {type: text, default: web}}")
    assert plan(text).items("a") == (("web",),)


def test_an_empty_list_is_done_for_nobody() -> None:
    for source in ("in: hs", "in: '${params.hs}'", "in: hs, batch: 25%, canary: 50%"):
        laid = plan(over(source, "params: {hs: {type: list, default: []}}"))
        assert (laid.items("a"), [step.address for step in laid.steps]) == ((), ["a"])
    assert plan(over("in: hs", "params: {hs: {type: list, default: [x]}}"), hs=" ").items("a") == ()


@pytest.mark.parametrize("names", ["a]/b", "a,,b", "a/b", "x[1]", "a\x07b", "a\u2028b"])
def test_an_each_takes_only_names_that_can_be_part_of_an_address(names: str) -> None:
    text = over("in: hs", "params: {hs: {type: list, default: [x]}}")
    with pytest.raises(Refused, match=r"`hs`: A name is empty|cannot be done for an item: The name '.*' has"):
        plan(text, hs=names)


def test_a_list_that_no_each_takes_may_hold_paths() -> None:
    text = over("in: web", HOSTS + "params: {paths: {type: list, default: [srv/a, srv/b]}}")
    assert not any("RB001" in line for line in said(text))
    assert plan(text, paths="/x,/y[1]").items("a") == (("one",), ("two",), ("three",))


@pytest.mark.parametrize("name", ["", "a/b"])
def test_a_text_is_no_item_when_no_address_can_hold_it(name: str) -> None:
    with pytest.raises(Refused, match="cannot be done for an item"):
        plan(over("in: ['${params.t}']", "params: {t: {type: text}}"), t=name)


def test_a_fan_out_over_nobody_is_done_without_running_anything() -> None:
    text = over("in: hs", "params: {hs: {type: list, default: []}}")
    stage = Stage(text)
    stage.settle_down()
    assert (stage.status("a"), stage.began) == (Status.DONE, ["a"])


def test_a_share_of_an_empty_group_is_nobody() -> None:
    step = "- {id: a, changes: nothing, host: {name: web, argv: [x], batch: 25%}}"
    laid = plan(small(step, "hosts: {h: {address: a}}\ngroups: {web: []}\n"))
    assert (laid.items("a"), [step.address for step in laid.steps]) == ((), ["a"])
