"""The connections of a runbook on real targets: who uses each, how a test ends in plain words, what is remembered."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.connectors.clock import SystemClock
from app.connectors.ssh_trust import HostKey, Trust
from app.errors import AnswerMissing
from app.session import new_run
from app.session.asked_once import AskedOnce
from app.session.connection_lines import Connection
from app.session.connections import Desk, OpenBook, Outcome
from app.session.opening import open_runbook
from app.session.preflight import LIFE
from app.session.secret_room import SecretRoom
from app.session.trust import trust_key
from tests.contract.databases import Truth
from tests.lab.sshd import Lab
from tests.session.conversation import order, stage_is, until, write

STEPS = """
- id: p
  steps:
    - {id: look, title: Look at it, sql: {db: db, run: select 1}, changes: nothing}
    - {id: wait, local: {argv: [sh, -c, "test -n $PW"], env: {PW: "${secrets.other}"}}, changes: nothing}
"""


def nobody(name: str) -> str:
    raise AnswerMissing(f"{name} is asked, and nobody is there.")


def desk(folder: Path, steps: str, more: str) -> Desk:
    return Desk(folder / "home", OpenBook(open_runbook(write(folder, steps, more))))


def of(found: tuple[Connection, ...], key: str) -> Connection:
    (one,) = [one for one in found if one.key == key]
    return one


def the(outcomes: tuple[Outcome, ...]) -> Outcome:
    (one,) = outcomes
    return one


def declared(url: str, word: str = "pw") -> str:
    whole = sa.make_url(url)
    at = sa.URL.create(whole.get_backend_name(), whole.username, None, whole.host, whole.port, whole.database)
    secrets = f"{{{word}: {{from: env, name: SOME_PW}}, other: {{from: prompt}}}}"
    return f"secrets: {secrets}\ndatabases: {{db: {{url: '{at.render_as_string()}', password: {word}}}}}"


# ---------------------------------------------------------------- what there is


def test_every_line_says_where_it_leads_and_who_uses_it(tmp_path: Path) -> None:
    more = """
    secrets: {pw: {from: keyring}, token: {from: prompt}, spare: {from: env, name: SPARE}}
    hosts: {web: {address: web.example, user: deploy, port: 2222, password: pw}}
    databases: {db: {url: "postgresql://mig@db.example:6543/orders", password: pw, via: web}}
    metrics: {lag: {sql: {db: db, run: select 1}, title: Lag}}
    """
    steps = """
    - id: p
      steps:
        - id: make
          title: Make it
          sql: {db: db, run: create table t (n int)}
          changes: reversible
          undo: [{host: {name: web, argv: [cat], stdin: "${secrets.token}"}}]
    """
    lines = desk(tmp_path, steps, more).roster().lines
    assert [one.key for one in lines] == ["database db", "host web", "secret pw", "secret token", "secret spare"]
    db = of(lines, "database db")
    assert (db.address, db.user, db.via, db.product) == ("db.example:6543/orders", "mig", "web", "postgresql")
    assert [one.rpartition(" ")[2] for one in db.used_by] == ["it", "Lag"]
    web = of(lines, "host web")
    assert (web.address, web.user) == ("web.example:2222", "deploy")
    assert "database db" in web.used_by and any(one.endswith("its undo") for one in web.used_by)
    assert of(lines, "secret pw").used_by == ("database db", "host web")
    assert of(lines, "secret token").kept == "asked before each run"
    assert of(lines, "secret spare").used_by == ()


def test_a_parameter_that_nobody_gave_yet_is_told_beside_what_it_decides(tmp_path: Path) -> None:
    more = "params: {url: {type: text}}\ndatabases: {db: {url: '${params.url}'}, file: {url: 'sqlite:///a.db'}}"
    found = desk(tmp_path, STEPS.replace("${secrets.other}", "x"), more).roster()
    assert "`url` needs a value" in found.missing
    assert "${params.url} has no value" in of(found.lines, "database db").trouble
    assert of(found.lines, "database file").address == "a.db"


def test_without_a_runbook_there_are_the_secrets_of_this_machine_and_earlier_tests(tmp_path: Path) -> None:
    ask = iter(["four random words", "four random words"])
    SecretRoom(tmp_path / "home", lambda _name: next(ask)).set("pw", "sesame-open")
    desk(tmp_path, STEPS, "secrets: {other: {from: prompt}}\ndatabases: {db: {url: 'sqlite:///none.db'}}").test(
        ["database db"], nobody
    )
    found = Desk(tmp_path / "home").roster()
    assert [(one.key, one.kept) for one in found.lines] == [("database db of real", ""), ("secret pw", "vault file")]
    db, pw = found.lines
    assert db.tested is not None and db.tested.word == "away" and db.used_by == ("real",)
    assert pw.set is not None and pw.used is None


# ---------------------------------------------------------------- databases


def test_a_database_is_logged_in_to_and_says_who_it_is(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_PW", str(sa.make_url(postgres_url).password))
    one = desk(tmp_path, STEPS, declared(postgres_url))
    assert of(one.roster().lines, "database db").tested is None
    found = the(one.test(["database db"], nobody)).tested
    assert found.word == "ok"
    assert found.detail.startswith("Logged in")
    assert "cluster" in found.identity and found.product == "postgresql"
    assert not found.expired(found.at + LIFE - timedelta(seconds=1))
    assert found.expired(found.at + LIFE)
    kept = of(desk(tmp_path, STEPS, declared(postgres_url)).roster().lines, "database db").tested
    assert kept == found, "it is remembered as it was"


def test_a_wrong_password_is_told_in_a_plain_sentence_without_the_password(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_PW", "not-the-password")
    found = the(desk(tmp_path, STEPS, declared(postgres_url)).test(["database db"], nobody)).tested
    assert found.word == "refused"
    assert found.detail.startswith("The login was refused:")
    assert "Check user, password and rights." in found.detail
    assert "not-the-password" not in (tmp_path / "home" / "connections.json").read_text()


def test_a_database_that_nobody_answers_for_is_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_PW", "sesame-open")
    found = the(desk(tmp_path, STEPS, declared("postgresql://me@127.0.0.1:1/x")).test(["database db"], nobody)).tested
    assert found.word == "away"
    assert "Check the" in found.detail, "it says what to do next"


def test_a_password_that_is_missing_is_the_reason_and_the_database_is_not_asked(tmp_path: Path) -> None:
    found = the(desk(tmp_path, STEPS, declared("postgresql://me@127.0.0.1:1/x")).test(["database db"], nobody)).tested
    assert found.word == "refused"
    assert "SOME_PW, which is not set" in found.detail


def test_a_test_of_another_address_says_nothing_about_this_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_PW", "sesame-open")
    desk(tmp_path, STEPS, declared("postgresql://me@127.0.0.1:1/x")).test(["database db"], nobody)
    moved = desk(tmp_path, STEPS, declared("postgresql://me@127.0.0.1:1/other")).roster()
    assert of(moved.lines, "database db").tested is None


def test_when_a_run_used_it_last_stands_in_the_records(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_PW", str(sa.make_url(postgres_url).password))
    steps = "- {id: p, steps: [{id: look, sql: {db: db, run: select 1}, changes: nothing}]}"
    more = declared(postgres_url)
    path = write(tmp_path, steps, more)
    assert of(desk(tmp_path, steps, more).roster().lines, "database db").used is None
    run = new_run(order(path, tmp_path / "home"))
    try:
        began = run.state.now.at
        until(run, stage_is("finished"), 30)
    finally:
        run.detach()
    used = of(desk(tmp_path, steps, more).roster().lines, "database db").used
    assert used is not None and used >= began
    assert Truth(postgres_url).one("SELECT 1") == 1


# ---------------------------------------------------------------- hosts


HOST_STEP = "- {id: p, steps: [{id: a, host: {name: web, argv: [uptime]}, changes: nothing}]}"


def at_lab(lab: Lab) -> str:
    return f"hosts: {{web: {{address: 127.0.0.1, port: {lab.port}, user: {lab.user}, key: '{lab.key}'}}}}"


def test_an_unknown_host_is_a_stranger_until_its_key_is_trusted(tmp_path: Path, lab: Lab) -> None:
    one = desk(tmp_path, HOST_STEP, at_lab(lab))
    assert of(one.roster().lines, "host web").known == ("", "")
    found = the(one.test(["host web"], nobody))
    assert found.tested.word == "stranger"
    assert found.shown is not None
    assert found.shown.fingerprint == lab.host_key().fingerprint == found.tested.shown
    assert not (tmp_path / "home" / "known_hosts").exists(), "looking trusts nothing"
    trust_key(found.shown, tmp_path / "home")
    found = the(one.test(["host web"], nobody))
    assert (found.tested.word, found.shown) == ("ok", None)
    line = of(one.roster().lines, "host web")
    assert line.known[0] == lab.host_key().fingerprint
    assert line.tested == found.tested


def test_a_host_with_another_key_than_the_known_one_is_refused_without_a_question(tmp_path: Path, lab: Lab) -> None:
    other = HostKey("ssh-ed25519", lab.host_key().blob[:-1] + b"x")
    Trust(tmp_path / "home" / "known_hosts").add("127.0.0.1", lab.port, other)
    found = the(desk(tmp_path, HOST_STEP, at_lab(lab)).test(["host web"], nobody))
    assert found.tested.word == "changed"
    assert "has changed" in found.tested.detail
    assert other.fingerprint in found.tested.detail and lab.host_key().fingerprint in found.tested.detail


def test_a_host_known_by_a_kind_that_it_does_not_show_first_is_no_stranger(tmp_path: Path, lab: Lab) -> None:
    Trust(tmp_path / "home" / "known_hosts").add("127.0.0.1", lab.port, lab.host_key("rsa"))
    found = the(desk(tmp_path, HOST_STEP, at_lab(lab)).test(["host web"], nobody))
    assert found.tested.word == "ok"


def test_a_key_that_a_person_disowned_stays_refused_on_the_list(tmp_path: Path, lab: Lab) -> None:
    one = desk(tmp_path, HOST_STEP, at_lab(lab))
    found = the(one.test(["host web"], nobody))
    assert found.shown is not None
    one.disown(of(one.roster().lines, "host web"), found.shown)
    line = of(one.roster().lines, "host web")
    assert line.tested is not None and line.tested.word == "changed"
    assert lab.host_key().fingerprint in line.tested.detail


def test_a_key_that_a_person_disowned_is_never_offered_again_while_it_is_shown(tmp_path: Path, lab: Lab) -> None:
    one = desk(tmp_path, HOST_STEP, at_lab(lab))
    found = the(one.test(["host web"], nobody))
    assert found.shown is not None and found.shown.verdict == "unknown"
    one.disown(of(one.roster().lines, "host web"), found.shown)
    for _ in range(2):
        again = the(one.test(["host web"], nobody))
        assert again.tested.word == "changed" and "not the one that its owner gave" in again.tested.detail
        assert again.shown is not None and again.shown.verdict == "revoked"
    Trust(tmp_path / "home" / "known_hosts").add("127.0.0.1", lab.port, lab.host_key())
    assert the(one.test(["host web"], nobody)).tested.word == "ok", "its owner gave it after all, and somebody said so"
    line = of(one.roster().lines, "host web")
    assert line.tested is not None and not line.tested.disowned


def test_a_test_that_meets_no_key_does_not_forget_which_one_was_disowned(tmp_path: Path, lab: Lab) -> None:
    one = desk(tmp_path, HOST_STEP, at_lab(lab))
    found = the(one.test(["host web"], nobody))
    assert found.shown is not None
    one.disown(of(one.roster().lines, "host web"), found.shown)
    line = of(one.roster().lines, "host web")
    assert line.tested is not None
    away = Outcome("host web", replace(line.tested, word="away", shown="", disowned=""))
    kept = one._not_disowned(away, line)
    assert kept.tested.word == "away" and kept.tested.disowned == found.shown.fingerprint


# ---------------------------------------------------------------- secrets


def test_a_secret_of_the_environment_is_there_or_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = desk(tmp_path, STEPS, declared("sqlite:///x.db"))
    assert the(one.test(["secret pw"], nobody)).tested.word == "refused"
    monkeypatch.setenv("SOME_PW", "short")
    assert "could not be masked" in the(one.test(["secret pw"], nobody)).tested.detail
    monkeypatch.setenv("SOME_PW", "long enough")
    assert the(one.test(["secret pw"], nobody)).tested.word == "ok"
    assert the(one.test(["secret other"], nobody)).tested.word == "asked"


# ---------------------------------------------------------------- asked once


def test_what_was_typed_is_not_asked_again_until_it_was_wrong_or_is_old() -> None:
    asked: list[str] = []
    clock = Stopped()

    def ask(name: str) -> str:
        asked.append(name)
        return f"answer {len(asked)}"

    once = AskedOnce(ask, clock)
    assert once.round()("pw") == "answer 1"
    again = once.round()
    assert again("pw") == "answer 1"
    assert again("pw") == "answer 2", "the same question in one piece of work: the answer was wrong"
    assert once.round()("pw") == "answer 2"
    clock.at += LIFE
    assert once.round()("pw") == "answer 3"
    assert once.round()("new passphrase of the vault") == "answer 4"
    assert once.round()("passphrase of the vault") == "answer 4", "whoever chose it just now knows it"
    once.forget("pw", "new passphrase of the vault")
    assert once.round()("pw") == "answer 5"
    assert "answer" not in repr(once)


class Stopped(SystemClock):
    """A clock that somebody else moves."""

    def __init__(self) -> None:
        self.at = SystemClock().now()

    def now(self) -> datetime:
        return self.at
