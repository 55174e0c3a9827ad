"""`tminus preflight`: two columns for people, stable fields for programs, and nothing left behind."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

from tests.cli.terminal import Cli

STEPS = """
- id: p
  steps:
    - id: make
      sql: {db: db, run: "create table made (n int)"}
      changes: reversible
      undo: [{sql: {db: db, run: "drop table made"}}]
    - {id: count, sql: {db: db, run: "select count(*) from TABLE"}, changes: nothing}
"""
MORE = "databases: {db: {url: 'sqlite:///FOLDER/a.db'}}"


def book(cli: Cli, table: str) -> str:
    sqlite3.connect(cli.folder / "a.db").close()
    return cli.book(STEPS.replace("TABLE", table), MORE)


def test_a_way_that_is_clear_is_said_to_be_clear_and_until_when(cli: Cli) -> None:
    ran = cli("preflight", book(cli, "made"))
    assert ran.code == 0, ran
    head, *rows, last = ran.out.splitlines()
    assert head.split()[:3] == ["FORWARD", "ROLLBACK", "WHAT"]
    assert [row.split()[:3] for row in rows] == [
        ["ok", "ok", "record"],
        ["ok", "ok", "database"],
        ["ok", "ok", "make"],
        ["ok", "-", "count"],
    ]
    assert last.startswith("Nothing stands in the way. Good until ")
    assert {path.parent.name for path in cli.home.rglob("*") if path.is_file()} == {"preflight"}  # kept for the run
    assert sorted(path.name for path in cli.folder.iterdir()) == ["a.db", "book.yaml"]
    assert (cli.folder / "a.db").stat().st_size == 0


def test_for_programs_each_finding_has_both_words_and_the_whole_its_age(cli: Cli) -> None:
    ran = cli("preflight", book(cli, "nowhere"), "--json")
    assert ran.code == 1
    told = ran.json()
    assert not told["ok"]
    assert datetime.fromisoformat(told["expires"]) - datetime.fromisoformat(told["began"]) == timedelta(minutes=15)
    (count,) = [one for one in told["findings"] if one["subject"] == "count"]
    assert (count["forward"], count["rollback"]) == ("refused", "-")
    assert "nowhere is not there, and no step before makes it" in count["detail"]
    assert datetime.fromisoformat(count["seen"]).tzinfo is not None


def test_a_secret_that_nobody_can_type_in_is_a_finding_and_no_question(cli: Cli) -> None:
    steps = "- {id: p, steps: [{id: a, local: {argv: [env], env: {P: '${secrets.pw}'}}, changes: nothing}]}"
    ran = cli("preflight", cli.book(steps, "secrets: {pw: {from: prompt}}"))
    assert ran.code == 1
    assert "secret pw" in ran.out and "nobody is there" in ran.out
