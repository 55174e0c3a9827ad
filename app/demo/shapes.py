"""The two shapes of an order, old and new, and the exact mapping between them, as SQL.

Everywhere below, `legacy` is the old database and `main` the new one, attached to one connection. The mapping loses
nothing either way: money is text with two decimals on the old side and whole cents on the new one; an empty note is ''
there and NULL here; the old side writes UTC without saying so.
"""

from __future__ import annotations

import sqlite3

from app.demo.layout import Layout

OLD_TABLES = """
create table Customers (
  CustomerId integer primary key, FullName text not null, EMail text not null,
  CountryCode text not null, CreatedOn text not null);
create table Orders (
  OrderId integer primary key autoincrement, CustomerId integer not null, OrderDate text not null,
  Total text not null, StatusCode text not null, Note text not null default '');
"""

STATUS = {"N": "new", "P": "paid", "S": "shipped", "X": "cancelled"}

_CODE_TO_WORD = "case StatusCode when 'N' then 'new' when 'P' then 'paid' when 'S' then 'shipped' else 'cancelled' end"
_WORD_TO_CODE = "case status when 'new' then 'N' when 'paid' then 'P' when 'shipped' then 'S' else 'X' end"

OLD_ORDERS_AS_NEW = (
    "select OrderId as id, CustomerId as customer_id, replace(OrderDate, ' ', 'T') || 'Z' as placed_at, "  # noqa: S608 - nothing comes from outside
    f"cast(replace(Total, '.', '') as integer) as total_cents, {_CODE_TO_WORD} as status, "
    "nullif(Note, '') as note from legacy.Orders"
)
OLD_CUSTOMERS_AS_NEW = (
    "select CustomerId as id, FullName as full_name, lower(EMail) as email, CountryCode as country, "
    "CreatedOn as created_on from legacy.Customers"
)
NEW_ORDERS = "select id, customer_id, placed_at, total_cents, status, note from main.orders"
NEW_CUSTOMERS = "select id, full_name, email, country, created_on from main.customers"
NEW_ORDERS_AS_OLD = (
    "select id, customer_id, replace(replace(placed_at, 'T', ' '), 'Z', ''), "  # noqa: S608 - nothing comes from outside
    f"printf('%d.%02d', total_cents / 100, total_cents % 100), {_WORD_TO_CODE}, coalesce(note, '') from main.orders"
)

PUT_NEW_ORDERS = "insert into main.orders (id, customer_id, placed_at, total_cents, status, note)"
PUT_NEW_CUSTOMERS = "insert into main.customers (id, full_name, email, country, created_on)"
PUT_OLD_ORDERS = "insert into legacy.Orders (OrderId, CustomerId, OrderDate, Total, StatusCode, Note)"
OVER_NEW = (
    "on conflict (id) do update set customer_id = excluded.customer_id, placed_at = excluded.placed_at, "
    "total_cents = excluded.total_cents, status = excluded.status, note = excluded.note"
)
OVER_NEW_CUSTOMERS = (
    "on conflict (id) do update set full_name = excluded.full_name, email = excluded.email, "
    "country = excluded.country, created_on = excluded.created_on"
)
OVER_OLD = (
    "on conflict (OrderId) do update set CustomerId = excluded.CustomerId, OrderDate = excluded.OrderDate, "
    "Total = excluded.Total, StatusCode = excluded.StatusCode, Note = excluded.Note"
)


def open_both(layout: Layout) -> sqlite3.Connection:
    """One connection: the new database is `main`, the old one `legacy`. Every transaction is begun by name."""
    link = sqlite3.connect(f"file:{layout.new}?mode=rw", uri=True, isolation_level=None, timeout=20)
    link.execute("attach ? as legacy", (f"file:{layout.old}?mode=rw",))
    return link


def has_table(link: sqlite3.Connection, schema: str, table: str) -> bool:
    """Whether `schema` ("main" or "legacy") has the table."""
    found = link.execute(f"select 1 from {schema}.sqlite_master where type = 'table' and name = ?", (table,))  # noqa: S608 - one of two literals
    return found.fetchone() is not None
