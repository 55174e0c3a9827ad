"""Moves orders between the two databases: bulk, what changed since, and back; and compares the two sides.

Each call may be repeated: a row that is already there is put there again, the same. Each tells what it did, in lines.
"""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Callable, Iterator

from app.demo import shapes
from app.demo.incidents import incident_of
from app.demo.layout import Layout
from app.demo.switches import read_switches

Tell = Callable[[str], None]
_BATCH = 10_000
_ROWS_A_SECOND = 80_000
"""The bulk copy holds itself back, so that the live shop keeps its speed."""

_CHANGED = "OrderId in (select OrderId from legacy.OrderChanges where Seq > ? and Seq <= ?)"
_WRITTEN_NEW = "where id in (select order_id from main.order_changes)"
_REMEMBER = "insert into main.copy_position (id, seq) values (1, ?) on conflict (id) do update set seq = excluded.seq"
_DAMAGE = (
    "update main.orders set status = case status when 'shipped' then 'cancelled' else 'shipped' end "
    "where id % 40000 = 7"
)


def copy_bulk(layout: Layout, tell: Tell) -> None:
    """Every customer and order, in batches that each commit by themselves."""
    link = shapes.open_both(layout)
    try:
        _put(link, f"{shapes.PUT_NEW_CUSTOMERS} {shapes.OLD_CUSTOMERS_AS_NEW} where true {shapes.OVER_NEW_CUSTOMERS}")
        (last,) = link.execute("select coalesce(max(OrderId), 0) from legacy.Orders").fetchone()
        for start in range(0, last, _BATCH):
            began = time.monotonic()
            rows = _put(link, _orders("OrderId > ? and OrderId <= ?"), (start, start + _BATCH))
            tell(f"copied orders {start + 1} to {min(start + _BATCH, last)} of {last} ({rows} rows)")
            time.sleep(max(0.0, rows / _ROWS_A_SECOND - (time.monotonic() - began)))
        if incident_of(read_switches(layout).incident).spoils == "copy":
            _put(link, _DAMAGE)
    finally:
        link.close()


def copy_delta(layout: Layout, tell: Tell) -> None:
    """Orders that changed on the old side since the last delta. What was applied and up to where commit together."""
    link = shapes.open_both(layout)
    try:
        link.execute("begin immediate")
        (done,) = link.execute("select coalesce(max(seq), 0) from main.copy_position").fetchone()
        (upto,) = link.execute("select coalesce(max(Seq), 0) from legacy.OrderChanges").fetchone()
        rows = link.execute(_orders(_CHANGED), (done, upto)).rowcount
        link.execute(_REMEMBER, (upto,))
        link.execute("commit")
        tell(f"applied {rows} changed orders, up to change {upto}")
    finally:
        link.close()


def copy_back(layout: Layout, tell: Tell) -> None:
    """Orders placed or changed on the new side since its feed began, put into the old side."""
    link = shapes.open_both(layout)
    try:
        if not shapes.has_table(link, "main", "order_changes"):
            tell("nothing was written on the new side: it has no feed")
            return
        text = (shapes.PUT_OLD_ORDERS, shapes.NEW_ORDERS_AS_OLD, _WRITTEN_NEW, shapes.OVER_OLD)
        rows = _put(link, " ".join(text))
        tell(f"brought back {rows} orders that were written on the new side")
    finally:
        link.close()


def compare(layout: Layout, by: str, tell: Tell) -> int:
    """How many differences: `by` is "count", "except" (both ways, in SQL) or "checksum". Reads only."""
    link = shapes.open_both(layout)
    try:
        link.execute("begin")  # one moment for every query below
        pairs = (
            ("customers", shapes.OLD_CUSTOMERS_AS_NEW, shapes.NEW_CUSTOMERS),
            ("orders", shapes.OLD_ORDERS_AS_NEW, shapes.NEW_ORDERS),
        )
        found = sum(_COMPARISONS[by](link, name, (old, new), tell) for name, old, new in pairs)
        link.execute("rollback")
    finally:
        link.close()
    tell(f"mismatches {found}")
    return found


def not_moved(layout: Layout) -> int:
    """Orders of the old side that the new one lacks, or has otherwise though nobody changed them there. Reads only."""
    link = shapes.open_both(layout)
    try:
        untouched = "where OrderId not in (select order_id from main.order_changes)"
        text = f"select count(*) from ({shapes.OLD_ORDERS_AS_NEW} {untouched} except {shapes.NEW_ORDERS})"  # noqa: S608 - texts of this house
        absent = "select count(*) from legacy.Orders where OrderId not in (select id from main.orders)"
        return int(link.execute(text).fetchone()[0]) + int(link.execute(absent).fetchone()[0])
    finally:
        link.close()


def _by_count(link: sqlite3.Connection, name: str, sides: tuple[str, str], tell: Tell) -> int:
    old, new = (link.execute(f"select count(*) from ({side})").fetchone()[0] for side in sides)  # noqa: S608 - two texts of this house
    tell(f"{name}: {old} rows on the old side, {new} on the new side")
    return abs(int(old) - int(new))


def _by_except(link: sqlite3.Connection, name: str, sides: tuple[str, str], tell: Tell) -> int:
    found = 0
    for here, there, words in ((*sides, "old except new"), (*reversed(sides), "new except old")):
        rows = link.execute(f"{here} except {there} order by 1").fetchall()
        tell(f"{name}: {words}: {len(rows)} rows")
        for row in rows[:3]:
            tell(f"  {row}")
        found += len(rows)
    return found


def _by_checksum(link: sqlite3.Connection, name: str, sides: tuple[str, str], tell: Tell) -> int:
    old, new = (_checksum(link, side) for side in sides)
    tell(f"{name}: old {old[:16]}, new {new[:16]}")
    return int(old != new)


_COMPARISONS: dict[str, Callable[[sqlite3.Connection, str, tuple[str, str], Tell], int]] = {
    "count": _by_count,
    "except": _by_except,
    "checksum": _by_checksum,
}


def _checksum(link: sqlite3.Connection, side: str) -> str:
    digest = hashlib.sha256()
    for lines in _blocks(link.execute(f"{side} order by 1")):
        digest.update(lines.encode())
    return digest.hexdigest()


def _blocks(rows: sqlite3.Cursor) -> Iterator[str]:
    while block := rows.fetchmany(5_000):
        yield repr(block)


def _orders(where: str) -> str:
    return f"{shapes.PUT_NEW_ORDERS} {shapes.OLD_ORDERS_AS_NEW} where {where} {shapes.OVER_NEW}"


def _put(link: sqlite3.Connection, text: str, values: tuple[int, ...] = ()) -> int:
    link.execute("begin immediate")
    rows = link.execute(text, values).rowcount
    link.execute("commit")
    return rows
