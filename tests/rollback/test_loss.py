"""What going back costs, in words: never 0 when nobody knows, never new when it is old, always with its reason."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.rollback.loss import NO_COLUMN, STALE, Loss, accepted, ago, in_short, in_words, things
from app.run.loss_state import TableRows
from app.run.moment import Moment

NOW = Moment(datetime(2026, 3, 14, 21, 10, 5, tzinfo=UTC), 0, "b")
FRESH, OLD = timedelta(seconds=2), STALE + timedelta(seconds=15)
ORDERS = (TableRows("app.orders", 1204, 0, 1000),)
NEWEST = timedelta(seconds=3)


def lossy(age: timedelta | None, tables: tuple[TableRows, ...] = ORDERS, why: str = "") -> Loss:
    newest = NEWEST if age is not None else None
    return Loss(
        lossy=True, says="New orders.", declared=True, open=True, tables=tables, newest=newest, age=age, why=why
    )


def test_a_fresh_count_says_how_many_and_how_new() -> None:
    loss = lossy(FRESH)
    assert in_words(loss) == "loses 1,204 orders, the last 3 s ago"
    assert in_short(loss) == "loses 1,204 orders"
    assert accepted(loss, NOW) == "New orders: 1,204 orders, the last at 21:10:02 UTC"


def test_an_old_count_is_a_least_and_says_for_how_long_nobody_counted() -> None:
    loss = lossy(OLD)
    assert in_words(loss) == "loses at least 1,204 orders; not counted for 40 s"
    assert in_short(loss) == "loses 1,204+ orders"
    assert accepted(loss, NOW).startswith("New orders: at least 1,204 orders")
    assert in_words(lossy(FRESH, why="no answer within 10 s.")).endswith("not counted for 2 s (no answer within 10 s)")


@pytest.mark.parametrize("why", ["", "no answer within 10 s", NO_COLUMN])
def test_what_was_never_counted_is_no_zero(why: str) -> None:
    loss = lossy(None, (), why)
    assert loss.rows is None
    assert in_short(loss) == "loses rows: not counted"
    assert "counted" in in_words(loss)
    assert "0 rows" not in in_words(loss) + accepted(loss, NOW)


def test_an_old_zero_is_not_told_as_zero() -> None:
    none = (TableRows("orders", 0),)
    assert in_words(lossy(FRESH, none)) == "loses 0 rows, none written since the switch"
    assert in_words(lossy(OLD, none)) == "loses an unknown number of rows; not counted for 40 s; none by then"
    assert "unknown number" in accepted(lossy(OLD, none), NOW)
    assert in_short(lossy(OLD, none)) == "loses rows: not counted"


def test_without_a_lossy_boundary_rows_are_brought_back_and_the_loss_is_told_as_none() -> None:
    loss = Loss(lossy=False, declared=True, open=True, tables=ORDERS, newest=NEWEST, age=FRESH)
    assert in_words(loss) == "loses 0 rows, brings back 1,204 orders, the last 3 s ago"
    assert in_short(loss) == "loses 0 rows"
    assert accepted(loss, NOW) == ""
    assert in_words(Loss(lossy=False)) == "loses nothing known"


def test_tables_are_named_as_long_as_they_are_few_and_rows_without_a_date_are_told_apart() -> None:
    assert things((TableRows("orders", 1),)) == "1 row of orders"
    assert things((TableRows("orders", 2), TableRows("stock", 3))) == "2 orders and 3 rows of stock"
    assert things((TableRows("orders", 2, 7),)) == "2 orders (and 7 without a date)"
    assert things(tuple(TableRows(f"t{n}", 10) for n in range(4))) == "40 rows in 4 tables"


def test_ages_are_told_in_one_unit() -> None:
    assert [ago(timedelta(seconds=s)) for s in (0, 3, 119, 120, 7200)] == [
        "just now",
        "3 s ago",
        "119 s ago",
        "2 min ago",
        "2 h ago",
    ]
