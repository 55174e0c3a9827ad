"""The proof holds after a move and after a way back, and each of its sentences can be false."""

from pathlib import Path

import pytest

from app.demo import run
from app.demo.accounting import account, promised
from app.demo.layout import Layout
from app.demo.proof import Ended, prove
from tests.demo.places import Shopkeeper, until


def move(keeper: Shopkeeper) -> None:
    """The demo's runbook by hand: what changes something, in its order."""
    for worker in ("worker-a", "worker-b"):
        keeper.ctl("deploy", worker, "v2")
    keeper.sql("new", "tables")
    keeper.sql("old", "feed-on")
    keeper.ctl("copy-bulk")
    keeper.ctl("copy-delta")
    keeper.ctl("read-only", "on")
    until(lambda: keeper.get("/status")[1]["read_only"] is True)
    keeper.ctl("copy-delta")
    assert keeper.ctl("compare", "except").returncode == 0
    keeper.sql("new", "numbers")
    keeper.sql("new", "back-feed")
    keeper.ctl("use", "new")
    keeper.ctl("read-only", "off")


def go_back(keeper: Shopkeeper) -> None:
    """Its undos, last started first."""
    keeper.ctl("read-only", "on")
    until(lambda: keeper.get("/status")[1]["read_only"] is True)
    keeper.ctl("copy-back")
    assert keeper.ctl("compare", "except").returncode == 0
    keeper.ctl("use", "old")
    keeper.sql("new", "back-feed", undo=0)
    keeper.ctl("read-only", "off")
    keeper.sql("new", "bulk", undo=0)
    keeper.sql("old", "feed-on", undo=0)
    for worker in ("worker-a", "worker-b"):
        keeper.ctl("deploy", worker, "v1")
    keeper.sql("new", "tables", undo=0)


def false_sentences(layout: Layout, ended: Ended) -> list[str]:
    return [finding.sentence for finding in prove(layout.folder, ended) if not finding.holds]


def written_on(layout: Layout, engine: str) -> int:
    return sum(f'"engine": "{engine}"' in line for line in layout.acknowledged.read_text().splitlines())


def test_a_move_and_a_way_back_under_live_customers_lose_nothing(open_shop: Shopkeeper) -> None:
    layout = open_shop.layout
    until(lambda: len(promised(layout)) > 3)
    move(open_shop)
    until(lambda: written_on(layout, "new") > 8)
    assert false_sentences(layout, "moved") == []
    go_back(open_shop)
    assert false_sentences(layout, "back") == []
    assert written_on(layout, "new") > 8
    numbers = promised(layout)
    assert max(numbers) > 1_000_000
    until(lambda: len(promised(layout)) > len(numbers))
    assert false_sentences(layout, "back") == []


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("delete from Orders where OrderId = (select max(OrderId) from Orders)", "1 of"),
        ("update Orders set Total = '0.01' where OrderId = (select max(OrderId) from Orders)", "differ"),
        ("update Orders set Note = 'gone' where OrderId = 3", "NOT what they were"),
    ],
)
def test_a_lost_order_an_altered_one_and_an_altered_row_from_before_are_named(
    open_shop: Shopkeeper, damage: str, said: str
) -> None:
    until(lambda: len(promised(open_shop.layout)) > 3)
    run.stop(open_shop.layout.folder)
    open_shop.rows("old", damage)
    (sentence,) = false_sentences(open_shop.layout, "back")
    assert said in sentence


def test_an_order_paid_while_the_books_are_read_is_no_difference(open_shop: Shopkeeper) -> None:
    until(lambda: len(promised(open_shop.layout)) > 3)
    for _ in range(40):  # about one in twenty of these falls between the two readings
        assert account(open_shop.layout).sound


def test_what_is_left_of_the_new_side_is_named(estate: Layout) -> None:
    keeper = Shopkeeper(estate)
    keeper.sql("new", "tables")
    keeper.ctl("deploy", "worker-b", "v2")
    (sentence,) = false_sentences(estate, "back")
    assert "copy_position, customers, orders, worker-b" in sentence


def test_an_order_acknowledged_twice_is_never_accounted_for(estate: Layout) -> None:
    estate.acknowledged.write_text('{"did": "placed", "order": 1, "engine": "old", "customer": 1, "cents": 1}\n' * 2)
    with pytest.raises(ValueError, match="order 1 "):
        prove(estate.folder, "back")


def test_a_demo_is_prepared_and_ended_without_a_trace_of_a_process(tmp_path: Path) -> None:
    demo = run.prepare(tmp_path / "demo", "error-rate", orders=500)
    assert demo.runbook.is_file()
    assert demo.params == {"estate": str(tmp_path / "demo"), "port": (tmp_path / "demo/port").read_text().strip()}
    assert run.runs(demo.folder)
    run.stop(demo.folder)
    assert not run.runs(demo.folder)
    run.stop(demo.folder)
    run.stop(tmp_path / "nowhere")
