"""A command line with a home of its own, for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.terminal import Cli


@pytest.fixture
def cli(tmp_path: Path) -> Iterator[Cli]:
    (tmp_path / "home").mkdir()
    (tmp_path / "work").mkdir()
    yield Cli(tmp_path / "home", tmp_path / "work")
    (tmp_path / "work" / "gate").touch()  # a command that waits for it outlives its console, and would the test
