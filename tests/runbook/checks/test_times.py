"""Local times: a zone to read them in, and the hours that a change of the clocks takes out or shows twice."""

import pytest

from tests.runbook.sample import said, small

STEP = "- {id: a, owner: x, est: 1m, changes: nothing, local: {argv: ['true']}AT}"


def of(schedule: str, at: str = "") -> list[str]:
    """What is said of a schedule, and of a step's own time."""
    return [line for line in said(small(STEP.replace("AT", at), f"schedule: {{{schedule}}}")) if "RB004" not in line]


@pytest.mark.parametrize(
    ("schedule", "at"),
    [
        ("window: {from: 2026-03-14 22:00, to: T+2h}", ""),
        ("window: {from: T-1h, to: 2026-03-14 22:00}", ""),
        ("abort_by: 2026-03-14 22:00", ""),
        ("blackout: [{from: 2026-03-14 22:00, to: T+2h}]", ""),
        ("t0: 2026-03-14 22:00", ""),
        ("t0: now", ", at: 2026-03-14 22:00"),
    ],
)
def test_a_local_time_needs_a_zone_wherever_it_stands(schedule: str, at: str) -> None:
    found = of(schedule, at)
    assert [line for line in found if "RB001" in line and "needs a time zone" in line], found
    assert not [line for line in of(f"timezone: Europe/Berlin, {schedule}", at) if "needs a time zone" in line]


def test_offsets_need_no_zone() -> None:
    assert not of("window: {from: T-1h, to: T+2h}, abort_by: T+1h", ", at: T+5m")


def test_an_hour_that_the_clocks_skip_is_refused_and_one_they_show_twice_is_told() -> None:
    skipped = of("timezone: Europe/Berlin, t0: 2026-03-29 02:30")
    assert [line for line in skipped if "error RB001" in line and "is on no clock" in line and "03:30" in line], skipped
    twice = of("timezone: Europe/Berlin, t0: now, abort_by: 2026-10-25 02:30")
    assert [line for line in twice if "warning RB030" in line and "twice" in line], twice
    assert not of("timezone: UTC, t0: 2026-03-29 02:30")


@pytest.mark.parametrize(
    ("window", "said_of"),
    [
        ("t0: 2026-03-29 01:30, window: {from: T-1h, to: T+2h}", "go forward by 60 minutes"),
        ("window: {from: 2026-10-25 01:00, to: 2026-10-25 05:00}", "go back by 60 minutes"),
        ("t0: 2026-03-28 01:30, window: {from: T-1h, to: T+2h}", ""),
        ("window: {from: T-1h, to: T+2h}", ""),
    ],
)
def test_a_change_of_the_clocks_inside_of_the_window_is_told(window: str, said_of: str) -> None:
    found = [line for line in of(f"timezone: Europe/Berlin, {window}") if "RB030" in line]
    assert len(found) == bool(said_of)
    assert all(said_of in line for line in found)


def test_a_blackout_inside_of_the_window_is_told() -> None:
    dark = "blackout: [{from: 2026-05-01 23:00, to: 2026-05-02 01:00, text: payroll}]"
    inside = of(f"timezone: Europe/Berlin, t0: 2026-05-01 22:00, window: {{from: T-1h, to: T+2h}}, {dark}")
    assert [line for line in inside if "RB030" in line and "payroll" in line], inside
    assert not of(f"timezone: Europe/Berlin, t0: 2026-05-01 20:00, window: {{from: T-1h, to: T+2h}}, {dark}")


def test_a_time_at_the_end_of_the_calendar_is_a_problem_and_no_crash() -> None:
    found = of("timezone: America/New_York, abort_by: 9999-12-31 23:00")
    assert [line for line in found if "outside of the calendar" in line], found
