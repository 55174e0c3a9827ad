"""The right host or none: its key and machine are recorded before a run, and a stranger at its address runs nothing."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.errors import Refused
from app.rollback.readiness import Word
from app.run import events as e
from app.run.dead_man_state import Armament
from app.run.state import RunState, Status
from app.session import Session, new_run, resume
from tests.lab.line import Line
from tests.lab.sshd import Lab
from tests.session.conversation import order, r, stage_is, until, write

SLOW = 60.0
STEPS = """
- id: p
  steps:
    - {id: one, host: {name: web, script: 'echo one >>LEDGER'}, changes: reversible,
       undo: [{host: {name: web, script: 'echo back >>LEDGER'}, changes: reversible}]}
    - {id: look, check: {text: "Look"}}
    - {id: two, host: {name: web, script: 'echo two >>LEDGER'}, changes: reversible, undo: {none: harmless}, CHANGES}
    - {id: three, host: {name: web, script: 'echo three >>LEDGER'}, changes: reversible, undo: {none: harmless}}
"""


class Estate:
    """A runbook whose host `web` stands behind a line, so that another machine can take over its address."""

    def __init__(self, labs: tuple[Lab, Lab], line: Line, folder: Path) -> None:
        self.first, self.second = labs
        self.line, self.folder, self.home = line, folder, folder / "home"
        self.sessions: list[Session] = []

    def knows(self, lab: Lab, *ports: int) -> None:
        """The operator trusts this key at these ports, whatever else is known there."""
        self.home.mkdir(exist_ok=True)
        key = lab.host_key()
        with (self.home / "known_hosts").open("a") as file:
            for port in ports:
                file.write(f"[127.0.0.1]:{port} {key.kind} {base64.b64encode(key.blob).decode()}\n")

    def host(self, port: int = 0, more: str = "") -> str:
        user, key = self.first.user, self.first.key
        return f"{{address: 127.0.0.1, port: {port or self.line.port}, user: {user}, key: '{key}'{more}}}"

    def run(self, steps: str, more: str = "", environment: str = "") -> Session:
        steps = steps.replace("LEDGER", str(self.folder / "ledger")).replace("CHANGES", "changes_identity: false")
        path = write(self.folder, steps, more or f"hosts: {{web: {self.host()}}}")
        self.sessions.append(new_run(order(path, self.home, environment=environment)))
        return self.sessions[-1]

    @property
    def ledger(self) -> list[str]:
        file = self.folder / "ledger"
        return file.read_text().split() if file.exists() else []

    def moves(self) -> None:
        """Another machine answers at the address from now on; its key is trusted there."""
        self.line.lead_to(("127.0.0.1", self.second.port))


@pytest.fixture
def estate(lab: Lab, other_lab: Lab, line: Line, tmp_path: Path) -> Iterator[Estate]:
    one = Estate((lab, other_lab), line, tmp_path)
    one.knows(lab, lab.port, line.port)
    one.knows(other_lab, other_lab.port, line.port)
    yield one
    for session in one.sessions:
        session.detach()


def hosts_in(session: Session) -> list[e.TargetSeen]:
    with session.reader() as reader:
        return [x.event for x in reader.since(0) if isinstance(x.event, e.TargetSeen) and x.event.kind == "host"]


def at_the_question(session: Session) -> RunState:
    return until(session, lambda s: s.status("look") is Status.WAITING, SLOW)


def is_failed(address: str) -> Callable[[RunState], bool]:
    return lambda state: state.status(address) is Status.FAILED


def test_who_a_host_is_stands_in_the_record_before_the_first_step(estate: Estate) -> None:
    session = estate.run(STEPS)
    at_the_question(session)
    (found,) = hosts_in(session)
    assert found.name == "web" and dict(found.facts)["ssh-ed25519"] == estate.first.host_key().fingerprint
    assert found.facts[1][0] in ("machine", "hostname")
    with session.reader() as reader:
        names = [type(one.event).__name__ for one in reader.since(0)]
    assert names.index("TargetSeen") < names.index("StepStarted")


def test_another_host_at_the_address_runs_neither_a_step_nor_an_undo(estate: Estate) -> None:
    session = estate.run(STEPS)
    at_the_question(session)
    assert estate.ledger == ["one"]
    estate.moves()
    session.send(r.Answer("ana", "look", "done"))
    state = until(session, is_failed("two"), SLOW)
    was, now = (lab.host_key().fingerprint for lab in (estate.first, estate.second))
    assert "This is not the host that the run saw before" in state.step("two").reason
    assert f"its ssh-ed25519 key is {now}, was {was}" in state.step("two").reason
    session.send(r.RollBack("ana", "start", "", 0))
    state = until(session, is_failed("one/undo/1"), SLOW)
    assert "not the host that the run saw before" in state.step("one/undo/1").reason
    assert estate.ledger == ["one"]


def test_the_next_console_still_knows_which_host_it_was(estate: Estate) -> None:
    session = estate.run(STEPS)
    at_the_question(session)
    session.detach()
    estate.moves()
    again = resume(estate.home, session.run, operator="bo")
    estate.sessions.append(again)
    again.send(r.Answer("bo", "look", "done"))
    until(again, is_failed("two"), SLOW)
    assert estate.ledger == ["one"]


def test_a_step_that_replaces_the_host_says_so_and_the_new_one_is_recorded(estate: Estate) -> None:
    session = estate.run(STEPS.replace("CHANGES", "changes_identity: true"))
    at_the_question(session)
    estate.moves()
    session.send(r.Answer("ana", "look", "done"))
    until(session, stage_is("finished"), SLOW)
    assert estate.ledger == ["one", "two", "three"]
    assert [dict(one.facts)["ssh-ed25519"] for one in hosts_in(session)] == [
        lab.host_key().fingerprint for lab in (estate.first, estate.second)
    ]


def test_what_was_under_way_is_not_fenced_on_another_host(estate: Estate) -> None:
    """The stranger would say "never ran": it is in doubt instead, and nothing is made at the stranger's."""
    steps = """
    - id: p
      steps:
        - {id: slow, host: {name: web, script: 'echo began >>LEDGER; sleep 300'}, changes: reversible,
           undo: {none: harmless}}
    """
    session = estate.run(steps)
    until(session, lambda s: estate.ledger == ["began"], SLOW)
    session.detach()
    estate.moves()
    again = resume(estate.home, session.run, operator="bo")
    estate.sessions.append(again)
    state = until(again, lambda s: s.status("slow") is Status.IN_DOUBT, SLOW)
    assert "not the host that the run saw before" in state.step("slow").reason
    tickets = estate.second.folder / "home" / ".tminus" / "commands"
    assert not [one for one in tickets.glob("*") if session.run in one.name]
    estate.line.lead_to(("127.0.0.1", estate.first.port))
    again.send(r.AskAgain("bo", "slow"))
    until(again, lambda s: s.status("slow") is Status.RUNNING, SLOW)
    again.send(r.StopStep("bo", "slow"))
    until(again, lambda s: s.status("slow") is Status.CANCELLED, SLOW)


def test_every_host_of_a_group_of_an_each_and_on_the_way_is_recorded_and_none_is_mistaken(estate: Estate) -> None:
    hosts = f"""
    hosts:
      jump: {estate.host(estate.second.port)}
      a: {estate.host(estate.second.port)}
      b: {estate.host(more=", via: jump")}
      unused: {estate.host(9)}
    groups: {{both: [a, b]}}
    """
    steps = """
    - id: p
      steps:
        - {id: all, host: {name: both, script: 'echo group >>LEDGER', batch: 100%}, changes: reversible,
           undo: {none: harmless}}
        - id: each
          changes: reversible
          undo: {none: harmless}
          each: {in: both, as: h, steps: [{id: in, host: {name: "${h}", script: 'echo each >>LEDGER'},
            changes: reversible, undo: {none: harmless}}]}
        - {id: look, check: {text: "Look"}}
        - {id: again, host: {name: both, script: 'echo again >>LEDGER', batch: 100%}, changes: reversible,
           undo: {none: harmless}}
    """
    session = estate.run(steps, hosts)
    at_the_question(session)
    first, second = (lab.host_key().fingerprint for lab in (estate.first, estate.second))
    keys = {one.name: dict(one.facts)["ssh-ed25519"] for one in hosts_in(session)}
    assert keys == {"jump": second, "a": second, "b": first}
    estate.moves()
    session.send(r.Answer("ana", "look", "done"))
    until(session, is_failed("again[b]/1"), SLOW)
    until(session, lambda s: s.status("again[a]/1") is Status.DONE, SLOW)
    assert estate.ledger.count("again") == 1


def test_one_host_under_two_names_is_refused_when_a_step_changes_it(estate: Estate) -> None:
    hosts = f"hosts: {{a: {estate.host(estate.first.port)}, b: {estate.host()}}}"
    steps = """
    - id: p
      steps:
        - {id: one, host: {name: a, argv: [id]}, changes: nothing}
        - {id: two, host: {name: b, script: 'echo two >>LEDGER'}, changes: CHANGES, undo: {none: harmless}}
    """
    with pytest.raises(Refused, match="one and the same host"):
        estate.run(steps.replace("CHANGES", "reversible"), hosts)
    assert not list(estate.home.glob("runs/*"))
    reading = steps.replace("changes: CHANGES, undo: {none: harmless}", "changes: nothing")
    until(estate.run(reading, hosts), stage_is("finished"), SLOW)


ENVS = """
environments:
  prod: {production: true}
  dry: {rehearsal: true, set: {hosts.web.port: PORT}}
  drill: {rehearsal: true, live: true, set: {hosts.web.port: PORT}}
"""


def test_a_rehearsal_that_leads_to_a_host_known_as_production_is_refused_unless_it_is_live(estate: Estate) -> None:
    book = f"hosts: {{web: {estate.host()}}}" + ENVS
    at_the_question(estate.run(STEPS, book.replace("PORT", "1"), "prod"))
    with pytest.raises(Refused, match="web is production: real used it in prod as web"):
        estate.run(STEPS, book.replace("PORT", str(estate.first.port)), "dry")
    at_the_question(estate.run(STEPS, book.replace("PORT", str(estate.first.port)), "drill"))
    at_the_question(estate.run(STEPS, book.replace("PORT", str(estate.second.port)), "dry"))


def test_a_stranger_at_the_address_shuts_the_way_back_that_its_undos_would_refuse(estate: Estate) -> None:
    session = estate.run(STEPS)
    at_the_question(session)
    until(session, lambda _: session.readiness().word is Word.ARMED, SLOW)
    estate.moves()
    until(session, lambda _: session.readiness().word is Word.UNARMED, SLOW)
    (why,) = session.readiness().reasons
    assert why.startswith("host web: This is not the host that the run saw before")


ARMED = """
- id: p
  steps:
    - id: close
      host: {name: web, script: 'echo close >>LEDGER'}
      changes: reversible
      revert_unless_confirmed: 10m
      undo: [{host: {name: web, script: 'echo open >>LEDGER'}}]
    - {id: swap, local: {argv: ['true']}, changes: nothing, changes_identity: true}
"""


def test_only_the_machine_that_holds_a_switch_is_believed_that_it_is_off(estate: Estate) -> None:
    session = estate.run(ARMED)
    until(session, lambda s: s.step("close").question is not None and s.status("swap") is Status.DONE, SLOW)
    estate.moves()
    session.send(r.Answer("ana", "close", "confirm"))
    until(session, lambda s: s.dead_men["close"].status is Armament.DISARMING, SLOW)
    ends = time.monotonic() + 4
    while time.monotonic() < ends:  # it is asked each second, and the stranger is never listened to
        assert session.state.dead_men["close"].status is Armament.DISARMING
        time.sleep(0.1)
    estate.line.lead_to(("127.0.0.1", estate.first.port))
    until(session, stage_is("finished"), SLOW)
    assert session.state.dead_men["close"].status is Armament.DISARMED
    assert estate.ledger == ["close"]
