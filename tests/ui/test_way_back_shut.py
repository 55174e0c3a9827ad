"""A way back that is shut: never told as nothing to undo, never green; what nobody counts is never called proven."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.ui.driving import Seat, seated
from ui.glyphs import Glyph
from ui.models.back import deadline_view
from ui.models.loss import data_view, loss_tone
from ui.panels.back_side import DataPanel
from ui.theme import Theme
from ui.tokens import Tone

SHUT = """
runbook: 1
name: shut
title: Orders to the new side
roles: {lead: {people: [ana]}}
phases:
  - id: first
    title: First
    steps:
      - {id: go, title: Begin, decide: {ask: Begin, by: [lead]}}
  - id: cut
    title: Cutover
    rollback: {how: none}
    steps:
      - id: put
        title: Put it there
        changes: reversible
        local: {argv: ['true']}
        undo: [{local: {argv: ['true']}}]
      - {id: soak, title: Watch, wait: {for: 1h}}
rollback: {to: start, est: 1m}
"""
CHECKED = """
runbook: 1
name: checked
title: A file is put there
phases:
  - id: cut
    steps:
      - {id: put, changes: reversible, local: {argv: ['true']}, undo: [{local: {argv: ['true']}}]}
      - {id: soak, title: Watch, wait: {for: 1h}}
rollback: {to: start, est: 1m, verify: [{title: Nothing is left, changes: nothing, local: {argv: ['true']}}]}
"""


@pytest.fixture
def seat(light: Theme, tmp_path: Path) -> Iterator[Seat]:
    with seated(light, tmp_path) as somebody:
        yield somebody


def soaking(seat: Seat) -> None:
    seat.wait(lambda: seat.run.store.shown.focus.address == "soak")


def test_nothing_to_undo_is_said_before_anything_was_changed_and_no_longer_once_the_way_back_is_shut(
    seat: Seat,
) -> None:
    seat.start(SHUT)
    seat.wait_for("question")
    calm = seat.run.strip.calm
    seat.wait(lambda: calm.cost.text() == "Way back: nothing to undo")
    assert calm.loss.text() == "loses 0 rows, nothing was changed"
    assert loss_tone(seat.run.store.shown) is Tone.MUTED
    seat.go_on()
    soaking(seat)
    seat.wait(lambda: calm.cost.text() == "Way back: not open")
    shown = seat.run.store.shown
    assert calm.loss.text() == "Cutover has no way back, says the runbook."
    assert loss_tone(shown) is Tone.WARN
    assert deadline_view(shown).moment == "not open"
    assert deadline_view(shown).tone is Tone.WARN
    assert data_view(shown) == (
        Glyph.WARNING,
        Tone.WARN,
        "Way back: not open",
        "Cutover has no way back, says the runbook.",
    )
    QTest.mouseClick(calm.button, Qt.MouseButton.LeftButton)
    seat.wait(lambda: seat.run.notice.words.text().startswith("No way back: Cutover has no way back"))


def test_checks_at_the_end_prove_nothing_about_rows_that_nobody_counts(seat: Seat) -> None:
    seat.start(CHECKED)
    soaking(seat)
    seat.run.strip.calm.undos.click()
    (costs,) = [one for one in seat.run.back_side.parts if isinstance(one, DataPanel)]
    seat.wait(lambda: costs.headline.text() == "Loses nothing known")
    assert seat.run.store.shown.back.checks == 1
    assert "prove" not in costs.text.text()
    glyph, tone, _, _ = data_view(seat.run.store.shown)
    assert (glyph, tone) == (Glyph.WAITING, Tone.MUTED)
    seat.run.act.roll_back()
    seat.wait(seat.run.strip.red.isVisible)
    seat.run.strip.red.start.click()
    seat.wait_for("rolled-back")
    seat.wait(lambda: costs.headline.text() == "Lost nothing known")
    assert "prove" not in costs.text.text()
    assert data_view(seat.run.store.shown)[1] is Tone.MUTED
