"""What a console knows of triggers that fired before it came, and that a replay of its record says the same."""

from __future__ import annotations

from tests.engine.watched import Watched


def test_what_was_over_goes_on_cooling_down_when_another_console_comes() -> None:
    run = Watched("do: rollback, cool_down: 30m")
    run.read(7, 1)
    run.resume()
    run.read(7)
    assert run.recorded() == ["fired 7", "over 1"]
    run.resume(away=1790)
    run.read(7)
    assert run.recorded() == ["fired 7", "over 1"]
    run.resume(away=10)
    run.read(8)
    assert run.recorded() == run.replayed() == ["fired 7", "over 1", "fired 8"]


def test_across_a_restart_of_the_machine_it_cools_down_by_the_wall_clock() -> None:
    run = Watched("do: rollback, cool_down: 30m")
    run.read(7, 1)
    run.resume(away=1700, boot="boot-2")
    run.read(7)
    assert run.recorded() == ["fired 7", "over 1"]
    run.resume(away=100, boot="boot-3")
    run.read(8)
    assert run.recorded() == run.replayed() == ["fired 7", "over 1", "fired 8"]


def test_it_goes_on_cooling_down_while_its_phases_are_not_now() -> None:
    run = Watched("do: rollback, during: [p], cool_down: 30m")
    run.read(7, 1)
    run.stage.done("a")
    run.read(9)  # nobody watches it here
    run.stage.done("b")
    run.read(8)  # this step names it
    assert run.recorded() == run.replayed() == ["fired 7", "over 1"]


def test_a_red_that_ends_because_nobody_watches_it_has_not_cooled_down() -> None:
    run = Watched("do: investigate, during: [p], cool_down: 30m")
    run.read(7)
    run.stage.done("a")
    run.read(7)
    assert run.recorded() == ["fired 7", "over"]
    run.resume()
    run.stage.done("b")
    run.read(8)
    assert run.recorded() == run.replayed() == ["fired 7", "over", "fired 8"]


def test_a_red_outlives_the_console_in_the_record_and_in_its_replay() -> None:
    run = Watched("do: investigate")
    run.read(1, 7, 7)
    run.resume(away=30)
    run.read(7, 7, 1)
    assert run.recorded() == run.replayed() == ["fired 7", "over 1"]


def test_no_data_that_was_told_of_outlives_the_console_in_the_record_and_in_its_replay() -> None:
    run = Watched("do: rollback")
    run.read(1, None, None, None, None, None)
    run.resume(away=30)
    run.read(None, None, 1)
    assert run.recorded() == run.replayed() == ["fired no data", "over no data"]


def test_a_replay_does_not_look_at_the_clock_while_no_console_did() -> None:
    run = Watched("do: rollback")
    run.read(1, 1)
    run.resume(away=300)
    run.read(1)
    assert run.recorded() == run.replayed() == []


def test_what_a_step_will_measure_is_not_missed_before_it_has_run() -> None:
    run = Watched("do: pause", metric="metrics: {errors: {step: b, unit: '%', no_data: pause}}\n")
    for _ in range(600):
        run.tick()
    run.heard(0, "r1/b/1")
    for _ in range(600):
        run.tick()
    assert run.recorded() == run.replayed() == []
    run.heard(7, "r1/b/2")
    assert run.recorded() == run.replayed() == ["fired 7"]
