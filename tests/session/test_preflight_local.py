"""A disk that never answers holds the look before a run up for a moment, not for ever."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.session.preflight_local import answered, record_line


@pytest.fixture
def silent(tmp_path: Path) -> Iterator[Path]:
    """Whoever opens it to read waits for a writer, as one waits for a mount whose server is gone."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    yield path
    os.close(os.open(path, os.O_RDWR))  # lets whoever still waits go


def test_what_does_not_answer_is_given_up(silent: Path) -> None:
    assert answered(silent.read_bytes, 0.2) is None
    assert any(thread.name == "tminus-disk" for thread in threading.enumerate()), "it is left to itself"


def test_what_answers_is_told_with_its_words_and_its_troubles(tmp_path: Path) -> None:
    assert answered(tmp_path.exists) is True
    assert answered((tmp_path / "nothing").exists) is False
    with pytest.raises(NotADirectoryError):
        answered(lambda: list(Path(__file__).iterdir()))
    assert record_line(tmp_path / "runs").word in ("ok", "refused")
