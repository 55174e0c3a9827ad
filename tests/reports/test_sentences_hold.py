"""Sentences that stand in a record whatever the state of the run was then: they claim no more than the event does."""

from __future__ import annotations

from app.reports.sentences import sentence
from app.run import events as e
from tests.reports.books import plan_of, recorded

PLAN = plan_of()


def says(event: e.Event) -> str:
    return sentence(recorded(event), PLAN)


def test_a_console_that_lets_go_does_not_claim_that_something_runs() -> None:
    assert says(e.ConsoleDetached("Ctrl-C")) == (
        "The console let go: Ctrl-C. Any command that was still running goes on at its target."
    )
    assert "whatever was still running then is unknown" in says(e.ConsoleLost(7, 60_000))


def test_what_ran_on_a_machine_that_slept_is_not_said_to_have_gone_on() -> None:
    assert says(e.MachineSlept(120_000)) == (
        "The console's machine slept 2 min; anything that ran on it slept too, anything that ran on another machine"
        " went on."
    )


def test_a_finished_run_does_not_promise_a_way_back_that_the_runbook_has_closed() -> None:
    assert says(e.RunFinished()) == (
        "The last step of the last phase is over; the run stays open until somebody closes it, so that what has a way"
        " back can still be rolled back."
    )


def test_a_boundary_closes_only_what_lies_behind_it() -> None:
    final = e.BoundaryCrossed("switch", "final", "The old tables are gone.")
    assert says(final) == (
        "With 4.1 Switch over (switch) a boundary was crossed; from here no way back reaches across it:"
        " The old tables are gone."
    )
    lossy = e.BoundaryCrossed("switch", "lossy", "New orders")
    assert "from here going back across it loses something: New orders." in says(lossy)
