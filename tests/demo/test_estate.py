"""The estate is the same every time, full size in a moment, and never built over another one."""

import time
from pathlib import Path

import pytest

from app.demo.accounting import digest_of_old, rows_from_before_are_identical
from app.demo.estate import ORDERS, create
from app.demo.layout import Layout
from tests.demo.places import Shopkeeper


def test_the_full_estate_has_200_000_orders_and_takes_a_moment(tmp_path: Path) -> None:
    began = time.monotonic()
    layout = create(tmp_path)
    assert time.monotonic() - began < 10
    assert Shopkeeper(layout).rows("old", "select count(*) from Orders") == [(ORDERS,)]
    assert Shopkeeper(layout).rows("old", "select count(*) from Customers") == [(ORDERS // 10,)]
    assert rows_from_before_are_identical(layout)


def test_two_estates_hold_the_same_rows(tmp_path: Path) -> None:
    one, other = (create(tmp_path / name, orders=500) for name in ("one", "other"))
    assert digest_of_old(one.old, 500) == digest_of_old(other.old, 500)


def test_the_rows_are_not_all_alike(estate: Layout) -> None:
    keeper = Shopkeeper(estate)
    assert len(keeper.rows("old", "select distinct StatusCode from Orders")) == 4
    assert len(keeper.rows("old", "select distinct Total from Orders")) > 500
    assert len(keeper.rows("old", "select distinct CustomerId from Orders")) > 100


def test_both_databases_can_be_read_while_they_are_written(estate: Layout) -> None:
    for side in ("old", "new"):
        assert Shopkeeper(estate).rows(side, "pragma journal_mode") == [("wal",)]


def test_a_folder_that_holds_an_estate_is_refused_and_left_alone(estate: Layout) -> None:
    before = estate.old.stat().st_mtime_ns
    with pytest.raises(FileExistsError):
        create(estate.folder, orders=10)
    assert estate.old.stat().st_mtime_ns == before


@pytest.mark.parametrize(
    "change",
    [
        "update Orders set Note = 'x' where OrderId = 7",
        "update Orders set Total = '0.0' where OrderId = 2000",
        "delete from Orders where OrderId = 1",
        "update Orders set CustomerId = CustomerId + 1 where OrderId = 900",
    ],
)
def test_a_changed_row_from_before_is_noticed(estate: Layout, change: str) -> None:
    Shopkeeper(estate).rows("old", change)
    assert not rows_from_before_are_identical(estate)


def test_a_later_order_is_no_row_from_before(estate: Layout) -> None:
    text = (
        "insert into Orders (CustomerId, OrderDate, Total, StatusCode) values (1, '2026-01-01 00:00:00', '1.00', 'N')"
    )
    Shopkeeper(estate).rows("old", text)
    assert rows_from_before_are_identical(estate)
