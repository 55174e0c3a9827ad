"""A command line with a home of its own, for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.terminal import Cli


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    (tmp_path / "home").mkdir()
    (tmp_path / "work").mkdir()
    return Cli(tmp_path / "home", tmp_path / "work")
