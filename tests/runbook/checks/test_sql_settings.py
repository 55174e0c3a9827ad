"""Which SET and PRAGMA only tell or stay in their session, and which change the server or the file."""

import pytest

from app.runbook.checks.sql_text import sql_findings
from tests.runbook.sample import said, small

CHANGING = [
    ("mysql", "set session sql_mode='', global max_connections=5"),
    ("mysql", "set session x=1, @@global.y=2"),
    ("mysql", "set @a = 1, persist max_connections = 5"),
    ("mysql", "set @a = 1, @@persist_only.max_connections = 5"),
    ("sqlite", "pragma journal_mode(delete)"),
    ("sqlite", "pragma main.journal_mode(delete)"),
    ("sqlite", "pragma user_version(5)"),
    ("sqlite", "pragma user_version(-5)"),
    ("sqlite", "pragma user_version = 5"),
    ("sqlite", "pragma wal_checkpoint(truncate)"),
    ("sqlite", "pragma wal_checkpoint"),
    ("sqlite", "pragma optimize"),
    ("sqlite", "pragma incremental_vacuum(10)"),
    ("sqlite", "select 1; pragma optimize"),
    ("sqlite", "pragma page_count; pragma journal_mode(delete)"),
    ("postgres", "select pg_stat_reset_replication_slot('a')"),
    ("postgres", "select pg_stat_reset_subscription_stats(null)"),
    ("postgres", "select pg_stat_reset_backend_stats(1)"),
]
TELLING = [
    ("mysql", "set session sql_mode='', max_execution_time=5"),
    ("mysql", "set @a = 'x, global y=1'; select @a"),
    ("mysql", "set names utf8mb4"),
    ("sqlite", "pragma journal_mode"),
    ("sqlite", "pragma user_version;"),
    ("sqlite", "pragma main.user_version"),
    ("sqlite", "pragma table_info('t')"),
    ("sqlite", "pragma main.table_xinfo(t); pragma integrity_check(10)"),
    ("sqlite", "pragma foreign_key_check"),
]


@pytest.mark.parametrize(("dialect", "text"), CHANGING)
def test_what_reaches_beyond_the_session_is_a_change(dialect: str, text: str) -> None:
    assert any(finding.certain for finding in sql_findings(text, dialect))


@pytest.mark.parametrize(("dialect", "text"), TELLING)
def test_what_only_tells_or_stays_in_the_session_passes(dialect: str, text: str) -> None:
    assert sql_findings(text, dialect) == ()


def test_statements_in_a_file_are_said_not_to_be_checked() -> None:
    step = "- {id: a, owner: op, est: 1m, changes: nothing, sql: {db: d, file: drop.sql}}"
    told = said(small(step, "databases: {d: {url: 'sqlite:////tmp/x.db'}}"))
    assert [line for line in told if "RB007" in line and "drop.sql" in line], told
    changing = step.replace("changes: nothing", "changes: reversible, undo: {none: x}")
    assert not [
        line for line in said(small(changing, "databases: {d: {url: 'sqlite:////tmp/x.db'}}")) if "RB007" in line
    ]
