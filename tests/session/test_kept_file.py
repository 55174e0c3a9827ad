"""What two processes remember at the same time is remembered of both."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from app.session.connection_book import remembered
from app.session.kept_file import write_whole
from app.session.known_targets import known_targets

ROOT = Path(__file__).resolve().parents[2]
EACH = 25
TARGETS = """
import sys
from pathlib import Path
from app.session.known_targets import KnownTarget, remember
home, who = Path(sys.argv[1]), sys.argv[2]
sys.stdin.readline()
for n in range(int(sys.argv[3])):
    remember(home, KnownTarget(f"{who}{n}", f"{who}{n}", "book", "prod", f"{who}{n}", "2026-01-01T00:00:00"))
"""
TESTS = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from app.session.connection_book import Remembered, remember
from app.session.connection_lines import Tested
home, who = Path(sys.argv[1]), sys.argv[2]
sys.stdin.readline()
for n in range(int(sys.argv[3])):
    remember(home, (Remembered("book", "prod", f"host {who}{n}", "a", Tested("ok", "", datetime.now(UTC))),))
"""


@pytest.mark.parametrize("code", [TARGETS, TESTS], ids=["targets", "tests"])
def test_two_processes_that_remember_at_once_lose_nothing_of_each_other(tmp_path: Path, code: str) -> None:
    home = tmp_path / "home"
    both = [
        subprocess.Popen([sys.executable, "-c", code, str(home), who, str(EACH)], stdin=subprocess.PIPE, cwd=ROOT)
        for who in "ab"
    ]
    for one in both:  # both have loaded and wait for the word
        assert one.stdin is not None
        one.stdin.write(b"go\n")
        one.stdin.flush()
    for one in both:
        one.communicate(timeout=120)
        assert one.returncode == 0
    wanted = {f"{who}{n}" for who in "ab" for n in range(EACH)}
    found = {one.name for one in known_targets(home)} | {one.key.removeprefix("host ") for one in remembered(home)}
    assert found == wanted
    assert sorted(file.suffix for file in home.iterdir()) == [".json", ".lock"], "nothing is left beside it"


def test_what_cannot_be_written_whole_leaves_what_stood_there(tmp_path: Path) -> None:
    file = tmp_path / "kept.json"
    write_whole(file, "one")
    with pytest.raises(UnicodeEncodeError):
        write_whole(file, "\ud800")
    assert file.read_text(encoding="utf-8") == "one"
    assert [one.name for one in tmp_path.iterdir()] == ["kept.json"]
    assert file.stat().st_mode & 0o777 == 0o600
