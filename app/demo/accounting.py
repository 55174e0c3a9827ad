"""Are the rows from before untouched, and is every acknowledged order there exactly once, as last acknowledged?"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
from pathlib import Path

from app.demo.layout import Layout, read_lines
from app.demo.shapes import STATUS
from app.demo.switches import read_switches

_CHUNK = 2_000
_SHOWN = 5
_SECOND_LOOK_SECONDS = 0.2
_OLD_CHUNK = (
    "select group_concat(line, char(10)) from (select quote(OrderId) || ',' || quote(CustomerId) || ',' || "
    "quote(OrderDate) || ',' || quote(Total) || ',' || quote(StatusCode) || ',' || quote(Note) as line "
    "from Orders where OrderId > ? and OrderId <= ? order by OrderId)"
)


class Account:
    """What was acknowledged against what is there. Sentences are for people; `sound` is the verdict."""

    __slots__ = ("acknowledged", "missing", "wrong")

    def __init__(self, acknowledged: int, missing: tuple[int, ...], wrong: tuple[int, ...]) -> None:
        self.acknowledged = acknowledged
        self.missing = missing
        self.wrong = wrong

    @property
    def sound(self) -> bool:
        """Nothing is missing and nothing differs."""
        return not self.missing and not self.wrong

    def sentence(self, engine: str) -> str:
        """One line about all of them."""
        if self.sound:
            return (
                f"All {self.acknowledged} acknowledged orders are in the {engine} database, each once and as promised."
            )
        lost = f"{len(self.missing)} of {self.acknowledged} acknowledged orders are missing{_some(self.missing)}"
        return f"{lost}; {len(self.wrong)} differ from what was acknowledged{_some(self.wrong)}."


def digest_of_old(path: Path, upto: int) -> str:
    """SHA-256 over the rows of the old Orders table with an id up to `upto`, in order, every value with its type."""
    digest = hashlib.sha256()
    link = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        for start in range(0, upto, _CHUNK):
            (text,) = link.execute(_OLD_CHUNK, (start, min(start + _CHUNK, upto))).fetchone()
            digest.update((text or "").encode() + b"\n")
    finally:
        link.close()
    return digest.hexdigest()


def rows_from_before_are_identical(layout: Layout) -> bool:
    """Whether the old database still holds, unchanged, every order that existed when the estate was created."""
    before = json.loads(layout.before.read_text(encoding="utf-8"))
    return bool(digest_of_old(layout.old, before["orders"]) == before["digest"])


def promised(layout: Layout) -> dict[int, tuple[int, int, str]]:
    """Order id -> (customer, cents, status) as last acknowledged. Raises ValueError if an id was promised twice."""
    orders: dict[int, tuple[int, int, str]] = {}
    for line in read_lines(layout.acknowledged):
        entry = json.loads(line)
        order = int(entry["order"])
        if entry["did"] == "placed":
            if order in orders:
                raise ValueError(f"order {order} was acknowledged to two customers")
            orders[order] = (entry["customer"], entry["cents"], "new")
        else:
            customer, cents, _ = orders[order]
            orders[order] = (customer, cents, entry["did"])
    return orders


def account(layout: Layout, engine: str = "") -> Account:
    """Compares every promise with the database that serves now, or with the one named. Reads only.

    The shop may be open: an order that is paid between the two readings looks wrong once, but never twice.
    """
    name = engine or read_switches(layout).engine
    first = _look(layout, name)
    if first.sound:
        return first
    time.sleep(_SECOND_LOOK_SECONDS)
    again = _look(layout, name)
    both = set(first.wrong) & set(again.wrong)
    return Account(again.acknowledged, again.missing, tuple(order for order in again.wrong if order in both))


def _look(layout: Layout, engine: str) -> Account:
    wanted = promised(layout)
    there = _present(layout, engine, tuple(wanted))
    missing = tuple(order for order in wanted if order not in there)
    wrong = tuple(order for order, facts in wanted.items() if order in there and there[order] != facts)
    return Account(len(wanted), missing, wrong)


def _present(layout: Layout, engine: str, orders: tuple[int, ...]) -> dict[int, tuple[int, int, str]]:
    path = layout.old if engine == "old" else layout.new
    text = (
        "select OrderId, CustomerId, cast(replace(Total, '.', '') as integer), StatusCode from Orders"
        if engine == "old"
        else "select id, customer_id, total_cents, status from orders"
    )
    key = "OrderId" if engine == "old" else "id"
    found: dict[int, tuple[int, int, str]] = {}
    link = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        for order, customer, cents, status in link.execute(f"{text} where {key} >= ?", (min(orders, default=0),)):
            found[order] = (customer, cents, STATUS.get(status, status))
    finally:
        link.close()
    return found


def _some(orders: tuple[int, ...]) -> str:
    shown = ", ".join(map(str, orders[:_SHOWN]))
    return f" ({shown}{', ...' if orders[_SHOWN:] else ''})" if orders else ""
