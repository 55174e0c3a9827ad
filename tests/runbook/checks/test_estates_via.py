"""One private address behind two different hosts is two machines; behind the same one it is production."""

import pytest

from tests.runbook.sample import loaded

BOOK = """\
runbook: 1
name: x
roles: {op: {people: [a, b]}}
hosts: {ja: {address: ja}, jb: {address: jb}, ka: {address: KA, via: ja}, web: {address: SERVER, via: ja}}
databases: {d: {url: "postgresql://SERVER/db", via: ja}}
environments:
  prod: {production: true}
  reh: {rehearsal: true, set: {CHANGED}}
phases:
  - id: p
    steps:
      - {id: b, owner: op, est: 1m, changes: reversible, undo: {none: x}, STEP}
"""
SQL = "sql: {db: d, run: insert into t values (1)}"
HOST = "host: {name: web, argv: [deploy]}"


def _refused(changed: str, step: str, server: str = "10.0.0.5") -> bool:
    text = BOOK.replace("CHANGED", changed).replace("STEP", step).replace("SERVER", server).replace("KA", "ka")
    whole = loaded(text)
    assert whole.runbook is not None, whole.problems
    assert {problem.code for problem in whole.errors} <= {"RB024"}, whole.problems
    return any(problem.code == "RB024" for problem in whole.problems)


@pytest.mark.parametrize("server", ["10.0.0.5", "192.168.1.2", "db", "localhost", "db.internal"])
def test_a_private_address_behind_another_host_is_another_place(server: str) -> None:
    assert not _refused("databases.d.via: jb", SQL, server)
    assert not _refused("hosts.web.via: jb", HOST, server)
    assert not _refused("hosts.ja.address: other", SQL, server)


def test_the_hosts_further_away_count_too() -> None:
    chained = BOOK.replace('db", via: ja', 'db", via: ka').replace("CHANGED", "hosts.ka.via: jb")
    chained = chained.replace("STEP", SQL).replace("SERVER", "10.0.0.5").replace("KA", "ka")
    assert "RB024" not in {problem.code for problem in loaded(chained).problems}


def test_the_same_way_to_the_same_address_is_refused() -> None:
    assert _refused("databases.d.url: 'postgresql://other@10.0.0.5:5432/db'", SQL)
    assert _refused("hosts.jb.address: ja, databases.d.via: jb", SQL)
    assert _refused("hosts.web.user: other", HOST)


@pytest.mark.parametrize("server", ["db.example.com", "8.8.8.8"])
def test_a_public_address_is_one_place_on_every_way(server: str) -> None:
    assert _refused("databases.d.via: jb", SQL, server)
    assert _refused("hosts.web.via: jb", HOST, server)
