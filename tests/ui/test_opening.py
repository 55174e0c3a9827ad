"""The application's start where the operating system knows less than ours: on Windows there is no SIGHUP."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.ui.driving import seated
from ui.opening import obey_signals
from ui.theme import Theme


def test_a_system_without_a_hangup_opens_the_window_and_obeys_the_others(
    light: Theme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}
    monkeypatch.delattr(signal, "SIGHUP")
    with seated(light, tmp_path) as seat:
        try:
            obey_signals(seat.window).stop()
            signal.raise_signal(signal.SIGTERM)
            seat.wait(lambda: not seat.window.isVisible(), "SIGTERM was not obeyed")
        finally:
            for one, what in before.items():
                signal.signal(one, what)
