"""The demo, run for real on a smaller estate: through to the end, into each incident and back, and from the middle."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.demo import run
from app.demo.layout import Layout, read_ledger
from app.demo.proof import Ended, prove
from app.run.events import StepFailed
from app.run.state import Stage
from tests.runbooks.driving import Driven, driven

QUICK = {"usual": "2s", "watch": "10s"}


@contextmanager
def demo(folder: Path, incident: str = "") -> Iterator[Driven]:
    """A demo under way. The console lets go before the shop is closed."""
    prepared = run.prepare(folder / "estate", incident, orders=3_000)
    try:
        with driven(prepared.runbook, folder / "home", {**prepared.params, **QUICK}, prepared.answers) as under_way:
            yield under_way
    finally:
        run.stop(prepared.folder)


def untrue(folder: Path, ended: Ended) -> list[str]:
    return [finding.sentence for finding in prove(folder / "estate", ended) if not finding.holds]


def far_side(folder: Path) -> dict[str, str]:
    """The estate's own ledger of commands: address/attempt -> what became of it."""
    ended: dict[str, str] = {}
    for _, ticket, _, what in read_ledger(Layout(folder / "estate")):
        address = ticket.partition("/")[2]
        assert what != "start" or address not in ended, f"{address} ran twice"
        ended[address] = {"start": "running", "end 0": "done", "end 143": "cancelled"}.get(what, "failed")
    return ended


def near_side(under_way: Driven) -> dict[str, str]:
    """The same from the record: what is local, by address/attempt."""
    local = {row.address for row in under_way.session.state.plan.by_address.values() if row.step.kind == "local"}
    lines = under_way.session.account()
    return {f"{line.step}/{line.attempt}": line.state for line in lines if line.step in local and line.attempt}


def agree(near: dict[str, str], far: dict[str, str]) -> None:
    """Both tell the same; what was asked to end may have been over by then, or gone before it could write so."""
    asked = {address for address, word in near.items() if word == "cancelled"}
    assert {a: w for a, w in near.items() if a not in asked} == {a: w for a, w in far.items() if a not in asked}
    assert {far[address] for address in asked & set(far)} <= {"cancelled", "done", "failed", "running"}


def test_the_demo_runs_through_and_everything_is_on_the_new_side(tmp_path: Path) -> None:
    with demo(tmp_path) as under_way:
        assert under_way.to_the_end(100) is Stage.FINISHED
        assert untrue(tmp_path, "moved") == []
        agree(near_side(under_way), far_side(tmp_path))


@pytest.mark.parametrize(
    ("incident", "trigger"), [("error-rate", "errors-back"), pytest.param("slow", "slow", marks=pytest.mark.faults)]
)
def test_a_trigger_sees_it_and_everything_comes_back_by_itself(tmp_path: Path, incident: str, trigger: str) -> None:
    with demo(tmp_path, incident) as under_way:
        assert under_way.to_the_end(100) is Stage.ROLLED_BACK
        state = under_way.session.state
        assert state.back is not None and state.back.by == f"trigger {trigger}"
        assert state.triggers[trigger].firings >= 1
        assert state.baselines["p95"].n >= 3
        assert untrue(tmp_path, "back") == []
        agree(near_side(under_way), far_side(tmp_path))


def test_an_inconsistent_copy_is_seen_before_writes_open_and_everything_comes_back(tmp_path: Path) -> None:
    with demo(tmp_path, "inconsistent") as under_way:
        assert under_way.to_the_end(100) is Stage.ROLLED_BACK
        failed = {one.event.address for one in under_way.record if isinstance(one.event, StepFailed)}
        assert failed & {"except-same", "checksum-same"}  # side by side: whichever sees it first ends the other
        assert "count-same" not in failed
        assert untrue(tmp_path, "back") == []
        agree(near_side(under_way), far_side(tmp_path))


def test_when_nobody_can_read_the_errors_the_run_holds_and_does_not_go_back_by_itself(tmp_path: Path) -> None:
    with demo(tmp_path, "no-data") as under_way:
        under_way.until_held(100)
        state = under_way.session.state
        assert state.held_by in {"trigger errors-look", "trigger errors-back"}
        assert "503" in state.held_reason
        assert state.proposal is None and state.countdown is None
        assert under_way.back() is Stage.ROLLED_BACK, under_way.refused()
        assert untrue(tmp_path, "back") == []


def test_orders_taken_on_the_new_side_come_home_when_the_mind_is_changed_at_the_end(tmp_path: Path) -> None:
    with demo(tmp_path) as under_way:
        under_way.until_asked("keep", 100)
        assert untrue(tmp_path, "moved") == []
        assert under_way.back() is Stage.ROLLED_BACK, under_way.refused()
        assert untrue(tmp_path, "back") == []
        agree(near_side(under_way), far_side(tmp_path))


@pytest.mark.parametrize("address", ["feed-on", "go-start", "go-open"])
def test_going_back_from_the_middle_leaves_nothing(tmp_path: Path, address: str) -> None:
    with demo(tmp_path) as under_way:
        under_way.until_asked(address, 100) if address.startswith("go") else under_way.until_done(address, 100)
        assert under_way.back() is Stage.ROLLED_BACK, under_way.refused()
        assert untrue(tmp_path, "back") == []
        agree(near_side(under_way), far_side(tmp_path))
