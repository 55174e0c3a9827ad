"""A console dies while a statement runs: the next one finds it by its ticket, can stop it, and nothing runs twice."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from app.run import events as e
from app.run.state import Status
from app.session import Session, resume
from tests.cli.terminal import Cli
from tests.cli.terminal import until as cli_until
from tests.faults.test_bad_input_of_databases import INSERT, Shop
from tests.lab.trial import PATIENCE, Trial
from tests.session.conversation import r, stage_is, until

LONG = "benchmark(2000000000, md5('x'))"
"""Minutes of work that MariaDB does not interrupt when its client is gone, as it does with sleep()."""


def busy(shop: Shop) -> int:
    """How many long statements run."""
    others = "db = database() AND command = 'Query' AND info LIKE '%benchmark%' AND id <> connection_id()"
    return shop.truth.count(f"SELECT count(*) FROM information_schema.processlist WHERE {others}")


def killed_while_it_runs(shop: Shop, folder: Path, slow: str, runs: Callable[[], bool]) -> tuple[Trial, Session]:
    """A console of its own is killed in the middle of a statement; the session of the next one."""
    trial, cli = shop.trial(), Cli(folder / "home", folder)
    text = f"{INSERT}; select {slow} where 0 = (select count(*) from effect where ticket = 'go')"
    step = f'{{id: s, changes: reversible, undo: {{none: harmless}}, sql: {{db: db, run: "{text}"}}}}'
    console = cli.start("run", cli.book(f"- {{id: p, steps: [{step}]}}", trial.more))
    try:
        cli_until(runs, "the statement runs")
    finally:
        console.kill()
        console.communicate()
    session = resume(trial.home, cli.only_run(), operator="raj")
    trial.adopt(session)
    return trial, session


def test_a_statement_that_a_dead_console_left_running_is_stopped_by_the_next(
    mysql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MariaDB does not look whether its client still lives: the statement would go on until its own limit."""
    shop = Shop(mysql_url, tmp_path, monkeypatch)
    trial, session = killed_while_it_runs(shop, tmp_path, LONG, lambda: busy(shop) == 1)
    with trial:
        until(session, lambda _: bool(trial.told(session, e.StepFoundRunning)), PATIENCE)
        assert "still runs on database db" in trial.says(session, e.StepFoundRunning)
        assert busy(shop) == 1
        session.send(r.StopStep("raj", "s", "not needed"))
        trial.see(session, Status.FENCED)
        assert "never ran" in trial.says(session, e.StepFenced)
        assert busy(shop) == 0 and shop.tickets == 0
        shop.truth.run("INSERT INTO effect VALUES ('go')")
        state = trial.again(session)
        assert (
            shop.tickets == 2 and shop.truth.count(f"SELECT count(*) FROM effect WHERE ticket = '{state.run}/s/2'") == 1
        )


def test_postgresql_ends_it_by_itself_and_the_next_console_runs_it_once(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Shop(postgres_url, tmp_path, monkeypatch)
    trial, session = killed_while_it_runs(shop, tmp_path, shop.sleep, lambda: shop.truth.busy() == 1)
    with trial:
        shop.truth.run("INSERT INTO effect VALUES ('go')")
        state = until(session, stage_is("finished"), PATIENCE)
        assert [attempt.status for attempt in state.step("s").attempts] == [Status.FENCED, Status.DONE]
        assert shop.truth.one("SELECT ticket FROM effect WHERE ticket <> 'go'") == f"{state.run}/s/2"
        assert shop.tickets == 2


def test_a_query_that_only_reads_is_ended_before_it_is_asked_again(
    mysql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Shop(mysql_url, tmp_path, monkeypatch)
    trial, cli = shop.trial(), Cli(tmp_path / "home", tmp_path)
    step = f'{{id: s, changes: nothing, sql: {{db: db, run: "select {LONG}"}}}}'
    console = cli.start("run", cli.book(f"- {{id: p, steps: [{step}]}}", trial.more))
    cli_until(lambda: busy(shop) == 1, "the query runs")
    os.kill(console.pid, 9)
    console.communicate()
    with trial:
        session = resume(trial.home, cli.only_run(), operator="raj")
        trial.adopt(session)
        until(session, lambda s: len(s.step("s").attempts) == 2 and s.status("s") is Status.RUNNING, PATIENCE)
        cli_until(lambda: busy(shop) == 1, "one query, not two")
        session.send(r.StopStep("raj", "s", "enough"))
        trial.see(session, Status.CANCELLED)
        cli_until(lambda: busy(shop) == 0, "none is left")
