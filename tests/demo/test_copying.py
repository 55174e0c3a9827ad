"""Nothing is lost or altered between the two shapes, in either direction, and a difference is always found."""

import pytest

from app.demo.copying import compare, copy_back, copy_bulk, copy_delta, not_moved
from app.demo.estate import create
from app.demo.layout import Layout
from tests.demo.places import Shopkeeper

BY = ["count", "except", "checksum"]


def found(layout: Layout, by: str) -> int:
    lines: list[str] = []
    number = compare(layout, by, lines.append)
    assert lines[-1] == f"mismatches {number}"
    return number


@pytest.mark.parametrize("by", BY)
def test_after_the_copy_both_sides_are_the_same(moved: Layout, by: str) -> None:
    assert found(moved, by) == 0
    assert Shopkeeper(moved).rows("new", "select count(*) from orders") == [(2_000,)]


@pytest.mark.parametrize("by", BY)
def test_a_missing_order_is_found(moved: Layout, by: str) -> None:
    Shopkeeper(moved).rows("new", "delete from orders where id = 1234")
    assert found(moved, by) > 0


@pytest.mark.parametrize("by", ["except", "checksum"])
@pytest.mark.parametrize(
    "change",
    [
        "update orders set total_cents = total_cents + 1 where id = 5",
        "update orders set status = 'cancelled' where id = (select min(id) from orders where status = 'paid')",
        "update orders set note = 'Gift, no invoice' where id = (select min(id) from orders where note like 'gift%')",
        "update orders set placed_at = replace(placed_at, 'Z', '') where id = 9",
        "update customers set full_name = full_name || ' ' where id = 3",
    ],
)
def test_a_single_altered_value_is_found(moved: Layout, by: str, change: str) -> None:
    Shopkeeper(moved).rows("new", change)
    assert found(moved, by) > 0


def test_copying_again_changes_nothing(moved: Layout) -> None:
    copy_bulk(moved, print)
    copy_delta(moved, print)
    assert found(moved, "except") == 0


def test_a_delta_brings_what_was_placed_and_paid_since(moved: Layout) -> None:
    keeper = Shopkeeper(moved)
    values = "(1, '2026-01-01 00:00:00', '0.05', 'N', 'late')"
    keeper.rows("old", f"insert into Orders (CustomerId, OrderDate, Total, StatusCode, Note) values {values}")
    keeper.rows("old", "update Orders set StatusCode = 'P' where OrderId = 2001")
    assert found(moved, "count") == 1
    copy_delta(moved, print)
    assert keeper.rows("new", "select total_cents, status, note from orders where id = 2001") == [(5, "paid", "late")]
    assert found(moved, "except") == 0


def test_an_order_of_the_new_side_comes_back_as_the_old_side_would_have_written_it(moved: Layout) -> None:
    keeper = Shopkeeper(moved)
    values = "(7, '2026-01-01T10:20:30Z', 100050, 'paid', null)"
    keeper.rows("new", f"insert into orders (customer_id, placed_at, total_cents, status, note) values {values}")
    copy_back(moved, print)
    copy_back(moved, print)
    text = "select CustomerId, OrderDate, Total, StatusCode, Note from Orders where OrderId > 2000"
    assert keeper.rows("old", text) == [(7, "2026-01-01 10:20:30", "1000.50", "P", "")]
    assert found(moved, "except") == 0


def test_without_a_feed_there_is_nothing_to_bring_back(estate: Layout) -> None:
    said: list[str] = []
    copy_back(estate, said.append)
    assert "nothing was written" in said[0]


def test_an_order_left_behind_is_counted_and_one_changed_on_the_new_side_is_not(moved: Layout) -> None:
    keeper = Shopkeeper(moved)
    keeper.rows("new", "update orders set status = 'paid' where id = 1")
    assert not_moved(moved) == 0
    keeper.rows("new", "drop trigger order_changed")
    keeper.rows("new", "update orders set total_cents = 1 where id = 2")
    keeper.rows("new", "delete from orders where id = 3")
    assert not_moved(moved) > 1


def test_the_inconsistent_copy_has_the_right_count_and_sum_and_wrong_rows(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    layout = create(tmp_path_factory.mktemp("estate"), "inconsistent", orders=2_000)
    keeper = Shopkeeper(layout)
    keeper.sql("new", "tables")
    copy_bulk(layout, print)
    assert found(layout, "count") == 0
    assert found(layout, "except") > 0
    (old,) = keeper.rows("old", "select sum(cast(replace(Total, '.', '') as integer)) from Orders")
    assert keeper.rows("new", "select sum(total_cents) from orders") == [old]
