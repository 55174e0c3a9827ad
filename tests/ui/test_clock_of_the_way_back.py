"""The strip and the steps at the window: open or not with its reason, and a step that comes too late asks for one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.run import events as e
from app.run.state import Status
from tests.ui.driving import Seat, seated
from ui.icons import Shield
from ui.paint import colour
from ui.theme import Theme, tokens
from ui.tokens import Tone

BOOK = """
runbook: 1
name: clocked
title: Orders to the new cluster
schedule: {t0: now, window: {from: T-1h, to: T+5m}}
modes: {freeze: {max: 100ms, title: Deploys frozen, blocks: deploys}}
phases:
  - id: cut
    number: 4
    title: Cutover
    steps:
      - id: freeze
        title: Freeze deploys
        changes: reversible
        local: {argv: ['true']}
        enter: [freeze]
        undo: [{title: Thaw deploys, est: 10s, local: {argv: [FOLDER/thaw]}, leave: [freeze]}]
      - {id: look, title: Look around, check: {text: All well}}
      - id: move
        title: Move the orders
        changes: reversible
        local: {argv: ['true']}
        undo: [{title: Move them back, est: 20m, local: {argv: ['true']}}]
      - {id: soak, title: Watch, wait: {for: 1h}}
      - {id: thaw, changes: reversible, local: {argv: ['true']}, leave: [freeze], undo: {none: thawed}}
rollback: {to: start, est: 21m}
"""


@pytest.fixture
def seat(light: Theme, tmp_path: Path) -> Iterator[Seat]:
    (tmp_path / "thaw").write_text("#!/bin/sh\nexit 0\n")
    (tmp_path / "thaw").chmod(0o755)
    with seated(light, tmp_path) as somebody:
        somebody.start(BOOK.replace("FOLDER", str(tmp_path)))
        yield somebody


def test_a_step_that_comes_too_late_is_marked_ahead_and_begins_only_with_a_typed_reason(seat: Seat) -> None:
    seat.wait_for("question")
    rows = {key: view for key, view in seat.run.steps.rows._rows if key}
    assert (rows["move"].tail, rows["move"].tone) == ("too late", Tone.BAD)  # type: ignore[union-attr]  # it is a step's row, and a step is on show
    seat.go_on()
    seat.wait(lambda: seat.session.state.status("move") is Status.WAITING)
    seat.wait(lambda: "Begin all the same" in seat.run.current.verbs.primary.text())
    ground = colour(tokens().surface)  # never filled: nothing invites to give the way back away
    seat.wait(lambda: seat.run.current.verbs.primary.colours(tokens())[0] == ground)
    assert "Way back after this" in [one.what for one in seat.run.current._view.checks]  # type: ignore[union-attr]  # it is a step's row, and a step is on show
    seat.go_on()
    seat.give_reason("the window was moved")
    seat.wait(lambda: seat.session.state.step("soak").last is not None)
    assert "StepOverridden" in seat.events()
    seat.wait(lambda: seat.run.store.shown.readiness.reasons[0].startswith("ana overrode its deadline"))


def test_the_strip_turns_unarmed_with_the_reason_and_armed_again(seat: Seat, tmp_path: Path) -> None:
    seat.wait_for("question")
    seat.wait(lambda: seat.run.strip.calm.ready._view.shield is Shield.ARMED)
    (tmp_path / "thaw").unlink()
    seat.wait(lambda: seat.run.strip.calm.ready._view.shield is Shield.UNARMED)
    assert "it is not there" in seat.run.strip.calm.ready.accessibleName()
    (tmp_path / "thaw").write_text("#!/bin/sh\nexit 0\n")
    (tmp_path / "thaw").chmod(0o755)
    seat.wait(lambda: seat.run.strip.calm.ready._view.shield is Shield.ARMED)


def test_a_mode_over_its_maximum_is_red_in_the_head_and_closing_wants_a_reason(seat: Seat) -> None:
    seat.wait_for("question")
    seat.wait(lambda: e.ModeOverran.__name__ in seat.events())
    seat.wait(lambda: seat.run.head.facts[3].accessibleName().startswith("Deploys frozen"))
    seat.wait(lambda: seat.run.head.facts[3]._view.tone is Tone.BAD)
