"""The shop serves, acknowledges only what is safe, refuses when it must, and leaves nothing behind."""

import json
import os
import shutil
import signal
import subprocess
import sys

import pytest

from app.demo import run
from app.demo.accounting import promised
from app.demo.layout import Layout
from app.demo.switches import first_setting, write_switches
from tests.demo.places import Shopkeeper, until


def use_new(keeper: Shopkeeper, incident: str = "") -> None:
    """Puts the shop on the new database without further ado."""
    keeper.sql("old", "feed-on")
    keeper.sql("new", "tables")
    keeper.ctl("copy-bulk")
    keeper.sql("new", "numbers")  # the old side goes on taking orders until the switch; no number may mean two
    setting = first_setting(incident) | {"engine": "new", "releases": {"worker-a": "v2", "worker-b": "v2"}}
    write_switches(keeper.layout, setting)
    until(
        lambda: keeper.get("/workers/worker-b/health") == (200, {"worker": "worker-b", "release": "v2", "status": "ok"})
    )


def test_customers_come_and_their_orders_are_acknowledged(open_shop: Shopkeeper) -> None:
    until(lambda: len(promised(open_shop.layout)) > 3)
    _, status = open_shop.get("/status")
    assert status["engine"] == "old"
    assert status["error_percent"] == 0
    assert status["requests_per_second"] > 0
    assert open_shop.ctl("account").returncode == 0


def test_an_order_is_placed_paid_and_read_in_either_database(open_shop: Shopkeeper) -> None:
    for engine in ("old", "new"):
        if engine == "new":
            use_new(open_shop)
        status, placed = open_shop.post("/orders", customer=3, cents=1999, note="blue")
        assert status == 201
        number = placed["order"]
        assert open_shop.get(f"/orders/{number}")[1][1:3] == [3, 1999]
        assert open_shop.post(f"/orders/{number}/pay") == (200, {"paid": True})
        assert open_shop.post(f"/orders/{number}/pay") == (200, {"paid": False})
        assert promised(open_shop.layout)[number] == (3, 1999, "paid")


@pytest.mark.parametrize(
    ("path", "facts", "status"),
    [
        ("/orders", {}, 400),
        ("/orders", {"customer": "x", "cents": 1}, 400),
        ("/nowhere", {}, 404),
        ("/orders/1", {}, 405),
    ],
)
def test_what_makes_no_sense_is_refused(
    open_shop: Shopkeeper, path: str, facts: dict[str, object], status: int
) -> None:
    assert open_shop.post(path, **facts)[0] == status


def test_read_only_refuses_writes_serves_reads_and_is_no_error(open_shop: Shopkeeper) -> None:
    open_shop.ctl("read-only", "on")
    assert open_shop.get("/status")[1]["read_only"] is True
    acknowledged = len(promised(open_shop.layout))
    assert open_shop.post("/orders", customer=1, cents=1)[0] == 503
    assert open_shop.get("/orders/1")[0] == 200
    until(lambda: open_shop.get("/status")[1]["refused_per_second"] > 0)
    assert open_shop.get("/status")[1]["error_percent"] == 0
    assert len(promised(open_shop.layout)) == acknowledged
    open_shop.ctl("read-only", "off")
    assert open_shop.post("/orders", customer=1, cents=1)[0] == 201


def test_a_worker_restarts_with_its_release_and_the_other_one_serves(open_shop: Shopkeeper) -> None:
    open_shop.ctl("deploy", "worker-a", "v2")
    status, health = open_shop.get("/workers/worker-a/health")
    assert (status, health["status"]) == (503, "starting")
    assert open_shop.get("/orders/1")[0] == 200
    until(lambda: open_shop.get("/workers/worker-a/health")[0] == 200)
    assert open_shop.get("/workers/worker-a/health")[1]["release"] == "v2"


def test_a_trial_write_leaves_nothing(open_shop: Shopkeeper) -> None:
    open_shop.ctl("read-only", "on")
    open_shop.get("/health")
    before = open_shop.rows("old", "select count(*) from Orders")
    assert open_shop.get("/selftest?write=dry") == (
        200,
        {"engine": "old", "read_only": True, "rows": before[0][0], "write": True},
    )
    assert open_shop.rows("old", "select count(*) from Orders") == before


def test_prometheus_can_read_it_either_way(open_shop: Shopkeeper) -> None:
    until(lambda: open_shop.get("/status")[1]["error_percent"] is not None)
    _, text = open_shop.get("/metrics")
    samples = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    assert float(samples["orders_error_percent"]) == 0
    assert float(samples["orders_rows"]) >= 2_000
    assert samples['orders_engine{engine="old"}'] == "1"
    _, answer = open_shop.get("/api/v1/query?query=orders_rows")
    assert float(answer["data"]["result"][0]["value"][1]) >= 2_000
    assert open_shop.get("/api/v1/query?query=orders_nothing")[1]["data"]["result"] == []


def test_with_the_error_incident_failed_writes_are_not_acknowledged_and_not_there(open_shop: Shopkeeper) -> None:
    use_new(open_shop, "error-rate")
    answers = [open_shop.post("/orders", customer=11, cents=cents) for cents in range(1, 81)]
    failed = {cents for cents, (status, _) in enumerate(answers, 1) if status == 500}
    assert 1 <= len(failed) <= 40
    there = {
        row[0] for row in open_shop.rows("new", "select total_cents from orders where customer_id = 11 and id > 2000")
    }
    assert there == set(range(1, 81)) - failed
    acknowledged = {cents for customer, cents, _ in promised(open_shop.layout).values() if customer == 11}
    assert acknowledged == there
    assert open_shop.get("/status")[1]["error_percent"] > 2


def test_the_slow_incident_is_seen_in_p95(open_shop: Shopkeeper) -> None:
    use_new(open_shop, "slow")
    until(lambda: (open_shop.get("/status")[1]["p95_milliseconds"] or 0) > 200)


def test_in_the_no_data_incident_the_metrics_fall_silent_and_the_shop_serves(open_shop: Shopkeeper) -> None:
    assert open_shop.get("/metrics")[0] == 200
    use_new(open_shop, "no-data")
    assert open_shop.get("/metrics")[0] == 503
    assert open_shop.get("/orders/1")[0] == 200


def test_every_acknowledged_order_survives_a_kill(open_shop: Shopkeeper) -> None:
    until(lambda: len(promised(open_shop.layout)) > 3)
    os.kill(int(open_shop.layout.running.read_text()), signal.SIGKILL)
    until(lambda: not run.runs(open_shop.layout.folder))
    assert open_shop.ctl("account").returncode == 0
    assert run.open_shop(open_shop.layout) == open_shop.port
    assert run.runs(open_shop.layout.folder)


def test_opening_an_open_shop_opens_no_second_one(open_shop: Shopkeeper) -> None:
    first = open_shop.layout.running.read_text()
    assert run.open_shop(open_shop.layout) == open_shop.port
    assert open_shop.layout.running.read_text() == first


def test_it_ends_when_its_folder_is_gone(estate: Layout) -> None:
    run.open_shop(estate)
    pid = int(estate.running.read_text())
    shutil.rmtree(estate.folder)
    until(lambda: not lives(pid))


def test_it_outlives_its_console_and_ends_when_nobody_asks_any_more(estate: Layout) -> None:
    command = [sys.executable, "-m", "app.demo.application", str(estate.folder), "--idle", "1"]
    subprocess.run(command, check=True, timeout=30)
    assert run.runs(estate.folder)
    until(lambda: not run.runs(estate.folder))
    assert "nobody has asked" in estate.log.read_text()


def test_it_goes_on_for_as_long_as_its_console_lives(estate: Layout) -> None:
    console = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    command = [sys.executable, "-m", "app.demo.application", str(estate.folder), "--idle", "0.1", "--console"]
    subprocess.run([*command, str(console.pid)], check=True, timeout=30)
    keeper = Shopkeeper(estate, int(estate.port.read_text()))
    until(lambda: len(promised(estate)) > 3)  # some seconds of custom, which is not the console's
    assert run.runs(estate.folder)
    console.communicate(b"\n", timeout=10)
    until(lambda: not run.runs(estate.folder))
    assert json.loads(estate.switches.read_text())["engine"] == "old"
    assert keeper.ctl("account").returncode == 0


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
