"""Rows since the switch, on real servers: counted by whatever dates them, never one too few, and saved exactly."""

from __future__ import annotations

import base64
import csv
import hashlib
import json
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.connectors.rows_export import Errand, save_rows
from app.connectors.rows_since import RowsSince
from app.errors import Refused, TargetUnreachable
from tests.contract.databases import Truth, adapter, sqlite_url

pytestmark = pytest.mark.anyio

PRODUCTS = ("sqlite", "postgresql", "mysql")
NOW = {
    "sqlite": "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')",
    "postgresql": "now()",
    "mysql": "utc_timestamp(6)",
}
LONG_AGO = "'2020-01-02 03:04:05'"


@pytest.fixture(params=PRODUCTS)
def product(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def url(product: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if product == "sqlite":
        return sqlite_url(tmp_path)
    fixture = {"postgresql": "postgres_url", "mysql": "mysql_url"}[product]
    return str(request.getfixturevalue(fixture))


@pytest.fixture
def truth(url: str) -> Truth:
    return Truth(url)


@pytest.fixture
def rows(url: str) -> Callable[[dict[str, str]], RowsSince]:
    return lambda tables: RowsSince(adapter(url), tables)


KINDS = {
    ("postgresql", "timestamptz"): "now()",
    ("postgresql", "timestamp"): "localtimestamp",
    ("postgresql", "timestamp(0) with time zone"): "date_trunc('second', now())",
    ("postgresql", "bigint"): "(extract(epoch from now()) * 1000)::bigint",
    ("postgresql", "integer"): "extract(epoch from now())::integer",
    ("mysql", "datetime(6)"): "now(6)",
    ("mysql", "datetime"): "now()",
    ("mysql", "timestamp"): "now()",
    ("mysql", "bigint"): "unix_timestamp() * 1000",
    ("sqlite", "text"): "strftime('%Y-%m-%dT%H:%M:%SZ', 'now')",
    ("sqlite", "datetime"): "datetime('now')",
    ("sqlite", "varchar(40)"): "strftime('%Y-%m-%dT%H:%M:%f', 'now', '+2 hours') || '+02:00'",
    ("sqlite", "integer"): "cast(strftime('%s', 'now') as integer)",
    ("sqlite", "real"): "julianday('now')",
}


@pytest.mark.parametrize(("product", "kind"), list(KINDS), ids=lambda x: x)
async def test_whatever_dates_a_row_tells_the_new_from_the_old(
    product: str, kind: str, truth: Truth, rows: Callable[[dict[str, str]], RowsSince]
) -> None:
    written = KINDS[product, kind]
    old = "1" if kind in {"bigint", "integer", "real"} else LONG_AGO
    truth.run(f"CREATE TABLE orders (id integer primary key, made {kind})")
    truth.run(f"INSERT INTO orders VALUES (1, {old}), (2, {old})")
    asked = rows({"orders": "made"})
    switch = (await asked.clock()).at
    assert [(one.rows, one.newest) for one in await asked.count(switch)] == [(0, None)]
    truth.run(f"INSERT INTO orders VALUES (3, {written}), (4, {written}), (5, {written})")
    (found,) = await asked.count(switch)
    assert (found.table, found.rows, found.undated) == ("orders", 3, 0)
    assert found.newest is not None
    assert found.newest < timedelta(seconds=60)


async def test_a_row_without_a_date_is_counted_by_itself(
    truth: Truth, rows: Callable[[dict[str, str]], RowsSince], product: str
) -> None:
    kind = {"sqlite": "text", "postgresql": "timestamptz", "mysql": "datetime(6)"}[product]
    truth.run(f"CREATE TABLE orders (id integer primary key, made {kind})")
    truth.run(f"INSERT INTO orders VALUES (1, NULL), (2, {LONG_AGO}), (3, {NOW[product]})")
    (found,) = await rows({"orders": "made"}).count(datetime.now(UTC) - timedelta(minutes=5))
    assert (found.rows, found.undated) == (1, 1)


ENDLESS = {
    "timestamptz": "now()",
    "timestamp": "localtimestamp",
    "double precision": "extract(epoch from now()) * 1000",
    "numeric": "extract(epoch from now())",
}


@pytest.mark.parametrize("kind", list(ENDLESS))
@pytest.mark.parametrize("product", ["postgresql"])
async def test_a_row_dated_in_all_eternity_is_counted_and_says_nothing_of_the_newest(
    truth: Truth, rows: Callable[[dict[str, str]], RowsSince], kind: str
) -> None:
    truth.run(f"CREATE TABLE orders (id integer primary key, made {kind})")
    truth.run("INSERT INTO orders VALUES (1, 'infinity'), (2, '-infinity')")
    asked, since = rows({"orders": "made"}), datetime.now(UTC) - timedelta(minutes=5)
    assert [(one.rows, one.newest) for one in await asked.count(since)] == [(1, None)]
    truth.run(f"INSERT INTO orders VALUES (3, {ENDLESS[kind]})")
    (found,) = await asked.count(since)
    assert found.rows == 2
    assert found.newest is not None
    assert found.newest < timedelta(seconds=60)


async def test_a_day_a_missing_column_and_a_missing_table_are_refused_in_words(
    truth: Truth, rows: Callable[[dict[str, str]], RowsSince], product: str
) -> None:
    truth.run("CREATE TABLE orders (id integer primary key, made date, note varchar(10))")
    with pytest.raises(Refused, match="no column written in a table orders"):
        await rows({"orders": "written"}).clock()
    with pytest.raises(Refused, match="no column made in a table nowhere"):
        await rows({"nowhere": "made"}).clock()
    if product != "sqlite":  # which has no types of its own: a day there is text like any other
        with pytest.raises(Refused, match="holds days, not instants"):
            await rows({"orders": "made"}).clock()
        with pytest.raises(Refused, match="dates no row"):
            await rows({"orders": "note"}).clock()


async def test_another_database_than_the_one_seen_before_is_not_counted(
    truth: Truth, rows: Callable[[dict[str, str]], RowsSince]
) -> None:
    truth.run("CREATE TABLE orders (id integer primary key, made varchar(40))")
    facts = (("database", "another"), ("file", "/another"))
    with pytest.raises(Refused, match="not the database that the run saw before"):
        await rows({"orders": "made"}).count(datetime.now(UTC), facts)


async def test_a_server_that_is_away_is_told_as_that() -> None:
    away = RowsSince(adapter("postgresql://nobody@127.0.0.1:9/none"), {"orders": "made"})
    with pytest.raises(TargetUnreachable):
        await away.clock()


async def test_names_with_capitals_dots_and_quotes_are_only_ever_names(
    truth: Truth, rows: Callable[[dict[str, str]], RowsSince], product: str, url: str
) -> None:
    quote = "`" if product == "mysql" else '"'
    truth.run(f"CREATE TABLE {quote}Odd Orders{quote} (id integer primary key, {quote}Made At{quote} varchar(40))")
    kind = {"sqlite": "text", "postgresql": "timestamptz", "mysql": "datetime(6)"}[product]
    schema = {"sqlite": "main", "postgresql": "public", "mysql": sa.make_url(url).database}[product]
    truth.run(f"CREATE TABLE {quote}Orders;drop{quote} (id integer primary key, {quote}made:at{quote} {kind})")
    truth.run(f"INSERT INTO {quote}Orders;drop{quote} VALUES (1, {NOW[product]})")
    (found,) = await rows({f"{schema}.Orders;drop": "made:at"}).count(datetime.now(UTC) - timedelta(minutes=5))
    assert found.rows == 1


EXACT = {
    "postgresql": (
        (
            "amount numeric(30,10), big bigint, ratio double precision, raw bytea, doc jsonb, tags text[], "
            "yes boolean, said text, at timestamptz, span interval"
        ),
        (
            "1234567890.1000000000, 9007199254740993, 0.1, '\\x00ff10', '{\"a\": 1.50}', '{x,y}', true, "
            "'a \"quoted\" line' || chr(10) || 'ü', 'infinity', '1 day 02:03:04'"
        ),
        {
            "amount": "1234567890.1000000000",
            "big": "9007199254740993",
            "ratio": 0.1,
            "raw": base64.b64encode(b"\x00\xff\x10").decode(),
            "doc": '{"a": 1.50}',
            "tags": "{x,y}",
            "yes": True,
            "said": 'a "quoted" line\nü',
            "at": "infinity",
            "span": "P1DT2H3M4S",
        },
    ),
    "mysql": (
        (
            "amount decimal(30,10), big bigint, ratio double, small float, raw varbinary(9), said text, "
            "at datetime(6), span time"
        ),
        (
            "1234567890.1000000000, 9007199254740993, 0.1, 1.2345678, x'00ff10', 'a \"quoted\" line\\nü', "
            "'2026-03-14 21:00:00.000001', '100:02:03'"
        ),
        {
            "amount": "1234567890.1000000000",
            "big": "9007199254740993",
            "ratio": 0.1,
            "raw": base64.b64encode(b"\x00\xff\x10").decode(),
            "said": 'a "quoted" line\nü',
            "at": "2026-03-14 21:00:00.000001",
            "span": "100:02:03",
        },
    ),
    "sqlite": (
        "amount, big integer, ratio real, raw blob, said text",
        "'1234567890.1000000000', 9007199254740993, 0.1, x'00ff10', 'a \"quoted\" line' || char(10) || 'ü'",
        {
            "amount": "1234567890.1000000000",
            "big": "9007199254740993",
            "ratio": 0.1,
            "raw": base64.b64encode(b"\x00\xff\x10").decode(),
            "said": 'a "quoted" line\nü',
        },
    ),
}


def exact(truth: Truth, product: str) -> None:
    columns, values, _ = EXACT[product]
    kind = {"sqlite": "text", "postgresql": "timestamptz", "mysql": "datetime(6)"}[product]
    truth.run(f"CREATE TABLE orders (id integer primary key, made {kind}, blank varchar(9), {columns})")
    # a colon is a parameter to the tool that fills the table, unless it is escaped
    values = values.replace(":", "\\:")
    truth.run(f"INSERT INTO orders VALUES (1, {LONG_AGO.replace(':', chr(92) + ':')}, NULL, {values})")
    now = NOW[product].replace(":", "\\:")
    truth.run(f"INSERT INTO orders VALUES (2, {now}, NULL, {values})")


async def test_saved_rows_keep_every_digit_and_every_byte(
    truth: Truth, rows: Callable[[dict[str, str]], RowsSince], product: str, tmp_path: Path
) -> None:
    exact(truth, product)
    folder = tmp_path / "saved"
    folder.mkdir()
    errand = Errand(datetime.now(UTC) - timedelta(minutes=5), (), folder, "ndjson")
    saved = await save_rows(rows({"orders": "made"}), errand)
    (file,) = saved.files
    path = folder / file.file
    (line,) = path.read_text("utf-8").splitlines()
    row = json.loads(line)
    assert (row["id"], row["blank"]) == (2, None)
    wanted = EXACT[product][2]
    assert {name: row[name] for name in wanted} == wanted
    assert (file.rows, file.digest) == (1, hashlib.sha256(path.read_bytes()).hexdigest())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [name for name, _ in file.columns][:3] == ["id", "made", "blank"]
    if product == "mysql":
        assert row["small"] == pytest.approx(1.2345678, rel=1e-7)


async def test_a_csv_tells_null_from_nothing_and_quotes_the_rest(
    truth: Truth, rows: Callable[[dict[str, str]], RowsSince], product: str, tmp_path: Path
) -> None:
    exact(truth, product)
    folder = tmp_path / "saved"
    folder.mkdir()
    errand = Errand(datetime.now(UTC) - timedelta(minutes=5), (), folder, "csv")
    saved = await save_rows(rows({"orders": "made"}), errand)
    text = (folder / saved.files[0].file).read_bytes().decode("utf-8")
    names, row = list(csv.reader(text.splitlines(keepends=True)))
    found = dict(zip(names, row, strict=True))
    assert (found["id"], found["said"], found["blank"]) == ("2", 'a "quoted" line\nü', "")
    assert ',,"' in text.splitlines()[1]
