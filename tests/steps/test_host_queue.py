"""More hosts than turns: whoever waits here for a turn is not silent; whoever is silent is told all the same."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from app.connectors import ssh_connect
from app.run import events as e
from app.run.state import Status
from tests.lab.books import home_for
from tests.lab.line import Line
from tests.lab.sshd import Lab
from tests.session.conversation import new_run, order, r, until, write

PATIENT = 90.0
MANY = 7
PHASES = """
- id: p
  steps:
    - {id: look, check: {text: ready?}}
    - {id: all, host: {name: web, argv: [uptime], batch: 100%}, changes: nothing}
"""


def book(lab: Lab, ports: dict[str, int]) -> str:
    """Hosts by name, each at its port, all in the group `web`."""
    rows = "".join(
        f"  {name}: {{address: 127.0.0.1, port: {port}, user: {lab.user}, key: '{lab.key}'}}\n"
        for name, port in ports.items()
    )
    return f"hosts:\n{rows}groups:\n  web: [{', '.join(ports)}]\n"


def waited(told: list[e.Recorded]) -> timedelta:
    """From the start of the step on the host that says nothing until that was told."""
    began = next(one.at for one in told if isinstance(one.event, e.StepStarted) and "deaf" in one.event.address)
    return next(one.at for one in told if isinstance(one.event, e.ContactLost)) - began


def test_hosts_that_wait_for_their_turn_are_not_silent_and_one_that_says_nothing_is_told(
    lab: Lab, tmp_path: Path, lines: Callable[[int], Line], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ssh_connect, "_AT_ONCE", 1)  # one login at a time
    slow, deaf = lines(lab.port), lines(lab.port)
    ports = {f"web{number}": slow.port for number in range(MANY)} | {"deaf": deaf.port}
    session = new_run(order(write(tmp_path, PHASES, book(lab, ports)), home_for(lab, tmp_path, slow.port, deaf.port)))
    try:
        until(session, lambda s: s.status("look") is Status.WAITING, PATIENT)
        slow.delay = 0.2  # some 2 s a login: the last of the hosts waits for 12 s
        deaf.swallow()
        session.send(r.Answer("ana", "look", "done"))
        began = time.monotonic()
        told: list[e.Recorded] = []

        def lost() -> set[str]:
            told.extend(session.take())
            return {one.event.address for one in told if isinstance(one.event, e.ContactLost)}

        until(session, lambda _: bool(lost()), PATIENT)
        assert lost() == {"all[deaf]/1"} and waited(told) < timedelta(seconds=10)
        until(session, lambda s: sum(s.status(f"all[web{n}]/1") is Status.DONE for n in range(MANY)) == MANY, PATIENT)
        assert time.monotonic() - began > 9, "the last ones waited for longer than a silence may last"
        assert lost() == {"all[deaf]/1"}
    finally:
        session.detach()
