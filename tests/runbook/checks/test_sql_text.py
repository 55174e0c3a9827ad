"""What SQL text is known to only read, what surely writes, and what nobody can tell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.runbook.checks.sql_text import sql_findings

READS = [
    ("postgres", "select count(*) as n from orders where length(note) > 512"),
    ("postgres", "select * from (select a from t except select a from u) x"),
    ("postgres", "with x as (select 1) select * from x"),
    ("postgres", "/* why */ select 1 -- because"),
    ("postgres", "explain select 1"),
    ("postgres", "set search_path = app; select 1"),
    ("mysql", "show master status"),
    ("mysql", "show full processlist"),
    ("mysql", "describe t"),
    ("sqlite", "pragma integrity_check"),
    ("sqlite", "pragma table_info('t')"),
    ("", "select now(), version()"),
]
WRITES = [
    ("postgres", "select pg_reload_conf()"),
    ("postgres", 'select "pg_reload_conf"()'),
    ("postgres", 'select pg_catalog."pg_terminate_backend" (1)'),
    ("postgres", "select 1, PG_CANCEL_BACKEND(pid) from pg_stat_activity"),
    ("postgres", "alter system set work_mem = '1GB'"),
    ("postgres", "with gone as (delete from t returning *) select * from gone"),
    ("postgres", "select 1 into t"),
    ("postgres", "select * from t for update"),
    ("postgres", "explain analyze delete from t"),
    ("postgres", "set transaction read write; select 1"),
    ("postgres", "select set_config('transaction_read_only', 'off', false)"),
    ("postgres", "set default_transaction_read_only = off"),
    ("postgres", "do $$ begin end $$"),
    ("postgres", "call p()"),
    ("postgres", "select 1; drop table t"),
    ("postgres", "select nextval('s')"),
    ("postgres", "notify a"),
    ("mysql", "select 1 into outfile '/tmp/x'"),
    ("mysql", "set global x = 1"),
    ("mysql", "set @@global.x = 1"),
    ("mysql", "replace into t values (1)"),
    ("mysql", "start slave"),
    ("mysql", "flush tables"),
    ("mysql", "kill 3"),
    ("sqlite", "pragma journal_mode = wal"),
    ("sqlite", "vacuum"),
    ("sqlite", "attach 'x' as y"),
    ("sqlite", "select load_extension('x')"),
]
NOBODY_KNOWS = [
    ("postgres", "selekt 1"),
    ("mysql", "select /*! 1 into outfile 'x' */ 1"),
    ("postgres", "execute prepared_before"),
    ("postgres", 'select "never closed'),
]


@pytest.mark.parametrize(("dialect", "text"), READS)
def test_what_only_reads_passes(dialect: str, text: str) -> None:
    assert sql_findings(text, dialect) == ()


@pytest.mark.parametrize(("dialect", "text"), WRITES)
def test_what_writes_is_certain(dialect: str, text: str) -> None:
    assert any(finding.certain for finding in sql_findings(text, dialect))


@pytest.mark.parametrize(("dialect", "text"), NOBODY_KNOWS)
def test_what_cannot_be_told_is_only_doubtful(dialect: str, text: str) -> None:
    findings = sql_findings(text, dialect)
    assert findings
    assert not any(finding.certain for finding in findings)


def test_nothing_is_printed_about_odd_statements(capfd: pytest.CaptureFixture[str]) -> None:
    sql_findings("show slave hosts; handler t open; alter system reset all", "mysql")
    assert capfd.readouterr() == ("", "")


@given(st.text(alphabet="selct *from't();-\"/\\$:x,1=\n", max_size=60))
def test_no_text_breaks_the_judge(text: str) -> None:
    sql_findings(text, "postgres")
