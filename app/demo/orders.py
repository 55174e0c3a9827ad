"""Orders as the shop knows them: read, place, pay, in whichever database serves, each shape through its own SQL.

A write is acknowledged only after its commit, and the acknowledgement is on disk before the customer hears of it.
"""

from __future__ import annotations

import json
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path

from app.demo.layout import Layout, append_line

Row = tuple[int | str | None, ...]


class OrderFailed(Exception):
    """The write did not happen and was not acknowledged; the text says why."""


@dataclass(frozen=True, slots=True)
class Driver:
    """The SQL of one shape. `place` takes customer, UTC second, cents and note, all by name."""

    read: str
    newest: str
    count: str
    place: str
    pay: str


DRIVERS = {
    "old": Driver(
        read="select OrderId, CustomerId, cast(replace(Total, '.', '') as integer), StatusCode from Orders "
        "where OrderId = ?",
        newest="select OrderId, Total, StatusCode from Orders order by OrderId desc limit 10",
        count="select count(*) from Orders",
        place="insert into Orders (CustomerId, OrderDate, Total, StatusCode, Note) values (:customer, "
        "replace(:second, 'T', ' '), printf('%d.%02d', :cents / 100, :cents % 100), 'N', coalesce(:note, ''))",
        pay="update Orders set StatusCode = 'P' where OrderId = :order and StatusCode = 'N'",
    ),
    "new": Driver(
        read="select id, customer_id, total_cents, status from orders where id = ?",
        newest="select id, total_cents, status from orders order by id desc limit 10",
        count="select count(*) from orders",
        place="insert into orders (customer_id, placed_at, total_cents, status, note) "
        "values (:customer, :second || 'Z', :cents, 'new', :note)",
        pay="update orders set status = 'paid' where id = :order and status = 'new'",
    ),
}
_PENDING = "select count(*), coalesce(max(Seq), 0) from OrderChanges where Seq > ?"


class OrderBook:
    """The shop's open connections. Every call runs to its end on the shop's one event loop."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._links: dict[str, sqlite3.Connection] = {}

    def read(self, engine: str, order: int) -> Row | None:
        """One order, or None."""
        row: Row | None = self._link(engine).execute(DRIVERS[engine].read, (order,)).fetchone()
        return row

    def newest(self, engine: str) -> list[Row]:
        """The ten newest."""
        return self._link(engine).execute(DRIVERS[engine].newest).fetchall()

    def count(self, engine: str) -> int:
        """How many orders there are."""
        return int(self._link(engine).execute(DRIVERS[engine].count).fetchone()[0])

    def place(self, engine: str, facts: dict[str, object], fault: str = "") -> int:
        """Places an order and acknowledges it: its number. Raises OrderFailed, and then nothing was written.

        fault: why the write is to fail before its commit, or "".
        """
        second = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
        order, _ = self._write(engine, DRIVERS[engine].place, facts | {"second": second}, fault)
        self._acknowledge(engine, "placed", order, facts)
        return order

    def pay(self, engine: str, order: int, fault: str = "") -> bool:
        """Marks a new order as paid; False when it is not new. Raises OrderFailed, and then nothing was written."""
        _, changed = self._write(engine, DRIVERS[engine].pay, {"order": order}, fault)
        if changed:
            self._acknowledge(engine, "paid", order, {})
        return changed == 1

    def could_write(self, engine: str) -> bool:
        """Tries a write for real and takes it back."""
        link = self._link(engine)
        link.execute("begin immediate")
        try:
            facts = {"customer": 1, "cents": 100, "note": None, "second": "2000-01-01T00:00:00"}
            return link.execute(DRIVERS[engine].place, facts).rowcount == 1
        finally:
            link.execute("rollback")

    def pending(self) -> int | None:
        """Changes recorded on the old side and not yet on the new one; None while there is no feed."""
        try:
            found = self._link("new").execute("select coalesce(max(seq), 0) from copy_position").fetchone()
            return int(self._link("old").execute(_PENDING, found).fetchone()[0])
        except sqlite3.OperationalError:
            return None  # one of the two tables is not there: the feed is not on

    def close(self) -> None:
        """Closes every connection."""
        for link in self._links.values():
            link.close()
        self._links.clear()

    def _write(self, engine: str, text: str, facts: dict[str, object], fault: str) -> tuple[int, int]:
        link = self._link(engine)
        link.execute("begin immediate")
        try:
            done = link.execute(text, facts)
            link.execute("rollback" if fault else "commit")
        except sqlite3.Error:
            link.execute("rollback")
            raise
        if fault:
            raise OrderFailed(fault)
        return int(done.lastrowid or 0), done.rowcount

    def _acknowledge(self, engine: str, did: str, order: int, facts: dict[str, object]) -> None:
        known = {key: facts[key] for key in ("customer", "cents") if key in facts}
        append_line(self._layout.acknowledged, json.dumps({"did": did, "order": order, "engine": engine} | known))

    def _link(self, engine: str) -> sqlite3.Connection:
        if engine not in self._links:
            path: Path = self._layout.old if engine == "old" else self._layout.new
            link = sqlite3.connect(f"file:{path}?mode=rw", uri=True, isolation_level=None, timeout=5)
            link.execute("pragma synchronous = full")
            self._links[engine] = link
        return self._links[engine]
