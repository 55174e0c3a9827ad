"""Creates an estate: 200,000 orders of 20,000 customers in the old shape, an empty new database, and the tool.

The same seed gives the same rows, byte for byte. About 1.5 s for the full size.
"""

from __future__ import annotations

import json
import shlex
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

from app.demo.accounting import digest_of_old
from app.demo.layout import Layout, write_whole
from app.demo.shapes import OLD_TABLES
from app.demo.switches import first_setting, write_switches

ORDERS = 200_000
_FIRST = ("Ana", "Ben", "Chloé", "Dmitri", "Élise", "Farah", "Goran", "Hana", "İnci", "Jürgen", "Kofi", "Łucja", "Mei")
_LAST = ("Abel", "Brandt", "Çelik", "Dubois", "Eriksson", "Fischer", "García", "Horvat", "O'Neill", "Jansen", "Kovács")
_COUNTRIES = ("DE", "FR", "ES", "SE", "PL", "HU", "NL", "IE", "TR")
_NOTES = ("", "", "", "", "", "leave at the door", "gift, no invoice", "call before delivery", "2nd floor; bell broken")
_CODES = "SSSSSSPPNX"


def create(folder: Path, incident: str = "", orders: int = ORDERS) -> Layout:
    """Builds the estate in `folder`, which is made if it is missing and must be empty.

    incident: a name from `incidents`, or "". Raises FileExistsError when an estate is already there.
    """
    layout = Layout(folder)
    layout.folder.mkdir(parents=True, exist_ok=True)
    if layout.switches.exists():
        raise FileExistsError(f"{layout.folder} already holds an estate")
    _fill_old(layout.old, orders)
    _empty_new(layout.new)
    write_whole(layout.before, json.dumps(_facts_of(layout, orders)))
    _write_tool(layout)
    write_switches(layout, first_setting(incident))
    return layout


def _fill_old(path: Path, orders: int) -> None:
    link = sqlite3.connect(path, isolation_level=None)
    try:
        link.execute("pragma journal_mode = wal")
        link.execute("pragma synchronous = off")
        link.executescript(OLD_TABLES)
        customers = max(10, orders // 10)
        link.execute("begin")
        link.executemany("insert into Customers values (?, ?, ?, ?, ?)", _customers(customers))
        link.executemany("insert into Orders values (?, ?, ?, ?, ?, ?)", _orders(orders, customers))
        link.execute("commit")
        link.execute("pragma wal_checkpoint(truncate)")
    finally:
        link.close()


def _customers(count: int) -> Iterator[tuple[int, str, str, str, str]]:
    for i in range(1, count + 1):
        first, last = _FIRST[i * 7 % len(_FIRST)], _LAST[i * 5 % len(_LAST)]
        created = f"20{10 + i % 14}-{1 + i % 12:02}-{1 + i % 28:02}"
        yield i, f"{first} {last}", f"Customer{i}@Example.org", _COUNTRIES[i % len(_COUNTRIES)], created


def _orders(count: int, customers: int) -> Iterator[tuple[int, int, str, str, str, str]]:
    dice = 20_260_314
    for i in range(1, count + 1):
        dice = (dice * 1_103_515_245 + 12_345) & 0x7FFFFFFF
        roll = dice >> 8
        day = f"20{20 + i * 6 // (count + 1)}-{1 + roll % 12:02}-{1 + roll % 28:02}"
        clock = f"{roll % 24:02}:{roll % 59:02}:{roll % 57:02}"
        total = f"{roll % 900}.{roll % 97:02}"
        yield i, 1 + roll % customers, f"{day} {clock}", total, _CODES[roll % 10], _NOTES[roll % 9]


def _empty_new(path: Path) -> None:
    link = sqlite3.connect(path, isolation_level=None)
    try:
        link.execute("pragma journal_mode = wal")
    finally:
        link.close()


def _facts_of(layout: Layout, orders: int) -> dict[str, object]:
    return {"orders": orders, "digest": digest_of_old(layout.old, orders)}


def _write_tool(layout: Layout) -> None:
    """`-S` skips what an installed environment adds, which this tool needs nothing of: it starts in about 30 ms."""
    code = Path(__file__).resolve().parents[2]
    words = (sys.executable, "-S", "-m", "app.demo.ctl", str(layout.folder))
    text = f'#!/bin/sh\nPYTHONPATH={shlex.quote(str(code))} exec {shlex.join(words)} "$@"\n'
    write_whole(layout.orderctl, text)
    layout.orderctl.chmod(0o755)
