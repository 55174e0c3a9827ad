"""Small estates for the tests: the same shapes and the same shop, two thousand orders."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.demo import run
from app.demo.estate import create
from app.demo.layout import Layout
from tests.demo.places import Shopkeeper

ORDERS = 2_000


@pytest.fixture
def estate(tmp_path: Path) -> Layout:
    """An estate whose shop is closed."""
    return create(tmp_path / "estate", orders=ORDERS)


@pytest.fixture
def moved(estate: Layout) -> Layout:
    """An estate whose orders have been copied, with both feeds on."""
    keeper = Shopkeeper(estate)
    keeper.sql("old", "feed-on")
    keeper.sql("new", "tables")
    keeper.ctl("copy-bulk")
    keeper.ctl("copy-delta")
    keeper.sql("new", "back-feed")
    return estate


@pytest.fixture
def open_shop(estate: Layout) -> Iterator[Shopkeeper]:
    """An estate whose shop is open."""
    port = run.open_shop(estate)
    yield Shopkeeper(estate, port)
    run.stop(estate.folder)
