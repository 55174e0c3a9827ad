"""`sql` performs, is settled by its marker, and says when nobody can know."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.run.outcome import PointsTo, Verdict
from tests.contract.databases import Truth, adapter, sqlite_url
from tests.steps.bench import Bench, step

pytestmark = pytest.mark.anyio


@pytest.fixture
def truth(tmp_path: Path) -> Truth:
    made = Truth(sqlite_url(tmp_path))
    made.run("CREATE TABLE orders (id integer primary key, note text)")
    return made


@pytest.fixture
def bench(tmp_path: Path, truth: Truth) -> Iterator[Bench]:
    made = Bench(tmp_path, databases={"shop": adapter(f"sqlite:///{tmp_path / 'shop.db'}")})
    yield made
    made.close()


WRITE = {"db": "shop", "run": "INSERT INTO orders VALUES (1, :note)", "bind": {"note": "a"}}


async def test_rows_become_facts_and_output(bench: Bench, truth: Truth) -> None:
    truth.run("INSERT INTO orders VALUES (7, 'x')")
    outcome = await bench.perform(step(sql={"db": "shop", "run": "SELECT id, note FROM orders"}, changes="nothing"))
    assert (outcome.verdict, outcome.summary, outcome.seen_from) == (Verdict.DONE, "1 row", "database shop")
    assert outcome.observed.facts["row"] == {"id": 7, "note": "x"}
    assert b"7\tx" in bench.said.chunks["out"]


async def test_a_step_that_changes_nothing_cannot_write(bench: Bench, truth: Truth) -> None:
    outcome = await bench.perform(step(sql=WRITE, changes="nothing"))
    assert outcome.verdict is Verdict.FAILED
    assert truth.one("SELECT count(*) FROM orders") == 0


async def test_after_a_gap_the_marker_says_committed_or_never(bench: Bench, truth: Truth) -> None:
    writing = step(sql=WRITE, changes="reversible")
    assert (await bench.perform(writing)).verdict is Verdict.DONE
    assert (await bench.settle(writing)).verdict is Verdict.DONE
    bench.run += "-other"
    never = await bench.settle(writing)
    assert never.verdict is Verdict.NEVER_RAN
    assert (await bench.perform(writing)).verdict is Verdict.FAILED, "a fenced attempt stays fenced"
    assert truth.one("SELECT count(*) FROM orders") == 1


async def test_reading_is_simply_done_again_after_a_gap(bench: Bench) -> None:
    reading = step(sql={"db": "shop", "run": "SELECT 1"}, changes="nothing")
    assert (await bench.settle(reading)).verdict is Verdict.NEVER_RAN


async def test_half_done_work_is_asked_about_by_its_probe(bench: Bench, truth: Truth) -> None:
    fields = {"db": "shop", "tx": "none", "run": "INSERT INTO orders VALUES (1, 'a'); INSERT INTO nowhere VALUES (1)"}
    plain = step(sql=fields, changes="reversible")
    failed = await bench.perform(plain)
    assert failed.verdict is Verdict.FAILED
    assert "1 statement(s) before it stand" in failed.summary
    doubt = await bench.settle(plain)
    assert doubt.verdict is Verdict.IN_DOUBT
    assert "no, the step has none" in {row.answer for row in doubt.evidence}
    look = {"sql": {"db": "shop", "run": "SELECT count(*) AS n FROM orders"}, "expect": {"row.n": "== 2"}}
    for half, verdict, points in (
        ({"row.n": "== 1"}, Verdict.IN_DOUBT, PointsTo.HALF_DONE),
        ({"row.n": "== 9"}, Verdict.FAILED, PointsTo.NOT_DONE),
    ):
        asked = await bench.settle(step(sql=fields, changes="reversible", probe={**look, "half": half}))
        assert asked.verdict is verdict
        assert asked.evidence[-1].points_to is points
    truth.run("INSERT INTO orders VALUES (2, 'b')")
    assert (await bench.settle(step(sql=fields, changes="reversible", probe=look))).verdict is Verdict.DONE


async def test_a_database_that_is_away_means_nothing_was_run_or_a_doubt(bench: Bench, tmp_path: Path) -> None:
    writing = step(sql=WRITE, changes="reversible")
    (tmp_path / "shop.db").unlink()
    failed = await bench.perform(writing)
    assert failed.verdict is Verdict.FAILED
    assert "nothing was run" in failed.summary
    assert (await bench.settle(writing)).verdict is Verdict.IN_DOUBT


async def test_stop_cancels_and_rolls_back(bench: Bench, truth: Truth) -> None:
    slow = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1e9) SELECT max(i) FROM n"
    writing = step(sql={**WRITE, "run": f"{WRITE['run']}; {slow}"}, changes="reversible")
    running = asyncio.create_task(bench.perform(writing))
    await truth.until_busy()
    assert await bench.stop(writing)
    outcome = await asyncio.wait_for(running, 10)
    assert outcome.verdict is Verdict.CANCELLED
    assert truth.one("SELECT count(*) FROM orders") == 0


def test_what_is_shown_names_the_database(bench: Bench) -> None:
    from tests.steps.bench import KINDS

    shown = KINDS["sql"].describe(step(sql=WRITE, changes="reversible").body)
    assert "shop" in shown
    assert "INSERT INTO orders" in shown


async def test_a_file_is_never_read_when_the_step_runs(bench: Bench, truth: Truth, tmp_path: Path) -> None:
    file = tmp_path / "later.sql"
    file.write_text("INSERT INTO orders VALUES (1, 'a')")
    outcome = await bench.perform(step(sql={"db": "shop", "file": str(file)}, changes="reversible"))
    assert outcome.verdict is Verdict.FAILED
    assert "not in the record" in outcome.summary
    assert truth.one("SELECT count(*) FROM orders") == 0
