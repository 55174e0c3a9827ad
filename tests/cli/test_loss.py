"""The terminal tells what going back loses, saves it first, and answers with the reason past the last boundary."""

from __future__ import annotations

import json
import signal
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.session import watch
from app.session.loss_export import check_export
from tests.cli.terminal import Cli, ended, first_line, until

STEPS = """
- id: cut
  steps:
    - {id: go, decide: {ask: Open writes, by: [ops]}}
    - id: open
      changes: reversible
      boundary: {kind: lossy, says: Orders taken on the new side}
      local: {argv: [touch, FOLDER/open]}
      undo: [{local: {argv: [rm, FOLDER/open]}}]
    - id: soak
      changes: nothing
      local: {argv: [sh, -c, "until [ -e FOLDER/gate ]; do sleep 0.05; done"]}
"""
MORE = """
roles: {ops: {people: [ana, raj]}}
databases: {new: {url: 'sqlite:///FOLDER/new.db'}}
rollback: {to: start, est: 1m, loss: {db: new, tables: {orders: made}}}
"""
FINAL = """
- id: cut
  steps:
    - id: before
      changes: reversible
      local: {argv: [touch, FOLDER/before]}
      undo: [{local: {argv: [rm, FOLDER/before]}}]
    - {id: go, decide: {ask: Drop it, by: [ops]}}
    - id: drop
      changes: destructive
      local: {argv: ["true"]}
      boundary: {kind: final, says: The old columns are gone}
      undo: {none: gone}
"""


def sql(cli: Cli, text: str) -> None:
    link = sqlite3.connect(cli.folder / "new.db")
    link.execute(text)
    link.commit()
    link.close()


def place(cli: Cli, *numbers: int) -> None:
    for number in numbers:
        sql(cli, f"insert into orders values ({number}, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 10.50)")


def rows(cli: Cli, run: str) -> int | None:
    look = watch(cli.home, run)
    try:
        return look.loss().rows
    finally:
        look.close()


@pytest.fixture
def driven(cli: Cli) -> Iterator[str]:
    """A run past its lossy boundary, with two orders of the new side counted."""
    sql(cli, "create table orders (id integer primary key, made text, total)")
    process = cli.start("run", cli.book(STEPS, MORE), "--answer", "go=go", "--wait")
    run = first_line(process)
    until((cli.folder / "open").exists, "writes are open")
    place(cli, 1, 2)
    until(lambda: rows(cli, run) == 2, "both orders are counted", 60)
    yield run
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    ended(process)


def test_show_and_rollback_say_how_many_rows_and_the_loss_is_accepted_by_number(cli: Cli, driven: str) -> None:
    said = cli("show", driven).out
    assert "loses 2 orders, the last " in said
    refused = cli("rollback", driven)
    assert refused.code == 10
    assert "Going back now loses: Orders taken on the new side: 2 orders, the last " in refused.err
    assert f"tminus export {driven}" in refused.err
    assert (cli.folder / "open").exists()
    assert cli("rollback", driven, "--accept-loss").code == 8
    assert not (cli.folder / "open").exists()
    told = cli("log", driven).out
    assert "It was accepted that this is lost: Orders taken on the new side: 2 orders, the last " in told
    assert "It loses Orders taken on the new side: 2 orders, the last " in told


def test_an_export_is_whole_private_proved_and_known_to_the_run(cli: Cli, driven: str) -> None:
    to = cli.folder / "saved"
    done = cli("export", driven, "--to", str(to), "--json")
    assert done.code == 0, done.err
    told = done.json()
    folder = Path(told["folder"])
    assert folder.parent == to
    assert told["rows"] == 2
    assert [one.name for one in to.iterdir()] == [folder.name]
    assert {stat.S_IMODE(one.stat().st_mode) for one in folder.iterdir()} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    lines = [json.loads(line) for line in (folder / told["files"][0]["file"]).read_text().splitlines()]
    assert [(row["id"], row["total"]) for row in lines] == [(1, 10.5), (2, 10.5)]
    assert check_export(folder) == ()
    manifest = json.loads((folder / "manifest.json").read_text())
    assert (manifest["run"], manifest["tables"][0]["rows"], manifest["since"]) == (driven, 2, told["since"])
    (kept,) = cli("show", driven, "--json").json()["exports"]
    assert (kept["folder"], kept["sha256"]) == (str(folder), told["sha256"])
    assert "exported 2 rows written since the switch" in cli("log", driven).out
    with (folder / told["files"][0]["file"]).open("a") as file:
        file.write("one more\n")
    assert check_export(folder) == (f"{told['files'][0]['file']} is not what was saved.",)


def test_a_csv_beside_the_records_needs_no_folder(cli: Cli, driven: str) -> None:
    done = cli("export", driven, "--format", "csv")
    assert done.code == 0, done.err
    (folder,) = (cli.home / "exports").iterdir()
    (file,) = folder.glob("*.csv")
    assert file.read_text().splitlines()[0] == '"id","made","total"'
    assert len(file.read_text().splitlines()) == 3


def test_before_the_switch_and_without_a_declaration_an_export_says_why_there_is_none(cli: Cli) -> None:
    sql(cli, "create table orders (id integer primary key, made text, total)")
    run = cli("run", cli.book(STEPS, MORE)).out.splitlines()[0]
    early = cli("export", run)
    assert early.code == 1
    assert "Nobody knows yet since when" in early.err
    undeclared = MORE.replace(", loss: {db: new, tables: {orders: made}}", "")
    other = cli("run", cli.book(STEPS, undeclared)).out.splitlines()[0]
    refused = cli("export", other)
    assert refused.code == 1
    assert "no column is declared" in refused.err
    assert not (cli.home / "exports").exists()


def test_a_loss_that_cannot_be_counted_says_so_and_is_no_zero(cli: Cli) -> None:
    undeclared = MORE.replace(", loss: {db: new, tables: {orders: made}}", "")
    (cli.folder / "gate").touch()
    ran = cli("run", cli.book(STEPS, undeclared), "--answer", "go=go")
    assert ran.code == 0, ran.out + ran.err
    run = ran.out.splitlines()[0]
    assert "cannot be counted: no column is declared" in cli("show", run).out
    refused = cli("rollback", run)
    assert "cannot be counted: no column is declared" in refused.err


def test_past_a_final_boundary_the_terminal_answers_with_the_reason(cli: Cli) -> None:
    ran = cli("run", cli.book(FINAL, "roles: {ops: {people: [ana, raj]}}\nrollback: {est: 1m}"), "--answer", "go=go")
    assert ran.code == 0, ran.out + ran.err
    run = ran.out.splitlines()[0]
    refused = cli("rollback", run, "--accept-loss")
    assert refused.code == 1
    assert "Past the point of no return since " in refused.err
    assert "The old columns are gone" in refused.err
    assert "PAST POINT OF NO RETURN" in cli("show", run).out
    assert (cli.folder / "before").exists()


def test_a_rollback_asked_for_while_one_runs_is_refused_in_words(cli: Cli) -> None:
    slow = """
- id: cut
  steps:
    - id: open
      changes: reversible
      local: {argv: [touch, FOLDER/open]}
      undo: [{local: {argv: [sh, -c, "touch FOLDER/undoing; until [ -e FOLDER/gate ]; do sleep 0.05; done"]}}]
"""
    run = cli("run", cli.book(slow, "rollback: {to: start, est: 1m}")).out.splitlines()[0]
    first = cli.start("rollback", run)
    until((cli.folder / "undoing").exists, "the first one undoes", 60)
    second = cli("rollback", run, "--accept-loss")
    (cli.folder / "gate").touch()
    assert second.code == 1
    assert "The way back is already under way." in second.err
    assert ended(first).code == 8
