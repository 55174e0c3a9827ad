"""The laid-out plan: addresses, who waits for whom, batches, what an environment leaves out, and the way back."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Refused
from app.runbook.batches import ordered
from app.runbook.body import Changes
from app.runbook.order import Plan, lay_out
from app.runbook.undo import boundaries, scope_of, undo_time
from tests.runbook.sample import KINDS, LEDGER, SITE, bound, said, small, sound


def plan(text: str, env: str | None = None, **params: str) -> Plan:
    return lay_out(bound(text, env, params), KINDS)


def test_steps_stand_in_file_order_with_their_numbers() -> None:
    numbers = [(step.number, step.address) for step in plan(LEDGER).steps if not step.parent]
    assert numbers[:2] == [("0.1", "freeze-on"), ("0.2", "backup")]
    assert numbers[-1] == ("4.8", "watch")


def test_a_step_waits_for_its_track_and_its_needs() -> None:
    by = plan(LEDGER, "production").by_address
    assert by["freeze-on"].after == ()
    assert by["backup"].after == ()
    assert by["restore-drill"].after == ("freeze-on", "backup")
    assert by["go-open"].after == ("same", "extra-look")


def test_what_an_environment_leaves_out_holds_nobody_up() -> None:
    text = small(
        """
        - {id: a, check: {text: x}}
        - {id: b, check: {text: x}, not_in: [e]}
        - {id: c, check: {text: x}}
        """,
        "environments: {e: {rehearsal: true}}",
    )
    by = plan(text, "e").by_address
    assert by["b"].left_out == "not in e"
    assert by["c"].after == ("a",)
    assert plan(text).by_address["c"].after == ("b",)
    assert plan(LEDGER).by_address["extra-look"].left_out == "only in production"


def test_an_each_is_a_parent_with_children_per_item() -> None:
    laid = plan(LEDGER)
    parent = laid.by_address["both-engines"]
    assert parent.step.kind == "each"
    assert laid.items("both-engines") == (("web1",), ("web2",))
    children = laid.children("both-engines", "web2")
    assert [child.address for child in children] == [
        "both-engines[web2]/push",
        "both-engines[web2]/alive",
        "both-engines[web2]/back-in",
    ]
    assert [child.role for child in children] == ["main", "main", "finally"]
    assert children[1].after == ("both-engines[web2]/push",)
    assert children[0].bindings == (("h", "web2"),)
    assert [child.step.changes for child in children] == [Changes.REVERSIBLE, Changes.NOTHING, Changes.NOTHING]
    assert children[0].step.owner == "app"


def test_undos_have_addresses_and_inherit() -> None:
    back = plan(LEDGER).back
    (first,) = back.undo_of("freeze-on")
    assert (first.address, first.step.owner, first.step.leave) == ("freeze-on/undo/1", "app", ("freeze",))
    assert first.step.changes is Changes.REVERSIBLE
    assert back.undo_of("watch") == ()


def test_an_undo_of_an_inner_step_belongs_to_its_item() -> None:
    text = small(
        """
        - id: a
          changes: reversible
          each:
            in: [x, y]
            as: h
            steps:
              - id: b
                local: {argv: [go, '${h}']}
                undo:
                  - local: {argv: [back, '${h}']}
                  - check: {text: Look}
        """
    )
    undo = plan(text).back.undo_of("a[y]/b")
    assert [step.address for step in undo] == ["a[y]/b/undo/1", "a[y]/b/undo/2"]
    assert undo[1].after == ("a[y]/b/undo/1",)
    assert undo[0].bindings == (("h", "y"),)


def test_procedures_and_tasks_have_their_places() -> None:
    laid = plan(LEDGER)
    assert [step.address for step in laid.back.procedure("rollback/verify")] == ["rollback/verify/1"]
    assert laid.back.procedure("cutover/rollback") == ()
    assert [step.address for step in laid.post] == ["week-one", "go-retire", "retire", "thaw"]
    assert laid.by_address["retire"].phase == "after"


def test_items_come_from_groups_lists_parameters_and_counts() -> None:
    def items(source: str) -> tuple[tuple[str, ...], ...]:
        more = "params: {names: {type: list, default: [p, q]}}\nhosts: {h1: {address: a}, h2: {address: b}}\n"
        steps = f"- {{id: a, changes: nothing, each: {{{source}, steps: [{{check: {{}}}}]}}}}"
        return plan(small(steps, more + "groups: {g: [h1, h2]}\n")).items("a")

    assert items("in: g") == (("h1",), ("h2",))
    assert items("in: [x, y], batch: 2") == (("x", "y"),)
    assert items("in: '${params.names}'") == (("p",), ("q",))
    assert items("in: names") == (("p",), ("q",))
    assert items("count: 3, batch: 100%") == (("1", "2", "3"),)
    assert items("in: [a, b, c, d, e], canary: 1, batch: 50%") == (("a",), ("b", "c", "d"), ("e",))
    assert items("in: [a, b, c], last: [a], order: [c]") == (("c",), ("b",), ("a",))


def test_an_item_that_stands_twice_is_refused() -> None:
    more = "params: {a: {type: text, default: x}, b: {type: text, default: x}}"
    steps = "- {id: a, changes: nothing, each: {in: ['${params.a}', '${params.b}'], steps: [{check: {}}]}}"
    with pytest.raises(Refused, match="twice"):
        plan(small(steps, more))


@given(
    st.lists(st.sampled_from("abcdef"), unique=True),
    st.lists(st.sampled_from("abcdef")),
    st.lists(st.sampled_from("abcdef")),
)
def test_ordering_loses_and_repeats_nobody(names: list[str], first: list[str], last: list[str]) -> None:
    assert sorted(ordered(tuple(names), tuple(dict.fromkeys(first)), tuple(dict.fromkeys(last)))) == sorted(names)


def test_every_address_is_there_once() -> None:
    for text, params in ((LEDGER, {}), (SITE, {"change": "CR1234"})):
        laid = plan(text, "production", **params)
        addresses = [step.address for step in laid.steps]
        assert len(set(addresses)) == len(addresses)
        assert all(laid.by_address[step.address] is step for step in laid.steps)
        assert all(name in laid.by_address for step in laid.steps for name in step.after)


def test_the_time_of_the_way_back_is_the_sum_of_its_undos() -> None:
    runbook = sound(LEDGER)
    assert undo_time(scope_of(runbook), runbook, KINDS).length.total_seconds() == 120
    assert [name for name, _ in boundaries(runbook.phases)] == ["open"]


def test_a_wait_for_a_length_of_time_takes_that_long_where_nobody_estimates() -> None:
    more = "params: {long: {type: duration, default: 1h}}"
    text = small(
        "- {id: a, owner: x, wait: {for: 40m}}\n"
        "- {id: b, owner: x, est: 5m, wait: {for: 40m}}\n"
        "- {id: c, owner: x, wait: {for: '${params.long}'}}\n",
        more,
    )
    by = plan(text).by_address
    assert [by[one].step.est for one in "abc"] == [timedelta(minutes=40), timedelta(minutes=5), None]
    assert [line for line in said(text) if "no estimate" in line and "`a`" in line] == []
