"""Which rights a text needs, as far as parsing tells; what it cannot tell it says."""

from __future__ import annotations

import pytest

from app.runbook.checks.sql_needs import needs_of

TOLD = [
    ("insert into Orders (a) select a from old.src where x = 1", "postgresql", {"insert orders", "select old.src"}),
    ('select * from generate_series(1, 2) g, "Quoted"', "postgresql", {"select Quoted"}),
    ("update t set a = 1", "postgresql", {"update t"}),
    ("update t set a = 1 where b = 2", "postgresql", {"update t", "select t"}),
    ("delete from t returning *", "postgresql", {"delete t", "select t"}),
    (
        "with x as (select * from a) delete from b using x where b.i = x.i",
        "postgresql",
        {"delete b", "select b", "select a"},
    ),
    ("insert into t values (NULL) on conflict (a) do update set b = 1", "postgresql", {"insert t", "update t"}),
    ("insert into t values (1) on conflict do nothing", "postgresql", {"insert t"}),
    ("insert into t values (1) on duplicate key update b = 1", "mysql", {"insert t", "update t"}),
    ("create table n as select * from q", "postgresql", {"create n", "select q"}),
    ("create temp table z as select * from q", "postgresql", {"temp z", "select q"}),
    ("create index concurrently i on t (a)", "postgresql", {"index t"}),
    ("drop table a, b", "mysql", {"drop a", "drop b"}),
    ("alter table app.t add column c int", "mysql", {"alter app.t"}),
    ("alter table only App.t drop note", "postgresql", {"alter app.t"}),
    ("alter table t owner to bob", "postgresql", {"alter t"}),
    ('alter table "Orders" drop note', "postgresql", {"alter Orders"}),
    ("truncate t1, t2", "postgresql", {"truncate t1", "truncate t2"}),
    ("select relname from pg_catalog.pg_class", "postgresql", set()),
    ("begin", "sqlite", set()),
    ("set session x = 1", "mysql", set()),
]
UNTOLD = [
    "vacuum t",
    "flush tables",
    "alter system set x = 1",
    "create trigger x after insert on t begin select 1; end",
    "grant a to b",
    "(((",
]


@pytest.mark.parametrize(("text", "flavor", "needs"), TOLD, ids=[row[0][:40] for row in TOLD])
def test_a_text_needs_exactly_this(text: str, flavor: str, needs: set[str]) -> None:
    found = needs_of(text, flavor)
    assert {str(need) for need in found.needs} == needs
    assert found.told


@pytest.mark.parametrize("text", UNTOLD)
def test_what_cannot_be_told_is_said_so(text: str) -> None:
    assert not needs_of(text, "postgresql").told
    assert not needs_of("select 1 from t where a = '" + "x" * 100_000 + "'", "postgresql").told


def test_what_a_text_makes_itself_and_what_need_not_be_there_is_known() -> None:
    assert needs_of("create table if not exists app.n (a int)", "postgresql").makes == {("app", "n")}
    found = needs_of("drop table if exists n", "postgresql")
    assert found.may_lack == found.needs
    assert not needs_of("drop table n", "postgresql").may_lack
