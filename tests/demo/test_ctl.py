"""The operator's tool does what it is asked, may be asked twice, and keeps its own ledger."""

import os
import signal
import sqlite3
import subprocess

import pytest

from app.demo.layout import Layout, read_ledger
from app.demo.switches import read_switches
from tests.demo.places import Shopkeeper, until


@pytest.mark.parametrize(
    "words", [[], ["dance"], ["read-only", "maybe"], ["use"], ["status", "now"], ["deploy", "x", "v2"]]
)
def test_what_it_does_not_know_is_refused_with_the_list_of_verbs(estate: Layout, words: list[str]) -> None:
    ended = Shopkeeper(estate).ctl(*words, ticket="r/s/1")
    assert ended.returncode == 2
    assert "copy-bulk" in ended.stderr
    assert read_ledger(estate) == ()


def test_switches_may_be_set_twice(estate: Layout) -> None:
    keeper = Shopkeeper(estate)
    for words in (["read-only", "on"], ["read-only", "on"], ["deploy", "worker-a", "v2"], ["deploy", "worker-a", "v2"]):
        assert keeper.ctl(*words).returncode == 0
    now = read_switches(estate)
    assert now.read_only
    assert now.releases == {"worker-a": "v2", "worker-b": "v1"}
    assert keeper.ctl("read-only", "off").returncode == 0
    assert not read_switches(estate).read_only


def test_the_new_database_waits_for_the_last_worker(estate: Layout) -> None:
    keeper = Shopkeeper(estate)
    keeper.ctl("deploy", "worker-a", "v2")
    refused = keeper.ctl("use", "new")
    assert refused.returncode == 1
    assert "worker-b" in refused.stdout
    assert read_switches(estate).engine == "old"
    keeper.ctl("deploy", "worker-b", "v2")
    assert keeper.ctl("use", "new").returncode == 0
    assert keeper.ctl("deploy", "worker-a", "v1").returncode == 1
    assert read_switches(estate).releases["worker-a"] == "v2"


def test_while_deploys_are_frozen_only_a_run_deploys(estate: Layout) -> None:
    keeper = Shopkeeper(estate)
    keeper.ctl("freeze", "on")
    assert keeper.ctl("deploy", "worker-a", "v2").returncode == 1
    assert keeper.ctl("deploy", "worker-a", "v2", ticket="run/put/1").returncode == 0
    keeper.ctl("freeze", "off")
    assert keeper.ctl("deploy", "worker-b", "v2").returncode == 0


def test_under_a_ticket_each_verb_leaves_a_start_and_an_end(estate: Layout) -> None:
    keeper = Shopkeeper(estate)
    keeper.ctl("status")
    keeper.ctl("read-only", "on", ticket="run/ro/1")
    keeper.ctl("use", "new", ticket="run/switch/1")
    assert [row[1:] for row in read_ledger(estate)] == [
        ("run/ro/1", "read-only on", "start"),
        ("run/ro/1", "read-only on", "end 0"),
        ("run/switch/1", "use new", "start"),
        ("run/switch/1", "use new", "end 1"),
    ]


def test_a_backup_is_opened_counted_and_can_be_restored(estate: Layout) -> None:
    keeper = Shopkeeper(estate)
    refused = keeper.ctl("check-backup", ticket="run/check/1")
    assert (refused.returncode, refused.stderr) == (1, "check-backup: unable to open database file\n")
    assert read_ledger(estate)[-1][3] == "end 1"
    assert keeper.ctl("backup").returncode == 0
    assert keeper.ctl("backup").returncode == 0
    assert "backup ok: 2000 orders" in keeper.ctl("check-backup").stdout
    keeper.rows("old", "delete from Orders where OrderId > 10")
    assert keeper.ctl("account").returncode == 1
    assert keeper.ctl("restore").returncode == 0
    assert keeper.ctl("account").returncode == 0


def test_a_damaged_backup_is_not_called_good(estate: Layout) -> None:
    keeper = Shopkeeper(estate)
    keeper.ctl("backup")
    with estate.backup.open("r+b") as file:
        file.seek(8192)
        file.write(b"\xff" * 20_000)
    assert keeper.ctl("check-backup").returncode == 1


def test_asked_to_end_it_rolls_back_says_so_and_leaves_no_lock(estate: Layout) -> None:
    keeper = Shopkeeper(estate)
    keeper.sql("new", "tables")
    blocker = sqlite3.connect(estate.new, isolation_level=None)
    blocker.execute("begin immediate")
    environment = os.environ | {"TMINUS_TICKET": "run/bulk/1"}
    copying = subprocess.Popen(["sh", str(estate.orderctl), "copy-bulk"], env=environment, stdout=subprocess.DEVNULL)
    until(lambda: len(read_ledger(estate)) == 1)
    copying.send_signal(signal.SIGTERM)
    blocker.execute("rollback")
    blocker.close()
    assert copying.wait(30) == 143
    assert read_ledger(estate)[-1][3] == "end 143"
    assert keeper.ctl("copy-bulk").returncode == 0
    assert keeper.ctl("compare", "except").returncode == 0
