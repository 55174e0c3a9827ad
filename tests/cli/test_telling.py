"""show, log and verify tell the truth about a run to somebody who was not there, and nothing to the terminal itself."""

from __future__ import annotations

import re
import sqlite3

import pytest

from tests.cli.terminal import Cli, Ran

HOSTILE = r"\033]0;owned\007\033[2J\033[31m\r\033P+q\033\\\\ \342\200\256txt.exe"
BOOK = """
- id: one
  steps:
    - {id: shout, title: Shout, owner: ops, changes: nothing, est: 1s,
       local: {argv: [printf, 'HOSTILE']}}
    - {id: make, changes: reversible, local: {argv: [touch, FOLDER/made]}, undo: [{local: {argv: [rm, FOLDER/made]}}]}
    - id: sql
      changes: reversible
      sql: {db: db, run: "create table t (n int)"}
      undo: [{sql: {db: db, run: "drop table t"}}]
    - {id: pause, wait: {for: 50ms}}
    - {id: all, changes: nothing, each: {in: [x, y], as: h, steps: [{id: hello, local: {argv: [echo, 'hello ${h}']}}]}}
    - {id: fails, changes: nothing, local: {argv: [sh, -c, 'printf "$0" >&2; exit 7', 'HOSTILE']}}
"""
MORE = """
roles: {ops: {people: [ana, raj]}}
databases: {db: {url: "sqlite:///FOLDER/data.db"}}
rollback: {to: start, est: 1m}
"""
ESCAPES = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@pytest.fixture
def ran(cli: Cli) -> Ran:
    """A run with a bit of everything that ends with a failed step."""
    sqlite3.connect(cli.folder / "data.db").close()
    found = cli("run", cli.book(BOOK.replace("HOSTILE", HOSTILE), MORE), "--verbose")
    assert found.code == 7, found.out + found.err
    return found


def test_no_escape_of_a_step_reaches_the_terminal(cli: Cli, ran: Ran) -> None:
    run = ran.out.splitlines()[0]
    told = [
        ran,
        cli("log", run, "--output"),
        cli("show", run),
        cli("runs"),
        cli("log", run, "--json"),
        cli("show", run, "--json"),
    ]
    for one in told:
        assert one.out
        assert ESCAPES.findall(one.out + one.err) == []
    assert r"\x1b]0;owned\x07" in ran.out
    assert r"\u202etxt.exe" in cli("log", run, "--output").out


def test_the_log_says_who_what_where_how_long_and_why(cli: Cli, ran: Ran) -> None:
    run = ran.out.splitlines()[0]
    told = cli("log", run).out
    assert f"ana opened run {run}" in told
    assert "touch " in told  # the exact text that ran
    assert "create table t (n int)" in told
    assert "hello x" in told
    assert re.search(r"fails failed, seen from this machine.*: exit 7", told)
    assert re.search(r"exit: 7", told)
    assert f"{run}/make/1" in told  # the ticket, by which the target knows it
    lines = [line for line in told.splitlines() if not line.startswith("    ")]
    assert all(re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d .*UTC", line) for line in lines)
    assert all(line[-1] in ".!?" for line in lines)


def test_the_log_of_one_step_is_about_that_step(cli: Cli, ran: Ran) -> None:
    run = ran.out.splitlines()[0]
    entries = cli("log", run, "--step", "make", "--json").lines()
    assert [entry["event"] for entry in entries] == ["StepStarted", "StepSucceeded"]
    assert all(entry["fields"]["address"] == "make" for entry in entries)


def test_show_says_where_it_stands_and_what_to_type(cli: Cli, ran: Ran) -> None:
    run = ran.out.splitlines()[0]
    told = cli("show", run).out
    assert f"tminus step {run} fails retry" in told
    assert "driven by  nobody" in told
    tree = cli("show", run, "--json").json()
    assert tree["stage"] == "forward"
    assert [w["step"] for w in tree["waits_for"]] == ["fails"]
    assert tree["way_back"]["undos"] == 2
    assert {s["step"]: s["state"] for s in tree["steps"]}["all[x]/hello"] == "done"


def test_after_the_way_back_the_log_and_show_say_so(cli: Cli, ran: Ran) -> None:
    run = ran.out.splitlines()[0]
    assert cli("rollback", run, "--reason", "it failed").code == 8
    assert "rolled back" in cli("show", run).out
    told = cli("log", run).out
    assert "ana asked to go back to where the runbook says, at once: it failed." in told
    assert "The rollback is complete." in told


def test_a_whole_record_verifies_and_a_changed_one_exits_6(cli: Cli, ran: Ran) -> None:
    run = ran.out.splitlines()[0]
    assert cli("verify", run).code == 0
    tree = cli("verify", run, "--json").json()
    assert tree["ok"] is True
    (cli.folder / "seen").write_text(f"# from the report\n{tree['events']}:{tree['head'][:16]}\n")
    assert "vouches" not in cli("verify", run, "--witness", "seen").out
    (cli.folder / "lies").write_text("7:ffffffffffffffff\n")
    assert cli("verify", run, "--witness", "lies").code == 6
    path = cli.home / "runs" / f"{run}.tminus"
    path.write_bytes(path.read_bytes().replace(b"exit 7", b"exit 0"))
    assert cli("verify", run).code == 6
    assert cli("resume", run).code == 6


def test_a_damaged_record_is_listed_with_its_reason(cli: Cli) -> None:
    (cli.home / "runs").mkdir()
    (cli.home / "runs" / "20260101-000000-dead.tminus").write_bytes(b"no database\x1b[2J" * 100)
    ran = cli("runs")
    assert ran.code == 0
    assert "20260101-000000-dead" in ran.out
    assert "\x1b" not in ran.out
    assert cli("show", "20260101").code == 6
