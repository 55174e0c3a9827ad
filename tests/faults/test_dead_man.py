"""The console is killed or its line is cut: the host takes the step back by itself, once; the next console tells it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.reports.sentences import sentence
from app.run.dead_man_state import Armament
from app.session import Session, new_run, resume, watch
from tests.lab.books import home_for, hosts
from tests.lab.line import Line
from tests.lab.sshd import Lab
from tests.session.conversation import order, r, stage_is, until

PATIENCE = 90.0
_CODE = "from app.cli.main import main; main()"
_PHASES = """
- id: p
  steps:
    - id: close
      host: {name: web1, script: "echo did >>FOLDER/ledger"}
      changes: reversible
      revert_unless_confirmed: LIMIT
      undo: [{host: {name: web1, script: "echo undone >>FOLDER/ledger; echo open again"}}]
    - id: next
      local: {script: "echo next >>FOLDER/ledger"}
      changes: reversible
      undo: [{local: {argv: ["true"]}}]
"""


class Place:
    """A runbook on a host of the laboratory, through a line that can be cut."""

    def __init__(self, lab: Lab, line: Line, folder: Path) -> None:
        self.folder, self.line = folder, line
        self.home = home_for(lab, folder, line.port)
        self.head = f"runbook: 1\nname: far\nrollback: {{est: 1m}}\n{hosts(lab, line.port)}"
        self.sessions: list[Session] = []

    def book(self, limit: str) -> Path:
        phases = textwrap.dedent(_PHASES).replace("FOLDER", str(self.folder)).replace("LIMIT", limit)
        path = self.folder / "book.yaml"
        path.write_text(f"{self.head}phases:\n{textwrap.indent(phases, '  ')}", encoding="utf-8")
        return path

    def ledger(self) -> list[str]:
        path = self.folder / "ledger"
        return path.read_text().split() if path.exists() else []

    def begin(self, limit: str) -> Session:
        self.sessions.append(new_run(order(self.book(limit), self.home)))
        return self.sessions[-1]

    def again(self, run: str) -> Session:
        self.sessions.append(resume(self.home, run, operator="ana"))
        return self.sessions[-1]


@pytest.fixture
def place(lab: Lab, line: Line, tmp_path: Path) -> Iterator[Place]:
    one = Place(lab, line, tmp_path)
    yield one
    line.open()
    for session in one.sessions:
        session.detach()


@pytest.fixture
def cut_off(lab: Lab, tmp_path: Path, lines: Callable[[int], Line]) -> Iterator[Callable[[str], tuple[Place, Session]]]:
    """Begins the run of a console with a folder and a line of its own."""
    places: list[Place] = []

    def begin(name: str) -> tuple[Place, Session]:
        (tmp_path / name).mkdir()
        places.append(Place(lab, lines(lab.port), tmp_path / name))
        return places[-1], places[-1].begin("6s")

    yield begin
    for place in places:
        place.line.open()
        for session in place.sessions:
            session.detach()


def wait_for(what: str, so: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not so():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def asks(session: Session) -> bool:
    question = session.state.step("close").question
    return question is not None and question.wants == "keep"


def story(session: Session) -> str:
    with session.reader() as reader:
        return "\n".join(sentence(one, session.state.plan) for one in reader.since(0))


def reverted(session: Session) -> None:
    state = until(
        session, lambda s: s.dead_men["close"].status is Armament.REVERTED and s.stage.value == "stopped", PATIENCE
    )
    assert state.undone == {"close"}
    told = story(session)
    assert re.search(
        r"Host web1 reverted .* by itself at \d\d:\d\d:\d\d UTC by its clock, because nobody had confirmed", told
    )


@pytest.mark.timeout(300)
def test_a_console_that_was_killed_lets_the_host_revert_once(place: Place) -> None:
    with (place.folder / "console.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", _CODE, "run", str(place.book("4s")), "--wait"],
            env=os.environ | {"TMINUS_HOME": str(place.home)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        wait_for("the step is done", lambda: "did" in place.ledger())
        run = next((place.home / "runs").glob("*.tminus")).stem
        time_alive = time.monotonic() + 8.5
        while time.monotonic() < time_alive:  # over two deadlines it is heard, and does not fire
            assert "undone" not in place.ledger(), (place.folder / "console.log").read_text()
            time.sleep(0.1)
        look = watch(place.home, run)
        assert look.state.step("close").question is not None
        look.close()
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    wait_for("the host reverts", lambda: "undone" in place.ledger())
    session = place.again(run)
    reverted(session)
    session.send(r.Release("ana"))
    until(session, lambda _: "cannot go on" in story(session), PATIENCE)
    assert place.ledger() == ["did", "undone"]


@pytest.mark.timeout(300)
def test_a_host_that_is_cut_off_reverts_once_whatever_the_operator_orders_meanwhile(
    cut_off: Callable[[str], tuple[Place, Session]],
) -> None:
    """Three consoles at the same time: one is left alone, one is told to confirm, one to roll back."""
    alone, left = cut_off("alone")
    confirming, confirmed = cut_off("confirming")
    rolling, rolled = cut_off("rolling")
    for session in (left, confirmed, rolled):
        until(session, lambda _: asks(session), PATIENCE)  # noqa: B023 - waited for at once
    for place in (alone, confirming, rolling):
        place.line.refuse()
    confirmed.send(r.Answer("ana", "close", "confirm"))
    rolled.send(r.RollBack("ana", countdown_ms=0))
    until(left, lambda s: s.dead_men["close"].status is Armament.SILENT, PATIENCE)
    assert left.state.dead_men["close"].left_ms <= 6000
    until(confirmed, lambda s: s.dead_men["close"].status is Armament.DISARMING, PATIENCE)  # no host said so yet
    for place in (alone, confirming, rolling):
        wait_for("the host reverts", lambda: "undone" in place.ledger())  # noqa: B023 - waited for at once
        place.line.open()
    reverted(left)
    reverted(confirmed)
    until(rolled, stage_is("rolled back"), PATIENCE)
    assert "close" in rolled.state.undone
    assert [place.ledger() for place in (alone, confirming, rolling)] == [["did", "undone"]] * 3


@pytest.mark.timeout(300)
def test_a_line_that_only_flickers_does_not_let_it_fire_and_confirming_ends_it(place: Place, line: Line) -> None:
    session = place.begin("12s")
    until(session, lambda _: asks(session), PATIENCE)
    for _ in range(6):
        line.cut("reset")
        time.sleep(0.5)
    session.send(r.Answer("ana", "close", "confirm"))
    until(session, stage_is("finished"), PATIENCE)
    assert session.state.dead_men["close"].status is Armament.DISARMED
    assert place.ledger() == ["did", "next"]


@pytest.mark.faults
@pytest.mark.timeout(300)
@pytest.mark.parametrize("tenths", range(30, 70, 2))
def test_a_rollback_around_the_deadline_runs_the_undo_once_whoever_wins(place: Place, line: Line, tenths: int) -> None:
    session = place.begin("4s")
    until(session, lambda _: asks(session), PATIENCE)
    line.refuse()
    line.cut("reset")
    time.sleep(tenths / 10)
    line.open()
    session.send(r.RollBack("ana", countdown_ms=0))
    until(session, lambda s: s.stage.value == "rolled back" or "close" in s.undone, PATIENCE)
    assert place.ledger() == ["did", "undone"]
