"""Two runs ask for a secret at once: each gets what was typed for it, and closing tells both that nobody will type."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialog

from app.errors import AnswerMissing
from tests.ui.driving import Seat, seated
from ui.dialogs.secret import SecretDialog
from ui.theme import Theme

NAMES = ("alpha", "beta")


@pytest.fixture
def seat(light: Theme, tmp_path: Path) -> Iterator[Seat]:
    with seated(light, tmp_path) as somebody:
        yield somebody


def asking(seat: Seat) -> tuple[dict[str, str], list[threading.Thread]]:
    """Two threads that ask at once, and what each of them was told."""
    told: dict[str, str] = {}

    def ask(name: str) -> None:
        try:
            told[name] = seat.flows.asker.ask(name)
        except AnswerMissing as missing:
            told[name] = str(missing)

    threads = [threading.Thread(target=ask, args=(name,), daemon=True) for name in NAMES]
    for one in threads:
        one.start()
    return told, threads


def question(seat: Seat) -> SecretDialog:
    found = [one for one in seat.window.findChildren(QDialog) if isinstance(one, SecretDialog) and one.isVisible()]
    return found[0]


def test_what_is_typed_for_one_is_never_handed_to_another(seat: Seat) -> None:
    told, threads = asking(seat)
    for given in (1, 2):
        seat.dialog()
        dialog = question(seat)
        name = next(one for one in NAMES if one in dialog.field.accessibleName())
        dialog.field.setText(f"typed for {name}")
        dialog.accept()
        seat.wait(lambda count=given: len(told) == count, "nobody got the answer")  # type: ignore[misc]  # bound now
    assert told == {name: f"typed for {name}" for name in NAMES}
    for one in threads:
        one.join(20)


def test_closing_tells_everybody_who_waits(seat: Seat) -> None:
    told, threads = asking(seat)
    seat.dialog()
    seat.flows.asker.close()
    for one in threads:
        one.join(20)
    assert not any(one.is_alive() for one in threads)
    assert set(told) == set(NAMES)
    assert all("was not given" in said for said in told.values())
